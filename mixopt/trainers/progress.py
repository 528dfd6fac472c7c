"""What is heard of a running trainer by its events file: how far it has come, and for how long it has said nothing."""

import json
import time
from pathlib import Path

from mixopt.storage.files import read_own


class Silence:
    """How long nothing was added to a file, by the watch of who looks."""

    def __init__(self, path: Path, limit: float) -> None:
        self._path, self.limit = path, limit
        self._size, self._since, self._passed = self._now(), time.monotonic(), False

    @property
    def too_long(self) -> bool:
        """Whether it has been longer than the limit once: who is ended for it may have a last word."""
        if (size := self._now()) != self._size:
            self._size, self._since = size, time.monotonic()
        self._passed = self._passed or time.monotonic() - self._since > self.limit
        return self._passed

    def _now(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return -1


def furthest_step(events: Path) -> int:
    """The largest step of the events of a trainer; 0 where there is none."""
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
