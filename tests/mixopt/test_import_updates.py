"""Runs that are imported again with other scores, tests beside the score, runs far from the others, and what imported
runs are called."""

import pytest

from mixopt.errors import MixoptError, ScoresError, TableError
from mixopt.io.import_runs import import_old_runs
from mixopt.io.inherit import inherit
from mixopt.io.manual import ask_manual, tell_manual
from mixopt.reporting.report.facts import Facts
from mixopt.study.study import Study
from mixopt.tables.run_files import read_old_runs
from tests.support.command_line import exit_code, mixopt, refusal
from tests.support.toy_study import bare_study

HEADER = "run,weights.a,weights.b,eval/score,eval/acc,eval/nll,lr"
ROWS = {
    "r0": (0.5, 0.5, 0.41, 0.3, 2.1, 1),
    "r1": (0.2, 0.8, 0.52, 0.4, 1.9, 1),
    "r2": (0.8, 0.2, 0.33, 0.2, 2.5, 1),
    "r3": (0.6, 0.4, 0.4, 0.35, 2.2, 1),
}
NAMES = ("eval_score", "eval_acc", "minus_eval_nll")


def table(path, columns=7, **changes):
    rows = [",".join(map(str, [name, *row][:columns])) for name, row in (ROWS | changes).items()]
    path.write_text("\n".join([",".join(HEADER.split(",")[:columns]), *rows]) + "\n")
    return path


def plain(path, scores, header="a,b,score", cells=("0.5,0.5", "0.2,0.8", "0.8,0.2")):
    path.write_text("\n".join([header, *(f"{cell},{score}" for cell, score in zip(cells, scores))]) + "\n")
    return path


def imported(*arguments):
    return mixopt("study", "import", "mine", *arguments, "--value", "eval/score")


def values():
    runs = Study.open("mine").runs()
    return dict(zip(runs.labels, runs.values.tolist()))


def test_other_scores_of_a_run_that_is_there_are_an_error_that_names_both(tmp_path, capfd, monkeypatch):
    imported(table(tmp_path / "r.csv", 4))
    changed = table(tmp_path / "r2.csv", 4, r1=(0.2, 0.8, 0.62), r3=(0.6, 0.4, 0.1), r4=(0.1, 0.9, 0.2))
    said = refusal(capfd, monkeypatch, "study", "import", "mine", changed, "--value", "eval/score")
    assert "r2.csv line 3: run 'r1' is trial 1 here with eval_score 0.52, and its eval_score is 0.62 now" in said
    assert "(and 'r3')" in said and "--update takes the new scores" in said
    assert len(Study.open("mine").trials()) == 4, "nothing was written"


def test_update_replaces_them_and_keeps_what_they_were(tmp_path):
    imported(table(tmp_path / "r.csv", 4))
    changed = table(tmp_path / "r2.csv", 4, r1=(0.2, 0.8, 0.62), r4=(0.1, 0.9, 0.2))
    said = imported(changed, "--update")
    assert "1 runs imported" in said and "3 were there already" in said and "1 have new scores" in said
    assert values() == {"r0": 0.41, "r1": 0.62, "r2": 0.33, "r3": 0.4, "r4": 0.2}
    old, new = Study.open("mine").trial_records()[1], Study.open("mine").trial_records()[-1]
    assert (old.state_word, old.replaced_by) == ("replaced", new.number) and new.replaces == 1 and new.imported
    [entry] = new.correction_log
    assert entry["action"] == "replaced" and entry["values"] == [0.52] and "r2.csv line 3" in entry["why"]
    assert "5 were there already" in imported(changed) and len(values()) == 5
    with pytest.raises(TableError, match=r"run 'r1' is trial 5 here with eval_score 0.62, .* 0.52 now"):
        imported(table(tmp_path / "r.csv", 4))
    mixopt("study", "export", "mine", tmp_path / "mine.csv")
    assert "5 runs imported" in mixopt("study", "import", "again", tmp_path / "mine.csv")


