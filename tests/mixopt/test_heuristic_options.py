"""Heuristics with options: without a domain, from the mean or the last scores, and the paper's study with all 20."""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest
import yaml

from mixopt import suggest_mixture
from mixopt.cli.plan_summary import plan_lines
from mixopt.designs.heuristic_options import Heuristic, part_without
from mixopt.designs.heuristics import ALPHAS, HEURISTICS, alpha, even_runs, leave_one_out
from mixopt.errors import MissingError, SpaceError, StrategyError, StudyFileError
from mixopt.history.history import History
from mixopt.history.scores import Scoring
from mixopt.io.manual import ask_manual, tell_manual
from mixopt.samplers.heuristic import HeuristicSampler
from mixopt.samplers.phased import PhasedSampler
from mixopt.samplers.seed import SeedSampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.plan import checked_spec, phased_sampler
from mixopt.study.replicates import mixture_of
from mixopt.study.spec import read_spec
from mixopt.study.study import Study
from mixopt.trainers.contract import Result
from rlvr_backend.options import Options
from tests.support import modomodo
from tests.support.command_line import refusal
from tests.support.toy_study import bare_study, toy_file

FIVE = list(HEURISTICS)
SEEDS = {"seed": ["single", "exclude_one", "all"]}
TABLE = modomodo.seed_runs()
PAPER = Path(__file__).parents[2] / "studies" / "modomodo.yaml"
# of the seed runs without COCO; those of the alpha family hold for every alpha_single above 0, and whatever the
# in-score of 2345 is, which cannot be read: it is the one run on several domains and counts alike for all
WITHOUT_COCO = {
    "alpha_in": (0, 0.4381, 0.0891, 0, 0.4728),
    "alpha_out": (0, 0, 0.4192, 0.5463, 0.0345),
    "alpha_balanced": (0, 0.2349, 0.2422, 0.2534, 0.2695),
    "collinearity": (0, 0.2089, 0.2778, 0.2987, 0.2146),
    "leave_one_out": (0, 0.2887, 0.2028, 0.3390, 0.1695),
}


def supposing(in_score):
    """Table 2's seed runs, were the illegible in-score this."""
    return replace(TABLE, in_scores=np.where(np.isnan(TABLE.in_scores), in_score, TABLE.in_scores))


@pytest.mark.parametrize("in_score", [0.2, 0.53])
@pytest.mark.parametrize("alpha_single", [0.1, 1.0])
@pytest.mark.parametrize("name", FIVE)
def test_without_coco_weights_follow_from_table_2(name, alpha_single, in_score):
    single = alpha_single if name in ALPHAS else 1.0
    weights = Heuristic(name, ("COCO",), alpha_single=single).weights(supposing(in_score))
    assert weights == pytest.approx(WITHOUT_COCO[name], abs=6e-5) and TABLE.space.contains(weights)


def test_what_was_computed_by_hand_without_coco():
    """alpha_out: of the singles .4219 .4753 .4915 .4263, 2345 adding the same to all; leave_one_out: of the others'."""
    singles, others = np.array([0.4219, 0.4753, 0.4915, 0.4263]), np.array([0.4783, 0.4889, 0.4721, 0.493])
    out = (singles - singles.min()) / np.ptp(singles)
    assert WITHOUT_COCO["alpha_out"][1:] == pytest.approx(out / out.sum(), abs=6e-5)
    norm = 0.2 - 0.1 * (others - others.min()) / np.ptp(others)
    assert WITHOUT_COCO["leave_one_out"][1:] == pytest.approx(norm / norm.sum(), abs=6e-5)


