"""Several workers on one study: takeover after a kill, pause and stop, prune and retry, circuit breaker."""

import json
import os
import signal
import sys
import threading
from io import StringIO

import optuna
import pytest
from filelock import FileLock
from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.progress import Lines
from mixopt.errors import MixoptError, StrategyError, StudyBusyError
from mixopt.history.keys import HELD_SECONDS
from mixopt.leases.leases import Leases
from mixopt.study.circuit_breaker import trainer_never_worked
from mixopt.study.control import Control
from mixopt.study.plan import trainer_of
from mixopt.study.pruning import Pruning
from mixopt.study.study import Study
from mixopt.study.trial_queue import TrialQueue
from mixopt.trainers.contract import Evaluation, Result, Trainer, TrialFailed
from mixopt.workers.gpus import pinned
from mixopt.workers.worker import Worker
from tests.support.running_workers import start_command, trial_queue, wait_for, wait_until
from tests.support.toy_study import SEEDS, TRAINER, slow_study, toy_backend, toy_file


def test_two_workers_share_a_study_and_the_trial_of_a_killed_one_is_taken_over(tmp_path):
    study = slow_study(tmp_path)
    first, second = start_command("resume", "toy"), start_command("resume", "toy")
    wait_until(lambda: len(study.trials(TrialState.RUNNING)) == 2)
    first.send_signal(signal.SIGKILL)
    code, said = wait_for(second)
    assert code == 0 and "is complete: 7 trials" in said
    assert [trial.state for trial in study.trials()] == [TrialState.COMPLETE] * 7
    assert sorted(trial.user_attrs["row"] for trial in study.trials()) == list(range(7))
    wait_for(first)


def test_stop_and_pause_reach_every_worker(tmp_path):
    gate = tmp_path / "gate"
    study = slow_study(tmp_path, backend=toy_backend(gate=str(gate)))
    workers = [start_command("resume", "toy"), start_command("resume", "toy")]
    wait_until(lambda: len(study.trials(TrialState.RUNNING)) == 2)
    Control(study.optuna).give("pause")
    gate.touch()
    for worker in workers:
        code, said = wait_for(worker)
        assert code == 0 and "is not complete" in said
    assert [t.state for t in study.trials()] == [TrialState.COMPLETE] * 2, "what was running was finished"
    gate.unlink()
    worker = start_command("resume", "toy")
    wait_until(lambda: len(study.trials(TrialState.RUNNING)) == 1)
    Control(study.optuna).give("stop")
    wait_for(worker)
    assert study.trials()[2].state == TrialState.RUNNING and not study.busy, "it waits to be taken up"


def test_the_commands_pause_and_stop_reach_the_storage(tmp_path):
    orders = Control(Study.create(toy_file(tmp_path)).optuna)
    for word in ("pause", "stop"):
        code, said = wait_for(start_command(word, "toy"))
        assert code == 0 and "mixopt study resume toy" in said and orders.new_order() == word


def test_an_order_is_only_for_workers_that_run(tmp_path):
    study = Study.create(toy_file(tmp_path))
    before = Control(study.optuna)
    before.give("pause")
    assert before.new_order() == "pause" and Control(study.optuna).new_order() is None


def test_a_running_trial_can_be_pruned_and_a_failed_one_tried_again(tmp_path):
    study = slow_study(tmp_path, seconds=3.0)
    worker = start_command("resume", "toy", "--slots", "7")
    wait_until(lambda: len(study.trials(TrialState.RUNNING)) == 7)
    Pruning(study).mark(3, "by hand")
    wait_for(worker)
    assert [t.number for t in study.trials(TrialState.PRUNED)] == [3] and len(study.trials(TrialState.COMPLETE)) == 6
    code, said = wait_for(start_command("retry", "toy", "3"))
    assert code == 2 and "trial 3 is no failed trial with weights; failed are: none" in said
    with pytest.raises(StrategyError, match="trial 99 is no running trial"):
        Pruning(study).mark(99, "by hand")


