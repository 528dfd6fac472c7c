"""Samplers that hand out a batch of mixtures, computed once from the runs before it."""

from abc import abstractmethod

import numpy as np

from mixopt.designs import Design
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.keys import LABEL, PHASE, ROW, STRATEGY
from mixopt.history.runs import Runs
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace


class BatchSampler(MixtureSampler):
    """A batch is a pure function of the runs of earlier phases and of (seed, phase).

    A trial takes the first row of the batch that no finished or running trial holds, so that a failed trial frees
    its row; after `past.ATTEMPTS` failures the row is given up.

    Args:
        phase: the sampler's place among the phases of a study; alone it is 0 and `batch` sees no runs.
    """

    strategy: str

    def __init__(self, space: MixtureSpace, *, seed: int = 0, phase: int = 0) -> None:
        super().__init__(space, seed=seed)
        self.phase = phase
        self._computed: tuple[bytes, Design] | None = None

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """What the mixtures of the batch are called, those that may come to be missing too."""

    @property
    def size(self) -> int:
        """How many mixtures the batch has at most."""
        return len(self.labels)

    @abstractmethod
    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        """The batch; raises StrategyError where these runs do not suffice."""

    def design(self, history: History) -> Design:
        """The batch that follows from the past (kept, since many asks share it)."""
        runs = history.runs(range(self.phase))
        arrays = (runs.numbers, runs.weights, runs.values, runs.in_scores, runs.out_scores)
        key = b"".join(array.tobytes() for array in arrays) + repr(runs.evaluations).encode()
        if self._computed is None or self._computed[0] != key:
            self._computed = key, self.batch(runs, np.random.default_rng([self.seed, self.phase]))
        return self._computed[1]

    def open_rows(self, history: History) -> list[int]:
        """The rows that still want a trial, in order."""
        return history.open_rows(self.phase, len(self.design(history)))

    def propose(self, history: History, number: int) -> Proposal:
        rows = self.open_rows(history)
        if not rows:
            raise StrategyError(f"the {self.strategy} batch is used up: every mixture of it has its trial")
        design, row = self.design(history), rows[0]
        notes = {STRATEGY: self.strategy, LABEL: design.labels[row], PHASE: self.phase, ROW: row}
        return Proposal(design.weights[row], notes)
