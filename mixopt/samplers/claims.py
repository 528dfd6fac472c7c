"""Claims: processes that ask an Optuna study at the same time never get the same mixture.

Optuna records a trial's weights only after its sampler has returned. So two processes that ask at once read the same
history and may compute the same mixture, or take the same row of a phase. Therefore a proposal is first written to its
trial as a claim, and then the trials are read again. Of two equal claims, the later writer sees the other one. The
trial with the higher number then gives way, unless its weights are recorded already.

This needs a storage on which a process sees what another one wrote before. `Study.ask` holds a lock instead.
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
from mixopt.storage.optuna_private import set_trial_user_attrs

LONGEST_WAIT = 10.0  # seconds for which a trial waits for a later one to give way


def claimed(
    study: optuna.Study, space: MixtureSpace, trial: FrozenTrial, propose: Callable[[History, int], Proposal]
) -> Proposal:
    """Propose a mixture for a trial, and claim it, so that no other trial gets it at the same time.

    Args:
        study: the Optuna study.
        space: its mixtures.
        trial: the trial, which is running.
        propose: returns a proposal for a history and a trial number.
    """
    given_up: dict[str, None] = {}  # notes of a proposal that gave way
    while True:
        history = History.of(study, space, but=trial.number)
        proposal = propose(history, trial.number)
        set_trial_user_attrs(study, trial, {**given_up, **proposal.notes, CLAIM: proposal.weights.tolist()})
        if _is_ours(study, space, trial.number, proposal, history):
            return proposal
        given_up = dict.fromkeys(proposal.notes)


def _is_ours(study: optuna.Study, space: MixtureSpace, number: int, proposal: Proposal, history: History) -> bool:
    """Whether the claim holds; waits for later trials with the same claim to give way."""
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
    """Whether an active trial has the same mixture, or the same row of a phase."""
    weights = weights_of(other, space)
    if other.state not in ACTIVE or weights is None:
        return False
    row = proposal.notes.get(PHASE), proposal.notes.get(ROW)
    same_row = row != (None, None) and (other.user_attrs.get(PHASE), other.user_attrs.get(ROW)) == row
    return same_row or bool(np.abs(weights - proposal.weights).sum() < LEAST)
