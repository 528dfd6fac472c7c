"""Acquisition on the simplex: noisy expected improvement, and the optimum of the posterior mean (BoTorch).

The weights stay weights: `optimize_acqf` keeps sum w = 1 as an equality constraint (within 1e-13) and the
bounds as bounds, so faces and vertices can be reached. It starts from the best of many cheap mixtures
(polytope starts of its own cost over a second), and what it returns is put exactly on the space.
"""

import numpy as np
import torch
from botorch.acquisition import AcquisitionFunction, PosteriorMean, qLogNoisyExpectedImprovement
from botorch.optim import optimize_acqf
from botorch.sampling import SobolQMCNormalSampler
from botorch.utils.sampling import manual_seed

from mixopt.arrays import FloatArray
from mixopt.space import MixtureSpace
from mixopt.surrogates.gp import GaussianProcessSurrogate, as_tensor, one_torch_thread

RAW_STARTS = 256  # uniform draws from the space
RESTARTS = 4  # the best starts, climbed from
MC_SAMPLES = 128
ON_BOUND = 1e-6  # a weight this close above its lower bound is meant to be on it


def next_mixture(
    space: MixtureSpace,
    surrogate: GaussianProcessSurrogate,
    observed: FloatArray,
    pending: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """The mixture (m,) with the largest noisy expected improvement (qLogNEI; Ament et al. 2023).

    Args:
        surrogate: fitted on the observed mixtures.
        observed: (n, m) mixtures of finished trials.
        pending: (p, m) mixtures of running trials, whose unknown scores count as what the surrogate expects
            of them; p may be 0.
        rng: the only source of randomness.
    """
    with one_torch_thread(), manual_seed(int(rng.integers(2**31))):
        acquisition = qLogNoisyExpectedImprovement(
            surrogate.model,
            X_baseline=as_tensor(observed),
            X_pending=as_tensor(pending) if len(pending) else None,
            sampler=SobolQMCNormalSampler(torch.Size([MC_SAMPLES]), seed=int(rng.integers(2**31))),
        )
        return _maximise(acquisition, space, _starts(space, surrogate, observed, rng))


def posterior_mean_optimum(space: MixtureSpace, surrogate: GaussianProcessSurrogate) -> FloatArray:
    """The mixture (m,) of the space with the largest posterior mean; deterministic."""
    rng = np.random.default_rng(surrogate.seed)
    starts = _starts(space, surrogate, surrogate.weights, rng)
    with one_torch_thread(), manual_seed(surrogate.seed):
        return _maximise(PosteriorMean(surrogate.model), space, starts)


def _starts(
    space: MixtureSpace, surrogate: GaussianProcessSurrogate, observed: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Feasible mixtures (s, m) worth climbing from: all over the space, at corners, and round the best runs.

    Round each of the best runs: itself, blends with every corner, and itself without one of its domains,
    since optima on a face are common.
    """
    corners = np.eye(space.m)
    best = observed[np.argsort(-surrogate.predict(observed)[0])[:RESTARTS]]
    blends = (best[:, None] + corners).reshape(-1, space.m) / 2
    without = (best[:, None] - 2 * corners).reshape(-1, space.m)
    nearby = space.project(np.vstack([corners, best, blends, without]))
    return np.vstack([space.sample(RAW_STARTS, rng), space.uniform(), nearby])


def _maximise(acquisition: AcquisitionFunction, space: MixtureSpace, starts: FloatArray) -> FloatArray:
    """The best mixture (m,) that SLSQP reaches from the best of the starts (s, m)."""
    with torch.no_grad():
        ranked = starts[np.argsort(-acquisition(as_tensor(starts)[:, None]).numpy(), kind="stable")]
    climbed, _ = optimize_acqf(
        acquisition,
        bounds=as_tensor(np.stack([space.lower, space.upper])),
        q=1,
        num_restarts=RESTARTS,
        batch_initial_conditions=as_tensor(ranked[:RESTARTS])[:, None],
        equality_constraints=[(torch.arange(space.m), torch.ones(space.m, dtype=torch.double), 1.0)],
        return_best_only=False,
    )
    settled = _settle(space, climbed[:, 0].numpy())
    finalists = np.vstack([settled, ranked[:1]])
    with torch.no_grad():
        return finalists[int(acquisition(as_tensor(finalists)[:, None]).argmax())]


def _settle(space: MixtureSpace, weights: FloatArray) -> FloatArray:
    """Weights (n, m) exactly on the space; what is near its lower bound is pushed below it, so ends on it."""
    return space.project(np.where(weights < space.lower + ON_BOUND, space.lower - 1, weights))
