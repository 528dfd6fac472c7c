"""Training by rlvr_backend, started with `accelerate launch` as a process of its own.

Only the command line is built here: mixopt never imports the trainer.
"""

import sys
import tempfile
from pathlib import Path
from threading import Event
from typing import Any

from mixopt.backends.base import TrialFailed
from mixopt.backends.command import CommandBackend, log_tail

LAUNCH = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
PLAIN = ["--num_processes", "1", "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]


class RlvrBackend(CommandBackend):
    """`options` are those of rlvr_backend/config.py, such as the model."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._model = str(options.get("model", ""))
        super().__init__([*LAUNCH, *PLAIN, "-m", "rlvr_backend", "train"], {"TOKENIZERS_PARALLELISM": "false"})

    def prepare(self) -> None:
        """Have the trainer prepare its model: minutes once a machine for the embedded one, nothing for others."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.txt"
            argv = [sys.executable, "-m", "rlvr_backend", "prepare", self._model]
            if code := self.execute(argv, log, Event()):
                raise TrialFailed("the base model could not be prepared", code, log_tail(log))
