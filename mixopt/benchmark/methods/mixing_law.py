"""Data mixing laws: random mixtures, an exponential law for each test, and the mixture with the least mean loss.

As in the paper and its code: loss = c + k exp(t.w) for each test, fitted by a Huber loss of .05 from several starts,
and the mixture with the least mean of the laws.

Differences: mixtures are uniform draws of the simplex; laws are fitted from 4 starts that a linear fit gives, not 6000
random ones, by other steps of the same loss; scores become losses as exponential_laws.py says; the best mixture is
found by a search, not on a grid. The paper's laws of training steps and model sizes, and its networks for many domains,
have no part here. In a finite space it asks for random candidates and recommends the best one.

References:
    Ye et al., Data Mixing Laws: Optimizing Data Mixtures by Predicting Language Modeling Performance, 2024,
    arXiv:2403.16952; github.com/yegcjs/mixinglaws.
"""

from mixopt.benchmark.methods.base import Advice, Observed
from mixopt.benchmark.methods.exponential_laws import fitted_laws
from mixopt.typing import FloatArray

DELTA = 0.05


class MixingLaw(Observed):
    """Random mixtures and their exponential laws."""

    def ask(self) -> FloatArray:
        return self.space.sample(1, self.rng)[0]

    def recommend(self) -> Advice:
        if len(self.scores) < 2:
            return self.best_observed()
        return Advice(fitted_laws(self, DELTA).best(self.space))
