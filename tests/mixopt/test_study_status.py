"""Where a study stands, as `study list` says it, through the real command line: with kills, pauses and limits."""

import json
import signal
import subprocess
import sys
import time

import pytest
from optuna.trial import TrialState

from mixopt.io.manual import ask_manual, fail_manual, forget_manual, tell_manual
from mixopt.reporting.report import report
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.words import next_step
from mixopt.study.control import STOP, Control
from mixopt.study.status import Status
from mixopt.study.study import Study
from tests.support.command_line import mixopt
from tests.support.toy_study import bare_study, toy_backend, toy_file

SCORES = {"x": 0.5, "y": 0.5}


def started(*arguments: str) -> subprocess.Popen:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "mixopt.cli", "study", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def said(*arguments: str, code: int = 0) -> str:
    process = started(*arguments)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == code, output
    return output


def listed() -> dict:
    [standing] = json.loads(mixopt("study", "list", "--json"))
    return standing


def until(condition) -> None:
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.fixture
def gated(tmp_path, home):
    """A study of two trials whose trainer waits for a file; with --slots 2 both run at once."""
    gate = tmp_path / "gate"
    domains = {"a": {"size": 100}, "b": {"size": 200}}
    file = toy_file(tmp_path, domains=domains, strategy=[{"seed": ["single"]}], backend=toy_backend(gate=str(gate)))
    return Study.create(file), gate


def trained(study: Study, *how: str) -> subprocess.Popen:
    worker = started("resume", "toy", "--slots", "2", *how)
    until(lambda: len(study.trials(TrialState.RUNNING)) == 2 and study.busy)
    return worker


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, STOP])
def test_a_study_whose_last_trials_were_stopped_is_not_complete(gated, end):
    study, gate = gated
    assert listed()["state"] == "to resume"
    worker = trained(study)
    assert listed()["state"] == "running"
    Control(study.optuna).give(STOP) if end == STOP else worker.send_signal(end)
    output, _ = worker.communicate(timeout=60)
    assert "is complete" not in output
    until(lambda: not study.busy)
    standing = listed()
    assert (standing["state"], standing["interrupted"], standing["done"]) == ("to resume", 2, 0)
    assert "to resume, 2 interrupted" in said("list")
    assert json.loads(mixopt("study", "show", "toy", "--json"))["state"] == "to resume"
    page = report(study)
    assert "The study waits for a worker." in page and "2 interrupted" in page
    step = next_step(Facts.of(study))
    assert step.why.startswith("2 trials of the strategy are left") and step.commands == ("mixopt study resume toy",)
    gate.touch()
    assert "is complete: 2 trials" in said("resume", "toy", "--slots", "2")
    assert listed()["state"] == "complete" and "The study is complete." in report(study)


def test_a_paused_study_says_so_until_somebody_goes_on(gated):
    study, gate = gated
    mixopt("study", "pause", "toy")
    assert listed()["state"] == "paused", "nobody had begun"
    worker = trained(study)
    assert listed()["state"] == "running"
    mixopt("study", "pause", "toy")
    assert listed()["state"] == "running", "they finish what they have"
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    until(lambda: not study.busy)
    assert listed()["state"] == "paused" and listed()["interrupted"] == 2
    assert "The study is paused." in report(study) and "paused" in next_step(Facts.of(study)).why
    gate.touch()
    said("resume", "toy", "--slots", "2")
    assert listed()["state"] == "complete"
    mixopt("study", "pause", "toy")
    assert listed()["state"] == "complete", "there is nothing left to pause"
    study.add(1)
    assert listed()["state"] == "paused"


def test_the_last_line_of_a_paused_worker(gated):
    study, gate = gated
    study.add(1)
    worker = trained(study)
    mixopt("study", "pause", "toy")
    gate.touch()
    output, _ = worker.communicate(timeout=60)
    assert "study toy is not complete: 2 trials are done; it is paused: mixopt study resume toy continues" in output
    assert listed()["state"] == "paused"
    mixopt("study", "stop", "toy")
    assert listed()["state"] == "to resume", "the last order counts"


