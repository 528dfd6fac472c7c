"""Example selection inside a domain: which of its examples an update uses, once the plan has said how many.

    uniform       the draw plan's own examples: all of them once, then again; has no selector
    variance      by varying scores and differing texts (MMR1)
    thompson      Thompson sampling of difficulty (VADE)
    skip_settled  not those whose last group had equal rewards (DAPO)
    pass_rate     easy to hard by running pass rate (ours)

Scores may be right or wrong, or graded (IoU): no selector prefers examples whose scores never vary.

The draw of domains stays the plan's, so that no policy changes the realised share of a domain. A selector may choose an
example again, so its domain never runs out and `on_exhaustion` has no say: draw the plan with "repeat", take its
domains, and ask the selectors for the examples.
"""

from rlvr_backend.errors import RequestError
from rlvr_backend.selection.pass_rate import PassRate
from rlvr_backend.selection.selector import Group, Selector
from rlvr_backend.selection.skip_settled import SkipSettled
from rlvr_backend.selection.thompson import Thompson
from rlvr_backend.selection.variance import Variance

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
    """A new selector for a domain of `size` examples at place `domain` of the study.

    Raises RequestError for an unknown name ("uniform" needs no selector and has none) and a domain without examples.
    """
    if name not in SELECTORS:
        known = f"known are {', '.join(sorted([*SELECTORS, 'uniform']))}"
        raise RequestError(f"selection {name!r} is unknown; {RENAMED.get(name, known)}")
    if size < 1:
        raise RequestError(f"selection {name!r} has no examples to choose from: give the domain some, or weight 0")
    return SELECTORS[name](size, seed, domain)


__all__ = ["RENAMED", "SELECTORS", "Group", "Selector", "selector_named"]
