"""Read one Optuna trial of a study: its weights, its scores by step, and whether it is active."""

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
