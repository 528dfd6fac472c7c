"""`PhasedSampler`: the phases of a strategy one after another, such as seeds, then heuristics, then Bayesian search.

A phase starts when every trial of the phases before it has ended, because its mixtures are computed from all of them.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from mixopt.acquisition.exclusion import apart
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.phase import Phase
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace


@dataclass(frozen=True)
class Sequential:
    """A phase of `trials` mixtures, which `sampler` proposes one by one from everything that is known by then.

    Args:
        sampler: proposes the mixtures.
        trials: how many.
    """

    sampler: MixtureSampler
    trials: int

    @property
    def several_objectives(self) -> bool:
        """Whether the study may have several objectives."""
        return self.sampler.several_objectives

    @property
    def size(self) -> int:
        """How many trials the phase plans."""
        return self.trials

    @property
    def labels(self) -> tuple[str, ...]:
        """Empty: the mixtures are not known in advance."""
        return ()

    def check_installed(self) -> None:
        """Raise MissingError if the sampler needs a package that is not installed."""
        self.sampler.check_installed()

    def open_rows(self, history: History, index: int) -> list[int]:
        """Return the rows that want a trial; none once every candidate of a finite space has been tried."""
        candidates = self.sampler.space.candidates
        if candidates is not None and not apart(candidates, history.tried()).any():
            return []
        return history.open_rows(index, self.trials)

    def propose_row(self, history: History, index: int, row: int, number: int) -> Proposal:
        """Propose the mixture of trial `number`."""
        return self.sampler.propose(history, number)


@dataclass(frozen=True)
class Position:
    """Where a study is in its strategy.

    Attributes:
        phase: index of the first phase that is not complete.
        rows: its rows that want a trial.
        blocked: whether it waits for running trials of an earlier phase.
    """

    phase: int
    rows: tuple[int, ...]
    blocked: bool


class PhasedSampler(MixtureSampler):
    """Run phases in order.

    >>> space = mixopt.MixtureSpace(["coco", "lisa", "sat"])
    >>> bayes = mixopt.Sequential(mixopt.BayesSampler(space), trials=20)
    >>> mixopt.PhasedSampler(space, [mixopt.SeedSampler(space), bayes]).planned
    27

    Args:
        space: the mixtures to search.
        phases: batch samplers (SeedSampler, HeuristicSampler, QuadraticSampler) and `Sequential` phases.
        seed: unused by the phases, which have seeds of their own.
    """

    def __init__(self, space: MixtureSpace, phases: Sequence[Phase], *, seed: int = 0) -> None:
        super().__init__(space, seed=seed)
        self.phases: list[Phase] = list(phases)
        self.several_objectives = all(phase.several_objectives for phase in self.phases)

    def check_installed(self) -> None:
        """Raise MissingError if a phase needs a package that is not installed."""
        for phase in self.phases:
            phase.check_installed()

    def size(self, index: int) -> int:
        """Return how many trials a phase plans."""
        return self.phases[index].size

    @property
    def planned(self) -> int:
        """How many trials all phases plan."""
        return sum(phase.size for phase in self.phases)

    def position(self, history: History) -> Position | None:
        """Find the first phase that wants a trial; None if there is none.

        A phase that cannot be computed, because it has too few runs before it, is skipped with a warning.
        """
        for index, phase in enumerate(self.phases):
            if history.unfinished(range(index)):
                return Position(index, (), blocked=True)
            try:
                rows = phase.open_rows(history, index)
            except StrategyError as reason:
                warnings.warn(f"phase {index + 1} is skipped: {reason}", stacklevel=2)
                continue
            if rows:
                return Position(index, tuple(rows), blocked=False)
        return None

    def given_up(self, history: History) -> int:
        """Count the mixtures that have failed too often to be tried again."""
        return sum(history.given_up(index) for index in range(len(self.phases)))

    def propose(self, history: History, number: int) -> Proposal:
        """Propose the next mixture of the first phase that wants a trial."""
        position = self.position(history)
        if position is None:
            raise StrategyError("every phase of the study is complete: raise its number of trials")
        if position.blocked:
            raise StrategyError(f"phase {position.phase + 1} waits for trials of an earlier one that are running")
        index, row = position.phase, position.rows[0]
        return self.phases[index].propose_row(history, index, row, number).at(index, row)