def test_table_2_says_how_coco_was_left_out():
    """A_out without COCO learned no LISA and A_in no SAT; from all seed runs neither would have had exactly 0."""
    rows = [row for row in modomodo.rows() if row["group"].startswith("heuristic")]
    for name, test, domain in (("A_out", "lisa", 1), ("A_in", "sat", 3)):
        mine = [row for row in rows if row["experiment"] == name and row["group"] == "heuristic_without_coco"]
        most = max(float(row[test]) for row in mine)
        assert len(mine) == 2 and most + 0.1 < min(float(row[test]) for row in rows if row not in mine)
        heuristic = "alpha_out" if name == "A_out" else "alpha_in"
        assert WITHOUT_COCO[heuristic][domain] == 0
        for single in np.linspace(0, 1, 11):
            for in_score in np.linspace(0.3, 0.6, 7):
                assert HEURISTICS[heuristic](supposing(in_score), alpha_single=single)[domain] > 0


def test_table_2_speaks_for_an_alpha_single_below_two_thirds():
    """A_out of step 2000 learned ScienceQA (.71), which it could not without its weight: 1234 has .43 there."""
    [row] = [row for row in modomodo.rows() if (row["experiment"], row["fit_on"]) == ("A_out", "step_2000")][:1]
    [without] = [row for row in modomodo.rows() if row["experiment"] == "1234"]
    assert float(row["scienceqa"]) > float(without["scienceqa"]) + 0.25
    assert alpha(TABLE, 0.0, alpha_single=0.67)[4] == 0 < alpha(TABLE, 0.0, alpha_single=0.66)[4]


def test_two_domains_may_be_left_out():
    weights = Heuristic("alpha_out", ("COCO", "SAT")).weights(TABLE)
    singles = np.array([0.4219, 0.4753, 0.4263])
    shares = (singles - singles.min()) / np.ptp(singles)
    assert weights == pytest.approx(np.insert(shares / shares.sum(), [0, 2], 0)) and weights[[0, 3]].tolist() == [0, 0]


def test_labels_say_the_options_and_nothing_else():
    named = {
        "alpha_in": Heuristic("alpha_in"),
        "alpha_in (mean)": Heuristic("alpha_in", scores="mean"),
        "leave_one_out without coco (mean)": Heuristic("leave_one_out", ("coco",), "mean"),
        "alpha_out without coco, sat": Heuristic("alpha_out", ("coco", "sat")),
        "alpha_balanced (last, alpha_single 0.5)": Heuristic("alpha_balanced", (), "last", 0.5),
    }
    assert {heuristic.label: heuristic for heuristic in named.values()} == named


@pytest.mark.parametrize(
    ("limits", "without"),
    [
        ({"upper": {"SAT": 0.3}}, ("COCO",)),
        ({"constraints": ["SAT <= LISA"]}, ("COCO",)),
        ({"lower": {"LISA": 0.1}}, ("COCO", "GeoQAV")),
        ({"candidates": [[0, 0.4, 0.2, 0.2, 0.2], [0.1, 0.2, 0.2, 0.3, 0.2], [0.2] * 5]}, ("COCO",)),
    ],
)
def test_a_domain_that_is_left_out_gets_nothing_on_any_space(limits, without):
    space = MixtureSpace(TABLE.space.domains, **limits)
    seeds = replace(supposing(0.53), space=space)
    out = [space.domains.index(name) for name in without]
    for name in FIVE:
        weights = Heuristic(name, without).weights(seeds)
        assert space.contains(weights) and weights[out].tolist() == [0] * len(out), name


def test_a_fallback_is_equal_over_the_domains_that_are_left():
    flat = replace(TABLE, in_scores=np.full(11, 0.3), out_scores=np.full(11, 0.3))
    for name in ("alpha_in", "leave_one_out"):
        with pytest.warns(UserWarning, match=f"heuristic {name} without SAT falls back to equal weights"):
            assert Heuristic(name, ("SAT",)).weights(flat).tolist() == [0.25, 0.25, 0.25, 0, 0.25]


