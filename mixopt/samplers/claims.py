"""Workers that ask at the same time never get the same proposal.

A trial's weights are recorded only after its sampler has returned, so two workers that ask at once see the same past
and may come to the same mixture, or to the same row of a design. So a proposal is noted on its trial (the claim)
before it counts, and then the trials are read once more. Of two that claim the same, whoever writes later sees the
other; the trial with the higher number gives way, unless its weights are recorded already.

What is not covered: storages on which a worker does not see what another has written before.
"""

import time
from collections.abc import Callable

import numpy as np
import optuna
from optuna.trial import FrozenTrial

from mixopt.acquisition.distinct import LEAST
from mixopt.history.history import History
from mixopt.history.keys import CLAIM, PHASE, ROW
from mixopt.history.trials import ACTIVE, recorded, weights_of
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace

PATIENCE = 10.0  # seconds that a trial waits for a later one to give way or to be recorded


def claimed(
    study: optuna.Study, space: MixtureSpace, trial: FrozenTrial, propose: Callable[[History, int], Proposal]
) -> Proposal:
    """What `propose` says of the past, noted on the trial and shared with no other trial that it did not know of."""
    given_up: dict[str, None] = {}  # notes of a proposal that gave way
    while True:
        history = History.of(study, space, but=trial.number)
        proposal = propose(history, trial.number)
        for key, value in {**given_up, **proposal.notes, CLAIM: proposal.weights.tolist()}.items():
            study._storage.set_trial_user_attr(trial._trial_id, key, value)  # as Optuna's own samplers do
        if _is_ours(study, space, trial.number, proposal, history):
            return proposal
        given_up = dict.fromkeys(proposal.notes)


def _is_ours(study: optuna.Study, space: MixtureSpace, number: int, proposal: Proposal, history: History) -> bool:
    """Whether the claim stands; waits for the later trials of those that claim the same."""
    known = {other.number for other in history.trials if _same(other, space, proposal)}
    deadline = time.monotonic() + PATIENCE
    while True:
        others = History.of(study, space, but=number).trials
        rivals = [other for other in others if other.number not in known and _same(other, space, proposal)]
        if not rivals:
            return True
        if any(other.number < number or recorded(other, space) for other in rivals) or time.monotonic() > deadline:
            return False
        time.sleep(0.01)


def _same(other: FrozenTrial, space: MixtureSpace, proposal: Proposal) -> bool:
    """Whether a live trial claims the same mixture, or the same row of a design."""
    weights = weights_of(other, space)
    if other.state not in ACTIVE or weights is None:
        return False
    row = proposal.notes.get(PHASE), proposal.notes.get(ROW)
    same_row = row != (None, None) and (other.user_attrs.get(PHASE), other.user_attrs.get(ROW)) == row
    return same_row or bool(np.abs(weights - proposal.weights).sum() < LEAST)
