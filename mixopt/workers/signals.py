"""Graceful shutdown: the signals on which a worker ends its trainers and leaves its trials to other workers."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

# Ctrl-C, `kill`, a closed terminal, and the warnings of schedulers.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def is_ignored(number: signal.Signals) -> bool:
    """Whether this is the signal of a closed terminal, in a process that was started with `nohup`."""
    return number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def signals_set(stop: Event) -> Iterator[None]:
    """Have the signals set `stop`, and raise KeyboardInterrupt at the end of the block once it is set.

    Raised at once it could interrupt a write. Outside the main thread, which alone receives signals, nothing changes.
    """
    main = threading.current_thread() is threading.main_thread()
    handled = [number for number in SIGNALS if main and not is_ignored(number)]
    before = [signal.signal(number, lambda *_: stop.set()) for number in handled]
    try:
        yield
    finally:
        for number, handler in zip(handled, before):
            signal.signal(number, handler)
    if stop.is_set():
        raise KeyboardInterrupt
