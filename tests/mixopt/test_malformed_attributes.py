"""What others wrote into a study's storage: one line that names it, in every command; `list` goes on."""

import json
import shutil

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from mixopt.errors import StorageError
from mixopt.history.keys import EVALUATIONS
from mixopt.study.study import Study
from tests.support.command_line import mixopt
from tests.support.toy_study import bare_study

THIRDS = {"a": 0.25, "b": 0.25, "c": 0.5}
UNIT = FloatDistribution(0, 1)


@pytest.fixture
def study(tmp_path):
    study = bare_study(tmp_path)
    mixopt("study", "ask", "toy", "--folder", study.folder.path)
    return study


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    study = bare_study(folder)
    mixopt("study", "ask", "toy", "--folder", study.folder.path)
    return study.folder.path


def refused(folder, said: str) -> None:
    for command in ("show", "recommend", "ask", "export"):
        with pytest.raises(StorageError) as caught:
            mixopt("study", command, "toy", "--folder", folder)
        assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1
    [listed] = json.loads(mixopt("study", "list", "--home", folder.parent, "--json"))
    assert listed["state"] == "unreadable" and listed["error"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("row", [1]),
        ("row", 10**30),
        ("phase", "0"),
        ("label", ["a"]),
        ("strategy", None),
        ("claim", {"a": 1}),
        ("claim", ["x", "y", "z"]),
        ("until", "4"),
        ("steps", True),
        ("seconds", float("nan")),
        ("evaluations", [{"step": 1}]),
        ("evaluations", [{"step": 4, "scores": {"x": "high"}}]),
        ("draws", {"a": None}),
        ("test:x", [0.5]),
        ("in_score", "high"),
        ("on_simplex", {"trial": []}),
        ("history", [1]),
        ("train_seed", 1.5),
    ],
)
def test_an_attribute_of_another_kind_is_refused(whole, tmp_path, key, value):
    folder = tmp_path / "home" / "toy"
    shutil.copytree(whole, folder)
    study = Study.open("toy", folder)
    study.note(0, {key: value})
    refused(folder, f"trial 0 has notes that mixopt did not write ({key} is ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("base", -1),
        ("base", {"x": "high"}),
        ("extra_trials", []),
        ("failures_from", "1"),
        ("forgiven_failures", "1"),
        ("order", {"number": 1}),
        ("forgotten:0", {"a": 1}),
        ("forgotten:x", []),
        ("improvement_chance", {"chance": "high"}),
    ],
)
def test_so_is_one_of_the_study(whole, tmp_path, key, value):
    folder = tmp_path / "home" / "toy"
    shutil.copytree(whole, folder)
    Study.open("toy", folder).optuna.set_user_attr(key, value)
    refused(folder, "the study has an attribute that mixopt did not write (")


def sum_of_tests_that_are_no_numbers_are_refused(study):
    kinds = {"a": CategoricalDistribution(["x", "y"]), "b": UNIT, "c": UNIT}
    study.optuna.add_trial(create_trial(value=0.5, params={**THIRDS, "a": "x"}, distributions=kinds))
    refused(study.folder.path, "trial 1 has notes that mixopt did not write (a is 'x'")


def test_enqueued_weights_that_are_no_numbers_are_refused(study):
    study.optuna.enqueue_trial({"a": "x", "b": 0.5, "c": 0.5})
    refused(study.folder.path, "trial 1 has notes that mixopt did not write (a is 'x'")


def test_attributes_of_other_names_are_somebodys_own(study):
    study.note(0, {"rows": [1], "my note": {"a": None}})
    study.optuna.set_user_attr("note", [None])
    assert [record.number for record in Study.open("toy", study.folder.path).trial_records()] == [0]


@pytest.mark.parametrize("value", [float("inf"), -float("inf"), 1e200])
def test_a_value_that_is_no_score_is_no_best_and_null_where_it_is_not_finite(study, value):
    boxes = dict.fromkeys(THIRDS, UNIT)
    for each in (0.5, value):
        study.optuna.add_trial(create_trial(value=each, params=THIRDS, distributions=boxes))
    shown = json.loads(mixopt("study", "show", "toy", "--json", "--folder", study.folder.path))
    assert shown["best"] == 0.5
    [of_trial] = shown["trials"][2]["values"].values()
    assert of_trial == (value if abs(value) < float("inf") else None)


def test_half_a_character_in_a_label_can_be_exported(study, tmp_path):
    notes = {"label": "a\ud800b", EVALUATIONS: []}
    study.optuna.add_trial(
        create_trial(
            state=TrialState.COMPLETE,
            value=0.5,
            params=THIRDS,
            distributions=dict.fromkeys(THIRDS, UNIT),
            user_attrs=notes,
        )
    )
    for name in ("runs.csv", "runs.json", "runs.parquet"):
        mixopt("study", "export", "toy", tmp_path / name, "--folder", study.folder.path)
    assert "a\\ud800b" in (tmp_path / "runs.csv").read_text()
