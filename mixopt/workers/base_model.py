"""Score the base model, before any training: once for each study, by the first worker that has a free slot."""

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
from mixopt.workers.watcher import Watcher

LOCK_TIMEOUT = 0.1  # seconds; a process that only checks the lock holds it for a moment


class BaseModelJob:
    """Scores the base model where the study wants that and no other worker has done so or is doing so.

    The worker that does so holds a kernel lock, which is free once its process has ended in any way. A trainer that
    outlived its worker is waited for, like that of a trial. If the job fails, the study continues without these scores,
    and no worker tries again until the study is resumed.

    Args:
        study: That wants the scores.
        watcher: Is told what happens.
    """

    def __init__(self, study: Study, watcher: Watcher) -> None:
        self._study, self._watcher = study, watcher
        self._lock, self._stop = FileLock(study.folder.base_worker), Event()
        self._outage = Outage(study.folder.base_worker)
        self._done = not study.spec.scores_base  # what this worker knows
        self._running: dict[Future[Result], int] = {}  # at most one, and its slot

    @property
    def wanted(self) -> bool:
        """Whether the base model still has to be scored."""
        attributes = {} if self._done else self._study.optuna.user_attrs
        self._done = self._done or self._study.base is not None or bool(attributes.get(BASE_FAILED))
        return not self._done

    @property
    def futures(self) -> list[Future[Result]]:
        """Of this worker's job: one, or none."""
        return list(self._running)

    @property
    def slots(self) -> set[int]:
        """The slots in use: one, or none."""
        return set(self._running.values())

    def start(self, pool: ThreadPoolExecutor, slot: int, trainer: Trainer) -> bool:
        """Start in a slot, where the scores are wanted; returns whether the slot is in use now."""
        if self._done or self._running or not self._locked():
            return False
        if not self.wanted:  # another worker was faster
            self._lock.release()
            return False
        request, folder = base_request(self._study.spec), self._study.folder.base
        self._running[pool.submit(trainer.run, request, folder, self._stop)] = slot
        self._watcher.base_model("started")
        return True

    def _locked(self) -> bool:
        try:
            self._lock.acquire(timeout=LOCK_TIMEOUT)
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

    def update(self) -> None:
        """Record the job if it has ended."""
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
        except Exception as error:  # the study continues after any failure
            self._done = True
            why = " ".join((str(error) or type(error).__name__).split())
            self._study.optuna.set_user_attr(BASE_FAILED, why)
            self._warn(why)
            return
        self._done = True
        if self._study.base is None:  # otherwise a user has told them meanwhile
            self._study.tell_base(result.scores[BASE_STEP])
        self._watcher.base_model(" ".join(f"{score:.4f}" for score in (value, *more)))

    def _warn(self, why: str) -> None:
        name, log = self._study.spec.study, self._study.folder.base.log
        warnings.warn(
            f"the base model could not be scored: {why} (see {log}); the study continues, and the next `mixopt study "
            f"resume {name}` tries again",
            stacklevel=3,
        )

    def end(self) -> None:
        """Stop the job; the next worker starts it again."""
        self._stop.set()
        wait(self._running)
        self.update()
