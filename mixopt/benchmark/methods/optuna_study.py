"""Samplers in an Optuna study: Optuna's own on the simplex, and the base class of mixopt's."""

from collections import deque

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import GPSampler
from optuna.trial import TrialState, create_trial

from mixopt.benchmark.methods.base import Advice, Scores, Task
from mixopt.history.keys import EVALUATIONS
from mixopt.history.trials import weights_of
from mixopt.samplers.base import MixtureSampler, suggest_mixture
from mixopt.samplers.on_simplex import on_simplex
from mixopt.samplers.stock import stock_sampler
from mixopt.typing import FloatArray


class OptunaStudy:
    """A sampler in an in-memory study; it recommends the best trial, as Optuna does."""

    def __init__(self, sampler: MixtureSampler) -> None:
        self.space = sampler.space
        self.study = optuna.create_study(direction="maximize", sampler=sampler)
        self._running: deque[optuna.Trial] = deque()

    def ask(self) -> FloatArray:
        trial = self.study.ask()
        self._running.append(trial)
        return np.array(list(suggest_mixture(trial, self.space).values()))

    def tell(self, weights: FloatArray, value: float, tests: Scores = None) -> None:
        notes = {EVALUATIONS: [{"step": 1, "scores": dict(tests)}]} if tests else {}  # as studies keep them
        params = self.space.as_dict(weights)
        if self._running:
            trial = self._running.popleft()
            if trial.params == params:
                for key, note in notes.items():
                    trial.set_user_attr(key, note)
                self.study.tell(trial, value)
                return
            self.study.tell(trial, state=TrialState.FAIL)
        distributions: dict[str, BaseDistribution] = {name: FloatDistribution(0.0, 1.0) for name in params}
        told = create_trial(params=params, distributions=distributions, value=value, user_attrs=notes)
        self.study.add_trial(told)

    def recommend(self) -> Advice:
        best = weights_of(self.study.best_trial, self.space)
        assert best is not None  # a finished trial has all its weights
        return Advice(best)


def tpe(task: Task, seed: int) -> OptunaStudy:
    """Return TPE as in study files."""
    return OptunaStudy(stock_sampler("tpe", task.space, seed))


def cma_es(task: Task, seed: int) -> OptunaStudy:
    """Return CMA-ES as in study files."""
    return OptunaStudy(stock_sampler("cma_es", task.space, seed))


def gp(task: Task, seed: int) -> OptunaStudy:
    """Return Optuna's Gaussian process as in study files; on a pool it is told that scores are exact."""
    if not task.exact:
        return OptunaStudy(stock_sampler("gp", task.space, seed))
    exact = GPSampler(deterministic_objective=True, seed=seed)
    return OptunaStudy(on_simplex(exact, task.space, mapping="exponential", seed=seed))
