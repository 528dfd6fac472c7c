"""Workers that ask at the same time never get the same proposal: threads, processes, forced collisions."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import optuna
import pytest

from mixopt import BayesSampler, MixtureSpace, SeedSampler, suggest_mixture
from mixopt.history.history import History
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from tests.support.concurrent_study import POOL, open_study

ASK = """
import sys, json, optuna
sys.path.insert(0, {root!r})
from mixopt import BayesSampler, suggest_mixture
from tests.support.concurrent_study import POOL, open_study
study = open_study({path!r}, BayesSampler(POOL))
print("ready", flush=True)
sys.stdin.readline()  # all start together
for _ in range(4):
    print(json.dumps(list(suggest_mixture(study.ask(), POOL).values())), flush=True)
"""


def asked_at_once(study: optuna.Study, space: MixtureSpace, count: int) -> list[tuple[float, ...]]:
    got: list[tuple[float, ...]] = []

    def ask() -> None:
        got.append(tuple(suggest_mixture(study.ask(), space).values()))

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


class Stubborn(MixtureSampler):
    """Always wants the first mixture that no trial has in the past it sees: everyone collides."""

    def propose(self, history: History, number: int) -> Proposal:
        taken = {tuple(weights) for weights in history.tried()}
        return Proposal(next(mixture for mixture in self.space.candidates if tuple(mixture) not in taken))


def test_eight_threads_that_all_want_the_same_get_eight_mixtures():
    study = optuna.create_study(sampler=Stubborn(POOL))
    got = asked_at_once(study, POOL, 8)
    assert len(set(got)) == len(got) == 8


def test_rows_of_a_design_are_handed_out_once():
    space = MixtureSpace(list("abcde"))
    study = optuna.create_study(sampler=SeedSampler(space))
    got = asked_at_once(study, space, 11)
    assert len(set(got)) == len(got) == 11


@pytest.mark.parametrize("told", [0, 8])
def test_four_processes_that_ask_at_once_get_different_mixtures(tmp_path: Path, told: int):
    path = str(tmp_path / "journal.log")
    study = open_study(path, BayesSampler(POOL))
    for _ in range(told):
        trial = study.ask()
        study.tell(trial, suggest_mixture(trial, POOL)["a"])
    code = ASK.format(root=str(Path(__file__).parents[2]), path=path)
    workers = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert all(worker.stdout.readline() == "ready\n" for worker in workers)
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    lines = [worker.communicate(timeout=120)[0].splitlines() for worker in workers]
    got = [tuple(json.loads(line)) for part in lines for line in part]
    assert len(got) == 16 and len(set(got)) == 16
