"""`StepBudget`: a phase of Bayesian search whose runs may end early; its budget is training steps, not trials."""

from dataclasses import dataclass

from mixopt.history.history import History
from mixopt.history.keys import UNTIL
from mixopt.samplers.bayes import BayesSampler
from mixopt.samplers.phased import Sequential
from mixopt.samplers.proposal import Proposal


@dataclass(frozen=True)
class StepBudget(Sequential):
    """As many runs as fit in the training steps of `trials` whole runs. The last run ends where the budget ends.

    Args:
        sampler: proposes a mixture and the step at which its run ends.
        trials: the budget, in whole runs.
    """

    sampler: BayesSampler

    def open_rows(self, history: History, index: int) -> list[int]:
        """Return the rows that want a trial; there are as many as if every run ended at the first step."""
        shortest, whole = self.sampler.steps[0], self.sampler.steps[-1]
        rows = history.open_rows(index, self.trials * whole // shortest)
        return rows if self._left(history, index) >= shortest else []

    def propose_row(self, history: History, index: int, row: int, number: int) -> Proposal:
        """Propose a mixture, and end its run no later than the budget allows."""
        proposal, left = self.sampler.propose(history, number), self._left(history, index)
        affordable = max(step for step in self.sampler.steps if step <= left)
        return Proposal(proposal.weights, proposal.notes | {UNTIL: min(proposal.notes[UNTIL], affordable)})

    def _left(self, history: History, index: int) -> int:
        """Training steps that no trial has; a row that was given up counts as a whole run."""
        whole = self.sampler.steps[-1]
        return (self.trials - history.given_up(index)) * whole - history.steps_taken(index, whole)
