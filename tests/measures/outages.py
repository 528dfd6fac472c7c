"""What befalls a study's storage and clock while two workers train it, and that nothing is lost by it.

    python -m tests.measures.outages                # each storm lasts 60 s
    python -m tests.measures.outages --seconds 5

The database's server is stopped; it is frozen, so that it answers nothing and closes no connection; the disk with the
study's folder is full (a small tmpfs); the clock that all workers and trainers read is set back an hour. Each begins
when some trials are complete and others are running. Afterwards the workers must end by themselves, with every
mixture of the study complete, each once (a trainer that met the full disk may have failed, and was tried again), and
no trial taken from a living owner. A storm that cannot be made on this machine is left out, with the reason.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from optuna.trial import TrialState

from mixopt.study.study import Study
from tests.measures.chaos import check_once
from tests.support.postgres import Postgres, why_not
from tests.support.toy_study import toy_backend, toy_file

TRIALS = 10
LIMIT = 600.0  # seconds that a study may take
CLOCK = "SHIFTED_BY"  # names the file that says by how many seconds the clock is wrong
SHIFTED = f"""
import datetime, os, time

true_time, true_utime = time.time, os.utime

def shifted():
    return true_time() + float(open(os.environ["{CLOCK}"]).read())

class Shifted(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(shifted(), tz)

def utime(path, times=None, **named):
    true_utime(path, times or (None if named else (shifted(), shifted())), **named)

time.time, os.utime, datetime.datetime = shifted, utime, Shifted
"""  # a sitecustomize.py: setting the machine's own clock would be felt by everybody, and libfaketime breaks sleeping


class Crew:
    """A study of `TRIALS` short trials, and its workers."""

    def __init__(self, folder: Path, storage: str = "", environment: dict[str, str] | None = None) -> None:
        backend = toy_backend(sleep=0.5)
        file = toy_file(folder, strategy=[{"seed": [{"space_filling": TRIALS}]}], backend=backend)
        self.study = Study.create(file, folder / "study", storage)
        self._log, self._environment = folder / "workers.log", environment or {}
        self.workers: list[subprocess.Popen] = []

    def start(self, workers: int = 2) -> None:
        argv = [sys.executable, "-m", "mixopt.cli", "study", "resume", "toy", "--folder", str(self.study.folder.path)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **self._environment}
        for _ in range(workers):
            with self._log.open("a") as log:
                self.workers.append(subprocess.Popen(argv, stdout=log, stderr=log, env=environment))

    @property
    def said(self) -> str:
        """What the workers have printed."""
        return self._log.read_text()

    def wait_for(self, condition: Callable[[], bool], seconds: float = LIMIT) -> None:
        """Raises AssertionError, with what the workers said, where it does not come to that."""
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, self.said[-3000:]
            time.sleep(0.05)

    @property
    def under_way(self) -> bool:
        """Whether some trials are complete and others are running."""
        return len(self.study.trials(TrialState.COMPLETE)) >= 2 and bool(self.study.trials(TrialState.RUNNING))

    def check(self) -> None:
        """Wait for the workers' end, and raise AssertionError where anything was lost or done twice."""
        self.wait_for(lambda: all(worker.poll() is not None for worker in self.workers))
        assert not any(worker.returncode for worker in self.workers), self.said[-3000:]
        assert not self.study.trials(TrialState.RUNNING)
        check_once(self.study, TRIALS)

    def owners(self) -> int:
        """How many owners the trials have had in all."""
        return len(list(self.study.folder.path.glob("trials/*/owner-*.json")))

    def end(self) -> None:
        """End workers that still run."""
        for worker in self.workers:
            worker.kill()
            worker.wait()


def weathered(crew: Crew, storm: AbstractContextManager[None], seconds: float) -> str:
    """Run a study through a storm of so many seconds; what became of it, or AssertionError where that is not well."""
    try:
        crew.start()
        crew.wait_for(lambda: crew.under_way)
        with storm:
            time.sleep(seconds)
        crew.check()
    finally:
        crew.end()
    failed, owners = len(crew.study.trials(TrialState.FAIL)), crew.owners()
    assert owners == TRIALS + failed, "a trial was taken from a living owner"
    return f"{TRIALS} trials complete, each once; {failed} trainers failed and their mixtures were tried again"


@contextmanager
def stopped(server: Postgres) -> Iterator[None]:
    server.stop()
    yield
    server.start()


@contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    server.freeze()
    yield
    server.thaw()


@contextmanager
def small_disk(folder: Path, megabytes: int = 2) -> Iterator[None]:
    """A file system of its own, mounted on a folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """No byte is left on the disk of a folder."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    yield
    filler.unlink()


@contextmanager
def set_back(clock: Path) -> Iterator[None]:
    """The clock that workers read is an hour behind, and stays so."""
    clock.write_text("-3600")
    yield


def no_disk() -> str | None:
    """Why no small disk can be had here."""
    if os.getuid():
        return "only root may mount a small disk"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder)):
                return None
        except (OSError, subprocess.CalledProcessError):
            return "a small disk cannot be mounted here"


def through_server(folder: Path, seconds: float, storm: Callable[[Postgres], AbstractContextManager[None]]) -> str:
    server = Postgres()
    try:
        return weathered(Crew(folder, server.url), storm(server), seconds)
    finally:
        server.remove()


def through_full_disk(folder: Path, seconds: float) -> str:
    with small_disk(folder):
        return weathered(Crew(folder), filled(folder), seconds)


def through_clock(folder: Path, seconds: float) -> str:
    clock, site = folder / "clock", folder / "site"
    clock.write_text("0")
    site.mkdir()
    (site / "sitecustomize.py").write_text(SHIFTED)
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    return weathered(Crew(folder, environment={"PYTHONPATH": path, CLOCK: str(clock)}), set_back(clock), seconds)


STORMS: dict[str, tuple[Callable[[], str | None], Callable[[Path, float], str]]] = {
    "server stopped": (why_not, lambda folder, seconds: through_server(folder, seconds, stopped)),
    "server frozen": (why_not, lambda folder, seconds: through_server(folder, seconds, frozen)),
    "disk full": (no_disk, through_full_disk),
    "clock set back": (lambda: None, through_clock),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    said = parser.parse_args()
    for name, (reason, run) in STORMS.items():
        if why := reason():
            print(f"{name}: left out: {why}", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name} for {said.seconds:g} s: {run(Path(folder), said.seconds)}", flush=True)


if __name__ == "__main__":
    main()
