"""Trials asked and told by hand: on any study, beside workers, one at a time."""

import json
import multiprocessing

import pytest
import yaml
from hypothesis import given, strategies as st
from optuna.trial import TrialState

from mixopt.errors import ScoresError, StrategyError, StudyFileError
from mixopt.io.manual import ask_manual, fail_manual, tell_manual, waiting
from mixopt.io.mixer_formats import MIXERS, apportioned, open_instruct
from mixopt.leases.leases import Leases
from mixopt.study.plan import trainer_of
from mixopt.study.study import Study
from mixopt.study.trial_queue import TrialQueue
from tests.support.command_line import mixopt
from tests.support.toy_study import bare_study, toy_data, toy_file

BAYES = [{"bayes": {"trials": 5}}]


def test_a_whole_study_by_hand(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": ["all", "single"]}, {"bayes": {"trials": 2}}])
    for expected in ("all", "single:a", "single:b", "single:c", "bayes", "bayes"):
        asked = ask_manual(study)
        assert asked.label == expected and waiting(study) == [asked.number]
        score = 0.5 - 0.1 * asked.request.weights["a"]
        assert tell_manual(study, asked.number, {"x": score, "y": score}) == (pytest.approx(score),)
    with pytest.raises(StrategyError, match=r"complete; mixopt study ask toy --trials \+10"):
        ask_manual(study)
    assert study.recommend().weights["a"] < 0.2


def test_workers_leave_alone_what_is_told_by_hand(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all", "single"]}]), tmp_path / "study")
    number = ask_manual(study).number
    desk = TrialQueue(study, Leases(study.folder))
    assert [desk.next().asked.number for _ in range(3)] == [1, 2, 3]
    assert desk.next() is None and not desk.open, "nobody waits for it, and nobody takes it over"
    with pytest.raises(StrategyError, match="trial 1 is a worker's, which tells it by itself: those to tell are 0"):
        tell_manual(study, 1, {"out_score": 0.5})
    fail_manual(study, number, "out of memory")
    assert study.trials()[0].user_attrs["reason"] == "out of memory"
    assert ask_manual(study).label == "all", "its row is free again"


def test_a_mixture_that_was_given_up_is_named_and_can_be_asked_for_again(tmp_path, monkeypatch):
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path))
    (tmp_path / "s.yaml").write_text(yaml.safe_dump(toy_data(backend=None, strategy=[{"seed": ["all"]}])))
    study = Study.create(tmp_path / "s.yaml")
    for _ in range(2):
        fail_manual(study, ask_manual(study).number, "out of memory")
    with pytest.raises(StrategyError, match="complete; 1 given up: mixopt study retry toy NUMBER"):
        ask_manual(study)
    assert "is next: mixopt study ask toy" in mixopt("study", "retry", "toy", 1)
    assert ask_manual(study).label == "all"


