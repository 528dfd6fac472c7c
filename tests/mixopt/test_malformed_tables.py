"""Malformed tables of measured runs: one line that names the file, from `surrogate compare` and `benchmark run`."""

import pytest

from tests.support.command_line import refusal

GOOD = "web,code,score\n" + "".join(f"{i / 10},{1 - i / 10},{i}\n" for i in range(1, 9))
TABLES = {  # content, what is said of it by both commands
    "empty": ("", "has no rows"),
    "blank lines": ("\n\n\n", "has no rows"),
    "header only": ("web,code,score\n", "has no rows"),
    "no such column": ("web,code\n.5,.5\n", "has no column 'score'"),
    "a column twice": ("web,web,score\n.5,.5,1\n", "column 'web' is there 2 times"),
    "a short row": ("web,code,score\n.5,.5\n", "line 2: has 2 cells for 3 columns"),
    "a long row": ("web,code,score\n.5,.5,1,2\n", "line 2: has 4 cells for 3 columns"),
    "a word": ("web,code,score\n.5,half,1\n1,0,1\n", "line 2: code is 'half'"),
    "words": ("web,code,score\n.5,half,1\n", "has no two columns of weights"),
    "a blank cell": ("web,code,score\n.5,,1\n.5,.5,1\n", "line 2: the weights of web, code sum to 0.5"),
    "nan": ("web,code,score\n.5,.5,nan\n", "has no finished run with a score (no score 1): fill it in"),
    "infinite": ("web,code,score\n.5,.5,1e999\n", "line 2: score is '1e999'"),
    "negative": ("web,code,score\n1.5,-.5,1\n", "line 2: code is -0.5, and weights are at least 0"),
    "percent": ("web,code,score\n50,50,1\n", "sum to 100"),
    "nothing": ("web,code,score\n0,0,1\n1,0,1\n0,1,2\n", "line 2: the weights of web, code sum to 0"),
    "huge": ("web,code,score\n1e308,1e308,1\n", "sum to inf"),
    "one domain": ("web,score\n1,1\n1,2\n", "has no two columns of weights"),
    "an open quote": ('web,code,score\n".5,.5,1\n', "is not CSV"),
    "a huge cell": (f"web,code,score\n{'1' * 200_000},.5,1\n", "is not CSV"),
    "a line break in a name": ('web,"co\nde",score\n1.5,-.5,1\n', "line 3: co_de is -0.5"),
    "a name that is none": ("web,,score\n.5,.5,1\n", "has no two columns of weights"),
    "a null byte": (b"web,code,score\n.5,\x00.5,1\n", "csv"),
    "binary": (bytes(range(256)), "is not CSV"),
    "utf-16": (GOOD.encode("utf-16"), "is not CSV"),
}
COMMANDS = {
    "compare": ("surrogate", "compare", "--value", "score", "--csv"),
    "benchmark": ("benchmark", "run", "results.jsonl", "--methods", "random", "--value", "score", "--csv"),
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "results.jsonl").exists(), "nothing was run"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_cannot_be_used(tmp_path, capfd, monkeypatch, command, name):
    content, said = TABLES[name]
    file = tmp_path / "runs.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert said in (line := refusal(capfd, monkeypatch, *COMMANDS[command], file)) and str(file) in line


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("path", ["nowhere.csv", ".", "a/b.csv", "x" * 300])
def test_a_table_that_is_no_file(capfd, monkeypatch, command, path):
    assert path in refusal(capfd, monkeypatch, *COMMANDS[command], path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--value", "web"], "the weights of code, score sum to"),
        (["--value", "score", "--domains", "web,math"], "has no column 'math'"),
        (["--value", "score", "--domains", "web,score"], "is the score and no domain"),
        (["--value", "score", "--domains", "web"], "has no two columns of weights"),
        (["--value", "score", "--domains", ","], "has no column ''"),
        (["--value", "score", "--domains", "web,web"], "domain 'web' is named twice"),
        (["--value", ""], "has no column ''"),
    ],
)
def test_columns_that_are_none(tmp_path, capfd, monkeypatch, arguments, said):
    (tmp_path / "runs.csv").write_text(GOOD)
    assert said in refusal(capfd, monkeypatch, "surrogate", "compare", "--csv", "runs.csv", *arguments)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nonsense\n", "line 1: is no finished job"),
        ("[]\n", "line 1: is no finished job"),
        ('{"problem": "face-10"}\n', "line 1: is no finished job"),
        (b"\xff\xfe\n", "cannot be read"),
    ],
)
@pytest.mark.parametrize("command", ["run", "report"])
def test_a_results_file_of_something_else(tmp_path, capfd, monkeypatch, command, content, said):
    file = tmp_path / "jobs.jsonl"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = file.read_bytes()
    options = ["--methods", "random", "--problems", "face-10"] if command == "run" else []
    assert said in (line := refusal(capfd, monkeypatch, "benchmark", command, file, *options)) and str(file) in line
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), ("", "train_mixture_1m.csv"), ("index,a\n1,x\n", "train_mixture_1m.csv")],
)
def test_tables_of_others_that_are_spoilt(tmp_path, capfd, monkeypatch, content, said):
    folder = tmp_path / "tables" / "regmix"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "train_mixture_1m.csv").write_text(content)
    options = ["--methods", "random", "--problems", "regmix_1m", "--tables", "tables"]
    assert said in refusal(capfd, monkeypatch, "benchmark", "run", "results.jsonl", *options)
