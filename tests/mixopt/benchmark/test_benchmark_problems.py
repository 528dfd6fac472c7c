"""The problems: their best mixture is the best, their numbers are fixed, their noise is paired."""

from pathlib import Path

import numpy as np
import pytest

from mixopt.benchmark.measured import MeasuredTable, parts_of
from mixopt.benchmark.pools import pool
from mixopt.benchmark.problem import noise_stream
from mixopt.benchmark.suite import CONCAVE, FAMILIES, MEASURED, OWN, RUGGED, STEEP, check_problem, make_problem
from mixopt.benchmark.tables import Sources
from mixopt.errors import MixoptError

TABLES = Path(__file__).parents[4] / "shared" / "data"

# f of two mixtures, the average and the noise at seed 101, computed once with the code behind the first table of peers.
KNOWN = {
    "interior-5": (-0.3729081, -0.3406036),
    "interior-17": (-0.13221287, -0.14668655),
    "face-10": (-2.02834049, -1.28706945),
    "vertex-10": (-2.05171284, -1.63815362),
    "mixing_law-5": (-0.56334171, -0.64919492),
    "mixing_law-17": (-0.40770129, -0.38830378),
}


@pytest.mark.parametrize("name", CONCAVE)
def test_the_concave_problems_are_those_of_the_first_table_of_peers(name):
    problem = make_problem(name, 101)
    weights = np.random.default_rng(5).dirichlet(np.ones(problem.m), 50)[:2]
    np.testing.assert_allclose(problem.f(weights), KNOWN[name], rtol=1e-6)


@pytest.mark.parametrize("name", [*CONCAVE, *RUGGED, *STEEP, "two_peaks-17", "runs_out-2", "corner_noise-3"])
def test_no_mixture_beats_the_best(name):
    problem = make_problem(name, 7)
    m, rng = problem.m, np.random.default_rng(0)
    assert problem.space.contains(problem.best)
    random = rng.dirichlet(np.ones(m), 4000)
    sparse = rng.dirichlet(np.full(m, 0.2), 4000)
    near = problem.space.project(problem.best + rng.normal(size=(4000, m)) * 10 ** rng.uniform(-5, -1, (4000, 1)))
    scores = problem.f(np.vstack([random, sparse, near, np.eye(m)]))
    top = problem.score(problem.best)
    assert scores.max() <= top + 1e-7 * (top - problem.average)
    assert problem.regret(problem.best) == 0
    assert np.mean([problem.regret(w) for w in random]) == pytest.approx(1, abs=0.05)


def test_every_family_works_at_both_ends_of_m():
    for family in FAMILIES:
        assert make_problem(f"{family}-2", 0).regret(np.array([0.5, 0.5])) >= -1e-9
    assert make_problem("face-64", 0).m == 64


def test_seeds_and_families_are_different_problems():
    values = {make_problem(name, seed).score(np.full(8, 1 / 8)) for name in RUGGED for seed in range(4)}
    assert len(values) == 12


def test_noise_is_the_same_for_whoever_asks_and_has_the_stated_size():
    problem = make_problem("face-10", 3)
    one, other = np.full(10, 0.1), problem.best

    def noise(weights, trial, seed=3):
        return problem.observe(weights, noise_stream(problem.name, seed, trial)) - problem.score(weights)

    assert noise(one, 5) == pytest.approx(noise(other, 5))
    assert len({round(noise(one, trial, seed), 12) for trial in range(5) for seed in range(5)}) == 25
    sample = np.array([noise(one, trial) for trial in range(2000)])
    spread = problem.f(np.random.default_rng(0).dirichlet(np.ones(10), 20_000)).std()
    assert sample.std() == pytest.approx(0.5 * spread, rel=0.06)


def test_noise_of_corner_noise_grows_tenfold_towards_the_corners():
    problem = make_problem("corner_noise-8", 0)
    centre, corner, halfway = problem.noise_sd(np.array([np.full(8, 1 / 8), np.eye(8)[2], (np.eye(8)[0] + 1 / 8) / 2]))
    assert corner == pytest.approx(10 * centre)
    assert centre < halfway < corner


def test_a_pool_is_its_rows_and_equal_rows_are_one():
    weights = np.array([[1, 0], [0, 1], [0.5, 0.5], [0, 1]], dtype=float)
    problem = pool("csv", MeasuredTable(("a", "b"), weights, np.array([1.0, 2.0, 2.5, 4.0])))
    assert problem.space.candidates.shape == (3, 2)
    assert problem.score(np.array([0.0, 1.0])) == 3.0
    np.testing.assert_array_equal(problem.best, [0, 1])
    assert problem.observe(problem.best, np.random.default_rng(0)) == 3.0
    assert problem.regret(np.array([1.0, 0.0])) == pytest.approx(2 / (3 - 6.5 / 3))


