"""Follow the events that a trainer writes: read what is new in a file that grows, as `tail -f` does."""

import json
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from mixopt.storage.files import read_own


class EventTail:
    """Iterates over the events added to a file since the last iteration, or since this object was made.

    A trainer that continues from a checkpoint first truncates the file. So each iteration reads the whole file (at most
    some megabytes); the new events begin at the first line that differs from what was there before.

    Args:
        path: The events file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._lines()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        known, self._known = self._known, self._lines()
        same = takewhile(lambda pair: pair[0] == pair[1], zip(known, self._known))
        for line in self._known[len(list(same)) :]:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue  # events are for display; an invalid one is ignored
            if isinstance(event, dict):
                yield event

    def _lines(self) -> list[bytes]:
        """The complete lines; what follows the last of them is still being written."""
        try:
            return read_own(self._path).split(b"\n")[:-1]
        except OSError:
            return []
