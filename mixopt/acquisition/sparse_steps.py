"""Steps of a search where a mixture has few domains: between the domains in use, and from one of them to another."""

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

FRACTIONS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)  # of the way to the border of the face


def steps_within(
    space: MixtureSpace, points: FloatArray, rng: np.random.Generator, each: int, scale: float
) -> FloatArray:
    """Draw mixtures of the same domains: half of the steps from one domain to another, half in a random direction.

    Args:
        space: with few domains in a mixture.
        points: its mixtures (p, m).
        rng: the only source of randomness.
        each: number of steps from each mixture.
        scale: factor on all steps but those to the border.

    Returns:
        Mixtures (p * each, m).
    """
    start = np.repeat(points, each, axis=0)
    used = start > 0
    random = rng.normal(size=start.shape) * np.sqrt(start)
    last_two = np.argsort(np.where(used, rng.random(start.shape), -1.0), axis=1)[:, -2:]
    pair = np.zeros_like(start)
    np.put_along_axis(pair, last_two, np.array([[-1.0, 1.0]]), axis=1)
    direction = np.where(rng.random((len(start), 1)) < 0.5, pair, random) * used
    direction -= used * direction.sum(axis=1, keepdims=True) / used.sum(axis=1, keepdims=True)
    reach = space.reach(start, direction)
    fraction = rng.choice(FRACTIONS, size=len(start))
    step = reach * np.where(fraction < 1, scale * fraction, 1.0)
    return space.near(start + np.where(np.isfinite(reach), step, 0)[:, None] * direction)


def exchanges(points: FloatArray, rng: np.random.Generator, each: int) -> FloatArray:
    """Mixtures (p * each, m) in which two domains of a mixture have each other's weight, one of them in use."""
    found = np.repeat(points, each, axis=0)
    rows, keys = np.arange(len(found)), rng.random(found.shape)
    old, new = (found > 0).astype(float) + keys, (found == 0).astype(float) + keys
    old, new = old.argmax(axis=1), new.argmax(axis=1)
    found[rows, old], found[rows, new] = found[rows, new], found[rows, old]
    return found
