"""A worker that has lost its trial, to another worker or to a person, writes nothing about it."""

import json
import threading

import pytest

from mixopt.leases.leases import Leases
from mixopt.study.pruning import Pruning
from mixopt.study.study import Study
from mixopt.trainers.contract import Evaluation, Result, Trainer, TrialFailed, TrialStopped
from mixopt.workers.worker import Worker
from tests.support.running_workers import RecordedEvents, wait_until
from tests.support.toy_study import toy_file

ENDS = {"left", "finished", "failed", "pruned"}  # what a worker says of a trial that has ended


def scores(request):
    return dict.fromkeys(request.tests, 0.5)


def result(request):
    evaluations = tuple(Evaluation(step=step, scores=scores(request)) for step in request.steps)
    return Result(evaluations=evaluations, steps=4, stopped="finished", draws={}, seconds=1.0)


def failure(request):
    raise TrialFailed("the trainer crashed")


def end_by_pruning(request):
    raise TrialStopped("the run was stopped")


def over_to_another_worker(study, number, folder, request):
    evaluation = {"kind": "evaluation", "step": request.steps[0], "scores": scores(request)}
    lease = Leases(study.folder).take(number, 2)
    folder.events.write_text(json.dumps(evaluation) + "\n")  # the worker must not report it either
    return lease


def over_to_another_worker_that_has_told(study, number, folder, request):
    lease = over_to_another_worker(study, number, folder, request)
    study.optuna.tell(number, 0.25)
    return lease


def told_by_a_person(study, number, folder, request):
    study.optuna.tell(number, 0.25)
    return None


class Overtaken(Trainer):
    """Loses its trial while it trains, and then ends in some way."""

    def __init__(self, lose, end):
        self.lose, self.end, self.written, self.lease = lose, end, b"", None

    def run(self, request, folder, stop):
        study = Study.open("toy")
        if self.end is end_by_pruning:
            Pruning(study).mark(request.trial, "by hand")
        self.lease = self.lose(study, request.trial, folder, request)
        self.written = study.folder.journal.read_bytes()
        return self.end(request)


@pytest.mark.parametrize("lose", [over_to_another_worker, over_to_another_worker_that_has_told, told_by_a_person])
@pytest.mark.parametrize("end", [result, failure, end_by_pruning])
def test_a_worker_that_has_lost_its_trial_writes_nothing(tmp_path, lose, end):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    trainer, events = Overtaken(lose, end), RecordedEvents()
    thread = threading.Thread(target=Worker(study, [trainer], events).run, daemon=True)
    thread.start()
    wait_until(lambda: ENDS & {line[0] for line in events.lines})
    assert study.folder.journal.read_bytes() == trainer.written
    if lose is over_to_another_worker:
        study.optuna.tell(0, 0.25)
    if trainer.lease:
        trainer.lease.release()
    thread.join(60)
    assert not thread.is_alive() and study.trials()[0].value == 0.25
    assert ENDS & {line[0] for line in events.lines} == {"left"}
