"""Samplers: stateless, in phases with barriers, rows freed by failures, every proposal a mixture of the space."""

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from mixopt import (
    BayesSampler,
    HeuristicSampler,
    MixtureSpace,
    PhasedSampler,
    QuadraticSampler,
    RegressionSampler,
    SeedSampler,
    Sequential,
    StrategyError,
    WeightsError,
    on_simplex,
    suggest_mixture,
)
from mixopt.history.history import History
from mixopt.history.keys import LABEL

SPACE = MixtureSpace(["a", "b", "c", "d"], lower={"a": 0.05}, upper={"d": 0.6})


def phased(space=SPACE, extra=0):
    phases = [
        SeedSampler(space),
        HeuristicSampler(space, ["collinearity"]),
        QuadraticSampler(space, 2, "gaussian"),
        QuadraticSampler(space, 2, "cma_es"),
        Sequential(BayesSampler(space), 2),
    ]
    return PhasedSampler(space, [*phases, Sequential(BayesSampler(space), extra)] if extra else phases)


def score(weights):
    w = np.array(list(weights.values()))
    return float(-((w - [0.1, 0.2, 0.3, 0.4]) ** 2).sum())


def run(study, space, count):
    for _ in range(count):
        trial = study.ask()
        weights = suggest_mixture(trial, space)
        assert space.contains(np.array(list(weights.values())), atol=1e-6)
        for name in ("in_score", "out_score"):
            trial.set_user_attr(name, score(weights))
        study.tell(trial, score(weights))


def mixtures(study):
    return [tuple(t.params.values()) for t in study.trials]


def test_a_phased_study_repeats_and_a_plain_optuna_study_holds_it():
    spaces = [MixtureSpace(SPACE.domains) for _ in range(2)]
    studies = [optuna.create_study(direction="maximize", sampler=phased(space)) for space in spaces]
    for study, space in zip(studies, spaces, strict=True):
        run(study, space, 16)
    assert mixtures(studies[0]) == mixtures(studies[1])
    assert [t.user_attrs["phase"] for t in studies[0].trials] == [0] * 9 + [1] + [2] * 2 + [3] * 2 + [4] * 2
    with pytest.raises(StrategyError, match="complete"):
        run(studies[0], spaces[0], 1)
    studies[0].sampler = phased(spaces[0], extra=1)
    run(studies[0], spaces[0], 1)
    assert studies[0].trials[-1].user_attrs["strategy"] == "model-based"


def test_minimising_proposes_as_maximising_the_negative_does():
    space = MixtureSpace(SPACE.domains)
    up = optuna.create_study(direction="maximize", sampler=BayesSampler(space))
    down = optuna.create_study(direction="minimize", sampler=BayesSampler(space))
    for _ in range(5):
        for study, sign in ((up, 1), (down, -1)):
            trial = study.ask()
            study.tell(trial, sign * score(suggest_mixture(trial, space)))
    assert mixtures(up) == mixtures(down)


def test_bounds_hold_in_every_phase():
    sampler = PhasedSampler(
        SPACE,
        [SeedSampler(SPACE), QuadraticSampler(SPACE, 3, "cma_es"), Sequential(BayesSampler(SPACE), 2)],
    )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    run(study, SPACE, sampler.planned)
    assert all(t.params["a"] >= 0.05 - 1e-9 and t.params["d"] <= 0.6 + 1e-9 for t in study.trials)


def test_the_end_of_a_phase_is_a_barrier():
    space = MixtureSpace(SPACE.domains)
    study = optuna.create_study(direction="maximize", sampler=phased(space))
    run(study, space, 8)
    last = study.ask()
    suggest_mixture(last, space)
    position = study.sampler.position(History.of(study, space))
    assert position.blocked and position.phase == 1
    with pytest.raises(StrategyError, match="waits for trials"):
        suggest_mixture(study.ask(), space)


def test_a_failed_trial_frees_its_row_and_a_row_that_fails_twice_is_given_up():
    space = MixtureSpace(SPACE.domains)
    sampler = PhasedSampler(space, [SeedSampler(space, ["single"])])
    study = optuna.create_study(sampler=sampler)
    labels = []
    for _ in range(8):
        if sampler.position(History.of(study, space)) is None:
            break
        trial = study.ask()
        suggest_mixture(trial, space)
        label = study.trials[-1].user_attrs[LABEL]
        labels.append(label)
        study.tell(trial, state=TrialState.FAIL) if label == "single:b" else study.tell(trial, 1.0)
    assert labels == ["single:a", "single:b", "single:b", "single:c", "single:d"]


