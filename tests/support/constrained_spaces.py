"""Hypothesis strategy: random spaces with bounds and linear constraints."""

import numpy as np
from hypothesis import strategies as st

from mixopt.space.mixture_space import MixtureSpace


@st.composite
def constrained_spaces(draw: st.DrawFn, most: int = 64) -> MixtureSpace:
    """2 to `most` domains with bounds and up to four constraints that one mixture satisfies by construction."""
    m = draw(st.integers(2, min(most, 8)) | st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    inside = rng.dirichlet(np.ones(m))
    names = [f"d{i}" for i in range(m)]
    lower = {name: w * rng.random() for name, w in zip(names, inside) if rng.random() < 0.3}
    upper = {name: w + (1 - w) * rng.random() for name, w in zip(names, inside) if rng.random() < 0.3}
    if sum(upper.get(name, 1.0) for name in names) < 1:
        upper = {}
    constraints = []
    for _ in range(draw(st.integers(1, 4))):
        row = np.where(rng.random(m) < 0.5, rng.integers(-2, 3, m), 0)
        if row.any():
            room = draw(st.sampled_from([0.0, 1e-6, 0.01, 0.3]))
            left = " ".join(f"{c:+d}*{name}" for c, name in zip(row, names) if c)
            constraints.append(f"{left} <= {float(row @ inside) + room!r}")
    return MixtureSpace(names, lower, upper, constraints=constraints)
