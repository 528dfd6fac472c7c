"""The checkpoints of one trial, from which it continues to the last bit after it was killed.

A checkpoint is the folder `checkpoint-N` that the trainer writes (model, optimiser, schedule, random states), sealed by
a file of ours that is written last, in one move, and holds what else the trial needs: its request, the scores so far,
the state of example selection. A folder without its seal was being written when the trial died; it does not count.
What is sealed has reached the disk: the trial goes on from it after the machine died too.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlvr_backend.contract import Request, RequestError, flush, write_whole

SEAL = "sealed.json"
FREE = ("trial", "until", "warm_start")  # what two requests may differ in and still train the same run


@dataclass(frozen=True)
class Checkpoint:
    """A sealed checkpoint: its folder, its step, and the `state` that was sealed with it."""

    path: Path
    step: int
    state: dict[str, Any]


class Checkpoints:
    """Those of the trial whose request it is, in `folder`, trained from the folder or hub name `model` on `devices`.

    A run on another number of devices is another run: each process has random states of its own.
    """

    def __init__(self, folder: Path, request: Request, model: str, devices: int):
        self._folder = folder
        self._run = request.model_dump(mode="json", exclude=set(FREE))
        self._run |= {"base": Path(model).name, "devices": devices}

    def starting_point(self, trial: Path, request: Request, most: int) -> Checkpoint | None:
        """Where the trial in folder `trial` goes on: its own last checkpoint of at most `most` steps, else that of its
        `warm_start`; None at the start.

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
        """Declare the checkpoint of a step complete, and remove the older ones."""
        path = self._folder / f"checkpoint-{step}"
        for written in path.rglob("*"):
            flush(written)  # else a seal could outlive what it seals
        write_whole(path / SEAL, json.dumps({"run": self._run, "step": step, "state": state}))
        flush(self._folder)
        remove_checkpoints(self._folder, but=path)

    def _latest(self, folder: Path, most: int) -> Checkpoint | None:
        """The sealed checkpoint of this run of most steps, but of `most` at most."""
        found = []
        for seal in folder.glob(f"checkpoint-*/{SEAL}"):
            content = json.loads(seal.read_text())
            if content["run"] == self._run and content["step"] <= most:
                found.append(Checkpoint(seal.parent, content["step"], content["state"]))
        return max(found, key=lambda checkpoint: checkpoint.step, default=None)


def remove_checkpoints(folder: Path, but: Path | None = None) -> None:
    """Remove all of a folder, or all but one; seals go first, so that none is ever half there and sealed."""
    for path in folder.glob("checkpoint-*"):
        if path != but:
            (path / SEAL).unlink(missing_ok=True)
            shutil.rmtree(path, ignore_errors=True)  # other processes of the run may be at it too
