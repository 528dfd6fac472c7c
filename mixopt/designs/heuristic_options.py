"""A heuristic with the choices that the paper makes beside its algorithm: scores, domains left out, `alpha_single`.

"Without COCO" (Table 2, "No 1") is read as: the domain gets nothing, and the heuristic sees the seed runs that did not
train on it, over the other domains. The paper does not say how it was done; this is inferred from its scores. By this
reading A_out gives LISA exactly 0 and A_in gives SAT exactly 0. In Table 2 these two A_out runs score .06 and .09 on
LISA, where all other heuristic runs have .40 or more, and the two A_in runs .40 and .44 on SAT, where all others have
.55 or more. From all seed runs, with COCO's weight dropped, neither would be 0. Leave-one-out has no such runs and goes
by the exclude-one runs of the other domains; nothing in Table 2 speaks for or against that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mixopt.designs.heuristics import ALPHAS, HEURISTICS, leave_one_out
from mixopt.errors import ScoresError, StrategyError, did_you_mean
from mixopt.history.runs import Runs
from mixopt.history.scores import Scoring
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import BoolArray, FloatArray

LEAST = 2  # domains that a heuristic weighs against each other


@dataclass(frozen=True)
class Heuristic:
    """One heuristic run: `name` is one of `HEURISTICS`.

    >>> space = mixopt.MixtureSpace(["coco", "lisa", "sat"])
    >>> mixopt.HeuristicSampler(space, ["alpha_in", mixopt.Heuristic("alpha_out", without=("coco",))]).labels
    ('alpha_in', 'alpha_out without coco')

    Attributes:
        without: domains that are left out.
        scores: the in- and out-scores that it is computed from: the "mean" over all evaluation steps (the paper's step
            average) or those at the "last" one, whatever the study maximises; None for the scores of the study.
        alpha_single: of the alpha family, see `heuristics.alpha`.
    """

    name: str
    without: tuple[str, ...] = ()
    scores: Literal["mean", "last"] | None = None
    alpha_single: float = 1.0

    @property
    def label(self) -> str:
        """What its trial is called: "alpha_in", "leave_one_out without coco (mean)"."""
        single = f"alpha_single {self.alpha_single:g}" if self.alpha_single != 1 else ""
        said = ", ".join(part for part in (self.scores, single) if part)
        without = f" without {', '.join(self.without)}" if self.without else ""
        return f"{self.name}{without}{f' ({said})' if said else ''}"

    def check(self, space: MixtureSpace) -> None:
        """Raise StrategyError where there is no such heuristic over the domains, SpaceError as `part_without` does."""
        if self.name not in HEURISTICS:
            raise StrategyError(f"heuristic {self.name!r}: must be one of {', '.join(HEURISTICS)}")
        if self.alpha_single != 1 and self.name not in ALPHAS:
            raise StrategyError(f"alpha_single: is of {', '.join(ALPHAS)}, not of {self.name}: take it out")
        for name in self.without:
            if name not in space.domains:
                domains = ", ".join(space.domains) + did_you_mean(name, space.domains)
                raise StrategyError(f"without: {name!r} is no domain: the domains are {domains}")
            if self.without.count(name) > 1:
                raise StrategyError(f"without: {name!r} is named twice: name it once")
        if (left := space.m - len(self.without)) < LEAST:
            raise StrategyError(f"without: leaves {left} of {space.m} domains: leave {LEAST} or more to be weighed")
        part_without(space, self.without)

    def weights(self, seeds: Runs, scoring: Scoring | None = None, steps: Sequence[int] = ()) -> FloatArray:
        """The mixture (m,) that follows from the even seed runs (`even_runs`), moved onto the space.

        Args:
            scoring, steps: of the study, where `scores` is said: what makes in- and out-scores of evaluations.

        Raises:
            StrategyError: seed runs are missing, or their scores.
        """
        space = seeds.space
        seeds = self._scored(seeds, scoring, steps)
        if self.name == "leave_one_out":
            found = leave_one_out(seeds, self.without, label=self.label)
        else:
            kept = np.array([name not in self.without for name in space.domains])
            options = {"alpha_single": self.alpha_single} if self.name in ALPHAS else {}
            found = np.zeros(space.m)
            found[kept] = HEURISTICS[self.name](_over(seeds, kept), label=self.label, **options)
        return part_without(space, self.without).project(found)

    def _scored(self, seeds: Runs, scoring: Scoring | None, steps: Sequence[int]) -> Runs:
        """The runs with the scores that `scores` names, NaN where a run was not evaluated at a step that it needs."""
        if self.scores is None or (scoring and self.scores == scoring.use):
            return seeds
        if scoring is None or not steps:
            raise StrategyError("it names the scores to go by, and nobody says the tests and steps that make them up")
        scoring, needed = replace(scoring, use=self.scores), list(steps) if self.scores == "mean" else [steps[-1]]
        found = {"in_score": np.full(len(seeds), np.nan), "out_score": np.full(len(seeds), np.nan)}
        for row, evaluations in enumerate(seeds.evaluations):
            try:
                sides = scoring.aggregate({step: evaluations[step] for step in needed})
            except (KeyError, ScoresError):  # not evaluated there, or not on all tests
                continue
            for side, score in sides.items():
                found[side][row] = score
        return replace(seeds, in_scores=found["in_score"], out_scores=found["out_score"])


def part_without(space: MixtureSpace, without: Sequence[str]) -> MixtureSpace:
    """The part of a space in which some domains get nothing; raises SpaceError where there is none."""
    if not without:
        return space
    candidates = space.candidates
    if candidates is not None:
        gone = np.array([name in without for name in space.domains])
        candidates = candidates[(candidates[:, gone] <= 1e-9).all(axis=1)]
    upper = space.as_dict(space.upper) | dict.fromkeys(without, 0.0)
    return MixtureSpace(
        space.domains, space.as_dict(space.lower), upper, constraints=space.constraints, candidates=candidates
    )


def _over(seeds: Runs, kept: BoolArray) -> Runs:
    """The runs on nothing but the domains that are kept (m,), over the space of these."""
    if kept.all():
        return seeds
    space = seeds.space
    names = [name for name, stays in zip(space.domains, kept) if stays]
    runs = seeds.select(np.asarray(~seeds.membership()[:, ~kept].any(axis=1)))
    lower = {name: low for name, low in space.as_dict(space.lower).items() if name in names}
    return replace(runs, space=MixtureSpace(names, lower), weights=runs.weights[:, kept])
