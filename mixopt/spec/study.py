"""A whole study file, and its parts but the strategy and the backend."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mixopt.data_caps import data_caps
from mixopt.errors import SpaceError
from mixopt.scores import Goal, Scoring
from mixopt.space import MixtureSpace
from mixopt.spec.backends import BackendSpec
from mixopt.spec.base import Count, Name, Share, Strict
from mixopt.spec.phases import BayesPhase, PhaseSpec


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
    """What the study maximises (one score, or several), and when it is measured (training steps, the last of them the
    run's length).

    `deterministic` says that the same mixture always scores the same, so that nothing is taken for noise.
    """

    maximize: str | Blend | Annotated[list[str | Blend], Field(min_length=2)] = "out_score"
    steps: Annotated[list[Count], Field(min_length=1)]
    use: Literal["last", "mean"] = "last"
    deterministic: bool = False

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if sorted(set(self.steps)) != self.steps:
            raise ValueError("steps must be rising whole numbers, such as [20, 60, 80]")
        return self


class CostSpec(Strict):
    """What one trial is expected to cost: seconds, and megabytes on disk. The plan is computed from it."""

    seconds: Annotated[float, Field(gt=0)]
    megabytes: Annotated[float, Field(ge=0)]


class AtLeast(Strict):
    """How long training must last before a domain may run out: data caps on the weights."""

    steps: Count
    prompts: Count


class StudySpec(Strict):
    """A whole study file."""

    study: Name
    train_seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 42
    sampler_seed: Annotated[int, Field(ge=0, strict=True)] = 0
    domains: dict[Name, DomainSpec]
    constraints: list[str] = Field(default_factory=list)
    at_least: AtLeast | None = None
    candidates: list[list[Share] | dict[Name, Share]] | None = None
    tests: TestsSpec
    score: ScoreSpec
    strategy: Annotated[list[PhaseSpec], Field(min_length=1)]
    backend: BackendSpec
    silence: Annotated[float, Field(gt=0)] | None = None  # seconds without an event: the trainer is stuck
    cost: CostSpec | None = None

    @property
    def sizes(self) -> dict[str, int]:
        return {name: domain.size for name, domain in self.domains.items()}

    @property
    def space(self) -> MixtureSpace:
        lower = {name: domain.lower for name, domain in self.domains.items()}
        upper = {name: min(domain.upper, self._caps[name]) for name, domain in self.domains.items()}
        try:
            return MixtureSpace(
                list(self.domains), lower, upper, constraints=self.constraints, candidates=self.candidates
            )
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
    def early_steps(self) -> tuple[int, ...]:
        """The evaluation steps where a phase may end runs early, else none."""
        early = any(isinstance(phase, BayesPhase) and phase.bayes.early for phase in self.strategy)
        return tuple(self.score.steps) if early else ()

    @property
    def scoring(self) -> Scoring:
        def goal(said: str | Blend) -> Goal:
            return said if isinstance(said, str) else {"blend": said.blend}

        said = self.score.maximize
        maximize = [goal(part) for part in said] if isinstance(said, list) else goal(said)
        return Scoring(self.tests.in_, self.tests.out, maximize=maximize, use=self.score.use)
