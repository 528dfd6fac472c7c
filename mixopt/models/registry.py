"""Registry of surrogates by name.

Each is imported when it is made, because some load scikit-learn, or LightGBM or torch from an extra.
"""

from collections.abc import Callable
from importlib import import_module

from mixopt.errors import StrategyError, require
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
EXTRAS = {"boosting": ("lightgbm", "regmix"), "botorch": ("botorch", "botorch")}  # the package and the extra it needs


def surrogate_named(name: str) -> Surrogate:
    """Make a surrogate by its name, with its default settings.

    Args:
        name: one of `SURROGATES`.

    Returns:
        The surrogate, not fitted.

    Raises:
        StrategyError: there is none of that name.
        MissingError: it needs a package that is not installed.
    """
    require_surrogate(name)
    return SURROGATES[check_surrogate(name)]()


def check_surrogate(name: str) -> str:
    """Return the name of a surrogate.

    Raises:
        StrategyError: there is none of that name.
    """
    if name not in SURROGATES:
        raise StrategyError(f"there is no surrogate {name!r}: choose one of {', '.join(SURROGATES)}")
    return name


def require_surrogate(name: str) -> None:
    """Check that the package of a surrogate is installed.

    Raises:
        MissingError: it is not.
    """
    if name in EXTRAS:
        require(f"surrogate {name!r}", *EXTRAS[name])
