"""The plan of a study, printed before it runs: trials of each phase, training steps, and their cost."""

from collections.abc import Sequence
from textwrap import wrap

from mixopt.study.plan import phase_name, phased_sampler
from mixopt.study.spec import StudySpec

MOST_NAMES = 40  # mixtures of a phase that are listed by name


def plan_lines(spec: StudySpec) -> list[str]:
    """The lines of the plan: phases, names of mixtures that are known in advance, steps, time and disk.

    Args:
        spec: The study file; time and disk come from its `cost`.
    """
    sampler = phased_sampler(spec)
    sizes = [sampler.size(phase) for phase in range(len(spec.strategy))]
    steps = spec.score.evaluation_steps[-1]
    lines = [f"study {spec.study}: {len(spec.domains)} domains, {len(spec.tests.sizes)} tests, nothing written"]
    if spec.mixture:
        most, least = sampler.space.most_used, sampler.space.least_share
        share = f", each with at least {least:g}" if least else ""
        lines.append(
            f"  mixtures use at most {most} domains{share}: designs such as `all` move to the nearest of these"
        )
    for place, (entry, size, phase) in enumerate(zip(spec.strategy, sizes, sampler.phases, strict=True), start=1):
        lines.append(f"  phase {place}  {phase_name(entry):22} {size:3d} trials")
        lines += _named(phase.labels)
    total = sum(sizes)
    lines.append(f"  in all {total} trials of at most {steps} steps: {total * steps} steps")
    if spec.scores_base:
        lines.append("  base model: scored once beside them, on the same tests and without training (score.base)")
    if spec.cost is None:
        lines.append("  time and disk: not known; add `cost: {seconds: ..., megabytes: ...}` in the study file")
    else:
        hours = total * spec.cost.seconds / 3600
        lines.append(
            f"  time: about {hours:.2g} h in one slot, {hours / 2:.2g} h in two; disk: about "
            f"{total * spec.cost.megabytes:.0f} MB"
        )
    return lines


def _named(labels: Sequence[str]) -> list[str]:
    """The names of mixtures, wrapped between names; of many only the first ones."""
    names = ", ".join(name.replace(" ", "\N{NO-BREAK SPACE}") for name in labels[:MOST_NAMES])
    more = f", and {len(labels) - MOST_NAMES} more" if len(labels) > MOST_NAMES else ""
    lines = wrap(names + more, 100, break_long_words=False, break_on_hyphens=False)
    return ["           " + line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
