"""Training by rlvr_backend, started with `accelerate launch` as a process of its own.

Only the command line is built here: mixopt never imports the trainer.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event
from typing import Any

from mixopt.backends.base import Request, TrialFailed
from mixopt.backends.command import CommandBackend, log_tail
from mixopt.errors import StudyFileError

LAUNCH = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
TRAINER = [sys.executable, "-m", "rlvr_backend"]
PLAIN = ["--quiet", "--num_processes", "1", "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]


class RlvrBackend(CommandBackend):
    """`options` are those of rlvr_backend/options.py, such as the model."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._model = str(options.get("model", ""))
        super().__init__([*LAUNCH, *PLAIN, "-m", "rlvr_backend", "train"], {"TOKENIZERS_PARALLELISM": "false"})

    def check(self, request: Request) -> None:
        """Have the trainer look at the options and at the names of domains and tests."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "request.json"
            path.write_text(request.as_json())
            done = subprocess.run([*TRAINER, "check", str(path)], capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["rlvr_backend ended without a word"])[-1]
            raise StudyFileError(f"backend: {last.removeprefix('error: ')}")

    def prepare(self) -> None:
        """Have the trainer prepare its model: minutes once a machine for the embedded one, nothing for others."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.txt"
            argv = [*TRAINER, "prepare", self._model]
            if code := self.execute(argv, log, Event()):
                raise TrialFailed("the base model could not be prepared", code, log_tail(log))
