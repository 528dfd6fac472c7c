"""Claims on proposals, so that workers that ask at the same time never get the same one.

A trial's weights are recorded only after its sampler has returned. So two workers that ask at once read the same
history and may propose the same mixture, or the same row of a design. Therefore a proposal is first written to its
trial (the claim), and then the trials are read once more. Of two equal claims the one that is written later sees the
other; the trial with the higher number makes another proposal, unless its weights are recorded already.

This needs a storage on which a worker sees what another has written before.
"""

import time
from collections.abc import Callable

import numpy as np
import optuna
from optuna.trial import FrozenTrial

from mixopt.acquisition.distinct import LEAST
from mixopt.history.history import ACTIVE, History, recorded, weights_of
from mixopt.history.keys import CLAIM, PHASE, ROW
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace
from mixopt.storage.optuna_private import set_trial_user_attrs

LONGEST_WAIT = 10.0  # seconds for which a trial waits for a later one to give way or to be recorded


def claimed(
    study: optuna.Study, space: MixtureSpace, trial: FrozenTrial, propose: Callable[[History, int], Proposal]
) -> Proposal:
    """Return a proposal that no other trial has claimed which it did not know of; it is written to the trial.

    Args:
        study: the study that the trial belongs to.
        space: the mixtures of the study.
        trial: the trial that is asked for.
        propose: called with the history and the trial's number, again where its proposal gives way.
    """
    given_up: dict[str, None] = {}  # attributes of a proposal that gave way
    while True:
        history = History.of(study, space, but=trial.number)
        proposal = propose(history, trial.number)
        set_trial_user_attrs(study, trial, {**given_up, **proposal.notes, CLAIM: proposal.weights.tolist()})
        if _is_ours(study, space, trial.number, proposal, history):
            return proposal
        given_up = dict.fromkeys(proposal.notes)


def _is_ours(study: optuna.Study, space: MixtureSpace, number: int, proposal: Proposal, history: History) -> bool:
    """Whether the claim stands; waits for the later trials of those that claim the same."""
    known = {other.number for other in history.trials if _same(other, space, proposal)}
    deadline = time.monotonic() + LONGEST_WAIT
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
