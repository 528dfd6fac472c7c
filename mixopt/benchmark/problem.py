"""A problem: a noisy score over mixtures whose best mixture is known."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

Score = Callable[[FloatArray], FloatArray]  # mixtures (n, m) -> (n,)

AVERAGE_OF = 20_000  # Dirichlet(1) mixtures over which a synthetic score is averaged


@dataclass(frozen=True, eq=False)
class Problem:
    """What a method is run on; larger scores are better.

    Attributes:
        name: such as "face-10".
        space: the allowed mixtures; with `candidates` it is a pool of measured runs.
        f: the true score, (n, m) -> (n,).
        noise_sd: standard deviation of one observation's normal noise, (n, m) -> (n,).
        best: a mixture (m,) with the largest true score in the space.
        average: the mean true score of random mixtures (of all rows for a pool).
        note: what a reader of its results should know, such as an emulator's held-out R2; may be empty.
        tolerance: how far below the best a score may be to count as good, if known.
    """

    name: str
    space: MixtureSpace
    f: Score
    noise_sd: Score
    best: FloatArray
    average: float
    note: str = ""
    tolerance: float | None = None

    @property
    def m(self) -> int:
        """The number of domains."""
        return self.space.m

    def score(self, weights: FloatArray) -> float:
        """Return the true score of one mixture (m,)."""
        return float(self.f(np.atleast_2d(weights))[0])

    def gap(self, weights: FloatArray) -> float:
        """Return how far one mixture (m,) is below the best, in the score's units."""
        return self.score(self.best) - self.score(weights)

    def regret(self, weights: FloatArray) -> float:
        """Return how far one mixture (m,) is from the best: 0 is the best, 1 the average random mixture."""
        return self.gap(weights) / (self.score(self.best) - self.average)

    def observe(self, weights: FloatArray, rng: np.random.Generator) -> float:
        """Return a noisy score of one mixture (m,); it always draws one normal number from `rng`."""
        return self.score(weights) + float(self.noise_sd(np.atleast_2d(weights))[0]) * float(rng.standard_normal())


def noise_stream(problem: str, seed: int, trial: int) -> np.random.Generator:
    """Return the noise of a trial, the same for all methods, so that their differences are paired."""
    return np.random.default_rng([seed, zlib.crc32(problem.encode()), trial])


def synthetic(
    name: str,
    f: Score,
    best: FloatArray,
    noise: Callable[[float], Score] | None = None,
    domains: Sequence[str] | None = None,
    note: str = "",
) -> Problem:
    """Return a problem on the whole simplex.

    Args:
        name: of the problem.
        f: (n, m) -> (n,).
        best: (m,).
        noise: makes noise_sd of the sd of f over random mixtures. Default: half of that sd.
        domains: names of the m domains.
        note: see `Problem`.
    """
    m = len(best)
    scores = f(np.random.default_rng(123).dirichlet(np.ones(m), AVERAGE_OF))
    sd = float(scores.std())
    noise_sd = noise(sd) if noise else lambda weights: np.full(len(weights), 0.5 * sd)
    space = MixtureSpace(domains or [f"domain_{i + 1}" for i in range(m)])
    return Problem(name, space, f, noise_sd, best, float(scores.mean()), note)
