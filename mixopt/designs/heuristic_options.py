"""Options of a heuristic that the paper chooses beside its algorithm: scores, domains left out, `alpha_single`.

"Without COCO" (Table 2, "No 1") is taken to mean: the domain gets nothing, and the heuristic sees the seed runs that
did not train on it, over the other domains. The paper does not say how it was done; this is inferred from its scores.
Computed in this way, A_out gives LISA exactly 0 and A_in gives SAT exactly 0. In Table 2 these two A_out runs score .06
and .09 on LISA, where all other heuristic runs have .40 or more, and the two A_in runs score .40 and .44 on SAT, where
all others have .55 or more. Computed from all seed runs, with COCO's weight dropped, neither would be 0. Leave-one-out
has no such runs and uses the exclude-one runs of the other domains; Table 2 shows nothing for or against that.

References:
    MoDoMoDo, arXiv:2505.24871.
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

LEAST = 2  # domains that a heuristic needs


@dataclass(frozen=True)
class Heuristic:
    """One heuristic run.

    >>> space = mixopt.MixtureSpace(["coco", "lisa", "sat"])
    >>> mixopt.HeuristicSampler(space, ["alpha_in", mixopt.Heuristic("alpha_out", without=("coco",))]).labels
    ('alpha_in', 'alpha_out without coco')

    Attributes:
        name: one of `HEURISTICS`.
        without: domains that are left out.
        scores: the in- and out-scores that it is computed from, whatever the study maximises: the "mean" over all
            evaluation steps (the paper's step average) or those of the "last" step; None for the scores of the study.
        alpha_single: weight of a run on a single domain, for the alpha family; see `heuristics.alpha`.
    """

    name: str
    without: tuple[str, ...] = ()
    scores: Literal["mean", "last"] | None = None
    alpha_single: float = 1.0

    @property
    def label(self) -> str:
        """The label of its trial, such as "alpha_in" or "leave_one_out without coco (mean)"."""
        single = f"alpha_single {self.alpha_single:g}" if self.alpha_single != 1 else ""
        said = ", ".join(part for part in (self.scores, single) if part)
        without = f" without {', '.join(self.without)}" if self.without else ""
        return f"{self.name}{without}{f' ({said})' if said else ''}"

    def check(self, space: MixtureSpace) -> None:
        """Check that the heuristic is possible over a space.

        Raises:
            StrategyError: an unknown heuristic or domain, an option of another heuristic, or too few domains left.
            SpaceError: no mixture of the space leaves the domains out.
        """
        if self.name not in HEURISTICS:
            raise StrategyError(f"heuristic {self.name!r}: must be one of {', '.join(HEURISTICS)}")
        if self.alpha_single != 1 and self.name not in ALPHAS:
            raise StrategyError(f"alpha_single: is an option of {', '.join(ALPHAS)}, not of {self.name}: remove it")
        for name in self.without:
            if name not in space.domains:
                domains = ", ".join(space.domains) + did_you_mean(name, space.domains)
                raise StrategyError(f"without: {name!r} is no domain: the domains are {domains}")
            if self.without.count(name) > 1:
                raise StrategyError(f"without: {name!r} is named twice: name it once")
        if (left := space.m - len(self.without)) < LEAST:
            raise StrategyError(f"without: leaves {left} of {space.m} domains: leave {LEAST} or more")
        part_without(space, self.without)

    def weights(self, seeds: Runs, scoring: Scoring | None = None, steps: Sequence[int] = ()) -> FloatArray:
        """Compute the mixture that the heuristic proposes.

        Args:
            seeds: the even seed runs, see `even_runs`.
            scoring: of the study, needed with `scores`: how evaluations become in- and out-scores.
            steps: evaluation steps of the study, needed with `scores`.

        Returns:
            The mixture (m,), projected onto the space.

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
        """The runs with the scores that `scores` names, NaN where a run was not evaluated at a step that these need."""
        if self.scores is None or (scoring and self.scores == scoring.use):
            return seeds
        if scoring is None or not steps:
            raise StrategyError("it names the scores to use, which need `scoring` and `steps`: give both")
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
    """Restrict a space to the mixtures in which some domains get nothing.

    Args:
        space: the mixtures that are allowed.
        without: the domains that get nothing.

    Returns:
        A space over the same domains.

    Raises:
        SpaceError: there is no such mixture.
    """
    if not without:
        return space
    candidates = space.candidates
    if candidates is not None:
        gone = np.array([name in without for name in space.domains])
        candidates = candidates[(candidates[:, gone] <= 1e-9).all(axis=1)]
    upper = space.as_dict(space.upper) | dict.fromkeys(without, 0.0)
    return MixtureSpace(
        space.domains,
        space.as_dict(space.lower),
        upper,
        constraints=space.constraints,
        candidates=candidates,
        at_most=space.at_most,
        least_share=space.least_share,
    )


def _over(seeds: Runs, kept: BoolArray) -> Runs:
    """The runs that trained on kept domains (m,) only, over the space of these domains."""
    if kept.all():
        return seeds
    space = seeds.space
    names = [name for name, stays in zip(space.domains, kept) if stays]
    runs = seeds.select(np.asarray(~seeds.membership()[:, ~kept].any(axis=1)))
    lower = {name: low for name, low in space.as_dict(space.lower).items() if name in names}
    return replace(runs, space=MixtureSpace(names, lower), weights=runs.weights[:, kept])