def test_a_heuristic_without_a_domain_that_all_seed_runs_train_on_says_so():
    seeds = TABLE.select(TABLE.membership()[:, 0])
    with pytest.raises(StrategyError, match="no seed runs with and without LISA, GeoQAV, SAT, ScienceQA: add"):
        Heuristic("collinearity", ("COCO",)).weights(seeds)
    with pytest.raises(StrategyError, match="no seed run trains on all domains but LISA"):
        leave_one_out(TABLE.select(TABLE.membership().sum(axis=1) == 1), ["COCO"])


# --- in a study


def strategy(*entries):
    return [SEEDS, {"heuristic": list(entries)}]


def scores_at(step, weights):
    """Scores that say another thing at each step."""
    a, b, c = weights.values()
    late = step == 4
    return {"a_test": 0.2 + 0.3 * (a if late else c), "x": 0.1 + 0.2 * (b if late else a), "y": 0.3 + 0.1 * b * step}


def seeds_told(tmp_path, tell=scores_at, **changes):
    """A study by hand whose seed runs have all been told at both steps."""
    study = bare_study(tmp_path, **{"score": {"steps": [2, 4], "maximize": "out_score"}, **changes})
    for _ in range(7):
        asked = ask_manual(study)
        tell_manual(study, asked.number, {str(step): tell(step, asked.request.weights) for step in (2, 4)})
    return study


def test_a_heuristic_goes_by_the_scores_that_it_names_and_the_study_by_its_own(tmp_path):
    groups = [{"names": FIVE, "scores": scores} for scores in ("mean", "last")]
    for use in ("last", "mean"):
        study = seeds_told(tmp_path / use, strategy=strategy(*groups), score={"steps": [2, 4], "use": use})
        runs = even_runs(study.runs())
        by_hand = {
            "last": [scores_at(4, runs.space.as_dict(w)) for w in runs.weights],
            "mean": [
                {t: np.mean([scores_at(s, runs.space.as_dict(w))[t] for s in (2, 4)]) for t in ("a_test", "x", "y")}
                for w in runs.weights
            ],
        }
        asked = {}
        while len(asked) < 10:
            one = ask_manual(study)
            asked[one.label] = list(one.request.weights.values())
            tell_manual(study, one.number, {str(step): scores_at(step, one.request.weights) for step in (2, 4)})
        for scores, tests in by_hand.items():
            sides = {
                "in_scores": np.array([found["a_test"] for found in tests]),
                "out_scores": np.array([(10 * found["x"] + 30 * found["y"]) / 40 for found in tests]),
            }
            for name in FIVE:
                expected = HEURISTICS[name](replace(runs, **sides))
                assert asked[f"{name} ({scores})"] == pytest.approx(expected.tolist(), abs=1e-9), (use, name)
        assert asked["alpha_out (mean)"] != pytest.approx(asked["alpha_out (last)"], abs=0.01)


def test_a_label_names_one_mixture_to_replicate(tmp_path):
    study = seeds_told(tmp_path, strategy=strategy("leave_one_out", {"names": ["leave_one_out"], "without": ["c"]}))
    for _ in range(2):
        asked = ask_manual(study)
        tell_manual(study, asked.number, {str(step): scores_at(step, asked.request.weights) for step in (2, 4)})
    weights = mixture_of(study, "leave_one_out without c")
    assert weights["c"] == 0 < mixture_of(study, "leave_one_out")["c"]


def test_a_run_that_was_not_told_at_every_step_has_no_mean_and_is_named(tmp_path):
    group = {"names": ["alpha_out", "collinearity"], "scores": "mean"}
    study = bare_study(tmp_path, score={"steps": [2, 4]}, strategy=strategy("alpha_out", group))
    for _ in range(7):
        asked = ask_manual(study)
        tell_manual(study, asked.number, scores_at(4, asked.request.weights))
    with pytest.warns(UserWarning) as said:
        assert ask_manual(study).label == "alpha_out"
    texts = {str(warning.message) for warning in said}
    assert any(text.startswith("heuristic collinearity (mean) is skipped: run 0") for text in texts), texts


