"""The table of the shapes world as problems: what is read of it, its noise, and how soon a good mixture is found."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mixopt.benchmark.found import within_after
from mixopt.benchmark.job import Job, run_job
from mixopt.benchmark.shapes import Replicates, read_shapes
from mixopt.benchmark.suite import check_problem, default_problems, make_problem, table_digest
from mixopt.benchmark.summary import markdown
from mixopt.benchmark.tables import Sources
from mixopt.cli.app import app
from mixopt.errors import MixoptError, TableError

STUDIES = Path(__file__).parents[3] / "studies"
DOMAINS = ("a", "b", "c")


def peak(weights):
    return 0.5 - ((weights - np.array([0.6, 0.3, 0.1])) ** 2).sum(axis=-1)


@pytest.fixture
def tables(tmp_path):
    """A folder with a table of 40 mixtures, 8 of them with four seeds, scored at two steps."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "shapes-table"
    folder.mkdir()
    with (folder / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["trial", "train_seed", "step", *(f"w:{name}" for name in DOMAINS), "out_score"])
        for trial, weights in enumerate(rng.dirichlet(np.ones(3), 40)):
            for seed in range(4 if trial < 8 else 1):
                score = peak(weights) + 0.02 * rng.standard_normal()
                writer.writerow([trial, seed, 20, *weights, 0.0])
                writer.writerow([trial, seed, 80, *weights, score])
    return tmp_path


def test_all_runs_are_read_at_their_last_step(tables):
    table = read_shapes(tables / "shapes-table")
    weights, values = table.weights, table.values
    assert table.domains == DOMAINS and weights.shape == (64, 3) and len(np.unique(weights, axis=0)) == 40
    np.testing.assert_allclose(values, peak(weights), atol=0.08)
    assert Replicates.of(weights, values).pooled_sd == pytest.approx(0.02, rel=0.4)  # 24 degrees of freedom


def test_a_mixture_with_several_seeds_has_their_mean_in_the_pool(tables):
    problem = make_problem("shapes", 0, Sources(tables=tables))
    table = read_shapes(tables / "shapes-table")
    weights, values = table.weights, table.values
    assert problem.space.candidates.shape == (40, 3)
    assert problem.score(weights[0]) == pytest.approx(values[:4].mean())
    assert problem.tolerance == Replicates.of(weights, values).sd(problem.best[None])[0]
    assert problem.gap(problem.best) == 0 and problem.exact


@pytest.mark.parametrize("name", ["shapes_smooth", "shapes_emulator"])
def test_a_smooth_truth_is_observed_with_the_noise_of_the_replicates(tables, name):
    problem = make_problem(name, 0, Sources(tables=tables))
    table = read_shapes(tables / "shapes-table")
    noise = Replicates.of(table.weights, table.values)
    np.testing.assert_array_equal(problem.noise_sd(np.eye(3)), noise.sd(np.eye(3)))
    assert problem.tolerance == problem.noise_sd(problem.best[None])[0] and not problem.exact
    assert "smooth fit of 40 mixtures, held-out R2 0." in problem.note
    assert np.corrcoef(problem.f(table.weights), peak(table.weights))[0, 1] > 0.9
    assert min(problem.gap(mixture) for mixture in problem.space.candidates) == pytest.approx(0, abs=1e-12)


def test_the_tests_behind_the_score_are_read_with_their_weights(tables):
    file = tables / "shapes-table" / "table.csv"
    header, *rows = file.read_text().splitlines()
    rng = np.random.default_rng(1)
    lines = [f"{header},test:one,test:other,test:in"]
    for row in rows:
        score, part = float(row.rpartition(",")[2]), rng.normal()
        lines.append(f"{row},{score + 3 * part!r},{score - part!r},{part!r}")
    file.write_text("\n".join(lines) + "\n")
    table = read_shapes(tables / "shapes-table")
    assert table.parts == pytest.approx({"one": 0.25, "other": 0.75, "in": 0.0}, abs=1e-9)
    np.testing.assert_allclose(table.scores @ table.shares, table.values)
    problem = make_problem("shapes", 0, Sources(tables=tables))
    observed = problem.observe_tests(problem.best, np.random.default_rng(0))
    best = table.by_mixture().values.argmax()
    assert observed == {name: table.by_mixture().tests[name][best] for name in ("one", "other", "in")}


def test_noise_is_that_of_the_replicates_nearby():
    weights = np.repeat([[1.0, 0.0], [0.0, 1.0]], 4, axis=0)
    noise = Replicates.of(weights, np.array([0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5]))
    one, other, middle = noise.sd(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]))
    assert one == pytest.approx(np.sqrt(0.04 / 3)) and other < 0.001
    assert middle == pytest.approx(noise.pooled_sd) == pytest.approx(np.sqrt(0.02 / 3))
    rounded = weights + 1e-11 * np.arange(8)[:, None] * [1, -1]
    np.testing.assert_array_equal(Replicates.of(rounded, np.arange(8.0)).variances, [5 / 3, 5 / 3])


