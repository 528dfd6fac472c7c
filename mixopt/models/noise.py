"""The noise estimate: how much the scores of two runs of one mixture differ, by the Gaussian process and by replicates.

There are two estimates.

- The Gaussian process (gp.py) infers the noise together with the shape of the score: each `Noise` of the grid here is
  one hypothesis, the evidence of the runs weighs them (gp_evidence.py), and `noise_at` of the fitted process averages
  them. This is the estimate that proposals and recommendations use.
- `MeasuredNoise` is the spread of runs of the same mixture, without a model. Only the training seed differs between
  such runs. It is reported beside the first one.

Where a study file says `deterministic: true` there is no noise to infer: `NoiseModel` has the two cases.
"""

import math
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Self

import numpy as np

from mixopt.models.gp_coordinates import standardised
from mixopt.space.region import same_rows
from mixopt.typing import FloatArray

ROUNDING = 1e-6  # variance, in units of s^2, of the rounding of deterministic scores


@dataclass(frozen=True)
class Noise:
    """A hypothesis about the noise of one run: its variance over mixtures, in units of s^2, s the scale of the score.

        variance(w) = tau (1 + h |z|^2) / (1 + h) sum_i g_i w_i,    z the coordinates of w (gp_coordinates.py, p = 1)

    Without g it is tau on average over Dirichlet(1) mixtures, and the same everywhere (h = 0) or larger near the
    corners. With g it is larger where a domain has much weight that makes runs noisy.

    Attributes:
        tau: average variance.
        growth: h.
        deterministic: whether the variance tau belongs to the score itself, not to the noise. It is then what no smooth
            surface explains, and every run of a mixture has the same of it.
        by_domain: g (m), or () where all are 1.
    """

    tau: float
    growth: float
    deterministic: bool = False
    by_domain: tuple[float, ...] = ()

    @property
    def own_variance(self) -> float:
        """The variance that it adds to the score of each mixture, independently of all other mixtures."""
        return self.tau if self.deterministic else 0.0

    def variance(self, weights: FloatArray) -> FloatArray:
        """The variance (n,) of one run's noise at weights (n, m)."""
        if self.deterministic:
            return np.full(len(weights), ROUNDING)
        variance = self.tau * (1 + self.growth * (standardised(weights) ** 2).sum(axis=1)) / (1 + self.growth)
        return variance * (weights @ self.by_domain) if self.by_domain else variance

    def unexplained(self, weights: FloatArray) -> FloatArray:
        """The variance (n,) of everything that no smooth surface explains, at weights (n, m)."""
        return self.variance(weights) + self.own_variance

    @property
    def log_prior(self) -> float:
        """The log prior density of tau, up to a constant: log-normal about .3, with sigma 1.5."""
        return -((math.log(self.tau / 0.3) / 1.5) ** 2) / 2


VARIANCES = (0.004, 0.013, 0.04, 0.13, 0.4, 1.3)
ESTIMATED = tuple(Noise(tau, growth) for tau, growth in product(VARIANCES, (0.0, 3.0)))
EXACT = tuple(Noise(tau, 0.0, deterministic=True) for tau in VARIANCES)


class NoiseModel(Enum):
    """Whether two runs of one mixture may score differently.

    Attributes:
        ESTIMATED: they may; how much is inferred from the runs.
        DETERMINISTIC: they score the same (`deterministic: true` in a study file); nothing is taken for noise.
    """

    ESTIMATED = "estimated"
    DETERMINISTIC = "deterministic"

    @classmethod
    def of(cls, deterministic: bool) -> "NoiseModel":
        """The noise model of a study file's or a sampler's `deterministic`."""
        return cls.DETERMINISTIC if deterministic else cls.ESTIMATED

    @property
    def hypotheses(self) -> tuple[Noise, ...]:
        """The noises that the Gaussian process tries."""
        return EXACT if self is NoiseModel.DETERMINISTIC else ESTIMATED


@dataclass(frozen=True)
class MeasuredNoise:
    """The pooled standard deviation of runs of the same mixture.

    Attributes:
        sd: of one run, in units of the values.
        mixtures: how many mixtures were trained more than once.
        runs: how many runs these mixtures have together.
    """

    sd: float
    mixtures: int
    runs: int

    @classmethod
    def of(cls, weights: FloatArray, values: FloatArray) -> Self | None:
        """Measure the noise by replicates.

        Args:
            weights: mixtures (n, m) of the runs.
            values: their scores (n,).

        Returns:
            The pooled spread; None where every mixture was trained once.
        """
        mixture = same_rows(weights)
        counts = np.bincount(mixture)
        several = counts > 1
        if not several.any():
            return None
        means = np.bincount(mixture, weights=values) / counts
        squares = float(((values - means[mixture]) ** 2).sum())
        mixtures, runs = int(several.sum()), int(counts[several].sum())
        return cls(float(np.sqrt(squares / (runs - mixtures))), mixtures, runs)
