"""The judge: one model for all methods, which says what each of them has found so far.

A method's trials are noisy; which of them is best is an inference, and a method with a better model would win by its
model alone. So the trial that counts is the one with the largest posterior mean under BoTorch's SingleTaskGP with its
defaults: the model of the strongest peer, of which nobody can say that it favours ours.
"""

import numpy as np
import torch
from botorch.utils.sampling import manual_seed

from mixopt.arrays import FloatArray
from mixopt.benchmark.methods.botorch_gp import fitted


def best_trial(weights: FloatArray, values: FloatArray) -> int:
    """The row of the evaluated mixtures (n, m) with noisy scores (n,) that is best under the common model."""
    if len(np.unique(values)) == 1:
        return 0
    with manual_seed(0):  # a fit that fails is tried again from random starts
        model = fitted(weights, values)
    with torch.no_grad():
        return int(model.posterior(torch.tensor(weights)).mean.argmax())
