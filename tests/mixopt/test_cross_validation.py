"""Surrogates on runs they have not seen: what is right wins, noise is called noise, and nothing crashes."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, strategies as st
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial
from typer.testing import CliRunner

from mixopt import StrategyError
from mixopt.cli.app import app
from mixopt.cli.model_comparison import verdict
from mixopt.models import SURROGATES, surrogate_named
from mixopt.models.cross_validation import compare, folds, validate
from mixopt.models.mixing_law import MixingLawSurrogate
from mixopt.models.scheffe import ScheffeSurrogate
from mixopt.study.study import Study
from tests.support.synthetic_objectives import Quadratic
from tests.support.toy_study import toy_file

QUICK = ["linear", "quadratic", "scheffe", "mixing_law"]


def mixtures(n, m=4, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(m), n)


def noise(n, seed=1):
    return np.random.default_rng(seed).normal(size=n)


# -- Scheffé's quadratic and the mixing law


def test_scheffe_recovers_a_quadratic_and_gives_its_coefficients():
    weights = mixtures(60)
    values = weights @ [0.1, 0.4, 0.2, 0.3] + 0.8 * weights[:, 0] * weights[:, 1] + 1e-3 * noise(60)
    fit = ScheffeSurrogate().fit(weights, values)
    assert fit.linear == pytest.approx([0.1, 0.4, 0.2, 0.3], abs=0.1)
    assert fit.interactions[0, 1] == pytest.approx(0.8, abs=0.25)
    assert np.abs(fit.predict(weights)[0] - values).max() < 0.01
    mean = weights @ fit.linear + np.einsum("ni,ij,nj->n", weights, fit.interactions, weights)
    assert np.allclose(mean, fit.predict(weights)[0])


def test_scheffe_holds_back_with_fewer_runs_than_terms():
    """8 runs for 21 terms, pure noise: the prediction stays near the mean, and says that it does not know."""
    weights, values = mixtures(8, m=6), noise(8)
    mean, sd = ScheffeSurrogate().fit(weights, values).predict(np.eye(6))
    assert np.abs(mean - values.mean()).max() < 3 * values.std() and sd.min() > 0.3 * values.std()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_mixing_law_recovers_itself(sign):
    weights, t = mixtures(60), np.array([0.5, -1.0, 1.5, 0.0])
    values = 2 + sign * np.exp(weights @ t) + 0.01 * noise(60)
    fit = MixingLawSurrogate().fit(weights, values)
    elsewhere = mixtures(100, seed=3)
    truth = 2 + sign * np.exp(elsewhere @ t)
    mean, sd = fit.predict(elsewhere)
    assert fit.sign == sign and np.corrcoef(mean, truth)[0, 1] > 0.995
    assert fit.constant + sign * np.exp(elsewhere @ fit.exponents) == pytest.approx(mean)
    assert (sd > 0).all() and fit.noise_sd == pytest.approx(0.01, rel=2)


@pytest.mark.parametrize("name", ["scheffe", "mixing_law"])
def test_intervals_cover_the_noise_free_score(name):
    covered = []
    for seed in range(8):
        objective, weights = Quadratic.random(4, seed), mixtures(30, seed=seed)
        truth = objective(weights)
        fit = surrogate_named(name).fit(weights, truth + 0.5 * truth.std() * noise(30, seed))
        elsewhere = mixtures(200, seed=99)
        mean, sd = fit.predict(elsewhere)
        covered.append(np.mean(np.abs(mean - objective(elsewhere)) < 1.645 * np.hypot(sd, fit.noise_sd)))
    assert np.mean(covered) > 0.8


@pytest.mark.filterwarnings("ignore:all 12 runs score the same")
@pytest.mark.parametrize("name", SURROGATES)
def test_every_surrogate_commutes_with_units_takes_constant_scores_and_refuses_nan(name):
    weights = mixtures(12, m=3)
    values = weights @ [0.1, 0.5, 0.3] + 0.02 * noise(12)
    mean, sd = surrogate_named(name).fit(weights, values).predict(mixtures(5, m=3, seed=2))
    mean_in_percent, sd_in_percent = surrogate_named(name).fit(weights, 100 * values).predict(mixtures(5, 3, 2))
    assert mean_in_percent == pytest.approx(100 * mean, rel=1e-2) and sd_in_percent == pytest.approx(100 * sd, rel=5e-2)
    constant, sd = surrogate_named(name).fit(weights, np.full(12, 0.3)).predict(mixtures(5, m=3, seed=2))
    assert constant == pytest.approx(0.3, abs=0.05 if name == "botorch" else 1e-9) and np.isfinite(sd).all()
    values[3] = np.nan
    with pytest.raises(StrategyError):
        surrogate_named(name).fit(weights, values)
    with pytest.raises(StrategyError):
        surrogate_named(name).fit(weights[:0], values[:0])


@pytest.mark.parametrize("name", SURROGATES)
def test_a_fitted_model_never_changes(name):
    """Neither by another fit of the same surrogate nor from outside."""
    surrogate, at = surrogate_named(name), mixtures(5, m=3, seed=2)
    weights, values = mixtures(12, m=3), noise(12)
    fitted = surrogate.fit(weights, values)
    before = fitted.predict(at)
    surrogate.fit(weights, -values)
    assert all((one == other).all() for one, other in zip(before, fitted.predict(at)))
    with pytest.raises(FrozenInstanceError):
        fitted.sd = 1.0


def test_an_unknown_surrogate_is_refused():
    with pytest.raises(StrategyError, match="no surrogate 'forest': choose one of linear, quadratic"):
        surrogate_named("forest")


# -- cross-validation


@given(st.integers(2, 60), st.integers(0, 5))
def test_replicates_stay_in_one_fold_and_folds_repeat(n, copies):
    weights = mixtures(n, seed=n)
    weights = np.vstack([weights, weights[:copies]])
    fold = folds(weights)
    assert (fold == folds(weights)).all() and (fold[n:] == fold[: min(copies, n)]).all()
    assert len(set(fold)) == (n if len(weights) <= 30 else min(10, n))
    assert set(fold) == set(range(fold.max() + 1))


def test_what_generated_the_runs_wins():
    weights = mixtures(40, m=3)
    values = 20 * weights[:, 0] * weights[:, 1] + 0.2 * noise(40)
    comparison = compare(weights, values, QUICK)
    assert comparison.ranked[0].name in ("scheffe", "quadratic") and comparison.ranked[0].r2 > 0.9
    assert "linear" not in comparison.tied_with_best()
    assert comparison.ranked[0].coverage > 0.75 and comparison.ranked[0].rank > 0.9
    assert comparison.behind[comparison.ranked[0].name] == (0, 0)
    assert "Trust " + comparison.ranked[0].name in verdict(comparison, 40)[0]


def test_noise_is_called_noise():
    comparison = compare(mixtures(24), noise(24), ["linear", "scheffe"])
    assert comparison.ranked[0].r2 <= 0.1
    worst = compare(mixtures(24), noise(24), ["linear"])
    assert worst.ranked[0].r2 < 0 and "Trust none of them" in verdict(worst, 24)[0]


def test_who_cannot_be_fitted_says_why_and_constant_scores_do_not_crash():
    comparison = compare(mixtures(5), noise(5), QUICK)
    assert "needs 5 runs, got 4" in comparison.unfit["linear"]
    flat = compare(mixtures(12), np.full(12, 0.3), QUICK)
    assert np.isnan(flat.ranked[0].r2) and flat.ranked[0].coverage == 1
    assert "do not vary" in verdict(flat, 12)[-1]
    assert "too few" in verdict(compare(mixtures(2), noise(2), ["linear"]), 2)[-1]


def test_runs_that_cannot_be_held_out_are_refused():
    with pytest.raises(StrategyError, match="two different mixtures"):
        compare(np.full((3, 2), 0.5), noise(3), ["linear"])
    w, bad = mixtures(3), np.array([0, np.inf, 1])
    with pytest.raises(StrategyError, match="value inf: drop that run"):
        validate("linear", lambda rows: surrogate_named("linear").fit(w[rows], bad[rows]), w, bad)


# -- the command


def test_the_command_compares_all_on_a_study(tmp_path):
    study = Study.create(toy_file(tmp_path))
    box = dict.fromkeys("abc", FloatDistribution(0, 1))
    for w in mixtures(8, m=3).tolist():
        params = dict(zip("abc", w, strict=True))
        study.optuna.add_trial(create_trial(params=params, distributions=box, value=w[0]))
    said = CliRunner().invoke(app, ["surrogate", "compare", "toy"], env={"COLUMNS": "120"})
    assert said.exit_code == 0, said.output
    assert "8 runs over 3 domains" in said.output and "Trust " in said.output


def test_the_command_compares_all_on_a_table(tmp_path):
    weights = mixtures(12, m=3)
    values = weights[:, 0] + 0.01 * noise(12)
    path = tmp_path / "runs.csv"
    rows = [",".join(map(str, [*w, v])) for w, v in zip(weights.tolist(), values.tolist())]
    path.write_text("\n".join(["w:a,w:b,w:c,loss", *rows]))
    arguments = ["surrogate", "compare", "--csv", str(path), "--value", "loss", "--minimize"]
    said = CliRunner().invoke(app, arguments, env={"COLUMNS": "120"})
    assert said.exit_code == 0, said.output
    assert all(name in said.output for name in SURROGATES)
    assert "12 runs over 3 domains" in said.output and "Trust " in said.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give one of them: the name of a study, or --csv"),
        (["toy", "--csv", "runs.csv"], "give one of them"),
        (["--csv", "runs.csv"], "give --value COLUMN"),
        (["--csv", "nowhere.csv", "--value", "y"], "nowhere.csv: cannot be read"),
        (["nobody"], "there is no study 'nobody'"),
    ],
)
def test_bad_input_names_the_mend(arguments, said, tmp_path):
    result = CliRunner().invoke(app, ["surrogate", "compare", *arguments], env={"MIXOPT_HOME": str(tmp_path)})
    assert result.exit_code != 0 and said in str(result.exception)
