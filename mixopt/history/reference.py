"""References: what the worst test of a run is measured against, known or not, and the values of trials by it.

A study with such an objective has the user attribute WORST. Optuna keeps the smallest score of each trial, and
`with_gains` makes the smallest gain over the reference of it. The reference is the base model's scores, or the mean
scores of all runs of uniform weights that count.
"""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from mixopt.history.goals import BASE, UNIFORM, Worst
from mixopt.history.keys import BASE as BASE_SCORES, WORST
from mixopt.history.scores import Scoring
from mixopt.history.trials import used_scores, weights_of
from mixopt.space.mixture_space import MixtureSpace

NEAR = 1e-6  # largest difference of a weight of a run of uniform weights


def worst_attribute(scoring: Scoring) -> dict[str, Any] | None:
    """Return what a study notes about its objectives that need a reference; None if none does.

    It has `use` as in Scoring, and `goals`: one for each objective, None or `against` and `tests`.
    """
    goals = [
        {"against": goal.against, "tests": list(goal.tests)} if isinstance(goal, Worst) else None
        for goal in scoring.objectives
    ]
    return {"use": scoring.use, "goals": goals} if any(goals) else None


def references(
    trials: Sequence[FrozenTrial], attributes: Mapping[str, Any], space: MixtureSpace
) -> dict[str, dict[str, float]]:
    """Return base and uniform -> test -> score, as far as they are known.

    Args:
        trials: those that count.
        attributes: the study's user attributes.
        space: its mixtures.
    """
    noted = attributes.get(WORST)
    if not noted:
        return {}
    tests = list(dict.fromkeys(test for goal in noted["goals"] if goal for test in goal["tests"]))
    uniform, rows = space.uniform(), []
    for trial in trials:
        weights = weights_of(trial, space)
        if trial.state == TrialState.COMPLETE and weights is not None and np.abs(weights - uniform).max() <= NEAR:
            rows.append(used_scores(trial, tests, noted["use"]))
    known = {BASE: dict(attributes.get(BASE_SCORES) or {}), UNIFORM: {}}
    for test, column in zip(tests, zip(*rows)):
        if found := [score for score in column if math.isfinite(score)]:
            known[UNIFORM][test] = math.fsum(found) / len(found)
    return known


def unknown_reference(attributes: Mapping[str, Any], known: Mapping[str, Mapping[str, float]]) -> str:
    """Say which reference of an objective is not known yet, and what makes it known; "" if all are."""
    for goal in filter(None, (attributes.get(WORST) or {}).get("goals", ())):
        missing = [test for test in goal["tests"] if test not in known[goal["against"]]]
        if missing and goal["against"] == BASE:
            return (
                f"the worst test is measured against the base model, whose score of {', '.join(missing)} is not known "
                f"yet: `mixopt study base NAME --score {missing[0]}=SCORE` tells it"
            )
        if missing:
            return (
                f"the worst test is measured against uniform weights, of which no run has a score of "
                f"{', '.join(missing)} yet: train them (seed design `all`)"
            )
    return ""


def with_gains(
    trials: Sequence[FrozenTrial], attributes: Mapping[str, Any], known: Mapping[str, Mapping[str, float]]
) -> list[FrozenTrial]:
    """Return the trials with gains over the references as values, where an objective is one; NaN where unknown."""
    noted = attributes.get(WORST)
    if not noted:
        return list(trials)
    return [_with_gain(t, noted, known) if t.state == TrialState.COMPLETE else t for t in trials]


def _with_gain(trial: FrozenTrial, noted: Mapping[str, Any], known: Mapping[str, Mapping[str, float]]) -> FrozenTrial:
    values = list(trial.values)
    for place, goal in enumerate(noted["goals"]):
        if goal:
            scores = used_scores(trial, goal["tests"], noted["use"])
            reference = [known[goal["against"]].get(test, math.nan) for test in goal["tests"]]
            values[place] = float(np.min(np.array(scores) - reference))
    changed = copy.copy(trial)
    changed.values = values
    return changed
