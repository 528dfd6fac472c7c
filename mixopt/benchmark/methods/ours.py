"""mixopt's default sampler and its recommendation."""

from mixopt.benchmark.methods.base import Advice, Task
from mixopt.benchmark.methods.optuna_study import OptunaStudy
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.sum_of_tests import SumOfTests
from mixopt.inference.recommendation import recommend_from_runs
from mixopt.models.noise import NoiseModel
from mixopt.samplers.bayes import BayesSampler


class Ours(OptunaStudy):
    """BayesSampler with its defaults; on a pool it is told that scores are exact."""

    def __init__(self, task: Task, seed: int) -> None:
        self.exact, self.tests = task.exact, SumOfTests.of(task.parts)
        super().__init__(BayesSampler(task.space, deterministic=self.exact, tests=self.tests, seed=seed))

    def recommend(self) -> Advice:
        try:
            runs = History.of(self.study, self.space).runs()
            found = recommend_from_runs(self.space, runs, noise=NoiseModel.of(self.exact), tests=self.tests)
        except StrategyError:  # too few runs yet
            return super().recommend()
        return Advice(self.space.as_array(found.weights), found.mean, found.interval)
