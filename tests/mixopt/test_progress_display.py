"""Progress of a running study: bars in a terminal, lines elsewhere, and invalid events in neither."""

from io import StringIO

import pytest
from rich.console import Console

from mixopt.cli.progress import Bars, Lines, progress_for
from mixopt.paths import TrialFolder
from mixopt.study.asked_trial import AskedTrial
from mixopt.trainers.contract import Request, TrialFailed


@pytest.fixture
def trial(tmp_path):
    request = Request("toy", 3, 42, {"a": 0.5, "b": 0.5}, {"a": 9, "b": 9}, {"x": 9}, [2, 4], {})
    return AskedTrial(3, "seed", "single:a", request, TrialFolder(tmp_path))


def shown(terminal, trial, *events):
    """What stands on the screen after a trial with these events has finished and another has failed."""
    file = StringIO()
    console = Console(file=file, force_terminal=terminal, width=100)
    with progress_for(console, "toy") as progress:
        progress.preparing("the model")
        progress.study_started(0, 2)
        progress.trial_started(trial)
        for event in events:
            progress.trial_event(trial, event)
        if isinstance(progress, Bars):
            progress._bars.refresh()
        progress.trial_finished(trial, (0.5,))
        progress.trial_started(trial)
        progress.trial_failed(trial, TrialFailed("exit [/x] code 3"))
    return file.getvalue()


def test_a_terminal_has_bars_and_a_log_has_lines():
    assert type(progress_for(Console(force_terminal=True), "toy")) is Bars
    assert type(progress_for(Console(file=StringIO()), "toy")) is Lines


def test_a_bar_tells_strategy_step_and_reward(trial):
    screen = shown(True, trial, {"kind": "progress", "step": 2, "reward": 1.25})
    for said in ("study toy", "seed: single:a", "2/4", "reward 1.25", "0.5000", "exit [/x] code 3"):
        assert said in screen
    assert "draws" not in screen


DRAWN = {"kind": "progress", "step": 2, "reward": 1.25, "domains": {"a": {"drawn": 12}, "b": {"drawn": 8}}}


def test_the_domain_whose_draws_are_furthest_from_its_weight_is_shown(trial):
    assert "reward 1.25, draws a 60% (50%)" in shown(True, trial, DRAWN)
    said = shown(False, trial, DRAWN, {"kind": "evaluation", "step": 2}, {"kind": "evaluation", "step": 4})
    assert said.count("of 4, draws a 60% (50%)\n") == 2


def test_a_resumed_run_shows_its_step(trial):
    event = {"kind": "resumed", "step": 2}
    assert "2/4" in shown(True, trial, event) and " resumed" in shown(True, trial, event)
    assert "resumed at step 2 of 4\n" in shown(False, trial, event)


def test_lines_tell_starts_evaluations_and_ends(trial):
    log = shown(False, trial, {"kind": "evaluation", "step": 2}).splitlines()
    assert any("started (seed)" in line for line in log) and any("step 2 of 4" in line for line in log)
    assert any("0.5000  (1 of 2, about" in line for line in log)
    assert log[-1].endswith("failed: exit [/x] code 3")


@pytest.mark.parametrize("terminal", [True, False])
def test_invalid_events_of_a_trainer_are_ignored(trial, terminal):
    nonsense = [{}, {"kind": "progress"}, {"kind": "progress", "step": None, "reward": None}, {"kind": "evaluation"}]
    nonsense += [{"kind": "progress", "step": "two", "reward": "much"}, {"kind": 7}, {"kind": "resumed"}, {"kind": []}]
    nonsense += [{"kind": "progress", "step": step, "reward": step} for step in (float("inf"), float("nan"), 10**400)]
    for drawn in ([], 1, {"a": 1}, {"a": {}}, {"a": {"drawn": "x"}}, {"c": {"drawn": 1}}, {"a": {"drawn": -1}}):
        nonsense.append({"kind": "progress", "step": 1, "domains": drawn})
    assert "0.5000" in shown(terminal, trial, *nonsense)
