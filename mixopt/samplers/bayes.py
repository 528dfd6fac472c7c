"""Bayesian search: a Gaussian process over the exact simplex, one mixture after another."""

import numpy as np

from mixopt.past import LABEL, STRATEGY, Past
from mixopt.samplers.base import MixtureSampler, Proposal

START = 2  # fewer finished runs than this: the uniform mixture first, then at random


class BayesSampler(MixtureSampler):
    """The default sampler: noisy expected improvement under the Gaussian process of surrogates/gp.py.

    It learns from every finished trial, whoever proposed it, and keeps away from those that are running.

        study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space, seed=0))
    """

    strategy = "model-based"

    def propose(self, past: Past, number: int) -> Proposal:
        rng = np.random.default_rng([self.seed, number])
        runs, pending = past.runs(), past.pending()
        notes = {STRATEGY: self.strategy, LABEL: "bayes"}
        if len(runs) < START:
            first = len(runs) + len(pending) == 0
            return Proposal(self.space.uniform() if first else self.space.sample(1, rng)[0], notes)
        from mixopt.search.acquisition import next_mixture  # torch, which only this sampler needs
        from mixopt.surrogates.gp import GaussianProcessSurrogate

        surrogate = GaussianProcessSurrogate(seed=self.seed).fit(runs.weights, runs.values)
        return Proposal(next_mixture(self.space, surrogate, runs.weights, pending, rng), notes)
