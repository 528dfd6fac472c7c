"""The notebooks run from a clean state, say what their sources say, and find what they claim."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from mixopt import read_runs
from mixopt.designs.heuristics import HEURISTICS
from mixopt.models import LinearSurrogate
from mixopt.models.cross_validation import compare
from tests.support import modomodo

jupytext, nbformat, pandas, *_ = map(
    pytest.importorskip, ("jupytext", "nbformat", "pandas", "nbclient", "ipykernel", "jinja2")
)

FOLDER = Path(__file__).parents[1] / "notebooks"
spec = importlib.util.spec_from_file_location("execute", FOLDER / "execute.py")
execute = importlib.util.module_from_spec(spec)
spec.loader.exec_module(execute)
LARGEST = 450_000  # bytes of a notebook with its outputs


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def figures(notebook):
    return sum("image/png" in output.get("data", {}) for output in outputs(notebook))


@pytest.mark.parametrize("name", execute.SOURCES)
def test_a_notebook_runs_and_shows_as_many_figures_as_are_kept(name, tmp_path, monkeypatch):
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    fresh, kept = execute.executed(execute.SOURCES[name]), nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    assert not [output.text for output in outputs(fresh) if output.get("name") == "stderr"]
    assert figures(fresh) == figures(kept)
    assert not list(tmp_path.iterdir()), "a notebook writes nothing into the home"


@pytest.mark.parametrize("name", execute.SOURCES)
def test_source_and_notebook_are_in_step(name):
    source, kept = jupytext.read(execute.SOURCES[name]), nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    assert [(c.cell_type, c.source) for c in source.cells] == [(c.cell_type, c.source) for c in kept.cells]
    assert all(cell.execution_count for cell in kept.cells if cell.cell_type == "code"), "executed as a whole"


@pytest.mark.parametrize("name", execute.SOURCES)
def test_a_kept_notebook_is_small_and_names_no_machine(name):
    text = (FOLDER / f"{name}.ipynb").read_text()
    assert len(text) <= LARGEST
    for place in (str(FOLDER.parent), str(Path.home()) + "/", sys.prefix, "/tmp/"):
        assert place not in text


@pytest.mark.parametrize("page", [FOLDER / "README.md", *execute.SOURCES.values()], ids=lambda page: page.name)
def test_every_local_link_leads_somewhere(page):
    words = [cell.source for cell in jupytext.read(page).cells if cell.cell_type == "markdown"]
    links = re.findall(r"\]\(([^)#]+)\)", "\n".join(words))
    assert all(link.startswith("https://") or (FOLDER / link).exists() for link in links)


def test_the_readme_names_every_notebook():
    assert set(re.findall(r"\]\((\w+)\.ipynb\)", (FOLDER / "README.md").read_text())) == set(execute.SOURCES)


def test_every_legible_mean_of_table_2_is_recomputed_or_a_misprint():
    found = modomodo.aggregates()
    off = [a for a in found if abs(a.printed - a.recomputed) > modomodo.TOLERANCE]
    assert len(found) == 79
    assert [(a.experiment, a.side) for a in off] == [("Coli", "out_score"), ("Norm", "in_score")]
    for misprint in off:
        assert any(f"recomputed {misprint.recomputed:.4f}" in row["note"] for row in modomodo.rows())


@pytest.mark.parametrize("name", modomodo.HEURISTIC_WEIGHTS)
def test_heuristic_weights_follow_from_table_2(name):
    weights = HEURISTICS[name](modomodo.seed_runs())
    assert weights == pytest.approx(modomodo.HEURISTIC_WEIGHTS[name], abs=6e-5)


def test_the_claims_of_figure_6_hold_of_table_2():
    claims = modomodo.figure_6_claims()
    assert len(claims) == 8 and all(held for *_, held in claims)
    medians = {name: np.median(scores) for name, scores in modomodo.scores_by_strategy().items()}
    assert medians == pytest.approx({"seed": 0.4753, "heuristic": 0.4827, "model-based": 0.49755}, abs=1e-4)


def test_what_figure_7_says_of_the_shapes_runs():
    runs = read_runs(FOLDER / "data" / "shapes_runs.csv", "out_score")
    r2 = {v.name: v.r2 for v in compare(runs.weights, runs.values, ["linear", "quadratic", "gp"]).ranked}
    assert len(runs) == 60
    assert LinearSurrogate().fit(runs.weights, runs.values).r2_train > 0.6, "a linear fit does not fail here"
    assert list(r2) == ["gp", "quadratic", "linear"]


@pytest.fixture(scope="module")
def shapes_table():
    return pandas.read_csv(FOLDER.parent / "studies" / "shapes-table" / "table.csv")


def test_what_the_shapes_table_says_of_early_steps(shapes_table):
    seeds = shapes_table.groupby("trial").train_seed.nunique()
    assert len(seeds) == 260 and set(seeds) == {1, 4}
    curves = shapes_table[shapes_table.train_seed == 42].pivot(index="trial", columns="step", values="out_score")
    ranks = curves.corr("spearman")[80]
    assert 0.5 < ranks[20] < 0.9 < ranks[60], "step 60 ranks mixtures as the last does, step 20 does not"


def test_what_the_shapes_table_says_of_domains_and_surrogates(shapes_table):
    runs = shapes_table[(shapes_table.train_seed == 42) & (shapes_table.step == 80)]
    domains = [name for name in runs if name.startswith("w:")]
    weights = runs[domains].to_numpy()
    teachers = {"refer": "refer", "spatial": "spatial", "science": "science", "math": "geometry", "general": "science"}
    for test, teacher in teachers.items():
        slope = LinearSurrogate().fit(weights, runs[f"test:{test}"].to_numpy()).slope
        assert domains[slope.argmax()] == f"w:{teacher}"
    ranked = compare(weights, runs.out_score.to_numpy(), ["linear", "quadratic", "gp"]).ranked
    assert [v.name for v in ranked] == ["gp", "quadratic", "linear"]
