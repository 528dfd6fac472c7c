"""The commands of the README and of docs/index.md work in the order in which they stand, and print what is shown.

A block with lines that begin with "$ " shows commands and what they print; a block without has commands only.
"""

import re
import shlex
import shutil
from itertools import zip_longest
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixopt.cli.app import app

ROOT = Path(__file__).parents[1]
# Commands that are not run here, each with the reason.
NOT_RUN = {
    "make study": "trains for minutes",
    "make test": "runs this test",
    "python3 -m venv": "test_packaging.py installs the package into a fresh environment",
    "pip install": "the same",
    "mixopt study resume ours": "trains on GPUs",
}
NUMBER = re.compile(r"[-+]?\d+\.\d+|\d+")
TOLERANCE = 0.02  # in scores and probabilities; other processors round otherwise


def steps(page):
    """Every command of the page's consoles with the lines that the page shows below it."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
        shown, lines = "$ " in block, block.splitlines()
        for line in lines:
            if not shown or line.startswith("$ "):
                yield (current := (line.removeprefix("$ "), []))
            else:
                current[1].append(line)


def same(line, shown):
    """Whether a line is the one that is shown, but for rounding."""
    got, wanted = ([float(number) for number in NUMBER.findall(text)] for text in (line, shown))
    words = NUMBER.sub("#", line).split() == NUMBER.sub("#", shown).split()
    return words and got == pytest.approx(wanted, abs=TOLERANCE, rel=TOLERANCE)


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "index.md"], ids=lambda page: page.name)
def test_the_commands_of_the_page_work_in_order(page, tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("MIXOPT_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "runs.csv", tmp_path / "docs")
    ran = 0
    for command, shown in list(steps(page)):
        if any(command.startswith(skipped) for skipped in NOT_RUN):
            continue
        program, *arguments = shlex.split(command, comments=True)
        assert program == "mixopt", command
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, (command, done.output, done.exception)
        printed = done.stdout.replace(str(home), "~/.mixopt").splitlines()
        if shown:
            pairs = list(zip_longest(printed, shown, fillvalue=""))
            assert all(same(*pair) for pair in pairs), (command, [pair for pair in pairs if not same(*pair)])
        ran += 1
    assert ran
