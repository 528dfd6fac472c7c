"""Strategies one after another: seeds, then heuristics, then models that have learnt from both.

The end of a phase is a barrier: what follows is computed from all of it.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from mixopt.acquisition.exclusion import apart
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.keys import PHASE, ROW
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.batch import BatchSampler
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace


@dataclass(frozen=True)
class Sequential:
    """A phase of `trials` mixtures, each proposed by `sampler` from all that is known by then."""

    sampler: MixtureSampler
    trials: int

    @property
    def several_objectives(self) -> bool:
        """Whether a study may have several."""
        return self.sampler.several_objectives

    def check_installed(self) -> None:
        """Raise MissingError where the sampler needs a package that is not installed."""
        self.sampler.check_installed()

    def open_rows(self, history: History, phase: int) -> list[int]:
        """The rows that want a trial; none once all of a finite space has been tried: the same again says the same."""
        candidates = self.sampler.space.candidates
        if candidates is not None and not apart(candidates, history.tried()).any():
            return []
        return history.open_rows(phase, self.trials)

    def propose(self, history: History, phase: int, number: int) -> Proposal:
        """The mixture of trial `number`; the phase has an open row."""
        return self.sampler.propose(history, number)


Phase = BatchSampler | Sequential


@dataclass(frozen=True)
class Position:
    """Where a study stands: the phase, its rows that want a trial, and whether it must wait for an earlier one."""

    phase: int
    rows: tuple[int, ...]
    blocked: bool


class PhasedSampler(MixtureSampler):
    """Runs phases in order; a phase's batch samplers must carry its index as their `phase`.

    >>> space = mixopt.MixtureSpace(["coco", "lisa", "sat"])
    >>> bayes = mixopt.Sequential(mixopt.BayesSampler(space), trials=20)
    >>> mixopt.PhasedSampler(space, [mixopt.SeedSampler(space), bayes]).planned
    27
    """

    def __init__(self, space: MixtureSpace, phases: Sequence[Phase], *, seed: int = 0) -> None:
        super().__init__(space, seed=seed)
        self.phases: list[Phase] = list(phases)
        self.several_objectives = all(phase.several_objectives for phase in self.phases)

    def check_installed(self) -> None:
        for phase in self.phases:
            phase.check_installed()

    def size(self, phase: int) -> int:
        """Trials of a phase, as planned."""
        entry = self.phases[phase]
        return entry.trials if isinstance(entry, Sequential) else entry.size

    @property
    def planned(self) -> int:
        """Trials of all phases."""
        return sum(self.size(phase) for phase in range(len(self.phases)))

    def position(self, history: History) -> Position | None:
        """The first phase that still wants a trial; None when there is none left.

        A phase that cannot be computed (too few runs before it) is skipped with a warning.
        """
        for phase in range(len(self.phases)):
            if history.unfinished(range(phase)):
                return Position(phase, (), blocked=True)
            try:
                rows = self._open_rows(history, phase)
            except StrategyError as reason:
                warnings.warn(f"phase {phase + 1} is skipped: {reason}", stacklevel=2)
                continue
            if rows:
                return Position(phase, tuple(rows), blocked=False)
        return None

    def given_up(self, history: History) -> int:
        """How many mixtures have failed too often to be tried again."""
        return sum(history.given_up(phase) for phase in range(len(self.phases)))

    def _open_rows(self, history: History, phase: int) -> list[int]:
        entry = self.phases[phase]
        return entry.open_rows(history, phase) if isinstance(entry, Sequential) else entry.open_rows(history)

    def propose(self, history: History, number: int) -> Proposal:
        position = self.position(history)
        if position is None:
            raise StrategyError("every phase of the study is complete: raise its number of trials")
        if position.blocked:
            raise StrategyError(f"phase {position.phase + 1} waits for trials of an earlier one that are running")
        entry = self.phases[position.phase]
        if isinstance(entry, BatchSampler):
            return entry.propose(history, number)
        proposal = entry.propose(history, position.phase, number)
        return Proposal(proposal.weights, {**proposal.notes, PHASE: position.phase, ROW: position.rows[0]})
