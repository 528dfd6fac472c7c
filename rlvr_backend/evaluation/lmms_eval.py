"""Score tests with lmms-eval, through its command line: prompts, parsing and metrics are lmms-eval's own.

    backend: {rlvr: {lmms_eval: {chartqa: chartqa/relaxed_overall, mmmu: mmmu_val/mmmu_acc}}}

maps tests to TASK/METRIC; our evaluator scores the other tests. Flags and results are those of lmms-eval 0.7.2 (its
docs/getting-started/commands.md, lmms_eval/loggers/evaluation_tracker.py, lmms_eval/evaluator.py):
OUTPUT/MODEL/DATE_results.json holds {"results": {TASK: {"METRIC,FILTER": score}}, "n-samples": {TASK: {"effective":
rows}}}. This has not been run with lmms-eval itself.
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

from rlvr_backend.errors import RunFailed
from rlvr_backend.evaluation.evaluator import Evaluator

LAUNCHER_VARIABLES = (
    "RANK",
    "LOCAL_RANK",
    "WORLD_SIZE",
    "LOCAL_WORLD_SIZE",
    "GROUP_RANK",
    "MASTER_ADDR",
    "MASTER_PORT",
)
LAUNCHER_PREFIXES = ("ACCELERATE_", "DEEPSPEED_", "FSDP_", "ROLE_", "TORCHELASTIC_")


class LmmsEvalEvaluator:
    """An evaluator that leaves some tests to lmms-eval, which runs as a subprocess on the saved model.

    Args:
        ours: Evaluator of the other tests.
        processor: The model's processor.
        tasks: Test -> TASK/METRIC.
        sizes: Test -> number of examples, which lmms-eval's task must have.
        batch: Examples per batch.
        folder: Scratch folder for the model and the results.
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
        """Answers of the tests that our evaluator scores."""
        return self._ours.samples

    def scores(self, model) -> dict[str, float]:
        """Return test -> score in [0, 1]. All processes call it at once.

        Raises:
            RunFailed: lmms-eval gives no score for a test.
        """
        theirs: list[dict[str, float] | None] = [None]
        if PartialState().is_main_process:
            theirs = [self._run(model)]
        broadcast_object_list(theirs)
        scores = {**self._ours.scores(model), **(theirs[0] or {})}
        return {test: scores[test] for test in self._sizes}

    def _run(self, model) -> dict[str, float]:
        shutil.rmtree(self._folder, ignore_errors=True)  # left by a run that was killed
        self._folder.mkdir()
        try:
            model.save_pretrained(self._folder / "model")
            self._processor.save_pretrained(self._folder / "model")
            argv = command(model.config.model_type, str(model.device), self._tasks, self._batch)
            code = subprocess.run(argv, cwd=self._folder, env=_environment()).returncode
            found = list(self._folder.glob("scores/**/*_results.json"))
            if len(found) != 1:  # the exit code is 0 even if an evaluation failed
                raise RunFailed(f"lmms-eval wrote no results (exit code {code}): its log above says why")
            return read_results(found[0], self._tasks, self._sizes)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def command(kind: str, device: str, tasks: Mapping[str, str], batch: int) -> list[str]:
    """Return the command line that evaluates the folder `model` into the folder `scores` of the working directory.

    Args:
        kind: Model type in transformers, which lmms-eval uses as the name of its model class too.
        device: Device of the model.
        tasks: Test -> TASK/METRIC.
        batch: Examples per batch.
    """
    names = sorted({task.partition("/")[0] for task in tasks.values()})
    argv = [sys.executable, "-m", "lmms_eval", "--model", kind, "--model_args", f"pretrained=model,device_map={device}"]
    argv += ["--tasks", ",".join(names), "--batch_size", str(batch), "--device", device, "--output_path", "scores"]
    return argv


def read_results(path: Path, tasks: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, float]:
    """Read the score of every test from a results file.

    Args:
        path: The file.
        tasks: Test -> TASK/METRIC.
        sizes: Test -> number of examples.

    Raises:
        RunFailed: A test has no score in [0, 1], or another number of examples.
    """
    try:
        results = json.loads(path.read_text())
        assert isinstance(results, dict)
    except (OSError, ValueError, RecursionError, AssertionError) as error:
        reason = str(error)[:80] or "no JSON object"
        raise RunFailed(f"{path}: is not a results file of lmms-eval ({reason})") from None
    return {test: _score(results, test, task, sizes[test]) for test, task in tasks.items()}


def _score(results: dict[str, Any], test: str, named: str, size: int) -> float:
    task, _, metric = named.partition("/")
    of_task = results.get("results", {}).get(task, {})
    found = [value for key, value in of_task.items() if metric in (key, key.partition(",")[0])]
    if len(found) != 1 or not isinstance(found[0], int | float):
        known = ", ".join(key for key, value in of_task.items() if isinstance(value, int | float)) or "nothing"
        raise RunFailed(f"test {test!r}: lmms-eval gives {known} for task {task!r}, and not one number for {metric!r}")
    if not 0 <= found[0] <= 1:
        raise RunFailed(f"test {test!r}: {named} is {found[0]}: name a metric between 0 and 1")
    rows = results.get("n-samples", {}).get(task, {}).get("effective")
    if rows != size:
        raise RunFailed(
            f"test {test!r}: lmms-eval scored {rows} examples of {task!r}, not {size}: give the test that size"
        )
    return float(found[0])


def _environment() -> dict[str, str]:
    """This process's environment without the variables of a launcher."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in LAUNCHER_VARIABLES and not name.startswith(LAUNCHER_PREFIXES)
    }
