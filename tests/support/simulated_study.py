"""A study with many finished trials, made in a second: nothing is trained, all trials are added at once."""

from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from mixopt.designs import seed_design
from mixopt.study.study import Study
from mixopt.typing import FloatArray
from tests.support.synthetic_objectives import Quadratic
from tests.support.toy_study import toy_file

NOISE = 0.01


def simulated_study(
    folder: Path, *, domains: int, trials: int, draws: bool = True, prefix: str = "domain_", **changes: Any
) -> Study:
    """A study whose tests score concave quadratics of the weights, with noise.

    Its trials are a seed design (single, exclude-one, all), then heuristic mixtures, then model-based ones.

    Args:
        folder: In which the study file and the study's folder are made.
        domains: How many.
        trials: How many.
        draws: Whether trials record their draws.
        prefix: Start of the names of the domains.
        **changes: Replace top-level keys of the toy study's file.
    """
    names = {f"{prefix}{i}": {"size": 1000} for i in range(domains)}
    tests = {"in": {f"in_{i}": 100 for i in range(3)}, "out": {f"out_{i}": 50 * (i + 1) for i in range(4)}}
    study = Study.create(toy_file(folder, domains=names, tests=tests, **changes), folder / "study")
    rng = np.random.default_rng(0)
    seeds = seed_design(study.space, ["single", "exclude_one", "all"])
    mixtures = [("seed", label, weights) for label, weights in zip(seeds.labels, seeds.weights)]
    mixtures += [("heuristic", f"alpha_{i}", study.space.sample(1, rng)[0]) for i in range(trials // 10)]
    mixtures += [("model-based", "bayes", weights) for weights in study.space.sample(trials, rng)]
    objectives = {test: Quadratic.random(domains, seed) for seed, test in enumerate(study.spec.tests.sizes)}
    study.optuna.add_trials(
        [_finished_trial(study, objectives, rng, *mixture, draws=draws) for mixture in mixtures[:trials]],
    )
    return study


def _finished_trial(
    study: Study,
    objectives: dict[str, Quadratic],
    rng: np.random.Generator,
    strategy: str,
    label: str,
    weights: FloatArray,
    *,
    draws: bool,
) -> optuna.trial.FrozenTrial:
    scores = {test: float(f(weights[None])[0] + rng.normal(0, NOISE)) for test, f in objectives.items()}
    last = study.spec.score.steps[-1]
    evaluations = [{"step": step, "scores": scores, "carried": False} for step in study.spec.score.steps]
    aggregate = study.scoring.aggregate({last: scores})
    return optuna.trial.create_trial(
        state=TrialState.COMPLETE,
        params=study.space.as_dict(weights),
        distributions={name: FloatDistribution(0, 1) for name in study.space.domains},
        values=list(study.scoring.values({last: scores})),
        user_attrs={
            "strategy": strategy,
            "label": label,
            **aggregate,
            **{f"test:{test}": score for test, score in scores.items()},
            "evaluations": evaluations,
            "steps": last,
            "stopped": "finished",
            "exhausted": [],
            "draws": {name: round(640 * w) for name, w in study.space.as_dict(weights).items()} if draws else {},
            "seconds": 40 + float(rng.gamma(2, 10)),
        },
    )
