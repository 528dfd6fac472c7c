"""The keys `tests` and `score` of a study file: what is measured, and what is maximised."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from mixopt.errors import ScoresError
from mixopt.history.floors import Floors
from mixopt.history.goals import Goal
from mixopt.models.noise import NoiseModel
from mixopt.study.spec.base import Count, Name, Number, Positive, Share, Strict, kind_of, one_key_of, one_or_more


def _no_names_alone(tests: Any) -> Any:
    if isinstance(tests, list):
        sizes = ", ".join(f"{name}: 100" for name in tests[:3])
        raise ValueError(f"needs the number of examples of each test, which weights its score: {{{sizes}, ...}}")
    return tests


Tests = Annotated[dict[Name, Count], BeforeValidator(_no_names_alone)]


class TestsSpec(Strict):
    """The key `tests`. In- and out-score weight the tests by their numbers of examples."""

    in_: Tests = Field(
        default_factory=dict,
        alias="in",
        description="In-tests, those of the study's own domains: name and number of examples.",
        examples=[{"lisa": 3397}],
    )
    out: Tests = Field(
        default_factory=dict,
        description="Out-tests, those of no domain of the study: name and number of examples.",
        examples=[{"chartqa": 2500, "mathvista": 1000}],
    )

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Number of examples by test."""
        return {**self.in_, **self.out}


class Blend(Strict):
    """blend x in-score + (1 - blend) x out-score."""

    blend: Share = Field(description="Weight of the in-score, from 0 to 1; the out-score has the rest.", examples=[0.5])


class Weights(Strict):
    """A weighted mean of tests."""

    weights: Annotated[dict[Name, Positive], Field(min_length=1)] = Field(
        description="Weighted mean of tests: name and weight, any positive number. Other tests do not count.",
        examples=[{"math": 2, "code": 1}],
    )


class WorstTest(Strict):
    """The smallest gain of a test over a reference."""

    against: Literal["base", "uniform"] = Field(
        "uniform", description="Reference: the base model before any training, or the runs of uniform weights."
    )
    tests: Annotated[list[Name], one_or_more(Name)] | None = Field(
        None, description="Tests that count. If it is not given, all do.", examples=[["math", "code"]]
    )


class Worst(Strict):
    """The key `worst`."""

    worst: WorstTest = Field(
        description="The smallest gain over a reference among the tests (docs/objectives.md).",
        examples=[{"against": "base"}],
    )


Formula = Annotated[
    Annotated[Blend, Tag("(blend)")] | Annotated[Weights, Tag("(weights)")] | Annotated[Worst, Tag("(worst)")],
    one_key_of("blend", "weights", "worst"),
]
OneGoal = Annotated[Annotated[str, Tag("(text)")] | Annotated[Formula, Tag("(mapping)")], Discriminator(kind_of)]
Goals = Annotated[
    Annotated[str, Tag("(text)")]
    | Annotated[Formula, Tag("(mapping)")]
    | Annotated[list[OneGoal], Field(min_length=2), Tag("(list)")],
    Discriminator(kind_of),
]


class RelativeFloor(Strict):
    """A floor that is relative to a reference."""

    against: Literal["base", "uniform"] = Field(
        description="Reference: the base model before any training, or uniform weights."
    )
    change: Number = Field(
        0.0, description="Least change from the reference: -0.02 allows a loss of 0.02.", examples=[-0.02]
    )


FloorSpec = Annotated[
    Annotated[Number, Tag("(number)")] | Annotated[RelativeFloor, Tag("(mapping)")],
    Discriminator(lambda floor: "(mapping)" if kind_of(floor) == "(mapping)" else "(number)"),
]
Steps = Annotated[list[Count], Field(min_length=1)]


def _as_list(steps: Any) -> Any:
    """`[10]` for `10`."""
    return [steps] if isinstance(steps, int) and not isinstance(steps, bool) else steps


class PullSpec(Strict):
    """A soft pull of `bayes` and of the recommendation towards a prior mixture (docs/strategies.md)."""

    towards: Annotated[
        Annotated[Literal["uniform", "proportional"], Tag("(text)")] | Annotated[dict[Name, Share], Tag("(mapping)")],
        Discriminator(kind_of),
    ] = Field(
        description="The prior mixture: `uniform`, `proportional` to the domains' sizes, or the weight of each domain, "
        "above 0 and summing to 1.",
        examples=["uniform", {"coco": 0.7, "lisa": 0.3}],
    )
    strength: Annotated[Number, Field(ge=0)] = Field(
        description="Factor on the divergence from the prior mixture, in units of the score.", examples=[0.02]
    )


