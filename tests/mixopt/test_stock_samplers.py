"""Stock samplers on the simplex: a faithful shadow of the past, feasible proposals, and the same ones again."""

import numpy as np
import optuna
import pytest
from hypothesis import given, strategies as st
from optuna.trial import TrialState

from mixopt import MixtureSpace, on_simplex, suggest_mixture
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.keys import STOCK
from mixopt.samplers.on_simplex import reseed
from mixopt.samplers.transforms import LATENTS

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
SPACE = MixtureSpace(["a", "b", "c", "d"], lower={"a": 0.05}, upper={"d": 0.6})
STOCKS = {
    "tpe": lambda: optuna.samplers.TPESampler(n_startup_trials=4, multivariate=True, constant_liar=True),
    "cma_es": lambda: optuna.samplers.CmaEsSampler(popsize=4),
    "gp": lambda: optuna.samplers.GPSampler(n_startup_trials=4),
    "nsga2": lambda: optuna.samplers.NSGAIISampler(population_size=4),
    "qmc": lambda: optuna.samplers.QMCSampler(seed=0, scramble=True),
    "random": lambda: optuna.samplers.RandomSampler(),
}


def score(weights):
    w = np.array(list(weights.values()))
    return float(-((w - [0.1, 0.2, 0.3, 0.4]) ** 2).sum())


def started(stock, direction="maximize", mapping="exponential", seed=0, space=SPACE):
    return optuna.create_study(direction=direction, sampler=on_simplex(stock, space, mapping=mapping, seed=seed))


def run(study, count, sign=1, space=SPACE):
    for _ in range(count):
        trial = study.ask()
        weights = suggest_mixture(trial, space)
        assert space.contains(np.array(list(weights.values())))
        study.tell(trial, sign * score(weights))


def mixtures(study):
    return [tuple(t.params.values()) for t in study.trials]


@pytest.mark.parametrize("name", STOCKS)
def test_proposals_are_feasible_differ_and_repeat_from_the_trials_alone(name):
    studies = [started(STOCKS[name]()) for _ in range(2)]
    run(studies[0], 14)
    for _ in range(14):  # a new process for every trial
        studies[1].sampler = on_simplex(STOCKS[name](), SPACE)
        run(studies[1], 1)
    assert mixtures(studies[0]) == mixtures(studies[1])
    assert len(set(mixtures(studies[0]))) == 14 or name == "nsga2"  # its children may equal a parent


@pytest.mark.parametrize("name", ["tpe", "cma_es", "gp", "nsga2"])
def test_minimising_proposes_as_maximising_the_negative_does(name):
    up, down = started(STOCKS[name]()), started(STOCKS[name](), direction="minimize")
    run(up, 10)
    run(down, 10, sign=-1)
    assert np.allclose(mixtures(up), mixtures(down))


@pytest.mark.parametrize("name", ["tpe", "cma_es"])
def test_they_learn(name):
    study = started(STOCKS[name](), mapping="softmax" if name == "cma_es" else "exponential")
    run(study, 40)
    values = [trial.value for trial in study.trials]
    assert np.mean(values[-10:]) > np.mean(values[:10]) + 0.02


@pytest.mark.parametrize(
    "options", [{}, {"lr_adapt": True}, {"use_separable_cma": True}, {"n_startup_trials": 3}], ids=str
)
def test_cma_es_restores_its_distribution_and_proposes_as_optunas_own_does(options):
    """Softmax latents and CMA-ES seeded alike, once through the simplex and once Optuna's on the box itself."""
    space, box = MixtureSpace(["b", "c", "a"]), LATENTS["softmax"]  # Optuna orders parameters by name
    study = started(optuna.samplers.CmaEsSampler(popsize=4, **options), mapping="softmax", space=space)
    alone = optuna.create_study(direction="maximize", sampler=optuna.samplers.CmaEsSampler(popsize=4, **options))
    for number in range(20):
        trial = study.ask()
        value = -suggest_mixture(trial, space)["a"]
        study.tell(trial, value)
        left = study.trials[-1].user_attrs[STOCK]
        reseed(alone.sampler, study.sampler.seed, number)
        twin = alone.ask()
        latents = [twin.suggest_float(name, box.low, box.high) for name in space.domains]
        assert np.allclose(latents, left["latents"], rtol=0, atol=1e-12)
        alone.tell(twin, value)
    key = "sepcma:generation" if "use_separable_cma" in options else "cma:generation"
    generations = [t.user_attrs[STOCK]["trial"].get(key, -1) for t in study.trials]
    assert generations[-1] >= 3


