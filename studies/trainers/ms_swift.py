"""A trial by ms-swift's GRPO: it is told how many prompts of each set to draw, and its checkpoints answer the tests.

    python studies/trainers/ms_swift.py TRIAL/request.json

Not run with ms-swift itself. Written against its documentation of 3.11 and 4.1 ("Command line parameters"): a set is
`--dataset FILE#COUNT`, COUNT of its rows drawn without replacement; `swift infer --result_path` writes a JSON object a
row with `response` and `labels`, which is the last message of a test's row. Options of the study file:

    prompts  prompts an update; `rlhf` must agree: devices x per_device_train_batch_size x gradient_accumulation_steps
             completions an update are so many times num_generations
    train    domain -> JSON lines file in ms-swift's format, with as many rows as the study says
    tests    test -> the same
    rlhf     anything else that training is to be told, such as --model
    infer    anything else that answering is to be told
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from trial import Trial, fail

LAUNCH = ["swift"]


def counted(path: str, size: int) -> str:
    """A file that has as many rows as the study says; ms-swift would repeat the rows of a smaller one."""
    with open(path) as file:
        found = sum(1 for line in file if line.strip())
    if found != size:
        fail(f"{path} has {found} rows and the study says {size}")
    return path


def training(trial: Trial) -> list[str]:
    """What `swift rlhf` is told; it goes on from the last checkpoint where a trial has one."""
    sizes, checkpoints = trial.request["domains"], trial.folder / "checkpoints"
    sets = [
        f"{counted(trial.options['train'][name], sizes[name])}#{count}" for name, count in trial.draws.items() if count
    ]
    kept = max(checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]), default=None)
    seed = str(trial.request["train_seed"])
    return [
        *("rlhf", "--rlhf_type", "grpo", "--dataset", *sets),
        *("--seed", seed, "--data_seed", seed),
        *("--max_steps", str(trial.steps), "--save_steps", str(trial.every), "--split_dataset_ratio", "0"),
        *("--output_dir", str(checkpoints), "--add_version", "false"),
        *(("--resume_from_checkpoint", str(kept)) if kept else ()),
        *map(str, trial.options["rlhf"]),
    ]


def answering(trial: Trial, checkpoint: Path, test: str, answers: Path) -> list[str]:
    """What `swift infer` is told: greedy answers of a checkpoint to a test."""
    file = counted(trial.options["tests"][test], trial.request["tests"][test])
    told = ("--model", str(checkpoint), "--val_dataset", file, "--result_path", str(answers), "--temperature", "0")
    return ["infer", *told, *map(str, trial.options["infer"])]


def right(response: str, label: str) -> bool:
    """Exact match of what stands between the answer tags, as in the paper; a wrong format is wrong."""
    said, true = (re.findall(r"<answer>(.*?)</answer>", text, re.DOTALL) for text in (response, label))
    return bool(said) and said[-1].strip() == (true[-1] if true else label).strip()


def score(answers: Path, size: int) -> float:
    """The share of right answers."""
    rows = [json.loads(line) for line in answers.read_text().splitlines()]
    if len(rows) != size:
        fail(f"{answers.name} has {len(rows)} answers of {size}")
    return sum(right(row["response"], row["labels"]) for row in rows) / size


def swift(launch: list[str], arguments: list[str]) -> None:
    """Run it; where it fails the trial fails with its exit code."""
    if code := subprocess.run([*launch, *arguments]).returncode:
        sys.exit(code)


def main(path: str, *given: str) -> None:
    trial, launch = Trial(path), list(given or LAUNCH)
    swift(launch, training(trial))
    scores: dict[int, dict[str, float]] = {}
    for step in trial.evaluated:
        for test, size in trial.request["tests"].items():
            answers = trial.folder / f"answers-{step}-{test}.jsonl"
            answers.unlink(missing_ok=True)
            swift(launch, answering(trial, trial.folder / "checkpoints" / f"checkpoint-{step}", test, answers))
            scores.setdefault(step, {})[test] = score(answers, size)
    trial.finish(scores)


if __name__ == "__main__":
    main(*sys.argv[1:])
