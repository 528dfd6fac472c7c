"""A study's storage as the dashboard reads it: our views stand among the study's system attributes, unwritten.

Optuna's dashboard keeps notes and figures in system attributes of the study. Written there, ours would grow every
worker's journal by some hundred kilobytes a trial, and two dashboards would overwrite each other's. So they are laid
over what is read, and nothing is written. What a reader saves in the page (a note) does go to the storage, and is shown
from then on in the place of ours.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from optuna.storages import BaseStorage
from optuna.study._frozen import FrozenStudy

from mixopt.storages.patient import PatientStorage


class ViewedStorage(PatientStorage):
    """Another storage, with `views()` among the system attributes of one of its studies; those stored come first."""

    def __init__(self, storage: BaseStorage, study_id: int, views: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__(storage, "the study's storage", patience=0)  # the other one waits already
        self._study_id, self._views = study_id, views

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        stored = self._call("get_study_system_attrs", study_id)
        return {**self._views(), **stored} if study_id == self._study_id else stored

    def get_all_studies(self) -> list[FrozenStudy]:
        return [self._viewed(study) for study in self._call("get_all_studies")]

    def _viewed(self, study: FrozenStudy) -> FrozenStudy:
        if study._study_id != self._study_id:
            return study
        viewed = copy.copy(study)
        viewed.system_attrs = {**self._views(), **study.system_attrs}
        return viewed
