"""The published tables, and the smooth truths that are fitted to them: what is read, and where candidates lie."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mixopt.benchmark.emulators import candidates_like
from mixopt.benchmark.measured import MeasuredTable
from mixopt.benchmark.smooth import own_noise, smooth_fit
from mixopt.benchmark.suite import make_problem
from mixopt.benchmark.tables import TABLES, Settings, Sources, read_table

SHARED = Path(__file__).parents[4] / "shared" / "data"
STUDIES = Path(__file__).parents[3] / "studies"
PUBLISHED = {"regmix_1m": (512, 17, 13), "regmix_60m": (256, 17, 13), "regmix_1b": (64, 17, 13), "damo": (50, 12, 10)}


def sources(name):
    folder = STUDIES if name == "shapes" else SHARED
    if not (folder / TABLES[name].folder).exists():
        pytest.skip(f"the folder {TABLES[name].folder} of measured runs is not beside this checkout")
    return Sources(tables=folder)


def nearest(rows):
    distances = cdist(rows, rows)
    np.fill_diagonal(distances, np.inf)
    return distances.min(axis=1)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_tables_are_pools_with_the_scores_of_every_test(name):
    rows, m, k = PUBLISHED[name]
    table, problem = read_table(name, sources(name)), make_problem(name, 0, sources(name))
    assert problem.space.candidates.shape == (rows, m) and len(problem.task.parts) == k and problem.exact
    np.testing.assert_allclose(table.scores.mean(axis=1), table.values)
    assert problem.regret(problem.best) == 0
    assert problem.score(problem.best) == pytest.approx(table.values.max())
    assert set(problem.observe_tests(problem.best, np.random.default_rng(0))) == set(table.tests)


@pytest.mark.parametrize("name", TABLES)
def test_candidates_of_an_emulator_are_as_near_to_the_rows_as_these_to_each_other(name):
    table = read_table(name, sources(name))
    rows, drawn = table.by_mixture().weights, candidates_like(table)
    own, others = np.quantile(nearest(rows), [0.5, 0.95]), cdist(drawn, rows).min(axis=1)
    assert drawn.shape == (2000, len(table.domains)) and len(np.unique(drawn, axis=0)) == 2000
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    assert others.max() <= own[1] + 1e-9
    assert 0.75 * own[0] <= np.median(others) <= own[1]
    assert (drawn**2).sum(axis=1).mean() == pytest.approx((rows**2).sum(axis=1).mean(), rel=0.2)
    np.testing.assert_array_equal(drawn, candidates_like(table))


@pytest.mark.parametrize("name", ["regmix_1b", "damo"])
def test_a_smooth_truth_has_noise_of_the_size_that_its_note_says(name):
    smooth, emulator = (make_problem(f"{name}_{kind}", 0, sources(name)) for kind in ("smooth", "emulator"))
    assert smooth.space.candidates.shape[0] == PUBLISHED[name][0] and len(emulator.space.candidates) == 2000
    for problem in (smooth, emulator):
        scores, sd = problem.f(problem.space.candidates), float(problem.noise_sd(problem.best[None])[0])
        assert f"noise sd {sd:.3g}, {sd / scores.std():.2f} of the truth's" in problem.note
        assert problem.score(problem.best) == pytest.approx(scores.max()) and not problem.exact
    np.testing.assert_allclose(smooth.f(smooth.space.candidates), emulator.f(smooth.space.candidates))


def test_a_smooth_fit_predicts_each_test_and_what_it_has_not_seen():
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(3), 80)
    tests = {"one": -((weights[:, 0] - 0.5) ** 2), "other": np.sqrt(weights[:, 1])}
    values = np.mean(list(tests.values()), axis=0)
    table = MeasuredTable(("a", "b", "c"), weights, values, tests, {"one": 0.5, "other": 0.5})
    fit = smooth_fit(table, Settings())
    assert fit.r2 > 0.95
    new = rng.dirichlet(np.ones(3), 50)
    np.testing.assert_allclose(fit.scores(new)[:, 1], np.sqrt(new[:, 1]), atol=0.1)
    alone = smooth_fit(MeasuredTable(table.domains, weights, values), Settings())
    assert alone.scores(new).shape == (50, 1) and alone.r2 > 0.95


def test_own_noise_is_what_the_mean_does_not_see():
    rng = np.random.default_rng(0)
    common, own = rng.normal(size=(4000, 1)), rng.normal(size=(4000, 2)) * [1.0, 3.0]
    errors = common + own - (own @ [0.9, 0.1])[:, None]
    np.testing.assert_allclose(own_noise(errors, np.array([0.9, 0.1])), [0.32, 2.84], rtol=0.05)
