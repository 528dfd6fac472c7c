"""Base of samplers that search latent coordinates (transforms.py), and what they note on trials."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from optuna.trial import FrozenTrial

from mixopt.acquisition.exclusion import nearest_allowed
from mixopt.history.history import History
from mixopt.history.keys import LABEL, STOCK, STRATEGY
from mixopt.history.trials import weights_of
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from mixopt.samplers.transforms import LATENTS
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

Mapped = Literal["exponential", "softmax"]


class LatentSampler(MixtureSampler):
    """A sampler that searches a box of latent coordinates and knows of no bounds or constraints.

    Each trial notes the latents that it was proposed at, so that they are not computed from its weights again.

    Args:
        space: the mixtures to search.
        mapping: the latent coordinates; softmax reaches no vertex.
        seed: of everything random, with the trial's number.
    """

    strategy = "model-based"

    def __init__(self, space: MixtureSpace, *, mapping: Mapped = "exponential", seed: int = 0) -> None:
        super().__init__(space, seed=seed)
        self.mapping, self.coordinates = mapping, LATENTS[mapping]

    def notes_of(self, trial: FrozenTrial) -> dict[str, Any]:
        """Return what an earlier proposal in the same coordinates noted on a trial; {} where there is none."""
        notes = trial.user_attrs.get(STOCK, {})
        return notes if notes.get("mapping") == self.mapping else {}

    def latents_of(self, trial: FrozenTrial) -> list[float]:
        """Return the latents (m,) that a trial was proposed at, else those of its weights; [] without weights."""
        weights = weights_of(trial, self.space)
        known: list[float] = self.notes_of(trial).get("latents") or []
        return known if known or weights is None else self.coordinates.to_latents(weights).tolist()

    def proposal(
        self,
        history: History,
        latents: FloatArray,
        label: str,
        of_trial: Mapping[str, Any],
        of_study: Mapping[str, Any] = MappingProxyType({}),
    ) -> Proposal:
        """Return the feasible mixture that is nearest to what latents (m,) stand for.

        Args:
            history: the trials that it must differ from.
            latents: in the box of the coordinates.
            label: the trial's name in reports.
            of_trial: what the sampler wants to read again on this trial.
            of_study: the same, of the study.
        """
        weights = nearest_allowed(self.space, self.coordinates.to_weights(latents), history.tried())
        notes = {
            "mapping": self.mapping,
            "latents": latents.tolist(),
            "trial": dict(of_trial),
            "study": dict(of_study),
        }
        return Proposal(weights, {STRATEGY: self.strategy, LABEL: label, STOCK: notes})


def random_state(seed: int, number: int, place: int, places: int) -> np.random.RandomState:
    """Return the generator at one of several places, seeded from (seed, trial number)."""
    sequence = np.random.SeedSequence([seed, number]).spawn(places)[place]
    return np.random.RandomState(int(sequence.generate_state(1)[0]))
