"""A trial by verl's GRPO: prompts are drawn here, verl trains on them in this order and scores the tests as it goes.

    python studies/trainers/verl.py TRIAL/request.json

Not run with verl itself. Written against its main branch of 2026: the options `data.*` and `trainer.*` are those of
verl/trainer/config (ppo_trainer.yaml, data/legacy_data.yaml), scores are those that the logger `file` writes
(verl/utils/tracking.py) under val-core/SOURCE/VARIABLE/mean@N. Options of the study file:

    prompts    prompts an update
    train      domain -> parquet file in verl's format, with as many rows as the study says, or more
    tests      test -> the same; its `data_source`, one a file, is the name that verl logs its score under
    overrides  anything else that verl is to be told, such as actor_rollout_ref.model.path=...
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from trial import Trial, fail

LAUNCH = [sys.executable, "-m", "verl.trainer.main_ppo"]


def rows(path: str, size: int) -> pa.Table:
    """The first `size` rows of a file."""
    table = pq.read_table(path)
    if len(table) < size:
        fail(f"{path} has {len(table)} rows and the study says {size}")
    return table.slice(0, size)


def write_training(trial: Trial, path: Path) -> None:
    """The prompts of a run in the order of training: unseen examples of each domain, domains in a random order."""
    rng = np.random.default_rng(trial.request["train_seed"])
    files, sizes = trial.options["train"], trial.request["domains"]
    drawn = [
        rows(files[name], sizes[name]).take(rng.permutation(sizes[name])[:count])
        for name, count in trial.draws.items()
        if count
    ]
    mixed = pa.concat_tables(drawn)
    pq.write_table(mixed.take(rng.permutation(len(mixed))), path)


def write_tests(trial: Trial, path: Path) -> dict[str, str]:
    """All tests in one file; returns test -> what verl calls it."""
    tables = {name: rows(trial.options["tests"][name], size) for name, size in trial.request["tests"].items()}
    sources = {name: table["data_source"].unique().to_pylist() for name, table in tables.items()}
    if len(set(map(tuple, sources.values()))) < len(tables) or any(len(source) > 1 for source in sources.values()):
        fail(f"each test needs one `data_source` of its own: {sources}")
    pq.write_table(pa.concat_tables(tables.values()), path)
    return {name: source[0] for name, source in sources.items()}


def arguments(trial: Trial, training: Path, tests: Path) -> list[str]:
    """What verl is told. Its learning rate is constant unless the overrides say otherwise."""
    return [
        f"data.train_files={training}",
        f"data.val_files={tests}",
        f"data.train_batch_size={trial.options['prompts']}",
        "data.shuffle=False",
        "algorithm.adv_estimator=grpo",
        "trainer.total_epochs=1",
        f"trainer.total_training_steps={trial.steps}",
        "trainer.val_before_train=False",
        f"trainer.test_freq={trial.every}",
        f"trainer.save_freq={trial.every}",
        f"trainer.default_local_dir={trial.folder / 'checkpoints'}",
        "trainer.resume_mode=auto",
        "trainer.logger=[console,file]",
        f"trainer.project_name={trial.request['study']}",
        f"trainer.experiment_name=trial-{trial.request['trial']}",
        *trial.options["overrides"],
    ]


def read_scores(trial: Trial, sources: dict[str, str]) -> dict[int, dict[str, float]]:
    """step -> test -> score, of the logs of all attempts at this trial."""
    found: dict[int, dict[str, float]] = {}
    for log in trial.folder.glob("metrics-*.jsonl"):
        for line in log.read_text().split("\n")[:-1]:  # the last one may be torn
            entry = json.loads(line)
            for test, source in sources.items():
                core = re.compile(rf"val-core/{re.escape(source)}/\w+/mean@\d+")
                for value in (value for name, value in entry["data"].items() if core.fullmatch(name)):
                    found.setdefault(entry["step"], {})[test] = value
    for step in trial.evaluated:
        if missing := sources.keys() - found.get(step, {}).keys():
            fail(f"verl has logged no score of {', '.join(sorted(missing))} at step {step}")
    return found


def main(path: str, *launch: str) -> None:
    trial = Trial(path)
    training, tests = trial.folder / "train.parquet", trial.folder / "tests.parquet"
    write_training(trial, training)
    sources = write_tests(trial, tests)
    attempt = len(list(trial.folder.glob("metrics-*.jsonl")))  # verl empties the log that it is given
    log = {"VERL_FILE_LOGGER_PATH": str(trial.folder / f"metrics-{attempt}.jsonl")}
    done = subprocess.run([*(launch or LAUNCH), *arguments(trial, training, tests)], env=os.environ | log)
    if done.returncode:
        sys.exit(done.returncode)
    trial.finish(read_scores(trial, sources))


if __name__ == "__main__":
    main(*sys.argv[1:])
