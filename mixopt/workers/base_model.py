"""The base model is scored once a study, by whichever worker comes first, in one of its slots."""

import warnings
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

from filelock import FileLock, Timeout

from mixopt.errors import StorageError
from mixopt.history.keys import BASE_FAILED
from mixopt.storage.transient_errors import Outage
from mixopt.study.plan import base_request
from mixopt.study.study import Study
from mixopt.trainers.contract import BASE_STEP, Result, Trainer, TrialStopped
from mixopt.workers.events import Watcher

PATIENCE = 0.1  # seconds for which the lock is tried: who only looks at it holds it for a moment


class BaseJob:
    """Has the base model scored where the study wants that, and nobody has done so or is at it.

    Who is at it holds a lock of the kernel's, which is free once its process has ended, however that was; a trainer
    that outlived it is waited for, as that of a trial is. Where it fails the study goes on without, and nobody tries it
    again until the study is resumed.
    """

    def __init__(self, study: Study, watcher: Watcher) -> None:
        self._study, self._watcher = study, watcher
        self._lock, self._stop = FileLock(study.folder.base_worker), Event()
        self._outage = Outage(study.folder.base_worker)
        self._done = not study.spec.scores_base  # as far as this worker knows
        self._running: dict[Future[Result], int] = {}  # and its slot

    @property
    def wanted(self) -> bool:
        """Whether it is still to be scored."""
        said = {} if self._done else self._study.optuna.user_attrs
        self._done = self._done or self._study.base is not None or bool(said.get(BASE_FAILED))
        return not self._done

    @property
    def futures(self) -> list[Future[Result]]:
        """What this worker waits for: one, or none."""
        return list(self._running)

    @property
    def slots(self) -> set[int]:
        """Those that it has: one, or none."""
        return set(self._running.values())

    def start(self, pool: ThreadPoolExecutor, slot: int, backend: Trainer) -> bool:
        """Begin in a slot, where it is wanted; returns whether the slot is taken."""
        if self._done or self._running or not self._locked():
            return False
        if not self.wanted:  # somebody was faster
            self._lock.release()
            return False
        request, folder = base_request(self._study.spec), self._study.folder.base
        self._running[pool.submit(backend.run, request, folder, self._stop)] = slot
        self._watcher.base_model("started")
        return True

    def _locked(self) -> bool:
        try:
            self._lock.acquire(timeout=PATIENCE)
        except Timeout:
            return False
        except OSError as error:
            try:
                self._outage.met(error)
            except StorageError as final:
                self._done = True
                self._warn(str(final))
            return False
        return True

    def look(self) -> None:
        """Record how it has ended, where it has."""
        for future in [future for future in self._running if future.done()]:
            del self._running[future]
            try:
                self._record(future)
            finally:
                self._lock.release()

    def _record(self, future: Future[Result]) -> None:
        try:
            result = future.result()
            [value, *more] = self._study.values(result)
        except TrialStopped:
            return
        except Exception as error:  # whatever it is, the study goes on
            self._done = True
            why = " ".join((str(error) or type(error).__name__).split())
            self._study.optuna.set_user_attr(BASE_FAILED, why)
            self._warn(why)
            return
        self._done = True
        if self._study.base is None:  # else somebody has told it meanwhile
            self._study.tell_base(result.scores[BASE_STEP])
        self._watcher.base_model(" ".join(f"{score:.4f}" for score in (value, *more)))

    def _warn(self, why: str) -> None:
        name, log = self._study.spec.study, self._study.folder.base.log
        warnings.warn(
            f"the base model could not be scored: {why} (see {log}); the study goes on, and the next `mixopt study "
            f"resume {name}` tries again",
            stacklevel=3,
        )

    def end(self) -> None:
        """End it, to be scored by the next worker."""
        self._stop.set()
        wait(self._running)
        self.look()