def test_an_option_of_cma_es_that_is_not_used_is_refused():
    with pytest.raises(StrategyError, match=r"CmaEsSampler\(with_margin=\.\.\.\): .* leave it out"):
        on_simplex(optuna.samplers.CmaEsSampler(with_margin=True), SPACE)


def test_the_shadow_shows_every_trial_under_its_number_and_state():
    study = started(optuna.samplers.TPESampler())
    run(study, 2)
    study.tell(study.ask(), state=TrialState.FAIL)
    running = study.ask()
    suggest_mixture(running, SPACE)
    study.ask()  # it has no weights yet
    study.enqueue_trial({"a": 0.25, "b": 0.25, "c": 0.5, "d": 0.0})
    run(study, 1)
    shadow = study.sampler._shadow(History.of(study, SPACE), 6).study
    states = [TrialState.COMPLETE] * 2 + [TrialState.FAIL] + [TrialState.RUNNING] * 2 + [TrialState.COMPLETE]
    assert [t.state for t in shadow.trials] == [*states, TrialState.RUNNING]
    assert [t.number for t in shadow.trials] == list(range(7))
    assert [len(t.params) for t in shadow.trials] == [4, 4, 0, 4, 0, 4, 0]
    assert [t.value for t in shadow.trials[:2]] == [t.value for t in study.trials[:2]]
    enqueued = np.array(list(shadow.trials[5].params.values()))
    assert np.allclose(LATENTS["exponential"].to_weights(enqueued), [0.25, 0.25, 0.5, 0], atol=1e-15)


def test_constraints_hold():
    space = MixtureSpace(["a", "b", "c", "d"], constraints=["a + b <= 0.5", "c >= d"])
    study = started(STOCKS["tpe"](), space=space)
    run(study, 12, space=space)
    a, b, c, d = np.array(mixtures(study)).T
    assert (a + b <= 0.5 + 1e-9).all() and (c >= d - 1e-9).all()


def test_a_finite_space_is_gone_through_without_repeats():
    space = MixtureSpace(["a", "b", "c"], candidates=np.random.default_rng(0).dirichlet(np.ones(3), 15))
    study = started(STOCKS["random"](), space=space)
    for _ in range(15):
        trial = study.ask()
        study.tell(trial, suggest_mixture(trial, space)["a"])
    assert len(set(mixtures(study))) == 15
    suggest_mixture(study.ask(), space)  # then from the start


def test_the_shadow_study_is_not_announced(caplog):
    study = started(STOCKS["random"]())
    optuna.logging.set_verbosity(optuna.logging.INFO)
    optuna.logging.enable_propagation()
    try:
        run(study, 2)
    finally:
        optuna.logging.disable_propagation()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
    assert "created in memory" not in caplog.text


def test_parallel_asks_differ_under_the_constant_liar():
    study = started(STOCKS["tpe"]())
    run(study, 8)
    asked = [tuple(suggest_mixture(study.ask(), SPACE).values()) for _ in range(3)]
    assert len(set(asked)) == 3


def test_the_seed_decides():
    one, two = started(optuna.samplers.RandomSampler(), seed=1), started(optuna.samplers.RandomSampler(), seed=2)
    run(one, 2)
    run(two, 2)
    assert not set(mixtures(one)) & set(mixtures(two))


@st.composite
def weights(draw):
    shares = np.array(draw(st.lists(st.floats(0, 1), min_size=2, max_size=20)))
    shares[draw(st.integers(0, len(shares) - 1))] += 0.1
    return shares / shares.sum()


@given(weights())
def test_exponential_latents_come_back_exactly(w):
    latents = LATENTS["exponential"].to_latents(w)
    assert ((latents >= 0) & (latents <= 1)).all()
    assert np.abs(LATENTS["exponential"].to_weights(latents) - w).max() < 1e-14


@given(weights())
def test_softmax_latents_come_back_but_for_tiny_weights(w):
    latents = LATENTS["softmax"].to_latents(w)
    assert ((latents >= -4 - 1e-12) & (latents <= 4 + 1e-12)).all()
    clipped = np.maximum(w, w.max() * np.exp(-8))
    assert np.abs(LATENTS["softmax"].to_weights(latents) - clipped / clipped.sum()).max() < 1e-12


@pytest.mark.parametrize("name", LATENTS)
def test_every_point_of_the_box_is_a_mixture(name):
    latents = LATENTS[name]
    corners = np.array(np.meshgrid(*[[latents.low, latents.high]] * 3)).reshape(3, -1).T
    for point in corners:
        w = latents.to_weights(point)
        assert (w >= 0).all() and w.sum() == pytest.approx(1)
