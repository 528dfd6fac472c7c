"""A phase whose runs may end early: its budget is training steps, not trials."""

from dataclasses import dataclass

from mixopt.history.history import History
from mixopt.history.keys import UNTIL
from mixopt.samplers.bayes import BayesSampler
from mixopt.samplers.phased import Sequential
from mixopt.samplers.proposal import Proposal


@dataclass(frozen=True)
class StepBudget(Sequential):
    """As many runs as fit in the steps of `trials` whole ones; the last of them ends where the budget does."""

    sampler: BayesSampler

    def open_rows(self, history: History, phase: int) -> list[int]:
        """The rows that want a trial; as many as there could be if every run were of the shortest kind."""
        shortest, whole = self.sampler.steps[0], self.sampler.steps[-1]
        rows = history.open_rows(phase, self.trials * whole // shortest)
        return rows if self._left(history, phase) >= shortest else []

    def propose(self, history: History, phase: int, number: int) -> Proposal:
        proposal, left = self.sampler.propose(history, number), self._left(history, phase)
        affordable = max(step for step in self.sampler.steps if step <= left)
        return Proposal(proposal.weights, proposal.notes | {UNTIL: min(proposal.notes[UNTIL], affordable)})

    def _left(self, history: History, phase: int) -> int:
        """Steps that no trial has been given yet; a row that was given up has used a whole run's."""
        whole = self.sampler.steps[-1]
        return (self.trials - history.given_up(phase)) * whole - history.steps_taken(phase, whole)