def test_a_table_of_the_users_is_a_pool(tmp_path):
    file = tmp_path / "runs.csv"
    file.write_text("a,b,loss\n1,0,3\n0,1,2\n0.5,0.5,1\n")
    problem = make_problem("csv", 0, Sources(csv=file, value="loss", minimize=True))
    np.testing.assert_array_equal(problem.best, [0.5, 0.5])
    with pytest.raises(MixoptError, match="a smooth fit needs 20 mixtures, the table has 3: use csv"):
        check_problem("csv_emulator", Sources(csv=file, value="loss", minimize=True))


def test_the_value_of_a_table_is_the_mean_of_its_tests_or_has_none(tmp_path):
    rng = np.random.default_rng(0)
    tests = {name: rng.normal(size=20) for name in ("one", "other", "unused")}
    mean = 0.3 * tests["one"] + 0.7 * tests["other"]
    assert parts_of(mean, tests) == pytest.approx({"one": 0.3, "other": 0.7, "unused": 0.0}, abs=1e-9)
    assert parts_of(2 * mean, tests) == parts_of(mean + 0.01 * tests["one"] ** 2, tests) == parts_of(mean[:3], {}) == {}

    file = tmp_path / "runs.csv"
    weights = rng.dirichlet(np.ones(2), 20)
    rows = np.column_stack([weights, mean, tests["one"], tests["other"]])
    np.savetxt(file, rows, delimiter=",", header="w:a,w:b,value,test:one,test:other", comments="")
    problem = make_problem("csv", 0, Sources(csv=file, value="value"))
    observed = problem.observe_tests(problem.best, np.random.default_rng(0))
    assert problem.task.parts == pytest.approx({"one": 0.3, "other": 0.7})
    assert sum(problem.task.parts[test] * score for test, score in observed.items()) == pytest.approx(mean.max())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "the families are"),
        ("face-1", "M from 2 to 64"),
        ("face-65", "M from 2 to 64"),
        ("csv", "--csv FILE"),
        *((name, "--tables FOLDER") for name in MEASURED if name not in OWN),
    ],
)
def test_a_problem_that_cannot_be_made_is_told_in_one_line(name, said):
    for attempt in (lambda: make_problem(name, 0), lambda: check_problem(name, Sources())):
        with pytest.raises(MixoptError, match=said) as caught:
            attempt()
        assert len(str(caught.value).splitlines()) == 1


def test_tables_that_are_not_there_are_told_with_their_path(tmp_path):
    with pytest.raises(MixoptError, match=r"damo_50x4\.csv"):
        check_problem("damo", Sources(tables=tmp_path))


@pytest.mark.parametrize("name", ["steep-8", "steep-17"])
def test_the_noise_of_the_tests_is_that_of_their_mean_and_their_own(name):
    problem = make_problem(name, 3)
    weights, shares = problem.best, problem.tests.shares
    truth = problem.tests.scores(weights[None])[0]
    assert truth @ shares == pytest.approx(problem.score(weights))

    def streams(trial):
        return (noise_stream(problem.name, 3, trial) for _ in range(2))

    told = [
        (problem.observe(weights, one), problem.observe_tests(weights, other))
        for one, other in map(streams, range(2000))
    ]
    values, errors = np.array([value for value, _ in told]), np.array([[*tests.values()] for _, tests in told]) - truth
    np.testing.assert_allclose(errors @ shares, values - problem.score(weights), atol=1e-9)
    sd = float(problem.noise_sd(weights[None])[0])
    own = errors - (errors @ shares)[:, None]
    assert values.std() == pytest.approx(sd, rel=0.06)
    assert own.std() == pytest.approx(sd * problem.tests.own_sd[0] * np.sqrt(1 - 1 / 8), rel=0.06)
    assert abs(np.corrcoef(own[:, 0], values)[0, 1]) < 0.1
    assert make_problem("face-4", 0).observe_tests(np.full(4, 0.25), np.random.default_rng(0)) == {}


def test_a_steep_score_falls_where_a_domain_that_a_test_needs_is_missing():
    problem = make_problem("steep-8", 0)
    scores = problem.tests.scores(np.eye(8))
    assert (scores.min(axis=0) < 3 * problem.tests.scores(np.full((1, 8), 1 / 8))[0]).mean() >= 0.5
