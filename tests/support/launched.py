"""Trials through the real launchers, and what their witness has seen (ranks_trainer.py)."""

import json
import sys
from pathlib import Path

import psutil

from mixopt.paths import TrialFolder
from mixopt.trainers.contract import Request
from mixopt.trainers.processes import Processes
from rlvr_backend.nested import CONFIGS

TRAINER = str(Path(__file__).with_name("ranks_trainer.py"))
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


def request_of(steps: int, sleep: float) -> Request:
    return Request("ranks", 0, 42, {"a": 0.25, "b": 0.75}, {"a": 9, "b": 9}, TESTS, [steps], {"sleep": sleep})


def witnessed(folder: TrialFolder) -> list[dict]:
    """What the ranks have said, in order."""
    path = folder.path / "witness.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def overlaps(folder: TrialFolder) -> list[dict]:
    """When two trainers were in the folder."""
    return [said for said in witnessed(folder) if said["word"] == "overlap"]


def launches(folder: TrialFolder) -> list[int]:
    """The launches that have trained there, by the process ids of their launchers, in order."""
    return list(dict.fromkeys(said["launch"] for said in witnessed(folder)))


def ranks(folder: TrialFolder) -> list[psutil.Process]:
    """The living ranks."""
    said = {said["pid"] for said in witnessed(folder)}
    return [process for process in Processes(folder.path).alive() if process.pid in said]
