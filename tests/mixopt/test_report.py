"""The report: one file for itself, the same every time, frank about what is missing."""

import json
import re
import shlex
import time
from dataclasses import replace

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState, create_trial
from typer.main import get_command

from mixopt.cli.app import app
from mixopt.history.keys import IMPORTED
from mixopt.io.manual import ask_manual, tell_manual
from mixopt.reporting.report import report
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.of_surrogate import interaction_excess
from mixopt.reporting.report.sections import sections
from mixopt.reporting.report.words import next_step
from mixopt.study.pruning import Pruning
from mixopt.study.study import Study
from tests.support.command_line import mixopt
from tests.support.simulated_study import simulated_study
from tests.support.synthetic_objectives import Known, Quadratic, simplex
from tests.support.toy_study import bare_study, toy_file

ALL = (
    "tests alone without effects seeds strategies mixtures fits unseen convergence slices interactions front draws cost"
).split()
PLANNED = [{"seed": ["single", "exclude_one", "all"]}, {"bayes": {"trials": 15}}]


def plain(text):
    """What a reader sees."""
    return " ".join(re.sub(r"<[^>]*>", "", text).split())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The report of a study that has everything, over four domains."""
    study = simulated_study(tmp_path_factory.mktemp("page"), domains=4, trials=24, strategy=PLANNED)
    return report(study), study


def test_it_refers_to_nothing_outside_itself(page):
    text = page[0].replace("http://www.w3.org/1999/xlink", "").replace("http://www.w3.org/2000/svg", "")
    assert "//" not in re.sub(r"^// .*$", "", text, flags=re.MULTILINE)
    assert not re.findall(r"\b(?:src|srcset|@import)\b", text)


def test_the_same_study_gives_the_same_file(page):
    assert report(Study.open("toy", page[1].folder.path)) == page[0]


def test_everything_is_there_once_and_has_its_anchor(page):
    ids = re.findall(r'\sid="([^"]*)"', page[0])
    assert len(ids) == len(set(ids))
    assert {"recommendation", *ALL, "trials"} <= set(ids) and "left-out" not in ids
    assert set(re.findall(r'href="#([^"]*)"', page[0])) <= set(ids)
    assert page[0].count("<svg") == len(ALL)


def test_its_sentences_are_about_this_study(page):
    facts = Facts.of(page[1])
    words = {section.key: section.words for section in sections(facts)}
    best = facts.recommendation.best_trained
    assert f"Trial {best.number}, the best one trained" in words["tests"]
    assert f"is that of trial {best.number}: {best.mean:.3f}" in words["convergence"]
    assert f"{len(facts.runs)} runs took" in words["cost"] and "No domain ran out" in words["draws"]
    assert f"{facts.recommendation.mean:.4f}" in page[0] and facts.recommendation.note in page[0]


def shown(study):
    """The section of Figure 3."""
    return next(section for section in sections(Facts.of(study)) if section.key == "tests")


def told_base(folder, scores=None, **changes):
    study = simulated_study(folder, domains=4, **{"trials": 24, "strategy": PLANNED, **changes})
    study.tell_base(scores or {test: 0.1 for test in study.spec.tests.sizes})
    return study


def test_before_and_after_are_the_base_model_and_the_best_trained(tmp_path, page):
    study = told_base(tmp_path)
    section, facts = shown(study), Facts.of(study)
    best = facts.recommendation.best_trained.number
    legend = [text.get_text() for text in section.figure.legends[0].get_texts()]
    assert legend[-2:] == [f"trial {best}, best trained", "base model"] and "recommended, predicted (90 %)" in legend
    after = [facts.trials[best].tests[test] for test in study.spec.tests.sizes]
    assert f"is above the base model on {sum(score > 0.1 for score in after)} of 7 tests" in section.words
    assert f"({max(after) - 0.1:+.3f})" in section.words and "not known" not in section.words
    assert "base model's scores by test are not known" in shown(page[1]).words
    gain = facts.recommendation.mean - study.base.values["out_score"]
    text = plain(report(study))
    assert f"gain over the base model {gain:+.4f}" in text and "gain over the base model" not in plain(page[0])


def test_all_domains_evenly_stands_between_unless_it_is_the_best(tmp_path):
    study = told_base(tmp_path)
    facts = Facts.of(study)
    is_best = facts.trials[facts.recommendation.best_trained.number].label == "all"
    series = [line.get_label() for line in shown(study).figure.axes[0].lines]
    assert ("all domains evenly" in series) != is_best


@pytest.mark.parametrize("maximize", ["out_score", ["in_score", "out_score"]])
def test_with_the_base_model_all_domains_evenly_is_enough(tmp_path, maximize):
    """As the paper's Figure 3, which knows no recommendation: with several objectives, or before it has runs enough."""
    if maximize == "out_score":
        study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]), tmp_path / "study")
        asked = ask_manual(study)
        tell_manual(study, asked.number, {"a_test": 0.4, "x": 0.2, "y": 0.3})
        study.tell_base({"a_test": 0.1, "x": 0.1, "y": 0.3})
        assert "All domains evenly is above the base model on 2 of 3 tests" in shown(study).words
    else:
        study = told_base(tmp_path, score={"maximize": maximize, "steps": [2, 4]}, strategy=[{"bayes": {"trials": 24}}])
        assert "All domains evenly is above the base model on 7 of 7 tests" in shown(study).words


