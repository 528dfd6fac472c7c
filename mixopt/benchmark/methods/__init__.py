"""The methods by name. Each peer is at the settings that its own documentation recommends; its file says which."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from mixopt.benchmark.methods.base import Method, Task
from mixopt.errors import MixoptError


@dataclass(frozen=True)
class Entry:
    """How a method is made, and what its results depend on.

    Attributes:
        target: "module:name" under mixopt.benchmark.methods; called with a `Task` and a seed.
        sources: files and folders of mixopt that hold the method's code, relative to the package.
        libraries: distributions whose version matters.
        needs: an extra of pyproject.toml to install first, or "".
        trials: a run's length.
        at_once: how many mixtures are asked for before any of their scores is told.
    """

    target: str
    sources: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    needs: str = ""
    trials: int = 80
    at_once: int = 1

    def make(self, task: Task, seed: int) -> Method:
        """A fresh run of the method.

        Raises:
            MixoptError: a package that it needs is not installed.
        """
        module, name = self.target.split(":")
        try:
            maker: Callable[[Task, int], Method] = getattr(import_module(f"{__name__}.{module}"), name)
        except ImportError as error:
            raise MixoptError(f"{error}: pip install 'mixopt[{self.needs}]'") from error
        return maker(task, seed)


_HERE = "benchmark/methods"
_OURS = ("acquisition", "history", "inference", "models", "samplers", "space")
_NUMPY = ("numpy", "optuna", "scipy")
_SAMPLERS = ("stock", "on_simplex", "cma_es", "latent_sampler", "transforms")
_STOCK = (f"{_HERE}/optuna_study.py", *(f"samplers/{part}.py" for part in _SAMPLERS))

METHODS = {
    "ours": Entry("ours:Ours", _OURS, _NUMPY),
    "ours_4_at_once": Entry("ours:Ours", _OURS, _NUMPY, at_once=4),
    "random": Entry("random_search:RandomSearch", (f"{_HERE}/random_search.py",), ("numpy",)),
    "tpe": Entry("optuna_study:tpe", _STOCK, ("optuna",)),
    "cma_es": Entry("optuna_study:cma_es", _STOCK, ("optuna", "cmaes")),
    "optuna_gp": Entry("optuna_study:gp", _STOCK, ("optuna", "torch")),
    "regmix": Entry("regmix:RegMix", (f"{_HERE}/regmix.py", "samplers/regression.py"), ("lightgbm",), "regmix"),
    "olmix": Entry("olmix:Olmix", (f"{_HERE}/olmix.py", f"{_HERE}/exponential_laws.py"), _NUMPY),
    "mixing_law": Entry("mixing_law:MixingLaw", (f"{_HERE}/mixing_law.py", f"{_HERE}/exponential_laws.py"), _NUMPY),
    "botorch": Entry("botorch_gp:BoTorch", (f"{_HERE}/botorch_gp.py",), ("botorch", "gpytorch"), "benchmark"),
    "ax": Entry("ax_client:Ax", (f"{_HERE}/ax_client.py",), ("ax-platform", "botorch"), "benchmark", trials=40),
}


def entry(name: str) -> Entry:
    """The method of that name.

    Raises:
        MixoptError: there is none.
    """
    if name not in METHODS:
        raise MixoptError(f"method {name!r}: the methods are {', '.join(METHODS)}")
    return METHODS[name]
