"""Refuse a study whose trials are mixtures of other domains than the space that reads it.

A mixture's parameters are floats in [0, 1], one per domain. A trial may have other parameters beside them. But if a
domain was renamed, added or removed since, its trials would be read as mixtures that they are not.
"""

import numpy as np
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import WeightsError
from mixopt.space.mixture_space import SUM_TOLERANCE, MixtureSpace

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
UNIT = FloatDistribution(0.0, 1.0)  # the distribution of every weight


def refuse_other_domains(trial: FrozenTrial, space: MixtureSpace, claim: list[float] | None) -> None:
    """Raise WeightsError if a finished trial is a mixture of other domains; the message names both lists.

    Args:
        trial: of an Optuna study.
        space: the mixtures that it is read as.
        claim: (m,) the weights that its sampler noted. They show that a trial with only some of its weights, whose
            worker died, belongs to this space.

    Raises:
        WeightsError: it is a mixture of other domains.
    """
    if trial.state not in FINISHED or trial.params.keys() == set(space.domains):
        return
    shares = {name: trial.params[name] for name, kind in trial.distributions.items() if kind == UNIT}
    others = [name for name in shares if name not in space.domains]
    missing = [name for name in space.domains if name not in trial.params]
    if not missing and not _with_further_domains(shares, space):
        return
    if missing and not others and not _of_fewer_domains(shares, space, claim):
        return
    raise WeightsError(
        f"trial {trial.number} is a mixture of {', '.join(shares)}, and the space has the domains "
        f"{', '.join(space.domains)}: read the study with a space of its own domains; mixopt study import NEW --study "
        "OLD --rename OLD_DOMAIN=NEW_DOMAIN takes over runs that still hold"
    )


def _with_further_domains(shares: dict[str, float], space: MixtureSpace) -> bool:
    """Whether weights of all domains of the space sum to 1 only together with weights of further domains."""
    own = sum(shares.get(name, 0.0) for name in space.domains)
    return not _is_one(own) and _is_one(sum(shares.values()))


def _of_fewer_domains(shares: dict[str, float], space: MixtureSpace, claim: list[float] | None) -> bool:
    """Whether weights of some domains of the space sum to 1 by themselves, and are not the first weights of a claim."""
    if not shares:
        return False
    if claim is not None and len(claim) == space.m:
        claimed = dict(zip(space.domains, claim))
        if all(np.isclose(claimed[name], share) for name, share in shares.items()):
            return False
    return _is_one(sum(shares.values()))


def _is_one(total: float) -> bool:
    return abs(total - 1) <= SUM_TOLERANCE
