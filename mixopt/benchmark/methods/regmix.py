"""RegMix: random mixtures, then boosted trees; it recommends the mean of the 100 best predicted random draws."""

from mixopt.benchmark.methods.base import Advice, Task
from mixopt.benchmark.methods.optuna_study import OptunaStudy
from mixopt.history.history import History
from mixopt.samplers.regression import START, RegressionSampler, regression_recommendation


class RegMix(OptunaStudy):
    """One mixture after another, on LightGBM."""

    def __init__(self, task: Task, seed: int) -> None:
        super().__init__(RegressionSampler(task.space, seed=seed))

    def recommend(self) -> Advice:
        runs = History.of(self.study, self.space).runs()
        if len(runs) < START:
            return super().recommend()
        return Advice(regression_recommendation(self.space, runs))
