"""The key `mixture` of study files: what it says of the space, and what is refused."""

import pytest
import yaml

from mixopt.errors import StudyFileError
from mixopt.study.spec import read_spec
from tests.support.command_line import mixopt, refusal
from tests.support.sparse_spaces import check_sparse
from tests.support.toy_study import bare_study, tell_trials, toy_file


def test_a_study_keeps_it(tmp_path):
    strategy = [{"seed": ["single", "exclude_one", "all"]}, {"heuristic": ["alpha_out"]}, {"bayes": {"trials": 3}}]
    study = bare_study(tmp_path, mixture={"at_most": 2, "least_share": 0.1}, strategy=strategy, constraints="a <= 0.8")
    tell_trials(study, 9)
    check_sparse(study.space, study.runs().weights)
    assert len(study.recommend().weights) == 3 and study.space.least_share == 0.1


def test_the_plan_says_so(tmp_path):
    file = toy_file(tmp_path, mixture={"least_share": 0.4})
    said = mixopt("study", "create", file, "--dry-run")
    assert "mixtures use at most 2 domains, each with at least 0.4: designs such as `all` move to the nearest" in said


def test_one_line_on_the_command_line(tmp_path, capfd, monkeypatch):
    file = toy_file(tmp_path, mixture={"at_most": 5})
    assert "at_most is 5: give a whole number" in refusal(capfd, monkeypatch, "study", "create", file)


def test_mixtures_of_study_files(tmp_path):
    file = toy_file(tmp_path, mixture={"at_most": 2, "least_share": 0.1})
    space = read_spec(file).space
    assert (space.at_most, space.least_share) == (2, 0.1) and space.m == 3
    data = yaml.safe_load(file.read_text())
    for mixture, said in (
        ({"at_most": 0}, "mixture.at_most: must be at least 1 (given: 0)"),
        ({"at_most": 4}, "at_most is 4: give a whole number from 1 to 3, the number of domains"),
        ({"least_share": 2}, "mixture.least_share: must be at most 1 (given: 2)"),
        ({"at_most": 3, "least_share": 0.4}, "at_most 3 domains with a least_share of 0.4 make 1.2, above 1"),
        ({"most": 3}, "mixture.most: unknown key"),
    ):
        file.write_text(yaml.safe_dump({**data, "mixture": mixture}))
        with pytest.raises(StudyFileError) as caught:
            read_spec(file)
        assert said in str(caught.value) and "\n" not in str(caught.value)
    capped = {"mixture": {"least_share": 0.2}, "at_least": {"steps": 60, "prompts": 8}}
    file.write_text(yaml.safe_dump({**data, **capped}))
    with pytest.raises(StudyFileError, match=r"domain 'a' has upper 0\.1\d* below the least_share 0\.2.*at_least caps"):
        read_spec(file)
