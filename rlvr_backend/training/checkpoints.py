"""Checkpoints of one trial: a killed trial continues from the last one and ends with the same weights and scores.

A checkpoint is the folder `checkpoint-N` that the Hugging Face trainer writes (model, optimiser, schedule, random
states). We add the file `sealed.json`, written last and in one step. It holds what else the trial needs: its request,
the scores so far, the state of example selection. A folder without this file was not complete when the trial died, and
is ignored. Everything is on the disk before the file is written, so a checkpoint also survives a crash of the machine.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlvr_backend.contract import Request
from rlvr_backend.errors import RequestError
from rlvr_backend.files import fsync, write_atomically

SEAL = "sealed.json"
FREE = ("trial", "until", "warm_start")  # fields that may differ between two requests for the same training


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint: its folder, its step, and the `state` that was saved with it."""

    path: Path
    step: int
    state: dict[str, Any]


class Checkpoints:
    """The checkpoints of one trial.

    Args:
        folder: Where they are.
        request: The trial's request.
        model: Folder or hub name of the base model.
        devices: Number of processes. Each has random states of its own, so another number is another run.
    """

    def __init__(self, folder: Path, request: Request, model: str, devices: int):
        self._folder = folder
        self._run = request.model_dump(mode="json", exclude=set(FREE))
        self._run |= {"base": Path(model).name, "devices": devices}

    def starting_point(self, trial: Path, request: Request, most: int) -> Checkpoint | None:
        """Find where the trial starts: its own last checkpoint, else that of its `warm_start`, else None.

        Args:
            trial: The trial's folder.
            request: The trial's request.
            most: Highest step of a checkpoint that may be used.

        Raises:
            RequestError: `warm_start` holds no checkpoint of this run: the other trial had another mixture, seed,
                schedule or options, its data ran out before its end, or it kept none.
        """
        found = self._latest(self._folder, most)
        if found or not request.warm_start:
            return found
        other = trial / request.warm_start
        if found := self._latest(other / self._folder.name, most):
            return found
        raise RequestError(
            f"`warm_start`: {other} holds no checkpoint of this run (same weights, seed, steps, options and devices, "
            "ended early by `until` and not because its data ran out): leave `warm_start` out to train from the start"
        )

    def seal(self, step: int, state: dict[str, Any]) -> None:
        """Mark the checkpoint of a step as complete, and remove older ones."""
        path = self._folder / f"checkpoint-{step}"
        for written in path.rglob("*"):
            fsync(written)  # before the seal, which must not survive a crash alone
        write_atomically(path / SEAL, json.dumps({"run": self._run, "step": step, "state": state}))
        fsync(self._folder)
        remove_checkpoints(self._folder, but=path)

    def _latest(self, folder: Path, most: int) -> Checkpoint | None:
        """The complete checkpoint of this run with the highest step up to `most`."""
        found = []
        for seal in folder.glob(f"checkpoint-*/{SEAL}"):
            content = json.loads(seal.read_text())
            if content["run"] == self._run and content["step"] <= most:
                found.append(Checkpoint(seal.parent, content["step"], content["state"]))
        return max(found, key=lambda checkpoint: checkpoint.step, default=None)


def remove_checkpoints(folder: Path, but: Path | None = None) -> None:
    """Remove all checkpoints of a folder, or all but one. Seals go first, so no sealed one is ever incomplete."""
    for path in folder.glob("checkpoint-*"):
        if path != but:
            (path / SEAL).unlink(missing_ok=True)
            shutil.rmtree(path, ignore_errors=True)  # other processes of the run may be removing it too
