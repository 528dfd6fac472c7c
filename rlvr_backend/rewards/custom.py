"""A user's own reward: a Python function named "package.module:function" where a row names its reward.

It is called like the built-in ones, `function(answer: str, truth: Truth) -> float in [0, 1]`, on every completion whose
format is right. Its running time is not bounded.
"""

from functools import cache
from importlib import import_module
from numbers import Real

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards.truth import Reward, Truth


@cache
def custom_reward(name: str) -> Reward:
    """Import the function "package.module:function", and check every value it returns.

    A bug in it must not be trained on silently: the returned reward raises RequestError where the function raises, or
    returns anything but a number in [0, 1].

    Args:
        name: "package.module:function".

    Raises:
        RequestError: It cannot be imported or called.
    """
    module, _, attribute = name.partition(":")
    try:
        function = getattr(import_module(module), attribute)
    except Exception as error:  # importing runs the user's code, which may raise anything
        raise RequestError(
            f"reward {name!r} cannot be imported ({_one_line(error)}); its module must be on PYTHONPATH or installed"
        ) from error
    if not callable(function):
        raise RequestError(f"reward {name!r} is of type {type(function).__name__}; it must be a function")

    def checked(answer: str, truth: Truth) -> float:
        try:
            score = function(answer, truth)
        except Exception as error:
            raise RequestError(f"reward {name!r} failed on the answer {answer[:80]!r} ({_one_line(error)})") from error
        if not (isinstance(score, Real) and 0 <= score <= 1):  # NaN is neither
            raise RequestError(
                f"reward {name!r} returned {score!r} for the answer {answer[:80]!r}; it must return a number in [0, 1]"
            )
        return float(score)

    return checked


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
