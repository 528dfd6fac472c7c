"""Floors of a recommendation: whether the mixture meets them, which of them binds, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixopt.acquisition.constrained import maximize, maximize_constrained_mean
from mixopt.acquisition.feasibility import MET, Feasibility
from mixopt.inference.intervals import interval
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace
from mixopt.text import counted
from mixopt.typing import FloatArray

SLACK = 0.995  # probability above which a floor is far from the mixture
NEAR = 0.02  # above MET: the mixture is where the floors just hold
NOTHING = 0.01  # share of the range of predicted scores below which a gain elsewhere is that of the search


@dataclass(frozen=True, kw_only=True)
class FloorPrediction:
    """One floor at a mixture; scores are in the units of the test.

    Attributes:
        floor: in words, such as "ifeval at least 0.7".
        test: name of the test.
        against: base or uniform; None of an absolute floor.
        least: the least score; against uniform, the least difference from there.
        mean: predicted noise-free score; against uniform, the predicted difference.
        interval: its central 90 % interval.
        probability: of meeting the floor.
        cost: by how much the predicted score of the study would be larger without this floor; 0 if it does not bind,
            None if the mixture does not meet the floors.
        runs: how many runs have a score of the test.
    """

    floor: str
    test: str
    against: str | None
    least: float
    mean: float
    interval: tuple[float, float]
    probability: float
    cost: float | None
    runs: int


@dataclass(frozen=True, kw_only=True)
class FloorReport:
    """The floors at the recommended mixture.

    Attributes:
        probability: of meeting all floors.
        met: whether it is at least .95.
        floors: one by one.
        note: what this says, in words.
    """

    probability: float
    met: bool
    floors: tuple[FloorPrediction, ...]
    note: str


def floor_report(
    space: MixtureSpace,
    posterior: Posterior,
    feasibility: Feasibility,
    mixture: FloatArray,
    runs: int,
    rng: np.random.Generator,
) -> FloorReport:
    """Describe the floors at a recommended mixture.

    Args:
        space: the mixtures that are allowed.
        posterior: of the score that the study maximises.
        feasibility: the floors.
        mixture: (m,), the best of those that meet the floors, or the likeliest to meet them.
        runs: number of finished runs.
        rng: of the searches without single floors.
    """
    each, probability = feasibility.each(mixture[None])[0], float(feasibility(mixture[None])[0])
    means, sds = (part[0] for part in feasibility.margins(mixture[None]))
    met = probability >= MET
    costs = [_cost(space, posterior, feasibility, mixture, place, rng) if met else None for place in range(len(each))]
    floors = tuple(
        FloorPrediction(
            floor=str(floor),
            test=floor.test,
            against=floor.against,
            least=float(feasibility.bounds[i]),
            mean=float(means[i] + feasibility.bounds[i]),
            interval=interval(means[i] + feasibility.bounds[i], sds[i]),
            probability=float(each[i]),
            cost=costs[i],
            runs=feasibility.models.runs[i],
        )
        for i, floor in enumerate(feasibility.floors)
    )
    said = _of_met(floors, probability) if met else _of_missed(space, posterior, feasibility, probability, rng)
    note = " ".join([said, *_caveats(feasibility, runs)])
    return FloorReport(probability=probability, met=met, floors=floors, note=note)


def _cost(
    space: MixtureSpace,
    posterior: Posterior,
    feasibility: Feasibility,
    mixture: FloatArray,
    place: int,
    rng: np.random.Generator,
) -> float:
    """How much a floor costs: the best predicted score without it, minus that of the mixture."""
    if feasibility.each(mixture[None])[0, place] > SLACK:
        return 0.0
    others = [i for i in range(len(feasibility.floors)) if i != place]
    best = maximize(space, posterior, feasibility.only(others) if others else None, rng)
    gain = float(posterior.mean(best[:1])[0] - posterior.mean(mixture[None])[0])
    least = 0.0 if feasibility(mixture[None])[0] < MET + NEAR else NOTHING
    return gain if gain > least * np.ptp(posterior.mean(posterior.weights)) else 0.0


def _of_met(floors: Sequence[FloorPrediction], probability: float) -> str:
    """Say which floors bind, or which is the nearest."""
    binding = sorted((floor for floor in floors if floor.cost), key=lambda floor: -(floor.cost or 0))
    said = f"It meets the {'floors' if len(floors) > 1 else 'floor'} with probability {probability:.2f}"
    if not binding:
        nearest = min(floors, key=lambda floor: floor.probability)
        return f"{said}; none of them binds, and {nearest.test} is the nearest ({nearest.probability:.2f})."
    costs = [f"{floor.test} binds (without its floor {floor.cost:+.3g})" for floor in binding]
    return f"{said}; {', '.join(costs)}."


def _of_missed(
    space: MixtureSpace,
    posterior: Posterior,
    feasibility: Feasibility,
    probability: float,
    rng: np.random.Generator,
) -> str:
    """Say which floors no mixture is likely to meet."""
    alone = {}
    for place, floor in enumerate(feasibility.floors):
        one = feasibility.only([place])
        chance = float(one(maximize_constrained_mean(space, posterior, one, rng)[:1])[0])
        if chance < MET:
            alone[str(floor)] = chance
    if len(feasibility.floors) == 1:
        return (
            f"No mixture is likely to meet the floor {feasibility.floors[0]}: this one is the likeliest, with "
            f"probability {probability:.2f}. Lower it, or train more."
        )
    which = "; ".join(f"{floor} with probability {chance:.2f} at most" for floor, chance in alone.items())
    why = which or "each alone can be met, and they exclude each other"
    return (
        f"No mixture is likely to meet all floors ({why}): this one is the likeliest, with probability "
        f"{probability:.2f}. Lower them, or train more."
    )


def _caveats(feasibility: Feasibility, runs: int) -> list[str]:
    """Say which tests some runs lack, and which never vary."""
    said = [
        f"{floor.test} has scores in {known} of {counted(runs, 'run')}, which its floor is judged by."
        for floor, known in zip(feasibility.floors, feasibility.models.runs)
        if known < runs
    ]
    for test in feasibility.models.constant:
        said.append(f"All runs score the same on {test}, so nothing can be learnt about its floor yet.")
    return said
