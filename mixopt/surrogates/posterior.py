"""What a search and a recommendation ask of a fitted model, whichever it is."""

from typing import Protocol

from mixopt.arrays import FloatArray
from mixopt.surrogates.evidence import Outlook


class Posterior(Protocol):
    """A fitted model of a noise-free score over mixtures, in the units of the values it was fitted on."""

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m) of its runs."""

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m)."""

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and standard deviation (k,) at weights (k, m)."""

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior at weights (k, m): mean (k,), covariance (k, k)."""

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation of one run's noise at weights (k, m), (k,)."""

    def outlook(self, weights: FloatArray, targets: FloatArray) -> Outlook:
        """What is expected of runs at weights (k, m), and how it goes with the scores at targets (t, m)."""

    def believing(self, weights: FloatArray) -> "Posterior":
        """As if runs at weights (p, m) had come out as expected."""