def test_a_base_model_that_is_known_in_part_is_not_drawn(tmp_path):
    section = shown(told_base(tmp_path, {"out_score": 0.3}))
    assert "base model" not in [line.get_label() for line in section.figure.axes[0].lines]
    assert "gain over the base model" in plain(report(Study.open("toy", tmp_path / "study")))


def test_colours_are_the_pages_and_text_is_text(page):
    figures = "".join(re.findall(r"<svg.*?</svg>", page[0], flags=re.DOTALL))
    assert set(re.findall(r"#[0-9a-f]{6}\b", figures)) == set()
    assert ">out-score minus that of all domains evenly</text>" in figures and "<image" not in figures


def test_what_people_and_trainers_write_is_escaped(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=3)
    trial = create_trial(
        state=TrialState.FAIL,
        user_attrs={"label": "<b>größer</b>", "reason": "<script>alert(1)</script>", "log_tail": "Æ <i>tail</i> $x$"},
    )
    study.optuna.add_trial(trial)
    text = report(study)
    assert "&lt;b&gt;größer&lt;/b&gt;" in text and "&lt;script&gt;alert(1)" in text and "Æ &lt;i&gt;tail" in text
    assert text.count("<script>") == 1 and '<a href="#failed">1 failed</a>' in text


@pytest.mark.parametrize("trials", [0, 2])
def test_too_few_runs_are_shown_and_said_to_be_too_few(tmp_path, trials):
    text = plain(report(simulated_study(tmp_path, domains=3, trials=trials, draws=False)))
    assert text.count("finished runs are too few to recommend from") == 1
    assert "finished runs are too few for a surrogate" in text
    assert "No run reports its draws" in text and "mixopt study resume toy" in text


def test_several_objectives_have_a_front_for_a_recommendation(tmp_path):
    score = {"maximize": ["in_score", "out_score"], "steps": [2, 4]}
    study = simulated_study(tmp_path, domains=3, trials=12, score=score, strategy=[{"bayes": {"trials": 12}}])
    text = report(study)
    assert "there is no one best mixture" in plain(text) and "Front of the objectives" in text
    assert 'id="slices-in_score"' in text and 'id="slices-out_score"' in text
    assert "With several objectives there is no single best mixture" in text


