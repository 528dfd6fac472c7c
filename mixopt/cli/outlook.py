"""The plan of a study before it runs: trials by phase, training steps, and what they will cost."""

from mixopt.plan import phase_name, phased_sampler
from mixopt.spec import StudySpec


def outlook_lines(spec: StudySpec) -> list[str]:
    """One line a phase, then steps, time and disk (from the study file's `cost`, where it says one)."""
    sampler = phased_sampler(spec)
    sizes = [sampler.size(phase) for phase in range(len(spec.strategy))]
    steps = spec.score.steps[-1]
    lines = [f"study {spec.study}: {len(spec.domains)} domains, {len(spec.tests.sizes)} tests, nothing written"]
    lines += [
        f"  phase {i}  {phase_name(entry):22} {size:3d} trials"
        for i, (entry, size) in enumerate(zip(spec.strategy, sizes, strict=True), start=1)
    ]
    total = sum(sizes)
    lines.append(f"  in all {total} trials of at most {steps} steps: {total * steps} steps")
    if spec.scores_base:
        lines.append("  base model: scored once beside them, on the same tests and without training (score.base)")
    if spec.cost is None:
        lines.append("  time and disk: not known; say `cost: {seconds: ..., megabytes: ...}` in the study file")
    else:
        hours = total * spec.cost.seconds / 3600
        lines.append(
            f"  time: about {hours:.2g} h in one slot, {hours / 2:.2g} h in two; disk: about "
            f"{total * spec.cost.megabytes:.0f} MB"
        )
    return lines
