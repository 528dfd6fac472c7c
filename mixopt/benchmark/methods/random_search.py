"""Random search: Dirichlet(1) mixtures, or rows of a pool; it recommends the best observed."""

from mixopt.benchmark.methods.base import Advice, Observed
from mixopt.typing import FloatArray


class RandomSearch(Observed):
    """Uniform draws from the space."""

    def ask(self) -> FloatArray:
        return self.space.sample(1, self.rng)[0]

    def recommend(self) -> Advice:
        return self.best_observed()
