"""A small study over the toy trainer (toy_trainer.py): real processes and files, a fraction of a second a trial."""

import sys
from pathlib import Path

import yaml

TRAINER = Path(__file__).with_name("toy_trainer.py")


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