def test_the_seed_is_part_of_a_runs_name(tmp_path):
    cells = ("m,1,0.5,0.5", "m,2,0.5,0.5", "n,1,0.2,0.8")
    file = plain(tmp_path / "r.csv", (0.1, 0.2, 0.3), "name,seed,a,b,score", cells)
    mixopt("study", "import", "mine", file, "--value", "score")
    plain(file, (0.1, 0.4, 0.3), "name,seed,a,b,score", cells)
    with pytest.raises(TableError, match=r"line 3: run 'm seed 2' is trial 1 here with score 0.2, .* 0.4 now"):
        mixopt("study", "import", "mine", file, "--value", "score")
    mixopt("study", "import", "mine", file, "--value", "score", "--update")
    assert sorted(Study.open("mine").runs().values) == [0.1, 0.3, 0.4]


def test_a_run_that_went_on_is_the_same_run(tmp_path):
    header, cells = "run,step,a,b,score", ("r0,10,0.5,0.5", "r0,20,0.5,0.5", "r0,30,0.5,0.5")
    file = plain(tmp_path / "r.csv", (0.1, 0.2), header, cells)
    mixopt("study", "import", "mine", file, "--value", "score")
    plain(file, (0.1, 0.2, 0.25), header, cells)
    with pytest.raises(TableError, match=r"run 'r0' is trial 0 here with score 0.2, and its score is 0.25 now"):
        mixopt("study", "import", "mine", file, "--value", "score")
    mixopt("study", "import", "mine", file, "--value", "score", "--update")
    assert Study.open("mine").runs().values.tolist() == [0.25]


def test_runs_without_a_name_are_said_to_count_beside_those_of_their_mixture(tmp_path):
    def again(scores, *options):
        return mixopt("study", "import", "mine", plain(tmp_path / "r.csv", scores), "--value", "score", *options)

    again((0.4, 0.5, 0.3))
    said = again((0.45, 0.5, 0.3))
    assert "1 have no name, and a mixture that is here with another score (line 2): they count as runs of" in said
    assert Study.open("mine").runs().values.tolist() == [0.4, 0.5, 0.3, 0.45]
    assert "1 have new scores" in again((0.4, 0.55, 0.3), "--update")
    assert Study.open("mine").runs().values.tolist() == [0.4, 0.3, 0.45, 0.55]


def test_a_name_with_another_mixture_is_another_run_and_said(tmp_path):
    imported(table(tmp_path / "r.csv", 4))
    said = imported(table(tmp_path / "r2.csv", 4, r1=(0.3, 0.7, 0.5)))
    assert "1 have the name of a run that is here with another mixture (r1): they count as runs of their own" in said


def test_a_forgotten_run_is_not_imported_again_in_silence(tmp_path):
    file = table(tmp_path / "r.csv", 4)
    imported(file)
    mixopt("study", "forget", "mine", 2, "--why", "it diverged")
    assert "1 left out: forgotten here (r2, trial 2); --update imports them again" in imported(file)
    assert "r2" not in values()
    imported(file, "--update")
    assert values()["r2"] == 0.33


def test_a_run_that_was_corrected_in_the_ancestor(tmp_path):
    domains = {"a": {}, "b": {}}
    old, new = (bare_study(tmp_path / name, study=name, domains=domains) for name in ("old", "new"))
    for score in (0.2, 0.3):
        tell_manual(old, ask_manual(old).number, {"a_test": score, "x": score, "y": score})
    assert inherit(new, old, {})[0].new == 2
    (tmp_path / "s.json").write_text('{"a_test": 0.5, "x": 0.5, "y": 0.5}')
    mixopt("study", "tell", "old", 1, "--scores", tmp_path / "s.json", "--replace", "--folder", old.folder.path)
    with pytest.raises(
        TableError, match=r"study old trial 2: run 'old 1' is trial 1 here with out-score 0.3, .* 0.5 now"
    ):
        inherit(new, old, {})
    assert inherit(new, old, {}, update=True)[0].updated == 1
    assert sorted(new.runs().values) == [0.2, 0.5]


