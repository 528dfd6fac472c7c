"""Kills workers and trainers at random while a study runs, and counts what has become of its trials.

    python -m tests.measures.chaos --runs 10                  # on the journal file
    python -m tests.measures.chaos --runs 10 --postgres       # on a PostgreSQL server of its own
    python -m tests.measures.launched_chaos --rounds 10       # through accelerate launch and torchrun

Each run: 60 trials of a trainer that takes half a second, 4 workers, and every second `kill -9` for one of the workers
or trainers, picked at random; a worker that was killed is started again. At the end every trial must be complete,
each exactly once, none left running, and no mixture proposed twice.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from optuna.trial import TrialState

from mixopt.study.study import Study
from tests.support.postgres import Postgres
from tests.support.toy_study import toy_backend, toy_file

TRIALS = 60
STRATEGY = [{"seed": [{"space_filling": TRIALS // 2}]}, {"bayes": {"trials": TRIALS - TRIALS // 2}}]


class Chaos:
    """One run."""

    def __init__(self, folder: Path, workers: int, storage: str, seed: int) -> None:
        file = toy_file(folder, strategy=STRATEGY, backend=toy_backend(sleep=0.2))
        self.study = Study.create(file, folder / "study", storage)
        self._folder, self._random, self.kills = folder, random.Random(seed), 0
        self._workers = [self._worker() for _ in range(workers)]

    def run(self, limit: float) -> None:
        """Until all workers have ended by themselves."""
        ends, next_kill = time.monotonic() + limit, time.monotonic() + 1
        while time.monotonic() < ends:
            for place, worker in enumerate(self._workers):
                if worker.poll() not in (None, 0):
                    assert worker.poll() == -signal.SIGKILL, (self._folder / "workers.log").read_text()[-3000:]
                    self._workers[place] = self._worker()
            if all(worker.poll() == 0 for worker in self._workers):
                return
            if time.monotonic() > next_kill and len(self.study.trials(TrialState.COMPLETE)) < TRIALS:
                self._kill()
                next_kill += 1
            time.sleep(0.05)
        raise SystemExit(f"not complete after {limit:g} s: {self.report()}")

    def _worker(self) -> subprocess.Popen:
        argv = [sys.executable, "-m", "mixopt.cli", "study", "resume", "toy", "--folder", str(self._folder / "study")]
        log = (self._folder / "workers.log").open("a")
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(argv, stdout=log, stderr=log, env=environment, start_new_session=True)

    def _kill(self) -> None:
        alive = [worker.pid for worker in self._workers if worker.poll() is None]
        victims = alive + [child for pid in alive for child in _children(pid)]
        if victims:
            self.kills += 1
            try:
                os.kill(self._random.choice(victims), signal.SIGKILL)
            except ProcessLookupError:
                self.kills -= 1

    def report(self) -> str:
        """What has become of the trials."""
        trials = self.study.trials()
        states = {state.name: n for state in TrialState if (n := sum(t.state == state for t in trials))}
        failed = self.study.trials(TrialState.FAIL)
        why = "".join(f"; {trial.number}: {trial.user_attrs.get('reason')}" for trial in failed)
        return f"{states} after {self.kills} kills{why}"

    def check(self) -> None:
        """Raises AssertionError where not every trial is complete, each once."""
        assert len(self.study.trials()) == TRIALS, self.report()
        check_once(self.study, TRIALS)


def check_once(study: Study, trials: int) -> None:
    """Raises AssertionError where a trial was lost, repeated, trained twice, or told with another's scores."""
    done = study.trials(TrialState.COMPLETE)
    assert len(done) == trials, f"{len(done)} of {trials} trials are complete"
    mixtures = np.array([[trial.params[name] for name in study.space.domains] for trial in done])
    distances = np.abs(mixtures[:, None] - mixtures).sum(axis=2) + 9 * np.eye(trials)
    assert distances.min() > 1e-6, "a mixture was proposed twice"
    for trial in done:
        folder = study.folder.trial(trial.number)
        request, result = (json.loads(path.read_text()) for path in (folder.request, folder.result))
        assert request["weights"] == trial.params, f"trial {trial.number} was trained at other weights"
        assert trial.user_attrs["evaluations"] == result["evaluations"], f"trial {trial.number} has other scores"
        assert (folder.path / "trained.log").read_text().count("trained") <= 1, f"{trial.number} was trained twice"


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task")
    try:
        return [int(child) for task in path.iterdir() for child in (task / "children").read_text().split()]
    except OSError:
        return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--limit", type=float, default=900, help="seconds a run may take")
    said = parser.parse_args()
    server = Postgres() if said.postgres else None
    kills = 0
    try:
        for run in range(said.runs):
            with tempfile.TemporaryDirectory() as folder:
                started = time.monotonic()
                if server:
                    server.empty()
                chaos = Chaos(Path(folder), said.workers, server.url if server else "", run)
                chaos.run(said.limit)
                chaos.check()
                kills += chaos.kills
                print(f"run {run + 1}: {chaos.report()}, {time.monotonic() - started:.0f} s", flush=True)
    finally:
        if server:
            server.remove()
    print(f"{said.runs} of {said.runs} runs: {TRIALS} trials complete, each once, none lost, {kills} kills in all")


if __name__ == "__main__":
    main()
