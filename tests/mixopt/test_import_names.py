"""Names that others chose, of columns and runs, as what a terminal or a page shows of them."""

import json

import pytest

from mixopt.study.study import Study
from mixopt.tables.run_files import read_old_runs
from mixopt.text import LONGEST, plain_line
from tests.support.command_line import mixopt

HOSTILE = {  # text, what is left of it
    "\x1b[31mred\x1b[0m": "red",
    "\x1b]0;title\x07name": "name",
    "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x1bcreset": "reset",
    "\x9b31mc1": "31mc1",
    "two\nlines": "two lines",
    "a\r\n\tb": "a b",
    "m\u202eoc.exe": "moc.exe",
    "\u2066a\u2069\u200f": "a",
    "zero\u200bwidth": "zerowidth",
    "half\ud800": "half",
    "nul\0": "nul",
    "\u2028a\u2029b": "a b",
    "plain name (1)": "plain name (1)",
    "naïve 模型": "naïve 模型",
}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_that_is_shown_as_it_is(text):
    assert plain_line(text) == HOSTILE[text]
    assert plain_line(text).isprintable()


def test_a_line_is_cut():
    assert len(plain_line("x" * 10**6)) == LONGEST


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_labels_of_runs_are_lines(tmp_path, text):
    rows = [{"run": f"{i} {text}", "a": i / 4, "b": 1 - i / 4, "score": i / 9} for i in range(4)]
    file = tmp_path / "runs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    old = read_old_runs([file], "score")
    assert [run.label for run in old.runs] == [f"{i} {HOSTILE[text]}" for i in range(4)]
    assert all(run.name.isprintable() for run in old.runs)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isascii() and ";" not in text])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_columns_become_names_that_a_study_can_have(tmp_path, monkeypatch, capfd, text, kind):
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path / "home"))
    columns = [text, "b", "note " + text, "score"]
    rows = [[i / 4, 1 - i / 4, 7 + i, i / 9] for i in range(4)]
    file = tmp_path / f"runs.{kind}"
    if kind == "csv":
        quoted = ['"' + column + '"' for column in columns]
        file.write_text("\n".join([",".join(quoted), *(",".join(map(str, row)) for row in rows)]), newline="")
    else:
        file.write_text("".join(json.dumps(dict(zip(columns, row))) + "\n" for row in rows))
    said = mixopt("study", "import", "mine", file, "--value", "score", "--domains", f"{HOSTILE[text]},b")
    assert "4 runs imported" in said and all(line.isprintable() for line in said.splitlines())
    assert f"note {HOSTILE[text]}" in said, "a column that is not used is named"
    assert all(name.isascii() and name.isprintable() for name in Study.open("mine").space.domains)


def test_two_columns_that_come_to_one_name_are_refused(tmp_path):
    file = tmp_path / "runs.csv"
    file.write_text("a,\x1b[31ma,score\n.5,.5,1\n")
    with pytest.raises(Exception, match="column 'a' is there 2 times"):
        read_old_runs([file], "score")
