"""Small trials for the trainer's tests: what is asked, and running it as mixopt does."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from threading import Event

from mixopt.paths import TrialFolder
from mixopt.trainers.contract import Request, Result
from mixopt.trainers.rlvr import RlvrTrainer

DOMAINS = {"detect": 40, "science": 11}
TESTS = {"refer": 6, "chart": 8}


def request(model, **changes) -> Request:
    options = {"model": model, "prompts": 4, "generations": 4, "samples": 16, "completion_length": 16}
    options |= {"learning_rate": 1e-3, "dtype": "float32", **changes.pop("options", {})}
    given = {"study": "s", "trial": 0, "train_seed": 7, "weights": {"detect": 0.5, "science": 0.5}, "steps": [1, 3]}
    return Request(**{**given, "domains": DOMAINS, "tests": TESTS, "options": options, **changes})


def run(folder: Path, asked: Request) -> Result:
    return RlvrTrainer(asked.options).run(asked, TrialFolder(folder), Event())


def launch(path: Path, *launcher: str) -> subprocess.Popen:
    """The trainer on a request.json, as a process of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    argv = [sys.executable, *(launcher or ("-m",)), "rlvr_backend", "train", str(path)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


def fingerprint(folder: Path, step: int) -> str:
    """Of the weights that a trial ended with."""
    return hashlib.sha256((folder / "checkpoints" / f"step-{step}" / "model.safetensors").read_bytes()).hexdigest()
