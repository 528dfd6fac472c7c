"""The phases of a strategy, each a mapping with one key: `seed`, `heuristic`, `quadratic`, ..."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from mixopt.designs import KINDS, NUMBERED
from mixopt.designs.heuristic_options import Heuristic
from mixopt.designs.heuristics import ALPHAS, HEURISTICS
from mixopt.models.registry import SURROGATES
from mixopt.samplers.stock import STOCK_SAMPLERS
from mixopt.study.spec.base import Name, Share, Strict, Trials, only_key

SeedKind = Literal["single", "exclude_one", "all", "lattice", "centroid", "proportional", "tempered"]
NumberedKind = Literal["lattice", "space_filling", "d_optimal"]
HeuristicName = Literal["alpha_in", "alpha_out", "alpha_balanced", "collinearity", "leave_one_out"]
Surrogate = Literal["linear", "quadratic", "scheffe", "mixing_law", "boosting", "gp", "botorch"]
Stock = Literal["tpe", "cma_es", "gp", "nsga2", "qmc", "random"]
assert set(KINDS) == set(get_args(SeedKind)) and set(NUMBERED) == set(get_args(NumberedKind))
assert set(HEURISTICS) == set(get_args(HeuristicName))
assert set(SURROGATES) == set(get_args(Surrogate))
assert set(STOCK_SAMPLERS) == set(get_args(Stock))


class OwnMixture(Strict):
    """A mixture that the user wants to see trained."""

    name: Name
    weights: dict[Name, Share]


def _seed_entry(entry: Any) -> str:
    """What tells the entries of a seed phase apart: text, `{space_filling: 10}`, and `{name: ..., weights: ...}`."""
    if isinstance(entry, dict):
        return "OwnMixture" if {"name", "weights"} & set(entry) else "NumberedKind"
    return "OwnMixture" if isinstance(entry, OwnMixture) else "SeedKind"


SeedEntry = Annotated[
    Annotated[SeedKind, Tag("SeedKind")]
    | Annotated[dict[NumberedKind, Trials], Field(min_length=1, max_length=1), Tag("NumberedKind")]
    | Annotated[OwnMixture, Tag("OwnMixture")],
    Discriminator(_seed_entry),
]


class SeedOptions(Strict):
    """Designs and mixtures of one's own; from more mixtures than the budget the most telling are kept."""

    designs: Annotated[list[SeedEntry], Field(min_length=1)]
    budget: Trials | None = None


class SeedPhase(Strict):
    """Seed designs by name, or a mixture of one's own; a list is short for `{designs: ...}`."""

    seed: SeedOptions

    @field_validator("seed", mode="before")
    @classmethod
    def _list_is_designs(cls, seed: Any) -> Any:
        return {"designs": seed} if isinstance(seed, list) else seed


class HeuristicGroup(Strict):
    """Heuristics with options: domains that are left out, the scores that they are computed from, and `alpha_single`,
    which those of the alpha family take."""

    names: Annotated[list[HeuristicName], Field(min_length=1)]
    without: list[Name] = Field(default_factory=list)
    scores: Literal["mean", "last"] | None = None
    alpha_single: Share = 1.0

    @model_validator(mode="before")
    @classmethod
    def _names_have_a_key(cls, group: Any) -> Any:
        if isinstance(group, dict) and (named := [name for name in group if name in HEURISTICS]):
            raise ValueError(f"say {{names: [{', '.join(named)}], ...}} with the options beside it")
        return group

    @property
    def heuristics(self) -> list[Heuristic]:
        """One by one."""
        return [
            Heuristic(name, tuple(self.without), self.scores, self.alpha_single if name in ALPHAS else 1.0)
            for name in self.names
        ]


HeuristicEntry = Annotated[
    Annotated[HeuristicName, Tag("HeuristicName")] | Annotated[HeuristicGroup, Tag("HeuristicGroup")],
    Discriminator(lambda entry: "HeuristicGroup" if isinstance(entry, (dict, HeuristicGroup)) else "HeuristicName"),
]


class HeuristicPhase(Strict):
    """Heuristics computed from the seed runs; one group of them needs no list."""

    heuristic: Annotated[list[HeuristicEntry], Field(min_length=1)]

    @field_validator("heuristic", mode="before")
    @classmethod
    def _group_is_a_list(cls, heuristic: Any) -> Any:
        return [heuristic] if isinstance(heuristic, dict) else heuristic

    @property
    def heuristics(self) -> list[Heuristic]:
        """All of them, in order."""
        return [
            heuristic
            for entry in self.heuristic
            for heuristic in (entry.heuristics if isinstance(entry, HeuristicGroup) else [Heuristic(entry)])
        ]


class QuadraticOptions(Strict):
    """The quadratic response surface: how many mixtures, and how it is searched."""

    trials: Trials
    search: Literal["gaussian", "cma_es"] = "gaussian"


class QuadraticPhase(Strict):
    """A batch of mixtures at which the quadratic surface is best."""

    quadratic: QuadraticOptions


class BayesOptions(Strict):
    """Bayesian search: how many trials; with `early` it may end runs early, within the steps of so many whole ones."""

    trials: Trials
    early: bool = False


class BayesPhase(Strict):
    """One mixture after another by a Gaussian process."""

    bayes: BayesOptions


class RegressionOptions(Strict):
    """RegMix: how many trials, and the surrogate that it fits."""

    trials: Trials
    surrogate: Surrogate = "boosting"


class RegressionPhase(Strict):
    """One mixture after another by a regression on all runs, RegMix's way."""

    regression: RegressionOptions


class OptunaOptions(Strict):
    """A sampler of Optuna's: how many trials, and which."""

    trials: Trials
    sampler: Stock


class OptunaPhase(Strict):
    """One mixture after another by a sampler of Optuna's."""

    optuna: OptunaOptions


PhaseSpec = Annotated[
    Annotated[SeedPhase, Tag("seed")]
    | Annotated[HeuristicPhase, Tag("heuristic")]
    | Annotated[QuadraticPhase, Tag("quadratic")]
    | Annotated[BayesPhase, Tag("bayes")]
    | Annotated[RegressionPhase, Tag("regression")]
    | Annotated[OptunaPhase, Tag("optuna")],
    Discriminator(only_key),
]