class ScoreSpec(Strict):
    """The key `score`."""

    maximize: Goals = Field(
        "out_score",
        description="What to maximise: `out_score` or `in_score` (means over the tests, weighted by their size), "
        "`{blend: 0.5}`, the name of a test, `{weights: {math: 2, code: 1}}`, or `worst`, the smallest gain of a test "
        "over uniform weights (`{worst: {against: base}}`: over the base model). A list of several of these asks for a "
        "Pareto front (docs/objectives.md).",
        examples=["out_score", {"weights": {"math": 2, "code": 1}}, ["in_score", "out_score"]],
    )
    floors: dict[Name, FloorSpec] = Field(
        default_factory=dict,
        description="Least score that the recommended mixture must have on single tests: a number, or `{against: base, "
        "change: -0.02}`, relative to the base model or to `uniform` weights (docs/objectives.md).",
        examples=[{"ifeval": 0.7, "math": {"against": "base", "change": -0.02}}],
    )
    steps: Annotated[Steps | None, BeforeValidator(_as_list, json_schema_input_type=Steps | Count | None)] = Field(
        description="Training steps at which a run is evaluated, rising. The last one is the length of a run. A single "
        "number is a list of one. `null` if the length of a run is not known, as in a study made of old runs.",
        examples=[[20, 60, 80]],
    )
    use: Literal["last", "mean"] = Field(
        "last", description="Scores that count: those of the `last` step, or the `mean` over all steps."
    )
    deterministic: bool = Field(
        False, description="Whether the same mixture always has the same score. No difference is then taken for noise."
    )
    range: tuple[Number, Number] = Field(
        (0.0, 1.0),
        description="Lowest and highest possible score of all tests. A result with a score outside is refused.",
        examples=[[0, 100]],
    )
    pull: PullSpec | None = Field(
        None,
        description="Soft pull towards a prior mixture: `bayes` and the recommendation maximise the predicted score "
        "minus `strength` x KL(mixture || prior). For one objective.",
        examples=[{"towards": {"coco": 0.7, "lisa": 0.3}, "strength": 0.02}],
    )
    base: bool | None = Field(
        None,
        description="Whether a worker scores the base model once, before any training. If it is not given, it does so "
        "with `backend: rlvr` only. A program of your own must support it (docs/trainers.md).",
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.steps is not None and sorted(set(self.steps)) != self.steps:
            raise ValueError("steps must be rising whole numbers, such as [20, 60, 80]")
        if self.range[0] >= self.range[1]:
            raise ValueError("range must be two rising numbers, such as [0, 100]")
        return self

    @property
    def goal(self) -> Goal | list[Goal]:
        """What to maximise, as `mixopt.history.scores.Scoring` takes it."""
        if isinstance(self.maximize, list):
            return [_goal(part) for part in self.maximize]
        return _goal(self.maximize)

    @property
    def least(self) -> Floors:
        """The floors, as samplers and recommendations take them."""
        given = {
            t: floor.model_dump() if isinstance(floor, RelativeFloor) else floor for t, floor in self.floors.items()
        }
        return Floors.of(given, self.use)

    @property
    def noise(self) -> NoiseModel:
        """Whether two runs of one mixture may score differently."""
        return NoiseModel.of(self.deterministic)

    @property
    def knows_steps(self) -> bool:
        """Whether the length of a run is known."""
        return self.steps is not None

    @property
    def evaluation_steps(self) -> list[int]:
        """The steps at which trials have scores: a single one, 1, where the length of a run is not known."""
        return self.steps or [1]

    def refuse_outside(self, evaluations: Mapping[int, Mapping[str, float]]) -> None:
        """Raise ScoresError if a score of step -> test -> score is not in the range."""
        low, high = self.range
        for step, scores in evaluations.items():
            for test, score in scores.items():
                if not low <= score <= high:
                    raise ScoresError(
                        f"test {test!r} scores {score:g} at step {step}, outside [{low:g}, {high:g}]: fix the "
                        "trainer, or declare `score: {range: [LOW, HIGH]}` in the study file"
                    )


def _goal(said: str | Strict) -> Goal:
    return said if isinstance(said, str) else said.model_dump(exclude_none=True)