def test_a_later_phase_waits_for_what_is_not_told_yet(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": ["all"]}, *BAYES])
    ask_manual(study)
    with pytest.raises(StrategyError, match="phase 2 waits for trials 0, which are running"):
        ask_manual(study)


@pytest.mark.parametrize(
    ("said", "out_score", "in_score"),
    [
        ({"a_test": 0.2, "x": 0.4, "y": 0.8}, 0.7, 0.2),
        ({"out_score": 0.7}, 0.7, None),
        ({"in_score": 0.2, "x": 0.4, "y": 0.8}, 0.7, 0.2),
        ({"4": {"x": 0.4, "y": 0.8}}, 0.7, None),
    ],
)
def test_tests_or_their_means_may_be_told(tmp_path, said, out_score, in_score):
    study = bare_study(tmp_path)
    file = tmp_path / "scores.json"
    file.write_text(json.dumps(said))
    tell_manual(study, ask_manual(study).number, file)
    runs = study.runs()
    assert runs.values[0] == pytest.approx(out_score) == runs.out_scores[0]
    assert runs.in_scores[0] == (pytest.approx(in_score) if in_score else pytest.approx(float("nan"), nan_ok=True))


def test_a_result_of_a_trainer_is_told_whole(tmp_path):
    study = bare_study(tmp_path)
    number = ask_manual(study).number
    scores = {"a_test": 0.1, "x": 0.2, "y": 0.3}
    result = {"evaluations": [{"step": 4, "scores": scores}], "steps": 4, "stopped": "finished"}
    (tmp_path / "result.json").write_text(json.dumps({**result, "draws": {"a": 7}, "seconds": 1.5}))
    tell_manual(study, number, tmp_path / "result.json")
    notes = study.trials()[number].user_attrs
    assert notes["draws"] == {"a": 7} and notes["seconds"] == 1.5 and notes["test:x"] == 0.2
    (tmp_path / "result.json").write_text(json.dumps({**result, "steps": 3, "draws": {}, "seconds": 1.5}))
    with pytest.raises(ScoresError, match="`steps` is 3"):
        tell_manual(study, ask_manual(study).number, tmp_path / "result.json")


def test_a_mean_over_steps_wants_all_of_them(tmp_path):
    study = bare_study(tmp_path, score={"steps": [2, 4], "use": "mean"})
    number = ask_manual(study).number
    with pytest.raises(ScoresError, match=r"scores of steps \[4\], and those of \[2, 4\] are needed"):
        tell_manual(study, number, {"out_score": 0.5})
    (tmp_path / "s.json").write_text('{"2": {"out_score": 0.4}, "4": {"out_score": 0.6}}')
    assert tell_manual(study, number, tmp_path / "s.json") == (pytest.approx(0.5),)
    assert study.trials()[0].intermediate_values == {2: 0.4, 4: pytest.approx(0.5)}


def test_a_trial_that_was_asked_to_end_early_is_told_as_short(tmp_path):
    study = bare_study(tmp_path, score={"steps": [2, 4]}, strategy=[{"bayes": {"trials": 9, "early": True}}])
    number = ask_manual(study).number
    study.note(number, {"until": 2})  # as the search notes it
    tell_manual(study, number, {"out_score": 0.3})
    trial = study.trials()[number]
    assert trial.state == TrialState.PRUNED and trial.intermediate_values == {2: 0.3}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('{"z": 1}', "'z' is no score of the study: its scores are in_score, out_score, a_test, x, y"),
        ('{"x": 0.5}', "out_score is not known, and the study maximises it: give it, or all of x, y"),
        ('{"in_score": 0.5}', "out_score is not known"),
        ('{"x": 0.5, "y": 1.5}', r"^y is 1.5, outside \[0, 1\]: fix it, or declare"),
        ('{"x": 0.5, "y": NaN}', "y is nan: give a finite number"),
        ('{"x": 0.5, "y": true}', "y is True: give a finite number"),
        ('{"x": 0.5, "y": "1"}', "y is '1': give a finite number"),
        ('{"x": 0.5, "out_score": 0.5}', "out_score is given beside x"),
        ('{"3": {"x": 0.5, "y": 0.5}}', r"scores of steps \[3\], and those of \[4\] are needed"),
        ('{"4": {"x": 0.5}, "y": 0.5}', "do not mix the two"),
        pytest.param('{"out_score": 1' + "0" * 400 + "}", "out_score is 10+: give a finite number", id="huge score"),
        pytest.param('{"1' + "0" * 5000 + '": {"out_score": 0.5}}', "do not mix the two", id="huge step"),
        ("[1]", "holds no scores"),
        ("{}", "holds no scores"),
        ("x=1", "is not JSON"),
        ('{"evaluations": 1}', "does not keep the contract"),
    ],
)
def test_scores_that_are_refused(tmp_path, said, message):
    study = bare_study(tmp_path)
    number = ask_manual(study).number
    (tmp_path / "scores.json").write_text(said)
    with pytest.raises(ScoresError, match=message):
        tell_manual(study, number, tmp_path / "scores.json")
    assert study.is_running(number) and "test:x" not in study.trials()[number].user_attrs


