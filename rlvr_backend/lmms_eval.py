"""Tests scored by lmms-eval, through its command line: prompts, parsing and metrics are its own.

    backend: {rlvr: {lmms_eval: {chartqa: chartqa/relaxed_overall, mmmu: mmmu_val/mmmu_acc}}}

maps tests to TASK/METRIC; evaluate.py scores the others. Flags and results as of lmms-eval 0.7.2 (its
docs/getting-started/commands.md, lmms_eval/loggers/evaluation_tracker.py, lmms_eval/evaluator.py):
OUTPUT/MODEL/DATE_results.json holds {"results": {TASK: {"METRIC,FILTER": score}}, "n-samples": {TASK: {"effective":
rows}}}. Not run against lmms-eval itself.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from rlvr_backend.contract import RunFailed
from rlvr_backend.evaluate import Evaluator

OF_THE_LAUNCHER = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT")
PREFIXES = ("ACCELERATE_", "DEEPSPEED_", "FSDP_", "ROLE_", "TORCHELASTIC_")


class WithLmmsEval:
    """An evaluator that leaves some tests to lmms-eval, a process of its own on the model saved into `folder`.

    Args:
        tasks: test -> TASK/METRIC.
        sizes: test -> number of examples, which lmms-eval's task must have.
        batch: examples that it answers at a time.
    """

    def __init__(
        self,
        ours: Evaluator,
        processor,
        tasks: Mapping[str, str],
        sizes: Mapping[str, int],
        batch: int,
        folder: Path,
    ):
        self._ours, self._processor, self._tasks, self._sizes = ours, processor, tasks, sizes
        self._batch, self._folder = batch, folder

    @property
    def samples(self) -> list[dict]:
        """Answers of the tests that are ours."""
        return self._ours.samples

    def scores(self, model) -> dict[str, float]:
        """Test -> score in [0, 1]; for all processes to call at once. Raises RunFailed."""
        theirs: list[dict[str, float] | None] = [None]
        if PartialState().is_main_process:
            theirs = [self._run(model)]
        broadcast_object_list(theirs)
        scores = {**self._ours.scores(model), **(theirs[0] or {})}
        return {test: scores[test] for test in self._sizes}

    def _run(self, model) -> dict[str, float]:
        shutil.rmtree(self._folder, ignore_errors=True)  # of a run that was killed
        self._folder.mkdir()
        try:
            model.save_pretrained(self._folder / "model")
            self._processor.save_pretrained(self._folder / "model")
            argv = command(model.config.model_type, str(model.device), self._tasks, self._batch)
            code = subprocess.run(argv, cwd=self._folder, env=_environment()).returncode
            found = list(self._folder.glob("scores/**/*_results.json"))
            if len(found) != 1:  # its exit code is 0 where an evaluation failed
                raise RunFailed(f"lmms-eval wrote no results (exit code {code}): its log above says why")
            return read(found[0], self._tasks, self._sizes)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def command(kind: str, device: str, tasks: Mapping[str, str], batch: int) -> list[str]:
    """The command line that evaluates the folder `model` into the folder `scores`, both in the working directory.

    `kind` is a model type of transformers, by which lmms-eval names its model classes too.
    """
    names = sorted({task.partition("/")[0] for task in tasks.values()})
    argv = [sys.executable, "-m", "lmms_eval", "--model", kind, "--model_args", f"pretrained=model,device_map={device}"]
    argv += ["--tasks", ",".join(names), "--batch_size", str(batch), "--device", device, "--output_path", "scores"]
    return argv


def read(path: Path, tasks: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, float]:
    """The score of every test from a results file; raises RunFailed naming the test."""
    try:
        said = json.loads(path.read_text())
        assert isinstance(said, dict)
    except (OSError, ValueError, RecursionError, AssertionError) as error:
        raise RunFailed(f"{path}: is no results file of lmms-eval ({str(error)[:80] or 'no JSON object'})") from None
    return {test: _score(said, test, task, sizes[test]) for test, task in tasks.items()}


def _score(said: dict[str, Any], test: str, named: str, size: int) -> float:
    task, _, metric = named.partition("/")
    of_task = said.get("results", {}).get(task, {})
    found = [value for key, value in of_task.items() if metric in (key, key.partition(",")[0])]
    if len(found) != 1 or not isinstance(found[0], int | float):
        known = ", ".join(key for key, value in of_task.items() if isinstance(value, int | float)) or "nothing"
        raise RunFailed(f"test {test!r}: lmms-eval gives {known} for task {task!r}, and not one number for {metric!r}")
    if not 0 <= found[0] <= 1:
        raise RunFailed(f"test {test!r}: {named} is {found[0]}: name a metric between 0 and 1")
    rows = said.get("n-samples", {}).get(task, {}).get("effective")
    if rows != size:
        raise RunFailed(
            f"test {test!r}: lmms-eval scored {rows} examples of {task!r}, not {size}: give the test that size"
        )
    return float(found[0])


def _environment() -> dict[str, str]:
    """Ours, without what makes a process one of a launcher's."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in OF_THE_LAUNCHER and not name.startswith(PREFIXES)
    }
