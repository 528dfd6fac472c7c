"""Ax through its Client: parameters w_1 .. w_m with the equality constraint that they sum to 1.

Ax 1.3 has equality constraints in its search space, but its Client reads only inequalities, so the constraint is added
to the experiment that the Client has made. (Ax's documentation leaves one weight out and bounds the sum of the others.)

Its generation strategy is the default, except for the start: the same 10 Dirichlet(1) mixtures that BoTorch gets are
attached instead of Sobol points. It recommends the trial that it predicts to be best. In a finite space it proposes
in the simplex, and the nearest candidate is evaluated.
"""

import logging
from collections import deque

import numpy as np
from ax.api.client import Client
from ax.api.configs import RangeParameterConfig
from ax.core.parameter_constraint import ParameterConstraint
from ax.utils.common.logger import set_ax_logger_levels

from mixopt.benchmark.methods.base import Advice, Scores, Task
from mixopt.typing import FloatArray

STARTS = 10


class Ax:
    """One Ax experiment."""

    def __init__(self, task: Task, seed: int) -> None:
        set_ax_logger_levels(logging.ERROR)  # it says every trial
        self.space = space = task.space
        self.rng = np.random.default_rng([seed, 1])
        self.names = [f"w{i}" for i in range(space.m)]
        self.told = 0
        self.client = Client(random_seed=seed)
        self.client.configure_experiment(
            parameters=[RangeParameterConfig(name=name, parameter_type="float", bounds=(0, 1)) for name in self.names]
        )
        sums_to_1 = ParameterConstraint(equality=f"{' + '.join(self.names)} == 1")
        self.client._experiment.search_space.add_parameter_constraints([sums_to_1])
        self.client.configure_optimization(objective="score")
        self.client.configure_generation_strategy(initialization_budget=STARTS, initialize_with_center=False)
        self._running: deque[tuple[int, FloatArray]] = deque()

    def ask(self) -> FloatArray:
        if self.told < STARTS:
            weights = self.space.sample(1, self.rng)[0]
            number = self._attach(weights)
        else:
            ((number, params),) = self.client.get_next_trials(max_trials=1).items()
            weights = self._mixture(params)
        self._running.append((number, weights))
        return weights

    def tell(self, weights: FloatArray, value: float, tests: Scores = None) -> None:
        number, asked = self._running.popleft() if self._running else (None, None)
        if asked is None or not np.array_equal(weights, asked):
            if number is not None:
                self.client.mark_trial_abandoned(number)
            number = self._attach(weights)
        assert number is not None
        self.client.complete_trial(number, raw_data={"score": value})
        self.told += 1

    def recommend(self) -> Advice:
        params, _, _, _ = self.client.get_best_parameterization()
        return Advice(self._mixture(params))

    def _attach(self, weights: FloatArray) -> int:
        return int(self.client.attach_trial(dict(zip(self.names, weights.tolist()))))

    def _mixture(self, params: object) -> FloatArray:
        assert isinstance(params, dict)
        return self.space.project(np.array([params[name] for name in self.names], dtype=float))
