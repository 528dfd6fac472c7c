"""Optuna's database storage, in which a whole trial is made at once and told at once, and many old runs are.

Optuna writes each note and each score in a transaction of its own, some twenty a trial, and looks for each weight's
distribution first. With many workers on one server that is most of what an ask and a tell cost.
"""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from optuna.distributions import distribution_to_json
from optuna.storages import RDBStorage
from optuna.storages._cached_storage import _CachedStorage
from optuna.storages._rdb import models
from optuna.storages._rdb.storage import _create_scoped_session
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from mixopt.storage.reading import read_trials


class DatabaseStorage(_CachedStorage):
    """What Optuna makes of a database's URL, with `tell` beside it."""

    _backend: "_Database"

    def __init__(self, url: str) -> None:
        super().__init__(_opened(url))

    def tell(
        self,
        trial_id: int,
        state: TrialState,
        values: Sequence[float] | None,
        notes: Mapping[str, Any],
        scores: Mapping[int, float],
    ) -> None:
        """End a running trial, with notes as user attributes and with scores by step, in one transaction.

        Raises:
            UpdateFinishedTrialError: it has ended already.
        """
        backend, note, score = self._backend, models.TrialUserAttributeModel, models.TrialIntermediateValueModel
        with _create_scoped_session(backend.scoped_session) as session:
            trial: Any = models.TrialModel.find_or_raise_by_id(trial_id, session, for_update=True)
            backend.check_trial_is_updatable(trial_id, trial.state)
            session.query(note).filter(note.trial_id == trial_id, note.key.in_(notes)).delete()
            session.query(score).filter(score.trial_id == trial_id, score.step.in_(scores)).delete()
            session.add_all([*_notes(trial_id, notes), *_scores(trial_id, scores), *_values(trial_id, values or ())])
            trial.state, trial.datetime_complete = state, datetime.now()

    def add_finished(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        """Add trials that were finished elsewhere, in one transaction."""
        with _create_scoped_session(self._backend.scoped_session) as session:
            models.StudyModel.find_or_raise_by_id(study_id, session, for_update=True)  # none is numbered meanwhile
            model: Any = models.TrialModel
            first = session.query(model).filter(model.study_id == study_id).count()
            rows = [_row(study_id, number, trial) for number, trial in enumerate(trials, first)]
            session.add_all(rows)
            session.flush()
            for row, trial in zip(rows, trials):
                session.add_all(_parameters(row.trial_id, trial))
                session.add_all(_notes(row.trial_id, trial.user_attrs))
                session.add_all(_values(row.trial_id, trial.values or ()))
                session.add_all(_scores(row.trial_id, trial.intermediate_values))


class _Database(RDBStorage):
    """Optuna's, which makes a running trial with its weights and notes in few statements, and reads trials in few."""

    def _get_trials(
        self,
        study_id: int,
        states: Container[TrialState] | None,
        included_trial_ids: set[int],
        trial_id_greater_than: int,
    ) -> list[FrozenTrial]:
        with _create_scoped_session(self.scoped_session) as session:
            models.StudyModel.find_or_raise_by_id(study_id, session)
            trials = read_trials(session, study_id, included_trial_ids, trial_id_greater_than)
        return [trial for trial in trials if states is None or trial.state in states]

    def _get_prepared_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None, session: Session
    ) -> models.TrialModel:
        if template_trial is None or template_trial.state != TrialState.RUNNING:
            return super()._get_prepared_new_trial(study_id, template_trial, session)
        trial: Any = models.TrialModel(study_id=study_id, state=TrialState.RUNNING)
        trial.datetime_start = template_trial.datetime_start
        session.add(trial)
        session.flush()
        trial.number = trial.count_past_trials(session)
        session.add_all(_parameters(trial.trial_id, template_trial))
        session.add_all(_notes(trial.trial_id, template_trial.user_attrs))
        session.add_all(_system_notes(trial.trial_id, template_trial.system_attrs))
        return trial


@retry(
    retry=retry_if_exception_type((IntegrityError, ProgrammingError)),
    stop=stop_after_attempt(5),
    wait=wait_fixed(0.2),
    reraise=True,
)
def _opened(url: str) -> _Database:
    """The database with its tables; tried again where somebody else is making them at the same moment."""
    return _Database(url, engine_kwargs={"pool_pre_ping": True})


def _row(study_id: int, number: int, trial: FrozenTrial) -> Any:
    row: Any = models.TrialModel(study_id=study_id, number=number, state=trial.state)
    row.datetime_start, row.datetime_complete = trial.datetime_start, trial.datetime_complete
    return row


def _parameters(trial_id: int, trial: FrozenTrial) -> Iterator[models.TrialParamModel]:
    for name, distribution in trial.distributions.items():
        yield models.TrialParamModel(
            trial_id=trial_id,
            param_name=name,
            param_value=distribution.to_internal_repr(trial.params[name]),
            distribution_json=distribution_to_json(distribution),
        )


def _notes(trial_id: int, notes: Mapping[str, Any]) -> Iterator[models.TrialUserAttributeModel]:
    for key, note in notes.items():
        yield models.TrialUserAttributeModel(trial_id=trial_id, key=key, value_json=json.dumps(note))


def _system_notes(trial_id: int, notes: Mapping[str, Any]) -> Iterator[models.TrialSystemAttributeModel]:
    for key, note in notes.items():
        yield models.TrialSystemAttributeModel(trial_id=trial_id, key=key, value_json=json.dumps(note))


def _scores(trial_id: int, scores: Mapping[int, float]) -> Iterator[models.TrialIntermediateValueModel]:
    model = models.TrialIntermediateValueModel
    for step, score in scores.items():
        number, kind = model.intermediate_value_to_stored_repr(score)
        yield model(trial_id=trial_id, step=step, intermediate_value=number, intermediate_value_type=kind)


def _values(trial_id: int, values: Sequence[float]) -> Iterator[models.TrialValueModel]:
    """A running trial has none yet."""
    for objective, value in enumerate(values):
        number, kind = models.TrialValueModel.value_to_stored_repr(value)
        yield models.TrialValueModel(trial_id=trial_id, objective=objective, value=number, value_type=kind)
