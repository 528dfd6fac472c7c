"""Old runs in, trials out: every format that is recognised, what is refused, and the way round."""

import json
from pathlib import Path

import numpy as np
import pytest

from mixopt.errors import MixoptError, ScoresError, StudyFileError, TableError, WeightsError
from mixopt.io.import_runs import import_old_runs
from mixopt.io.inherit import inherit
from mixopt.io.manual import ask_manual, fail_manual, tell_manual
from mixopt.io.new_study import study_of_old_runs
from mixopt.study.study import Study
from mixopt.tables.run_files import read_old_runs
from tests.support.command_line import mixopt
from tests.support.toy_study import bare_study, toy_data

REGMIX = Path(__file__).parents[3] / "shared" / "data" / "regmix"


def mixtures(n=20, m=3, seed=0):
    """Weights (n, m) and scores (n,) that are best at more of the later domains."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet([1] * m, n)
    best = np.arange(1, m + 1) / np.arange(1, m + 1).sum()
    return weights, 0.6 - 0.5 * ((weights - best) ** 2).sum(axis=1) + rng.normal(0, 0.005, n)


def write(path, header, rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def plain(folder, header="a,b,c,score", **kinds):
    weights, scores = mixtures(**kinds)
    return write(folder / "runs.csv", header, [[*w.tolist(), s] for w, s in zip(weights, scores)])


def test_a_csv_of_old_runs_is_a_recommendation_in_two_commands(tmp_path):
    said = mixopt("study", "import", "mine", plain(tmp_path), "--value", "score")
    assert "domains a, b, c" in said and "20 runs imported" in said
    assert "predicted score " in mixopt("study", "recommend", "mine")
    weights = Study.open("mine").recommend().weights
    assert weights["c"] > weights["b"] > weights["a"]
    assert "20 were there already" in mixopt("study", "import", "mine", tmp_path / "runs.csv", "--value", "score")
    assert json.loads(mixopt("study", "ask", "mine"))["trial"] == 20
    assert Study.open("mine").done == 0, "no budget counts old runs"


def test_the_way_round_gives_the_same_recommendation(tmp_path):
    study = bare_study(tmp_path / "one", strategy=[{"seed": ["single", "all", {"space_filling": 4}]}])
    for _ in range(8):
        asked = ask_manual(study)
        score = 0.5 - 0.3 * asked.request.weights["a"] ** 2
        tell_manual(study, asked.number, {"a_test": score, "x": score - 0.1, "y": score})
    before = study.recommend()
    for end in ("csv", "json", "parquet"):
        if end == "parquet":
            pytest.importorskip("pyarrow")
        file = tmp_path / f"runs.{end}"
        mixopt("study", "export", "toy", file, "--folder", study.folder.path)
        other = bare_study(tmp_path / end)
        assert import_old_runs(other, read_old_runs([file])).new == 8
        assert other.recommend().weights == before.weights and other.recommend().note == before.note
        runs, ours = other.runs(), study.runs()
        assert runs.labels == ours.labels and runs.strategies == ours.strategies
        assert np.array_equal(runs.in_scores, ours.in_scores)


def test_export_has_all_trials_and_import_takes_the_finished(tmp_path):
    study = bare_study(tmp_path / "one")
    fail_manual(study, ask_manual(study).number, "lost")
    tell_manual(study, ask_manual(study).number, {"out_score": 0.5})
    ask_manual(study)
    printed = mixopt("study", "export", "toy", "--folder", study.folder.path)
    assert [line.split(",")[1] for line in printed.splitlines()] == ["state", "fail", "complete", "running"]
    (tmp_path / "runs.csv").write_text(printed)
    old = read_old_runs([tmp_path / "runs.csv"])
    assert len(old.runs) == 1 and old.left_out == {"state fail": 1, "state running": 1}
    assert import_old_runs(bare_study(tmp_path / "two"), old).new == 1
    with pytest.raises(MixoptError, match=r"name it \.csv, \.json or \.parquet"):
        mixopt("study", "export", "toy", tmp_path / "runs.xls", "--folder", study.folder.path)


@pytest.mark.parametrize(
    ("header", "rows", "options"),
    [
        ("w:a,w:b,note,y", [[0.2, 0.8, "x", 0.5]], {"value": "y"}),
        ("a,b,y", [[0.2, 0.8, 0.5]], {"value": "y"}),
        ("b,a,z,y", [[0.8, 0.2, 3, 0.5]], {"value": "y", "domains": ["a", "b"]}),
        ("a,b,y", [[2, 8, 0.5]], {"value": "y", "domains": ["a", "b"], "normalize": True}),
        ("weights.a,weights.b,lr,y", [[2, 8, 1e-6, 0.5]], {"value": "y", "normalize": True}),
        ("a,b,y", [["20%", "80 %", "50%"]], {"value": "y"}),
        ("Unnamed: 0,a,b,y", [[7, 0.2, 0.8, 0.5]], {"value": "y"}),
        ("a,b,y", [[0.2, 0.801, 0.5005]], {"value": "y"}),
        ("Name,State,weights.a,weights.b,lr,y", [["r", "finished", 0.2, 0.8, 1e-6, 0.5]], {"value": "y"}),
        ("Name,State,config.weights.a,config.weights.b,y", [["r", "finished", 0.2, 0.8, 0.5]], {"value": "y"}),
    ],
)
def test_columns_that_are_recognised(tmp_path, header, rows, options):
    [run] = read_old_runs([write(tmp_path / "runs.csv", header, rows)], **options).runs
    assert {name: run.weights[name] for name in "ab"} == pytest.approx({"a": 0.2, "b": 0.8}, abs=1e-3)
    assert sum(run.weights.values()) == pytest.approx(1, abs=1e-12) and run.scores["y"] == pytest.approx(0.5, abs=1e-3)


def test_unfinished_and_unscored_runs_of_wandb_are_left_out(tmp_path):
    rows = [["one", "finished", 1, "", 0.5], ["two", "crashed", 0, 1, 0.1], ["three", "finished", 0, 1, "NaN"]]
    old = read_old_runs([write(tmp_path / "w.csv", "Name,State,weights.a,weights.b,acc", rows)], "acc")
    assert [(run.label, run.weights) for run in old.runs] == [("one", {"a": 1.0, "b": 0.0})]
    assert old.left_out == {"state crashed": 1, "no score": 1}


def test_mixtures_and_scores_in_two_files(tmp_path):
    ratios = write(
        tmp_path / "ratios.csv", ",run,name,index,a,b", [[0, "r0", "n0", 0, 0.3, 0.7], [1, "r1", "n1", 1, 1, 0]]
    )
    metrics = write(tmp_path / "metrics.csv", ",run,name,index,arc:rc::x,mbpp", [[0, "r1", "n1", 0, 2.5, 1.5]])
    old = read_old_runs([ratios, metrics], minimize=True)
    assert old.scores == ["minus_arc_rc_x", "minus_mbpp"] and [run.label for run in old.runs] == ["n1"]
    assert old.left_out == {"in one file only": 1}
    study = study_of_old_runs("swarm", old, tmp_path / "swarm")
    import_old_runs(study, old)
    assert study.runs().values.tolist() == [-2.0] and study.runs().weights.tolist() == [[1, 0]]


def test_rows_that_are_in_one_of_two_files_are_counted(tmp_path):
    mixes = write(tmp_path / "mixes.csv", "run,a,b", [[i, 0.1 * i, 1 - 0.1 * i] for i in range(10)])
    scores = write(tmp_path / "scores.csv", "run,acc", [[i, 0.5] for i in range(3, 12)])
    said = mixopt("study", "import", "mine", mixes, scores)
    assert "7 runs imported" in said and "5 left out: in one file only\n" in said


def test_two_files_without_a_score_are_refused(tmp_path):
    files = [
        write(tmp_path / "one.csv", "run,a,b", [["r", 0.5, 0.5]]),
        write(tmp_path / "two.csv", "run,c", [["r", "x"]]),
    ]
    with pytest.raises(TableError, match="which column is the score"):
        read_old_runs(files)


def test_columns_that_are_in_both_files_are_refused(tmp_path):
    mixes = write(tmp_path / "mixes.csv", "run,a,b", [["r", 0.5, 0.5]])
    losses = write(tmp_path / "losses.csv", "run,a,b,avg", [["r", 3, 4, 3.5]])
    with pytest.raises(TableError, match="columns a, b are in both files: drop or rename them"):
        read_old_runs([mixes, losses], "avg")


@pytest.mark.skipif(not REGMIX.is_dir(), reason="RegMix's tables are not here")
def test_regmix(tmp_path):
    files = [REGMIX / "train_mixture_1m.csv", REGMIX / "train_pile_loss_1m.csv"]
    with pytest.raises(TableError, match="looks as if smaller were better: --minimize, or --maximize"):
        read_old_runs(files)
    old = read_old_runs(files, minimize=True)
    assert len(old.runs) == 512 and len(old.domains) == 17 and len(old.scores) == 13


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("a,b,y\n.5,.5,1\n", {}, "which column is the score"),
        ("w:a,w:b,y,z\n.5,.5,1,2\n", {}, "Give --value, one of y, z"),
        ("a,b,y\n.5,.5,1\n", {"value": "q"}, "has no column 'q': its columns are a, b, y"),
        (
            "a,b,y\n.5,.5,1\n.5,.2,1\n.1,.1,1\n",
            {"value": "y"},
            r"line 3, 4: the weights of a, b sum to 0.7: fix the rows, or name the domains with --domains$",
        ),
        ("a,b,y\n40,60,1\n30,70,1\n", {"value": "y"}, "sum to 100: .* --domains, and --normalize beside it"),
        ("a,b,lr,y\n.2,.8,.001,1\n", {"value": "y"}, "are a, b, lr all weights.* Without lr .* --domains a,b, or all"),
        ("a,b,lr,y\n40,60,2,1\n", {"value": "y", "normalize": True}, "are a, b, lr all weights.* --domains a,b"),
        ("a;b;y\n0.5;0.5;1,500\n", {"value": "y"}, "y is '1,500', not a finite number"),
        ("w:a,w:b,test:x y,test:x(y\n.5,.5,1,2\n", {}, "two scores come to one name: test:x y, test:x.y"),
        ("a,b,y\n1.5,-.5,1\n", {"value": "y"}, "line 2: b is -0.5, and weights are at least 0"),
        ("a,b,y\n.5,.5,good\n", {"value": "y"}, "line 2: y is 'good'"),
        ("a,b,y\n.5,.5\n", {"value": "y"}, "line 2: has 2 cells for 3 columns"),
        ("a,a,y\n.5,.5,1\n", {"value": "y"}, "column 'a' is there 2 times"),
        ("a,b,y\n", {"value": "y"}, "has no rows"),
        ("", {"value": "y"}, "has no rows"),
        ("a,b,loss\n.5,.5,1\n", {"value": "loss"}, "--minimize, or --maximize"),
        ("a,b,y\n.5,.5,\n", {"value": "y"}, "no finished run with a score"),
        ("w:a,w:b,value,evaluations\n.5,.5,1,x\n", {}, "evaluations is not step -> test -> score"),
        ("a,b,y\nx,z,1\n", {"value": "y"}, "has no two columns of weights: name them with --domains"),
        ("w:a b,w:a_b,y\n.5,.5,1\n", {"value": "y"}, "two domains come to one name"),
        ("w:a,w:b,y\n1e308,1e308,1\n", {"value": "y", "normalize": True}, "the weights of a, b sum to inf"),
    ],
)
def test_files_that_are_refused(tmp_path, text, options, said):
    (tmp_path / "runs.csv").write_text(text)
    with pytest.raises(TableError, match=said):
        read_old_runs([tmp_path / "runs.csv"], **options)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "must be a list"),
        ("[", "is not json"),
        ("[]", "has no rows"),
        ("[1]", "must be a list"),
        pytest.param(f'[{{"w:a": 1{"0" * 400}, "w:b": 0, "value": 1}}]', "w:a is 10+, not a finite number", id="huge"),
    ],
)
def test_json_that_is_refused(tmp_path, text, said):
    (tmp_path / "runs.json").write_text(text)
    with pytest.raises(TableError, match=said):
        read_old_runs([tmp_path / "runs.json"])


def test_runs_that_do_not_fit_the_study_are_refused_whole(tmp_path):
    study = bare_study(tmp_path)
    rows = [[0.5, 0.5, 0, 0, 0.4], [0, 0, 0, 1, 0.4]]
    old = read_old_runs([write(tmp_path / "r.csv", "w:a,w:b,w:c,w:d,score", rows)], "score")
    with pytest.raises(TableError, match="line 3: trains on d, which the study has not"):
        import_old_runs(study, old)
    old = read_old_runs([write(tmp_path / "r.csv", "w:a,w:b,w:c,score", [[1, 0, 0, 7]])], "score")
    with pytest.raises(ScoresError, match=r"line 2: out-score is 7, outside \[0, 1\]"):
        import_old_runs(study, old)
    assert study.trials() == []


def test_a_study_that_cannot_be_made_of_a_file_is_not_there(tmp_path):
    mixes = write(tmp_path / "mixes.csv", "run,a,b", [["r0", 0.3, 0.7], ["r1", 1, 0]])
    metrics = write(tmp_path / "metrics.csv", "run,x,y", [["r0", 0.5, 0.5], ["r1", 0.5, ""]])
    with pytest.raises(
        ScoresError, match="line 3: out_score is not known, and the study maximises it: give it, or all"
    ):
        mixopt("study", "import", "mine", mixes, metrics)
    assert not (tmp_path / "home" / "mine").exists()
    mixopt("study", "import", "mine", mixes, metrics, "--value", "x")
    assert len(Study.open("mine").runs()) == 2


def test_a_study_that_ends_runs_early_takes_no_run_without_scores_by_step(tmp_path):
    study = bare_study(tmp_path, score={"steps": [2, 4]}, strategy=[{"bayes": {"trials": 3, "early": True}}])
    with pytest.raises(ScoresError, match=r"line 2: there are scores of steps \[4\], and those of \[2, 4\] are needed"):
        import_old_runs(study, read_old_runs([plain(tmp_path)], "score"))


def test_old_runs_teach_the_search_and_leave_the_designs_alone(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": ["all"]}, {"heuristic": ["alpha_out"]}, {"bayes": {"trials": 3}}])
    import_old_runs(study, read_old_runs([plain(tmp_path)], "score", known_domains=study.space.domains))
    assert len(study.recommend().weights) == 3
    first = ask_manual(study)
    assert first.label == "all", "the study's own design"
    tell_manual(study, first.number, {"in_score": 0.5, "out_score": 0.5})
    assert ask_manual(study).label == "bayes", "heuristics look at the study's own seed runs: one is too few"


def test_columns_are_found_by_the_names_of_the_study(tmp_path):
    study = bare_study(tmp_path)
    file = write(tmp_path / "r.csv", "lr,b,a,c,y,x,a_test,speed", [[1, 0.8, 0.2, 0, 0.4, 0.6, 0.1, 9]])
    old = read_old_runs([file], known_domains=study.space.domains, known_scores=study.scoring.available)
    import_old_runs(study, old)
    assert study.runs().weights.tolist() == [[0.2, 0.8, 0]] and study.runs().in_scores.tolist() == [0.1]
    assert study.runs().values == pytest.approx([0.45])


def test_numbers_that_are_not_used_are_named(tmp_path):
    study, where = bare_study(tmp_path), ("--folder", tmp_path / "study")
    file = write(tmp_path / "r.csv", "a,b,c,z,out_score", [[0.4, 0.4, 0.2, 7, 0.5]])
    assert "are not used: z" in mixopt("study", "import", "toy", file, *where)
    write(file, "a,b,c,z,out_score", [[20, 20, 10, 50, 0.5]])
    with pytest.raises(TableError, match="is z a weight"):
        mixopt("study", "import", "toy", file, "--normalize", *where)
    assert len(study.trials()) == 1
    assert "1 were there already" in mixopt("study", "import", "toy", file, "--normalize", "--domains", "a,b,c", *where)


def test_a_column_of_zeros_is_no_domain_of_a_new_study(tmp_path):
    file = write(tmp_path / "r.csv", "a,b,steps,y", [[0.2, 0.8, 0, 0.5], [0.6, 0.4, 0, 0.4]])
    said = mixopt("study", "import", "mine", file, "--value", "y")
    assert "domains a, b\n" in said and "are not used: steps" in said
    assert Study.open("mine").runs().weights.tolist() == [[0.2, 0.8], [0.6, 0.4]]


@pytest.mark.parametrize(
    ("separator", "text"),
    [
        (";", "a;b;note, and more;y\n0,2;0,8;one, two, three;50,5%\n2e-1;8e-1;;,505\n"),
        ("\t", 'a\tb\t"note; or; more"\ty\n0.2\t0.8\tone\t50.5%\n.2\t.8\t\t0.505\n'),
        (",", '"a",b,"x;y;z;q",y\n0.2,0.8,one,50.5%\n.2,.8,,0.505\n'),
    ],
)
def test_separators_and_decimal_commas(tmp_path, separator, text):
    (tmp_path / "runs.csv").write_text(text)
    for run in read_old_runs([tmp_path / "runs.csv"], "y").runs:
        assert run.weights == {"a": 0.2, "b": 0.8} and run.scores == {"y": pytest.approx(0.505)}


def test_what_a_file_makes_of_names_and_rows_is_said(tmp_path):
    rows = [[0, 0.2, 0.8, 0.5], [1, 0.2, 0.8, 0.5], [2, 0.6, 0.4, 0.4]]
    file = write(tmp_path / "r.csv", ",sat (easy),w__x,y", rows)
    said = mixopt("study", "import", "mine", file, "--value", "y")
    assert "domains sat_easy, w__x\n" in said and "`sat (easy)` is called sat_easy here" in said
    assert "1 row occurs more than once in the file and counts as a run each time" in said and "w__x` is" not in said
    assert said.endswith("recommend it: mixopt study recommend mine\n")
    with pytest.raises(StudyFileError, match=r"^study name 'my study': must be letters, digits"):
        mixopt("study", "import", "my study", file, "--value", "y")
    long = write(tmp_path / "r.csv", f"a,b,{'loss' * 16}", [[0.2, 0.8, 0.5]])
    with pytest.raises(StudyFileError, match=r"^study long: tests\.out"):
        mixopt("study", "import", "long", long, "--value", "loss" * 16, "--minimize")


def test_scores_near_the_largest_float_are_one_line(tmp_path):
    old = read_old_runs([write(tmp_path / "r.csv", "a,b,y", [[0.2, 0.8, 1.5e308]])], "y")
    with pytest.raises(ScoresError, match="outside"):
        import_old_runs(study_of_old_runs("huge", old, tmp_path / "huge"), old)


def family(folder, name, domains, **changes):
    return bare_study(folder / name, domains=domains, study=name, strategy=[{"bayes": {"trials": 9}}], **changes)


def trained(study, mixtures):
    """Tell the study finished runs of these mixtures."""
    for weights in mixtures:
        study.optuna.enqueue_trial(dict(zip(study.space.domains, weights)))
        tell_manual(study, ask_manual(study).number, {"a_test": 0.2, "x": 0.3, "y": 0.4})


def test_what_still_holds_of_an_ancestor(tmp_path):
    old = family(tmp_path, "old", {"a": {}, "b": {}, "c": {}})
    trained(old, [(0.5, 0.5, 0), (0.2, 0.2, 0.6), (1, 0, 0)])
    new = family(tmp_path, "new", {"a1": {"size": 30}, "a2": {"size": 10}, "bb": {}, "d": {}})
    imported, left_out = inherit(new, old, {"a": ["a1", "a2"], "b": ["bb"]})
    assert imported.new == 2 and left_out == {"trained on c": 1}
    assert np.allclose(new.runs().weights, [[0.375, 0.125, 0.5, 0], [0.75, 0.25, 0, 0]])
    assert np.allclose(new.runs().values, old.runs().values[[0, 2]])
    again, _ = inherit(new, old, {"a": ["a1", "a2"], "b": ["bb"]})
    assert (again.new, again.known) == (0, 2)


def test_runs_of_another_length_or_without_a_test_do_not_hold(tmp_path):
    old = family(tmp_path, "old", {"a": {}, "b": {}})
    trained(old, [(0.5, 0.5)])
    longer = family(tmp_path, "longer", {"a": {}, "b": {}}, score={"steps": [9]})
    assert inherit(longer, old, {})[1] == {"trained for 4 steps, not 9": 1}
    tested = family(tmp_path, "tested", {"a": {}, "b": {}}, tests={"out": {"x": 1, "z": 1}})
    assert inherit(tested, old, {})[1] == {"has no score of test z": 1}
    narrowed = family(tmp_path, "narrowed", {"a": {}, "b": {}}, tests={"out": {"x": 1}})
    assert inherit(narrowed, old, {})[0].new == 1 and narrowed.runs().values.tolist() == [0.3]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"q": ["a"]}, "'q' is no domain of study 'old'"),
        ({"a": ["q"]}, "'q' is no domain of study 'new'"),
        ({"a": ["a", "b"]}, "domains.a.size: is missing in the study file: a split goes by the sizes"),
    ],
)
def test_parts_that_are_refused(tmp_path, parts, said):
    old, new = (family(tmp_path, name, {"a": {}, "b": {}}) for name in ("old", "new"))
    with pytest.raises(WeightsError, match=said):
        inherit(new, old, parts)


def test_inheriting_by_command(tmp_path):
    for name, domains in (("old", {"a": {}, "b": {}}), ("new", {"a": {}, "b": {}, "c": {}})):
        (tmp_path / "s.yaml").write_text(json.dumps(toy_data(study=name, domains=domains, backend=None)))
        mixopt("study", "create", tmp_path / "s.yaml")
    trained(Study.open("old"), [(0.5, 0.5)])
    assert "1 runs imported" in mixopt("study", "import", "new", "--study", "old")
    for arguments, said in (
        ([], "give the files of old runs, or --study"),
        (["--study", "old", "--split", "a"], "--split a: give OLD=NEW"),
        (["--study", "nobody"], "there is no study 'nobody'"),
        (["nowhere.csv"], "nowhere.csv: cannot be read"),
    ):
        with pytest.raises(MixoptError, match=said):
            mixopt("study", "import", "new", *arguments)
