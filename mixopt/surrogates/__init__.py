"""Surrogates: fitted maps from weights to a score with its uncertainty.

`mixopt.surrogates.gp` is imported by path, because it loads torch.
"""

from mixopt.surrogates.base import Surrogate
from mixopt.surrogates.linear import LinearSurrogate
from mixopt.surrogates.quadratic import QuadraticSurrogate

__all__ = ["LinearSurrogate", "QuadraticSurrogate", "Surrogate"]
