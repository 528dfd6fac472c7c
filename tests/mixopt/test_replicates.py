"""Replicates: kept runs that everything learns from, and that no budget or design counts."""

import json
from dataclasses import replace

import numpy as np
import pytest
from optuna.trial import TrialState

from mixopt.errors import MixoptError, StrategyError
from mixopt.inference.intervals import MOST_REPLICATES, replicates_to_distinguish
from mixopt.inference.recommendation import recommend_from_runs
from mixopt.io.export import trial_rows
from mixopt.models.noise import MeasuredNoise
from mixopt.reporting.plots.strategies import strategies_figure
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.of_designs import ByTest
from mixopt.reporting.report.words import next_step
from mixopt.study.limits import Limits
from mixopt.study.plan import trainer_of
from mixopt.study.replicates import mixture_of, replicate_runs
from mixopt.study.study import Study
from tests.support.running_workers import run_worker
from tests.support.toy_study import toy_data, toy_file

SEEDS = [{"seed": ["single", "all"]}]


def replicated(study, text, seeds):
    return replicate_runs(study, trainer_of(study.spec), mixture_of(study, text), seeds, slots=2)


@pytest.fixture
def study(tmp_path):
    """Four seed trials, `all` the last of them, replicated with the study's own seed and with two others."""
    study = Study.create(toy_file(tmp_path, strategy=SEEDS, budget={"trials": 5}))
    run_worker(study, slots=2)
    replicated(study, "all", [42, 1, 2])
    return study


def test_a_replicate_is_a_finished_trial_and_the_same_run_counts_once(study):
    own, again = study.trials()[:4], study.trial_records()[4:]
    assert {(t.label, t.strategy, t.train_seed) for t in again} == {
        ("all (seed 1)", "replicate", 1),
        ("all (seed 2)", "replicate", 2),
    }
    assert all(t.replicate and t.weights == pytest.approx(dict.fromkeys("abc", 1 / 3)) for t in again)
    assert len({own[3].value, *(t.values["out_score"] for t in again)}) == 3, "each seed has its own score"
    assert all(set(t.evaluations) == {2, 4} and len(t.tests) == 3 for t in again), "with every test at every step"


def test_asked_again_a_replicate_is_neither_trained_nor_counted_again(study):
    logs = {path: path.read_text() for path in study.folder.path.glob("replicates/*/trained.log")}
    results = replicated(study, "all", [2, 42, 1])
    assert len(study.trials()) == 6 and len(results) == 3
    assert {path: path.read_text() for path in study.folder.path.glob("replicates/*/trained.log")} == logs


def test_one_that_was_trained_but_never_told_is_told_when_asked_again(study, monkeypatch):
    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Study, "add_finished", dies)
        replicated(study, "all", [3])
    assert len(study.trials()) == 6
    replicated(study, "all", [3])
    assert study.trial_records()[6].train_seed == 3
    assert [path.read_text() for path in study.folder.path.glob("replicates/*-3/trained.log")] == ["trained\n"]


def test_replicates_count_in_no_budget_and_no_design(study):
    assert study.done == 4 and len(study.own_trials()) == 4 and Limits(study).reached(study.sampler()) is None
    assert not study.history().runs(range(1)).numbers.tolist()[4:], "phases see their own trials alone"
    assert study.history().active_before(6) == 4
    run_worker(study, more=1)
    assert study.done == 5 and study.trial_records()[6].label == "bayes"


def test_models_the_export_and_the_report_see_them(study):
    runs = study.runs()
    assert len(runs) == 6 and runs.mixtures == 4 and len(runs.chosen()) == 4
    noise = MeasuredNoise.of(runs.weights, runs.values)
    assert noise == study.recommend().measured_noise
    assert noise.sd == pytest.approx(np.std(runs.values[3:], ddof=1)) and (noise.mixtures, noise.runs) == (1, 3)
    assert f"{noise.sd:.2g} among 3 runs of 1 mixture" in study.recommend().note
    _, rows = trial_rows(study)
    assert [row["strategy"] for row in rows] == ["seed"] * 4 + ["replicate"] * 2
    assert Facts.of(study).replicates == 2


def test_figures_by_label_average_a_mixture_and_its_replicates(study):
    runs = study.runs()
    assert runs.called("all").tolist() == [False] * 3 + [True] * 3
    assert runs.called("single:a").sum() == 1 and not runs.called("single:z").any()
    every = ByTest(Facts.of(study)).of("all")
    scores = [list(study.trial_records()[n].tests.values()) for n in (3, 4, 5)]
    assert every[:3] == pytest.approx(np.mean(scores, axis=0))


def test_the_box_plot_by_strategy_leaves_them_out(study):
    axes = strategies_figure(study.runs(), "score").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["seed\n(n=4)"]


def test_a_mixture_that_was_never_trained_is_replicated_too(study):
    replicated(study, json.dumps({"a": 0.5, "b": 0.25, "c": 0.25}), [1, 2])
    assert {t.label for t in study.trial_records()[6:]} == {"replicate (seed 1)", "replicate (seed 2)"}
    assert study.runs().mixtures == 5


def test_scores_that_are_declared_exact_are_not_replicated(tmp_path):
    score = {**toy_data()["score"], "deterministic": True}
    study = Study.create(toy_file(tmp_path, strategy=SEEDS, score=score))
    run_worker(study)
    with pytest.raises(StrategyError, match="remove that line to train a mixture again"):
        replicated(study, "all", [1])


def test_after_20_runs_replicates_of_two_mixtures_move_interval_noise_and_advice(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[*SEEDS, {"bayes": {"trials": 16}}]))
    run_worker(study)
    before, advice = study.recommend(), next_step(Facts.of(study))
    for text in (json.dumps(before.weights), "all"):
        replicated(study, text, [1, 2, 3])
    after = study.recommend()
    width = {id(r): r.interval[1] - r.interval[0] for r in (before, after)}
    assert width[id(after)] < width[id(before)]
    assert before.measured_noise is None and after.measured_noise.runs == 7
    off = [abs(np.log(r.noise_sd / after.measured_noise.sd)) for r in (before, after)]
    assert off[1] < off[0]
    assert after.note != before.note and next_step(Facts.of(study)) != advice
    assert len(study.own_trials()) == 20


def test_the_report_asks_for_seeds_that_no_replicate_had(study):
    facts = Facts.of(study)
    certain = replace(facts.recommendation.recommended, beats_uniform=1.0, beats_seeds={})
    surely = replace(facts.recommendation, recommended=certain)
    commands = next_step(replace(facts, recommendation=surely)).commands
    assert [command.split("--seeds ")[1] for command in commands] == ["3,4,5", "3,4"]


def test_how_many_more_runs_would_tell():
    """k more runs of each bring the sd of the gain down to gain / 1.645, after which the 90 % interval ends at 0."""
    gain, sd, noise = 0.1, 0.2, 0.15
    k = replicates_to_distinguish(gain, sd, noise)
    sds = [1 / np.sqrt(1 / sd**2 + n / (2 * noise**2)) for n in (k - 1, k)]
    assert sds[0] > gain / 1.6449 >= sds[1]
    assert replicates_to_distinguish(0.0, sd, noise) == np.inf
    assert replicates_to_distinguish(0.001, sd, noise) > MOST_REPLICATES


def test_runs_of_one_mixture_recommend_nothing(study):
    runs = study.runs()
    with pytest.raises(MixoptError, match="all 3 finished runs train one mixture"):
        recommend_from_runs(study.space, runs.select(runs.numbers >= 3))


def test_every_replicate_is_complete(study):
    assert {trial.state for trial in study.trials()} == {TrialState.COMPLETE}
