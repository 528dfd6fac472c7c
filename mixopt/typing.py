"""Array types for signatures, and the check for positive whole numbers."""

from numbers import Integral

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def is_count(value: object) -> bool:
    """Return whether a value of Python or NumPy is a whole number of at least 1."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1
