"""Where a trial's weights come from: ask for a new trial, or resume one that lost its worker.

A new trial gets

1. the mixture that somebody has enqueued (`mixopt study retry`, Optuna's `enqueue_trial`), if there is one;
2. otherwise the sampler's proposal (samplers/phased.py). The trial is written as a whole, in one write.

A resumed trial keeps the weights that it has. If its worker died before it had any, it gets the sampler's proposal.
"""

from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState, create_trial

from mixopt.errors import StrategyError, WeightsError
from mixopt.history.keys import TRAIN_SEED
from mixopt.history.other_domains import UNIT
from mixopt.samplers.base import suggest_mixture
from mixopt.samplers.phased import PhasedSampler
from mixopt.study.asked_trial import AskedTrial, asked_trial
from mixopt.study.writer import StudyWriter
from mixopt.trainers.contract import TrialFailed


def ask_trial(study: StudyWriter, sampler: PhasedSampler, notes: Mapping[str, Any]) -> AskedTrial | None:
    """Begin a new trial. The caller holds the study's lock, so that no two trials get the same mixture.

    Args:
        study: gets the trial, which is then running.
        sampler: proposes its mixture.
        notes: further user attributes of the trial.

    Returns:
        The trial; None if its enqueued weights are not in the space, and then that trial has failed.

    Raises:
        StrategyError: the strategy has no mixture at the moment.
    """
    if study.trials(TrialState.WAITING):
        return _enqueued(study, sampler, notes)
    return _proposed(study, sampler, notes)


def _proposed(study: StudyWriter, sampler: PhasedSampler, notes: Mapping[str, Any]) -> AskedTrial:
    """Write the strategy's next trial with its weights and notes: after a crash it is there whole, or not at all."""
    history = study.history()
    proposal = sampler.propose(history, len(history.trials))
    weights = study.space.as_dict(proposal.weights.clip(0.0, 1.0))  # Optuna refuses 1 + 2e-16
    attributes = {TRAIN_SEED: study.spec.train_seed, **proposal.notes, **notes}
    unit: dict[str, BaseDistribution] = dict.fromkeys(weights, UNIT)
    trial = create_trial(state=TrialState.RUNNING, params=weights, distributions=unit, user_attrs=attributes)
    number = study.storage.get_trial_number_from_id(study.storage.create_new_trial(study.study_id, trial))
    pruned = [other for other in history.trials if other.state == TrialState.PRUNED]
    return asked_trial(study, number, weights, attributes, pruned)


def _enqueued(study: StudyWriter, sampler: PhasedSampler, notes: Mapping[str, Any]) -> AskedTrial | None:
    study.optuna.sampler = sampler
    number = study.optuna.ask().number
    study.note(number, notes)
    try:
        return resume_trial(study, number, sampler)
    except StrategyError as reason:  # it was enqueued without weights
        study.fail(number, TrialFailed(str(reason)))
        raise


def resume_trial(study: StudyWriter, number: int, sampler: PhasedSampler) -> AskedTrial | None:
    """Train a running trial again, under its number and with its weights; if it has none, it gets some now.

    Args:
        study: holds the trial.
        number: the trial's number.
        sampler: proposes a mixture for a trial without weights.

    Returns:
        The trial; None if its enqueued weights are not in the space, and then it has failed.

    Raises:
        StrategyError: it has no weights, and the strategy has no mixture for it.
    """
    study.optuna.sampler = sampler
    trial = optuna.Trial(study.optuna, study.trial_id(number))
    if TRAIN_SEED not in trial.user_attrs:
        trial.set_user_attr(TRAIN_SEED, study.spec.train_seed)
    try:
        weights = suggest_mixture(trial, study.space)
    except WeightsError as error:
        study.fail(number, TrialFailed(str(error)))
        return None
    return asked_trial(study, number, weights, study.trials()[number].user_attrs, study.trials(TrialState.PRUNED))