@pytest.mark.parametrize("name", ["shapes", "shapes_smooth"])
def test_a_job_notes_how_far_each_recommendation_was_from_the_best_and_the_report_when_it_was_near(tables, name):
    sources = Sources(tables=tables)
    done = {}
    for method in ("ours", "random"):
        for seed in (100, 101):
            job = Job(name, method, seed, 12, table_digest(name, sources))
            done[job] = run_job(job, make_problem(name, seed, sources))
    outcome = next(iter(done.values()))
    if name == "shapes":
        assert [gap["n"] for gap in outcome["gaps"]] == list(range(1, 13))
        recommended_best = [place["n"] for place in outcome["places"] if place["own"] == 1]
        assert all(outcome["gaps"][n - 1]["own"] == 0 for n in recommended_best)
        assert outcome["gaps"][-1]["own"] / outcome["scale"] == outcome["checkpoints"][-1]["regret_own"]
    else:
        assert [gap["n"] for gap in outcome["gaps"]] == [5, 10] and "places" not in outcome
    text = markdown(done)
    assert f"a mixture within {outcome['tolerance']:.3g} of the best" in text
    assert "| ours |" in text.partition("within")[2] and "| random |" in text.partition("within")[2]


def test_a_report_counts_within_what_is_said(tables, tmp_path):
    results = tmp_path / "results.jsonl"
    arguments = ["run", results, "--tables", tables, "--problems", "shapes", "--methods", "random", "--trials", 5]
    for line in ([*arguments, "--seeds", "100:102"], ["report", results, "--folder", tmp_path, "--within", 9]):
        assert CliRunner().invoke(app, ["benchmark", *map(str, line)]).exit_code == 0
    assert "| random | 1.0 ± 0.0 | 100% |  |" in (tmp_path / "benchmark.md").read_text()


def test_near_the_best_means_near_to_the_end():
    gaps = [{"n": n, "own": own} for n, own in enumerate([0.3, 0.1, 0.3, 0.2, 0.1], start=1)]
    assert within_after({"gaps": gaps, "tolerance": 0.2}) == 4
    assert within_after({"gaps": gaps[:3], "tolerance": 0.2}) is None


def test_problems_are_measured_ones_where_their_folder_is(tables):
    problems = default_problems(Sources(tables=tables))
    assert problems[-3:] == ["shapes", "shapes_smooth", "shapes_emulator"]
    assert not [name for name in problems if "regmix" in name or "csv" in name]


def broken(lines, how):
    match how:
        case "no rows":
            return lines[:1]
        case "a row cut short":
            return [*lines, "40,0,80,0.5"]
        case "a run cut off":
            return lines[:-1]
        case "no score":
            return [lines[0].replace("out_score", "score"), *lines[1:]]
        case "weights that are none":
            return [*lines, "40,0,20,0.9,0.9,0.9,0.5", "40,0,80,0.9,0.9,0.9,0.5"]
        case "one seed each":
            return [line for line in lines if line.split(",")[1] in ("train_seed", "0")]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("no rows", "has no rows"),
        ("a row cut short", "has 4 cells for 7 columns"),
        ("a run cut off", "its runs end at different steps, [20, 80]"),
        ("no score", "has no column 'out_score'"),
        ("weights that are none", "sum to 2.7"),
        ("one seed each", "no mixture has several training seeds"),
    ],
)
def test_a_broken_table_is_told_in_one_line_before_anything_runs(tables, how, said):
    file = tables / "shapes-table" / "table.csv"
    file.write_text("\n".join(broken(file.read_text().splitlines(), how)) + "\n")
    with pytest.raises(TableError, match=re.escape(said)) as caught:
        check_problem("shapes", Sources(tables=tables))
    assert len(str(caught.value).splitlines()) == 1


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(MixoptError, match="has none of the folders regmix, damo, shapes-table"):
        default_problems(Sources(tables=tmp_path))


def test_the_table_of_the_repository_has_what_its_readme_says():
    table = read_shapes(STUDIES / "shapes-table")
    domains, weights = table.domains, table.weights
    assert table.parts["chart"] == pytest.approx(250 / 720) and table.parts["refer"] == pytest.approx(0, abs=1e-9)
    mixtures, runs = np.unique(weights, axis=0, return_counts=True)
    assert len(domains) == 5 and len(mixtures) == 260 and sorted(set(runs)) == [1, 4] and (runs == 4).sum() >= 24
    replicated = mixtures[runs == 4]
    for needed in (*np.eye(5), np.full(5, 0.2)):
        assert np.abs(replicated - needed).sum(axis=1).min() < 1e-9
    np.testing.assert_allclose(mixtures.sum(axis=1), 1)
