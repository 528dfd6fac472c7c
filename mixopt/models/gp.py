"""The default surrogate: a Gaussian process whose hyperparameters are averaged by their evidence, in closed form.

Nothing is fitted by gradients: the shapes and noises of gp_prior.py are a grid, each with its marginal likelihood,
and the best few are averaged, their disagreement added to the variance. The scale s and the curvature c of the mean
come in closed form from y'K^-1 y, y'K^-1 h and h'K^-1 h with h = -|z|^2 (K in units of s^2), with the prior
-ln(s)^2 / 2. With 20 runs many settings fit; a single one, as maximum likelihood picks it, is too sure of itself.
"""

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np

from mixopt.errors import StrategyError
from mixopt.history.outliers import outliers_clipped
from mixopt.history.runs import LARGEST
from mixopt.models.gp_member import Fit, Member
from mixopt.models.gp_prior import FIRST, NOISES, OWN, SHAPES, Noise, Products, Shape, blended, standardised
from mixopt.models.gp_sparse import Sparse
from mixopt.typing import FloatArray, IntArray

AVERAGED = 8  # members, at most
EXACT = 500  # runs; beyond it the exact Gaussian process takes too long
FEW = 4  # shapes that are tried with every noise
LEAST_SHARE = 1e-3  # of the best member's evidence
SMALLEST = 1e-150  # standard deviation of values that vary: its square must be a number
FAR = 1e12  # prior variance that stands for "free"


@dataclass(frozen=True, eq=False)
class JointPrediction:
    """What the surrogate expects at k mixtures, in units of the values: `mean`, `variance` of the noise-free score,
    `noise` (variance of one run's noise), each (k,), `covariance` (k, t) with the score at t target mixtures, and
    `target_mean` (t,) of those."""

    mean: FloatArray
    variance: FloatArray
    noise: FloatArray
    covariance: FloatArray
    target_mean: FloatArray


class GPSurrogate:
    """Gaussian process over mixtures; a pure function of the runs, without random numbers.

        mean, sd = GPSurrogate().fit(weights, values).predict(mixtures)

    Replicates (rows with the same weights) and pending runs are ordinary rows.

    Args:
        deterministic: the same mixture always scores the same; then nothing in the values is taken for noise.

    Attributes after `fit`: `members`, best first; `weights` (n, m) of the runs; `noise_sd`, the standard deviation of
    one run's noise, on average over the runs; `evidence`, the log evidence of the best setting for the values in their
    own units (up to a constant that depends on their number alone, so that fits of as many values can be compared).
    """

    def __init__(self, *, deterministic: bool = False) -> None:
        self.deterministic = deterministic

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,), in any units, of which larger is better.

        Values that do not vary give that constant; those of runs that diverged are pulled in (history/outliers.py).

        Raises:
            StrategyError: fewer than 2 runs, or a value that is not finite or beyond LARGEST.
        """
        if len(values) < 2 or not (np.abs(values) <= LARGEST).all():
            raise StrategyError(f"a Gaussian process needs 2 runs with finite values, got {values}: train more first")
        self.weights, values = np.asarray(weights, dtype=float), outliers_clipped(np.asarray(values, dtype=float))
        self._centre, self._unit = float(np.mean(values)), float(np.std(values))
        if self._unit <= max(1e-12 * abs(self._centre), SMALLEST):
            warnings.warn(f"all {len(values)} runs score the same: nothing can be learnt from them yet", stacklevel=2)
            self._unit = 1e-12 * max(1.0, abs(self._centre))
        z, values = standardised(self.weights), (np.asarray(values) - self._centre) / self._unit
        self.members, evidence = _best(z, values, OWN if self.deterministic else NOISES)
        self.evidence = evidence - len(values) * math.log(self._unit)
        self.noise_sd = float(self.noise_at(self.weights).mean())
        return self

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and sd (k,) of the noise-free score at weights (k, m)."""
        joint_prediction = self.joint_prediction(weights, weights[:0])
        return joint_prediction.mean, np.sqrt(joint_prediction.variance)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m) alone, which is much cheaper than with its sd."""
        z = standardised(weights)
        products = Products(z, self.members[0].z)
        total = sum((a.share * a.mean(z, a.covariance(products)) for a in self.members), np.zeros(len(z)))
        return self._centre + self._unit * total

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior of the noise-free scores at weights (k, m): mean (k,), covariance (k, k)."""
        joint_prediction = self.joint_prediction(weights, weights)
        return joint_prediction.mean, joint_prediction.covariance

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation of one run's noise at weights (k, m), (k,)."""
        z = standardised(weights)
        return self._unit * np.sqrt(sum(a.share * a.scale**2 * a.noise.variance(z) for a in self.members))

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """What is expected at weights (k, m), and how it goes with the scores at targets (t, m).

        The members' means differ; their disagreement is part of variance and covariance.
        """
        z, zt = standardised(weights), standardised(targets)
        known, known_t = Products(z, self.members[0].z), Products(zt, self.members[0].z)
        between = Products(z, zt)
        priors = [(a.covariance(known), a.covariance(known_t)) for a in self.members]
        means = [a.mean(z, prior) for a, (prior, _) in zip(self.members, priors)]
        means_t = [a.mean(zt, prior_t) for a, (_, prior_t) in zip(self.members, priors)]
        shares = np.array([a.share for a in self.members])
        scales = shares * np.array([a.scale**2 for a in self.members])
        mean, mean_t = shares @ means, shares @ means_t
        away, away_t = np.array(means) - mean, np.array(means_t) - mean_t
        variance, noise = shares @ away**2, np.zeros(len(z))
        covariance = (shares[:, None] * away).T @ away_t
        covariance += blended([a.shape for a in self.members], scales, between)
        if self.deterministic:
            covariance += float(scales @ [a.noise.own_variance for a in self.members]) * between.same
        for a, scale, (prior, prior_t) in zip(self.members, scales, priors):
            spread = a.spread(prior)
            variance += scale * np.maximum(a.variance(z) - (spread**2).sum(axis=0), 1e-12)
            covariance -= spread.T @ (scale * a.spread(prior_t))
            noise += scale * a.noise.variance(z)
        centre, unit, square = self._centre, self._unit, self._unit**2
        return JointPrediction(
            centre + unit * mean, square * variance, square * noise, square * covariance, centre + unit * mean_t
        )

    def conditioned_on(self, weights: FloatArray) -> "GPSurrogate":
        """As if runs at weights (p, m) had come out as expected: for trials that are still running."""
        if not len(weights):
            return self
        other = GPSurrogate(deterministic=self.deterministic)
        other.weights, other._centre, other._unit = self.weights, self._centre, self._unit
        other.noise_sd, other.evidence = self.noise_sd, self.evidence
        other.members = [member.conditioned_on(standardised(weights)) for member in self.members]
        return other