def test_bounds_constraints_and_candidates_are_kept_to(tmp_path):
    domains = {"a": {"size": 9, "upper": 0.6}, "b": {"size": 9, "lower": 0.1}, "c": {"size": 9}}
    changes = {"domains": domains, "constraints": ["c <= 0.5"], "tests": {"in": {"t": 9}, "out": {"u": 9}}}
    study = Study.create(toy_file(tmp_path, **changes), tmp_path / "study")
    weights = study.space.sample(12, np.random.default_rng(0))
    distributions = {name: optuna.distributions.FloatDistribution(0, 1) for name in "abc"}
    for row in weights:
        study.optuna.add_trial(
            create_trial(
                params=study.space.as_dict(row), distributions=distributions, value=float(row[0] - row[1] ** 2)
            )
        )
    shown = {section.key: section for section in sections(Facts.of(study))}
    panels = shown["slices"].figure.axes[:3]
    ends = [panel.lines[0].get_xdata()[[0, -1]] / 100 for panel in panels]
    assert all(
        low >= least - 1e-9 and high <= most + 1e-9
        for (low, high), least, most in zip(ends, [0, 0.1, 0], [0.6, 1, 0.5])
    )
    assert "as much of it as the space allows" in shown["interactions"].words
    assert shown["tests"].figure is None and shown["cost"].words == "No run reports how long it took."


def test_interactions_are_the_excess_of_the_even_blend():
    """Of level - (w - best)'C(w - best) it is (C_ii + C_jj - 2 C_ij) / 4, wherever the best is."""
    objective = Quadratic.random(4, 0)

    class Sure(Known):
        def joint(self, weights):
            return self.objective(weights), np.zeros((len(weights), len(weights)))

    excess, sds = interaction_excess(simplex(4), Sure(objective))
    c = objective.curvature
    i, j = np.triu_indices(4, k=1)
    assert excess[i, j] == pytest.approx((c[i, i] + c[j, j] - 2 * c[i, j]) / 4)
    assert not sds.any() and not np.tril(excess).any()


def test_what_to_run_next_follows_from_the_recommendation(page, tmp_path):
    facts = Facts.of(page[1])
    step = next_step(facts)
    assert all(command.startswith("mixopt study ") for command in step.commands)
    unfinished = simulated_study(tmp_path, domains=4, trials=20, strategy=PLANNED)
    assert next_step(Facts.of(unfinished)).commands == ("mixopt study resume toy",)


def test_every_command_of_what_to_run_next_is_one_of_a_study_with_a_backend(page, monkeypatch):
    words = set()
    for step in steps_of(page[1], monkeypatch):
        for command in step.commands:
            _, _, word, *arguments = shlex.split(command)
            get_command(app).commands["study"].commands[word].make_context(word, arguments)
            words.add(word)
    assert words == {"resume", "replicate", "train"}
    assert step.commands[-1] == "mixopt study train toy --seeds 1,2"


def test_a_study_without_a_backend_is_not_told_of_commands_that_train(page, monkeypatch):
    steps = list(steps_of(page[1], monkeypatch, backend=None))
    assert {shlex.split(command)[2] for step in steps for command in step.commands} == {"ask", "tell"}
    assert [step.commands for step in steps[-2:]] == [(), ()]
    assert all("by hand with another training seed" in step.why for step in steps[-2:])


def beating(recommendation, uniform, seeds):
    """The recommendation with other probabilities."""
    found = replace(recommendation.recommended, beats_uniform=uniform, beats_seeds=seeds)
    return replace(recommendation, recommended=found)


def steps_of(study, monkeypatch, **changes):
    """What to run next in every case: trials left, too few of them, unexplored, a rival, none."""
    facts = Facts.of(study)
    facts = replace(facts, left=0, spec=facts.spec.model_copy(update=changes))
    surely = beating(facts.recommendation, 1.0, {"all": 1.0})
    rivalled = replace(facts, recommendation=beating(surely, 0.5, {"single:domain_0": 0.5}))
    yield next_step(replace(facts, left=3))
    yield next_step(replace(facts, recommendation=None))
    for unexplored in (True, False):
        monkeypatch.setattr("mixopt.reporting.report.words._unexplored", lambda _, said=unexplored: said)
        yield next_step(rivalled)
    yield next_step(replace(facts, recommendation=surely))


