"""Data caps: the largest weight at which a domain does not run out of examples (docs/paper.md, "Draws")."""

from collections.abc import Mapping

from scipy.special import betaincinv

from mixopt.errors import SpaceError
from mixopt.typing import is_count

RISK = 0.05  # probability that a domain at its cap runs out


def data_caps(sizes: Mapping[str, int], steps: int, prompts: int) -> dict[str, float]:
    """Compute upper bounds on the weights so that no domain runs out of examples during training.

    The cap is the largest w with P(Binomial(steps x prompts, w) >= size) <= 0.05. That probability is the distribution
    function of Beta(size, steps x prompts - size + 1) at w, so the cap is its quantile.

    >>> caps = mixopt.data_caps({"coco": 5997, "lisa": 1326}, steps=1500, prompts=8)
    >>> {name: round(cap, 3) for name, cap in caps.items()}
    {'coco': 0.492, 'lisa': 0.106}

    Args:
        sizes: number of examples by domain.
        steps: training steps before a domain may run out.
        prompts: prompts drawn in a step.

    Returns:
        The cap by domain, in [0, 1]; 1 where a domain cannot run out.

    Raises:
        SpaceError: one of these is not a whole number from 1 on.
    """
    sized = {f"the size of domain {name!r}": n for name, n in sizes.items()}
    for what, number in ({"steps": steps, "prompts": prompts} | sized).items():
        if not is_count(number):
            raise SpaceError(f"data caps: {what} is {number!r}: give a whole number from 1 on")
    draws = steps * prompts
    return {name: 1.0 if n > draws else float(betaincinv(n, draws - n + 1, RISK)) for name, n in sizes.items()}
