"""Data caps (PAPER.md, "Draws"): the largest weight at which a domain still lasts for so many steps."""

from collections.abc import Mapping

from scipy.special import betaincinv

from mixopt.errors import SpaceError
from mixopt.typing import is_count

RISK = 0.05  # that a domain at its cap runs out before


def data_caps(sizes: Mapping[str, int], steps: int, prompts: int) -> dict[str, float]:
    """The largest weight by domain with P(Binomial(steps x prompts, w) >= size) <= 0.05; 1 where it cannot run out.

    That probability is the distribution function of Beta(size, steps x prompts - size + 1) at w, so the cap is its
    quantile.

    Args:
        sizes: examples by domain.
        steps, prompts: how long training must last, and prompts a step.

    >>> caps = mixopt.data_caps({"coco": 5997, "lisa": 1326}, steps=1500, prompts=8)
    >>> {name: round(cap, 3) for name, cap in caps.items()}
    {'coco': 0.492, 'lisa': 0.106}

    Raises:
        SpaceError: one of them is no whole number from 1 on.
    """
    sized = {f"the size of domain {name!r}": n for name, n in sizes.items()}
    for what, number in ({"steps": steps, "prompts": prompts} | sized).items():
        if not is_count(number):
            raise SpaceError(f"data caps: {what} is {number!r}: give a whole number from 1 on")
    draws = steps * prompts
    return {name: 1.0 if n > draws else float(betaincinv(n, draws - n + 1, RISK)) for name, n in sizes.items()}
