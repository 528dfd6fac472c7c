"""Small studies over the toy trainer (toy_trainer.py): real processes and files, a fraction of a second a trial."""

import sys
from pathlib import Path

import yaml
from optuna.trial import TrialState

from mixopt.study.study import Study
from mixopt.trainers.contract import Evaluation, Result

TRAINER = Path(__file__).with_name("toy_trainer.py")
SEEDS = [{"seed": ["single", "exclude_one", "all"]}]  # a strategy of seven trials
DONE = 4  # finished trials of `finished_study`


def toy_backend(**options) -> dict:
    """The toy trainer, with options."""
    return {"command": {"argv": [sys.executable, str(TRAINER)], "options": options}}


def toy_data(**changes) -> dict:
    """A study file as data; keyword arguments replace its top-level keys."""
    data = {
        "study": "toy",
        "domains": {"a": {"size": 100}, "b": {"size": 200}, "c": {"size": 300}},
        "tests": {"in": {"a_test": 30}, "out": {"x": 10, "y": 30}},
        "score": {"maximize": "out_score", "steps": [2, 4]},
        "strategy": [
            {"seed": ["single", "exclude_one", "all"]},
            {"heuristic": ["alpha_out", "collinearity", "leave_one_out"]},
            {"quadratic": {"trials": 2, "search": "gaussian"}},
            {"bayes": {"trials": 2}},
        ],
        "backend": {"command": {"argv": [sys.executable, str(TRAINER)]}},
    }
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def toy_file(folder: Path, **changes) -> Path:
    """The study file on disk."""
    path = folder / "toy.yaml"
    path.write_text(yaml.safe_dump(toy_data(**changes), sort_keys=False))
    return path


def slow_study(folder: Path, seconds: float = 0.4, **changes) -> Study:
    """Seven seed trials that each sleep before an evaluation; keyword arguments as for `toy_file`."""
    return Study.create(toy_file(folder, **{"strategy": SEEDS, "backend": toy_backend(sleep=seconds), **changes}))


def bare_study(folder: Path, **changes) -> Study:
    """A study without a backend or sizes, whose trials are told by hand."""
    domains = {"a": {}, "b": {}, "c": {}}
    data = toy_data(**{"backend": None, "domains": domains, "score": {"steps": [4]}, **changes})
    folder.mkdir(exist_ok=True)
    (folder / "bare.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    return Study.create(folder / "bare.yaml", folder / "study")


def tell_trials(study: Study, trials: int, best: str = "c", slope: float = 0.5, base: float = 0.2) -> None:
    """Ask and tell trials at once, without training: their score follows the weight of the domain `best`."""
    for _ in range(trials):
        asked = study.ask(study.sampler())
        value = base + slope * asked.request.weights[best]
        evaluations = tuple(
            Evaluation(step=step, scores=dict.fromkeys(study.spec.tests.sizes, value)) for step in asked.request.steps
        )
        draws = {name: 1 for name in study.space.domains}
        study.tell(asked.number, Result(evaluations=evaluations, steps=4, stopped="finished", draws=draws, seconds=1.0))


def finished_study(folder: Path, **changes) -> Study:
    """The toy study in `folder`, with DONE finished trials that no trainer had to train; keywords as for `toy_file`."""
    study = Study.create(toy_file(folder, **changes))
    tell_trials(study, DONE, best="b", base=0.0)
    return study


def finished(folder: Path | None = None) -> int:
    """How many finished trials the toy study has."""
    return len(Study.open("toy", folder).trials(TrialState.COMPLETE))