def test_a_run_that_ended_early_has_its_last_scores_in_the_mean(tmp_path):
    """As the paper: a trainer carries them over to the later steps (its result says so), and they count there."""
    strategies = strategy({"names": ["alpha_out"], "scores": "mean"})
    study = Study.create(toy_file(tmp_path, strategy=strategies), tmp_path / "study")
    sampler = study.sampler()
    while (asked := study.ask(sampler)).strategy == "seed":
        a, b, _ = asked.request.weights.values()
        early, late = {"a_test": 0.5, "x": a, "y": a}, {"a_test": 0.5, "x": b, "y": b}
        scores = {2: early, 4: early if asked.label == "single:a" else late}
        told = [{"step": s, "scores": scores[s], "carried": s == 4 and scores[4] is early} for s in (2, 4)]
        ended = {"steps": 3, "stopped": "exhausted", "exhausted": ("a",)} if told[1]["carried"] else {"steps": 4}
        said = {"stopped": "finished", "draws": {}, "seconds": 1, **ended, "evaluations": tuple(told)}
        study.tell(asked.number, Result.model_validate(said))
    runs = study.runs()
    halves = runs.weights[:, :2].mean(axis=1)
    halves[runs.labels.index("single:a")] = 1.0
    expected = HEURISTICS["alpha_out"](replace(runs, out_scores=halves))
    assert list(asked.request.weights.values()) == pytest.approx(expected) and asked.label == "alpha_out (mean)"


def test_heuristics_of_a_study_of_optunas_read_the_evaluations_of_its_trials():
    space, steps = MixtureSpace(["a", "b"]), (2, 4)
    chosen = [Heuristic("alpha_out", scores=scores) for scores in ("mean", "last")]
    heuristics = HeuristicSampler(space, chosen, scoring=Scoring({}, {"x": 9}), steps=steps)
    sampler = PhasedSampler(space, [SeedSampler(space), heuristics])
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for _ in range(5):
        trial = study.ask()
        weights = suggest_mixture(trial, space)
        scores = {2: weights["a"], 4: 0.4 * weights["b"]}
        trial.set_user_attr("evaluations", [{"step": step, "scores": {"x": x}} for step, x in scores.items()])
        trial.set_user_attr("out_score", scores[4])
        study.tell(trial, scores[4])
    mixtures = {trial.user_attrs["label"]: trial.params for trial in study.trials}
    assert mixtures["alpha_out (mean)"] == {"a": 1, "b": 0} and mixtures["alpha_out (last)"] == {"a": 0, "b": 1}
    with pytest.warns(UserWarning, match=r"alpha_out \((mean|last)\) is skipped: it names the scores to use"):
        blind = PhasedSampler(space, [SeedSampler(space), HeuristicSampler(space, chosen)])
        assert blind.position(History.of(study, space)) is None


# --- what cannot be

