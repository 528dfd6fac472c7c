"""Prediction of one mixture: its score, its gain over uniform weights, and whether it beats the seed mixtures."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from mixopt.acquisition.feasibility import Feasibility
from mixopt.inference.intervals import interval
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


@dataclass(frozen=True, kw_only=True)
class MixturePrediction:
    """A mixture and what the runs say about it; scores are in the units of the runs' values.

    Attributes:
        weights: `{domain: weight}`.
        mean: predicted noise-free score.
        interval: its central 90 % interval.
        gain_over_uniform: predicted score minus that of uniform weights (or of the nearest feasible mixture to them).
        gain_interval: its central 90 % interval.
        beats_uniform: probability that the gain is positive; .5 for uniform itself.
        beats_seeds: the same against each seed or imported mixture that was trained, by its label; where there are very
            many, against those of largest posterior mean.
        number: the trial that trained it, None for a mixture that was not trained.
        meets_floors: probability that it meets the floors of single tests; None if there are none.
    """

    weights: dict[str, float]
    mean: float
    interval: tuple[float, float]
    gain_over_uniform: float
    gain_interval: tuple[float, float]
    beats_uniform: float
    beats_seeds: dict[str, float]
    number: int | None = None
    meets_floors: float | None = None


@dataclass(frozen=True, eq=False)
class Rivals:
    """The mixtures that a mixture is compared with.

    Attributes:
        labels: of the seed and imported mixtures (k).
        weights: (1 + k, m), uniform weights first.
    """

    labels: tuple[str, ...]
    weights: FloatArray


def predict_mixture(
    space: MixtureSpace,
    posterior: Posterior,
    mixture: FloatArray,
    rivals: Rivals,
    widen: float,
    number: int | None = None,
    feasibility: Feasibility | None = None,
) -> MixturePrediction:
    """Predict a mixture.

    Args:
        space: over whose domains it is.
        posterior: the fitted model.
        mixture: its weights (m,).
        rivals: uniform weights and the seed mixtures.
        widen: factor on standard deviations.
        number: of the trial that trained it.
        feasibility: the floors of single tests.

    Returns:
        The prediction.
    """
    means, covariance = posterior.joint(np.vstack([mixture[None], rivals.weights]))
    variances = covariance[0, 0] + np.diagonal(covariance)[1:] - 2 * covariance[0, 1:]
    same = (np.abs(rivals.weights - mixture) < 1e-9).all(axis=1)
    gains = np.where(same, 0, means[0] - means[1:])
    sds = np.where(same, 0, widen * np.sqrt(variances.clip(0)))
    beats = [float(ndtr(gain / sd)) if sd > 0 else 0.5 for gain, sd in zip(gains, sds)]
    return MixturePrediction(
        weights=space.as_dict(mixture),
        mean=float(means[0]),
        interval=interval(means[0], widen * np.sqrt(max(covariance[0, 0], 0))),
        gain_over_uniform=float(gains[0]),
        gain_interval=interval(gains[0], sds[0]),
        beats_uniform=beats[0],
        beats_seeds=dict(zip(rivals.labels, beats[1:])),
        number=number,
        meets_floors=float(feasibility(mixture[None])[0]) if feasibility else None,
    )
