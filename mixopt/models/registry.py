"""Registry of surrogates by name.

Each is imported when it is made, because some load scikit-learn, LightGBM or torch.
"""

from collections.abc import Callable
from importlib import import_module

from mixopt.errors import StrategyError
from mixopt.models.surrogate import Surrogate


def _factory(module: str, name: str) -> Callable[[], Surrogate]:
    return lambda: getattr(import_module(f"mixopt.models.{module}"), name)()


SURROGATES: dict[str, Callable[[], Surrogate]] = {
    "linear": _factory("linear", "LinearSurrogate"),
    "quadratic": _factory("quadratic", "QuadraticSurrogate"),
    "scheffe": _factory("scheffe", "ScheffeSurrogate"),
    "mixing_law": _factory("mixing_law", "MixingLawSurrogate"),
    "boosting": _factory("boosting", "BoostingSurrogate"),
    "gp": _factory("gp", "GPSurrogate"),
    "botorch": _factory("botorch_gp", "BoTorchGPSurrogate"),
}


def surrogate_named(name: str) -> Surrogate:
    """Make a surrogate by its name, with its default settings.

    Args:
        name: one of `SURROGATES`.

    Returns:
        The surrogate, not fitted.

    Raises:
        StrategyError: there is none of that name, or a library that it needs is not installed.
    """
    if name not in SURROGATES:
        raise StrategyError(f"there is no surrogate {name!r}: say one of {', '.join(SURROGATES)}")
    return SURROGATES[name]()