BAD = [
    (
        [{"names": ["leave_one_out"], "without": ["cocoa"]}],
        "heuristic.0.without: 'cocoa' is no domain: the domains are a",
    ),
    (["alpha_in", {"names": ["alpha_in"], "without": ["a", "b", "c"]}], "heuristic.1.without: leaves 0 of 3 domains"),
    ([{"names": ["alpha_in"], "without": ["a", "b"]}], "without: leaves 1 of 3 domains: leave 2 or more"),
    ([{"names": ["alpha_in"], "without": ["a", "a"]}], "without: 'a' is named twice"),
    ([{"names": ["alpha_in"], "without": 3}], "heuristic.0.without: must be a list (given: 3)"),
    ([{"names": ["alpha"]}], "heuristic.0.names.0: must be 'alpha_in', 'alpha_out'"),
    ([{"names": []}], "heuristic.0.names"),
    ([{"names": {"alpha_in": 1}}], "heuristic.0.names: must be a list (given: a mapping)"),
    ([{"without": ["a"]}], "heuristic.0.names: is missing: add it"),
    ([{"leave_one_out": {"without": ["a"]}}], "heuristic.0: write {names: [leave_one_out], ...} with the options"),
    ({"alpha_in": None}, "heuristic.0: write {names: [alpha_in], ...} with the options"),
    ([{"names": ["alpha_in"], "withuot": ["a"]}], "heuristic.0.withuot: unknown key"),
    ([{"names": ["alpha_in"], "scores": "first"}], "heuristic.0.scores: must be 'mean' or 'last' (given: 'first')"),
    ([{"names": ["alpha_in"], "alpha_single": 1.5}], "heuristic.0.alpha_single: must be at most 1"),
    ([{"names": ["alpha_in"], "alpha_single": "half"}], "heuristic.0.alpha_single"),
    (
        [{"names": ["collinearity"], "alpha_single": 0.5}],
        "alpha_single: is an option of alpha_in, alpha_out, alpha_balanced only",
    ),
    (["alpha"], "heuristic.0: must be 'alpha_in', 'alpha_out'"),
    ([3], "heuristic.0: must be 'alpha_in', 'alpha_out'"),
    ([["alpha_in"]], "heuristic.0"),
    ([], "heuristic"),
    (3, "heuristic"),
    (["alpha_in", {"names": ["alpha_in"]}], "'alpha_in' is named twice"),
    ([{"names": ["alpha_in"], "without": ["a"]}] * 2, "'alpha_in without a' is named twice"),
    (
        ["alpha_in", {"names": ["alpha_in"], "scores": "last"}],
        "'alpha_in (last)' is the same mixture as 'alpha_in' where",
    ),
]


@pytest.mark.parametrize(("heuristic", "said"), BAD, ids=[said for _, said in BAD])
def test_what_cannot_be_is_one_line_and_exit_code_2(tmp_path, heuristic, said, capfd, monkeypatch):
    file = toy_file(tmp_path, strategy=[SEEDS, {"heuristic": heuristic}])
    message = refusal(capfd, monkeypatch, "study", "create", file, "--dry-run")
    assert message.startswith(f"{file}: strategy.1.heuristic") and said in message


def test_one_group_needs_no_list_and_the_order_of_domains_does_not_matter(tmp_path):
    group = {"names": ["alpha_in", "alpha_out"], "without": ["a"], "alpha_single": 0.5}
    [_, phase] = read_spec(toy_file(tmp_path, strategy=[SEEDS, {"heuristic": group}])).strategy
    labels = [heuristic.label for heuristic in phase.heuristics]
    assert labels == [f"alpha_{end} without a (alpha_single 0.5)" for end in ("in", "out")]
    domains = {name: {"size": 9} for name in "abcd"}
    twice = [{"names": ["alpha_in"], "without": without} for without in (["a", "b"], ["b", "a"])]
    with pytest.raises(StudyFileError, match="'alpha_in without b, a' is the same mixture as 'alpha_in without a, b'"):
        read_spec(toy_file(tmp_path, domains=domains, strategy=[SEEDS, {"heuristic": twice}]))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"domains": {"a": {"size": 9, "lower": 0.1}, "b": {"size": 9}, "c": {"size": 9}}}, "'a' has lower 0.1"),
        ({"constraints": ["a >= 0.2"]}, "no mixture within the bounds satisfies 'a >= 0.2'"),
        ({"candidates": [[0.5, 0.5, 0], [0.2, 0.4, 0.4]]}, "the list of candidates is empty"),
    ],
)
def test_a_domain_that_the_space_demands_cannot_be_left_out(tmp_path, changes, why):
    entries = strategy({"names": ["leave_one_out"], "without": ["a"]})
    with pytest.raises(StudyFileError) as caught:
        read_spec(toy_file(tmp_path, strategy=entries, **changes))
    assert "heuristic.0.without: no mixture is without a: " in str(caught.value) and why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sampler_refuses_what_a_study_file_does():
    space = MixtureSpace(["a", "b", "c"], {"a": 0.1})
    for wrong, said in (
        ("alpha", "must be one of"),
        (Heuristic("collinearity", alpha_single=0.5), "alpha_single: is an option of"),
    ):
        with pytest.raises(StrategyError, match=said):
            HeuristicSampler(space, [wrong])
    with pytest.raises(SpaceError, match="above its upper 0"):
        part_without(space, ["a"])


