"""`until: 0`: the base model's scores, by the evaluator of trials, before any training and without its data."""

import json
import os
import subprocess
import sys
import time

import pytest
import yaml
from optuna.trial import TrialState

from mixopt.study.study import Study
from mixopt.trainers.contract import Result, TrialFailed
from rlvr_backend.contract import Request
from rlvr_backend.datasets import load_rows
from rlvr_backend.errors import RequestError
from rlvr_backend.evaluation.evaluator import Evaluator
from rlvr_backend.models.load import load_policy
from tests.support.grpo_trials import TESTS, launch, request, run

TWO_PROCESSES = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m")


@pytest.fixture(scope="module")
def base(model, tmp_path_factory) -> tuple:
    """The folder and the result of the base model's scores."""
    folder = tmp_path_factory.mktemp("base")
    return folder, run(folder, request(model, until=0))


def asked(folder, wanted):
    folder.mkdir(exist_ok=True)
    path = folder / "request.json"
    path.write_text(wanted.as_json())
    return path


def test_its_result_is_that_of_step_0_and_it_keeps_nothing_else(base):
    folder, result = base
    assert (result.steps, result.stopped, set(result.scores)) == (0, "until", {0})
    assert set(result.scores[0]) == set(TESTS) and result.draws == {"detect": 0, "science": 0}
    [event] = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert (event["kind"], event["step"], event["scores"]) == ("evaluation", 0, result.scores[0])
    assert {sample["test"] for sample in event["samples"]} == set(TESTS)
    assert not list(folder.glob("checkpoints/*"))


def test_they_are_the_scores_of_the_model_as_it_lies_there(base, model):
    policy, processor = load_policy(model)
    tests = {name: load_rows(name, "test", size) for name, size in TESTS.items()}
    assert Evaluator(tests, processor, 16, 16).scores(policy) == base[1].scores[0]


def sum_of_tests_seed_and_options_of_training_change_nothing(base, model, tmp_path):
    changes = {"weights": {"detect": 1.0, "science": 0.0}, "train_seed": 9, "steps": [5]}
    options = {"kl": 0.0, "generation": "transformers", "selection": "thompson", "on_exhaustion": "repeat"}
    assert run(tmp_path, request(model, until=0, **changes, options=options)).scores == base[1].scores


def test_with_an_adapter_they_are_the_same(base, model, tmp_path):
    pytest.importorskip("peft")
    assert run(tmp_path, request(model, until=0, options={"lora": {"rank": 4}})).scores == base[1].scores


def test_two_processes_share_the_rows_and_score_the_same(base, model, tmp_path):
    wanted = request(model, until=0, options={"samples": 8})
    trainer = launch(asked(tmp_path, wanted), *TWO_PROCESSES)
    said, _ = trainer.communicate()
    assert trainer.returncode == 0, said
    assert Result.read(tmp_path / "result.json", wanted).scores == base[1].scores


LMMS_EVAL = """
import json, pathlib
assert pathlib.Path("model/model.safetensors").exists()
said = {"results": {"chartqa": {"relaxed_overall,none": 0.75}}, "n-samples": {"chartqa": {"effective": 8}}}
pathlib.Path("scores").mkdir()
pathlib.Path("scores/1_results.json").write_text(json.dumps(said))
"""


def test_lmms_eval_scores_the_tests_that_are_left_to_it(base, model, tmp_path, monkeypatch):
    package = tmp_path / "packages" / "lmms_eval"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(LMMS_EVAL)
    monkeypatch.setenv("PYTHONPATH", str(package.parent), prepend=os.pathsep)
    wanted = request(model, until=0, options={"lmms_eval": {"chart": "chartqa/relaxed_overall"}})
    assert run(tmp_path / "base", wanted).scores == {0: {"refer": base[1].scores[0]["refer"], "chart": 0.75}}


def test_training_data_is_not_read(base, model, tmp_path):
    """A file that nobody could train on: a trial fails by it, the base model does not need it."""
    broken = tmp_path / "broken.jsonl"
    broken.write_text("this is no data\n")
    own = {"path": str(broken), "question": "q", "answer": "a", "reward": "choice"}
    changes = {"domains": {"detect": 40, "mine": 9}, "weights": {"detect": 0.5, "mine": 0.5}}
    wanted = request(model, until=0, **changes, options={"data": {"mine": own}})
    assert run(tmp_path / "base", wanted).scores == base[1].scores
    with pytest.raises(TrialFailed):
        run(tmp_path / "trial", request(model, **changes, options={"data": {"mine": own}}))


def test_killed_and_started_again_it_ends_the_same(base, model, tmp_path):
    path = asked(tmp_path, request(model, until=0))
    (tmp_path / "events.jsonl").write_text('{"kind": "evaluation", "step": 0, "scores": {}}\n')  # of who was killed
    trainer = launch(path)
    while trainer.poll() is None and (tmp_path / "events.jsonl").read_text():
        time.sleep(0.01)
    trainer.kill()
    trainer.wait()
    assert not (tmp_path / "result.json").exists()
    assert run(tmp_path, request(model, until=0)).scores == base[1].scores
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 1
    assert launch(path).wait() == 0, "what has its result is left as it is"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"until": 0, "warm_start": "../0001"}, "`warm_start`: `until` is 0, the base model"),
        ({"until": -1}, "`until` must be one of the steps"),
        ({"until": False}, "`until` must be a valid integer, not False"),
        ({"until": 0.0}, "`until` must be a valid integer, not 0.0"),
        ({"steps": [0, 2]}, "`steps.0` must be greater than 0, not 0"),
    ],
)
def test_a_request_that_does_not_fit_is_one_line(tmp_path, changes, said):
    with pytest.raises(RequestError) as caught:
        Request.read(asked(tmp_path, request("shapes", **changes)))
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_a_study_has_it_scored_by_default_before_its_trials_and_whatever_is_killed(base, model, tmp_path):
    wanted = request(model)
    data = {
        "study": "real",
        "domains": {name: {"size": size} for name, size in wanted.domains.items()},
        "tests": {"in": {"refer": 6}, "out": {"chart": 8}},
        "score": {"steps": [1]},
        "strategy": [{"seed": ["all"]}],
        "backend": {"rlvr": wanted.options},
    }
    (tmp_path / "real.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    study = Study.create(tmp_path / "real.yaml")
    argv = [sys.executable, "-m", "mixopt.cli", "study", "resume", "real"]
    worker = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not study.folder.base.events.exists():
        assert worker.poll() is None
        time.sleep(0.01)
    worker.kill()
    worker.wait()
    assert not study.trials(), "in one slot the base model comes first"
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    assert study.base.tests == base[1].scores[0] == study.optuna.user_attrs["base"]
    [trial] = study.trials()
    assert trial.state == TrialState.COMPLETE and study.base.values == {"out_score": base[1].scores[0]["chart"]}