def test_a_failed_mixture_is_tried_again_in_its_place(tmp_path):
    backend = toy_backend(crash=0.9)
    study = Study.create(toy_file(tmp_path, strategy=SEEDS, backend=backend))
    assert wait_for(start_command("resume", "toy"))[0] == 1
    failed = study.trials(TrialState.FAIL)[0]
    study.folder.spec.write_text(study.folder.spec.read_text().replace("crash: 0.9", "crash: 2.0"))
    assert wait_for(start_command("retry", "toy", str(failed.number)))[0] == 0
    assert wait_for(start_command("resume", "toy"))[0] == 0
    last = study.trials()[-1]
    assert last.params == failed.params and last.user_attrs["row"] == failed.user_attrs["row"]
    assert len(study.trials(TrialState.COMPLETE)) == 7


def test_a_trial_that_is_told_by_hand_is_pruned_at_once(tmp_path):
    study = slow_study(tmp_path)
    by_hand, trained = trial_queue(study).next_manual(), study.ask(study.sampler())
    assert wait_for(start_command("prune", "toy", str(by_hand.number))) == (0, "study toy: trial 0 is pruned\n")
    assert "trial 1 ends within seconds" in wait_for(start_command("prune", "toy", str(trained.number)))[1]


def test_sqlite_is_for_one_worker(tmp_path):
    file = toy_file(tmp_path, strategy=SEEDS)
    study = Study.create(file, storage=f"sqlite:///{tmp_path}/toy.db")
    code, said = wait_for(start_command("resume", "toy", "--slots", "2"))
    assert code == 0 and len(study.trials(TrialState.COMPLETE)) == 7, said
    code, said = wait_for(start_command("resume", "toy", "--on", "local", "--workers", "2"))
    assert code == 2 and "SQLite, which allows one worker only" in said


