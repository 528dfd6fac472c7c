"""Hypothesis strategy: random spaces with at most k domains in a mixture and a least share, bounds and constraints."""

import numpy as np
from hypothesis import strategies as st

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


@st.composite
def sparse_spaces(draw: st.DrawFn, sizes: tuple[int, ...] = (3, 8, 17), constrained: bool = True) -> MixtureSpace:
    """Limits that one mixture satisfies by construction."""
    m = draw(st.sampled_from(sizes))
    at_most = draw(st.sampled_from([1, 2, max(1, m // 2), m]))
    least = draw(st.sampled_from([0.0, 0.02, 0.1])) if at_most < 10 else draw(st.sampled_from([0.005, 0.01]))
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    used = rng.permutation(m)[: rng.integers(1, at_most + 1)]
    inside = np.zeros(m)
    inside[used] = least + (1 - least * len(used)) * rng.dirichlet(np.ones(len(used)))
    names = [f"d{i}" for i in range(m)]
    lower = {names[i]: inside[i] * rng.random() for i in used if rng.random() < 0.2}
    upper = {
        name: max(least, w) + (1 - max(least, w)) * rng.random() for name, w in zip(names, inside) if rng.random() < 0.3
    }
    constraints = []
    for _ in range(draw(st.integers(0, 3)) if constrained else 0):
        row = np.where(rng.random(m) < 0.5, rng.integers(-2, 3, m), 0)
        if row.any():
            room = draw(st.sampled_from([0.0, 0.01, 0.3]))
            left = " ".join(f"{c:+d}*{name}" for c, name in zip(row, names) if c)
            constraints.append(f"{left} <= {float(row @ inside) + room!r}")
    return MixtureSpace(names, lower, upper, constraints=constraints, at_most=at_most, least_share=least)


def check_sparse(space: MixtureSpace, weights: FloatArray) -> None:
    """Check mixtures (n, m): in the space, summing to 1, with exact zeros, few domains, and enough of each."""
    assert weights.ndim == 2 and weights.shape[1] == space.m
    assert np.abs(weights.sum(axis=1) - 1).max(initial=0) < 1e-9
    assert ((weights == 0) | (weights >= space.least_share - 1e-9)).all()
    assert ((weights > 0).sum(axis=1) <= space.at_most).all()
    assert space.contains(weights, 1e-9).all()
