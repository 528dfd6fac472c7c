"""A whole study file, and its parts but the strategy and the backend."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mixopt.errors import ScoresError, SpaceError
from mixopt.history.scores import Goal, Scoring
from mixopt.models.noise import NoiseModel
from mixopt.space.data_caps import data_caps
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.spec.base import Count, Name, Number, Seed, Share, Strict
from mixopt.study.spec.limits import BudgetSpec, PruningSpec, StopSpec
from mixopt.study.spec.phases import BayesPhase, PhaseSpec
from mixopt.study.spec.trainers import BackendSpec, RlvrSpec

UNSAID = [1]  # steps of a study that does not say how long a run is: one that was made of old runs


class DomainSpec(Strict):
    """One training dataset: its number of examples, where something needs it, and the bounds of its weight."""

    size: Count | None = None
    lower: Share = 0.0
    upper: Share = 1.0


class TestsSpec(Strict):
    """Numbers of examples by test; in-tests belong to the study's domains, out-tests to none."""

    in_: dict[Name, Count] = Field(default_factory=dict, alias="in")
    out: dict[Name, Count] = Field(default_factory=dict)

    @cached_property
    def sizes(self) -> dict[str, int]:
        return {**self.in_, **self.out}


class Blend(Strict):
    """blend x in-score + (1 - blend) x out-score."""

    blend: Share


class ScoreSpec(Strict):
    """What the study maximises (one score, or several), and when it is measured (training steps, the last of them the
    run's length).

    `deterministic` says that the same mixture always scores the same, so that nothing is taken for noise. `range` is
    where the scores of all tests lie; a result with another is refused. `base` says whether a worker has the base model
    scored too; without it, it is with the backend `rlvr`.
    """

    maximize: str | Blend | Annotated[list[str | Blend], Field(min_length=2)] = "out_score"
    steps: Annotated[list[Count], Field(min_length=1)]
    use: Literal["last", "mean"] = "last"
    deterministic: bool = False
    range: tuple[Number, Number] = (0.0, 1.0)
    base: bool | None = None

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if sorted(set(self.steps)) != self.steps:
            raise ValueError("steps must be rising whole numbers, such as [20, 60, 80]")
        if self.range[0] >= self.range[1]:
            raise ValueError("range must be two rising numbers, such as [0, 100]")
        return self

    @property
    def noise(self) -> NoiseModel:
        """Whether two runs of one mixture may score differently."""
        return NoiseModel.of(self.deterministic)

    @property
    def says_steps(self) -> bool:
        """Whether anybody knows how long a run is."""
        return self.steps != UNSAID

    def refuse_outside(self, evaluations: Mapping[int, Mapping[str, float]]) -> None:
        """Raise ScoresError where a score of step -> test -> score is not in the range."""
        low, high = self.range
        for step, scores in evaluations.items():
            for test, score in scores.items():
                if not low <= score <= high:
                    raise ScoresError(
                        f"test {test!r} scores {score:g} at step {step}, outside [{low:g}, {high:g}]: mend the "
                        "trainer, or declare `score: {range: [LOW, HIGH]}` in the study file"
                    )


class CostSpec(Strict):
    """What one trial is expected to cost: seconds, and megabytes on disk. The plan is computed from it."""

    seconds: Annotated[Number, Field(gt=0)]
    megabytes: Annotated[Number, Field(ge=0)]


class AtLeast(Strict):
    """How long training must last before a domain may run out: data caps on the weights."""

    steps: Count
    prompts: Count


class StudySpec(Strict):
    """A whole study file."""

    study: Name
    train_seed: Seed = 42
    sampler_seed: Seed = 0
    domains: dict[Name, DomainSpec]
    constraints: list[str] = Field(default_factory=list)
    at_least: AtLeast | None = None
    candidates: list[list[Share] | dict[Name, Share]] | None = None
    tests: TestsSpec
    score: ScoreSpec
    strategy: Annotated[list[PhaseSpec], Field(min_length=1)]
    budget: BudgetSpec | None = None
    stop: StopSpec | None = None
    pruning: PruningSpec | None = None
    backend: BackendSpec | None = None  # without one, trials are asked for and told by hand
    silence: Annotated[Number, Field(gt=0)] | None = None  # seconds without an event: the trainer is stuck
    cost: CostSpec | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of examples by domain, of those domains that say one."""
        return {name: domain.size for name, domain in self.domains.items() if domain.size is not None}

    @property
    def space(self) -> MixtureSpace:
        lower = {name: domain.lower for name, domain in self.domains.items()}
        upper = {name: min(domain.upper, self._caps[name]) for name, domain in self.domains.items()}
        try:
            return MixtureSpace(
                list(self.domains), lower, upper, constraints=self.constraints, candidates=self.candidates
            )
        except ValueError as error:  # a constraint's number is beyond all floats
            raise SpaceError(f"constraints: cannot be computed with ({error}): mend their numbers") from error
        except SpaceError as error:
            if self.at_least is None:
                raise
            caps = ", ".join(f"{name} {cap:.3g}" for name, cap in self._caps.items() if cap < 1)
            raise SpaceError(f"{error} (at_least caps {caps or 'nothing'}: fewer steps raise these)") from None

    @property
    def _caps(self) -> dict[str, float]:
        if self.at_least is None:
            return dict.fromkeys(self.domains, 1.0)
        return data_caps(self.sizes, self.at_least.steps, self.at_least.prompts)

    @property
    def scores_base(self) -> bool:
        """Whether a worker has the base model scored: a program of the user's may not know how."""
        return isinstance(self.backend, RlvrSpec) if self.score.base is None else self.score.base

    @property
    def asks_early(self) -> bool:
        """Whether a phase may ask for runs that end early."""
        return any(isinstance(phase, BayesPhase) and phase.bayes.early for phase in self.strategy)

    @property
    def early_steps(self) -> tuple[int, ...]:
        """The evaluation steps where runs may end early, by a phase or by a pruner; else none."""
        return tuple(self.score.steps) if self.asks_early or self.pruning else ()

    @property
    def scoring(self) -> Scoring:
        def goal(said: str | Blend) -> Goal:
            return said if isinstance(said, str) else {"blend": said.blend}

        said = self.score.maximize
        maximize = [goal(part) for part in said] if isinstance(said, list) else goal(said)
        return Scoring(self.tests.in_, self.tests.out, maximize=maximize, use=self.score.use)
