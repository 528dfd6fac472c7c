"""Surrogates: fitted maps from weights to a score with its uncertainty.

`surrogate_named` makes one of `SURROGATES`; those that load scikit-learn, LightGBM or torch are imported only then.
"""

from mixopt.surrogates.base import Surrogate
from mixopt.surrogates.linear import LinearSurrogate
from mixopt.surrogates.quadratic import QuadraticSurrogate
from mixopt.surrogates.registry import SURROGATES, surrogate_named

__all__ = ["SURROGATES", "LinearSurrogate", "QuadraticSurrogate", "Surrogate", "surrogate_named"]
