"""mixopt's default sampler and its recommendation."""

from mixopt.benchmark.methods.base import Advice
from mixopt.benchmark.methods.optuna_study import OptunaStudy
from mixopt.errors import StrategyError
from mixopt.past import Past
from mixopt.recommendation import recommend_from_runs
from mixopt.samplers.bayes import BayesSampler
from mixopt.space import MixtureSpace


class Ours(OptunaStudy):
    """BayesSampler with its defaults."""

    def __init__(self, space: MixtureSpace, seed: int) -> None:
        super().__init__(BayesSampler(space, seed=seed))

    def recommend(self) -> Advice:
        try:
            found = recommend_from_runs(self.space, Past.of(self.study, self.space).runs())
        except StrategyError:  # too few runs yet
            return super().recommend()
        return Advice(self.space.as_array(found.weights), found.mean, found.interval)
