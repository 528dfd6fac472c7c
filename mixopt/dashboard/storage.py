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

from mixopt.corrections import FORGOTTEN
from mixopt.limits import CHANCE
from mixopt.opened import ASSURED, EXTRA
from mixopt.past import FAILURES_FROM
from mixopt.storages.patient import PatientStorage
from mixopt.workers.orders import ORDER

OUR_START = FORGOTTEN.format("")
OURS = {ORDER, FAILURES_FROM, CHANCE, EXTRA, ASSURED}  # user attributes by which mixopt keeps its books


class ViewedStorage(PatientStorage):
    """Another storage, with `views()` among the system attributes of one of its studies; those stored come first."""

    def __init__(self, storage: BaseStorage, study_id: int, views: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__(storage, "the study's storage", patience=0)  # the other one waits already
        self._study_id, self._views = study_id, views

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        stored = self._call("get_study_system_attrs", study_id)
        return {**self._views(), **stored} if study_id == self._study_id else stored

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return _without_ours(super().get_study_user_attrs(study_id))

    def get_all_studies(self) -> list[FrozenStudy]:
        return [self._viewed(study) for study in self._call("get_all_studies")]

    def _viewed(self, study: FrozenStudy) -> FrozenStudy:
        viewed = copy.copy(study)
        viewed.user_attrs = _without_ours(study.user_attrs)
        if study._study_id == self._study_id:
            viewed.system_attrs = {**self._views(), **study.system_attrs}
        return viewed


def _without_ours(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key not in OURS and not key.startswith(OUR_START)}
