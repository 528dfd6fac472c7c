"""What a trainer may leave behind: a spoilt result fails its trial with one line as the reason, spoilt events are
passed over, and the study goes on.

One study trains them all: a mixture a case, whose trainer leaves the case's files in its folder.
"""

import json
import os
import sys
from pathlib import Path

import pytest
from optuna.trial import TrialState

from mixopt.study.study import Study
from tests.support.command_line import exit_code
from tests.support.toy_study import toy_file

SCORES = {"a_test": 0.5, "x": 0.25, "y": 1}


def result(**changes) -> dict:
    """A result that keeps the contract; keyword arguments replace its fields, or take them away."""
    evaluations = [{"step": step, "scores": SCORES} for step in (2, 4)]
    said = {"evaluations": evaluations, "steps": 4, "stopped": "finished", "draws": {"a": 2}, "seconds": 1}
    return {key: value for key, value in {**said, **changes}.items() if value is not None}


def scored(**scores) -> str:
    """A result with other scores at its last step; those that are None are left out."""
    last = {test: score for test, score in {**SCORES, **scores}.items() if score is not None}
    return json.dumps(result(evaluations=[{"step": 2, "scores": SCORES}, {"step": 4, "scores": last}]))


GOOD = json.dumps(result())
RESULTS = {  # text of result.json, the reason of the failure
    "nothing": ("", "`the whole`: Invalid JSON"),
    "torn": (GOOD[:-9], "`the whole`: Invalid JSON"),
    "two": (GOOD + GOOD, "`the whole`: Invalid JSON"),
    "a list": ("[]", "`the whole`"),
    "a word": ('"done"', "`the whole`"),
    "null": ("null", "`the whole`"),
    "nested deeply": ("[" * 100_000, "`the whole`"),
    "nested deeply inside": ('{"evaluations": ' + "[" * 100_000, "`the whole`"),
    "binary": (bytes(range(256)), "`the whole`"),
    "utf-16": (GOOD.encode("utf-16"), "`the whole`"),
    "half a surrogate": ('{"\\ud800": 1}', "`the whole`"),
    "a digit too many": ('{"steps": ' + "9" * 5000 + "}", "`"),
    "no scores": (json.dumps(result(evaluations=[])), "`evaluations` are those of steps []"),
    "scores of nothing": (json.dumps(result(evaluations={"2": SCORES})), "`evaluations`"),
    "a test too few": (scored(x=None), "test 'x' has no score at step 4"),
    "a test too many": (scored(z=0.5), "test 'z', scored at step 4, is none of the study's"),
    "a test of text": (scored(x="0.5"), "`evaluations.1.scores.x`"),
    "a test of yes": (scored(x=True), "`evaluations.1.scores.x`"),
    "nan": (scored(x=float("nan")), "`evaluations.1.scores.x`"),
    "infinite": (scored(x=float("-inf")), "`evaluations.1.scores.x`"),
    "beyond all floats": (scored(x=10**400), "`evaluations.1.scores.x`"),
    "above the range": (scored(x=1.001), "test 'x' scores 1.001 at step 4, outside [0, 1]"),
    "percent": (scored(x=42), "test 'x' scores 42 at step 4, outside [0, 1]"),
    "below the range": (scored(y=-1e-9), "test 'y' scores -1e-09 at step 4, outside [0, 1]"),
    "huge": (scored(a_test=1e300), "test 'a_test' scores 1e+300 at step 4"),
    "another trial": (json.dumps(result(trial=10**6)), "it is that of trial 1000000"),
    "another study": (json.dumps(result(study="shapes")), "it is that of study 'shapes', and study 'toy' was asked"),
    "a trial of text": (json.dumps(result(trial="0")), "`trial`"),
    "a study of no name": (json.dumps(result(study=3)), "`study`"),
    "no seconds": (json.dumps(result(seconds=None)), "`seconds`"),
    "less than no time": (json.dumps(result(seconds=-1)), "`seconds`"),
    "half a step": (json.dumps(result(steps=3.5)), "`steps`"),
    "stopped by boredom": (json.dumps(result(stopped="bored")), "`stopped`"),
    "draws of nobody": (json.dumps(result(draws={"d": 3})), "'d' in `draws`"),
    "half a draw": (json.dumps(result(draws={"a": 0.5})), "`draws.a`"),
    "a domain with a line break": (json.dumps(result(draws={"a\nb": -1})), "`draws.a b`"),
    "a test with a line break": (scored(**{"a\nb": 0.5}), "is none of the study's"),
}
EVENTS = {  # lines of events.jsonl beside a good result
    "events, no JSON": "started\n",
    "events, torn": '{"kind": "progress", "st',
    "events, a list": "[1, 2]\n",
    "events, a number": "7\n",
    "events, nested deeply": "[" * 100_000 + "\n",
    "events, a digit too many": '{"kind": "progress", "step": ' + "9" * 5000 + "}\n",
    "events, a step of text": '{"kind": "progress", "step": "two"}\n',
    "events, a step of nothing": '{"kind": "evaluation"}\n',
    "events, a step of a list": '{"kind": "resumed", "step": [2]}\n',
    "events, a step with a line break": '{"kind": "evaluation", "step": "2\\nof 4"}\n',
    "events, a step that is half a surrogate": '{"kind": "evaluation", "step": "\\ud800"}\n',
    "events, nan": '{"kind": "progress", "step": NaN, "reward": NaN}\n',
    "events, infinite": '{"kind": "resumed", "step": Infinity}\n',
    "events, a huge step": '{"kind": "resumed", "step": 1e308, "reward": -1e308}\n',
    "events, a kind of list": '{"kind": ["progress"], "step": 2}\n',
    "events, domains of text": '{"kind": "progress", "step": 2, "domains": "a"}\n',
    "events, domains of numbers": '{"kind": "progress", "step": 2, "domains": {"a": 3, "b": {"drawn": "4"}}}\n',
    "events, fewer than no draws": '{"kind": "progress", "step": 2, "domains": {"a": {"drawn": -3}}}\n',
    "events, binary": bytes(range(256)),
    "events, markup": '{"kind": "evaluation", "step": "[bold"}\n',
}


