"""The key `strategy` of a study file: a list of phases, each a mapping with one key (`seed`, `bayes`, ...)."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, Tag

from mixopt.models.registry import SURROGATES
from mixopt.samplers.stock import STOCK_SAMPLERS
from mixopt.study.spec.base import Strict, Trials, one_key_of
from mixopt.study.spec.heuristic_phase import HeuristicPhase
from mixopt.study.spec.seed_phase import SeedPhase

Surrogate = Literal["linear", "quadratic", "scheffe", "mixing_law", "boosting", "gp", "botorch"]
Stock = Literal["tpe", "cma_es", "gp", "nsga2", "qmc", "random"]
assert set(SURROGATES) == set(get_args(Surrogate))
assert set(STOCK_SAMPLERS) == set(get_args(Stock))


def _trials(example: int) -> Any:
    return Field(description="Number of trials.", examples=[example])


class QuadraticOptions(Strict):
    """Options of the quadratic response surface."""

    trials: Trials = _trials(5)
    search: Literal["gaussian", "cma_es"] = Field("gaussian", description="How the maximum of the surface is searched.")


class QuadraticPhase(Strict):
    """The phase `quadratic`."""

    quadratic: QuadraticOptions = Field(
        description="Train the best mixtures of a quadratic response surface, the method of the MoDoMoDo paper."
    )


class BayesOptions(Strict):
    """Options of Bayesian optimisation."""

    trials: Trials = _trials(10)
    early: bool = Field(
        False,
        description="Whether a run may end at an early step of `score.steps` where that teaches more per second. "
        "The phase then trains as many steps as that number of whole runs.",
    )


class BayesPhase(Strict):
    """The phase `bayes`."""

    bayes: BayesOptions = Field(
        description="Train one mixture after another by Bayesian optimisation, with a Gaussian process and the "
        "knowledge gradient: the recommended method. It learns from all finished trials, whatever proposed them, takes "
        "running trials into account, respects bounds and constraints, never proposes a mixture twice, and needs no "
        "seed phase (docs/strategies.md)."
    )


class RegressionOptions(Strict):
    """Options of RegMix."""

    trials: Trials = _trials(5)
    surrogate: Surrogate = Field(
        "boosting", description="Regression model. `boosting` needs `pip install 'mixopt[regmix]'`."
    )


class RegressionPhase(Strict):
    """The phase `regression`."""

    regression: RegressionOptions = Field(
        description="Train one mixture after another by RegMix: the mean of the mixtures that a regression predicts to "
        "be best."
    )


class OptunaOptions(Strict):
    """Options of a sampler of Optuna's."""

    trials: Trials = _trials(5)
    sampler: Stock = Field(description="Name of the sampler.", examples=["tpe"])


class OptunaPhase(Strict):
    """The phase `optuna`."""

    optuna: OptunaOptions = Field(description="Train one mixture after another by a sampler of Optuna's.")


PhaseSpec = Annotated[
    Annotated[SeedPhase, Tag("(seed)")]
    | Annotated[HeuristicPhase, Tag("(heuristic)")]
    | Annotated[QuadraticPhase, Tag("(quadratic)")]
    | Annotated[BayesPhase, Tag("(bayes)")]
    | Annotated[RegressionPhase, Tag("(regression)")]
    | Annotated[OptunaPhase, Tag("(optuna)")],
    one_key_of("seed", "heuristic", "quadratic", "bayes", "regression", "optuna"),
]
