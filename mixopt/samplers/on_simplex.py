"""Optuna's own samplers on the simplex: TPE, CMA-ES, GP, NSGA-II, QMC, random, or any other.

    sampler = mixopt.on_simplex(optuna.samplers.TPESampler(multivariate=True), space, seed=0)

At every ask the stock sampler sees a shadow study: the past trials, in memory, under their own numbers, with latent
coordinates (see transforms.py) for parameters. What it proposes there is mapped back, and put on the space. So it never
learns of bounds and constraints: it searches the box, and all that maps to one mixture has that mixture's score.

What the sampler leaves in the shadow study travels as a note on the trial, as do the latents it proposed: CMA-ES finds
its generations there, which it replays (cma_es_replay.py), NSGA-II its own, QMC its place in the sequence. Nothing
else is kept between asks; the stock sampler is copied for each, with its random generators seeded from (seed, trial
number).
"""

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal

import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.samplers import BaseSampler
from optuna.samplers._lazy_random_state import LazyRandomState
from optuna.trial import FrozenTrial, TrialState

from mixopt.acquisition.exclusion import nearest_allowed
from mixopt.errors import require
from mixopt.history.history import History, weights_of
from mixopt.history.keys import LABEL, STOCK, STRATEGY
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.cma_es_replay import without_pickles
from mixopt.samplers.proposal import Proposal
from mixopt.samplers.transforms import LATENTS
from mixopt.space.mixture_space import MixtureSpace


def on_simplex(
    sampler: BaseSampler,
    space: MixtureSpace,
    *,
    mapping: Literal["exponential", "softmax"] = "exponential",
    seed: int = 0,
) -> MixtureSampler:
    """A stock Optuna sampler over the mixtures of a space.

    >>> space = mixopt.MixtureSpace(["coco", "lisa", "sat"], upper={"sat": 0.2})
    >>> study = optuna.create_study(sampler=mixopt.on_simplex(optuna.samplers.TPESampler(), space))
    >>> weights = mixopt.suggest_mixture(study.ask(), space)
    >>> round(sum(weights.values()), 6), weights["sat"] <= 0.2
    (1.0, True)

    Args:
        sampler: of one objective, and without `constraints_func` (a space has constraints of its own).
        mapping: the latent coordinates; softmax reaches no vertex.
        seed: of everything random but QMC's sequence, which has the seed that its sampler was made with. A sampler
            that keeps its random state elsewhere than Optuna's own do is reseeded from the system at every ask: it
            works, but does not repeat.
    """
    return OnSimplexSampler(without_pickles(sampler), space, mapping=mapping, seed=seed)


