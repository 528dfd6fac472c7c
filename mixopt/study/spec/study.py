"""The model of a whole study file."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, Tag, model_validator

from mixopt.errors import SpaceError
from mixopt.history.floors import Floors
from mixopt.history.scores import Scoring
from mixopt.models.pull import Pull
from mixopt.space.data_caps import data_caps
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.spec.base import Count, Name, Number, Positive, Seed, Share, Strict, kind_of, one_or_more
from mixopt.study.spec.limits import BudgetSpec, PruningSpec, StopSpec
from mixopt.study.spec.phases import BayesPhase, PhaseSpec
from mixopt.study.spec.score import ScoreSpec, TestsSpec
from mixopt.study.spec.trainers import BackendSpec, RlvrSpec


class DomainSpec(Strict):
    """A training dataset."""

    size: Count | None = Field(
        None,
        description="Number of training examples. Needed with a `backend`, with `at_least`, and by the designs "
        "`proportional` and `tempered`.",
        examples=[5997],
    )
    lower: Share = Field(0.0, description="Smallest weight, from 0 to 1.")
    upper: Share = Field(1.0, description="Largest weight, from 0 to 1.")


class CostSpec(Strict):
    """What one trial is expected to cost. `mixopt study create --dry-run` computes the cost of the study from it."""

    seconds: Positive = Field(description="Seconds that a trial takes.", examples=[40])
    megabytes: Annotated[Number, Field(ge=0)] = Field(description="Megabytes on disk.", examples=[2.2])


class MixtureSpec(Strict):
    """Limits on how many domains a mixture uses, and on how little of one. Each needs no other."""

    at_most: Count | None = Field(
        None, description="Largest number of domains with a weight above 0 in one mixture.", examples=[4]
    )
    least_share: Share = Field(
        0.0, description="Smallest weight of a domain that is used at all; 0 stays possible.", examples=[0.05]
    )


class AtLeast(Strict):
    """How long a run must last before a domain may run out of examples. This caps the weights of small domains."""

    steps: Count = Field(description="Training steps before any domain may run out.", examples=[60])
    prompts: Count = Field(description="Prompts in each training step.", examples=[8])


Row = Annotated[
    Annotated[list[Share], Tag("(list)")] | Annotated[dict[Name, Share], Tag("(mapping)")],
    Discriminator(lambda row: "(mapping)" if kind_of(row) == "(mapping)" else "(list)"),
]
Domain = Annotated[DomainSpec, BeforeValidator(lambda domain: {} if domain is None else domain)]  # `coco:` alone


def _as_mapping(domains: Any) -> Any:
    """`{a: {}, b: {}}` for `[a, b]`."""
    if not isinstance(domains, list) or not all(isinstance(name, str) for name in domains):
        return domains
    for name in domains:
        if domains.count(name) > 1:
            raise ValueError(f"{name!r} is named twice: name each domain once")
    return {name: {} for name in domains}


class StudySpec(Strict):
    """A study file: the domains to mix, the tests, what to maximise, the strategy, and the program that trains."""

    study: Name = Field(
        description="Name of the study: letters, digits, `_`, `-` and `.`, at most 64.", examples=["shapes"]
    )
    domains: Annotated[
        dict[Name, Domain],
        BeforeValidator(_as_mapping, json_schema_input_type=dict[Name, DomainSpec | None] | list[Name]),
    ] = Field(
        description="Training datasets to mix, in order. Without sizes and bounds, a list of names is enough: "
        "`[coco, lisa]`.",
        examples=[{"coco": {"size": 5997}, "lisa": {"size": 1326, "lower": 0.05}}],
    )
    constraints: Annotated[list[str], one_or_more(str)] = Field(
        default_factory=list,
        description="Linear inequalities between the weights of domains, as text.",
        examples=[["coco + lisa <= 0.5", "lisa <= 2*coco"]],
    )
    at_least: AtLeast | None = Field(
        None,
        description="Steps that a run must last before a domain may run out of examples; caps the weights of small "
        "domains.",
        examples=[{"steps": 60, "prompts": 8}],
    )
    mixture: MixtureSpec | None = Field(
        None,
        description="Number of domains that a mixture may use, and the least share of each that it uses.",
        examples=[{"at_most": 4, "least_share": 0.05}],
    )
    candidates: list[Row] | None = Field(
        None,
        description="The only mixtures that may be trained, one weight for each domain. Without it every mixture "
        "within the bounds and constraints may be.",
        examples=[[[0.5, 0.5], {"coco": 0.2, "lisa": 0.8}]],
    )
    tests: TestsSpec = Field(
        description="Tests that a run is scored on.", examples=[{"in": {"lisa": 3397}, "out": {"chartqa": 2500}}]
    )
    score: ScoreSpec = Field(
        description="What the study maximises, and when it is measured.",
        examples=[{"maximize": "out_score", "steps": [20, 60, 80]}],
    )
    strategy: Annotated[list[PhaseSpec], Field(min_length=1)] = Field(
        description="Phases, in order. Each waits for the one before.",
        examples=[[{"seed": ["single", "exclude_one", "all"]}, {"bayes": {"trials": 20}}]],
    )
    budget: BudgetSpec | None = Field(
        None,
        description="Limits on all trials together (docs/budgets.md).",
        examples=[{"trials": 40, "gpu_hours": 200}],
    )
    stop: StopSpec | None = Field(
        None,
        description="Rule that stops the study early, when another run is not worth it (docs/budgets.md).",
        examples=[{"gain": 0.01, "probability": 0.1}],
    )
    pruning: PruningSpec | None = Field(
        None,
        description="Rule that ends bad runs early (docs/budgets.md).",
        examples=[{"percentile": 75, "warmup_steps": 40}],
    )
    backend: BackendSpec | None = Field(
        None,
        description="Program that trains. Without it, `mixopt study ask` prints mixtures and `mixopt study tell` takes "
        "scores.",
        examples=[{"command": {"argv": ["python", "my_trainer.py", "{request}"]}}],
    )
    silence: Positive | None = Field(
        None,
        description="Seconds without an event after which a trainer is taken for stuck. It is ended and started again, "
        "three times at most. Without it a trainer may be silent for ever.",
        examples=[600],
    )
    cost: CostSpec | None = Field(
        None, description="What one trial is expected to cost.", examples=[{"seconds": 40, "megabytes": 2.2}]
    )
    train_seed: Seed = Field(
        42, description="Random seed of every training run. Scores depend on the weights, this seed and the steps only."
    )
    sampler_seed: Seed = Field(0, description="Random seed of the strategy.")

    _directory: Path = PrivateAttr(default_factory=Path)

    def model_post_init(self, context: Any) -> None:
        """Take the directory from the validation context."""
        self._directory = (context or {}).get("directory", self._directory)

    @property
    def directory(self) -> Path:
        """The directory that relative paths of the study file start from."""
        return self._directory

    @model_validator(mode="before")
    @classmethod
    def _unknown_steps(cls, data: Any) -> Any:
        """Earlier versions made studies of old runs with `steps: [1]` and tests of one example each."""
        match data:
            case {"score": {"steps": [1], **score}, "tests": dict(tests), **rest} if "backend" not in rest:
                sizes = [size for side in tests.values() if isinstance(side, dict) for size in side.values()]
                if sizes and set(map(str, sizes)) == {"1"}:
                    return {**rest, "tests": tests, "score": {**score, "steps": None}}
        return data

    @property
    def sizes(self) -> dict[str, int]:
        """Number of examples by domain, for the domains that have one."""
        return {name: domain.size for name, domain in self.domains.items() if domain.size is not None}

    @property
    def space(self) -> MixtureSpace:
        """The mixtures that the study may train."""
        lower = {name: domain.lower for name, domain in self.domains.items()}
        upper = {name: min(domain.upper, self._caps[name]) for name, domain in self.domains.items()}
        try:
            return MixtureSpace(
                list(self.domains),
                lower,
                upper,
                constraints=self.constraints,
                candidates=self.candidates,
                **(self.mixture.model_dump() if self.mixture else {}),
            )
        except ValueError as error:  # a constraint's number is beyond all floats
            raise SpaceError(f"constraints: cannot be computed with ({error}): fix their numbers") from error
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
    def pull(self) -> Pull | None:
        """The soft pull towards a prior mixture; None without one."""
        if self.score.pull is None:
            return None
        towards = self.score.pull.towards
        if towards == "proportional":
            towards = {name: size / sum(self.sizes.values()) for name, size in self.sizes.items()}
        return Pull(towards, self.score.pull.strength)

    @property
    def scores_base(self) -> bool:
        """Whether a worker scores the base model: a program of the user's may not support it."""
        return isinstance(self.backend, RlvrSpec) if self.score.base is None else self.score.base

    @property
    def asks_early(self) -> bool:
        """Whether a phase may ask for runs that end early."""
        return any(isinstance(phase, BayesPhase) and phase.bayes.early for phase in self.strategy)

    @property
    def early_steps(self) -> tuple[int, ...]:
        """Evaluation steps at which a phase or a pruner may end a run early; empty if none may."""
        return tuple(self.score.evaluation_steps) if self.asks_early or self.pruning else ()

    @property
    def floors(self) -> Floors:
        """The least scores that the recommended mixture must have on single tests."""
        return self.score.least

    @property
    def scoring(self) -> Scoring:
        """How scores of tests become the value of a trial."""
        return Scoring(self.tests.in_, self.tests.out, maximize=self.score.goal, use=self.score.use)
