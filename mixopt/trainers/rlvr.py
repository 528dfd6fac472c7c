"""Train with rlvr_backend (GRPO): start it by `accelerate launch`, a process for each trial.

Only the command line is built here: mixopt never imports rlvr_backend. The option `launch: {config: zero2, processes:
4}` names a config of accelerate, one of those in rlvr_backend/accelerate or a file of the user. rlvr_backend checks the
options. Without `launch` it runs as one plain process.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

from mixopt.errors import MissingError, StudyFileError
from mixopt.trainers.command import CommandTrainer
from mixopt.trainers.contract import Request, TrialFailed
from mixopt.trainers.exit_codes import log_tail

LAUNCH = [sys.executable, "-m", "accelerate.commands.launch"]  # `accelerate launch` without its other commands
TRAINER = [sys.executable, "-m", "rlvr_backend"]
EMBEDDED = "shapes"  # the small model that rlvr_backend makes itself
MISSING = 69  # exit code of rlvr_backend where a package is not installed
EMBEDDED_MODEL = "the embedded base model (trained once a machine, some minutes)"
PATHS = ("model", "encoder", "data", "launch")  # the options that may hold paths, at any depth
NOT_PATHS = ("question", "answer", "boxes", "image", "reward", "split")  # keys of `data` beside a path
POLICY = "policy"  # an encoder by this name is no path
PLAIN = ["--num_processes", "1", "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]


class RlvrTrainer(CommandTrainer):
    """Trains by rlvr_backend.

    Args:
        options: Of rlvr_backend, such as the model (rlvr_backend/options.py).
        environment: Variables that are set for the trainer, beside the present ones.
        silence: Seconds without an event after which a trainer counts as stuck.
    """

    def __init__(
        self, options: dict[str, Any], environment: Mapping[str, str] | None = None, silence: float | None = None
    ) -> None:
        self._model = str(options.get("model", ""))
        self.preparation = EMBEDDED_MODEL if self._model == EMBEDDED else ""
        launcher = [*LAUNCH, *_launcher(options.get("launch"))]
        quiet = {"TOKENIZERS_PARALLELISM": "false"}
        super().__init__([*launcher, "-m", "rlvr_backend", "train"], {**quiet, **(environment or {})}, silence)

    def check(self, request: Request) -> None:
        """Have rlvr_backend check the options and the names of domains and tests."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "request.json"
            path.write_text(request.as_json())
            done = subprocess.run([*TRAINER, "check", str(path)], capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["rlvr_backend failed without a message"])[-1]
            kind = MissingError if done.returncode == MISSING else StudyFileError
            raise kind(f"backend: {last.removeprefix('error: ')}")

    def prepare(self) -> None:
        """Have rlvr_backend make its embedded model: minutes, once on each machine; other models need nothing."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.txt"
            argv = [*TRAINER, "prepare", self._model]
            if code := self.execute(argv, log, Event()):
                raise TrialFailed("the base model could not be prepared", code, log_tail(log))


def with_absolute_paths(options: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    """Return the options with relative paths made absolute.

    Text that starts with `./` or `../` is a path. Other text is one if it names something in `directory`, so that
    `org/name` may still be a name on the hub.

    Args:
        options: Options of the trainer.
        directory: Directory that relative paths start from.
    """

    def absolute(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: part if name in NOT_PATHS else absolute(key, part) for name, part in value.items()}
        if not isinstance(value, str) or value in ("", EMBEDDED) or (key, value) == ("encoder", POLICY):
            return value
        is_path = value.startswith(("./", "../")) or os.path.exists(directory / value)
        return os.path.normpath(directory / value) if is_path else value

    return {key: absolute(key, value) if key in PATHS else value for key, value in options.items()}


def _launcher(launch: Any) -> list[str]:
    """Arguments of `accelerate launch`; the trainer sets the precision, and every launch has its own port."""
    if not isinstance(launch, dict):
        return PLAIN
    config, processes = str(launch.get("config")), str(launch.get("processes"))
    package = find_spec("rlvr_backend")
    folders = package.submodule_search_locations if package else None
    named = [path for folder in folders or () if (path := Path(folder) / "accelerate" / f"{config}.yaml").is_file()]
    chosen = ["--config_file", str(named[0]) if named else config, "--num_processes", processes]
    return ["--mixed_precision=no", *chosen, "--main_process_port", "0"]
