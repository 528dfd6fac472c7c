"""What the fields of a study file mean together."""

from collections.abc import Sequence
from dataclasses import replace

from mixopt.designs.heuristic_options import Heuristic
from mixopt.designs.heuristics import ALPHAS
from mixopt.errors import MixoptError, SpaceError, StrategyError, StudyFileError
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.spec.phases import HeuristicGroup, HeuristicPhase, OwnMixture, SeedPhase
from mixopt.study.spec.study import StudySpec


def check_meaning(spec: StudySpec) -> None:
    """What single fields cannot tell: bounds that fit together, tests, own mixtures, enough trials."""
    if not spec.tests.sizes:
        raise StudyFileError("tests: none are named: say `in: {NAME: SIZE}` or `out: {NAME: SIZE}`")
    _check_sizes(spec)
    space, _ = spec.space, spec.scoring
    _check_early(spec)
    if spec.score.base and spec.backend is None:
        raise StudyFileError(
            "score.base: needs a `backend`, which scores the base model: leave it out, and tell the scores with "
            f"`mixopt study base {spec.study} --score TEST=0.31`"
        )
    if spec.stop and len(spec.scoring.goals) > 1:
        raise StudyFileError("stop: goes by one objective's recommendation: maximize one, or leave it out")
    for place, phase in enumerate(spec.strategy):
        if isinstance(phase, SeedPhase):
            _check_seeds(phase, space)
        if isinstance(phase, HeuristicPhase):
            if not any(isinstance(earlier, SeedPhase) for earlier in spec.strategy[:place]):
                raise StudyFileError(f"strategy.{place}.heuristic: learns from seed runs: put a seed phase before it")
            _check_heuristics(f"strategy.{place}.heuristic", phase, spec)


def _check_sizes(spec: StudySpec) -> None:
    """Trainers and data caps go by the number of examples of every domain."""
    needed = "`backend`" if spec.backend else "`at_least`" if spec.at_least else None
    missing = [name for name in spec.domains if name not in spec.sizes]
    if needed and missing:
        raise StudyFileError(f"domains.{missing[0]}.size: is missing: add it, since {needed} goes by it")


def _check_early(spec: StudySpec) -> None:
    """Runs end early by one noisy objective at an early step, and in one way."""
    way = "`pruning`" if spec.pruning else "`early: true`"
    if spec.pruning and spec.asks_early:
        raise StudyFileError("pruning: `early: true` in strategy ends runs early already: leave out one of them")
    if spec.early_steps and len(spec.score.steps) < 2:
        raise StudyFileError(f"score.steps: has no early step for {way}: say more, such as [20, 60, 80]")
    if spec.early_steps and len(spec.scoring.goals) > 1:
        raise StudyFileError(f"score.maximize: {way} needs one objective: maximize one, or leave it out")
    if spec.early_steps and spec.score.deterministic:
        raise StudyFileError(f"score.deterministic: is not modelled with {way}: leave out one of them")


def _check_seeds(phase: SeedPhase, space: MixtureSpace) -> None:
    """Own mixtures are on the space and have names of their own."""
    own = [entry for entry in phase.seed.designs if isinstance(entry, OwnMixture)]
    kinds = [entry for entry in phase.seed.designs if not isinstance(entry, OwnMixture)]
    names = [kind if isinstance(kind, str) else str(*kind) for kind in kinds] + [mixture.name for mixture in own]
    _refuse_twice("strategy: seed", names)
    for entry in own:
        try:
            space.as_array(entry.weights)
        except MixoptError as error:
            raise StudyFileError(f"strategy: seed mixture {entry.name!r}: {error}") from error


def _check_heuristics(key: str, phase: HeuristicPhase, spec: StudySpec) -> None:
    """Each heuristic can be had over the domains, and none of them would be trained twice."""
    for place, entry in enumerate(phase.heuristic):
        if isinstance(entry, HeuristicGroup):
            if entry.alpha_single != 1 and not set(entry.names) & set(ALPHAS):
                raise StudyFileError(f"{key}.{place}.alpha_single: is of {', '.join(ALPHAS)} only: take it out")
            try:
                for heuristic in entry.heuristics:
                    heuristic.check(spec.space)
            except StrategyError as error:
                raise StudyFileError(f"{key}.{place}.{error}") from error
            except SpaceError as error:
                without = ", ".join(entry.without)
                raise StudyFileError(f"{key}.{place}.without: no mixture is without {without}: {error}") from error
    _refuse_twice(key, [heuristic.label for heuristic in phase.heuristics])
    seen: dict[Heuristic, str] = {}
    for heuristic in phase.heuristics:
        scores = heuristic.scores or spec.score.use
        effective = scores if len(spec.score.steps) > 1 else "last"
        same = replace(heuristic, without=tuple(sorted(heuristic.without)), scores=effective)
        if same in seen:
            raise StudyFileError(
                f"{key}: {heuristic.label!r} is the same mixture as {seen[same]!r} where score.use is "
                f"{spec.score.use!r} and score.steps {spec.score.steps}: take one of them out"
            )
        seen[same] = heuristic.label


def _refuse_twice(key: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise StudyFileError(f"{key}: {name!r} is said twice: say it once")
