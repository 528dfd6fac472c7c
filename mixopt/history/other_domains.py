"""Trials of a study whose weights are of other domains than the space that reads them.

A mixture's parameters are floats in [0, 1], one a domain. Whatever other parameters a trial has beside them are left
alone; but a trial that was trained on a renamed, another or one domain more or fewer would be taken for what it is not.
"""

import numpy as np
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import WeightsError
from mixopt.space.mixture_space import SUM_TOLERANCE, MixtureSpace

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
UNIT = FloatDistribution(0.0, 1.0)  # of every weight


def refuse_foreign(trial: FrozenTrial, space: MixtureSpace, claim: list[float] | None) -> None:
    """Raise WeightsError where a finished trial is a mixture of other domains; the message names both lists.

    Args:
        claim: the weights that its sampler had noted, which says whose a trial is that was left with some of them.
    """
    if trial.state not in FINISHED or trial.params.keys() == set(space.domains):
        return
    shares = {name: trial.params[name] for name, kind in trial.distributions.items() if kind == UNIT}
    others = [name for name in shares if name not in space.domains]
    missing = [name for name in space.domains if name not in trial.params]
    if not missing and not _more(shares, space):
        return
    if missing and not others and not _whole(shares, space, claim):
        return
    raise WeightsError(
        f"trial {trial.number} is a mixture of {', '.join(shares)}, and the space has the domains "
        f"{', '.join(space.domains)}: read the study with a space of its own domains; mixopt study import NEW --study "
        "OLD --rename OLD_DOMAIN=NEW_DOMAIN takes over runs that still hold"
    )


def _more(shares: dict[str, float], space: MixtureSpace) -> bool:
    """Whether weights that hold all of the space's domains sum to 1 with others, and not without."""
    own = sum(shares.get(name, 0.0) for name in space.domains)
    return not _is_one(own) and _is_one(sum(shares.values()))


def _whole(shares: dict[str, float], space: MixtureSpace, claim: list[float] | None) -> bool:
    """Whether weights of some of the space's domains are a mixture of these alone, and not the first of a claim."""
    if not shares:
        return False
    if claim is not None and len(claim) == space.m:
        claimed = dict(zip(space.domains, claim))
        if all(np.isclose(claimed[name], share) for name, share in shares.items()):
            return False
    return _is_one(sum(shares.values()))


def _is_one(total: float) -> bool:
    return abs(total - 1) <= SUM_TOLERANCE
