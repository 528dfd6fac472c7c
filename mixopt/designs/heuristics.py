"""Heuristics: weights straight from the scores of the seed runs (PAPER.md, Algorithms 1 to 3).

Each is a pure function of seed runs alone, which the caller selects (`even_runs`); heuristic_options.py has the choices
that the paper makes beside the algorithm: which scores, and which domains are left out.
What a run trained on is read off its weights (above the lower bound). The weights returned are on the simplex, not
necessarily on the space: the caller projects them. A zero range or a zero sum gives equal weights and a warning, which
calls the heuristic by `label`.
"""

import warnings
from collections.abc import Callable, Collection, Sequence
from functools import partial

import numpy as np

from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.typing import BoolArray, FloatArray

ALPHAS = {"alpha_in": 1.0, "alpha_out": 0.0, "alpha_balanced": 0.5}  # A_in, A_out and A_bal


def even_runs(runs: Runs) -> Runs:
    """The runs that trained on some domains as evenly as the space allows: what the heuristics are defined on.

    Seed runs that fill the space are not among them, nor are those that a constraint has moved to other domains.
    """
    members = runs.membership()
    shares = members / np.maximum(members.sum(axis=1, keepdims=True), 1)
    even = np.abs(runs.weights - runs.space.project(shares)).max(axis=1, initial=0) <= 1e-6
    return runs.select(even & members.any(axis=1))


def alpha(runs: Runs, alpha: float, alpha_single: float = 1.0, *, label: str = "") -> FloatArray:
    """Algorithm 1: a domain counts for the scores of the runs that trained on it.

    Departs from the paper by means where it has sums: the same on its design, where every domain is in as many runs,
    and right where seed runs have failed or were trimmed.

    Args:
        alpha: share of the in-scores against the out-scores; 1, 0 and 0.5 are A_in, A_out and A_bal.
        alpha_single: how much a run on a single domain counts (open in the paper).

    Returns: (m,) weights; at alpha 0 and 1 the worst domain gets exactly 0.
    Raises StrategyError where a domain is in no run or in all, or a score that alpha needs is unknown.
    """
    members, domains = runs.membership(), runs.space.domains
    counts = np.where(members.sum(axis=1) == 1, alpha_single, 1.0)  # c_r
    counted = members.T @ counts > 0
    _need_every_domain(domains, np.asarray(counted & ~members.all(axis=0)), "no seed runs with and without {}")
    blend = np.zeros(runs.space.m)
    label = label or next((name for name, share in ALPHAS.items() if share == alpha), f"alpha {alpha:g}")
    for part, side in ((alpha, "in"), (1 - alpha, "out")):
        if part > 0:
            means = members.T @ (counts * _known(runs, side)) / (members.T @ counts)  # S_i over {r: i in D_r}
            if _flat(means):
                return _equal(len(blend), label, f"the {side}-scores single out no domain")
            blend += part * _min_max(means)  # C = alpha S_in + (1 - alpha) S_out
    return _normalised(label, blend)


def collinearity(runs: Runs, ridge: float = 1e-3, *, label: str = "collinearity") -> FloatArray:
    """Algorithm 2: ridge coefficients of the out-score on membership over their variance inflation.

    beta = (X'X + ridge I)^-1 X'y without intercept, "VIF" = diag((X'X + ridge I)^-1), w proportional to
    max(0, beta / VIF). This VIF is the paper's, not the textbook's, and constant on the full seed design.

    Returns: (m,) weights.
    Raises StrategyError where a domain is in no run or in all, or an out-score is unknown.
    """
    members, domains = runs.membership(), runs.space.domains
    _need_every_domain(
        domains, np.asarray(members.any(axis=0) & ~members.all(axis=0)), "no seed runs with and without {}"
    )
    x = members.astype(float)
    inverse = np.linalg.inv(x.T @ x + ridge * np.eye(runs.space.m))
    beta = inverse @ x.T @ _known(runs, "out")
    return _normalised(label, np.maximum(0, beta / np.diag(inverse)))


def leave_one_out(runs: Runs, without: Collection[str] = (), *, label: str = "leave_one_out") -> FloatArray:
    """Algorithm 3: a domain counts for more the lower the out-score of the run that excludes it.

    h_i is the min-max of s_i, the mean out-score of the runs on all but i; w_i goes with 0.2 - 0.1 h_i.

    Args:
        without: domains that are left out: i runs over the others, and they get 0. The runs are those on all domains
            but i all the same, for the paper's design has none on all but two.

    Returns: (m,) weights. Raises StrategyError where no run is on all but i, or its out-score is unknown.
    """
    kept = np.array([name not in without for name in runs.space.domains])
    members = runs.membership()
    used = (members.sum(axis=1) == runs.space.m - 1) & ~members[:, kept].all(axis=1)
    excludes = ~members[used][:, kept]  # (runs, domains that are kept), one domain a run
    names = [name for name, stays in zip(runs.space.domains, kept) if stays]
    _need_every_domain(names, excludes.any(axis=0), "no seed run trains on all domains but {}")
    s = excludes.T @ _known(runs.select(used), "out") / excludes.sum(axis=0)
    weights = np.zeros(runs.space.m)
    if _flat(s):
        weights[kept] = _equal(len(s), label, "the out-scores of the exclude-one runs are all the same")
    else:
        weights[kept] = _normalised(label, 0.2 - 0.1 * _min_max(s))
    return weights


HEURISTICS: dict[str, Callable[..., FloatArray]] = {
    **{name: partial(alpha, alpha=share) for name, share in ALPHAS.items()},
    "collinearity": collinearity,
    "leave_one_out": leave_one_out,
}


def _flat(scores: FloatArray) -> bool:
    """Whether the range is zero, up to the rounding of sums."""
    return bool(np.ptp(scores) <= 1e-12 * np.abs(scores).max())


def _min_max(scores: FloatArray) -> FloatArray:
    return (scores - scores.min()) / np.ptp(scores)


def _normalised(label: str, shares: FloatArray) -> FloatArray:
    return shares / shares.sum() if shares.sum() > 0 else _equal(len(shares), label, "no domain has a positive share")


def _equal(count: int, label: str, reason: str) -> FloatArray:
    warnings.warn(f"heuristic {label} falls back to equal weights: {reason}", stacklevel=3)
    return np.full(count, 1 / count)


def _need_every_domain(domains: Sequence[str], there: BoolArray, reason: str) -> None:
    missing = [name for name, has in zip(domains, there) if not has]
    if missing:
        raise StrategyError(f"{reason.format(', '.join(missing))}: add those seed runs, or leave the domain out")


def _known(runs: Runs, side: str) -> FloatArray:
    """The in- or the out-scores (r,), all known."""
    scores = runs.in_scores if side == "in" else runs.out_scores
    if np.isnan(scores).any():
        unknown = runs.numbers[np.isnan(scores)][0]
        raise StrategyError(f"run {unknown} has no known {side}-score: evaluate it or drop it")
    return scores
