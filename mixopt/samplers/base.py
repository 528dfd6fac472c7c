"""`MixtureSampler`: the base class of samplers that propose mixtures; and `suggest_mixture`."""

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
    """An Optuna sampler over a MixtureSpace: a trial's parameters are its weights, one float in [0, 1] per domain.

    Subclasses implement `propose`, which depends only on the study's history and the trial's number. So any number of
    workers agree, and a killed worker loses nothing.

    Args:
        space: the mixtures to search.
        seed: of everything random.

    Attributes:
        several_objectives: whether the study may have several objectives; if not, the sampler refuses such a study.
    """

    several_objectives = False

    def __init__(self, space: MixtureSpace, *, seed: int = 0) -> None:
        self.space = space
        self.seed = seed

    @abstractmethod
    def propose(self, history: History, number: int) -> Proposal:
        """Propose the mixture of a trial.

        Args:
            history: the study's other trials.
            number: the trial's number.

        Raises:
            StrategyError: there is nothing to propose.
        """

    def check_installed(self) -> None:
        """Raise MissingError where `propose` needs a package that is not installed. A study can be read without it."""

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Declare [0, 1] for each weight. The sampler holds the bounds; a distribution must not change in a study."""
        return {name: FloatDistribution(0.0, 1.0) for name in self.space.domains}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, float]:
        """Return the weights of a trial: those that it has claimed already, else a proposal."""
        objectives = len(study.directions)
        if objectives > 1 and not self.several_objectives:
            raise StrategyError(
                f"the study has {objectives} objectives and this sampler is made for one: "
                "search with BayesSampler, without `steps` or `pull`"
            )
        if trial.params and CLAIM in trial.user_attrs:  # a worker died between two of its weights
            return self.space.as_dict(np.array(trial.user_attrs[CLAIM]).clip(0.0, 1.0))
        proposal = claimed(study, self.space, trial, self.propose)
        for key, value in proposal.notes.items():
            trial.set_user_attr(key, value)  # the storage has them, and so does the caller's trial object
        return self.space.as_dict(proposal.weights.clip(0.0, 1.0))  # 1 + 2e-16 would be refused

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Raise WeightsError: a parameter outside the space, or a trial that was enqueued without all weights."""
        raise WeightsError(
            f"parameter {param_name!r} is not a domain of the space, or a trial was enqueued with only some of "
            f"the weights: enqueue all of {', '.join(self.space.domains)}"
        )

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Do nothing: there is no state."""


def suggest_mixture(trial: optuna.Trial, space: MixtureSpace) -> dict[str, float]:
    """Return the weights of a trial, `{domain: weight}`, which sum to 1. Call it in place of `trial.suggest_float`.

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(sampler=mixopt.BayesSampler(space))
    >>> mixopt.suggest_mixture(study.ask(), space)
    {'coco': 0.5, 'lisa': 0.5}

    Args:
        trial: of a study with a sampler of mixopt.
        space: the sampler's space.

    Raises:
        WeightsError: the trial was enqueued with weights outside the space, or the study's sampler is none of mixopt's.
    """
    weights = {name: trial.suggest_float(name, 0.0, 1.0) for name in space.domains}
    try:
        space.as_array(weights)
    except WeightsError as error:
        stock = type(trial.study.sampler).__name__
        if isinstance(trial.study.sampler, MixtureSampler):
            raise
        raise WeightsError(
            f"{error}: the study's sampler is {stock}, which proposes no mixtures: create the study with "
            "sampler=mixopt.BayesSampler(space), or mixopt.on_simplex(sampler, space)"
        ) from None
    return weights
