"""Studies that are made of old runs: what they maximise, how it is called, and what may be imported later."""

import json

import pytest

from mixopt.errors import MixoptError, ScoresError, StudyExistsError, TableError
from mixopt.io.import_runs import import_old_runs
from mixopt.io.inherit import inherit
from mixopt.io.manual import ask_manual, tell_manual
from mixopt.study.spec import read_spec
from mixopt.study.study import Study
from mixopt.tables.run_files import read_old_runs
from tests.support.command_line import mixopt
from tests.support.toy_study import bare_study

WEIGHTS = [(0.5, 0.5), (0.2, 0.8), (0.7, 0.3), (0.9, 0.1)]


def table(path, score, scores=(0.4, 0.3, 0.2, 0.5)):
    rows = [f"{a},{b},{s}" for (a, b), s in zip(WEIGHTS, scores, strict=True)]
    path.write_text("\n".join([f"a,b,{score}", *rows]) + "\n")
    return path


@pytest.fixture
def nll(tmp_path):
    """A file of losses, and a study that was made of it."""
    file = table(tmp_path / "nll.csv", "nll", (2.6, 2.5, 2.4, 2.7))
    mixopt("study", "import", "losses", file, "--value", "nll", "--minimize")
    return file


def test_a_score_is_called_by_its_name_and_nothing_is_said_of_sides_or_steps(tmp_path):
    said = mixopt("study", "import", "mine", table(tmp_path / "r.csv", "seconds"), "--value", "seconds")
    assert "it maximises seconds\n" in said
    assert "predicted seconds " in mixopt("study", "recommend", "mine")
    asked = json.loads(mixopt("study", "ask", "mine"))
    assert asked["trial"] == 4 and "steps" not in asked
    shown = mixopt("study", "show", "mine")
    assert shown.splitlines()[1].split() == ["trial", "mixture", "weights", "value", "trained", "by"]
    assert "nan" not in shown and "to be told" in shown
    mixopt("study", "tell", "mine", 4, "--score", "out=0.51")  # the mean over the one test
    trial = json.loads(mixopt("study", "show", "mine", "--json"))["trials"][4]
    assert trial["tests"] == trial["values"] == {"seconds": 0.51} and trial["steps"] is None


@pytest.mark.parametrize("maximize", ["in_score", "out_score", "x", {"blend": 0.5}])
def test_an_export_becomes_a_study_of_what_that_one_maximised(tmp_path, maximize):
    tests = {"in": {"u": 30, "v": 10}, "out": {"x": 30, "y": 10}}
    study = bare_study(tmp_path, score={"steps": [4], "maximize": maximize}, tests=tests)
    for i in range(3):
        tell_manual(study, ask_manual(study).number, {"u": 0.1 * i, "v": 0.2, "x": 0.3 + 0.1 * i, "y": 0.9})
    file, words = tmp_path / "runs.csv", {"in_score": "in-score", "out_score": "out-score", "x": "x"}
    mixopt("study", "export", "toy", file, "--folder", study.folder.path)
    goal = words.get(str(maximize), "value")
    said = mixopt("study", "import", "mine", file)
    assert f"it maximises {goal}\n" in said and "columns that are not used: u, v, " in said
    mine = Study.open("mine")
    assert mine.runs().values.tolist() == study.runs().values.tolist()
    if goal.endswith("-score"):
        assert mine.runs().in_scores.tolist() == study.runs().in_scores.tolist()
        assert mine.runs().out_scores.tolist() == study.runs().out_scores.tolist()
    assert "3 were there already" in mixopt("study", "import", "mine", file)


def test_the_name_of_a_score_survives_the_way_round(tmp_path):
    mixopt("study", "import", "mine", table(tmp_path / "r.csv", "reward"), "--value", "reward")
    mixopt("study", "export", "mine", tmp_path / "mine.csv")
    assert "it maximises reward\n" in mixopt("study", "import", "again", tmp_path / "mine.csv")


def test_a_loss_is_not_put_beside_its_negative(tmp_path, nll):
    for options, said in (
        ((), "column 'nll' is minus_nll in study 'losses': add --minimize"),
        (("--maximize",), "add --minimize"),
    ):
        with pytest.raises(TableError, match=said):
            mixopt("study", "import", "losses", nll, "--value", "nll", *options)
    assert "4 were there already" in mixopt("study", "import", "losses", nll, "--value", "nll", "--minimize")
    rewards = table(tmp_path / "r.csv", "reward")
    mixopt("study", "import", "mine", rewards, "--value", "reward")
    with pytest.raises(TableError, match="column 'reward' is maximised in study 'mine': leave --minimize out"):
        mixopt("study", "import", "mine", rewards, "--value", "reward", "--minimize")


def test_no_other_score_stands_for_one_that_named_the_study(tmp_path, nll):
    mixopt("study", "import", "mine", table(tmp_path / "r.csv", "reward"), "--value", "reward")
    with pytest.raises(TableError, match="'minus_nll' is not reward, of which study 'mine' was made: call its column"):
        mixopt("study", "import", "mine", nll, "--value", "nll", "--minimize")
    ours = tmp_path / "ours.csv"
    ours.write_text("w:a,w:b,test:x,out_score,value\n.5,.5,.1,.2,.3\n")
    with pytest.raises(TableError, match="has scores x, out_score, value, and the study knows out_score, reward"):
        mixopt("study", "import", "mine", ours)
    assert len(Study.open("mine").runs()) == 4


