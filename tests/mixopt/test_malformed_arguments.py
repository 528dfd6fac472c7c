"""Malformed arguments: one line, exit code 2, and the study is as it was."""

import shutil

import pytest

from tests.support.command_line import refusal
from tests.support.toy_study import DONE, finished, finished_study


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home with the toy study in it."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXOPT_HOME", str(folder / "home"))
        finished_study(folder)
    return folder


@pytest.fixture(autouse=True)
def home(made, tmp_path, monkeypatch):
    """A copy of it."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "home"
    assert finished() == DONE


WEIGHTS = '{"a": 0.5, "b": 0.3, "c": 0.2}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["sing"], "No such command 'sing'"),
        (["study", "sing"], "No such command 'sing'"),
        (["study", "show"], "Missing argument"),
        (["study", "show", "toy", "twice"], "unexpected extra argument"),
        (["study", "show", "toy", "--failing"], "No such option: --failing"),
        (["study", "show", ""], "there is no study ''"),
        (["study", "show", "../toy"], "no study '../toy'"),
        (["study", "show", "/etc"], "no study '/etc'"),
        (["study", "show", "a/b/c"], "no study 'a/b/c'"),
        (["study", "show", "."], "no study '.'"),
        (["study", "show", "toy\n"], "no study 'toy\\n'"),
        (["study", "show", "t" * 5000], "File name too long"),
        (["study", "show", "tóy"], "no study 'tóy'"),
        (["study", "show", "toy", "--folder", "/proc/1/none"], "/proc/1/none"),
        (["study", "show", "other", "--folder", "home/toy"], "holds study 'toy', not 'other'"),
        (["study", "show", "toy", "--folder", "toy.yaml"], "no study 'toy'"),
        (["study", "create", "toy.yaml"], "study 'toy' exists"),
        (["study", "create", "toy.yaml", "--folder", "/proc/none/toy"], "cannot be made"),
        (["study", "create", "toy.yaml", "--folder", "toy.yaml"], "is there and holds no study"),
        (["study", "create", "toy.yaml", "--folder", "toy.yaml/x"], "cannot be made"),
        (["study", "create", "toy.yaml", "--folder", "home"], "is there and holds no study"),
        (["study", "create", "toy.yaml", "--folder", "new", "--storage", "redis://host"], "of an unknown kind"),
        (["study", "create", "toy.yaml", "--folder", "new", "--storage", "journal"], "of an unknown kind"),
        (["study", "create", "toy.yaml", "--folder", "new", "--storage", "grpc://"], "has no host"),
        (["study", "create", "toy.yaml", "--folder", "new", "--storage", "postgresql://a:b@[c"], "is no URL"),
        (["study", "create", "toy.yaml", "--folder", "new", "--storage", "grpc://h:99999"], "is no URL"),
        (
            ["study", "create", "toy.yaml", "--folder", "new", "--storage", "sqlite:////proc/none.db"],
            "cannot be opened",
        ),
        (["study", "resume", "toy", "--slots", "0"], "--slots 0"),
        (["study", "resume", "toy", "--slots", "two"], "Invalid value for '--slots'"),
        (["study", "resume", "toy", "--slots", "100000000000000000000"], "--slots"),
        (["study", "resume", "toy", "--trials", "10"], "--trials 10"),
        (["study", "resume", "toy", "--trials", "+0"], "--trials +0"),
        (["study", "resume", "toy", "--trials", "+1.5"], "--trials +1.5"),
        (["study", "resume", "toy", "--trials", "+" + "9" * 5000], "--trials"),
        (["study", "resume", "toy", "--trials", "+²"], "--trials +²"),
        (["study", "resume", "toy", "--gpus-per-trial", "0"], "--gpus-per-trial"),
        (["study", "resume", "toy", "--gpus-per-trial", "64"], "need 64 GPUs"),
        (["study", "resume", "toy", "--on", "mars"], "--on mars: use one of"),
        (["study", "resume", "toy", "--on", "local", "--with", "timeout"], "--with timeout"),
        (["study", "resume", "toy", "--on", "local", "--with", "=3"], "--with =3"),
        (["study", "resume", "toy", "--on", "local", "--with", "no_such_option=3"], "no_such_option"),
        (["study", "resume", "toy", "--on", "local", "--with", "name=3"], "name"),
        (["study", "resume", "toy", "--on", "local", "--workers", "0"], "--workers"),
        (["study", "resume", "toy", "--workers", "4"], "--workers: only with --on"),
        (["study", "resume", "toy", "--workers", "4", "--with", "a=b"], "--workers, --with: only with --on"),
        (["study", "retry", "toy", "0"], "trial 0 is no failed trial"),
        (["study", "retry", "toy", "99999999999999999999"], "is no failed trial"),
        (["study", "retry", "toy", "first"], "Invalid value for 'number'"),
        (["study", "prune", "toy", "1"], "trial 1 is no running trial"),
        (["study", "prune", "toy", "--", "-1"], "Invalid value for 'number'"),
        (["study", "front", "toy", "--scores", "in_score,z"], "'z'"),
        (["study", "front", "toy", "--scores", ","], "''"),
        (["study", "front", "toy", "--scores", "x,x"], "twice"),
        (["study", "front", "toy", "--scores", "x,y", "--figure", "none/x.png"], "--figure none/x.png"),
        (["study", "front", "toy", "--scores", "x,y", "--figure", "front.gif3"], "--figure front.gif3"),
        (["study", "replicate", "toy", "best"], "mixture 'best'"),
        (["study", "replicate", "toy", "[0.5, 0.5, 0]"], "unknown domain 0.5"),
        (["study", "replicate", "toy", "null"], "mixture 'null'"),
        (["study", "replicate", "toy", '{"a": 1}'], "'b' has no weight"),
        (["study", "replicate", "toy", '{"a": 0.5, "b": 0.5, "d": 0}'], "'d'"),
        (["study", "replicate", "toy", '{"a": NaN, "b": 0.5, "c": 0.5}'], "'a'"),
        (["study", "replicate", "toy", '{"a": "x", "b": 0.5, "c": 0.5}'], "'a' has weight 'x'"),
        (["study", "replicate", "toy", '{"a": 1.5, "b": -0.5, "c": 0}'], "'"),
        (["study", "replicate", "toy", "[" * 50_000], "mixture"),
        (["study", "replicate", "toy", WEIGHTS, "--seeds", ""], "--seeds"),
        (["study", "replicate", "toy", WEIGHTS, "--seeds", "1,,2"], "--seeds 1,,2"),
        (["study", "replicate", "toy", WEIGHTS, "--seeds", "1,1"], "has a seed twice"),
        (["study", "replicate", "toy", WEIGHTS, "--seeds", "-1"], "--seeds -1"),
        (["study", "replicate", "toy", WEIGHTS, "--seeds", "4294967296"], "--seeds 4294967296"),
        (["study", "replicate", "toy", WEIGHTS, "--seeds", "9" * 5000], "--seeds"),
        (["study", "replicate", "toy", WEIGHTS, "--slots", "0"], "--slots"),
        (["surrogate", "compare"], "give one of them"),
        (["surrogate", "compare", "toy", "--csv", "runs.csv"], "give one of them"),
        (["surrogate", "compare", "--csv", "runs.csv"], "give --value COLUMN"),
        (
            ["surrogate", "compare", "toy", "--value", "x", "--maximize"],
            "--value, --minimize/--maximize: only of --csv: leave them",
        ),
        (
            ["surrogate", "compare", "--csv", "runs.csv", "--value", "x", "--folder", "home/toy"],
            "--folder: only of a study",
        ),
        (["study", "list", "--home", "toy.yaml"], "toy.yaml: is no folder"),
        (["study", "list", "--home", "none"], "none: is no folder"),
        (["study", "report", "toy", "--output", "none/report.html"], "--output none/report.html: cannot be written"),
        (["benchmark", "run", "r.jsonl", "--seeds", "100"], "--seeds 100"),
        (["benchmark", "run", "r.jsonl", "--seeds", "5:3"], "--seeds 5:3"),
        (["benchmark", "run", "r.jsonl", "--seeds", "0:" + "9" * 5000], "--seeds"),
        (["benchmark", "run", "r.jsonl", "--methods", "magic"], "'magic'"),
        (["benchmark", "run", "r.jsonl", "--methods", "random", "--problems", "mars-9"], "'mars-9'"),
        (["benchmark", "run", "r.jsonl", "--methods", "random", "--problems", "face-0"], "face-0"),
        (["benchmark", "run", "r.jsonl", "--trials", "1"], "--trials"),
        (["benchmark", "report", "none.jsonl"], "holds no finished job"),
        (["benchmark", "asks", "--domains", "1"], "--domains"),
    ],
    ids=lambda part: " ".join(part)[:60] if isinstance(part, list) else "",
)
def test_arguments_that_cannot_be(capfd, monkeypatch, line, said):
    assert said in refusal(capfd, monkeypatch, *line)
