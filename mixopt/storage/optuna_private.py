"""Private names and formats of Optuna 5 that mixopt needs, each behind one function.

Nothing else in mixopt may use a private name of Optuna. tests/mixopt/test_optuna_private.py fails where a later Optuna
changes one of them, and pyproject.toml holds Optuna's major version.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from inspect import signature
from typing import Any

import numpy as np
import optuna
from optuna.distributions import distribution_to_json
from optuna.samplers import CmaEsSampler
from optuna.samplers._lazy_random_state import LazyRandomState
from optuna.storages import BaseStorage, RDBStorage, get_storage
from optuna.study._frozen import FrozenStudy as FrozenStudy  # what BaseStorage.get_all_studies returns
from optuna.trial import FrozenTrial

SET_STUDY_ATTRIBUTE, CREATE_TRIAL = 2, 4  # operation codes in Optuna's journal
NO_OPERATION = {"op_code": SET_STUDY_ATTRIBUTE, "worker_id": "", "study_id": -1, "user_attr": {}}  # of no study
ENQUEUED_PARAMS = "fixed_params"  # system attribute of a trial that `study.enqueue_trial` adds

_as_json = lru_cache(1024)(distribution_to_json)


def cached_storage(storage: RDBStorage) -> BaseStorage:
    """Wrap a database as Optuna does for a URL, so that finished trials are read once.

    `get_storage` has a public name, but its docstring calls it internal.
    """
    return get_storage(storage)


def set_trial_user_attrs(study: optuna.Study, trial: FrozenTrial, attributes: Mapping[str, Any]) -> None:
    """Write user attributes of a running trial from within a sampler.

    Optuna's own samplers do the same. The public `Trial.set_user_attr` needs the trial's private id as well.
    """
    for key, value in attributes.items():
        study._storage.set_trial_user_attr(trial._trial_id, key, value)


def enqueued_params(trial: FrozenTrial) -> Any:
    """Return the parameters that a trial was enqueued with, {} where it was not, by any program."""
    return trial.system_attrs.get(ENQUEUED_PARAMS, {})


def random_states(sampler: object) -> Iterator[np.random.RandomState]:
    """Yield the random generators of a sampler and of the samplers and strategies in it, in a fixed order.

    Optuna's public `reseed_rng` takes no seed.
    """
    for part in getattr(sampler, "__dict__", {}).values():
        if isinstance(part, LazyRandomState):
            yield part.rng
        elif type(part).__module__.startswith("optuna.samplers"):
            yield from random_states(part)


def cma_es_options(sampler: CmaEsSampler) -> dict[str, Any]:
    """Return the options of Optuna's CMA-ES that differ from its defaults, by the names of its arguments.

    Optuna keeps each argument under its name with an underscore. Left out are the seed and the sampler of first trials.
    """
    given, defaults = vars(sampler), vars(CmaEsSampler())
    names = [name for name in signature(CmaEsSampler).parameters if f"_{name}" in defaults]
    names.remove("independent_sampler")  # another object each time
    return {name: given[f"_{name}"] for name in names if given[f"_{name}"] != defaults[f"_{name}"]}


def creates_trial(record: Mapping[str, Any]) -> bool:
    """Say whether a record of the journal creates a trial."""
    return record.get("op_code") == CREATE_TRIAL


def record_of_finished_trial(study_id: int, trial: FrozenTrial, writer: str) -> dict[str, Any]:
    """Return the record that Optuna's journal storage writes when it creates a trial that has finished.

    Optuna waits for the disk after each record and reads it back, so 100,000 trials take several times as long.

    Args:
        study_id: Optuna's id of the study.
        trial: the finished trial.
        writer: a name that no other process uses.
    """
    several = trial.values is not None and len(trial.values) > 1
    return {
        "op_code": CREATE_TRIAL,
        "worker_id": writer,
        "study_id": study_id,
        "datetime_start": _in_utc(trial.datetime_start),
        "state": trial.state,
        "value": None if several else trial.value,
        "values": trial.values if several else None,
        "datetime_complete": _in_utc(trial.datetime_complete),
        "distributions": {name: _as_json(kind) for name, kind in trial.distributions.items()},
        "params": {name: trial.distributions[name].to_internal_repr(value) for name, value in trial.params.items()},
        "user_attrs": trial.user_attrs,
        "system_attrs": trial.system_attrs,
        "intermediate_values": trial.intermediate_values,
    }


@lru_cache(64)  # trials of one import share their times
def _in_utc(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat(timespec="microseconds")