def test_a_range_that_is_fixed_in_the_studys_file_holds(tmp_path):
    study = bare_study(tmp_path)
    number = ask_manual(study).number
    with pytest.raises(ScoresError, match=r"out-score is 55, .* `score: {range: \[LOW, HIGH\]}` in .*study/study.yaml"):
        tell_manual(study, number, {"out_score": 55})
    data = yaml.safe_load(study.folder.spec.read_text())
    study.folder.spec.write_text(yaml.safe_dump({**data, "score": {**data["score"], "range": [0, 100]}}))
    assert tell_manual(Study.open("toy", study.folder.path), number, {"out_score": 55}) == (55,)


def test_a_shell_completes_formats():
    from mixopt.cli.manual import _formats

    assert _formats("p") == ["probabilities"] and set(_formats("")) >= {"json", "verl"}


def test_telling_what_cannot_be_told(tmp_path):
    study = bare_study(tmp_path)
    number = ask_manual(study).number
    tell_manual(study, number, {"out_score": 0.5})
    for bad, said in ((number, "is told already"), (7, "there is no trial 7"), (-1, "there is no trial -1")):
        with pytest.raises(StrategyError, match=said):
            tell_manual(study, bad, {"out_score": 0.5})


def _ask_five(folder, numbers):
    study = Study.open("toy", folder)
    for _ in range(5):
        asked = ask_manual(study)
        numbers.put((asked.number, tuple(asked.request.weights.values())))


def test_processes_that_ask_at_once_get_different_trials(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": [{"space_filling": 15}]}])
    fork = multiprocessing.get_context("fork")
    numbers = fork.Queue()
    workers = [fork.Process(target=_ask_five, args=(study.folder.path, numbers)) for _ in range(3)]
    for worker in workers:
        worker.start()
    asked = [numbers.get(timeout=100) for _ in range(15)]
    for worker in workers:
        worker.join()
    assert sorted(number for number, _ in asked) == list(range(15)) == waiting(study)
    assert len({weights for _, weights in asked}) == 15


def _tell(folder, told):
    study = Study.open("toy", folder)
    try:
        tell_manual(study, 0, {"out_score": 0.5})
        told.put("told")
    except StrategyError as error:
        told.put(str(error))


def test_of_processes_that_tell_at_once_one_does(tmp_path):
    study = bare_study(tmp_path)
    ask_manual(study)
    fork = multiprocessing.get_context("fork")
    told = fork.Queue()
    workers = [fork.Process(target=_tell, args=(study.folder.path, told)) for _ in range(3)]
    for worker in workers:
        worker.start()
    said = sorted(told.get(timeout=100) for _ in workers)
    for worker in workers:
        worker.join()
    assert said[0] == "told" and all("is told already" in line for line in said[1:])


def test_the_commands(tmp_path):
    (tmp_path / "s.yaml").write_text(yaml.safe_dump(toy_data(backend=None, score={"steps": [4]}, strategy=BAYES)))
    mixopt("study", "create", tmp_path / "s.yaml")
    document = json.loads(mixopt("study", "ask", "toy"))
    assert document["trial"] == 0 and sum(document["weights"].values()) == pytest.approx(1)
    assert yaml.safe_load(mixopt("study", "ask", "toy", "--format", "yaml"))["trial"] == 1
    assert len(mixopt("study", "ask", "toy", "-n", 2).splitlines()) == 2
    assert "to be told" in mixopt("study", "show", "toy")
    assert "trial 0 has 0.5100" in mixopt("study", "tell", "toy", 0, "--score", "out=0.51")
    mixopt("study", "tell", "toy", 1, "--score", "x=0.4", "--score", "y=0.3")
    mixopt("study", "tell", "toy", 2, "--failed", "the node was lost")
    assert "the node was lost" in mixopt("study", "show", "toy", "--failed")
    mixopt("study", "ask", "toy", "--trials", "+3", "-n", 4)
    for arguments, said in (
        (["tell", "toy", 3], "give one of --scores FILE"),
        (["tell", "toy", 3, "--score", "out"], "give TEST=SCORE"),
        (["tell", "toy", 3, "--score", "x=1", "--score", "x=1"], "has a score twice"),
        (["ask", "toy", "--format", "toml"], "--format toml: use one of json, yaml"),
        (["ask", "toy", "--format", "open-instruct"], "--examples 10000"),
        (["ask", "toy", "--format", "open-instruct", "--examples", 2], "--examples 2: are fewer than the 3 domains"),
        (["ask", "toy", "--format", "verl", "--examples", 9], "--examples 9: only with --format open-instruct"),
        (["resume", "toy"], "has no backend to train with: `mixopt study ask toy` and `tell` need none"),
    ):
        with pytest.raises(Exception, match=said):
            mixopt("study", *arguments)


def test_a_budget_is_raised_only_where_a_trial_is_asked_for(tmp_path):
    study = bare_study(tmp_path, strategy=[{"seed": ["all"]}, *BAYES])
    more = ("study", "ask", "toy", "--trials", "+10", "-n", 2, "--folder", study.folder.path)
    number = ask_manual(study).number
    for _ in range(2):
        with pytest.raises(StrategyError, match="phase 2 waits for trials 0"):
            mixopt(*more)
    assert study.extra == 0
    tell_manual(study, number, {"out_score": 0.5})
    mixopt(*more)
    assert study.extra == 10


def test_mixers():
    weights = {"a": 0.25, "b": 0.0, "c": 0.75}
    assert MIXERS["probabilities"](weights) == "[0.25, 0.0, 0.75]"
    assert MIXERS["ms-swift"](weights) == "--dataset a c --interleave_prob 0.25 0.75"
    assert MIXERS["verl"](weights) == "+data.mixture.a=0.25 +data.mixture.b=0.0 +data.mixture.c=0.75"
    assert open_instruct(weights, 1000) == "--dataset_mixer_list a 250 c 750"
    assert apportioned(10, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}) == {"a": 4, "b": 3, "c": 3}
    assert apportioned(7, {"a": 0.6, "b": 0.399, "c": 0.001}) == {"a": 4, "b": 2, "c": 1}
    assert open_instruct({"a": 0.9994, "b": 0.0006, "c": 0.0}, 500) == "--dataset_mixer_list a 499 b 1"


