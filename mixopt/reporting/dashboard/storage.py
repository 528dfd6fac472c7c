"""A read view of a study's storage that adds mixopt's notes and figures to the system attributes.

Optuna's dashboard keeps notes and figures in system attributes of the study. If mixopt wrote them there, every worker's
journal would grow by some hundred kilobytes for each trial, and two dashboards would overwrite each other. So they are
added to what is read, and nothing is written. A note that a user saves in the page goes to the storage and replaces
mixopt's.
"""

import copy
from collections.abc import Callable, Container, Mapping
from typing import Any

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from mixopt.history.keys import (
    ASSURED_TRIALS,
    BEGAN,
    CHANCE,
    CLAIM,
    CORRECTIONS,
    EXTRA_TRIALS,
    FAILURES_FROM,
    FAILURES_RESET,
    FORGOTTEN,
    GPUS,
    HELD_SECONDS,
    ORDER,
    ORDER_LIFTED,
    PHASE,
    PRUNE,
    REPLACES,
    ROW,
    STOCK,
    UNTIL,
)
from mixopt.storage.forwarding import ForwardingStorage
from mixopt.storage.optuna_private import FrozenStudy

# mixopt's own attributes, which the page leaves out; what users need of them is in the notes.
OF_STUDY = {ORDER, ORDER_LIFTED, FAILURES_FROM, FAILURES_RESET, BEGAN, CHANCE, EXTRA_TRIALS, ASSURED_TRIALS}
OF_TRIALS = {PHASE, ROW, CLAIM, UNTIL, STOCK, PRUNE, REPLACES, CORRECTIONS, GPUS, HELD_SECONDS}
FORGOTTEN_START = FORGOTTEN.format("")


class ViewedStorage(ForwardingStorage):
    """Another storage with `views()` among the system attributes of one study; stored attributes come first."""

    def __init__(self, storage: BaseStorage, study_id: int, views: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__(storage)
        self._study_id, self._views = study_id, views

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """Return the stored attributes and the views."""
        stored = super().get_study_system_attrs(study_id)
        return {**self._views(), **stored} if study_id == self._study_id else stored

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """Return the attributes without mixopt's own."""
        return _without_books(super().get_study_user_attrs(study_id))

    def get_all_studies(self) -> list[FrozenStudy]:
        """Return the studies with the views."""
        name = self.get_study_name_from_id(self._study_id)
        return [self._viewed(study, study.study_name == name) for study in super().get_all_studies()]

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Return a trial without mixopt's own attributes."""
        return _viewed_trial(super().get_trial(trial_id))

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """Return the best trial without mixopt's own attributes."""
        return _viewed_trial(super().get_best_trial(study_id))

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Return the trials without mixopt's own attributes."""
        return [_viewed_trial(trial) for trial in super().get_all_trials(study_id, deepcopy, states)]

    def _viewed(self, study: FrozenStudy, ours: bool) -> FrozenStudy:
        viewed = copy.copy(study)
        viewed.user_attrs = _without_books(study.user_attrs)
        if ours:
            viewed.system_attrs = {**self._views(), **study.system_attrs}
        return viewed


def _without_books(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's user attributes without mixopt's own bookkeeping."""
    return {k: value for k, value in attributes.items() if k not in OF_STUDY and not k.startswith(FORGOTTEN_START)}


def _viewed_trial(trial: FrozenTrial) -> FrozenTrial:
    viewed = copy.copy(trial)
    viewed.user_attrs = {key: value for key, value in trial.user_attrs.items() if key not in OF_TRIALS}
    return viewed
