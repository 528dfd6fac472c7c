"""Kills workers, launchers, ranks and pairs of them at random while trials train in two processes each.

    python -m tests.measures.launched_chaos --rounds 10                       # through accelerate launch
    python -m tests.measures.launched_chaos --rounds 10 --launcher torchrun

Each round: 40 trials of multi_process_trainer.py, 2 workers, and every few seconds `kill -9` for a worker, a launcher,
a rank, or two of them at once; a worker that was killed is started again. At the end every trial must be complete with
the scores that it has in a study without kills, and no rank may have seen, in its folder, a rank of another launch that
was alive.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from optuna.trial import TrialState

from mixopt.study.study import Study
from tests.support.launchers import LAUNCHERS, TRAINER, launches, overlaps, ranks, witnessed
from tests.support.toy_study import toy_file

TRIALS, STEPS, SLEEP = 40, 4, 0.3
VICTIMS = [("worker",), ("launcher",), ("rank",), ("worker", "launcher"), ("worker", "rank"), ("launcher", "rank")]


class Round:
    """A study that is killed at, or not where `pause` is 0.

    Attributes:
        kills: how often.
    """

    def __init__(self, folder: Path, launcher: str, workers: int, pause: float, seed: int) -> None:
        backend = {"command": {"argv": [*LAUNCHERS[launcher], TRAINER], "options": {"sleep": SLEEP}}}
        strategy = [{"seed": [{"space_filling": TRIALS}]}]
        score = {"maximize": "out_score", "steps": [STEPS // 2, STEPS]}
        file = toy_file(folder, strategy=strategy, backend=backend, score=score)
        self.study = Study.create(file, folder / "study")
        self._log, self._pause, self._random, self.kills = folder / "workers.log", pause, random.Random(seed), 0
        self._workers = [self._worker() for _ in range(workers)]

    def _worker(self) -> subprocess.Popen:
        argv = [sys.executable, "-m", "mixopt.cli", "study", "resume", "toy", "--folder", str(self.study.folder.path)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with self._log.open("a") as log:
            return subprocess.Popen(argv, stdout=log, stderr=log, env=environment, start_new_session=True)

    def run(self, limit: float) -> None:
        """Until all workers have ended by themselves."""
        ends, next_kill = time.monotonic() + limit, time.monotonic() + self._pause
        while any(worker.poll() != 0 for worker in self._workers):
            for place, worker in enumerate(self._workers):
                if worker.poll() not in (None, 0):
                    assert worker.poll() == -signal.SIGKILL, self._log.read_text()[-3000:]
                    self._workers[place] = self._worker()
            if self._pause and time.monotonic() > next_kill:
                self._kill(self._random.choice(VICTIMS))
                next_kill = time.monotonic() + self._random.uniform(0.5, 1.5) * self._pause
            assert time.monotonic() < ends, f"not complete after {limit:g} s"
            time.sleep(0.1)

    def _kill(self, kinds: tuple[str, ...]) -> None:
        """`kill -9` for one of each kind, of the same trial, at once."""
        folders = [self.study.folder.trial(trial.number) for trial in self.study.trials(TrialState.RUNNING)]
        training = [(folder, living) for folder in folders if (living := ranks(folder))]
        if not training:
            return
        folder, living = self._random.choice(training)
        launcher = launches(folder)[-1]
        pids = {"launcher": launcher, "rank": self._random.choice(living).pid, "worker": _parent(launcher)}
        for pid in [pids[kind] for kind in kinds if pids[kind]]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            self.kills += 1

    def scores(self) -> dict[int, list]:
        """The evaluations of each complete trial."""
        return {trial.number: trial.user_attrs["evaluations"] for trial in self.study.trials(TrialState.COMPLETE)}

    def report(self, unkilled: dict[int, list]) -> dict[str, int]:
        """Counts of trials, and of what must not be."""
        folders = [self.study.folder.trial(number) for number in range(TRIALS)]
        starts = [[said for said in witnessed(folder) if said["word"] == "start"] for folder in folders]
        return {
            "complete": len(self.study.trials(TrialState.COMPLETE)),
            "failed": len(self.study.trials(TrialState.FAIL)),
            "in all": len(self.study.trials()),
            "with the scores of an unkilled study": sum(unkilled.get(n) == said for n, said in self.scores().items()),
            "launches": sum(len(launches(folder)) for folder in folders),
            "launches that went on from a step": sum(
                len({said["launch"] for said in of_trial if said["step"]}) for of_trial in starts
            ),
            "two trainers in a folder": sum(bool(overlaps(folder)) for folder in folders),
            "kills": self.kills,
        }


def _parent(pid: int) -> int | None:
    try:
        return psutil.Process(pid).ppid()
    except psutil.Error:
        return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="the first round, where some have been run")
    parser.add_argument("--launcher", choices=LAUNCHERS, default="accelerate")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=2.5, help="seconds between kills, about")
    parser.add_argument("--limit", type=float, default=1800, help="seconds a round may take")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        quiet = Round(Path(folder), said.launcher, said.workers, 0, 0)
        quiet.run(said.limit)
        unkilled = quiet.scores()
    assert len(unkilled) == TRIALS
    good = 0
    for number in range(said.first, said.rounds):
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            killed = Round(Path(folder), said.launcher, said.workers, said.pause, number)
            killed.run(said.limit)
            counts = killed.report(unkilled)
        good += (
            counts["with the scores of an unkilled study"] == counts["in all"] == TRIALS
            and not (counts["two trainers in a folder"])
        )
        words = ", ".join(f"{count} {what}" for what, count in counts.items())
        print(f"round {number + 1}: {words}, {time.monotonic() - started:.0f} s", flush=True)
    print(f"{good} of {said.rounds - said.first} rounds: {TRIALS} of {TRIALS}, one trainer a folder")
    return 0 if good == said.rounds - said.first else 1


if __name__ == "__main__":
    sys.exit(main())