def test_a_limit_ends_a_study_once_its_trials_have_ended(tmp_path, home):
    gate = tmp_path / "gate"
    study = Study.create(toy_file(tmp_path, budget={"trials": 2}, backend=toy_backend(gate=str(gate))))
    worker = trained(study)
    assert listed()["state"] == "running", "the budget is used up, and both are still in training"
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    until(lambda: not study.busy)
    assert listed()["state"] == "to resume" and Status.of(study).left == 2 and not Status.of(study).why_ended
    gate.touch()
    assert "has ended: 2 trials; its budget is used up" in said("resume", "toy", "--slots", "2")
    assert listed()["state"] == "ended" and "The study has ended." in report(study)
    mixopt("study", "pause", "toy")
    assert listed()["state"] == "ended"


def test_a_study_that_is_told_by_hand(tmp_path, home):
    study = Study.create(
        toy_file(tmp_path, backend=None, strategy=[{"seed": ["all", "single"]}], domains={"a": {}, "b": {}})
    )
    assert Status.of(study).word == "to ask"
    first = ask_manual(study).number
    assert (Status.of(study).word, Status.of(study).to_tell) == ("to ask", (first,)) and "1 to tell" in mixopt(
        "study", "list"
    )
    others = [ask_manual(study).number for _ in range(2)]
    state = Status.of(study)
    assert (state.word, state.left) == ("to tell", 3)
    assert next_step(Facts.of(study)).commands == (
        f"mixopt study tell toy {first} --score a_test=SCORE --score x=SCORE --score y=SCORE",
    )
    assert "all of its strategy is given out, and trials 0, 1, 2 are running" in said("ask", "toy", code=2)
    for number in (first, *others):
        assert Status.of(study).word == "to tell"
        tell_manual(study, number, SCORES)
    assert Status.of(study).word == "complete"
    forget_manual(study, first, "")
    assert (Status.of(study).word, Status.of(study).left) == ("to ask", 1)
    mixopt("study", "pause", "toy")
    assert Status.of(study).word == "paused"
    again = ask_manual(study).number
    assert Status.of(study).word == "to tell"
    tell_manual(study, again, SCORES)
    assert Status.of(study).word == "complete"


def test_trials_by_hand_beside_workers(tmp_path, home):
    """Nobody waits for a trial that is told by hand, and the study is complete only with it."""
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all", "single"]}]))
    number = ask_manual(study).number
    output = said("resume", "toy", "--slots", "3")
    assert f"study toy is not complete: 3 trials are done; trials {number} wait to be told" in output
    assert listed()["state"] == "to tell" and listed()["to_tell"] == 1
    assert "study tell toy 0" in next_step(Facts.of(study)).commands[0]
    tell_manual(study, number, SCORES)
    assert listed()["state"] == "complete"


def test_a_barrier_before_the_next_phase(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": ["all"]}, {"bayes": {"trials": 2}}])
    number = ask_manual(study).number
    assert Status.of(study).word == "to tell", "the next phase waits for it"
    tell_manual(study, number, SCORES)
    assert Status.of(study).word == "to ask"


def test_mixtures_that_failed_for_good_and_enqueued_ones(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": ["all"]}])
    for _ in range(2):
        assert Status.of(study).word == "to ask"
        number = ask_manual(study).number
        fail_manual(study, number, "lost")
    assert (Status.of(study).word, Status.of(study).failed, Status.of(study).left) == ("complete", 1, 0)
    study.retry(number)
    assert (Status.of(study).word, Status.of(study).left) == ("to ask", 1), "it is enqueued"
    asked = ask_manual(study)
    assert Status.of(study).word == "to tell"
    tell_manual(study, asked.number, SCORES)
    assert (Status.of(study).word, Status.of(study).failed) == ("complete", 0)


def test_a_budget_with_a_trial_that_waits_to_be_told(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": ["all", "single"]}], budget={"trials": 1})
    number = ask_manual(study).number
    assert (Status.of(study).word, Status.of(study).left) == ("to tell", 1)
    tell_manual(study, number, SCORES)
    assert Status.of(study).word == "ended" and "1 of 1 trials" in Status.of(study).why_ended
    forget_manual(study, number, "")
    assert Status.of(study).word == "to ask"
