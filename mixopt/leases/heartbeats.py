"""A worker's signs of life: a thread that touches its leases, and tells who has lost one."""

from contextlib import suppress
from threading import Event, Thread

from mixopt.leases.leases import HEARTBEAT, Lease


class Heartbeats(Thread):
    """Heartbeats for the leases in `held`; sets a lease's event once it is lost to another worker. Ended by `end`."""

    def __init__(self) -> None:
        super().__init__(name="beats", daemon=True)
        self.held: dict[Lease, Event] = {}
        self._over = Event()

    def run(self) -> None:
        while not self._over.wait(HEARTBEAT):
            for lease, lost in list(self.held.items()):
                with suppress(OSError):  # the file system is away; if it stays so, others will take over
                    lease.renew()
                with suppress(OSError):  # also where it can be read alone
                    if lease.lost:
                        lost.set()

    def end(self) -> None:
        """No more signs of life."""
        self._over.set()
        self.join()
