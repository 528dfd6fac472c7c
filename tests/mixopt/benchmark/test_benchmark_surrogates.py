"""Surrogates on measured tables: the draws, what is left out, and the command that prints all in one table."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mixopt.benchmark.measured import MeasuredTable
from mixopt.benchmark.surrogates import compare_on_tables
from mixopt.cli.app import app
from mixopt.cli.predictions import predictions_document
from mixopt.errors import MixoptError, StrategyError
from mixopt.models.linear import LinearSurrogate

WEIGHTS = np.random.default_rng(0).dirichlet(np.ones(3), 55)
LINEAR = MeasuredTable(
    ("a", "b", "c"), WEIGHTS, WEIGHTS @ [1.0, 2.0, 4.0] + np.random.default_rng(1).normal(0, 0.1, 55)
)
PEAK = MeasuredTable(("a", "b", "c"), WEIGHTS, -((WEIGHTS - 1 / 3) ** 2).sum(axis=1))


def test_a_draw_is_a_permutation_by_its_number():
    (found,) = compare_on_tables({"t": LINEAR}, ["linear"], sizes=[20], draws=3)
    r2 = []
    for draw in range(3):
        order = np.random.default_rng(draw).permutation(55)
        fitted = LinearSurrogate().fit(WEIGHTS[order[:20]], LINEAR.values[order[:20]])
        errors = fitted.predict(WEIGHTS[order[20:]])[0] - LINEAR.values[order[20:]]
        r2.append(1 - (errors**2).mean() / LINEAR.values.var())
    assert found.r2.mean == pytest.approx(np.mean(r2)) and found.r2.se == pytest.approx(np.std(r2, ddof=1) / 3**0.5)
    assert (found.table, found.surrogate, found.n) == ("t", "linear", 20)


def test_better_surrogates_and_more_runs_predict_better():
    found = {(p.surrogate, p.n): p for p in compare_on_tables({"t": PEAK}, ["linear", "gp"], sizes=[10, 40], draws=5)}
    assert found["gp", 40].r2.mean > 0.95 > 0.3 > found["linear", 40].r2.mean
    assert found["gp", 40].r2.mean > found["gp", 10].r2.mean
    assert found["gp", 40].rank.mean > 0.9 and 0.8 < found["gp", 40].coverage.mean <= 1


def test_sizes_that_leave_too_few_are_left_out_and_unfit_surrogates_say_why():
    found = list(compare_on_tables({"t": LINEAR}, ["linear", "quadratic"], sizes=[2, 45, 46], draws=2))
    assert [(p.surrogate, p.n) for p in found] == [(s, n) for s in ("linear", "quadratic") for n in (2, 45)]
    assert found[2].r2 is None and "needs" in found[2].unfit and found[3].r2
    with pytest.raises(StrategyError, match="no surrogate 'magic'"):
        list(compare_on_tables({"t": LINEAR}, ["magic"]))


def test_values_that_do_not_vary_have_no_r2():
    flat = MeasuredTable(("a", "b", "c"), WEIGHTS, np.ones(55))
    (found,) = compare_on_tables({"t": flat}, ["linear"], sizes=[20], draws=2)
    assert np.isnan(found.r2.mean) and found.coverage.mean == 1
    assert predictions_document([found])["predictions"][0]["r2"] is None


@pytest.fixture
def few(monkeypatch):
    """Two quick surrogates."""
    monkeypatch.setattr(compare_on_tables, "__defaults__", (("linear", "scheffe"), (20, 40, 80), 2))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "damo").mkdir()
    rows = [",".join(["test_id", "ckpt_id", *(f"w{i}" for i in range(12)), "one", "other"])]
    for run, weights in enumerate(np.random.default_rng(0).dirichlet(np.ones(12), 40)):
        for step in range(2):
            rows.append(",".join(map(str, [run, step, *weights, weights[0] + step, weights[1]])))
    (tmp_path / "damo" / "damo_50x4.csv").write_text("\n".join(rows) + "\n")
    own = np.column_stack([WEIGHTS, LINEAR.values])
    np.savetxt(tmp_path / "own.csv", own, delimiter=",", header="w:a,w:b,w:c,score", comments="")
    return tmp_path


def command(*arguments):
    return CliRunner().invoke(app, ["surrogate", "compare", *map(str, arguments)], catch_exceptions=False)


def test_one_command_prints_all_tables_in_one(few, folder):
    told = command("--tables", folder, "--csv", folder / "own.csv", "--value", "score")
    rows = [line for line in told.stdout.splitlines() if line.startswith("| ")]
    assert told.exit_code == 0 and [row.split(" | ")[:2] for row in rows[1:]] == [
        ["| damo", "linear"],
        ["| damo", "scheffe"],
        ["| csv", "linear"],
        ["| csv", "scheffe"],
    ]
    assert "R² after 20 / 40 / 80" in rows[0] and rows[3].count("±") == 4
    document = json.loads(command("--tables", folder, "--json").stdout)
    assert [(p["table"], p["name"], p["seen"]) for p in document["predictions"]] == [
        ("damo", "linear", 20),
        ("damo", "scheffe", 20),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--value", "score"], "only of --csv"),
        (["a-study"], "only of a study"),
        (["--csv", "nowhere.csv", "--value", "score"], "nowhere.csv: cannot be read"),
    ],
)
def test_bad_input_is_one_line(folder, arguments, said):
    with pytest.raises(MixoptError, match=said):
        command("--tables", folder, *arguments)
