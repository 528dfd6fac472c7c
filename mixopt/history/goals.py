"""Goals: what a study maximises, computed from the scores of a run: a mean of scores, or the worst test.

    mean     sum_t a_t s_t / sum_t a_t
    worst    min_t (s_t - r_t)

s_t is the score of test t and a_t its weight. r_t is the reference: the score of the base model, or the mean score of
the study's runs of uniform weights. It may be known only after other runs have ended, so Optuna keeps min_t s_t, and
mixopt subtracts the reference whenever it reads a study (reference.py).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixopt.errors import ScoresError, did_you_mean
from mixopt.history.keys import IN_SCORE, OUT_SCORE

BLEND, WEIGHTS, WORST = "blend", "weights", "worst"
BASE, UNIFORM = "base", "uniform"
CANNOT, NO_WEIGHT, NO_WORST = "cannot maximize", "maximize.weights has no test", "maximize.worst.tests has no test"
KINDS = {CANNOT: "scores", NO_WEIGHT: "tests", NO_WORST: "tests"}
NAMED = 3  # tests that the name of a weighted mean lists

Goal = str | Mapping[str, Any]  # as in a study file: "out_score", a test, {"blend": 0.5}, {"weights": {"math": 2}}, ...


@dataclass(frozen=True)
class Mean:
    """A weighted mean of scores.

    Attributes:
        name: of the objective.
        shares: score -> share of it; they sum to 1.
    """

    name: str
    shares: Mapping[str, float]

    @property
    def needed(self) -> tuple[str, ...]:
        """The scores that it is computed from."""
        return tuple(self.shares)

    def value(self, scores: Mapping[str, float]) -> float:
        """Return the value of a run with these scores."""
        return math.fsum(share * scores[name] for name, share in self.shares.items())


@dataclass(frozen=True)
class Worst:
    """The smallest score of several tests, or their smallest gain over a reference.

    Attributes:
        name: of the objective.
        tests: two or more.
        against: base or uniform.
    """

    name: str
    tests: tuple[str, ...]
    against: str

    @property
    def needed(self) -> tuple[str, ...]:
        """The tests that it is computed from."""
        return self.tests

    def value(self, scores: Mapping[str, float], reference: Mapping[str, float] | None = None) -> float:
        """Return the smallest gain of a run with these scores over a reference, test -> score; without one over 0."""
        return min(scores[test] - (reference[test] if reference else 0.0) for test in self.tests)


def objective_of(goal: Goal, available: Sequence[str], tests: Sequence[str]) -> Mean | Worst:
    """Read what a study maximises.

    Args:
        goal: as in a study file.
        available: the scores that can be maximised: in_score and out_score if they have tests, and every test.
        tests: every test.

    Raises:
        ScoresError: it is none, or names a score that the study does not have.
    """
    if goal == WORST and WORST not in available:
        goal = {WORST: {}}
    if isinstance(goal, str):
        _check([goal], available, CANNOT)
        return Mean(goal, {goal: 1.0})
    [(kind, said), *others] = goal.items() or [("", None)]
    if others or kind not in (BLEND, WEIGHTS, WORST):
        raise ScoresError(
            f"maximize is {dict(goal)}: a blend is {{'blend': alpha}}, a weighted mean {{'weights': {{TEST: 2}}}}, the "
            "worst test {'worst': {'against': 'base' or 'uniform'}}"
        )
    if kind == BLEND:
        return _blend(said, available)
    return _weighted(said, tests) if kind == WEIGHTS else _worst(said, tests)


def _blend(alpha: Any, available: Sequence[str]) -> Mean:
    if not _is_number(alpha) or not 0 <= alpha <= 1:
        raise ScoresError(f"maximize is {{'blend': {alpha}}}: a blend is {{'blend': alpha}}, alpha in [0, 1]")
    shares = {name: share for name, share in ((IN_SCORE, alpha), (OUT_SCORE, 1 - alpha)) if share}
    for name in shares:
        _check([name], available, CANNOT)
    return Mean(f"{BLEND} {alpha:g}", shares)


def _weighted(weights: Any, tests: Sequence[str]) -> Mean:
    if not isinstance(weights, Mapping) or not weights:
        raise ScoresError(f"maximize is {{'weights': {weights}}}: give a weight for each test, such as {{math: 2}}")
    _check(list(weights), tests, NO_WEIGHT)
    for test, weight in weights.items():
        if not _is_number(weight) or not weight > 0:
            raise ScoresError(
                f"maximize.weights: {test!r} has weight {weight}: give a positive number, or leave it out"
            )
    total, parts = math.fsum(weights.values()), [f"{test} {weight:g}" for test, weight in weights.items()]
    more = [f"{len(parts) - NAMED} more"] if len(parts) > NAMED else []
    return Mean(f"{WEIGHTS} {', '.join(parts[:NAMED] + more)}", {t: weight / total for t, weight in weights.items()})


def _worst(said: Any, tests: Sequence[str]) -> Worst:
    if (
        not isinstance(said, Mapping)
        or set(said) - {"against", "tests"}
        or said.get("against", BASE) not in (BASE, UNIFORM)
    ):
        raise ScoresError(f"maximize is {{'worst': {said}}}: its keys are against (base or uniform) and tests (a list)")
    named = tuple(said.get("tests") or tests)
    _check(named, tests, NO_WORST)
    if len(set(named)) < 2:
        raise ScoresError(
            f"maximize.worst: needs two tests or more, and has {', '.join(named)}: maximize it by its name"
        )
    against = said.get("against", UNIFORM)
    of = f" of {', '.join(named)}" if len(named) < len(tests) else ""
    return Worst(f"{WORST}{of} against {against}", tuple(dict.fromkeys(named)), against)


def _check(names: Sequence[str], known: Sequence[str], what: str) -> None:
    """Raise ScoresError if a name is not among those that are known."""
    for name in names:
        if name not in known:
            close = did_you_mean(name, known)
            raise ScoresError(f"{what} {name!r}: the study's {KINDS[what]} are {', '.join(known)}{close}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
