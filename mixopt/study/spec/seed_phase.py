"""The phase `seed` of a strategy: designs of the first trials, and mixtures of your own."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag

from mixopt.designs import KINDS, NUMBERED
from mixopt.study.spec.base import Name, Share, Strict, Trials

SeedKind = Literal["single", "exclude_one", "all", "lattice", "centroid", "proportional", "tempered"]
NumberedKind = Literal["lattice", "space_filling", "d_optimal"]
assert set(KINDS) == set(get_args(SeedKind)) and set(NUMBERED) == set(get_args(NumberedKind))


class OwnMixture(Strict):
    """A mixture of your own."""

    name: Name = Field(description="Label of its trial.", examples=["mine"])
    weights: dict[Name, Share] = Field(
        description="Weight of every domain; they sum to 1.", examples=[{"coco": 0.7, "lisa": 0.3}]
    )


def _kind_of_entry(entry: Any) -> str:
    """Tag of an entry of a design."""
    if isinstance(entry, dict):
        return "(mixture)" if _is_mixture(entry) else "(numbered)"
    return "(mixture)" if isinstance(entry, OwnMixture) else "(kind)"


def _is_mixture(entry: dict[Any, Any]) -> bool:
    return bool({"name", "weights"} & set(entry))


SeedEntry = Annotated[
    Annotated[SeedKind, Tag("(kind)")]
    | Annotated[dict[NumberedKind, Trials], Field(min_length=1, max_length=1), Tag("(numbered)")]
    | Annotated[OwnMixture, Tag("(mixture)")],
    Discriminator(_kind_of_entry),
]


def _as_list(designs: Any) -> Any:
    """A list of one entry for an entry."""
    one = isinstance(designs, str) or (isinstance(designs, dict) and (_is_mixture(designs) or set(designs) & NAMES))
    return [designs] if one else designs


def _as_options(seed: Any) -> Any:
    """`{designs: ...}` for its short forms, a list of designs or a single one."""
    seed = _as_list(seed)
    return {"designs": seed} if isinstance(seed, list) else seed


NAMES = set(get_args(NumberedKind))
Entries = Annotated[list[SeedEntry], Field(min_length=1)]


class SeedOptions(Strict):
    """Designs of the first trials."""

    designs: Annotated[Entries, BeforeValidator(_as_list, json_schema_input_type=Entries | SeedEntry)] = Field(
        description="Designs, in order: `single` (each domain alone), `exclude_one` (all but one), `all` (all alike), "
        "`proportional` (by size), `tempered` (by the square root of the size), `centroid` (every subset of domains), "
        "`{lattice: 2}`, `{space_filling: 10}` and `{d_optimal: 15}` (that many mixtures), or a mixture of your own, "
        "`{name: mine, weights: {coco: 0.7, lisa: 0.3}}`.",
        examples=[["single", "exclude_one", "all"]],
    )
    budget: Trials | None = Field(
        None,
        description="Largest number of trials. The most informative mixtures of a larger design are kept: with 17 "
        "domains, `[single, exclude_one, all]` alone has 35.",
        examples=[12],
    )


class SeedPhase(Strict):
    """The phase `seed`."""

    seed: Annotated[
        SeedOptions, BeforeValidator(_as_options, json_schema_input_type=SeedOptions | Entries | SeedEntry)
    ] = Field(
        description="Train designs, mixtures that do not depend on scores. A list of designs is short for "
        "`{designs: [...]}`. With bounds, constraints or `mixture`, each mixture moves to the nearest one that is "
        "allowed.",
        examples=[["single", "exclude_one", "all"]],
    )