def test_other_columns_of_scores_become_tests(tmp_path):
    said = imported(table(tmp_path / "r.csv"), "--tests", "eval/*")
    assert "it maximises eval_score\n" in said and "tests beside eval_score: eval_acc, minus_eval_nll\n" in said
    assert "`eval/nll` is minus_eval_nll here, with the other sign: smaller looks better" in said
    study = Study.open("mine")
    assert study.scoring.names == ("eval_score",) and tuple(study.spec.tests.sizes) == NAMES
    assert study.trial_records()[1].tests == dict(zip(NAMES, (0.52, 0.4, -1.9)))
    assert Facts.of(study).tests()[1].tolist() == [0.52, 0.4, -1.9]
    assert study.trial_records()[1].out_score is None, "a mean of different kinds of scores says nothing"
    exported = mixopt("study", "export", "mine").splitlines()
    assert all(f"test:{name}" in exported[0] for name in NAMES)
    mixopt("study", "report", "mine")
    shown = mixopt("study", "show", "mine")
    assert "nan" not in shown


@pytest.mark.parametrize("tests", [["eval/acc,eval/nll"], ["eval/acc", "eval/nll"], ["eval_*"], ["*acc", "*nll"]])
def test_tests_are_named_or_matched(tmp_path, tests):
    imported(table(tmp_path / "r.csv"), *(part for pattern in tests for part in ("--tests", pattern)))
    assert tuple(Study.open("mine").spec.tests.sizes) == NAMES


def test_columns_that_are_not_kept_are_named_in_one_line(tmp_path):
    said = imported(table(tmp_path / "r.csv"))
    assert "  columns that are not used: eval/acc, eval/nll, lr; --tests keeps those that are scores\n" in said


def test_later_files_may_lack_tests_and_say_them(tmp_path):
    imported(table(tmp_path / "r.csv"), "--tests", "eval/*")
    said = imported(table(tmp_path / "r2.csv", 4, r4=(0.1, 0.9, 0.2)))
    assert "1 runs imported" in said and "4 were there already" in said
    assert Study.open("mine").trial_records()[4].tests == {"eval_score": 0.2}
    said = imported(table(tmp_path / "r3.csv", r4=(0.1, 0.9, 0.2, 0.6, 2, 1)))
    assert "1 have scores of tests that are not stored here (r4): --update adds them" in said
    imported(tmp_path / "r3.csv", "--update")
    assert Study.open("mine").trial_records()[5].tests == dict(zip(NAMES, (0.2, 0.6, -2)))
    mixopt("study", "ask", "mine")
    mixopt("study", "tell", "mine", 6, "--score", "eval_score=0.5")
    assert Study.open("mine").runs().values[-1] == 0.5


