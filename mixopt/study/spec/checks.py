"""Checks of a study file that involve several of its keys: sizes, steps, phases, names of domains and tests."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mixopt.designs.heuristic_options import Heuristic
from mixopt.designs.heuristics import ALPHAS
from mixopt.errors import MixoptError, SpaceError, StrategyError, did_you_mean
from mixopt.history.goals import Worst
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.spec.heuristic_phase import HeuristicGroup, HeuristicPhase
from mixopt.study.spec.seed_phase import OwnMixture, SeedPhase
from mixopt.study.spec.study import StudySpec

BY_SIZE = ("proportional", "tempered")  # designs that need the sizes of the domains

SHOWN = 5  # domains that one message names


def problems_of(spec: StudySpec) -> Iterator[str]:
    """All problems that single fields do not show, one line each."""
    yield from _problems_of_sizes(spec)
    yield from _problems_of_steps(spec)
    yield from _problems_of_scores(spec)
    yield from _problems_of_early_ends(spec)
    yield from _problems_of_order(spec)
    if spec.at_least and len(spec.sizes) < len(spec.domains):  # no caps, and so no space
        return
    try:
        space = spec.space
    except MixoptError as error:
        yield str(error)
        return
    yield from _problems_of_pull(spec, space)
    for place, phase in enumerate(spec.strategy):
        if isinstance(phase, SeedPhase):
            yield from _problems_of_seeds(f"strategy.{place}.seed", phase, space)
        if isinstance(phase, HeuristicPhase):
            yield from _problems_of_heuristics(f"strategy.{place}.heuristic", phase, spec, space)


def _problems_of_sizes(spec: StudySpec) -> Iterator[str]:
    """Trainers, data caps and some designs need the number of examples of every domain."""
    seeds = [phase.seed.designs for phase in spec.strategy if isinstance(phase, SeedPhase)]
    pull = spec.score.pull is not None and spec.score.pull.towards == "proportional"
    designs = [f"seed design `{kind}`" for entries in seeds for kind in BY_SIZE if kind in entries]
    users = ["`backend`"] * (spec.backend is not None) + ["`at_least`"] * (spec.at_least is not None) + designs
    users += ["`score.pull.towards: proportional`"] * pull
    missing = [name for name in spec.domains if name not in spec.sizes]
    if users and missing:
        first, *others = missing
        more = [*others[:SHOWN], "..."] if len(others) > SHOWN else others
        same = f" (the same for {', '.join(more)})" if more else ""
        yield f"domains.{first}.size: is missing: add it, since {users[0]} needs it{same}"


def _problems_of_steps(spec: StudySpec) -> Iterator[str]:
    if spec.backend is not None and spec.score.steps is None:
        yield "score.steps: is null, and a trainer must know them: give the training steps, such as [20, 60, 80]"


def _problems_of_scores(spec: StudySpec) -> Iterator[str]:
    if not spec.tests.sizes:
        yield "tests: none are named: add `in: {NAME: SIZE}` or `out: {NAME: SIZE}`"
        return
    try:
        goals = len(spec.scoring.goals)
    except MixoptError as error:
        yield str(error)
        return
    worst = [objective for objective in spec.scoring.objectives if isinstance(objective, Worst)]
    if worst and spec.early_steps:
        yield f"score.maximize: the worst test is not modelled with {_way(spec)}: take one of them out"
    if any(objective.against == "base" for objective in worst):
        yield from _problems_of_base(spec, "score.maximize.worst.against")
    yield from _problems_of_floors(spec)
    if spec.score.base and spec.backend is None:
        yield (
            "score.base: needs a `backend`, which scores the base model: take it out, and give the scores with "
            f"`mixopt study base {spec.study} --score TEST=0.31`"
        )
    if spec.stop and goals > 1:
        yield "stop: needs one objective: maximize one, or take it out"
    if spec.score.pull and goals > 1:
        yield "score.pull: needs one objective: maximize one, or take it out"
    if spec.early_steps and goals > 1:
        yield f"score.maximize: {_way(spec)} needs one objective: maximize one, or take {_way(spec)} out"


def _problems_of_floors(spec: StudySpec) -> Iterator[str]:
    """Floors are of tests of the study, and some score can meet them."""
    low, high = spec.score.range
    for floor in spec.floors.floors:
        key = f"score.floors.{floor.test}"
        if floor.test not in spec.tests.sizes:
            known = list(spec.tests.sizes)
            yield f"{key}: is no test of the study, whose tests are {', '.join(known)}{did_you_mean(floor.test, known)}"
        elif floor.against is None and not low <= floor.least <= high:
            yield f"{key}: {floor.least:g} is outside score.range [{low:g}, {high:g}]: give a score in it"
        elif floor.against is not None and not abs(floor.least) <= high - low:
            yield f"{key}.change: {floor.least:g} is wider than score.range [{low:g}, {high:g}]: give a smaller one"
        elif floor.against == "base":
            yield from _problems_of_base(spec, f"{key}.against")


def _problems_of_base(spec: StudySpec, key: str) -> Iterator[str]:
    """The base model's scores will be known."""
    if spec.backend is not None and not spec.scores_base:
        yield (
            f"{key}: is base, which nothing scores: add `score: {{base: true}}` if the trainer can score the base "
            "model (docs/trainers.md), or use uniform"
        )