def test_each_slot_gets_its_own_gpus(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7")
    assert [slot["CUDA_VISIBLE_DEVICES"] for slot in pinned(2, 2)] == ["4,5", "6,7"]
    assert pinned(3, None) == [{}, {}, {}]
    with pytest.raises(MixoptError, match="need 6 GPUs and 4 are visible"):
        pinned(3, 2)
    for none in ("-1", "NoDevFiles", "-1,4"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", none)
        with pytest.raises(MixoptError, match="need 1 GPUs and 0 are visible"):
            pinned(1, 1)


def test_a_study_in_training_is_not_deleted(tmp_path):
    study = slow_study(tmp_path, seconds=1.0)
    worker = start_command("resume", "toy")
    wait_until(lambda: study.busy)
    with pytest.raises(StudyBusyError, match="mixopt study stop toy"):
        study.delete()
    Control(study.optuna).give("stop")
    wait_for(worker)
    study.delete()
    assert not study.folder.path.exists()
    assert trainer_of(study.spec)


def test_a_trial_whose_worker_died_between_two_weights_keeps_its_mixture(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEEDS))
    sampler = study.sampler()
    study.optuna.sampler = sampler
    number = study.optuna.ask().number
    optuna.Trial(study.optuna, study.trial_id(number)).suggest_float("a", 0, 1)
    claim = study.trials()[number].user_attrs["claim"]
    study.ask(sampler)  # meanwhile another design was handed out
    held = trial_queue(study).next()
    assert held.asked.number == number and list(held.asked.request.weights.values()) == claim


def test_a_trial_that_has_just_finished_is_not_taken_over(tmp_path, monkeypatch):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    first = trial_queue(study)
    held = first.next()
    before = study.trials(TrialState.RUNNING)
    study.optuna.tell(held.asked.number, 0.5)
    first.give_back(held)

    def trials(*states):
        return before if states == (TrialState.RUNNING,) else Study.trials(study, *states)

    monkeypatch.setattr(study, "trials", trials)
    assert trial_queue(study).next() is None
    assert [trial.state for trial in Study.trials(study)] == [TrialState.COMPLETE]


def test_a_trial_beyond_the_plan_that_was_left_without_weights_fails_and_the_study_continues(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    study.optuna._storage.create_new_trial(study.optuna._study_id)  # whoever made it never heard of it
    second = trial_queue(study)
    assert second.next().asked.number == 0, "it gets the mixture that is there"
    study.optuna._storage.create_new_trial(study.optuna._study_id)
    assert second.next() is None
    assert study.trials()[1].state == TrialState.FAIL
    assert "every phase of the study is complete" in study.trials()[1].user_attrs["reason"]


class Suspended(Trainer):
    """Scores and finishes a trial that another worker has taken over meanwhile."""

    def __init__(self, study):
        self._study, self.other = study, None

    def run(self, request, folder, stop):
        self.other = Leases(self._study.folder).take(request.trial, 2)
        evaluations = [{"step": step, "scores": dict.fromkeys(request.tests, 0.5)} for step in request.steps]
        folder.path.mkdir(exist_ok=True)
        folder.events.write_text(json.dumps({"kind": "evaluation", **evaluations[0]}) + "\n")
        return Result(
            evaluations=tuple(Evaluation(**evaluation) for evaluation in evaluations),
            steps=4,
            stopped="finished",
            draws={},
            seconds=1.0,
        )


def test_an_owner_that_was_suspended_does_not_tell(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    trainer, output = Suspended(study), StringIO()
    worker = threading.Thread(target=Worker(study, [trainer], Lines(Console(file=output), "toy")).run, daemon=True)
    worker.start()
    wait_until(lambda: "left to the next worker" in output.getvalue())
    [trial] = study.trials()
    assert trial.state == TrialState.RUNNING and not trial.intermediate_values, "only the other worker may tell it"
    study.optuna.tell(0, 0.25)
    trainer.other.release()
    worker.join(60)
    assert study.trials()[0].value == 0.25


def test_a_failed_mixture_is_enqueued_only_once(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    asked = study.ask(study.sampler())
    study.fail(asked.number, TrialFailed("no power"))
    study.retry(asked.number)
    with pytest.raises(StrategyError, match="its mixture is there again already"):
        study.retry(asked.number)


class Broken(Trainer):
    """A backend with a fault of its own."""

    def run(self, request, folder, stop):
        raise ZeroDivisionError("by zero")


def test_an_exception_in_a_trainer_fails_its_trial_and_not_the_worker(tmp_path):
    study = slow_study(tmp_path)
    study.optuna.tell(study.ask(study.sampler()).number, 0.5)  # it has worked once
    Worker(study, [Broken()], Lines(Console(file=StringIO()), "toy")).run()
    failed = study.trials(TrialState.FAIL)
    assert len(failed) == 2 * 6 and "the trainer raised ZeroDivisionError: by zero" in failed[0].user_attrs["reason"]


HANDLES = """
import os, signal, sys, time
from pathlib import Path
folder = Path(sys.argv[1]).parent
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
(folder / "pid").write_text(str(os.getpid()))
time.sleep(600)
"""


def test_a_signal_to_worker_and_trainer_at_once_fails_no_trial(tmp_path, monkeypatch):
    """As a scheduler signals all processes of a job; the trainer answers first, and in a way of its own."""
    monkeypatch.chdir(tmp_path)
    trainer = tmp_path / "handles.py"
    trainer.write_text(HANDLES)
    backend = {"command": {"argv": [sys.executable, str(trainer)]}}
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}], backend=backend))
    for turn in range(1, 6):
        pid = study.folder.trial(0).path / "pid"
        pid.unlink(missing_ok=True)
        worker = start_command("resume", "toy")
        wait_until(lambda pid=pid: pid.exists() and pid.read_text())
        os.kill(int(pid.read_text()), signal.SIGTERM)
        worker.send_signal(signal.SIGTERM)
        code, said = wait_for(worker)
        assert code == 130 and "no finished trial is lost" in said
        assert [trial.state for trial in study.trials()] == [TrialState.RUNNING]
        assert (Leases(study.folder).turn(0), Leases(study.folder).deaths(0)) == (turn, 0)
    trainer.write_text(TRAINER.read_text())
    assert wait_for(start_command("resume", "toy"))[0] == 0 and study.trials()[0].state == TrialState.COMPLETE


class Signalled(Trainer):
    """A trainer that fails while its worker, which has been signalled too, is busy with something else."""

    def run(self, request, folder, stop):
        os.kill(os.getpid(), signal.SIGTERM)
        raise TrialFailed("the trainer ended with exit code 1", 1)


