"""Nothing that mixopt reads is run: no tag of YAML, no pickle out of a storage (docs/security.md)."""

import os
import pickle
from functools import partial

import numpy as np
import optuna
import pytest
from optuna.samplers import CmaEsSampler

from mixopt import MixtureSpace, suggest_mixture
from mixopt.errors import StudyFileError
from mixopt.history.keys import STOCK
from mixopt.samplers.on_simplex import OnSimplexSampler, on_simplex
from mixopt.study.plan import phased_sampler
from mixopt.study.spec import read_spec
from mixopt.study.study import Study
from tests.support.toy_study import toy_file

SPACE = MixtureSpace(["a", "b", "c"])


@pytest.mark.parametrize(
    "tag",
    ["object/apply:os.system [touch CALLED]", "object/new:os.mkdir [CALLED]", "name:os.system", "module:os"],
)
def test_a_tag_of_a_study_file_is_refused_and_not_run(tmp_path, monkeypatch, tag):
    monkeypatch.chdir(tmp_path)
    file = toy_file(tmp_path)
    file.write_text(file.read_text().replace("study: toy", f"study: !!python/{tag}"))
    with pytest.raises(StudyFileError, match="could not determine a constructor for the tag") as told:
        read_spec(file)
    assert "line 1" in str(told.value) and not (tmp_path / "CALLED").exists()


class Hostile:
    """Makes a folder of whoever unpickles it."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_pickle_in_a_storage_is_not_read(tmp_path):
    phases = [{"optuna": {"trials": 12, "sampler": "cma_es"}}]
    study = Study.create(toy_file(tmp_path, strategy=phases), tmp_path / "toy")
    sampler, called = phased_sampler(study.spec), tmp_path / "called"
    key, stored = "cma:optimizer:0", pickle.dumps(Hostile(called)).hex()
    for _ in range(10):  # beyond the first generation
        asked = study.ask(sampler)
        trial = study.trials()[asked.number]
        left = trial.user_attrs[STOCK]
        assert not any("optimizer" in name for name in left["trial"])
        hostile = {**left, "trial": {**left["trial"], key: stored}, "study": {**left["study"], key: stored}}
        study.storage.set_trial_user_attr(study.trial_id(trial.number), STOCK, hostile)
        study.storage.set_trial_system_attr(study.trial_id(trial.number), key, stored)
        study.storage.set_study_system_attr(study.study_id, key, stored)
        study.optuna.tell(asked.number, asked.request.weights["a"])
    assert study.trials()[-1].user_attrs[STOCK]["trial"]["cma:generation"] >= 1
    assert not called.exists()
    pickle.loads(bytes.fromhex(stored))
    assert called.exists(), "the pickle would have been noticed"


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_replaying_proposes_what_optunas_own_does(direction):
    studies = [
        optuna.create_study(direction=direction, sampler=sampler(SPACE, mapping="softmax", seed=3))
        for sampler in (partial(on_simplex, CmaEsSampler(seed=3)), partial(OnSimplexSampler, CmaEsSampler(seed=3)))
    ]
    for _ in range(40):
        for study in studies:
            trial = study.ask()
            weights = np.array(list(suggest_mixture(trial, SPACE).values()))
            study.tell(trial, float(((weights - [0.2, 0.3, 0.5]) ** 2).sum()))
    mixtures = [np.array([list(trial.params.values()) for trial in study.trials]) for study in studies]
    assert np.allclose(*mixtures, atol=1e-9)
    notes = [t.user_attrs[STOCK]["trial"] for t in studies[0].trials]
    assert notes[-1]["cma:generation"] >= 3 and not any("optimizer" in name for note in notes for name in note)