@pytest.mark.parametrize("score", [{"steps": [4]}, {"steps": [2, 4], "use": "mean"}])
def test_a_study_told_by_hand_can_be_told_by_the_commands_of_its_report_alone(tmp_path, score):
    study = bare_study(tmp_path, score=score, strategy=[{"bayes": {"trials": 2}}])
    tests = {"a_test": 0.1, "x": 0.2, "y": 0.3}
    (tmp_path / "scores.json").write_text(json.dumps({step: tests for step in score["steps"]}))
    for _ in range(4):  # two of the strategy, one to add, and that one is told
        for command in next_step(Facts.of(study)).commands:
            said = command.replace("SCORE", "0.5").replace("scores.json", str(tmp_path / "scores.json"))
            mixopt(*shlex.split(said)[1:], "--folder", study.folder.path)
    assert study.done == 3


def test_a_trial_that_waits_to_be_told_comes_first(tmp_path):
    study = bare_study(tmp_path)
    ask_manual(study)
    assert next_step(Facts.of(study)).commands == (
        "mixopt study tell toy 0 --score a_test=SCORE --score x=SCORE --score y=SCORE",
    )


@pytest.mark.parametrize("finished", [0, 5])
@pytest.mark.parametrize("maximize", ["out_score", ["in_score", "out_score"]])
def test_a_trial_that_was_pruned_before_it_had_a_score_is_shown_without(tmp_path, finished, maximize):
    score = {"steps": [4], "maximize": maximize}
    study = bare_study(tmp_path, score=score, strategy=[{"bayes": {"trials": 15}}])
    for score in np.linspace(0.1, 0.5, finished):
        tell_manual(study, ask_manual(study).number, {"a_test": 1 - score, "x": score, "y": score})
    number = ask_manual(study).number
    Pruning(study).end(number)
    text = plain(report(study))
    assert f"{finished} of 15 trained, 1 ended early" in text and "ended early" in text.partition("All trials")[2]
    row = mixopt("study", "export", "toy", "--folder", study.folder.path).splitlines()[-1]
    assert row.startswith(f"{number},pruned,") and ",,,,,,0,pruned," in row


def test_imported_runs_are_counted_apart(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=4, strategy=[{"bayes": {"trials": 9}}])
    old = study.trials()[0]
    for _ in range(2):
        study.optuna.add_trial(create_trial(**{**kept(old), "user_attrs": {**old.user_attrs, IMPORTED: True}}))
    assert "2 imported, 4 of 9 trained; 3 domains, 7 tests;" in plain(report(study))


def kept(trial):
    return {key: getattr(trial, key) for key in ("params", "distributions", "value")}


def test_two_domains_and_one_test_have_no_least_beside_the_most(tmp_path):
    study = bare_study(tmp_path, domains={"a": {}, "b": {}}, tests={"out": {"x": 9}})
    for score in (0.1, 0.5, 0.3):
        tell_manual(study, ask_manual(study).number, {"x": score})
    assert "2 domains, 1 test;" in plain(report(study))
    words = {section.key: section.words for section in sections(Facts.of(study))}
    assert "least" not in words["slices"] and "along each" in words["slices"]
    assert "smallest" not in words["interactions"] and "a with b" in words["interactions"]


def test_few_trials_have_whole_numbers(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=4)
    for section in sections(Facts.of(study)):
        if section.key in ("convergence", "cost"):
            ticks = section.figure.axes[-1].get_xticks()
            assert (ticks == ticks.round()).all()


@pytest.mark.slow
def test_two_hundred_trials_over_seventeen_domains(tmp_path):
    study = simulated_study(tmp_path, domains=17, trials=200)
    began = time.process_time()
    text = report(study)
    assert time.process_time() - began < 20, "seconds of one core"
    assert len(text.encode()) < 5e6
