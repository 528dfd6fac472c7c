"""Surrogate models: they are fitted on runs and predict the score of any mixture, with its uncertainty.

`surrogate_named` makes one of `SURROGATES`. Those that load scikit-learn, LightGBM or torch are imported only then.
"""

from mixopt.models.linear import LinearSurrogate
from mixopt.models.quadratic import QuadraticSurrogate
from mixopt.models.registry import SURROGATES, surrogate_named
from mixopt.models.surrogate import FittedSurrogate, Surrogate

__all__ = ["SURROGATES", "FittedSurrogate", "LinearSurrogate", "QuadraticSurrogate", "Surrogate", "surrogate_named"]
