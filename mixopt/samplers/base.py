"""What every sampler of mixopt has in common: it proposes a whole mixture, and holds no state."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StrategyError, WeightsError
from mixopt.history.history import History
from mixopt.history.keys import CLAIM
from mixopt.samplers.claims import claimed
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace


class MixtureSampler(optuna.samplers.BaseSampler, ABC):
    """An Optuna sampler over a MixtureSpace: a trial's parameters are its weights, one float in [0, 1] a domain.

    Subclasses say what to try next in `propose`, from the study's past and the trial's number alone, so that any
    number of workers agree and a killed one loses nothing.

    Attributes:
        several_objectives: whether a study may have several; a sampler that is made for one refuses to propose there.
    """

    several_objectives = False

    def __init__(self, space: MixtureSpace, *, seed: int = 0) -> None:
        self.space = space
        self.seed = seed

    @abstractmethod
    def propose(self, history: History, number: int) -> Proposal:
        """The mixture of trial `number`; raises StrategyError where there is nothing to propose."""

    def check_installed(self) -> None:
        """Raise MissingError where `propose` needs a package that is not installed. A study can be read without it."""

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The declared space: bounds are the sampler's, never the distribution's, which must not change."""
        return {name: FloatDistribution(0.0, 1.0) for name in self.space.domains}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, float]:
        objectives = len(study.directions)
        if objectives > 1 and not self.several_objectives:
            raise StrategyError(
                f"the study has {objectives} objectives and this sampler is made for one: "
                "search with BayesSampler, without `steps`"
            )
        if trial.params and CLAIM in trial.user_attrs:  # a worker died between two of its weights
            return self.space.as_dict(np.array(trial.user_attrs[CLAIM]).clip(0.0, 1.0))
        proposal = claimed(study, self.space, trial, self.propose)
        for key, value in proposal.notes.items():
            trial.set_user_attr(key, value)  # the storage has them; whoever holds the trial sees them too
        return self.space.as_dict(proposal.weights.clip(0.0, 1.0))  # 1 + 2e-16 would be refused

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

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(sampler=mixopt.BayesSampler(space))
    >>> mixopt.suggest_mixture(study.ask(), space)
    {'coco': 0.5, 'lisa': 0.5}

    Raises:
        WeightsError: the trial was enqueued with weights that are no mixture of the space, or the study's sampler
            proposes none.
    """
    weights = {name: trial.suggest_float(name, 0.0, 1.0) for name in space.domains}
    try:
        space.as_array(weights)
    except WeightsError as error:
        stock = type(trial.study.sampler).__name__
        if isinstance(trial.study.sampler, MixtureSampler):
            raise
        raise WeightsError(
            f"{error}: the study's sampler is {stock}, which knows of no mixtures: create the study with "
            "sampler=mixopt.BayesSampler(space), or mixopt.on_simplex(sampler, space)"
        ) from None
    return weights
