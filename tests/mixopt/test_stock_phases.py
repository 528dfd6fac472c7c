"""Phases of Optuna's samplers and of RegMix in a study file: read, planned, and carried out."""

import sys

import numpy as np
import optuna
import pytest

from mixopt import MissingError, StudyFileError, suggest_mixture
from mixopt.cli.plan_summary import plan_lines
from mixopt.samplers.stock import STOCK_SAMPLERS
from mixopt.study.plan import checked_spec, phased_sampler
from mixopt.study.spec import read_spec
from tests.support.toy_study import toy_file


def spec_of(folder, *phases):
    return read_spec(toy_file(folder, strategy=[{"seed": ["single", "all"]}, *phases]))


def test_they_run_in_a_study_and_its_trials_say_who_proposed_them(tmp_path):
    stock = [{"optuna": {"trials": 2, "sampler": name}} for name in STOCK_SAMPLERS if name != "gp"]
    spec = spec_of(tmp_path, *stock, {"regression": {"trials": 2, "surrogate": "linear"}})
    sampler = phased_sampler(spec)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for _ in range(sampler.planned):
        trial = study.ask()
        weights = suggest_mixture(trial, sampler.space)
        assert sampler.space.contains(np.array(list(weights.values())))
        study.tell(trial, -abs(weights["a"] - 0.3))
    labels = [trial.user_attrs["label"] for trial in study.trials]
    assert (
        labels[4:]
        == [*["tpe"] * 2, *["cmaes"] * 2, *["nsgaii"] * 2, *["qmc"] * 2, *["random"] * 2] + ["regression:linear"] * 2
    )
    assert {trial.user_attrs["strategy"] for trial in study.trials[4:]} == {"model-based"}


def test_the_plan_names_them(tmp_path):
    spec = spec_of(tmp_path, {"regression": {"trials": 3}}, {"optuna": {"trials": 4, "sampler": "tpe"}})
    said = "\n".join(plan_lines(spec))
    assert "regression (boosting)    3 trials" in said and "optuna (tpe)             4 trials" in said


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        ({"optuna": {"trials": 2, "sampler": "anneal"}}, "strategy.1.optuna.sampler: must be 'tpe', 'cma_es', 'gp'"),
        ({"optuna": {"trials": 2}}, "strategy.1.optuna.sampler: is missing"),
        ({"regression": {"trials": 0}}, "strategy.1.regression.trials: must be at least 1"),
        ({"regression": {"trials": 2, "surrogate": "x"}}, "strategy.1.regression.surrogate: must be 'linear'"),
        ({"anneal": {"trials": 2}}, "must be one of seed, heuristic, quadratic, bayes, regression or optuna"),
    ],
)
def test_a_mistake_names_the_key_and_the_mend(tmp_path, phase, said):
    with pytest.raises(StudyFileError) as raised:
        spec_of(tmp_path, phase)
    assert said in str(raised.value)


PHASES_OF_EXTRAS = [
    ({"optuna": {"trials": 2, "sampler": "gp"}}, "torch", "Optuna's GPSampler needs torch", "botorch"),
    ({"regression": {"trials": 2, "surrogate": "botorch"}}, "botorch", "surrogate 'botorch' needs botorch", "botorch"),
    ({"regression": {"trials": 2}}, "lightgbm", "surrogate 'boosting' needs lightgbm", "regmix"),
]


@pytest.mark.parametrize(("phase", "package", "said", "extra"), PHASES_OF_EXTRAS)
def test_a_phase_of_an_extra_is_refused_at_creation_where_the_extra_is_not_installed(
    tmp_path, monkeypatch, phase, package, said, extra
):
    monkeypatch.setitem(sys.modules, package, None)
    file = toy_file(tmp_path, strategy=[{"seed": ["single", "all"]}, phase])
    whole = f"{file}: {said}, which is not installed: pip install 'mixopt[{extra}]'"
    with pytest.raises(MissingError) as raised:
        checked_spec(file)
    assert str(raised.value) == whole
    with pytest.warns(UserWarning) as warned:
        assert phased_sampler(checked_spec(file, elsewhere=True)).planned == 6, "it can be planned and read here"
    assert str(warned[0].message).startswith(whole)


def test_an_ask_of_optunas_gp_sampler_says_that_torch_is_not_installed(tmp_path, monkeypatch):
    spec = spec_of(tmp_path, {"optuna": {"trials": 2, "sampler": "gp"}})
    study = optuna.create_study(direction="maximize", sampler=phased_sampler(spec))
    for _ in range(4):
        trial = study.ask()
        study.tell(trial, -abs(suggest_mixture(trial, spec.space)["a"] - 0.3))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingError, match=r"Optuna's GPSampler needs torch.* pip install 'mixopt\[botorch\]'"):
        suggest_mixture(study.ask(), spec.space)
