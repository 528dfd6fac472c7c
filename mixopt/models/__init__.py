"""Surrogates: fitted maps from weights to a score with its uncertainty.

`surrogate_named` makes one of `SURROGATES`; those that load scikit-learn, LightGBM or torch are imported only then.
"""

from mixopt.models.linear import LinearSurrogate
from mixopt.models.quadratic import QuadraticSurrogate
from mixopt.models.registry import SURROGATES, surrogate_named
from mixopt.models.surrogate import Surrogate

__all__ = ["SURROGATES", "LinearSurrogate", "QuadraticSurrogate", "Surrogate", "surrogate_named"]
