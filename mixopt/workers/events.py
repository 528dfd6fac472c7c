"""What a worker tells and hears of a running trial: the events that its trainer writes, and who is told of them."""

import json
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Protocol

from mixopt.storage.files import read_own
from mixopt.study.asked_trial import AskedTrial
from mixopt.trainers.contract import TrialFailed


class Watcher(Protocol):
    """Is told what happens, for people to see."""

    def preparing(self, what: str) -> None: ...

    def base_model(self, what: str) -> None: ...

    def began(self, done: float, planned: int) -> None: ...

    def started(self, trial: AskedTrial) -> None: ...

    def moved(self, trial: AskedTrial, event: dict) -> None: ...

    def finished(self, trial: AskedTrial, values: tuple[float, ...]) -> None: ...

    def failed(self, trial: AskedTrial, failure: TrialFailed) -> None: ...

    def left(self, trial: AskedTrial) -> None: ...

    def pruned(self, trial: AskedTrial) -> None: ...


class Tail:
    """What is new in an events file since the last look, or since this was made: what stood there then is old.

    A trainer that goes on from a checkpoint cuts the file back first. So the whole file is read at each look (some
    megabytes at most), and what is new begins where it differs from what was there before.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._lines()

    def __iter__(self) -> Iterator[dict]:
        known, self._known = self._known, self._lines()
        same = takewhile(lambda pair: pair[0] == pair[1], zip(known, self._known))
        for line in self._known[len(list(same)) :]:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue  # a trainer's slip; the result is what counts
            if isinstance(event, dict):
                yield event

    def _lines(self) -> list[bytes]:
        """The whole lines; what follows the last of them is still being written."""
        try:
            return read_own(self._path).split(b"\n")[:-1]
        except OSError:
            return []
