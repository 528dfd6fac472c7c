"""Many runs: beyond MOST_EXACT of them the Gaussian process is an approximation, bounded and close to the exact one."""

import numpy as np
import pytest

from mixopt.history.runs import Runs
from mixopt.inference import dominance, pareto_front
from mixopt.inference.pareto_front import front_of_runs
from mixopt.inference.recommendation import MOST_RIVALS, recommend_from_runs
from mixopt.inference.recommendation_note import NAMED
from mixopt.models import gp_sparse, subset
from mixopt.models.botorch_gp import BoTorchGPSurrogate
from mixopt.models.gp import GPSurrogate
from mixopt.models.gp_coordinates import standardised
from mixopt.models.gp_prior import MIDDLE
from mixopt.models.gp_sparse import inducing_rows
from mixopt.models.multi_step_gp import MultiStepGP
from mixopt.models.noise import NoiseModel
from mixopt.models.subset import MOST_EXACT, subset_rows
from mixopt.space.mixture_space import MixtureSpace

SPACE = MixtureSpace(["a", "b", "c", "d"])
BEST = np.array([0.4, 0.3, 0.2, 0.1])


def score(weights):
    return 0.6 - ((weights - BEST) ** 2).sum(axis=1) + 0.1 * np.sqrt(weights[:, 0])


def drawn(n, seed=0, noise=0.05):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(4), n)
    return weights, score(weights) + rng.normal(0, noise, n)


def fitted(weights, values, exact, monkeypatch, noise=NoiseModel.ESTIMATED):
    monkeypatch.setattr(subset, "MOST_EXACT", exact)
    return GPSurrogate(noise).fit(weights, values)


@pytest.fixture
def both(monkeypatch):
    """The same runs exactly and approximately, and mixtures that neither has seen."""
    weights, values = drawn(300)
    exact = fitted(weights, values, 300, monkeypatch)
    return exact, fitted(weights, values, 150, monkeypatch), drawn(200, seed=1)[0]


def test_it_says_what_the_exact_process_says(both):
    exact, approximate, at = both
    assert len(approximate.members[0].points) <= 300 and type(approximate.members[0]) is gp_sparse.SparseMember
    (mean, sd), (close, near) = exact.predict(at), approximate.predict(at)
    assert np.abs(mean - close).max() < 0.1 * sd.mean() and np.allclose(sd, near, rtol=0.1)
    assert approximate.noise_sd == pytest.approx(exact.noise_sd, rel=0.05)
    assert np.allclose(exact.mean(at), exact.predict(at)[0]) and np.allclose(approximate.mean(at), close)
    covariance, approximated = exact.joint(at[:20])[1], approximate.joint(at[:20])[1]
    assert np.abs(covariance - approximated).max() < 0.1 * covariance.diagonal().mean()


def test_pending_runs_lower_the_variance_as_they_do_exactly(both):
    exact, approximate, at = both
    pending = at[:30]
    for surrogate in (exact, approximate):
        conditioned_on = surrogate.conditioned_on(pending)
        assert np.allclose(conditioned_on.mean(at), surrogate.mean(at))
    fall = [np.log(one.conditioned_on(pending).predict(at)[1] / one.predict(at)[1]) for one in both[:2]]
    assert (fall[1] < 0).all() and np.allclose(*fall, atol=0.03)


def test_it_learns_from_all_runs_and_not_from_some(monkeypatch):
    """Some choose the settings; twenty times as many runs leave a fourth of the error."""
    at = drawn(500, seed=1)[0]
    few, many = (fitted(*drawn(n), 100, monkeypatch) for n in (100, 2000))
    errors = [np.sqrt(((one.predict(at)[0] - score(at)) ** 2).mean()) for one in (few, many)]
    assert errors[1] < errors[0] / 2 and many.predict(at)[1].mean() < few.predict(at)[1].mean() / 2


def test_its_size_is_bounded_and_it_is_the_same_each_time(monkeypatch):
    monkeypatch.setattr(gp_sparse, "INDUCING", 40)
    weights, values = drawn(400)
    first, again = (fitted(weights, values, 100, monkeypatch) for _ in range(2))
    assert len(first.members[0].points) == 40 and len(first.weights) == 400
    assert (first.mean(weights) == again.mean(weights)).all()


def test_inducing_mixtures_are_apart():
    weights = drawn(300)[0]
    twice = standardised(np.vstack([weights, weights]))
    chosen = inducing_rows(twice, MIDDLE)
    assert len(np.unique(twice[chosen].round(9), axis=0)) == len(chosen)


def test_deterministic_scores_and_steps_and_other_surrogates_are_bounded_too(monkeypatch):
    weights, values = drawn(260, noise=0.0)
    surrogate = fitted(weights, values, 120, monkeypatch, NoiseModel.DETERMINISTIC)
    at = drawn(100, seed=1)[0]
    assert np.abs(surrogate.predict(at)[0] - score(at)).max() < 0.05
    scores = np.column_stack([0.7 * values, values])
    scores[200:, 1] = np.nan
    values_by_step = MultiStepGP().fit(weights, scores)
    assert np.abs(values_by_step.predict(at)[0] - score(at)).max() < 0.1
    alone = BoTorchGPSurrogate().fit(weights, values)
    assert len(alone.weights) == 120 and np.abs(alone.predict(at)[0] - score(at)).max() < 0.05


def test_of_many_imported_mixtures_the_best_are_compared_with_and_few_are_named():
    n = MOST_EXACT + 100
    weights, values = drawn(n, noise=0.3)
    unknown, labels = np.full(n, np.nan), tuple(f"line:{i}" for i in range(n))
    runs = Runs(SPACE, weights, values, unknown, unknown, np.arange(n), ("imported",) * n, labels)
    found = recommend_from_runs(SPACE, runs)
    assert len(found.beats_seeds) == MOST_RIVALS
    left = set(labels) - found.beats_seeds.keys()
    mean = dict(zip(labels, GPSurrogate().fit(weights, values).mean(weights)))
    assert max(mean[label] for label in left) <= min(mean[label] for label in found.beats_seeds)
    assert found.note.count("line:") <= NAMED
    assert found.note.endswith(f"The model of more than {MOST_EXACT} runs is an approximation.")


def test_a_front_of_many_runs_is_bounded_and_close_to_that_of_all(monkeypatch):
    weights, values = drawn(240)
    other = score(weights[:, ::-1]) + np.random.default_rng(2).normal(0, 0.05, 240)
    unknown, labels = np.full(240, np.nan), tuple(f"line:{i}" for i in range(240))
    both = np.column_stack([values, other])
    runs = Runs(SPACE, weights, both, unknown, unknown, np.arange(240), ("imported",) * 240, labels)
    every = front_of_runs(SPACE, runs, ["x", "y"])
    monkeypatch.setattr(pareto_front, "MOST_RIVALS", 60)
    monkeypatch.setattr(dominance, "BLOCK", 7)
    some = front_of_runs(SPACE, runs, ["x", "y"])
    assert [mixture.number for mixture in some.trained] == [mixture.number for mixture in every.trained]
    chances = [[mixture.undominated for mixture in one.trained + one.predicted] for one in (some, every)]
    assert np.abs(np.subtract(*chances)).max() < 0.08


def test_another_run_changes_one_of_those_that_choose():
    before, after = (set(subset_rows(n)) for n in (900, 901))
    assert len(before) == MOST_EXACT and len(before - after) <= 1
