"""A problem: a noisy score over mixtures whose best mixture is known."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mixopt.benchmark.methods.base import Task
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

Score = Callable[[FloatArray], FloatArray]  # mixtures (n, m) -> (n,)

AVERAGE_OF = 20_000  # Dirichlet(1) mixtures over which a synthetic score is averaged


@dataclass(frozen=True, eq=False)
class Tests:
    """The true score of a problem as the weighted mean of several tests'; called, it gives the mean.

    Attributes:
        scores: the tests' true scores, (n, m) -> (n, k).
        parts: the weight of each test, k of them, which sum to 1.
        own_sd: (k,), the standard deviation of each test's own noise, in units of the noise of the mean.
    """

    scores: Score
    parts: Mapping[str, float]
    own_sd: FloatArray

    @property
    def shares(self) -> FloatArray:
        """The weights (k,)."""
        return np.array(list(self.parts.values()))

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Return the weighted mean (n,) at mixtures (n, m)."""
        return np.asarray(self.scores(weights) @ self.shares)


def independent(k: int) -> FloatArray:
    """Return `own_sd` (k,) of k equally weighted tests whose noise is half common to all and half of their own."""
    return np.full(k, (1 + 1 / k) ** -0.5)


@dataclass(frozen=True, eq=False)
class Problem:
    """What a method is run on; larger scores are better.

    Attributes:
        name: such as "face-10".
        space: the allowed mixtures; with `candidates` they are a finite list.
        f: the true score, (n, m) -> (n,); `Tests` where it is the mean of several.
        noise_sd: standard deviation of one observation's normal noise, (n, m) -> (n,).
        best: a mixture (m,) with the largest true score in the space.
        average: the mean true score of random mixtures (of all rows for a pool).
        note: what a reader of its results should know, such as an emulator's held-out R2; may be empty.
        tolerance: how far below the best a score may be to count as good, if known.
        exact: whether observations have no noise, which methods are told; each mixture is then evaluated once.
    """

    name: str
    space: MixtureSpace
    f: Score
    noise_sd: Score
    best: FloatArray
    average: float
    note: str = ""
    tolerance: float | None = None
    exact: bool = False

    @property
    def tests(self) -> Tests | None:
        """The tests whose mean is the score, if the problem has them."""
        return self.f if isinstance(self.f, Tests) else None

    @property
    def task(self) -> Task:
        """What a method is told of the problem at the start."""
        return Task(self.space, self.exact, self.tests.parts if self.tests else {})

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
        return self.gap(weights) / self.scale

    @property
    def scale(self) -> float:
        """The gap whose regret is 1."""
        return self.score(self.best) - self.average

    def observe(self, weights: FloatArray, rng: np.random.Generator) -> float:
        """Return a noisy score of one mixture (m,); it always draws one normal number from `rng`."""
        return self.score(weights) + self._sd(weights) * float(rng.standard_normal())

    def observe_tests(self, weights: FloatArray, rng: np.random.Generator) -> dict[str, float]:
        """Return noisy scores of all tests at one mixture (m,); {} if the problem has none.

        Their weighted mean is what `observe` returns for the same state of `rng`. Their noise has a part that all
        tests share, which is the noise of the mean, and a part of their own, which the mean does not see.
        """
        if self.tests is None:
            return {}
        drawn = self._sd(weights) * rng.standard_normal(1 + len(self.tests.parts))
        common, own = drawn[0], drawn[1:] * self.tests.own_sd
        scores = self.tests.scores(np.atleast_2d(weights))[0] + common + own - own @ self.tests.shares
        return dict(zip(self.tests.parts, scores.tolist()))

    def _sd(self, weights: FloatArray) -> float:
        return float(self.noise_sd(np.atleast_2d(weights))[0])


def noise_stream(problem: str, seed: int, trial: int) -> np.random.Generator:
    """Return the noise of a trial, the same for all methods, so that their differences are paired."""
    return np.random.default_rng([seed, zlib.crc32(problem.encode()), trial])


def no_noise(weights: FloatArray) -> FloatArray:
    """Return the noise of exact observations: zeros (n,)."""
    return np.zeros(len(weights))


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