class OnSimplexSampler(MixtureSampler):
    """What `on_simplex` returns."""

    strategy = "model-based"

    def __init__(
        self,
        sampler: BaseSampler,
        space: MixtureSpace,
        *,
        mapping: Literal["exponential", "softmax"] = "exponential",
        seed: int = 0,
    ) -> None:
        super().__init__(space, seed=seed)
        self._stock, self._mapping, self._latents = sampler, mapping, LATENTS[mapping]
        box = FloatDistribution(self._latents.low, self._latents.high)
        self._boxes = dict.fromkeys(space.domains, box)
        self._blind = type(sampler) is optuna.samplers.RandomSampler  # it looks at no trial

    def check_installed(self) -> None:
        if isinstance(self._stock, optuna.samplers.GPSampler):
            require("Optuna's GPSampler", "torch", "botorch")

    def propose(self, history: History, number: int) -> Proposal:
        self.check_installed()
        shadow = self._shadow(history, number)
        before = dict(shadow._storage.get_study_system_attrs(shadow._study_id))
        trial_id = 0 if self._blind else number  # in memory, a trial's id is its place
        trial = optuna.Trial(shadow, trial_id)
        latents = [trial.suggest_float(name, self._latents.low, self._latents.high) for name in self.space.domains]
        after = shadow._storage.get_study_system_attrs(shadow._study_id)
        left = {
            "mapping": self._mapping,
            "latents": latents,
            "trial": shadow.get_trials(deepcopy=False)[trial_id].system_attrs,
            "study": {key: value for key, value in after.items() if before.get(key) != value},
        }
        weights = nearest_allowed(self.space, self._latents.to_weights(np.array(latents)), history.tried())
        label = type(self._stock).__name__.removesuffix("Sampler").lower()
        return Proposal(weights, {STRATEGY: self.strategy, LABEL: label, STOCK: left})

    def _shadow(self, history: History, number: int) -> optuna.Study:
        """The study as the stock sampler sees it, trial `number` being the one that wants parameters."""
        sampler = copy.deepcopy(self._stock)
        reseed(sampler, self.seed, number)
        with _unannounced():
            shadow = optuna.create_study(direction="maximize" if history.sign > 0 else "minimize", sampler=sampler)
        seen = () if self._blind else history.trials
        for trial in sorted((*seen, _running(number)), key=lambda trial: trial.number):
            shadow.add_trial(self._shown(trial))
            for key, value in self._left(trial).get("study", {}).items():
                shadow._storage.set_study_system_attr(shadow._study_id, key, value)
        return shadow

    def _shown(self, trial: FrozenTrial) -> FrozenTrial:
        """A trial in latent coordinates: those it was proposed in, else those of its weights."""
        left, weights = self._left(trial), weights_of(trial, self.space)
        latents = left.get("latents") or ([] if weights is None else self._latents.to_latents(weights).tolist())
        params = dict(zip(self.space.domains, latents))
        return FrozenTrial(
            number=trial.number,
            trial_id=trial.number,
            state=trial.state,
            value=None,
            values=trial.values,
            params=params,
            distributions={name: self._boxes[name] for name in params},
            system_attrs=left.get("trial", {}),
            user_attrs={},
            intermediate_values=trial.intermediate_values,
            datetime_start=trial.datetime_start,
            datetime_complete=trial.datetime_complete,
        )

    def _left(self, trial: FrozenTrial) -> dict[str, Any]:
        """What an earlier ask of a sampler with the same latents left on a trial."""
        left = trial.user_attrs.get(STOCK, {})
        return left if left.get("mapping") == self._mapping else {}


@contextmanager
def _unannounced() -> Iterator[None]:
    """Without Optuna's line about the new study in memory, which is none of the user's."""
    logger = logging.getLogger("optuna.storages._in_memory")

    def none(_: logging.LogRecord) -> bool:
        return False

    logger.addFilter(none)
    try:
        yield
    finally:
        logger.removeFilter(none)


def _running(number: int) -> FrozenTrial:
    """A trial that has no parameters yet."""
    return FrozenTrial(
        number=number,
        trial_id=number,
        state=TrialState.RUNNING,
        value=None,
        params={},
        distributions={},
        system_attrs={},
        user_attrs={},
        intermediate_values={},
        datetime_start=datetime.now(),
        datetime_complete=None,
    )


def reseed(sampler: BaseSampler, seed: int, number: int) -> None:
    """Seed a sampler's random generators, and those of the samplers and strategies in it, from (seed, number)."""
    states = list(_random_states(sampler))
    for state, sequence in zip(states, np.random.SeedSequence([seed, number]).spawn(len(states)), strict=True):
        state.rng.seed(int(sequence.generate_state(1)[0]))
    if not states:
        sampler.reseed_rng()


def _random_states(thing: object) -> Iterator[LazyRandomState]:
    """Optuna's samplers keep their randomness in LazyRandomStates, their own or those of their parts."""
    for part in getattr(thing, "__dict__", {}).values():
        if isinstance(part, LazyRandomState):
            yield part
        elif type(part).__module__.startswith("optuna.samplers"):
            yield from _random_states(part)
