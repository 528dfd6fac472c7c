"""Seed designs (PAPER.md, "Seeds"): each domain alone, all but one, all.

Departs from the paper where the space has bounds: a mixture of the design then moves to its nearest feasible
one, and a mixture that is there already drops out (at m = 2, "exclude:a" is "single:b").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mixopt.arrays import FloatArray
from mixopt.errors import StrategyError
from mixopt.space import MixtureSpace


@dataclass(frozen=True, eq=False)
class Design:
    """k mixtures to train on: labels (k), weights (k, m)."""

    labels: tuple[str, ...]
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.labels)


def _single(space: MixtureSpace) -> Design:
    return Design(tuple(f"single:{name}" for name in space.domains), np.eye(space.m))


def _exclude_one(space: MixtureSpace) -> Design:
    labels = tuple(f"exclude:{name}" for name in space.domains)
    return Design(labels, (1 - np.eye(space.m)) / (space.m - 1))


def _all(space: MixtureSpace) -> Design:
    return Design(("all",), np.full((1, space.m), 1 / space.m))


KINDS: dict[str, Callable[[MixtureSpace], Design]] = {
    "single": _single,
    "exclude_one": _exclude_one,
    "all": _all,
}


def seed_design(space: MixtureSpace, kinds: Sequence[str]) -> Design:
    """The seed design of the kinds named ("single", "exclude_one", "all"), in that order.

    Labels are "single:NAME", "exclude:NAME" and "all"; there are 2 m + 1 mixtures at most.

    Raises:
        StrategyError: an unknown kind, or none.
    """
    if not kinds or (unknown := [kind for kind in kinds if kind not in KINDS]):
        raise StrategyError(f"seed design {unknown if kinds else []}: choose from {', '.join(KINDS)}")
    parts = [KINDS[kind](space) for kind in kinds]
    labels = [label for part in parts for label in part.labels]
    weights = space.project(np.vstack([part.weights for part in parts]))
    _, first = np.unique(weights.round(9), axis=0, return_index=True)
    kept = np.sort(first)
    return Design(tuple(labels[i] for i in kept), weights[kept])
