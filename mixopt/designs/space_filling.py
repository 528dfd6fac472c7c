"""Space-filling design: greedy maximin in Hellinger distance, which separates small weights from zeros."""

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

DRAWS = 1000  # from the space, and the same number from its faces
LEAST = 1e-4  # Hellinger distance below which two mixtures are the same


def space_filling(space: MixtureSpace, count: int, taken: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Choose mixtures, each as far as possible from those before it and from those taken.

    The distance is |sqrt(w) - sqrt(v)|. If nothing is taken, the first is the uniform mixture.

    Args:
        space: the mixtures that are allowed.
        count: how many to choose.
        taken: mixtures (t, m) that are part of the design already.
        rng: the only source of randomness.

    Returns:
        Mixtures (k, m), k <= count.
    """
    candidates = _candidates(space, rng)
    roots = np.sqrt(candidates)
    nearest = np.full(len(roots), np.inf)
    for mixture in taken if len(taken) else [space.uniform()]:
        nearest = np.minimum(nearest, np.linalg.norm(roots - np.sqrt(mixture), axis=1))
    chosen = [] if len(taken) else [space.uniform()]
    while len(chosen) < count and nearest.max() > LEAST:
        best = int(nearest.argmax())
        chosen.append(candidates[best])
        nearest = np.minimum(nearest, np.linalg.norm(roots - roots[best], axis=1))
    return np.array(chosen).reshape(-1, space.m)


def _candidates(space: MixtureSpace, rng: np.random.Generator) -> FloatArray:
    """Draws from the whole space and from its faces of two or more domains, (n, m)."""
    if space.candidates is not None:
        return space.candidates
    if space.convex is not space:  # its draws are on faces
        return space.sample(2 * DRAWS, rng)
    order = rng.random((DRAWS, space.m)).argsort(axis=1)
    sizes = rng.integers(2, space.m + 1, DRAWS)
    shares = rng.exponential(size=(DRAWS, space.m)) * (order < sizes[:, None])
    on_faces = space.project(shares / shares.sum(axis=1, keepdims=True))
    return np.vstack([space.sample(DRAWS, rng), on_faces]).clip(0)
