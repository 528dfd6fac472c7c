"""Make `Runs` of finished Optuna trials, and warn of trials that models cannot learn from and of outliers."""

import warnings
from collections.abc import Sequence

import numpy as np
from optuna.trial import FrozenTrial

from mixopt.history.keys import IN_SCORE, LABEL, OUT_SCORE, STRATEGY
from mixopt.history.outliers import far_above, far_below
from mixopt.history.runs import LARGEST, Runs
from mixopt.history.trials import ENQUEUED, ENQUEUED_STRATEGY, evaluations_of, scores_at_end, weights_of
from mixopt.space.mixture_space import SUM_TOLERANCE, MixtureSpace
from mixopt.typing import FloatArray

WORSE = (
    "far worse than all others: models take it for a little worse than the worst of these; if it is no result of its "
    "mixture, `mixopt study forget` leaves it out"
)
BETTER = (
    "far better than all others, and models believe it; if it is mistyped, `mixopt study tell --replace` corrects it"
)


def is_usable(trial: FrozenTrial, space: MixtureSpace) -> bool:
    """Return whether models can learn from a finished trial with weights.

    A warning says why if they cannot. It comes again each time, since Optuna keeps the trial for good.
    """
    weights = weights_of(trial, space)
    assert weights is not None
    if not np.isfinite(trial.values).all():
        problem = "its value is not finite"
    elif too_large := [value for value in trial.values if abs(value) > LARGEST]:
        problem = f"its value {too_large[0]:g} is no score, which are at most {LARGEST:g}"
    elif (weights < 0).any() or abs(weights.sum() - 1) > SUM_TOLERANCE:
        problem = "its weights are no mixture"
    else:
        return True
    warnings.warn(f"trial {trial.number} is left out: {problem}", stacklevel=3)
    return False


def runs_of(trials: Sequence[FrozenTrial], space: MixtureSpace, signs: Sequence[float]) -> Runs:
    """Return usable finished trials as arrays; a warning names those with values far from all others.

    Args:
        trials: each of them passes `is_usable`.
        space: the mixtures of the study.
        signs: one per objective; -1 where the study minimises it.
    """
    values = np.array([t.values for t in trials], dtype=float).reshape(-1, len(signs)) * signs
    _warn_of_outliers(trials, values)

    def column(scores: list[float]) -> FloatArray:
        return np.array(scores, dtype=float)

    return Runs(
        space=space,
        weights=np.array([weights_of(t, space) for t in trials]).reshape(-1, space.m),
        values=values[:, 0] if len(signs) == 1 else values,
        in_scores=column([t.user_attrs.get(IN_SCORE, np.nan) for t in trials]),
        out_scores=column([t.user_attrs.get(OUT_SCORE, np.nan) for t in trials]),
        numbers=np.array([t.number for t in trials], dtype=int),
        strategies=tuple(t.user_attrs.get(STRATEGY, ENQUEUED_STRATEGY) for t in trials),
        labels=tuple(t.user_attrs.get(LABEL, ENQUEUED) for t in trials),
        evaluations=tuple(evaluations_of(t) for t in trials),
        at_end=tuple(scores_at_end(t) for t in trials),
    )


def _warn_of_outliers(trials: Sequence[FrozenTrial], values: FloatArray) -> None:
    """Warn of values (n, k) that outliers.py finds."""
    for objective, column in enumerate(values.T):
        for far, what in ((far_below(column), WORSE), (far_above(column), BETTER)):
            for i in np.flatnonzero(far).tolist():
                trial = trials[i]
                name = f"trial {trial.number} ({trial.user_attrs.get(LABEL, ENQUEUED)})"
                warnings.warn(f"{name} has {trial.values[objective]:g}, {what}", stacklevel=4)
