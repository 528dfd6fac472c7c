"""Run trials through accelerate launch, torchrun or a script, and read what multi_process_trainer.py has witnessed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil

from mixopt.paths import TrialFolder
from mixopt.trainers.contract import Request
from mixopt.trainers.processes import Processes
from rlvr_backend.launch import CONFIGS

TRAINER = str(Path(__file__).with_name("multi_process_trainer.py"))
ACCELERATE = [sys.executable, "-m", "accelerate.commands.launch"]
LAUNCHERS = {
    "accelerate": [
        *ACCELERATE,
        *["--config_file", str(CONFIGS / "multi_gpu.yaml"), "--num_processes", "2"],
        *["--mixed_precision", "no", "--main_process_port", "0"],
    ],
    "torchrun": [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"],
}
TESTS = {"x": 10, "y": 30}
ROOT = Path(__file__).parents[2]
OPTIMISER = """
import json, sys
from pathlib import Path
from threading import Event
from mixopt.trainers.contract import Request
from mixopt.trainers.command import CommandTrainer
from mixopt.paths import TrialFolder
argv, request, folder = json.loads(sys.argv[1])
CommandTrainer(argv).run(Request(**request), TrialFolder(Path(folder)), Event())
"""
RESULT = {"evaluations": [{"step": 2, "scores": {"x": 0.5, "y": 0.5}}], "steps": 2, "stopped": "finished"}
WRITE_RESULT = f"(folder / 'result.json').write_text({json.dumps({**RESULT, 'draws': {}, 'seconds': 1})!r})"


def request_of(steps: int, sleep: float) -> Request:
    return Request("ranks", 0, 42, {"a": 0.25, "b": 0.75}, {"a": 9, "b": 9}, TESTS, [steps], {"sleep": sleep})


def start_optimiser(argv: list[str], request: Request, folder: TrialFolder) -> subprocess.Popen:
    """Start another process that runs the trial."""
    arguments = json.dumps([argv, vars(request), str(folder.path)])
    return subprocess.Popen([sys.executable, "-c", OPTIMISER, arguments], env={**os.environ, "PYTHONPATH": str(ROOT)})


def script_trainer(*lines: str) -> list[str]:
    """A trainer of some lines of Python, in which `folder` is the trial's."""
    start = (
        "import json, os, signal, subprocess, sys, time; from pathlib import Path; folder = Path(sys.argv[1]).parent"
    )
    return [sys.executable, "-c", "\n".join([start, *lines])]


def witnessed(folder: TrialFolder) -> list[dict]:
    """The lines of witness.log, in order."""
    path = folder.path / "witness.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def overlaps(folder: TrialFolder) -> list[dict]:
    """The lines that report two trainers in the folder at the same time."""
    return [line for line in witnessed(folder) if line["word"] == "overlap"]


def launches(folder: TrialFolder) -> list[int]:
    """The process ids of the launchers that have trained there, in order."""
    return list(dict.fromkeys(line["launch"] for line in witnessed(folder)))


def ranks(folder: TrialFolder) -> list[psutil.Process]:
    """The living ranks."""
    pids = {line["pid"] for line in witnessed(folder)}
    return [process for process in Processes(folder.path).alive() if process.pid in pids]
