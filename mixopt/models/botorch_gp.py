"""BoTorch's Gaussian process as a surrogate: a quadratic plus a smooth deviation, with inferred noise.

On z = (w - 1/m) sqrt(m (m + 1) / (m - 1)), for which |z|^2 is 1 on average over Dirichlet(1) mixtures:

    mean    b - c |z|^2, c > 0
    kernel  a (z.z' + k)^2 + v exp(-|z - z'|^2 / 2 l^2)

Of six kernels that were tried on the simplex this one had the best held-out error and coverage. It works on w itself,
so corners and faces are ordinary points. The hyperparameters maximise the marginal likelihood times their priors; their
own uncertainty is not counted.

The concave mean keeps the optimum of the posterior mean away from corners that no run is near. At 11 / 30 / 80 random
mixtures, on fresh seeds of the families that the priors were tuned on, with noise half the standard deviation of f:

                                                       regret of that optimum    90 % intervals held
    concave quadratics and mixing laws, 48 problems    .37 / .42 / .14           .81 / .89 / .92
        with a constant mean                           3.3 / 2.3 / .66           .80 / .87 / .92
    bumps and convex quadratics at m = 6, 24 problems  .38 / .12 / .02           .77 / .84 / .89
        with a constant mean                           .96 / .46 / .02           .74 / .85 / .92
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from botorch.exceptions import ModelFittingError
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.transforms.input import AffineInputTransform
from botorch.models.transforms.outcome import Standardize
from botorch.utils.sampling import manual_seed
from gpytorch.constraints import GreaterThan, Positive
from gpytorch.kernels import Kernel, PolynomialKernel, RBFKernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.means import Mean
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.priors import LogNormalPrior

from mixopt.models.subset import subset_rows
from mixopt.models.surrogate import check_runs
from mixopt.typing import FloatArray


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Run torch on one thread: on a busy machine two threads are ten times slower than one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def as_tensor(array: FloatArray) -> torch.Tensor:
    """A double-precision copy of an array."""
    return torch.tensor(np.asarray(array), dtype=torch.double)


@dataclass(frozen=True)
class BoTorchGPSurrogate:
    """Gaussian process over mixtures; the same for the same runs and seed. Torch's global state is left as it was.

    Args:
        seed: of BoTorch's optimiser.
    """

    seed: int = 0

    def fit(self, weights: FloatArray, values: FloatArray) -> "FittedBoTorchGP":
        """Fit the process on weights (n, m) and values (n,), in any unit; of many runs on a subset (subset.py).

        Where the marginal likelihood cannot be maximised, the hyperparameters stay at the modes of their priors, with a
        warning.

        Raises:
            StrategyError: fewer than 2 runs, or a value that is not finite.
        """
        check_runs(weights, values, 2, "a Gaussian process")
        some = subset_rows(len(values))
        weights, values = np.asarray(weights, dtype=float)[some], np.asarray(values)[some]
        with one_torch_thread(), manual_seed(self.seed):
            model = _model(as_tensor(weights), as_tensor(values)[:, None])
            try:
                fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
            except ModelFittingError as error:  # the model is rolled back to where it started
                warnings.warn(f"{error} The Gaussian process keeps the modes of its priors.", stacklevel=2)
            model.eval()
            standardised: Any = model.outcome_transform  # BoTorch's types do not say that it is a Standardize
            noise_sd = standardised.stdvs.item() * math.sqrt(model.likelihood.noise.item())
        return FittedBoTorchGP(model, weights, noise_sd)


@dataclass(frozen=True, eq=False)
class FittedBoTorchGP:
    """A fitted BoTorch Gaussian process.

    Attributes:
        model: a BoTorch model over w.
        weights: mixtures (n, m) that it was fitted on.
        noise_sd: standard deviation of one run's noise, in units of the values.
    """

    model: SingleTaskGP
    weights: FloatArray
    noise_sd: float

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (n,) and standard deviation (n,) of the noise-free score at weights (n, m)."""
        with one_torch_thread(), torch.no_grad():
            posterior = self.model.posterior(as_tensor(weights))
            return posterior.mean[:, 0].numpy(), posterior.variance[:, 0].sqrt().numpy()

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior of the noise-free scores at weights (n, m): mean (n,), covariance (n, n)."""
        with one_torch_thread(), torch.no_grad():
            posterior: Any = self.model.posterior(as_tensor(weights))
            return posterior.mean[:, 0].numpy(), posterior.distribution.covariance_matrix.numpy()


class ConcaveMean(Mean):
    """The mean b - c |z|^2 with c > 0: until the runs show otherwise, mixing is better than leaving domains out."""

    def __init__(self) -> None:
        """Start at the mode of the prior of c."""
        super().__init__()
        prior = _log_normal(mode=0.5, sigma=1.0)
        self.register_parameter("level", torch.nn.Parameter(torch.zeros(())))
        self.register_parameter("raw_curvature", torch.nn.Parameter(torch.zeros(())))
        self.register_constraint("raw_curvature", Positive())
        self.register_prior("curvature_prior", prior, ConcaveMean.curvature, ConcaveMean.set_curvature)
        self.set_curvature(prior.mode)

    def curvature(self) -> torch.Tensor:
        """c, a scalar."""
        return self.raw_curvature_constraint.transform(self.raw_curvature)

    def set_curvature(self, curvature: torch.Tensor) -> None:
        """Set c, where a fit starts (and where BoTorch starts again after a fit that failed)."""
        self.initialize(raw_curvature=self.raw_curvature_constraint.inverse_transform(curvature))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """The mean at z: (..., m) -> (...)."""
        return self.level - self.curvature() * z.square().sum(dim=-1)


def _model(weights: torch.Tensor, values: torch.Tensor) -> SingleTaskGP:
    """The model of weights (n, m) and values (n, 1) before its fit, at the modes of the priors."""
    m = weights.shape[1]
    noise = _log_normal(mode=0.3, sigma=1.0)  # variance, as all below in units of the values' variance
    to_z = AffineInputTransform(
        d=m,
        coefficient=as_tensor(np.full(m, math.sqrt((m - 1) / (m * (m + 1))))),
        offset=as_tensor(np.full(m, 1 / m)),
    )
    model = SingleTaskGP(
        weights,
        values,
        mean_module=ConcaveMean(),
        covar_module=_kernel(),
        likelihood=GaussianLikelihood(noise_prior=noise, noise_constraint=GreaterThan(1e-5)),
        outcome_transform=Standardize(m=1),
        input_transform=to_z,
    ).double()
    model.likelihood.noise = noise.mode
    return model


def _kernel() -> Kernel:
    """The kernel a (z.z' + k)^2 + v exp(-|z - z'|^2 / 2 l^2)."""
    scale, offset = _log_normal(mode=0.25, sigma=1.0), _log_normal(mode=1.0, sigma=1.0)
    quadratic = ScaleKernel(PolynomialKernel(power=2, offset_prior=offset), outputscale_prior=scale)
    quadratic.outputscale, quadratic.base_kernel.offset = scale.mode, offset.mode
    variance, length = _log_normal(mode=0.1, sigma=1.0), _log_normal(mode=1.0, sigma=0.5)
    smooth = ScaleKernel(RBFKernel(lengthscale_prior=length), outputscale_prior=variance)
    smooth.outputscale, smooth.base_kernel.lengthscale = variance.mode, length.mode
    return quadratic + smooth


def _log_normal(mode: float, sigma: float) -> LogNormalPrior:
    """A log-normal prior by its mode, because the fit maximises the density; its median would pull towards 0."""
    return LogNormalPrior(math.log(mode) + sigma**2, sigma)