# --- the paper's study

BLOCKS = ("{} (mean)", "{} (last)", "{} without coco (mean)", "{} without coco (last)")
TABLE_2 = {  # group and fit_on of the table, in its order
    ("heuristic", "step_average"): BLOCKS[0],
    ("heuristic", "step_2000"): BLOCKS[1],
    ("heuristic_without_coco", "step_average"): BLOCKS[2],
    ("heuristic_without_coco", "step_2000"): BLOCKS[3],
}
NAMES = dict(zip(("A_in", "A_out", "A_bal", "Coli", "Norm"), FIVE))


def test_the_papers_study_has_every_run_of_table_2():
    spec = read_spec(PAPER)
    sampler = phased_sampler(spec)
    seeds, heuristics, *_ = sampler.phases
    names = list(spec.domains)
    digits = {"single": "{}", "exclude": "12345", "all": "12345"}
    in_the_table = [row["experiment"] for row in modomodo.rows() if row["group"] == "seed"]
    planned = []
    for label in seeds.labels:
        kind, _, domain = label.partition(":")
        own = str(names.index(domain) + 1) if domain else ""
        planned.append(own if kind == "single" else digits[kind].replace(own, "") if own else digits[kind])
    assert planned == in_the_table and names == [name.lower() for name in modomodo.DOMAINS]
    rows = [row for row in modomodo.rows() if row["group"].startswith("heuristic")]
    assert len(rows) == 20
    assert list(heuristics.labels) == [
        TABLE_2[row["group"], row["fit_on"]].format(NAMES[row["experiment"]]) for row in rows
    ]
    by_model = sum(row["group"] == "model_based" for row in modomodo.rows())
    assert sum(sampler.size(phase) for phase in (2, 3)) == by_model == 10
    assert spec.score.use == "last" and spec.score.steps == [500, 1500, 2000]
    assert spec.tests.in_ == modomodo.IN_TESTS and spec.tests.out == modomodo.OUT_TESTS


