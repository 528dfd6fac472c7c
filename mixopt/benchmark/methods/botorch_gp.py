"""BoTorch as in its tutorials: SingleTaskGP with defaults, qLogNEI, sum w = 1 as an equality constraint.

There are 512 raw samples as in the tutorials: Dirichlet(1) draws and the vertices instead of BoTorch's own polytope
sampler, which takes over a second for each ask and draws uniformly too. BoTorch's own rule picks the restarts among
them: 4 instead of the tutorials' 10, because on ten models of 40 runs over 5 to 17 domains they reached the same
largest acquisition in a third of the time. It recommends the optimum of the posterior mean. In a finite space
both are maximised over the candidates; on a pool the model is told that scores are exact.
"""

import numpy as np
import torch
from botorch.acquisition import AcquisitionFunction, PosteriorMean, qLogNoisyExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.optim import optimize_acqf
from botorch.optim.initializers import initialize_q_batch
from botorch.utils.sampling import manual_seed
from gpytorch.mlls import ExactMarginalLogLikelihood

from mixopt.benchmark.methods.base import Advice, Observed
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

STARTS = 10  # random mixtures before the first model
RESTARTS = 4
RAW_SAMPLES = 512
EXACT = 1e-6  # of the variance of the scores: exact


class BoTorch(Observed):
    """BoTorch's Gaussian process and acquisition function."""

    def ask(self) -> FloatArray:
        if len(self.scores) < STARTS:
            return self.space.sample(1, self.rng)[0]
        with manual_seed(int(self.rng.integers(2**31))):
            model = self._model()
            acquisition = qLogNoisyExpectedImprovement(model, torch.tensor(self.weights))
            return maximum(acquisition, self.space, self.rng)

    def recommend(self) -> Advice:
        with manual_seed(0):
            model = self._model()
            best = maximum(PosteriorMean(model), self.space, np.random.default_rng(0))
            with torch.no_grad():
                posterior = model.posterior(torch.tensor(best[None]))
        mean, sd = posterior.mean.item(), posterior.variance.sqrt().item()
        return Advice(best, mean, (mean - 1.645 * sd, mean + 1.645 * sd))

    def _model(self) -> SingleTaskGP:
        return fitted(self.weights, self.values, EXACT * float(np.var(self.values)) if self.task.exact else None)


def fitted(weights: FloatArray, values: FloatArray, noise: float | None = None) -> SingleTaskGP:
    """Return BoTorch's default model of scores (n,) at weights (n, m); the noise variance is inferred or given."""
    known = None if noise is None else torch.full((len(values), 1), noise, dtype=torch.double)
    model = SingleTaskGP(torch.tensor(weights), torch.tensor(values)[:, None], known)
    fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    return model


def maximum(acquisition: AcquisitionFunction, space: MixtureSpace, rng: np.random.Generator) -> FloatArray:
    """Return the mixture (m,) of the simplex, or of the candidates, with the largest acquisition."""
    if space.candidates is not None:
        with torch.no_grad():
            return space.candidates[int(acquisition(torch.tensor(space.candidates)[:, None]).argmax())]
    raw = torch.tensor(np.vstack([space.sample(RAW_SAMPLES, rng), np.eye(space.m)]))[:, None]
    with torch.no_grad():
        starts, _ = initialize_q_batch(raw, acquisition(raw), n=RESTARTS)
    best, _ = optimize_acqf(
        acquisition,
        bounds=torch.stack([torch.zeros(space.m), torch.ones(space.m)]).double(),
        q=1,
        num_restarts=RESTARTS,
        batch_initial_conditions=starts,
        equality_constraints=[(torch.arange(space.m), torch.ones(space.m, dtype=torch.double), 1.0)],
    )
    return space.project(best[0].numpy())
