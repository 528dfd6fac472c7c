"""Tables of measured mixtures: what is read is what was written, and what cannot be read is one line."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mixopt import TableError, read_runs


def table(folder, text):
    path = folder / "runs.csv"
    path.write_text(text)
    return path


def test_prefixed_columns_are_the_domains_and_others_are_left_alone(tmp_path):
    runs = read_runs(table(tmp_path, "index,w:a,w:b,score,model\n7,.25,.75,1.5,x\n\n8,1,0,2.5,y\n"), "score")
    assert runs.space.domains == ("a", "b")
    assert runs.weights.tolist() == [[0.25, 0.75], [1, 0]] and runs.values.tolist() == [1.5, 2.5]
    assert runs.labels == ("7", "8") and runs.numbers.tolist() == [0, 1]


def test_of_a_long_table_the_last_step_of_each_run_counts(tmp_path):
    rows = "1,10,.5,.5,.1\n1,20,.5,.5,.2\n2,20,.5,.5,.4\n2,10,.5,.5,.3\n1,10,1,0,.5\n"
    runs = read_runs(table(tmp_path, "seed,step,w:a,w:b,y\n" + rows), "y")
    assert runs.values.tolist() == [0.2, 0.4, 0.5] and runs.labels == ("line:3", "line:4", "line:6")
    with pytest.raises(TableError, match="line 3: is step 10 of the run of line 2 once more"):
        read_runs(table(tmp_path, "step,w:a,w:b,y\n10,.5,.5,1\n10,.5,.5,2\n"), "y")


def test_without_a_prefix_all_other_columns_are(tmp_path):
    path = table(tmp_path, "a,b,loss\n.5,.5,3\n")
    runs = read_runs(path, "loss", minimize=True)
    assert runs.values.tolist() == [-3] and runs.space.domains == ("a", "b") and runs.labels == ("line:2",)
    with pytest.raises(TableError, match="looks as if smaller were better"):
        read_runs(path, "loss")


def test_named_domains_come_in_their_order(tmp_path):
    path = table(tmp_path, "w:a,b,index,score\n.2,.8,1,3\n")
    runs = read_runs(path, "score", ["b", "a"])
    assert runs.space.domains == ("b", "a") and np.allclose(runs.weights, [[0.8, 0.2]])


def test_rounded_weights_are_made_to_sum_to_1_and_other_sums_only_if_told(tmp_path):
    for third in ("333", "33"):
        path = table(tmp_path, f"a,b,c,y\n.{third},.{third},.{third},1\n")
        assert read_runs(path, "y").weights[0] == pytest.approx([1 / 3] * 3, abs=1e-15)
    path = table(tmp_path, "a,b,y\n.5,.3,1\n")
    assert np.allclose(read_runs(path, "y", ["a", "b"], normalize=True).weights, [[0.625, 0.375]])
    with pytest.raises(TableError, match=r"line 2: the weights of a, b sum to 0.8: .*--normalize"):
        read_runs(path, "y")


@pytest.mark.parametrize("digits", [3, 6, 17])
@pytest.mark.parametrize("rates", [[0.001], [1e-5], [0.005, 0.001, 0.0001]])
def test_a_small_column_of_settings_is_asked_about(tmp_path, digits, rates):
    weights = np.random.default_rng(0).dirichlet([1, 1, 1], 12).round(digits)
    lines = [",".join(map(str, [*row, rates[i % len(rates)], 0.003, i])) for i, row in enumerate(weights)]
    path = table(tmp_path, "\n".join(["a,b,c,lr,decay,y", *lines]))
    with pytest.raises(TableError, match=r"lr and 1 more all weights\? Without lr, decay .* --domains a,b,c, or all"):
        read_runs(path, "y")
    assert read_runs(path, "y", ["a", "b", "c"]).space.domains == ("a", "b", "c")
    assert read_runs(path, "y", ["a", "b", "c", "lr", "decay"]).space.m == 5, "who says so is believed"


@pytest.mark.parametrize("digits", [3, 4, 17])
def test_a_domain_that_is_tiny_throughout_is_a_domain(tmp_path, digits):
    weights = np.random.default_rng(0).dirichlet([1, 1, 1], 20)
    tiny = np.linspace(0.001, 0.006, 20)[:, None]
    rows = np.hstack([weights * (1 - tiny), tiny]).round(digits)
    path = table(tmp_path, "\n".join(["a,b,c,d,y", *(",".join(map(str, [*row, 1])) for row in rows)]))
    assert read_runs(path, "y").space.domains == ("a", "b", "c", "d")


def test_runs_without_a_score_are_left_out_and_said(tmp_path):
    with pytest.warns(UserWarning, match=r"runs\.csv: rows that are left out: no score \(1\)"):
        assert len(read_runs(table(tmp_path, "a,b,y\n.5,.5,1\n.5,.5,\n"), "y")) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,y\n", "has no rows"),
        ("", "has no rows"),
        ("a,b\n.5,.5\n", "has no column 'y': its columns are a, b"),
        ("a,a,y\n.5,.5,1\n", "column 'a' is there 2 times"),
        ("w:a,w:a,y\n.5,.5,1\n", "column 'w:a' is there 2 times"),
        ("a,b,y\n.5,.5,\n", r"has no finished run with a score \(no score 1\): fill it in"),
        ("a,b,y\n.5,inf,1\n.5,.5,1\n", "line 2: b is 'inf', not a finite number"),
        ("a,b,y\n.5,.5,good\n", "line 2: y is 'good', not a finite number"),
        ("a,b,y\n.5,.5\n", "line 2: has 2 cells for 3 columns"),
        ("a,b,y\n1.5,-.5,1\n", "line 2: b is -0.5, and weights are at least 0"),
        ("a,b,y\n0,0,1\n1,0,1\n0,1,1\n", "line 2: the weights of a, b sum to 0: fix the rows"),
        ("a,b,c,d,e,y\n1,1,1,1,1,1\n", "a, b, c, d and 1 more sum to 5"),
        ("w:a,y\n1,1\n", "has no two columns of weights"),
        ('a,b,y\n".5,.5,1\n', "is not CSV"),
    ],
)
def test_what_cannot_be_used_is_one_line_with_the_mend(tmp_path, text, said):
    with pytest.raises(TableError, match=said) as raised:
        read_runs(table(tmp_path, text), "y")
    assert "\n" not in str(raised.value) and str(tmp_path) in str(raised.value)


def test_a_domain_named_twice_or_the_score_as_one_is_refused(tmp_path):
    path = table(tmp_path, "a,b,y\n.5,.5,1\n")
    with pytest.raises(TableError, match="'a' is named twice"):
        read_runs(path, "y", ["a", "a"])
    with pytest.raises(TableError, match="'y' is the score and no domain"):
        read_runs(path, "y", ["a", "y"])
    with pytest.raises(TableError, match="cannot be read"):
        read_runs(tmp_path / "nowhere.csv", "y")


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=5), st.integers(4, 9))
def test_what_is_written_is_read(tmp_path_factory, rows, digits):
    weights = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    lines = [",".join(f"{w:.{digits}f}" for w in row) + f",{i}" for i, row in enumerate(weights)]
    path = table(tmp_path_factory.mktemp("written"), "\n".join(["a,b,c,y", *lines]))
    runs = read_runs(path, "y")
    assert np.abs(runs.weights - weights).max() < 2 * 10.0**-digits
    assert runs.values.tolist() == list(range(len(rows)))