def test_where_another_score_stands_for_the_studys_own_it_is_said(tmp_path):
    rewards = table(tmp_path / "r.csv", "reward")
    mixopt("study", "import", "mine", table(tmp_path / "o.csv", "out_score"), "--value", "out_score")
    assert "`reward` counts as out-score\n" in mixopt("study", "import", "mine", rewards, "--value", "reward")
    study = bare_study(tmp_path / "told", domains={"a": {}, "b": {}})
    said = mixopt("study", "import", "toy", rewards, "--value", "reward", "--folder", study.folder.path)
    assert "`reward` counts as out-score\n" in said


def test_runs_of_which_nobody_says_how_long_they_were_hold_in_any_study(tmp_path):
    mixopt("study", "import", "mine", table(tmp_path / "r.csv", "x"), "--value", "x")
    mine = Study.open("mine")
    domains, tests = {"a": {}, "b": {}, "c": {}}, {"out": {"x": 9}}
    whole = bare_study(tmp_path / "whole", domains=domains, tests=tests, score={"steps": [1500]})
    imported, left_out = inherit(whole, mine, {})
    assert imported.new == 4 and not left_out
    assert whole.runs().values.tolist() == mine.runs().values.tolist()
    assert inherit(mine, whole, {})[0].known == 4
    mixopt("study", "export", "mine", tmp_path / "mine.csv")
    known = {"known_domains": whole.space.domains, "known_scores": whole.scoring.available}
    assert import_old_runs(whole, read_old_runs([tmp_path / "mine.csv"], **known)).known == 4
    short = bare_study(tmp_path / "staged", domains=domains, tests=tests, score={"steps": [5, 9], "use": "mean"})
    [reason] = inherit(short, mine, {})[1]
    assert reason == "there are scores of steps [9], and those of [5, 9] are needed"


def test_options_that_change_nothing_are_refused(tmp_path):
    file = table(tmp_path / "r.csv", "reward")
    mixopt("study", "import", "mine", file, "--value", "reward")
    for arguments, said in (
        ((file, "--rename", "a=b", "--split", "a=b"), "^--rename, --split: only with --study: leave them out$"),
        (("--study", "mine", "--value", "x"), "^--value: only with files of runs: leave it out$"),
        (("--study", "mine", "--maximize"), "^--minimize/--maximize: only with files"),
        (("--study", "mine", "--domains", "a,b", "--normalize"), "^--domains, --normalize: only with files"),
    ):
        with pytest.raises(MixoptError, match=said):
            mixopt("study", "import", "mine", *arguments)


def test_a_folder_of_another_study_is_named_by_that_study(tmp_path):
    file = table(tmp_path / "r.csv", "reward")
    mixopt("study", "import", "mine", file, "--value", "reward")
    with pytest.raises(StudyExistsError, match="holds study 'mine', not 'other': choose another --folder"):
        mixopt("study", "import", "other", file, "--value", "reward", "--folder", Study.open("mine").folder.path)


def test_scores_beyond_a_study_of_one_test_are_refused_by_the_name_that_was_said(tmp_path):
    mixopt("study", "import", "mine", table(tmp_path / "r.csv", "reward"), "--value", "reward")
    mixopt("study", "ask", "mine")
    for said, name in (("out=7", "out-score"), ("reward=7", "reward")):
        with pytest.raises(ScoresError, match=rf"{name} is 7, outside \[0, 1\]"):
            mixopt("study", "tell", "mine", 4, "--score", said)
    with pytest.raises(ScoresError, match="out_score is given beside reward"):
        mixopt("study", "tell", "mine", 4, "--score", "out=0.5", "--score", "reward=0.5")


def test_of_an_export_with_several_objectives_it_must_be_said_which_one_counts(tmp_path):
    score = {"steps": [4], "maximize": ["out_score", "in_score"]}
    study = bare_study(tmp_path, score=score, strategy=[{"bayes": {"trials": 9}}])
    for i in range(3):
        tell_manual(study, ask_manual(study).number, dict.fromkeys(study.spec.tests.sizes, 0.1 * i))
    file = tmp_path / "runs.csv"
    mixopt("study", "export", "toy", file, "--folder", study.folder.path)
    with pytest.raises(TableError, match="its study maximised out_score and in_score: choose the one that counts"):
        mixopt("study", "import", "mine", file)
    assert "it maximises in-score\n" in mixopt("study", "import", "mine", file, "--value", "in_score")


def test_a_study_that_somebody_wrote_takes_another_score_whatever_its_steps(tmp_path):
    study = bare_study(tmp_path, score={"steps": [1], "maximize": "out_score"})
    file = table(tmp_path / "r.csv", "reward")
    said = mixopt("study", "import", "toy", file, "--value", "reward", "--folder", study.folder.path)
    assert "`reward` counts as out-score" in said


def test_scores_of_two_columns_are_not_taken_for_one(tmp_path):
    study = bare_study(tmp_path, score={"steps": [4], "maximize": "out_score"})
    (tmp_path / "r.csv").write_text("w:a,w:b,test:p,test:q\n.5,.5,.1,\n.2,.8,,.2\n")
    with pytest.raises(TableError, match=r"line 2: has scores p, q, .* choose the one that is out_score"):
        mixopt("study", "import", "toy", tmp_path / "r.csv", "--folder", study.folder.path)


def test_a_study_of_old_runs_does_not_know_its_steps_whichever_version_made_it(tmp_path, home):
    mixopt("study", "import", "mine", table(tmp_path / "r.csv", "reward"), "--value", "reward")
    file = home / "mine" / "study.yaml"
    assert "steps: null" in file.read_text() and read_spec(file).score.steps is None
    file.write_text(file.read_text().replace("steps: null", "steps: [1]"))  # as earlier versions wrote it
    assert read_spec(file).score.steps is None
    assert '"steps"' not in mixopt("study", "ask", "mine")
