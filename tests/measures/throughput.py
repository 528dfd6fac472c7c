"""Trials asked and told a second by 64 workers on one PostgreSQL server, beside plain Optuna's.

    python -m tests.measures.throughput

Both ask for mixtures of five domains by random search, make up a score, and tell it. mixopt does all that a worker of
`mixopt study resume` does but for the trainer: its turn at the desk, the trials left behind, budget and phase, the
proposal by `optuna: {sampler: random}`, the lease, the result with its scores and notes, and letting go. Plain Optuna
does `ask`, five `suggest_float` and `tell` with a RandomSampler, on the same server, by turns with mixopt. Workers are
forked, each with a connection of its own; what they do before the first ask is not counted. At the end no mixture may
have been proposed twice, and every trial told must be complete.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import optuna
from optuna.trial import TrialState

from mixopt.leases.leases import Leases
from mixopt.study.study import Study
from mixopt.study.trial_queue import TrialQueue
from mixopt.trainers.contract import Evaluation, Request, Result
from tests.support.postgres import Postgres
from tests.support.toy_study import toy_file

DOMAINS = "abcde"
BUDGET = 2_000

Job = Callable[[], object]  # one ask and tell; what it returns is false where it did not come to that


def ask_mixopt(folder: Path, url: str) -> Job:
    """A worker of mixopt's."""
    study = Study.open("toy", folder)
    desk = TrialQueue(study, Leases(study.folder))

    def job() -> bool:
        held = desk.next()
        if held is None:
            return False
        study.tell(held.asked.number, made_up(held.asked.request))
        desk.give_back(held)
        return True

    return job


def made_up(request: Request) -> Result:
    """A result that keeps the contract."""
    score = max(request.weights.values())
    evaluations = tuple(Evaluation(step=step, scores=dict.fromkeys(request.tests, score)) for step in request.steps)
    return Result(
        evaluations=evaluations, steps=request.steps[-1], stopped="finished", draws=request.domains, seconds=1.0
    )


def ask_optuna(folder: Path, url: str) -> Job:
    """A worker of plain Optuna's."""
    study = optuna.load_study(study_name="plain", storage=url, sampler=optuna.samplers.RandomSampler())

    def job() -> bool:
        trial = study.ask()
        study.tell(trial, max(trial.suggest_float(name, 0, 1) for name in DOMAINS))
        return True

    return job


def work(prepare: Callable[[Path, str], Job], folder: Path, url: str, seconds: float, ready: Barrier, told) -> None:
    """Be a worker: asks and tells until the time is over, and says how many."""
    job = prepare(folder, url)
    ready.wait()
    ends, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        count += bool(job())
    told.put(count)


def rate(prepare: Callable[[Path, str], Job], folder: Path, url: str, workers: int, seconds: float) -> float:
    """Trials a second of all workers together."""
    context = multiprocessing.get_context("fork")
    ready, told = context.Barrier(workers + 1), context.Queue()
    crew = [context.Process(target=work, args=(prepare, folder, url, seconds, ready, told)) for _ in range(workers)]
    for worker in crew:
        worker.start()
    ready.wait(300)
    started = time.monotonic()
    total = sum(told.get() for _ in crew)
    taken = time.monotonic() - started
    for worker in crew:
        worker.join()
    return total / taken


def mixopt_rate(server: Postgres, workers: int, seconds: float) -> float:
    """Of a new study of mixopt's."""
    server.empty()
    with tempfile.TemporaryDirectory() as scratch:
        changes = {"domains": {name: {"size": 100} for name in DOMAINS}, "tests": {"in": {"t": 30}, "out": {"x": 10}}}
        strategy = [{"optuna": {"trials": BUDGET, "sampler": "random"}}]
        file = toy_file(Path(scratch), strategy=strategy, **changes)
        study = Study.create(file, Path(scratch) / "study", server.url)
        study.optuna._storage.remove_session()
        found = rate(ask_mixopt, study.folder.path, "", workers, seconds)
        done = study.trials(TrialState.COMPLETE)
        assert len(done) == len(study.trials()), "a trial was lost"
        mixtures = np.array([[trial.params[name] for name in DOMAINS] for trial in done])
        assert len(np.unique(mixtures, axis=0)) == len(done), "a mixture was proposed twice"
    return found


def optuna_rate(server: Postgres, workers: int, seconds: float) -> float:
    """Of a new study of plain Optuna's."""
    server.empty()
    optuna.create_study(study_name="plain", storage=server.url)
    return rate(ask_optuna, Path(), server.url, workers, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=20, help="of asking and telling, each time")
    parser.add_argument("--rounds", type=int, default=2)
    said = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    server = Postgres()
    rates: dict[str, list[float]] = {"mixopt": [], "optuna": []}
    try:
        for _ in range(said.rounds):
            for name, measure in (("mixopt", mixopt_rate), ("optuna", optuna_rate)):
                rates[name].append(measure(server, said.workers, said.seconds))
                print(f"{name} {rates[name][-1]:.1f} trials/s", flush=True)
    finally:
        server.remove()
    ratio = np.mean(rates["mixopt"]) / np.mean(rates["optuna"])
    print(
        f"{said.workers} workers on {os.cpu_count()} cores: mixopt asks and tells {ratio:.2f} of plain Optuna's trials"
    )


if __name__ == "__main__":
    main()
