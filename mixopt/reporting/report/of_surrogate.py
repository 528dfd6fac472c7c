"""Report figures of the fitted surrogate of one objective: progress, slices, interactions."""

import numpy as np

from mixopt.models.posterior import Posterior
from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.convergence import convergence_figure
from mixopt.reporting.plots.interactions import interactions_figure
from mixopt.reporting.plots.slices import Slice, slices_figure
from mixopt.reporting.report.facts import Objective
from mixopt.reporting.report.section import Shown, need
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

POINTS = 21  # of a slice, to either side


def convergence(objective: Objective) -> Shown:
    """Show the value of each trial, and the best so far by the posterior."""
    runs, surrogate = objective.runs, _fitted(objective)
    means = surrogate.mean(runs.weights)
    best = np.maximum.accumulate(means)
    found = int(means.argmax())
    seen = int(runs.values.argmax())
    words = (
        f"The best trained mixture is that of trial {runs.numbers[found]}: {means[found]:.3f} by the posterior mean of "
        f"all runs. The highest observed {objective.score}, {runs.values[seen]:.3f} in trial {runs.numbers[seen]}, is "
        "partly noise."
    )
    return convergence_figure(runs, best, objective.score), words


def slices(objective: Objective) -> Shown:
    """Show the surrogate along each domain."""
    cuts = cuts_of(objective)
    spans = {cut.domain: float(np.ptp(cut.means)) for cut in cuts}
    most, least = (end(spans, key=lambda name: spans[name]) for end in (max, min))
    moves = f"the predicted {objective.score} moves by {spans[most]:.3f}"
    ends = f"{most} matters most ({moves}), {least} least ({spans[least]:.3f})"
    if f"{spans[most]:.3f}" == f"{spans[least]:.3f}":  # of two domains, more of one is less of the other
        ends = f"{moves} along each"
    words = (
        f"From the {objective.centre_name} mixture (dashed) along each domain, the other domains in proportion, with "
        f"90 % intervals: {ends}."
    )
    return slices_figure(cuts, objective.score), words


def cuts_of(objective: Objective) -> list[Slice]:
    """Return the surrogate from the centre along each domain, in the order of the space.

    Raises:
        LeftOut: there are too few runs, or the space is a list of candidates.
    """
    surrogate, space = _fitted(objective), objective.runs.space.convex
    need(space.candidates is None, "The space is a list of candidates, with nothing in between to show.")
    return [_slice(space, surrogate, objective.centre, place, objective.widen) for place in range(space.m)]


def interactions(objective: Objective) -> Shown:
    """Show how much two domains help together beyond each alone."""
    surrogate, space = _fitted(objective), objective.runs.space
    excess, sds = interaction_excess(space, surrogate)
    sure = np.abs(excess) > HALF_WIDTH * objective.widen * sds
    i, j = np.triu_indices(space.m, k=1)
    order = np.argsort(excess[i, j], kind="stable")
    pairs = [f"{space.domains[i[k]]} with {space.domains[j[k]]} ({excess[i[k], j[k]]:+.3f})" for k in order]
    ends = f"largest for {pairs[-1]}, smallest for {pairs[0]}; {sure[i, j].sum()} of {len(pairs)} signs are certain"
    if len(pairs) == 1:
        ends = f"{pairs[0]}; its sign is {'certain' if sure.any() else 'uncertain'}"
    words = (
        f"The predicted {objective.score} of two domains half and half, minus the mean of each alone: {ends} (95 %)."
    )
    if (space.project(np.eye(space.m)) != np.eye(space.m)).any():
        words += " Where the space does not allow a domain alone, it is as much of it as the space allows."
    return interactions_figure(space.domains, excess, sure), words


def interaction_excess(space: MixtureSpace, surrogate: Posterior) -> tuple[FloatArray, FloatArray]:
    """Return the mean (m, m) and sd (m, m) of f((c_i + c_j) / 2) - (f(c_i) + f(c_j)) / 2; 0 below the diagonal.

    c_i is the feasible mixture nearest to domain i alone. If f is quadratic and the space the whole simplex, this is a
    quarter of Scheffé's interaction b_ij.
    """
    corners = space.project(np.eye(space.m))
    i, j = np.triu_indices(space.m, k=1)
    mean, covariance = surrogate.joint(np.vstack([corners, (corners[i] + corners[j]) / 2]))
    pairs = np.arange(len(i))
    contrast = np.zeros((len(i), len(mean)))
    contrast[pairs, i] = contrast[pairs, j] = -0.5
    contrast[pairs, space.m + pairs] = 1
    excess, sds = np.zeros((space.m, space.m)), np.zeros((space.m, space.m))
    excess[i, j] = contrast @ mean
    sds[i, j] = np.sqrt(np.einsum("pk,kl,pl->p", contrast, covariance, contrast).clip(0))
    return excess, sds


def _fitted(objective: Objective) -> Posterior:
    need(objective.surrogate is not None, f"{len(objective.runs)} finished runs are too few for a surrogate.")
    assert objective.surrogate is not None
    return objective.surrogate


def _slice(space: MixtureSpace, surrogate: Posterior, centre: FloatArray, place: int, widen: float) -> Slice:
    """Return the slice from the centre towards domain `place` alone and away from it, to the border of the space."""
    alone = np.eye(space.m)[place]
    rest = np.where(alone > 0, 0, centre)
    rest = rest / rest.sum() if rest.sum() > 0 else (1 - alone) / (space.m - 1)
    ends = [centre + space.reach(centre[None], (to - centre)[None]).clip(0, 1) * (to - centre) for to in (rest, alone)]
    mixtures = np.vstack([np.linspace(ends[0], centre, POINTS), np.linspace(centre, ends[1], POINTS)[1:]])
    means, sds = surrogate.predict(mixtures)
    return Slice(space.domains[place], float(centre[place]), mixtures[:, place], means, widen * sds)