def some_of(n: int) -> IntArray:
    """EXACT of n rows, or all, in order; with another row at most one of them changes."""
    return np.sort(np.random.default_rng(0).random(n).argsort(kind="stable")[:EXACT])


def _best(z: FloatArray, values: FloatArray, noises: Sequence[Noise]) -> tuple[list[Member], float]:
    """The settings of largest evidence, conditioned on the runs, and the log of the largest.

    Beyond EXACT runs the settings are sought with EXACT of them, and conditioned on all by way of gp_sparse.py.
    """
    if len(z) <= EXACT:
        best = _sought(z, values, noises)
        return _averaged(best, lambda fit, share: Member.of(fit, share, z, values)), best[0].evidence
    some = some_of(len(z))
    settings = [(fit.shape, fit.noise) for fit in _sought(z[some], values[some], noises)]
    sparse = Sparse.of(z, values, settings[0][0])
    best = _ranked([sparse.fit(*setting) for setting in settings])
    return _averaged(best, sparse.member), best[0].evidence


def _averaged(best: list[Fit], member: Callable[[Fit, float], Member]) -> list[Member]:
    """The members of fits, best first, by their shares in the evidence."""
    shares = np.exp([fit.evidence - best[0].evidence for fit in best])
    shares = np.where(shares < LEAST_SHARE, 0, shares) / shares[shares >= LEAST_SHARE].sum()
    return [member(fit, float(share)) for fit, share in zip(best, shares) if share]


def _sought(z: FloatArray, values: FloatArray, noises: Sequence[Noise]) -> list[Fit]:
    """The settings of largest evidence, best first.

    The noise is sought with one shape, the shape with the best noise, and then the noise anew with the best shapes. On
    72 fits of 20 and 80 runs that missed .015 of the whole grid's largest log evidence on average, .4 at most, in a
    quarter of its time.
    """
    products = Products(z, z)
    tried = _fits(z, values, products, product([FIRST], noises))
    tried += _fits(z, values, products, product(SHAPES, [_ranked(tried)[0].noise]))
    few = [fit.shape for fit in _ranked(tried)[:FEW]]
    known = {(fit.shape, fit.noise) for fit in tried}
    tried += _fits(z, values, products, (pair for pair in product(few, noises) if pair not in known))
    return _ranked(tried)[:AVERAGED]


def _ranked(fits: list[Fit]) -> list[Fit]:
    return sorted(fits, key=lambda fit: -fit.evidence)


def _fits(z: FloatArray, values: FloatArray, products: Products, settings: Iterable[tuple[Shape, Noise]]) -> list[Fit]:
    """The evidence of settings; one Cholesky factor each gives the log determinant and, from two more rows that carry
    y and h, the products y'K^-1 y, y'K^-1 h and h'K^-1 h."""
    n, h = len(z), -(z**2).sum(axis=1)
    extended = np.zeros((n + 2, n + 2))
    extended[n:, :n] = values, h
    extended[n:, n:] = FAR * np.eye(2)
    fits, covariances = [], {}
    for shape, noise in settings:
        if shape not in covariances:
            covariances[shape] = shape.covariance(products)
        extended[:n, :n] = covariances[shape]
        if noise.own:
            extended[:n, :n] += noise.own_variance * products.same
        extended[np.arange(n), np.arange(n)] += noise.variance(z)
        root = np.linalg.cholesky(extended)
        (yy, yh), (_, hh) = root[n:, :n] @ root[n:, :n].T
        fits.append(Fit.of((shape, noise), n, (yy, yh, hh), np.log(np.diagonal(root)[:n]).sum()))
    return fits
