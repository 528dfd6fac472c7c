"""What the tests of bad input share: a study with finished trials, and the command line, in this process."""

import sys
from pathlib import Path

import pytest
from optuna.trial import TrialState

from mixopt.cli.app import main
from mixopt.study.study import Study
from mixopt.trainers.contract import Result
from tests.support.toy import toy_file

DONE = 4


def finished_study(folder: Path, **changes) -> Study:
    """The toy study in `folder`, with DONE finished trials that no trainer had to train; keywords as for `toy_file`."""
    study = Study.create(toy_file(folder, **changes))
    sampler = study.sampler()
    for _ in range(DONE):
        asked = study.ask(sampler)
        scores = {test: asked.request.weights["b"] / 2 for test in asked.request.tests}
        evaluations = [{"step": step, "scores": scores} for step in asked.request.steps]
        said = {"evaluations": evaluations, "steps": 4, "stopped": "finished", "draws": {}, "seconds": 1}
        study.tell(asked.number, Result.model_validate(said | {"evaluations": tuple(evaluations)}))
    return study


def finished(folder: Path | None = None) -> int:
    """How many finished trials the toy study has."""
    return len(Study.open("toy", folder).trials(TrialState.COMPLETE))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The exit code of `mixopt ARGUMENTS`."""
    monkeypatch.setattr(sys, "argv", ["mixopt", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def refusal(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    """What `mixopt ARGUMENTS` says on stderr, which must be one line that starts with `error: `, and exit code 2."""
    capfd.readouterr()
    code = run(monkeypatch, *arguments)
    said = capfd.readouterr().err
    assert code == 2, said
    assert said.startswith("error: ") and said.endswith("\n"), said
    assert len(said.splitlines()) == 1 and "Traceback" not in said, said
    return said.removeprefix("error: ").rstrip("\n")