def test_the_seed_scores_of_table_2_give_the_heuristics_their_weights(tmp_path):
    """The study is told by hand. The table has no scores of steps 500 and 1500; here they are those of other runs."""
    data = yaml.safe_load(PAPER.read_text())
    del data["backend"]
    (tmp_path / "paper.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    study = Study.create(tmp_path / "paper.yaml", tmp_path / "study")
    table = supposing(0.53)
    rows = {500: np.roll(np.arange(11), 3), 1500: np.arange(11)[::-1], 2000: np.arange(11)}
    sides = {"in_scores": modomodo.IN_TESTS, "out_scores": modomodo.OUT_TESTS}

    def scores(run, step):
        return {test: getattr(table, side)[rows[step][run]] for side, tests in sides.items() for test in tests}

    found = {}
    while len(found) < 20:
        asked = ask_manual(study)
        weights = np.array(list(asked.request.weights.values()))
        run = np.abs(table.weights - weights).max(axis=1).argmin()  # of a heuristic the nearest seed run's will do
        if asked.strategy == "heuristic":
            found[asked.label] = weights
        tell_manual(study, asked.number, {str(step): scores(run, step) for step in rows})
    means = {side: np.mean([getattr(table, side)[rows[step]] for step in rows], axis=0) for side in sides}
    averaged = replace(table, **means)
    for name in FIVE:
        assert found[f"{name} without coco (last)"] == pytest.approx(WITHOUT_COCO[name], abs=6e-5)
        assert found[f"{name} (mean)"] == pytest.approx(HEURISTICS[name](averaged), abs=1e-9)
        without = Heuristic(name, ("COCO",)).weights(averaged)
        assert found[f"{name} without coco (mean)"] == pytest.approx(without, abs=1e-9)
        assert np.abs(found[f"{name} (mean)"] - found[f"{name} (last)"]).max() > 0.005
    for name, weights in modomodo.HEURISTIC_WEIGHTS.items():
        assert found[f"{name} (last)"] == pytest.approx(weights, abs=6e-5)
    [score] = [value for label, value in zip(study.runs().labels, study.runs().values) if label == "exclude:coco"]
    assert score == pytest.approx(0.5146), "the study maximises the last step's score"


def test_a_dry_run_names_the_mixtures_whatever_is_installed():
    argv = [sys.executable, "-m", "mixopt.cli", "study", "create", str(PAPER), "--dry-run"]
    done = subprocess.run(argv, capture_output=True, text=True)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0 and "phase 2 heuristic 20 trials alpha_in (mean), alpha_out (mean)," in said
    assert "leave_one_out without coco (last) phase 3 quadratic (gaussian) 5 trials" in said
    assert "exclude:scienceqa, all phase 2" in said
    missing = importlib.util.find_spec("vllm") is None
    assert len(done.stderr.splitlines()) == missing and ("needs vllm: pip install" in done.stderr) == missing


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is installed here")
def test_what_is_missing_here_is_an_error_where_the_study_is_created(tmp_path, capfd, monkeypatch):
    said = refusal(capfd, monkeypatch, "study", "create", PAPER, "--folder", tmp_path / "study")
    assert said == f"{PAPER}: backend: backend option 'generation': vllm_server needs vllm: pip install 'trl[vllm]'"
    with pytest.raises(MissingError):
        checked_spec(PAPER)
    with pytest.warns(UserWarning, match="not checked further on this machine"):
        assert checked_spec(PAPER, elsewhere=True).study == "modomodo"


def test_a_dry_run_refuses_what_is_wrong_anywhere(tmp_path, capfd, monkeypatch):
    data = yaml.safe_load(PAPER.read_text())
    data["backend"]["rlvr"]["kl"] = -1.0
    (tmp_path / "paper.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    assert "'kl' must be greater than or equal to 0, not -1.0" in refusal(
        capfd, monkeypatch, "study", "create", tmp_path / "paper.yaml", "--dry-run"
    )


def test_a_long_design_is_named_in_part(tmp_path):
    lines = plan_lines(read_spec(toy_file(tmp_path, strategy=[{"seed": [{"space_filling": 60}]}])))
    named = " ".join(line.strip() for line in lines[2:-2])
    assert named.startswith("space_filling:1, space_filling:2,") and named.endswith("space_filling:40, and 20 more")
    assert all(len(line) <= 120 for line in lines)


def test_the_papers_layout_is_what_the_trainer_takes(tmp_path, monkeypatch):
    options = yaml.safe_load(PAPER.read_text())["backend"]["rlvr"]
    monkeypatch.setattr("rlvr_backend.packages.find_spec", lambda name: True)
    taken = Options.of(options)
    assert (taken.launch.processes, taken.generation, taken.accumulation(3)) == (3, "vllm_server", 2)
    said = {"launch", "generation", "vllm_memory"}
    others = set(Options.model_fields) - said
    assert all(getattr(taken, name) == getattr(Options.of({}), name) for name in others)


def test_the_rest_of_the_papers_study_is_checked_where_vllm_is_missing(tmp_path):
    data = yaml.safe_load(PAPER.read_text())
    del data["backend"]["rlvr"]["generation"]
    (tmp_path / "paper.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    assert checked_spec(tmp_path / "paper.yaml").study == "modomodo"