@given(st.lists(st.floats(1e-12, 1), min_size=1, max_size=20), st.integers(20, 10**6))
def test_counts_are_whole_and_no_domain_is_left_out(shares, total):
    weights = {str(i): share / sum(shares) for i, share in enumerate(shares)}
    counts = apportioned(total, weights)
    assert sum(counts.values()) == total and min(counts.values()) >= 1
    assert all(counts[name] < total * weights[name] + 1 or counts[name] == 1 for name in weights)


def test_probabilities_are_what_datasets_takes():
    datasets = pytest.importorskip("datasets")
    parts = [datasets.Dataset.from_dict({"x": [i] * 2000}) for i in range(3)]
    shares = json.loads(MIXERS["probabilities"]({"a": 0.2, "b": 0.3, "c": 0.5}))
    mixed = datasets.interleave_datasets(parts, probabilities=shares, seed=0)["x"]
    assert [mixed.count(i) / len(mixed) for i in range(3)] == pytest.approx([0.2, 0.3, 0.5], abs=0.03)


def test_sizes_are_asked_for_only_where_something_needs_them(tmp_path):
    with pytest.raises(StudyFileError, match=r"domains.a.size: is missing: add it, since `at_least` needs it"):
        bare_study(tmp_path, at_least={"steps": 4, "prompts": 8})
    with pytest.raises(StudyFileError, match=r"domains.b.size: is missing: add it, since `backend` needs it"):
        bare_study(tmp_path, domains={"a": {"size": 3}, "b": {}}, backend=toy_data()["backend"])
    with pytest.raises(StudyFileError, match="since seed design `proportional` needs it"):
        bare_study(tmp_path, strategy=[{"seed": ["proportional"]}])
    with pytest.raises(StudyFileError, match="has no backend"):
        trainer_of(bare_study(tmp_path).spec)
