"""Heuristics: weights directly from the scores of the seed runs (Algorithms 1 to 3 of the paper, docs/paper.md).

Each is a pure function of seed runs, which the caller selects (`even_runs`). heuristic_options.py has the choices that
the paper makes beside the algorithm: which scores, and which domains are left out.

A run trained on the domains whose weights are above their lower bounds. The weights returned are on the simplex, but
not always in the space: the caller projects them. Where the range or the sum of the scores is zero, the weights are
equal, with a warning that calls the heuristic by `label`.

References:
    MoDoMoDo, arXiv:2505.24871.
"""

import warnings
from collections.abc import Callable, Collection, Sequence
from functools import partial

import numpy as np

from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.typing import BoolArray, FloatArray

ALPHAS = {"alpha_in": 1.0, "alpha_out": 0.0, "alpha_balanced": 0.5}  # the paper's A_in, A_out and A_bal


def even_runs(runs: Runs) -> Runs:
    """Select the runs that the heuristics are defined on: those on some domains, as evenly as the space allows.

    Runs of a space-filling design are not among them, nor are those that a constraint has moved to other domains.
    """
    members = runs.membership()
    shares = members / np.maximum(members.sum(axis=1, keepdims=True), 1)
    even = np.abs(runs.weights - runs.space.project(shares)).max(axis=1, initial=0) <= 1e-6
    return runs.select(even & members.any(axis=1))


def alpha(runs: Runs, alpha: float, alpha_single: float = 1.0, *, label: str = "") -> FloatArray:
    """Algorithm 1: weight a domain by the scores of the runs that trained on it.

    It takes means where the paper has sums. That is the same on the paper's design, where every domain is in equally
    many runs, and still right where seed runs have failed or were trimmed.

    Args:
        runs: seed runs, see `even_runs`.
        alpha: share of the in-scores against the out-scores; 1, 0 and 0.5 are A_in, A_out and A_bal.
        alpha_single: weight of a run on a single domain (the paper does not say which).
        label: what a warning calls the heuristic.

    Returns:
        Weights (m,); at alpha 0 and 1 the worst domain gets exactly 0.

    Raises:
        StrategyError: a domain is in no run or in all, or a score that alpha needs is unknown.
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
    """Algorithm 2: weight a domain by its ridge coefficient for the out-score, divided by its variance inflation.

    beta = (X'X + ridge I)^-1 X'y without intercept, with X the membership of domains in runs, "VIF" =
    diag((X'X + ridge I)^-1), and w proportional to max(0, beta / VIF). This VIF is the paper's, not the textbook's; it
    is constant on the full seed design.

    Args:
        runs: seed runs, see `even_runs`.
        ridge: penalty on the coefficients.
        label: what a warning calls the heuristic.

    Returns:
        Weights (m,).

    Raises:
        StrategyError: a domain is in no run or in all, or an out-score is unknown.
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
    """Algorithm 3: weight a domain more, the lower the out-score of the run that excludes it.

    With s_i the mean out-score of the runs on all domains but i, and h_i its min-max scaling to [0, 1], w_i is
    proportional to 0.2 - 0.1 h_i.

    Args:
        runs: seed runs, see `even_runs`.
        without: domains that are left out; they get 0. The runs are still those on all domains but i, because the
            paper's design has none on all but two.
        label: what a warning calls the heuristic.

    Returns:
        Weights (m,).

    Raises:
        StrategyError: no run is on all domains but i, or its out-score is unknown.
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
    """Whether the range of scores is zero, up to the rounding of sums."""
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
    """The in- or out-scores (r,) of the runs; refuses unknown ones."""
    scores = runs.in_scores if side == "in" else runs.out_scores
    if np.isnan(scores).any():
        unknown = runs.numbers[np.isnan(scores)][0]
        raise StrategyError(f"run {unknown} has no known {side}-score: evaluate it or drop it")
    return scores
