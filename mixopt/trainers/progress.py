"""Watch a running trainer through its events file: its last step, and whether it is stuck (a watchdog)."""

import json
import time
from pathlib import Path

from mixopt.storage.files import read_own


class Watchdog:
    """Finds a trainer stuck once nothing was added to its events file for a while.

    Args:
        path: The events file.
        limit: Seconds without an event.
    """

    def __init__(self, path: Path, limit: float) -> None:
        self._path, self.limit = path, limit
        self._last, self._since, self._stuck = self._size(), time.monotonic(), False

    @property
    def stuck(self) -> bool:
        """Whether the limit has passed once; this stays true if the trainer writes an event while it is ended."""
        if (size := self._size()) != self._last:
            self._last, self._since = size, time.monotonic()
        self._stuck = self._stuck or time.monotonic() - self._since > self.limit
        return self._stuck

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return -1


def furthest_step(events: Path) -> int:
    """The largest step in a trainer's events; 0 where there is none."""
    try:
        lines = read_own(events).splitlines()
    except OSError:
        return 0
    return max((_step(line) for line in lines), default=0)


def _step(line: bytes) -> int:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return 0
    step = event.get("step") if isinstance(event, dict) else None
    return step if isinstance(step, int) else 0
