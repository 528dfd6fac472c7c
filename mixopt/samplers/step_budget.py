"""A phase whose runs may end early: its budget is training steps, not trials."""

from dataclasses import dataclass

from mixopt.history.history import Past
from mixopt.history.keys import UNTIL
from mixopt.samplers.bayes import BayesSampler
from mixopt.samplers.phased import Sequential
from mixopt.samplers.proposal import Proposal


@dataclass(frozen=True)
class Metered(Sequential):
    """As many runs as fit in the steps of `trials` whole ones; the last of them ends where the budget does."""

    sampler: BayesSampler

    def open_rows(self, past: Past, phase: int) -> list[int]:
        """The rows that want a trial; as many as there could be if every run were of the shortest kind."""
        shortest, whole = self.sampler.steps[0], self.sampler.steps[-1]
        rows = past.open_rows(phase, self.trials * whole // shortest)
        return rows if self._left(past, phase) >= shortest else []

    def propose(self, past: Past, phase: int, number: int) -> Proposal:
        proposal, left = self.sampler.propose(past, number), self._left(past, phase)
        affordable = max(step for step in self.sampler.steps if step <= left)
        return Proposal(proposal.weights, proposal.notes | {UNTIL: min(proposal.notes[UNTIL], affordable)})

    def _left(self, past: Past, phase: int) -> int:
        """Steps that no trial has been given yet; a row that was given up has used a whole run's."""
        whole = self.sampler.steps[-1]
        return (self.trials - past.given_up(phase)) * whole - past.steps_taken(phase, whole)