def test_a_changed_test_is_a_changed_run(tmp_path):
    imported(table(tmp_path / "r.csv"), "--tests", "eval/*")
    with pytest.raises(TableError, match=r"run 'r1' is trial 1 here with eval_acc 0.4, and its eval_acc is 0.45 now"):
        imported(table(tmp_path / "r2.csv", r1=(0.2, 0.8, 0.52, 0.45, 1.9, 1)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tests", "evl/*"], r"--tests evl/\*: is no column of numbers .* there are eval/acc, eval/nll, lr"),
        (["--tests", "run"], "--tests run: is no column of numbers"),
        (["--tests", "eval/acc,"], "--tests eval/acc,: names a column without a name"),
    ],
)
def test_tests_that_are_none(tmp_path, options, said):
    with pytest.raises(MixoptError, match=said):
        imported(table(tmp_path / "r.csv"), *options)


def test_tests_that_a_study_has_not_and_those_without_a_score_that_counts(tmp_path):
    file = table(tmp_path / "r.csv")
    imported(file)
    with pytest.raises(
        TableError, match="'eval_acc' is no test of study 'mine', whose scores are out_score, eval_score"
    ):
        imported(file, "--tests", "eval/acc")
    with pytest.raises(MixoptError, match="--tests: give --value too"):
        mixopt("study", "import", "other", file, "--tests", "eval/*")
    with pytest.raises(MixoptError, match="--tests: only with files of runs"):
        mixopt("study", "import", "mine", "--study", "mine", "--tests", "x")
    sides = plain(tmp_path / "s.csv", ("0.3,0.4", "0.2,0.5"), "a,b,out_score,x")
    with pytest.raises(TableError, match="it is not known which tests make up out_score"):
        mixopt("study", "import", "sides", sides, "--value", "out_score", "--domains", "a,b", "--tests", "x")


def test_a_test_with_a_word_in_it_names_the_row(tmp_path):
    with pytest.raises(TableError, match="line 3: eval/acc is 'good', not a finite number"):
        imported(table(tmp_path / "r.csv", r1=(0.2, 0.8, 0.52, "good", 1.9, 1)), "--tests", "eval/acc")


def test_a_score_outside_the_range_names_the_row(tmp_path):
    study = bare_study(tmp_path)
    file = plain(tmp_path / "r.csv", (0.1, 0.2, 7), "a,b,c,out_score", ("1,0,0", "0,1,0", "0,0,1"))
    with pytest.raises(ScoresError, match=r"line 4: out-score is 7, outside \[0, 1\]"):
        import_old_runs(study, read_old_runs([file], known_domains=study.space.domains, known_scores=["out_score"]))


LOSSES = (2.1, 1.9, 2.6, 1.95, 2.0, 48000, 2.2)
CELLS = tuple(f"r{i},{a},{1 - a:.1f}" for i, a in enumerate((0.5, 0.2, 0.8, 0.3, 0.4, 0.9, 0.6)))


def test_a_run_that_diverged_is_named_in_a_warning(tmp_path, capfd, monkeypatch):
    file = plain(tmp_path / "r.csv", LOSSES, "run,a,b,nll", CELLS)
    for command in (("study", "import", "mine", file), ("surrogate", "compare", "--csv", file)):
        capfd.readouterr()
        assert exit_code(monkeypatch, *command, "--value", "nll", "--minimize") == 0
        said = capfd.readouterr().err
        assert f"warning: {file} line 7: run 'r5' scores 48000, far from the others" in said
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "scores",
    [(2.1, 1.9, 2.6, 1.95, 2.0, 3.4, 2.2), (0.5,) * 7, (0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.5), (1, 2, 4, 8, 16, 32, 64)],
)
def test_runs_that_only_differ_are_not(tmp_path, scores, recwarn):
    mixopt("study", "import", "mine", plain(tmp_path / "r.csv", scores, "run,a,b,y", CELLS), "--value", "y")
    assert [str(warning.message) for warning in recwarn if "far from" in str(warning.message)] == []


def test_imported_runs_are_called_so_and_ours_keep_their_strategy(tmp_path):
    imported(table(tmp_path / "r.csv", 4))
    mixopt("study", "ask", "mine")
    mixopt("study", "tell", "mine", 4, "--score", "out=0.5")
    assert Study.open("mine").runs().strategies == ("imported",) * 4 + ("model-based",)
    shown = mixopt("study", "show", "mine")
    assert "imported" in shown and " seed" not in shown
    words = mixopt("study", "export", "mine")
    (tmp_path / "mine.csv").write_text(words)
    mixopt("study", "import", "again", tmp_path / "mine.csv")
    assert Study.open("again").runs().strategies == ("imported",) * 4 + ("model-based",)
    page = tmp_path / "home" / "mine" / "figures" / "report.html"
    mixopt("study", "report", "mine")
    assert "of 4 imported runs" in page.read_text() and "no imported" not in page.read_text()
