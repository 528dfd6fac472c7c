"""Feasibility: the probability that a mixture meets the floors of its tests, by one Gaussian process for each test.

    P(w meets all floors) = prod_t P(f_t(w) >= floor_t)

f_t is the noise-free score of test t. The tests are modelled one by one, so their probabilities are multiplied.

References:
    Gardner, Kusner, Xu, Weinberger and Cunningham (2014), Bayesian optimization with inequality constraints, ICML.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import log_ndtr

from mixopt.errors import StrategyError
from mixopt.history.floors import Floor, Floors
from mixopt.history.runs import Runs
from mixopt.models.by_test import ModelsByTest, difference
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import joint_draws
from mixopt.typing import BoolArray, FloatArray, IntArray

MET = 0.95  # probability from which a mixture meets the floors; high, since the best of many is where models err
SMALLEST = 1e-13  # standard deviation of a margin, for numbers near 0


@dataclass(frozen=True, eq=False)
class Feasibility:
    """The modelled floors of a study: `feasibility(mixtures)` are the probabilities of meeting all of them.

    Attributes:
        floors: one or more.
        models: of their tests, in the same order.
        bounds: (F,) least scores; of a floor against uniform the least change from there.
        uniform: (m,) uniform weights.
        widen: (F,) factors on the models' standard deviations.
    """

    floors: tuple[Floor, ...]
    models: ModelsByTest
    bounds: FloatArray
    uniform: FloatArray
    widen: FloatArray

    @classmethod
    def fit(
        cls,
        floors: Floors,
        runs: Runs,
        base: Mapping[str, float],
        noise: NoiseModel,
        widening: Callable[[int], float] = lambda mixtures: 1.0,
    ) -> Self | None:
        """Fit the models of the floors' tests on the runs that have a score of them.

        Args:
            floors: of the study.
            runs: its finished trials.
            base: test -> score of the base model, as far as it is known.
            noise: whether two runs of one mixture may score differently.
            widening: of a number of different mixtures, the factor on the standard deviations of a model of them.

        Returns:
            The feasibility; None if there are no floors.

        Raises:
            StrategyError: fewer than 2 runs have a score of a floor's test, or a floor is relative to a score of the
                base model that is not known.
        """
        if not floors:
            return None
        unknown = [floor.test for floor in floors.floors if floor.against == "base" and floor.test not in base]
        if unknown:
            raise StrategyError(
                f"the floor of {', '.join(unknown)} is relative to the base model, whose score is not known: tell it "
                f"by `mixopt study base NAME --score {unknown[0]}=SCORE`"
            )
        models = ModelsByTest.fit(floors.tests, runs.weights, runs.test_scores(floors.tests, floors.use), noise)
        bounds = [floor.least + (base[floor.test] if floor.against == "base" else 0) for floor in floors.floors]
        widen = np.array([widening(mixtures) for mixtures in models.mixtures])
        return cls(floors.floors, models, np.array(bounds), runs.space.uniform(), widen)

    def margins(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """By how much mixtures (k, m) exceed each floor: means (k, F) and standard deviations (k, F)."""
        columns = []
        for floor, model, bound, widen in zip(self.floors, self.models.models, self.bounds, self.widen):
            relative = floor.against == "uniform"
            mean, sd = difference(model, weights, self.uniform) if relative else model.predict(weights)
            columns.append((mean - bound, widen * sd))
        means, sds = zip(*columns)
        return np.column_stack(means), np.column_stack(sds)

    def log_each(self, weights: FloatArray) -> FloatArray:
        """The log probability of meeting each floor at mixtures (k, m), (k, F)."""
        means, sds = self.margins(weights)
        sds = np.maximum(sds, 1e-9 * np.abs(self.bounds) + SMALLEST)  # uniform weights themselves, or a constant test
        return np.asarray(log_ndtr((means + 1e-12) / sds))

    def each(self, weights: FloatArray) -> FloatArray:
        """The probability of meeting each floor at mixtures (k, m), (k, F)."""
        return np.exp(self.log_each(weights))

    def __call__(self, weights: FloatArray) -> FloatArray:
        """The probability of meeting all floors at mixtures (k, m), (k,)."""
        return np.asarray(np.exp(self.log_each(weights).sum(axis=1)))

    def draws(self, weights: FloatArray, count: int, rng: np.random.Generator) -> BoolArray:
        """Draw jointly, from the models, whether mixtures (k, m) meet all floors, (count, k)."""
        points, meets = np.vstack([weights, self.uniform]), np.ones((count, len(weights)), dtype=bool)
        for floor, model, bound, widen in zip(self.floors, self.models.models, self.bounds, self.widen):
            scores = joint_draws(model, points, count, widen, rng)
            origin = scores[:, -1:] if floor.against == "uniform" else 0.0
            meets &= scores[:, :-1] - origin >= bound - 1e-12
        return meets

    def only(self, places: Sequence[int]) -> Self:
        """The feasibility of some of the floors, by their places."""
        models = replace(
            self.models,
            tests=tuple(self.models.tests[i] for i in places),
            models=tuple(self.models.models[i] for i in places),
            runs=tuple(self.models.runs[i] for i in places),
        )
        floors, bounds, widen = (
            tuple(self.floors[i] for i in places),
            self.bounds[list(places)],
            self.widen[list(places)],
        )
        return replace(self, floors=floors, models=models, bounds=bounds, widen=widen)

    def best_first(self, means: FloatArray, weights: FloatArray) -> IntArray:
        """Rank mixtures: those that meet the floors by their predicted scores, then the others by probability.

        Args:
            means: predicted scores (k,).
            weights: mixtures (k, m).

        Returns:
            Indices (k,), best first.
        """
        return np.lexsort((-means, -np.minimum(self.log_each(weights).sum(axis=1), np.log(MET))))