def _problems_of_early_ends(spec: StudySpec) -> Iterator[str]:
    """Runs end early at an early step, with noise, and in one way."""
    if spec.pruning and spec.asks_early:
        yield "pruning: `early: true` in strategy ends runs early already: take one of them out"
    if spec.early_steps and len(spec.score.evaluation_steps) < 2:
        yield f"score.steps: has no early step for {_way(spec)}: give more, such as [20, 60, 80]"
    if spec.early_steps and spec.score.deterministic:
        yield f"score.deterministic: is not modelled with {_way(spec)}: take one of them out"


def _way(spec: StudySpec) -> str:
    return "`pruning`" if spec.pruning else "`early: true`"


def _problems_of_pull(spec: StudySpec, space: MixtureSpace) -> Iterator[str]:
    """A pull is towards a mixture of the domains."""
    known = len(spec.sizes) == len(spec.domains)
    if spec.score.pull and spec.pull and (known or spec.score.pull.towards != "proportional"):
        try:
            spec.pull.prior(space)
        except StrategyError as error:
            yield f"score.pull: {error}"


def _problems_of_order(spec: StudySpec) -> Iterator[str]:
    for place, phase in enumerate(spec.strategy):
        earlier = spec.strategy[:place]
        if isinstance(phase, HeuristicPhase) and not any(isinstance(one, SeedPhase) for one in earlier):
            yield f"strategy.{place}.heuristic: needs the scores of seed runs: put a seed phase before it"


def _problems_of_seeds(key: str, phase: SeedPhase, space: MixtureSpace) -> Iterator[str]:
    """Mixtures of the user's own are on the space and have distinct names."""
    own = [entry for entry in phase.seed.designs if isinstance(entry, OwnMixture)]
    kinds = [entry for entry in phase.seed.designs if not isinstance(entry, OwnMixture)]
    names = [kind if isinstance(kind, str) else str(*kind) for kind in kinds] + [entry.name for entry in own]
    yield from _repeated(key, names)
    for entry in own:
        try:
            space.as_array(entry.weights)
        except MixoptError as error:
            yield f"{key}: mixture {entry.name!r}: {error}"


def _problems_of_heuristics(key: str, phase: HeuristicPhase, spec: StudySpec, space: MixtureSpace) -> Iterator[str]:
    """Each heuristic can be computed over the domains, and no two of them give the same mixture."""
    for place, entry in enumerate(phase.heuristic):
        if isinstance(entry, HeuristicGroup):
            yield from _problems_of_group(f"{key}.{place}", entry, space)
    yield from _repeated(key, [heuristic.label for heuristic in phase.heuristics])
    seen: dict[Heuristic, str] = {}
    for heuristic in phase.heuristics:
        scores = heuristic.scores or spec.score.use
        effective = scores if len(spec.score.evaluation_steps) > 1 else "last"
        same = replace(heuristic, without=tuple(sorted(heuristic.without)), scores=effective)
        first = seen.setdefault(same, heuristic.label)
        if first != heuristic.label:
            yield (
                f"{key}: {heuristic.label!r} is the same mixture as {first!r} where score.use is "
                f"{spec.score.use!r} and score.steps {spec.score.evaluation_steps}: take one of them out"
            )


def _problems_of_group(key: str, group: HeuristicGroup, space: MixtureSpace) -> Iterator[str]:
    if group.alpha_single != 1 and not set(group.names) & set(ALPHAS):
        yield f"{key}.alpha_single: is an option of {', '.join(ALPHAS)} only: take it out"
    try:
        for heuristic in group.heuristics:
            heuristic.check(space)
    except StrategyError as error:
        yield f"{key}.{error}"
    except SpaceError as error:
        yield f"{key}.without: no mixture is without {', '.join(group.without)}: {error}"


def _repeated(key: str, names: Sequence[str]) -> Iterable[str]:
    """A problem for each name that is there more than once."""
    return [f"{key}: {name!r} is named twice: name it once" for name in dict.fromkeys(names) if names.count(name) > 1]
