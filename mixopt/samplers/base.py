"""What every sampler of mixopt has in common: it proposes a whole mixture, and holds no state."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import FrozenTrial, TrialState

from mixopt.arrays import FloatArray
from mixopt.errors import WeightsError
from mixopt.past import Past
from mixopt.space import MixtureSpace


@dataclass(frozen=True, eq=False)
class Proposal:
    """A mixture (m,) to train on, and what is noted about it as user attributes of the trial."""

    weights: FloatArray
    notes: dict[str, Any] = field(default_factory=dict)


class MixtureSampler(optuna.samplers.BaseSampler, ABC):
    """An Optuna sampler over a MixtureSpace: a trial's parameters are its weights, one float in [0, 1] a domain.

    Subclasses say what to try next in `propose`, from the study's past and the trial's number alone, so that any
    number of workers agree and a killed one loses nothing.
    """

    def __init__(self, space: MixtureSpace, *, seed: int = 0) -> None:
        self.space = space
        self.seed = seed

    @abstractmethod
    def propose(self, past: Past, number: int) -> Proposal:
        """The mixture of trial `number`; raises StrategyError where there is nothing to propose."""

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The declared space: bounds are the sampler's, never the distribution's, which must not change."""
        return {name: FloatDistribution(0.0, 1.0) for name in self.space.domains}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, float]:
        proposal = self.propose(Past.of(study, self.space, but=trial.number), trial.number)
        for key, value in proposal.notes.items():
            study._storage.set_trial_user_attr(trial._trial_id, key, value)  # as Optuna's own samplers do
        weights = proposal.weights.clip(0.0, 1.0)  # 1 + 2e-16 would silently be sampled anew
        return self.space.as_dict(weights)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        raise WeightsError(
            f"parameter {param_name!r} is not a domain of the space, or a trial was enqueued with only some of "
            f"the weights: enqueue all of {', '.join(self.space.domains)}"
        )

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Nothing: there is no state."""


def suggest_mixture(trial: optuna.Trial, space: MixtureSpace) -> dict[str, float]:
    """The weights of a trial, `{domain: weight}`; they sum to 1.

    Raises:
        WeightsError: the trial was enqueued with weights that are no mixture of the space.
    """
    weights = {name: trial.suggest_float(name, 0.0, 1.0) for name in space.domains}
    space.as_array(weights)
    return weights
