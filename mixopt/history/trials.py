"""Read one Optuna trial of a study: its weights, its scores by step, and whether it is active."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from mixopt.history.keys import CLAIM, EVALUATIONS, TEST
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

ENQUEUED, ENQUEUED_STRATEGY = "enqueued", "seed"  # label and strategy of a trial that no sampler proposed
ACTIVE = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)  # finished, ended early, or running


def recorded(trial: FrozenTrial, space: MixtureSpace) -> bool:
    """Return whether all weights of a trial are recorded as its parameters."""
    return all(name in trial.params for name in space.domains)


def weights_of(trial: FrozenTrial, space: MixtureSpace) -> FloatArray | None:
    """Return a trial's weights (m,): its parameters, else those that it has claimed; None if it has neither."""
    if recorded(trial, space):
        return np.array([trial.params[name] for name in space.domains])
    claim = trial.user_attrs.get(CLAIM)
    return np.array(claim) if claim is not None and len(claim) == space.m else None


def evaluations_of(trial: FrozenTrial) -> dict[int, dict[str, float]]:
    """Return step -> test -> score; {} if the trial was told without, or if other software uses the attribute."""
    try:
        return {evaluation["step"]: evaluation["scores"] for evaluation in trial.user_attrs.get(EVALUATIONS) or ()}
    except (TypeError, KeyError):
        return {}


def scores_at_end(trial: FrozenTrial) -> dict[str, float]:
    """Return test -> score at the last step, for the tests that the trial was told."""
    scores = {key.removeprefix(TEST): score for key, score in trial.user_attrs.items() if key.startswith(TEST)}
    return {test: score for test, score in scores.items() if isinstance(score, (int, float))}


def used_scores(trial: FrozenTrial, tests: Sequence[str], use: str) -> list[float]:
    """Return the scores of some tests that count, as `used_score` does."""
    by_step, at_end = evaluations_of(trial), scores_at_end(trial)
    return [used_score(by_step, at_end, test, use) for test in tests]


def used_score(by_step: Mapping[int, Mapping[str, float]], at_end: Mapping[str, float], test: str, use: str) -> float:
    """Return the score of a test that counts: of the last step, or the mean over all steps; NaN if it is not known.

    Args:
        by_step: step -> test -> score; {} if that is not known.
        at_end: test -> score at the last step.
        test: its name.
        use: "last" or "mean".
    """
    steps = [max(by_step)] if by_step and use == "last" else list(by_step)
    if steps and all(test in by_step[step] for step in steps):
        return sum(by_step[step][test] for step in steps) / len(steps)
    return at_end.get(test, math.nan) if use == "last" else math.nan
