"""Tables: of large studies the last trials, and all that run; any label in any locale."""

import os
import subprocess
import sys
from io import StringIO

from optuna.distributions import FloatDistribution
from optuna.trial import create_trial
from rich.console import Console

from mixopt.cli.tables import LONGEST, trials_table
from tests.support.command_line import mixopt
from tests.support.toy_study import bare_study


def shown(study) -> list[str]:
    printed = StringIO()
    Console(file=printed, width=120).print(trials_table(study))
    return [line.rstrip() for line in printed.getvalue().splitlines()]


def numbers(lines: list[str]) -> list[int]:
    """Of the trials, in the table's order."""
    firsts = [line.split()[0] for line in lines[1:] if line]
    return [int(first) for first in firsts if first.isdigit()]


def test_of_many_trials_the_last_are_shown_and_all_that_run(tmp_path):
    study = bare_study(tmp_path)
    asked = mixopt("study", "ask", "toy", "--folder", study.folder.path)
    assert '"trial": 0' in asked
    rows = [f"{place / LONGEST},{1 - place / LONGEST},0,0.5" for place in range(LONGEST)]
    (tmp_path / "old.csv").write_text("\n".join(["a,b,c,out_score", *rows[:-1], ""]))
    imported = ("study", "import", "toy", tmp_path / "old.csv", "--folder", study.folder.path)
    mixopt(*imported)
    whole = shown(study)
    assert whole[0] == "study toy; weights in %: a, b, c"
    assert numbers(whole) == [*range(1, LONGEST), 0]
    (tmp_path / "old.csv").write_text("\n".join(["a,b,c,out_score", *rows, "0.5,0.25,0.25,0.5", ""]))
    mixopt(*imported)
    cut = shown(study)
    title = " ".join(cut[:2])
    assert title.startswith("study toy; weights in %: a, b, c; the last 500 of 502 trials; --json has all")
    assert numbers(cut) == [*range(2, LONGEST + 2), 0]


def test_a_locale_that_lacks_a_character_gets_an_escape(tmp_path):
    study = bare_study(tmp_path)
    boxes = dict.fromkeys("abc", FloatDistribution(0, 1))
    weights = {"a": 0.5, "b": 0.25, "c": 0.25}
    study.optuna.add_trial(
        create_trial(value=0.5, params=weights, distributions=boxes, user_attrs={"label": "\u00e9\ud800"})
    )
    for command in ("show", "export"):
        done = subprocess.run(
            [sys.executable, "-m", "mixopt.cli", "study", command, "toy", "--folder", study.folder.path],
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 and r"\xe9\ud800" in done.stdout, done.stderr
