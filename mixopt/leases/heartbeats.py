"""A worker's heartbeats: a thread that touches its leases, and notices those that another worker has taken over."""

from contextlib import suppress
from threading import Event, Thread

from mixopt.leases.leases import HEARTBEAT_INTERVAL, Lease


class Heartbeats(Thread):
    """Renews the leases in `leases` until `end` is called.

    Attributes:
        leases: Each lease with the event that is set once it is lost.
    """

    def __init__(self) -> None:
        super().__init__(name="heartbeats", daemon=True)
        self.leases: dict[Lease, Event] = {}
        self._ended = Event()

    def run(self) -> None:
        """Give heartbeats every few seconds (Thread calls this)."""
        while not self._ended.wait(HEARTBEAT_INTERVAL):
            for lease, lost in list(self.leases.items()):
                with suppress(OSError):  # the file system is away; if that lasts, another worker takes over
                    lease.renew()
                with suppress(OSError):  # asked also where the folder is read-only and cannot be touched
                    if lease.lost:
                        lost.set()

    def end(self) -> None:
        """Stop the heartbeats."""
        self._ended.set()
        self.join()
