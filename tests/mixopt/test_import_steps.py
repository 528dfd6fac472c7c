"""Long tables, a row a run and evaluation step: which rows are one run, what its scores are, what is refused."""

import csv
from pathlib import Path

import pytest

from mixopt.errors import ScoresError, TableError
from mixopt.io.import_runs import import_old_runs
from mixopt.study.study import Study
from mixopt.tables.run_files import read_old_runs
from tests.support.command_line import mixopt
from tests.support.toy_study import bare_study

HEADER = ["trial", "label", "train_seed", "step", "w:a", "w:b", "w:c", "test:a_test", "test:x", "test:y", "out_score"]
RUNS = [  # two trials of one mixture, another seed of the second, and another mixture
    (0, "one", 42, (0.5, 0.5, 0)),
    (1, "two", 42, (0.5, 0.5, 0)),
    (1, "two", 7, (0.5, 0.5, 0)),
    (2, "three", 42, (0.2, 0.2, 0.6)),
]
STEPS = (2, 4, 8)
PLAIN = ["seed", "step", "a", "b", "y"]
SHAPES = Path(__file__).parents[2] / "studies" / "shapes-table" / "table.csv"


def score(run, step):
    return round(0.1 + 0.05 * step + 0.01 * run, 6)


def rows(*ends):
    """Those of RUNS, each until its end; the last steps first, since order says nothing."""
    return [
        [*run[:3], step, *run[3], 0.3, score(i, step) - 0.1, score(i, step) + 0.1, score(i, step)]
        for step in reversed(STEPS)
        for i, run in enumerate(RUNS)
        if step <= ends[i]
    ]


def table(path, rows, header=HEADER):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def long_study(folder, **score):
    return bare_study(folder, tests={"in": {"a_test": 1}, "out": {"x": 1, "y": 1}}, score={"steps": [2, 4, 8], **score})


@pytest.mark.parametrize("use", ["last", "mean"])
def test_a_study_of_these_steps_takes_the_scores_of_all(tmp_path, use):
    study, file = long_study(tmp_path, use=use), table(tmp_path / "long.csv", rows(8, 8, 8, 8))
    said = mixopt("study", "import", "toy", file, "--folder", study.folder.path)
    assert f"{len(RUNS)} runs imported" in said
    for i, trial in enumerate(study.trials()):
        scores = [score(i, step) for step in STEPS]
        assert trial.value == pytest.approx(scores[-1] if use == "last" else sum(scores) / 3)
        assert list(trial.intermediate_values) == [e["step"] for e in trial.user_attrs["evaluations"]] == [2, 4, 8]
        assert trial.user_attrs["label"] == RUNS[i][1] and trial.user_attrs["in_score"] == pytest.approx(0.3)
    again = mixopt("study", "import", "toy", file, "--folder", study.folder.path)
    assert "0 runs imported" in again and f"{len(RUNS)} were there already" in again


def test_a_new_study_takes_the_last_step_of_each_run_wherever_it_ends(tmp_path):
    ends = (8, 4, 2, 8)
    file, last = table(tmp_path / "long.csv", rows(*ends)), [score(i, end) for i, end in enumerate(ends)]
    means = [(0.3 + 2 * out_score) / 3 for out_score in last]  # of the three tests, whose sizes nobody says
    for name, options, values in (("tests", [], means), ("out", ["--value", "out_score"], last)):
        assert "4 runs imported" in mixopt("study", "import", name, file, *options)
        assert sorted(Study.open(name).runs().values) == pytest.approx(sorted(values))
        assert "4 were there already" in mixopt("study", "import", name, file, *options)


def test_a_run_of_another_length_is_refused_by_a_study_that_says_its_own(tmp_path):
    old = read_old_runs([table(tmp_path / "long.csv", rows(8, 8, 8, 4))])
    with pytest.raises(ScoresError, match="line 8: was trained for 4 steps, and the study's runs for 8: drop the run"):
        import_old_runs(long_study(tmp_path), old)


