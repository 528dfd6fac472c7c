"""Soft pull: a predicted score, lowered by how far a mixture is from a prior mixture (Kullback-Leibler divergence)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal, Self

import numpy as np
from scipy.special import rel_entr

from mixopt.errors import StrategyError, did_you_mean
from mixopt.models.posterior import JointlyPredicted, JointPrediction
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.weights_check import SUM_TOLERANCE
from mixopt.typing import FloatArray

TINY = 1e-300  # stands for a prior weight of 0: only mixtures outside the space use such a domain


@dataclass(frozen=True)
class Pull:
    """A soft pull of the search and of the recommendation towards a prior mixture p.

    They maximise the predicted score minus strength x KL(w || p), with KL(w || p) = sum_i w_i ln(w_i / p_i). It is 0 at
    p itself, and ln m at a single domain where p is uniform over m. Scores of trials stay as they are.

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> sampler = mixopt.BayesSampler(space, pull=mixopt.Pull({"coco": 0.7, "lisa": 0.3}, strength=0.02))

    Attributes:
        towards: "uniform", or `{domain: weight}`, all above 0 and summing to 1. A weight of 0 would forbid a domain; an
            upper bound of 0 does that, and then its weight may be 0. p need not be a mixture of the space.
        strength: 0 or more, in units of the score.
    """

    towards: Mapping[str, float] | Literal["uniform"]
    strength: float

    def prior(self, space: MixtureSpace) -> FloatArray:
        """Return p (m,) over the domains of a space.

        Raises:
            StrategyError: a strength or a weight that is not possible, an unknown domain, or one without a weight.
        """
        if isinstance(self.strength, bool) or not isinstance(self.strength, Real) or not 0 <= self.strength < np.inf:
            raise StrategyError(f"the strength of a pull is {self.strength!r}: give a number from 0 on")
        if self.towards == "uniform":
            return np.full(space.m, 1 / space.m)
        if not isinstance(self.towards, Mapping):
            raise StrategyError(f"a pull towards {self.towards!r}: give 'uniform', or a weight for each domain")
        for name, weight in self.towards.items():
            if name not in space.domains:
                domains = ", ".join(space.domains) + did_you_mean(name, space.domains)
                raise StrategyError(f"a pull towards unknown domain {name!r:.80}: the domains are {domains}")
            if isinstance(weight, bool) or not isinstance(weight, Real) or not 0 <= weight <= 1:
                raise StrategyError(
                    f"a pull towards weight {weight!r:.60} of domain {name!r}: give a number from 0 to 1"
                )
        prior = np.array([float(self.towards.get(name, 0)) for name in space.domains])
        for name, weight, upper in zip(space.domains, prior, space.upper):
            if weight == 0 < upper:
                raise StrategyError(
                    f"a pull towards weight 0 of domain {name!r} would forbid it: give it more, or an upper bound of 0"
                )
        if abs(prior.sum() - 1) > SUM_TOLERANCE:
            raise StrategyError(f"the weights of a pull sum to {prior.sum():g}: make them sum to 1")
        return prior / prior.sum()

    def penalty(self, space: MixtureSpace, weights: FloatArray) -> FloatArray:
        """Compute strength x KL(w || p), (k,), at weights (k, m)."""
        prior = np.maximum(self.prior(space), TINY)
        return self.strength * rel_entr(weights.clip(0), prior).sum(axis=1)


@dataclass(frozen=True, eq=False)
class PulledPosterior(JointlyPredicted):
    """A posterior of the score minus the penalty of a pull: means are lower, all else is that of the score.

    Attributes:
        posterior: of the score (a `Posterior`; with `until` and `levels` if it is of several steps).
        pull: towards which mixture, and how strongly.
        space: over whose domains the mixtures are.
    """

    posterior: Any
    pull: Pull
    space: MixtureSpace

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m) of the runs."""
        return np.asarray(self.posterior.weights)

    @property
    def levels(self) -> Any:
        """The levels of a model of several steps."""
        return self.posterior.levels

    def until(self, reach: int) -> Self:
        """The same for runs that end at step number `reach`."""
        return replace(self, posterior=self.posterior.until(reach))

    def _penalty(self, weights: FloatArray) -> FloatArray:
        return self.pull.penalty(self.space, weights)

    @property
    def noise_sd(self) -> float:
        """Standard deviation of one run's noise, on average over the runs."""
        return float(self.posterior.noise_sd)

    @property
    def products(self) -> int:
        """How many products `joint_prediction` computes for each pair of a mixture and a target."""
        return int(self.posterior.products)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) of the score minus the penalty, at weights (k, m)."""
        return np.asarray(self.posterior.mean(weights) - self._penalty(weights))

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation (k,) of one run's noise at weights (k, m)."""
        return np.asarray(self.posterior.noise_at(weights))

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """Prediction of runs at weights (k, m) and their covariance with targets (t, m); both means are lowered."""
        found: JointPrediction = self.posterior.joint_prediction(weights, targets)
        mean, target_mean = found.mean - self._penalty(weights), found.target_mean - self._penalty(targets)
        return replace(found, mean=mean, target_mean=target_mean)

    def conditioned_on(self, weights: FloatArray) -> Self:
        """The posterior after runs at weights (p, m) that score what it expects."""
        return replace(self, posterior=self.posterior.conditioned_on(weights))


def pulled(posterior: Any, pull: Pull | None, space: MixtureSpace) -> Any:
    """Return what the search and the recommendation maximise: a posterior, lowered by a pull where there is one."""
    return PulledPosterior(posterior, pull, space) if pull and pull.strength else posterior