def test_a_trainer_that_fails_after_a_signal_to_its_worker_fails_no_trial(tmp_path):
    study = slow_study(tmp_path, strategy=[{"seed": ["all"]}])
    with pytest.raises(KeyboardInterrupt):
        Worker(study, [Signalled()], Lines(Console(file=StringIO()), "toy")).run()
    assert [trial.state for trial in study.trials()] == [TrialState.RUNNING]


def test_the_circuit_breaker_ends_a_worker_whose_trainer_never_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    backend = {"command": {"argv": [sys.executable, str(tmp_path / "mine.py")]}}
    study = Study.create(toy_file(tmp_path, strategy=SEEDS, backend=backend))
    for tries in (3, 6):
        code, said = wait_for(start_command("resume", "toy"))
        assert code == 1 and len(study.trials(TrialState.FAIL)) == len(study.trials()) == tries
        assert f"study toy: 3 trials have failed and none has finished yet, so no more begin (trial {tries - 1}" in said
        assert "fix the trainer, then mixopt study resume toy\n" in said and "can't open file" in said
    (tmp_path / "mine.py").write_text(TRAINER.read_text())
    assert wait_for(start_command("resume", "toy"))[0] == 0
    assert len(study.trials(TrialState.COMPLETE)) == 7


def fail(study, *, trained=True):
    """Have the next trial fail."""
    asked = study.ask(study.sampler())
    if trained:
        study.note(asked.number, {HELD_SECONDS: 1.0})
    study.fail(asked.number, TrialFailed("no power", 1))


def test_the_circuit_breaker_is_shared_by_all_workers(tmp_path):
    study = slow_study(tmp_path)
    fail(study, trained=False)
    fail(study)
    fail(study)
    running = study.ask(study.sampler())
    assert trainer_never_worked(study) is None and trial_queue(study).open
    fail(study)
    again = Study.open("toy")
    assert "3 trials have failed" in str(trainer_never_worked(again)) and trial_queue(again)._new() is None
    assert trial_queue(again).open, "what runs may still finish"
    study.optuna.tell(running.number, state=TrialState.PRUNED)
    assert trainer_never_worked(again) is None and trial_queue(again).next(), "the trainer works"


def test_the_circuit_breaker_counts_trials_that_were_enqueued_before_a_resume(tmp_path):
    study = slow_study(tmp_path)
    for weight in (0.1, 0.2, 0.3, 0.4, 0.5):
        study.optuna.enqueue_trial({"a": weight, "b": 1 - weight, "c": 0.0})
    TrialQueue(study, Leases(study.folder)).begin(0)
    for left in (True, True, False):
        fail(study)
        assert (trainer_never_worked(study) is None) == left
    TrialQueue(study, Leases(study.folder)).begin(0)
    assert trainer_never_worked(study) is None, "the user who resumes has fixed it"


def test_whoever_tells_by_hand_needs_no_trainer(tmp_path):
    study = slow_study(tmp_path)
    for _ in range(3):
        fail(study)
    assert not trial_queue(study).open and trial_queue(study).next_manual()


def test_one_worker_on_sqlite_at_a_time(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEEDS), storage=f"sqlite:///{tmp_path}/toy.db")
    with FileLock(study.folder.worker):
        code, said = wait_for(start_command("resume", "toy"))
    assert code == 2 and "allows one worker only" in said, said
    assert not study.trials()


def test_a_budget_is_not_raised_by_a_command_that_fails(tmp_path):
    study = slow_study(tmp_path)
    code, _ = wait_for(start_command("resume", "toy", "--on", "local", "--trials", "+3", "--with", "colour=red"))
    assert code == 2 and study.extra == 0


def test_each_mixture_of_a_finite_space_is_trained_once(tmp_path):
    candidates = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0]]
    study = Study.create(toy_file(tmp_path, candidates=candidates, strategy=[{"bayes": {"trials": 9}}]))
    wait_for(start_command("resume", "toy"))
    assert sorted(tuple(trial.params.values()) for trial in study.trials()) == sorted(map(tuple, candidates))
