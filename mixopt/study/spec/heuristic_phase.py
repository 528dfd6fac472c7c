"""The phase `heuristic` of a strategy: mixtures that are computed from the scores of the seed runs."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from mixopt.designs.heuristic_options import Heuristic
from mixopt.designs.heuristics import ALPHAS, HEURISTICS
from mixopt.study.spec.base import Name, Share, Strict, one_or_more

HeuristicName = Literal["alpha_in", "alpha_out", "alpha_balanced", "collinearity", "leave_one_out"]
assert set(HEURISTICS) == set(get_args(HeuristicName))


class HeuristicGroup(Strict):
    """Heuristics with options."""

    names: Annotated[list[HeuristicName], Field(min_length=1), one_or_more(HeuristicName)] = Field(
        description="Names of heuristics.", examples=[["alpha_in", "leave_one_out"]]
    )
    without: Annotated[list[Name], one_or_more(Name)] = Field(
        default_factory=list, description="Domains that are left out; their weight is 0.", examples=[["coco"]]
    )
    scores: Literal["mean", "last"] | None = Field(
        None,
        description="Scores that the heuristics use: the `mean` over all evaluation steps, or those at the `last` one. "
        "If it is not given, `score.use` decides.",
    )
    alpha_single: Share = Field(
        1.0, description="Weight of the runs on a single domain, from 0 to 1; for `alpha_...` heuristics only."
    )

    @model_validator(mode="before")
    @classmethod
    def _names_have_a_key(cls, group: Any) -> Any:
        if isinstance(group, dict) and (named := [name for name in group if name in HEURISTICS]):
            raise ValueError(f"write {{names: [{', '.join(named)}], ...}} with the options beside it")
        return group

    @property
    def heuristics(self) -> list[Heuristic]:
        """The heuristics of the group, one by one."""
        return [
            Heuristic(name, tuple(self.without), self.scores, self.alpha_single if name in ALPHAS else 1.0)
            for name in self.names
        ]


def _kind_of_entry(entry: Any) -> str:
    return "(group)" if isinstance(entry, (dict, HeuristicGroup)) else "(name)"


HeuristicEntry = Annotated[
    Annotated[HeuristicName, Tag("(name)")] | Annotated[HeuristicGroup, Tag("(group)")], Discriminator(_kind_of_entry)
]


def _as_list(heuristic: Any) -> Any:
    """A list of one entry for an entry."""
    return [heuristic] if isinstance(heuristic, (str, dict)) else heuristic


Entries = Annotated[list[HeuristicEntry], Field(min_length=1)]


class HeuristicPhase(Strict):
    """The phase `heuristic`."""

    heuristic: Annotated[Entries, BeforeValidator(_as_list, json_schema_input_type=Entries | HeuristicEntry)] = Field(
        description="Train mixtures that heuristics compute from the scores of the seed runs: `alpha_in`, `alpha_out`, "
        "`alpha_balanced`, `collinearity`, `leave_one_out`; or names with options, `{names: [alpha_in], scores: mean, "
        "without: [coco], alpha_single: 0.5}`. A heuristic is skipped, with the reason, if the seed runs that it needs "
        "are missing (docs/strategies.md).",
        examples=[["alpha_in", "leave_one_out"]],
    )

    @property
    def heuristics(self) -> list[Heuristic]:
        """All heuristics of the phase, in order."""
        return [
            heuristic
            for entry in self.heuristic
            for heuristic in (entry.heuristics if isinstance(entry, HeuristicGroup) else [Heuristic(entry)])
        ]
