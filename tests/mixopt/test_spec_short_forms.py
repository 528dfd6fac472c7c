"""Short forms of a study file: what plainly means one thing is read as that."""

import pytest
import yaml
from jsonschema import Draft202012Validator

from mixopt.errors import StudyFileError
from mixopt.study.spec import read_spec
from mixopt.study.spec.schema import study_schema
from tests.support.toy_study import toy_data

NO_SIZES = {"backend": None, "domains": ["a", "b", "c"]}
SEEDS = {"seed": ["all"]}
OWN = {"name": "mine", "weights": {"a": 0.5, "b": 0.3, "c": 0.2}}
FORMS = [  # short, long
    (NO_SIZES, {"backend": None, "domains": {"a": {}, "b": {}, "c": {}}}),
    ({"backend": None, "domains": {"a": None, "b": {}, "c": {"upper": 0.5}}}, None),
    ({"score": {"steps": 10}}, {"score": {"steps": [10]}}),
    ({"constraints": "a <= b"}, {"constraints": ["a <= b"]}),
    ({"strategy": [{"seed": "all"}]}, {"strategy": [{"seed": {"designs": ["all"]}}]}),
    ({"strategy": [{"seed": ["all"]}]}, {"strategy": [{"seed": {"designs": ["all"]}}]}),
    ({"strategy": [{"seed": {"designs": "all"}}]}, {"strategy": [{"seed": {"designs": ["all"]}}]}),
    ({"strategy": [{"seed": {"space_filling": 4}}]}, {"strategy": [{"seed": [{"space_filling": 4}]}]}),
    ({"strategy": [{"seed": OWN}]}, {"strategy": [{"seed": [OWN]}]}),
    ({"strategy": [SEEDS, {"heuristic": "alpha_in"}]}, {"strategy": [SEEDS, {"heuristic": ["alpha_in"]}]}),
    (
        {"strategy": [SEEDS, {"heuristic": {"names": "alpha_in", "without": "a"}}]},
        {"strategy": [SEEDS, {"heuristic": [{"names": ["alpha_in"], "without": ["a"]}]}]},
    ),
    ({"backend": {"rlvr": None}}, {"backend": {"rlvr": {}}}),
]


def spec_of(folder, changes):
    data = {key: value for key, value in (toy_data() | changes).items() if value is not None}
    Draft202012Validator(study_schema()).validate(data)
    (folder / "toy.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    return read_spec(folder / "toy.yaml")


@pytest.mark.parametrize(("short", "long"), FORMS, ids=lambda form: str(form)[:60])
def test_a_short_form_is_the_long_one(tmp_path, short, long):
    spec = spec_of(tmp_path, short)
    if long:
        assert spec == spec_of(tmp_path, long)
    else:
        assert [domain.upper for domain in spec.domains.values()] == [1.0, 1.0, 0.5]


def test_the_domains_of_a_list_are_in_its_order(tmp_path):
    assert spec_of(tmp_path, NO_SIZES).space.domains == ("a", "b", "c")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"domains": ["a", "b"]},
            "domains.a.size: is missing: add it, since `backend` needs it (the same for b)",
        ),
        (
            NO_SIZES | {"at_least": {"steps": 4, "prompts": 8}},
            "domains.a.size: is missing: add it, since `at_least` needs it (the same for b, c)",
        ),
        (NO_SIZES | {"strategy": [{"seed": "proportional"}]}, "since seed design `proportional` needs it"),
        ({"domains": ["a", "b", "a"]}, "domains: 'a' is named twice: name each domain once"),
        ({"domains": ["a", 3]}, "domains: must be a mapping (given: a list)"),
        ({"domains": ["a"]}, "at least 2 domains"),
        (
            {"tests": {"out": ["x", "y"]}},
            "tests.out: needs the number of examples of each test, which weights its score",
        ),
        ({"score": {"steps": True}}, "score.steps: must be a list (given: True)"),
        ({"score": {"steps": 0}}, "score.steps.0: must be at least 1 (given: 0)"),
        ({"domains": {"a": 100, "b": {}}}, "domains.a: must be a mapping (given: 100)"),
    ],
)
def test_what_is_short_of_something_is_told_what(tmp_path, changes, said):
    data = {key: value for key, value in (toy_data() | changes).items() if value is not None}
    (tmp_path / "toy.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    with pytest.raises(StudyFileError) as caught:
        read_spec(tmp_path / "toy.yaml")
    assert any(said in problem for problem in caught.value.problems), caught.value.problems
