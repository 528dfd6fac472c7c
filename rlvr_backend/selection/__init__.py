"""Example selection: which examples of a domain an update uses. The draw plan says how many.

    uniform       the draw plan's own examples: each once, then again; needs no selector
    variance      examples with varying scores and different texts (MMR1)
    thompson      Thompson sampling of difficulty (VADE)
    skip_settled  no examples whose last group had equal rewards (DAPO)
    pass_rate     easy to hard by running pass rate (ours)

Scores may be right or wrong, or graded (IoU). No selector prefers examples whose scores never vary.

The plan draws the domains, so no selector changes a domain's share. A selector may use an example again, so its domain
never runs out and `on_exhaustion` has no effect: draw the plan with "repeat", take its domains, and ask the selectors
for the examples.
"""

from rlvr_backend.errors import RequestError
from rlvr_backend.selection.pass_rate import PassRate
from rlvr_backend.selection.selector import Group, Selector
from rlvr_backend.selection.skip_settled import SkipSettled
from rlvr_backend.selection.thompson import Thompson
from rlvr_backend.selection.variance import Variance

UNIFORM = "uniform"
SELECTORS: dict[str, type[Selector]] = {
    "pass_rate": PassRate,
    "skip_settled": SkipSettled,
    "thompson": Thompson,
    "variance": Variance,
}
RENAMED = {
    "curriculum": "it is now called 'pass_rate' (VL-Cogito's curriculum is the option advantage_weights: easy_to_hard)"
}


def selector_named(name: str, size: int, seed: int, domain: int) -> Selector:
    """Return a new selector for one domain.

    Args:
        name: One of SELECTORS.
        size: Number of examples of the domain.
        seed: Seed of its choices.
        domain: Index of the domain in the study.

    Raises:
        RequestError: The name is unknown ("uniform" has no selector), or the domain has no examples.
    """
    if name not in SELECTORS:
        known = f"known are {', '.join(sorted([*SELECTORS, UNIFORM]))}"
        raise RequestError(f"selection {name!r} is unknown; {RENAMED.get(name, known)}")
    if size < 1:
        raise RequestError(f"selection {name!r} has no examples to choose from: give the domain some, or weight 0")
    return SELECTORS[name](size, seed, domain)


__all__ = ["RENAMED", "SELECTORS", "UNIFORM", "Group", "Selector", "selector_named"]
