"""Optuna's own samplers on the simplex: TPE, CMA-ES, GP, NSGA-II, QMC, random, or any other.

    sampler = mixopt.on_simplex(optuna.samplers.TPESampler(multivariate=True), space, seed=0)

At every ask the stock sampler sees a shadow study: the past trials, in memory, under their own numbers, with latent
coordinates (see transforms.py) as parameters. Its proposal there is mapped back and moved into the space. So the
sampler does not know of bounds and constraints: it searches the box, and all that maps to one mixture has that
mixture's score.

What the sampler writes into the shadow study is noted on the trial, with the latents that it proposed: NSGA-II reads
its generations there, QMC its place in the sequence. Nothing else is kept between asks. The stock sampler is copied for
each ask, and its random generators are seeded from (seed, trial number). CMA-ES is replayed instead (cma_es.py).
"""

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.samplers import BaseSampler, CmaEsSampler
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from mixopt.errors import StrategyError, require
from mixopt.history.history import History
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.cma_es import CmaEsOnSimplex
from mixopt.samplers.latent_sampler import LatentSampler, Mapped
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace
from mixopt.storage.optuna_private import cma_es_options, random_states

CMA_ES_OPTIONS = {"popsize", "n_startup_trials", "lr_adapt", "use_separable_cma"}


def on_simplex(
    sampler: BaseSampler, space: MixtureSpace, *, mapping: Mapped = "exponential", seed: int = 0
) -> MixtureSampler:
    """Make a stock Optuna sampler propose the mixtures of a space.

    >>> space = mixopt.MixtureSpace(["coco", "lisa", "sat"], upper={"sat": 0.2})
    >>> study = optuna.create_study(sampler=mixopt.on_simplex(optuna.samplers.TPESampler(), space))
    >>> weights = mixopt.suggest_mixture(study.ask(), space)
    >>> round(sum(weights.values()), 6), weights["sat"] <= 0.2
    (1.0, True)

    Args:
        sampler: for one objective, and without `constraints_func` (a space has constraints of its own). Of CMA-ES the
            options popsize, n_startup_trials, lr_adapt and use_separable_cma are used.
        space: the mixtures to search.
        mapping: the latent coordinates; softmax reaches no vertex.
        seed: of everything random but QMC's sequence, which has the seed that its sampler was made with. A sampler
            that keeps its random state elsewhere than Optuna's own do is reseeded from the system at every ask: it
            works, but does not repeat.

    Raises:
        StrategyError: CMA-ES with another option.
    """
    if not isinstance(sampler, CmaEsSampler):
        return OnSimplexSampler(sampler, space, mapping=mapping, seed=seed)
    options = {key: value for key, value in cma_es_options(sampler).items() if key != "warn_independent_sampling"}
    if unknown := sorted(options.keys() - CMA_ES_OPTIONS):
        used = ", ".join(sorted(CMA_ES_OPTIONS))
        raise StrategyError(f"CmaEsSampler({unknown[0]}=...): on the simplex only {used} are used: leave it out")
    return CmaEsOnSimplex(space, mapping=mapping, seed=seed, **options)


class OnSimplexSampler(LatentSampler):
    """What `on_simplex` returns for all samplers but CMA-ES."""

    def __init__(
        self, sampler: BaseSampler, space: MixtureSpace, *, mapping: Mapped = "exponential", seed: int = 0
    ) -> None:
        super().__init__(space, mapping=mapping, seed=seed)
        self._stock = sampler
        self._box = FloatDistribution(self.coordinates.low, self.coordinates.high)
        self._blind = type(sampler) is optuna.samplers.RandomSampler  # it reads no trial

    def check_installed(self) -> None:
        """Raise MissingError if the sampler needs a package that is not installed."""
        if isinstance(self._stock, optuna.samplers.GPSampler):
            require("Optuna's GPSampler", "torch", "botorch")

    def propose(self, history: History, number: int) -> Proposal:
        """Return the mixture of trial `number`."""
        self.check_installed()
        shadow = self._shadow(history, number)
        before = shadow.study_notes
        trial = optuna.Trial(shadow.study, shadow.trial_id)
        latents = [trial.suggest_float(name, self._box.low, self._box.high) for name in self.space.domains]
        left = {key: value for key, value in shadow.study_notes.items() if before.get(key) != value}
        label = type(self._stock).__name__.removesuffix("Sampler").lower()
        return self.proposal(history, np.array(latents), label, shadow.trial_notes, left)

    def _shadow(self, history: History, number: int) -> "_Shadow":
        sampler = copy.deepcopy(self._stock)
        reseed(sampler, self.seed, number)
        storage, asking = InMemoryStorage(), create_trial(state=TrialState.RUNNING)
        asking.number = number
        with _unannounced():
            direction = StudyDirection.MAXIMIZE if history.sign > 0 else StudyDirection.MINIMIZE
            study_id = storage.create_new_study([direction], "shadow")
        study = optuna.load_study(study_name="shadow", storage=storage, sampler=sampler)
        trials = sorted((*(() if self._blind else history.trials), asking), key=lambda trial: trial.number)
        for trial in trials:
            study.add_trial(self._shown(trial))
            for key, value in self.notes_of(trial).get("study", {}).items():
                storage.set_study_system_attr(study_id, key, value)
        place = [trial.number for trial in trials].index(number)
        return _Shadow(study, storage, study_id, storage.get_trial_id_from_study_id_trial_number(study_id, place))

    def _shown(self, trial: FrozenTrial) -> FrozenTrial:
        """Return a trial with its latents as parameters."""
        params = dict(zip(self.space.domains, self.latents_of(trial)))
        return FrozenTrial(
            number=trial.number,
            trial_id=trial.number,
            state=trial.state,
            value=None,
            values=trial.values,
            params=params,
            distributions=dict.fromkeys(params, self._box),
            system_attrs=self.notes_of(trial).get("trial", {}),
            user_attrs={},
            intermediate_values=trial.intermediate_values,
            datetime_start=trial.datetime_start,
            datetime_complete=trial.datetime_complete,
        )


@dataclass(frozen=True)
class _Shadow:
    """The study as the stock sampler sees it, with the trial that wants parameters."""

    study: optuna.Study
    storage: InMemoryStorage
    study_id: int
    trial_id: int

    @property
    def study_notes(self) -> dict[str, Any]:
        return dict(self.storage.get_study_system_attrs(self.study_id))

    @property
    def trial_notes(self) -> dict[str, Any]:
        return dict(self.storage.get_trial_system_attrs(self.trial_id))


@contextmanager
def _unannounced() -> Iterator[None]:
    """Hide Optuna's log line about the new study in memory."""
    logger = logging.getLogger(InMemoryStorage.__module__)

    def none(_: logging.LogRecord) -> bool:
        return False

    logger.addFilter(none)
    try:
        yield
    finally:
        logger.removeFilter(none)


def reseed(sampler: BaseSampler, seed: int, number: int) -> None:
    """Seed a sampler's random generators, and those of the samplers and strategies in it, from (seed, number)."""
    states = list(random_states(sampler))
    for state, sequence in zip(states, np.random.SeedSequence([seed, number]).spawn(len(states)), strict=True):
        state.seed(int(sequence.generate_state(1)[0]))
    if not states:
        sampler.reseed_rng()
