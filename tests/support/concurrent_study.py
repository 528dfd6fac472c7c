"""An Optuna study over a pool of candidate mixtures, which several processes open at the same time."""

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from mixopt import MixtureSpace
from mixopt.samplers.base import MixtureSampler

POOL = MixtureSpace(["a", "b", "c"], candidates=np.random.default_rng(0).dirichlet(np.ones(3), 40))


def open_study(path: str, sampler: MixtureSampler) -> optuna.Study:
    """The study in the journal at `path`; the first to open it creates it."""
    storage = JournalStorage(JournalFileBackend(path))
    return optuna.create_study(
        study_name="s", storage=storage, sampler=sampler, direction="maximize", load_if_exists=True
    )
