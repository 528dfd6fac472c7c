"""A study's trials out of Optuna's tables, by plain columns.

Optuna reads them as objects of its models, one a parameter, a note and a score: some forty a trial. With 64 workers
every trial is read 64 times, and that was half of what an ask cost.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

Rows = dict[int, list[Any]]  # trial id -> rows of a table

_distribution: Callable[[str], BaseDistribution] = lru_cache(1024)(json_to_distribution)


def read_trials(session: Session, study_id: int, unfinished: Iterable[int], after: int) -> list[FrozenTrial]:
    """The trials with the ids `unfinished`, and all whose id is above `after`, by id, as Optuna gives them."""
    trial: Any = models.TrialModel
    wanted = or_(trial.trial_id > after, trial.trial_id.in_(list(unfinished)))
    columns = (trial.trial_id, trial.number, trial.state, trial._datetime_start_utc, trial._datetime_complete_utc)
    query = select(*columns).where(trial.study_id == study_id, wanted).order_by(trial.trial_id)
    trials = session.execute(query).all()
    ids = [row.trial_id for row in trials]
    param, note, system = models.TrialParamModel, models.TrialUserAttributeModel, models.TrialSystemAttributeModel
    value, score = models.TrialValueModel, models.TrialIntermediateValueModel
    tables = [
        _rows(session, ids, param.param_id, param.param_name, param.param_value, param.distribution_json),
        _rows(session, ids, note.trial_user_attribute_id, note.key, note.value_json),
        _rows(session, ids, system.trial_system_attribute_id, system.key, system.value_json),
        _rows(session, ids, value.objective, value.value, value.value_type),
        _rows(session, ids, score.step, score.step, score.intermediate_value, score.intermediate_value_type),
    ]
    return [_trial(row, *(table[row.trial_id] for table in tables)) for row in trials]


def _rows(session: Session, ids: list[int], order: Any, *columns: Any) -> Rows:
    """What columns of one of their tables hold for the trials, in an order."""
    trial_id = order.class_.trial_id
    found: Rows = defaultdict(list)
    for owner, *row in session.execute(select(trial_id, *columns).where(trial_id.in_(ids)).order_by(order)):
        found[owner].append(row)
    return found


def _trial(row: Any, params: list, notes: list, system_notes: list, values: list, scores: list) -> FrozenTrial:
    distributions = {name: _distribution(text) for name, _, text in params}
    return FrozenTrial(
        trial_id=row.trial_id,
        number=row.number,
        state=TrialState(row.state),
        datetime_start=_local(row._datetime_start_utc),
        datetime_complete=_local(row._datetime_complete_utc),
        value=None,
        values=[models.TrialValueModel.stored_repr_to_value(*value) for value in values] or None,
        params={name: distributions[name].to_external_repr(value) for name, value, _ in params},
        distributions=distributions,
        user_attrs={key: json.loads(text) for key, text in notes},
        system_attrs={key: json.loads(text) for key, text in system_notes},
        intermediate_values={
            step: models.TrialIntermediateValueModel.stored_repr_to_intermediate_value(*score)
            for step, *score in scores
        },
    )


def _local(time: datetime | None) -> datetime | None:
    """Times are kept in UTC, and trials have those of here, both without a zone."""
    return time and time.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
