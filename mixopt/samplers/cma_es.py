"""CMA-ES on the simplex, replayed from the trials at every ask with the cmaes package.

Optuna's CMA-ES keeps its state as a pickle among the attributes of trials, so anyone who can write into a storage could
have code run by its readers. Here a trial notes only the number of its generation. At every ask a new optimiser is
told the trials of each whole generation, the first of them that finished. Where one worker asks at a time, it proposes
what Optuna's CMA-ES does with the same seeds.

References:
    N. Hansen. The CMA Evolution Strategy: A Tutorial. arXiv:1604.00772.
    M. Nomura, M. Shibata. cmaes: A Simple yet Practical Python Library for CMA-ES. arXiv:2402.01373.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from mixopt.history.history import History
from mixopt.samplers.latent_sampler import LatentSampler, Mapped, random_state
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

if TYPE_CHECKING:
    import cmaes

LABEL = "cmaes"


class CmaEsOnSimplex(LatentSampler):
    """CMA-ES on latent coordinates, scaled to [0, 1] each.

    Args:
        space: the mixtures to search.
        popsize: trials of a generation; 4 + 3 ln(m) by default.
        n_startup_trials: finished trials before which it proposes at random.
        lr_adapt: adapt the learning rate, for noisy scores.
        use_separable_cma: keep the covariance matrix diagonal.
        mapping: the latent coordinates; softmax reaches no vertex.
        seed: of everything random, with the trial's number.
    """

    def __init__(
        self,
        space: MixtureSpace,
        *,
        popsize: int | None = None,
        n_startup_trials: int = 1,
        lr_adapt: bool = False,
        use_separable_cma: bool = False,
        mapping: Mapped = "softmax",
        seed: int = 0,
    ) -> None:
        super().__init__(space, mapping=mapping, seed=seed)
        self._popsize, self._startup, self._adapt = popsize, n_startup_trials, lr_adapt
        self._separable = use_separable_cma
        self._generation = "sepcma:generation" if use_separable_cma else "cma:generation"  # as Optuna notes it
        self._order = np.argsort(space.domains)  # Optuna's order of parameters

    def propose(self, history: History, number: int) -> Proposal:
        """Return the mixture of trial `number`."""
        box, m = self.coordinates, self.space.m
        done = [trial for trial in history.trials if trial.state == TrialState.COMPLETE and self.latents_of(trial)]
        if len(done) < self._startup:
            latents = random_state(self.seed, number, 0, 2).uniform(box.low, box.high, m)
            return self.proposal(history, latents, LABEL, {})
        optimizer, rng = self._replayed(done, history.sign), random_state(self.seed, number, 1, 2)
        if not any(self._generation_of(trial) > 0 for trial in done):
            rng.randint(1, 2**31 - 2)  # Optuna draws a seed for its first optimiser
        optimizer.reseed_rng(rng.randint(1, 2**16) + number)
        latents = np.empty(m)
        latents[self._order] = box.low + optimizer.ask() * (box.high - box.low)
        latents = np.minimum(latents, np.nextafter(box.high, box.low))
        return self.proposal(history, latents, LABEL, {self._generation: optimizer.generation})

    def _replayed(self, done: Sequence[FrozenTrial], sign: float) -> "cmaes.CMA | cmaes.SepCMA":
        """Return the optimiser after all whole generations of finished trials."""
        optimizer = self._started()
        while len(told := self._told(done, optimizer)) == optimizer.population_size:
            optimizer.tell([(self._scaled(trial), -sign * trial.values[0]) for trial in told])
        return optimizer

    def _started(self) -> "cmaes.CMA | cmaes.SepCMA":
        import cmaes  # it loads scipy.stats, which takes most of a second

        m = self.space.m
        box = {"mean": np.full(m, 0.5), "sigma": 1 / 6, "bounds": np.tile([0.0, 1.0], (m, 1))}
        if self._separable:
            return cmaes.SepCMA(**box, n_max_resampling=10 * m, population_size=self._popsize)
        return cmaes.CMA(**box, n_max_resampling=10 * m, population_size=self._popsize, lr_adapt=self._adapt)

    def _told(self, done: Sequence[FrozenTrial], optimizer: "cmaes.CMA | cmaes.SepCMA") -> list[FrozenTrial]:
        """Return the trials of the optimiser's generation that finished first, by number, at most a whole one."""
        asked = [trial for trial in done if self._generation_of(trial) == optimizer.generation]
        asked.sort(key=lambda trial: trial.datetime_complete or datetime.max)
        return sorted(asked[: optimizer.population_size], key=lambda trial: trial.number)

    def _generation_of(self, trial: FrozenTrial) -> int:
        """Return a trial's generation; -1 where another sampler proposed it."""
        generation: int = self.notes_of(trial).get("trial", {}).get(self._generation, -1)
        return generation

    def _scaled(self, trial: FrozenTrial) -> FloatArray:
        """Return a trial's latents (m,) in [0, 1], in the optimiser's order."""
        box = self.coordinates
        scaled: FloatArray = (np.array(self.latents_of(trial))[self._order] - box.low) / (box.high - box.low)
        return scaled
