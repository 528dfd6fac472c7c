"""Real GRPO on the CPU, by `accelerate launch`, on a base model that has learnt almost nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from mixopt.trainers.contract import TrialFailed
from tests.support.grpo_trials import TESTS, fingerprint, request, run


def test_a_trial_returns_scores_of_every_test_at_every_step(done):
    folder, result = done
    assert [e.step for e in result.evaluations] == [1, 3]
    assert all(set(e.scores) == set(TESTS) and not e.carried for e in result.evaluations)
    assert (result.steps, result.stopped, sum(result.draws.values())) == (3, "finished", 12)
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert [e["step"] for e in events if e["kind"] == "progress"] == [1, 2, 3]
    assert [e["step"] for e in events if e["kind"] == "evaluation"] == [1, 3]
    samples = next(e["samples"] for e in reversed(events) if e["kind"] == "evaluation")
    assert {sample["test"] for sample in samples} == set(result.evaluations[0].scores)
    assert all(sample["prompt"] and 0 <= sample["score"] <= 1 for sample in samples)
    drawn = {name: of_domain["drawn"] for name, of_domain in events[-1]["domains"].items()}
    assert drawn == result.draws and 0 <= events[-1]["domains"]["science"]["format"] <= 1


def test_the_language_model_learns_and_the_vision_encoder_does_not(done, model):
    before = load_file(Path(model) / "model.safetensors")
    after = load_file(done[0] / "checkpoints" / "step-3" / "model.safetensors")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and not any("visual" in name for name in changed)
    assert any("self_attn" in name for name in changed)


def test_the_same_request_gives_the_same_scores_and_weights_to_the_last_bit(done, model, tmp_path):
    again = run(tmp_path, request(model, trial=5))
    assert again.evaluations == done[1].evaluations and again.draws == done[1].draws
    assert fingerprint(tmp_path, 3) == fingerprint(done[0], 3)


def test_a_run_until_a_step_has_the_scores_of_the_whole_run_there(done, model, tmp_path):
    short = run(tmp_path, request(model, until=1))
    assert (short.steps, short.stopped, sum(short.draws.values())) == (1, "until", 4)
    assert short.evaluations == done[1].evaluations[:1]


def test_a_domain_that_runs_out_ends_the_run_and_its_scores_are_carried(model, tmp_path):
    asked = request(model, weights={"detect": 0.0, "science": 1.0}, steps=[1, 6], options={"keep_checkpoints": "none"})
    result = run(tmp_path, asked)
    assert (result.steps, result.stopped, result.draws) == (2, "exhausted", {"detect": 0, "science": 8})
    assert [(e.step, e.carried) for e in result.evaluations] == [(1, False), (6, True)]
    assert not (tmp_path / "checkpoints" / "step-2").exists()


def test_a_domain_is_trained_by_the_reward_that_is_named_and_bmas_by_the_policys_tokens(done, model, tmp_path):
    options = {"rewards": {"science": "bmas", "detect": "iou_greedy"}, "encoder": "policy"}
    result = run(tmp_path, request(model, options=options))
    assert (result.steps, result.stopped, set(result.evaluations[0].scores)) == (3, "finished", set(TESTS))
    assert result.draws == done[1].draws and fingerprint(tmp_path, 3) != fingerprint(done[0], 3)


def test_a_model_that_is_not_there_fails_with_the_end_of_the_log(tmp_path):
    with pytest.raises(TrialFailed) as caught:
        run(tmp_path, request(str(tmp_path / "nowhere")))
    assert caught.value.exit_code != 0 and "nowhere" in caught.value.log_tail


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": {"detect": 0.5, "science": 0.6}}, "`weights` must sum to 1, not 1.1"),
        ({"weights": {"detect": 1.0}}, "must name the same domains"),
        ({"steps": [3, 1]}, "`steps` must be rising"),
        ({"steps": []}, "`steps` must be rising"),
        ({"steps": [1, 2.5]}, "`steps.1` must be a valid integer"),
        ({"train_seed": -1}, "`train_seed` must be greater than or equal to 0, not -1"),
        ({"tests": {}}, "`tests`: Dictionary should have at least 1 item"),
        ({"tests": {"chart": 0}}, "`tests.chart` must be greater than 0, not 0"),
        ({"options": {"data": {"detect": {"path": "/nowhere"}}}}, "/nowhere: there is no such file or folder"),
        ({"until": 2}, "`until` must be one of the steps [1, 3], not 2"),
        ({"options": {"keep_checkpoints": "some"}}, "'keep_checkpoints' must be 'last' or 'none', not 'some'"),
        ({"options": {"generations": 0}}, "'generations' must be greater than or equal to 2, not 0"),
        ({"options": {"rewards": {"detect": "choice"}}}, "'choice' cannot score 'detect', whose rows have boxes"),
        ({"options": {"rewards": {"refer": "iou"}}}, "'refer' is none of the domains detect, science"),
        ({"options": {"rewards": ["iou"]}}, "'rewards' must be a valid dictionary, not ['iou']"),
    ],
)
def test_a_bad_request_is_one_line_and_exit_code_2(tmp_path, changes, said):
    path = tmp_path / "request.json"
    path.write_text(request("shapes", **changes).as_json())
    done = _check(path)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("text", ["{", "[]", '{"study": "s"}', '{"unknown": 1}', "null"])
def test_what_is_no_request_is_one_line_and_exit_code_2(tmp_path, text):
    path = tmp_path / "request.json"
    path.write_text(text)
    done = _check(path)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1


def _check(path):
    argv = [sys.executable, "-m", "rlvr_backend", "check", str(path)]
    return subprocess.run(argv, capture_output=True, text=True, env=os.environ)