def link_to(folder: Path, target: str, name: str = "result.json") -> None:
    (folder / name).symlink_to(target)


OUTSIDE = "a link leads out of the trial's folder"
FILES = {  # what the trainer does in its folder, the reason of the failure
    "a folder": (lambda folder: (folder / "result.json").mkdir(), "it is no plain file"),
    "a pipe": (lambda folder: os.mkfifo(folder / "result.json"), "it is no plain file"),
    "a device": (lambda folder: link_to(folder, "/dev/zero"), OUTSIDE),
    "a link out": (lambda folder: link_to(folder, "../../good.json"), OUTSIDE),
    "a link to nowhere": (lambda folder: link_to(folder, "nowhere"), "wrote no result.json"),
    "a link to itself": (lambda folder: link_to(folder, "result.json"), "wrote no result.json"),
}
FINE = {  # what is in order
    "a link inside": lambda folder: ((folder / "own.json").write_text(GOOD), link_to(folder, "own.json")),
    "events that are a pipe": lambda folder: (os.mkfifo(folder / "events.jsonl"), write(folder, GOOD)),
    "events that are a link out": lambda folder: (link_to(folder, "/dev/zero", "events.jsonl"), write(folder, GOOD)),
    "events that are a folder": lambda folder: ((folder / "events.jsonl").mkdir(), write(folder, GOOD)),
}
FAILING = [*RESULTS, *FILES]
CASES = [*FINE, *EVENTS, *RESULTS, *FILES]  # a trainer that has never worked would end the study


def write(folder: Path, content: str | bytes, name: str = "result.json") -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


TRAINER = """
import json, os, sys
path = sys.argv[1]
with open(path) as file:
    case = round(1000 * json.load(file)["weights"]["a"])
os.execvp("cp", ["cp", "-a", f"{sys.argv[2]}/{case}/.", os.path.dirname(path)])
"""


def prepare(folder: Path, case: str) -> None:
    """Put into a folder what the trainer of a case leaves in its own."""
    folder.mkdir(parents=True)
    if case in RESULTS:
        write(folder, RESULTS[case][0])
    elif case in EVENTS:
        write(folder, EVENTS[case], "events.jsonl")
        write(folder, GOOD)
    else:
        (FILES[case][0] if case in FILES else FINE[case])(folder)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The study, with what became of all cases."""
    folder = tmp_path_factory.mktemp("results")
    for i, case in enumerate(CASES):
        prepare(folder / "cases" / str(i), case)
    own = [{"name": f"case-{i}", "weights": {"a": i / 1000, "b": 1 - i / 1000, "c": 0}} for i in range(len(CASES))]
    argv = [sys.executable, "-I", "-S", "-c", TRAINER, "{request}", str(folder / "cases")]
    made = Study.create(toy_file(folder, strategy=[{"seed": own}], backend={"command": {"argv": argv}}), folder / "toy")
    write(made.folder.path, GOOD, "good.json")
    with pytest.MonkeyPatch.context() as patch:
        assert exit_code(patch, "study", "resume", "toy", "--slots", "8", "--folder", made.folder.path) == 1
    return made


def trials_of(study: Study, case: str) -> list:
    return [trial for trial in study.trials() if trial.user_attrs["label"] == f"case-{CASES.index(case)}"]


@pytest.mark.parametrize("case", FAILING)
def test_a_spoilt_result_fails_its_trial(study, case):
    reason = (RESULTS.get(case) or FILES[case])[1]
    trials = trials_of(study, case)
    assert [trial.state for trial in trials] == [TrialState.FAIL] * 2, "its mixture is tried twice"
    for trial in trials:
        said = trial.user_attrs["reason"]
        assert reason in said and len(said.splitlines()) == 1 and len(said) < 300


@pytest.mark.parametrize("case", [*EVENTS, *FINE])
def test_what_harms_nobody(study, case):
    assert [trial.state for trial in trials_of(study, case)] == [TrialState.COMPLETE]
