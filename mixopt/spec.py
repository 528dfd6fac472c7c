"""The study file: everything about a study, said once, in YAML.

    spec = read_spec(Path("studies/shapes.yaml"))

Every error is one line that names the file, the key and the mend.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)

from mixopt.errors import MixoptError, StudyFileError
from mixopt.heuristics import HEURISTICS
from mixopt.scores import Scoring
from mixopt.space import MixtureSpace

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, strict=True)]
SeedKind = Literal["single", "exclude_one", "all"]
Heuristic = Literal["alpha_in", "alpha_out", "alpha_balanced", "collinearity", "leave_one_out"]
assert set(HEURISTICS) == set(get_args(Heuristic))


class Strict(BaseModel):
    """An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DomainSpec(Strict):
    """One training dataset: its number of examples and the bounds of its weight."""

    size: Count
    lower: Share = 0.0
    upper: Share = 1.0


class TestsSpec(Strict):
    """Numbers of examples by test; in-tests belong to the study's domains, out-tests to none."""

    in_: dict[Name, Count] = Field(default_factory=dict, alias="in")
    out: dict[Name, Count] = Field(default_factory=dict)

    @property
    def sizes(self) -> dict[str, int]:
        return {**self.in_, **self.out}


class Blend(Strict):
    """blend x in-score + (1 - blend) x out-score."""

    blend: Share


class ScoreSpec(Strict):
    """What the study maximises, and when it is measured (training steps, the last of them the run's length)."""

    maximize: str | Blend = "out_score"
    steps: Annotated[list[Count], Field(min_length=1)]
    use: Literal["last", "mean"] = "last"

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if sorted(set(self.steps)) != self.steps:
            raise ValueError("steps must be rising whole numbers, such as [20, 60, 80]")
        return self


class CostSpec(Strict):
    """What one trial is expected to cost: seconds, and megabytes on disk. The plan is computed from it."""

    seconds: Annotated[float, Field(gt=0)]
    megabytes: Annotated[float, Field(ge=0)]


class SeedPhase(Strict):
    """Seed designs by name, or a mixture of one's own: `{name: ..., weights: {...}}`."""

    seed: Annotated[list["SeedKind | OwnMixture"], Field(min_length=1)]


class OwnMixture(Strict):
    """A mixture that the user wants to see trained."""

    name: Name
    weights: dict[Name, Share]


class HeuristicPhase(Strict):
    """Heuristics computed from the seed runs."""

    heuristic: Annotated[list[Heuristic], Field(min_length=1)]


class QuadraticOptions(Strict):
    """The quadratic response surface: how many mixtures, and how it is searched."""

    trials: Count
    search: Literal["gaussian", "cma_es"] = "gaussian"


class QuadraticPhase(Strict):
    """A batch of mixtures at which the quadratic surface is best."""

    quadratic: QuadraticOptions


class BayesOptions(Strict):
    """Bayesian search: how many trials."""

    trials: Count


class BayesPhase(Strict):
    """One mixture after another by a Gaussian process."""

    bayes: BayesOptions


def _only_key(entry: Any) -> str | None:
    """What tells phases and backends apart: the one key each has."""
    if isinstance(entry, BaseModel):
        return next(iter(type(entry).model_fields))
    return next(iter(entry)) if isinstance(entry, dict) and len(entry) == 1 else None


PhaseSpec = Annotated[
    Annotated[SeedPhase, Tag("seed")]
    | Annotated[HeuristicPhase, Tag("heuristic")]
    | Annotated[QuadraticPhase, Tag("quadratic")]
    | Annotated[BayesPhase, Tag("bayes")],
    Discriminator(_only_key),
]


class RlvrSpec(Strict):
    """Training by rlvr_backend; its options are checked there, and what is not said has the paper's value."""

    rlvr: dict[str, Any]


class CommandOptions(Strict):
    """Any program that keeps the file contract; `{request}` in its arguments becomes the request's path."""

    argv: Annotated[list[str], Field(min_length=1)]
    options: dict[str, Any] = Field(default_factory=dict)


class CommandSpec(Strict):
    """Training by a program of the user's."""

    command: CommandOptions


BackendSpec = Annotated[
    Annotated[RlvrSpec, Tag("rlvr")] | Annotated[CommandSpec, Tag("command")], Discriminator(_only_key)
]


