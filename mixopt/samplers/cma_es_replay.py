"""CMA-ES whose distribution is computed from the trials at every ask.

Optuna's keeps its optimiser as a pickle among the attributes of trials, and whoever may write into a storage could have
any code run by who reads it there. Here what is found there is never looked at: the generations of finished trials are
told to a new optimiser, the first that finished of each, as Optuna's sampler has told them where one worker asks at a
time. Generations are numbers that it notes on trials.
"""

import copy
from datetime import datetime
from typing import Any

import optuna
from optuna._transform import _SearchSpaceTransform
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial


def without_pickles(sampler: BaseSampler) -> BaseSampler:
    """The sampler itself; of Optuna's CMA-ES a copy that replays, and proposes the same up to rounding where one worker
    asks."""
    if not isinstance(sampler, optuna.samplers.CmaEsSampler):
        return sampler
    replaying = copy.copy(sampler)
    replaying.__class__ = CmaEsSampler
    return replaying


class CmaEsSampler(optuna.samplers.CmaEsSampler):
    """Optuna's, of which each ask uses a copy of its own."""

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        self._seen = study.direction, search_space
        return super().sample_relative(study, trial, search_space)

    def _restore_optimizer(self, completed_trials: list[FrozenTrial]) -> Any:
        """The optimiser after all whole generations."""
        (direction, search_space), random = self._seen, self._cma_rng.rng.get_state()
        transform = _SearchSpaceTransform(search_space, transform_0_1=True)
        optimizer = self._init_optimizer(transform, direction)
        sign = 1 if direction == StudyDirection.MINIMIZE else -1
        while len(told := self._first(completed_trials, optimizer)) == optimizer.population_size:
            optimizer.tell([(transform.transform(trial.params), sign * float(trial.value or 0)) for trial in told])
        if any(trial.system_attrs.get(self._attr_key_generation, 0) for trial in completed_trials):
            self._cma_rng.rng.set_state(random)  # Optuna's would have found its pickle, and drawn nothing
        return optimizer

    def _first(self, trials: list[FrozenTrial], optimizer: Any) -> list[FrozenTrial]:
        """Of the optimiser's present generation, as many as it wants to be told, by number."""
        asked = self._get_solution_trials(trials, optimizer.generation)
        first = sorted(asked, key=lambda trial: trial.datetime_complete or datetime.max)[: optimizer.population_size]
        return sorted(first, key=lambda trial: trial.number)