def test_step_and_seed_are_no_weights_where_no_prefix_says_what_is(tmp_path):
    file = table(tmp_path / "r.csv", [[7, 10, 0.5, 0.5, 0.1], [7, 20, 0.5, 0.5, 0.2], [8, 10, 0.5, 0.5, 0.3]], PLAIN)
    old = read_old_runs([file], "y")
    assert old.domains == ["a", "b"] and old.unused == [] and old.repeated == 0
    assert [(run.scores, run.by_step) for run in old.runs] == [
        ({"y": 0.2}, {10: {"y": 0.1}, 20: {"y": 0.2}}),
        ({"y": 0.3}, {10: {"y": 0.3}}),
    ]


def test_a_row_without_a_score_is_no_evaluation(tmp_path):
    file = table(tmp_path / "r.csv", [[7, 10, 0.5, 0.5, 0.1], [7, 20, 0.5, 0.5, ""]], PLAIN)
    old = read_old_runs([file], "y")
    assert [run.scores for run in old.runs] == [{"y": 0.1}] and old.left_out == {"no score": 1}


def test_runs_that_end_at_different_steps_are_told(tmp_path):
    rows = [[7, 10, 0.5, 0.5, 0.1], [7, 20, 0.5, 0.5, 0.2], [8, 10, 0.4, 0.6, 0.3], [9, 20, 0.3, 0.7, 0.4]]
    file = table(tmp_path / "r.csv", rows, [PLAIN[0], "Step", *PLAIN[2:]])
    said = mixopt("study", "import", "mine", file, "--value", "y")
    assert "3 runs imported" in said and "runs end at different steps, by their last scores: 10 (1), 20 (2)" in said


def test_a_domain_may_be_called_step(tmp_path):
    file = table(tmp_path / "r.csv", [[0.5, 0.5, 0.1], [0.5, 0.5, 0.2]], ["step", "b", "y"])
    assert len(read_old_runs([file], "y", ["step", "b"]).runs) == 2


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        (PLAIN, [[7, 10, 0.5, 0.5, 1], [7, 10, 0.5, 0.5, 2]], "line 3: is step 10 of the run of line 2 once more"),
        (PLAIN, [[7, 10, 0.5, 0.5, 1], [7, 1.5, 0.5, 0.5, 1]], "line 3: step is '1.5', not a whole number from 1 on"),
        (PLAIN, [[7, 0, 0.5, 0.5, 1]], "line 2: step is '0', not a whole"),
        (PLAIN, [[7, "", 0.5, 0.5, 1]], "line 2: step is '', not a whole"),
        (PLAIN, [[7, "last", 0.5, 0.5, 1]], "line 2: step is 'last', not a finite number"),
        (
            ["index", *PLAIN],
            [[0, 7, 10, 0.5, 0.5, 1], [1, 7, 20, 0.5, 0.5, 2]],
            "line 3: has the mixture of line 2 at another step, and another index: drop that column if it numbers rows",
        ),
    ],
)
def test_long_tables_that_are_refused(tmp_path, header, rows, said):
    with pytest.raises(TableError, match=said):
        read_old_runs([table(tmp_path / "r.csv", rows, header)], "y")


@pytest.mark.parametrize(("name", "values"), [("in_score", [0.1, 0.2]), ("out_score", [0.4, 0.3])])
def test_a_new_study_of_the_mean_of_a_side(tmp_path, name, values):
    file = table(tmp_path / "r.csv", [[0.5, 0.5, 0.1, 0.4], [0.2, 0.8, 0.2, 0.3]], ["a", "b", "in_score", "out_score"])
    with pytest.raises(TableError, match="in_score or out_score: choose what the study maximises by --value"):
        mixopt("study", "import", "mine", file)
    mixopt("study", "import", "mine", file, "--value", name)
    study = Study.open("mine")
    assert study.scoring.names == (name,) and study.runs().values.tolist() == values


def test_the_table_of_the_shapes_world(tmp_path):
    with SHAPES.open(newline="") as file:
        runs = {(row["trial"], row["train_seed"]): float(row["out_score"]) for row in csv.DictReader(file)}
    old = read_old_runs([SHAPES])
    assert [run.scores["out_score"] for run in old.runs] == list(runs.values()), "the last row of each run"