class StudySpec(Strict):
    """A whole study file."""

    study: Name
    train_seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 42
    sampler_seed: Annotated[int, Field(ge=0, strict=True)] = 0
    domains: dict[Name, DomainSpec]
    tests: TestsSpec
    score: ScoreSpec
    strategy: Annotated[list[PhaseSpec], Field(min_length=1)]
    backend: BackendSpec
    cost: CostSpec | None = None

    @property
    def space(self) -> MixtureSpace:
        lower = {name: domain.lower for name, domain in self.domains.items()}
        upper = {name: domain.upper for name, domain in self.domains.items()}
        return MixtureSpace(list(self.domains), lower, upper)

    @property
    def scoring(self) -> Scoring:
        maximize = self.score.maximize
        return Scoring(
            self.tests.in_,
            self.tests.out,
            maximize=maximize if isinstance(maximize, str) else {"blend": maximize.blend},
            use=self.score.use,
        )


class Loader(yaml.SafeLoader):
    """YAML that refuses a key said twice, and reads 1e-6 as the number everybody means."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value):
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} is said twice", problem_mark=key_node.start_mark)
        return super().construct_mapping(node, deep)


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def read_spec(path: Path) -> StudySpec:
    """Read and check a study file.

    Raises:
        StudyFileError: it cannot be read, or says something that cannot be; one line with file, key and mend.
    """
    try:
        data = yaml.load(path.read_text(), Loader)
    except OSError as error:
        raise StudyFileError(f"{path}: cannot be read ({error.strerror}): give the path of a study file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" at line {where.line + 1}" if where else ""
        what = getattr(error, "problem", None) or "unreadable characters"
        raise StudyFileError(f"{path}: is not YAML{line} ({what}): mend it there") from error
    if not isinstance(data, dict):
        raise StudyFileError(f"{path}: is not a study file: it must start with `study: NAME`")
    try:
        spec = StudySpec.model_validate(data)
    except ValidationError as error:
        raise StudyFileError(f"{path}: {_in_words(error)}") from error
    try:
        _check_meaning(spec)
    except MixoptError as error:
        raise StudyFileError(f"{path}: {error}") from error
    return spec


def _check_meaning(spec: StudySpec) -> None:
    """What single fields cannot tell: bounds that fit together, tests, own mixtures, enough trials."""
    if not spec.tests.sizes:
        raise StudyFileError("tests: none are named: say `in: {NAME: SIZE}` or `out: {NAME: SIZE}`")
    space, _ = spec.space, spec.scoring
    for place, phase in enumerate(spec.strategy):
        if isinstance(phase, SeedPhase):
            _check_seeds(phase, space)
        if isinstance(phase, HeuristicPhase):
            if not any(isinstance(earlier, SeedPhase) for earlier in spec.strategy[:place]):
                raise StudyFileError(f"strategy.{place}.heuristic: learns from seed runs: put a seed phase before it")
            _refuse_twice(f"strategy.{place}.heuristic", phase.heuristic)


def _check_seeds(phase: SeedPhase, space: MixtureSpace) -> None:
    """Own mixtures are on the space and have names of their own."""
    _refuse_twice("strategy: seed", [entry if isinstance(entry, str) else entry.name for entry in phase.seed])
    for entry in phase.seed:
        if isinstance(entry, OwnMixture):
            try:
                space.as_array(entry.weights)
            except MixoptError as error:
                raise StudyFileError(f"strategy: seed mixture {entry.name!r}: {error}") from error


def _refuse_twice(key: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise StudyFileError(f"{key}: {name!r} is said twice: say it once")


MENDS = {
    "extra_forbidden": "unknown key: take it out or correct it",
    "missing": "is missing: add it",
    "union_tag_not_found": "must be one of {expected}, with its options after the colon",
    "union_tag_invalid": "must be one of {expected}",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_pattern_mismatch": "must be letters, digits, '_', '-' and '.', and start with a letter or digit",
}
BY_HAND = {"phase": "seed, heuristic, quadratic or bayes", "backend": "rlvr or command"}


def _in_words(error: ValidationError) -> str:
    """What is wrong first, as `key: what to do`.

    Unknown keys come before all else (a mistyped key is also a missing one); among the alternatives of a value the
    one that was followed furthest is what was meant.
    """
    first = min(error.errors(), key=lambda e: (e["type"] != "extra_forbidden", -len(e["loc"])))
    path: list[str] = []
    for part in map(str, first["loc"]):
        theirs = part in ("str", "Blend", "OwnMixture", "[key]") or part.startswith("literal[")
        path += [part] if not theirs and path[-1:] != [part] else []  # pydantic's names of alternatives are left out
    context = {"expected": BY_HAND["backend" if path[:1] == ["backend"] else "phase"], **first.get("ctx", {})}
    message = MENDS.get(first["type"], first["msg"].removeprefix("Value error, ")).format(**context)
    given = first.get("input")
    shown = f" (given: {given!r})" if isinstance(given, (str, int, float)) and first["type"] != "missing" else ""
    return f"{'.'.join(path) or 'study file'}: {message}{shown}"