def test_a_heuristic_without_its_design_is_skipped_with_a_reason():
    space = MixtureSpace(SPACE.domains)
    phases = [SeedSampler(space, ["single", "all"]), HeuristicSampler(space, ["leave_one_out", "alpha_out"])]
    sampler = PhasedSampler(space, phases)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    with pytest.warns(UserWarning, match="leave_one_out is skipped"):
        run(study, space, 6)
    assert study.trials[-1].user_attrs[LABEL] == "alpha_out"
    assert sampler.position(History.of(study, space)) is None


def test_heuristics_without_the_papers_designs_are_skipped_with_a_reason():
    space = MixtureSpace(SPACE.domains)
    sampler = PhasedSampler(space, [SeedSampler(space, [{"space_filling": 4}]), HeuristicSampler(space)])
    study = optuna.create_study(direction="maximize", sampler=sampler)
    run(study, space, 4)
    with pytest.warns(UserWarning, match="is skipped: no seed run"):
        assert sampler.position(History.of(study, space)) is None


def test_a_seed_budget_counts_own_mixtures():
    own = {"mine": dict(zip(SPACE.domains, (0.25, 0.25, 0.3, 0.2)))}
    assert SeedSampler(SPACE, ["single", "all"], own, budget=3).size == 3
    with pytest.raises(StrategyError, match="leaves no room"):
        SeedSampler(SPACE, ["single", "all"], own, budget=1)


def test_bayes_keeps_away_from_pending_trials_and_repeats_nothing():
    space = MixtureSpace(SPACE.domains)
    study = optuna.create_study(direction="maximize", sampler=BayesSampler(space, seed=3))
    run(study, space, 6)
    pending = [tuple(suggest_mixture(study.ask(), space).values()) for _ in range(3)]
    gaps = [np.abs(np.subtract(p, q)).sum() for i, p in enumerate(pending) for q in pending[:i]]
    assert min(gaps) > 0.01


def test_bayes_finds_the_optimum_of_a_concave_score():
    space = MixtureSpace(SPACE.domains)
    study = optuna.create_study(direction="maximize", sampler=BayesSampler(space))
    run(study, space, 20)
    assert study.best_value > -0.01


MADE_FOR_ONE = {
    "quadratic": QuadraticSampler(SPACE),
    "regression": RegressionSampler(SPACE, "linear"),
    "stock": on_simplex(optuna.samplers.RandomSampler(), SPACE),
    "bayes with early ends": BayesSampler(SPACE, steps=[20, 80]),
    "a batch phase": PhasedSampler(SPACE, [SeedSampler(SPACE), QuadraticSampler(SPACE)]),
    "a sequential phase": PhasedSampler(SPACE, [SeedSampler(SPACE), Sequential(RegressionSampler(SPACE, "linear"), 2)]),
}


@pytest.mark.parametrize("sampler", MADE_FOR_ONE.values(), ids=MADE_FOR_ONE)
def test_samplers_made_for_one_objective_refuse_several_before_anything_is_trained(sampler):
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    with pytest.raises(StrategyError, match="the study has 2 objectives and this sampler is made for one: search with"):
        suggest_mixture(study.ask(), SPACE)


def test_seeds_heuristics_and_bayes_serve_several_objectives():
    space = MixtureSpace(SPACE.domains)
    phases = [SeedSampler(space), HeuristicSampler(space, ["collinearity"]), Sequential(BayesSampler(space), 2)]
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=PhasedSampler(space, phases))
    for _ in range(12):
        trial = study.ask()
        weights = suggest_mixture(trial, space)
        trial.set_user_attr("out_score", score(weights))
        study.tell(trial, [score(weights), weights["a"]])
    assert [trial.user_attrs[LABEL] for trial in study.trials[9:]] == ["collinearity", "bayes", "bayes"]


def test_enqueued_weights_are_validated():
    study = optuna.create_study(sampler=BayesSampler(SPACE))
    study.enqueue_trial({"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25})
    assert suggest_mixture(study.ask(), SPACE) == {"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}
    study.enqueue_trial({"a": 1.0, "b": 0.5, "c": 0.5, "d": 0.5})
    with pytest.raises(WeightsError, match=r"outside its bounds|sum to"):
        suggest_mixture(study.ask(), SPACE)
    study.enqueue_trial({"a": 1.0})
    with pytest.raises(WeightsError):
        trial = study.ask()
        suggest_mixture(trial, SPACE)


def test_a_study_whose_sampler_knows_of_no_mixtures_is_told_which_do():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    with pytest.raises(WeightsError, match=r"sampler is RandomSampler.*sampler=mixopt\.BayesSampler\(space\)"):
        suggest_mixture(study.ask(), MixtureSpace(["a", "b", "c"]))
