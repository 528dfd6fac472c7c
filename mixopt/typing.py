"""Array types of mixopt's signatures, and what counts as a whole number."""

from numbers import Integral

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def is_count(value: object) -> bool:
    """Whether a value, of Python or numpy, is a whole number from 1 on."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1
