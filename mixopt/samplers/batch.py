"""`BatchSampler`: base of samplers that compute a batch of mixtures at once, from the runs of earlier phases."""

from abc import abstractmethod

import numpy as np

from mixopt.designs import Design
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.keys import LABEL, STRATEGY
from mixopt.history.runs import Runs
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace


class BatchSampler(MixtureSampler):
    """A sampler whose mixtures form a batch, one row per mixture. It is also a `Phase`.

    The batch is a pure function of the runs of earlier phases, the seed and the index of the phase. A trial gets the
    first row that no finished or running trial has. A failed trial frees its row; after `history.ATTEMPTS` failures the
    row is given up.

    Attributes:
        strategy: the strategy that its trials note.
        index_alone: index of the phase where the sampler is used by itself, without `PhasedSampler`. With 1 it learns
            from the trials of phase 0.
    """

    strategy: str
    index_alone = 1

    def __init__(self, space: MixtureSpace, *, seed: int = 0) -> None:
        super().__init__(space, seed=seed)
        self._computed: tuple[tuple[int, bytes], Design] | None = None

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The labels of the batch, also of mixtures that may be missing in the end."""

    @property
    def size(self) -> int:
        """How many mixtures the batch has at most."""
        return len(self.labels)

    @abstractmethod
    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        """Compute the batch from the runs of earlier phases; raises StrategyError if they do not suffice."""

    def design(self, history: History, index: int) -> Design:
        """Return the batch of phase `index`. It is kept, since many asks share it."""
        runs = history.runs(range(index))
        arrays = (runs.numbers, runs.weights, runs.values, runs.in_scores, runs.out_scores)
        key = index, b"".join(array.tobytes() for array in arrays) + repr(runs.evaluations).encode()
        if self._computed is None or self._computed[0] != key:
            self._computed = key, self.batch(runs, np.random.default_rng([self.seed, index]))
        return self._computed[1]

    def open_rows(self, history: History, index: int) -> list[int]:
        """Return the rows that still want a trial, in order."""
        return history.open_rows(index, len(self.design(history, index)))

    def propose_row(self, history: History, index: int, row: int, number: int) -> Proposal:
        """Propose the mixture of a row."""
        design = self.design(history, index)
        return Proposal(design.weights[row], {STRATEGY: self.strategy, LABEL: design.labels[row]})

    def propose(self, history: History, number: int) -> Proposal:
        """Propose the first open row, for a sampler that is used by itself."""
        index = self.index_alone
        rows = self.open_rows(history, index)
        if not rows:
            raise StrategyError(f"the {self.strategy} batch is used up: every mixture of it has its trial")
        return self.propose_row(history, index, rows[0], number).at(index, rows[0])
