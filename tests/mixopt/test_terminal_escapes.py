"""Nothing that comes from outside is obeyed by a terminal: control characters are shown, markup is text."""

import csv
import io
import json
import logging
import os
import pty
import subprocess
import sys
import warnings

import pytest
from hypothesis import given, strategies as st
from optuna.trial import TrialState, create_trial
from rich.console import Console
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from mixopt.cli.app import app
from mixopt.cli.console import PlainConsole, PlainRecord, complain, say
from mixopt.cli.progress import progress_for
from mixopt.paths import TrialFolder
from mixopt.study.asked_trial import AskedTrial
from mixopt.study.study import Study
from mixopt.text import visible
from mixopt.trainers.contract import Request, TrialFailed
from tests.support.command_line import exit_code, refusal
from tests.support.hostile_text import CONTROL, DIRECTION, ESCAPES, LABEL, MARKUP, obeyed
from tests.support.simulated_study import simulated_study

OUR_OWN = {"\x1b", "\n"}  # what rich sends to a terminal to draw


def said(*arguments):
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def in_a_terminal(*arguments):
    """What `mixopt ARGUMENTS` sends to a terminal, which is 300 columns wide."""
    outside, inside = pty.openpty()
    argv = [sys.executable, "-m", "mixopt.cli", *map(str, arguments)]
    process = subprocess.Popen(argv, stdout=inside, stderr=inside, env={**os.environ, "COLUMNS": "300"})
    os.close(inside)
    sent = b""
    try:
        while part := os.read(outside, 1 << 16):
            sent += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(outside)
    process.wait(60)
    return sent.decode().replace("\r\n", "\n")  # as the terminal's driver writes the ends of lines


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study under the home whose trials have hostile labels, reasons and logs."""
    simulated_study(tmp_path, domains=3, trials=5).folder.path.rename(tmp_path / "toy")
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path))
    study = Study.open("toy")
    first = study.optuna.trials[0]
    notes = {**first.user_attrs, "label": LABEL, "stopped": LABEL}
    weights = {"params": first.params, "distributions": first.distributions}
    study.optuna.add_trial(create_trial(values=first.values, user_attrs=notes, **weights))
    failed = {"label": LABEL, "strategy": LABEL, "reason": LABEL, "log_tail": f"{LABEL}\none\ttab", "exit_code": 1}
    study.optuna.add_trial(create_trial(state=TrialState.FAIL, user_attrs=failed, **weights))
    return study


@given(st.text())
def test_what_is_visible_holds_nothing_to_obey_and_stays_as_it_is(text):
    for lines in (False, True):
        shown = visible(text, lines=lines)
        assert not obeyed(shown, lines=lines) - set("\t" * lines) and visible(shown, lines=lines) == shown
        shown.encode()
    if not obeyed(text, lines=False) and not any(0xD800 <= ord(sign) < 0xE000 for sign in text):
        assert visible(text) == text


def test_signs_are_shown_as_escapes_and_words_stay():
    assert visible("\x1b\x9b\x07\n\t\u202e") == r"\x1b\x9b\x07\n\t\u202e"
    assert visible("héllo 日本語 👩\u200d💻 שלום") == "héllo 日本語 👩\u200d💻 שלום"
    assert visible(os.fsdecode(b"caf\xe9.csv")) == r"caf\udce9.csv"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_console_obeys_nothing_however_it_is_handed_text(terminal):
    file = io.StringIO()
    console = PlainConsole(file=file, force_terminal=terminal, width=400)
    table = Table(LABEL, title=LABEL)
    table.add_row(LABEL, style="bold")
    table.add_row(Text(LABEL))
    for shown in (LABEL, Text(LABEL), table):
        console.print(shown)
    with Progress(TextColumn("{task.description}", markup=False), console=console) as bars:
        bars.add_task(LABEL)
    written = file.getvalue()
    assert "owned\\x07" in written and "[red]r[/red]" in written and "\N{SKULL}" not in written
    ours = ("\x1b[0m", "\x1b[1m", "\x1b[3m", "\x1b[1;3m", "\x1b[2K", "\x1b[1A", "\x1b[?25l", "\x1b[?25h", "\r")
    for sequence in ours if terminal else ():
        written = written.replace(sequence, "")
    assert not obeyed(written)


@pytest.mark.parametrize("words", [["show"], ["show", "--failed"], ["recommend"], ["list"]])
@pytest.mark.parametrize("terminal", [True, False])
def test_tables_and_logs_of_a_study_are_text(study, words, terminal):
    name = [] if words == ["list"] else ["toy"]
    shown = (in_a_terminal if terminal else said)("study", *words[:1], *name, *words[1:])
    for sequence in ("\x1b[0m", "\x1b[1m", "\x1b[3m", "\x1b[1;3m"):
        shown = shown.replace(sequence, "")
    assert not obeyed(shown)
    if words[0] == "show":
        assert r"\x1b[2J\x1b[31mred" in shown and "[red]r[/red]" in shown and r"\n# not a line" in shown
        assert "\n    one     tab\n" in shown  # a log has lines


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("console", [Console, PlainConsole])
def test_the_progress_of_a_run_is_text(tmp_path, console, terminal):
    file = io.StringIO()
    weights = {"a": 0.5, LABEL: 0.5}
    request = Request("toy", 3, 42, weights, {"a": 9, LABEL: 9}, {"x": 9}, [2, 4], {})
    trial = AskedTrial(3, LABEL, LABEL, request, TrialFolder(tmp_path))
    drawn = {"kind": "progress", "step": 2, "reward": 1.0, "domains": {LABEL: {"drawn": 9}}}
    with progress_for(console(file=file, force_terminal=terminal, width=900), LABEL) as progress:
        progress.preparing(LABEL)
        progress.base_model(LABEL)
        progress.study_started(0, 9)
        for end in (progress.trial_left, progress.trial_pruned, lambda t: progress.trial_failed(t, TrialFailed(LABEL))):
            progress.trial_started(trial)
            for event in (drawn, {"kind": "evaluation", "step": 2}):
                progress.trial_event(trial, event)
            end(trial)
        progress.trial_started(trial)
        progress.trial_finished(trial, (0.5,))
    written = file.getvalue()
    assert written.count("[red]r[/red]") >= 7
    assert not obeyed(written) - (OUR_OWN | {"\r"} if terminal else set())
    for sequence in ("\x1b[2J", "\x1b]", "\x1b[31mred", "\x9b"):
        assert sequence not in written


def test_errors_warnings_and_logs_of_libraries_are_one_line_of_text(capfd, monkeypatch, tmp_path, caplog):
    name = f"x{ESCAPES}{MARKUP}\nb"
    message = refusal(capfd, monkeypatch, "study", "show", name)
    assert not obeyed(message) and r"\x1b[2J" in message and "[red]r[/red]" in message
    monkeypatch.setattr("mixopt.paths.default_home", lambda: warnings.warn(LABEL, stacklevel=1) or tmp_path)

    def logs(*_):
        logging.getLogger("a library").error("%s failed", LABEL)
        warnings.warn_explicit(LABEL, UserWarning, "mixopt/x.py", 1, module="mixopt.x")
        raise RuntimeError(LABEL)

    monkeypatch.setattr("mixopt.study.study.Study.open", logs)
    factory, disabled, show = logging.getLogRecordFactory(), logging.root.manager.disable, warnings.showwarning
    try:
        with warnings.catch_warnings():
            code = exit_code(monkeypatch, "study", "show", "toy")
    finally:
        logging.setLogRecordFactory(factory)
        logging.disable(disabled)
        warnings.showwarning = show
    lines = capfd.readouterr().err
    assert code == 1 and "Traceback" in lines and not obeyed(lines)
    assert sum(line.startswith("warning: a\\x1b[2J") for line in lines.splitlines()) == 1
    assert "RuntimeError: a\\x1b[2J" in lines
    [logged] = [record.getMessage() for record in caplog.records if record.name == "a library"]
    assert logged.endswith(" failed") and not obeyed(logged) - {"\t"}


def test_a_record_of_a_log_is_text():
    record = PlainRecord("x", logging.ERROR, "f", 1, "%s and %s", (LABEL, CONTROL + DIRECTION), None)
    assert not obeyed(record.getMessage()) - {"\t"}


def test_lines_stay_lines(capsys):
    say(LABEL)
    complain(LABEL)
    printed = capsys.readouterr()
    assert printed.out.count("\n") == printed.err.count("\n") == 1 and not obeyed(printed.out + printed.err)


def test_data_are_exact_in_a_pipe_and_text_in_a_terminal(study):
    [row] = [row for row in csv.DictReader(io.StringIO(said("study", "export", "toy"))) if row["strategy"] == LABEL]
    assert row["label"] == LABEL
    shown = json.loads(said("study", "show", "toy", "--json"))
    assert [trial["label"] for trial in shown["trials"]].count(LABEL) == 2
    terminal = in_a_terminal("study", "export", "toy")
    assert not obeyed(terminal) - {"\t"} and r"\x1b[2J" in terminal
    assert json.loads(in_a_terminal("study", "show", "toy", "--json")) == shown
