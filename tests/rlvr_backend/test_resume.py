"""Going on from a checkpoint: after a kill, from another trial, in two processes. To the last bit."""

import json
import shutil
import time

import numpy as np
import pytest

from rlvr_backend.contract import Request
from rlvr_backend.errors import RequestError
from rlvr_backend.training.checkpoints import SEAL, Checkpoints
from rlvr_backend.training.draw_plan import plan_draws
from tests.support.grpo_trials import fingerprint, launch, request, run


def asked(folder, wanted) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "request.json").write_text(wanted.as_json())


def test_a_killed_trial_ends_like_its_twin(done, model, tmp_path):
    wanted = request(model, options={"save_every": 1})
    asked(tmp_path, wanted)
    trainer = launch(tmp_path / "request.json")
    while trainer.poll() is None and not list(tmp_path.glob(f"checkpoints/*/{SEAL}")):
        time.sleep(0.01)
    trainer.kill()
    trainer.wait()
    assert list(tmp_path.glob(f"checkpoints/*/{SEAL}")) and not (tmp_path / "result.json").exists()
    result = run(tmp_path, wanted)
    assert result.evaluations == done[1].evaluations and result.draws == done[1].draws
    assert fingerprint(tmp_path, 3) == fingerprint(done[0], 3)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["kind"] for event in events].count("resumed") == 1
    steps = [event["step"] for event in events if event["kind"] != "resumed"]
    assert sorted(set(steps)) == [1, 2, 3] and len(steps) == 5, "each event once"
    assert not list(tmp_path.glob("checkpoints/checkpoint-*")), "a finished trial needs none"


def test_a_trial_goes_on_from_another_that_ended_early(done, model, tmp_path):
    run(tmp_path / "short", request(model, until=1))
    result = run(tmp_path / "whole", request(model, trial=1, warm_start="../short"))
    assert result.scores == done[1].scores
    assert fingerprint(tmp_path / "whole", 3) == fingerprint(done[0], 3)
    events = [json.loads(line) for line in (tmp_path / "whole" / "events.jsonl").read_text().splitlines()]
    assert [event["step"] for event in events if event["kind"] == "resumed"] == [1]
    assert min(event["step"] for event in events if event["kind"] == "progress") == 2, "step 1 was not trained again"


def test_a_trial_with_weighted_advantages_goes_on_to_the_last_bit(model, tmp_path):
    options = {"advantage_weights": "easy_to_hard", "selection": "thompson"}
    whole = run(tmp_path / "twin", request(model, options=options))
    run(tmp_path / "short", request(model, options=options, until=1))
    result = run(tmp_path / "whole", request(model, options=options, trial=1, warm_start="../short"))
    assert result.evaluations == whole.evaluations and result.draws == whole.draws
    assert fingerprint(tmp_path / "whole", 3) == fingerprint(tmp_path / "twin", 3)
    events = [json.loads(line) for line in (tmp_path / "twin" / "events.jsonl").read_text().splitlines()]
    weights = [domain["advantage_weight"] for event in events for domain in event.get("domains", {}).values()]
    assert all(0 <= weight <= 1 for weight in weights) and len(weights) == 6


def test_a_trial_killed_before_its_result_trains_nothing_more(model, tmp_path):
    wanted = request(model, until=1)
    first = run(tmp_path, wanted)
    before = fingerprint(tmp_path, 1)
    (tmp_path / "result.json").unlink()
    (tmp_path / "checkpoints" / "step-1" / "model.safetensors").unlink()
    assert run(tmp_path, wanted).evaluations == first.evaluations
    assert fingerprint(tmp_path, 1) == before


def test_a_finished_trial_is_left_as_it_is_and_what_a_kill_left_goes(done, tmp_path):
    shutil.copytree(done[0], tmp_path, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    leftover = tmp_path / "checkpoints" / "checkpoint-3"
    leftover.mkdir()
    (leftover / SEAL).write_text("{}")
    trainer = launch(tmp_path / "request.json")
    said, _ = trainer.communicate()
    assert trainer.returncode == 0, said
    assert not leftover.exists()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_two_processes_draw_what_the_plan_says_while_examples_are_selected(model, tmp_path):
    wanted = request(model, options={"selection": "thompson", "advantage_weights": "easy_to_hard", "samples": 8})
    asked(tmp_path, wanted)
    trainer = launch(
        tmp_path / "request.json", "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"
    )
    said, _ = trainer.communicate()
    assert trainer.returncode == 0, said
    result = json.loads((tmp_path / "result.json").read_text())
    plan = plan_draws([0.5, 0.5], [40, 11], 3, 4, 7, "repeat")
    assert list(result["draws"].values()) == plan.counts(2) and result["steps"] == 3
    assert set(result["evaluations"][-1]["scores"]) == set(wanted.tests)


@pytest.fixture
def sealed(tmp_path):
    """A request and the folder of a trial with a sealed checkpoint at step 2 and a torn one at step 4."""
    given = {"study": "s", "trial": 0, "train_seed": 1, "weights": {"a": 1.0}, "domains": {"a": 9}, "tests": {"t": 3}}
    asked = Request(**given, steps=[2, 6])
    for step in (1, 2, 4):
        (tmp_path / "checkpoints" / f"checkpoint-{step}").mkdir(parents=True)
    checkpoints = Checkpoints(tmp_path / "checkpoints", asked, "/cache/base", 1)
    checkpoints.seal(1, {"evaluations": {}})
    (tmp_path / "checkpoints" / "checkpoint-2").mkdir(exist_ok=True)
    checkpoints.seal(2, {"evaluations": {"2": {"t": 0.1 + 0.2}}, "selection": [{"p": np.ones(2).tolist()}]})
    (tmp_path / "checkpoints" / "checkpoint-4").mkdir()
    return asked, tmp_path


def point(folder, asked, model="/other/base", devices=1, most=6):
    return Checkpoints(folder / "checkpoints", asked, model, devices).starting_point(folder, asked, most)


def test_only_sealed_checkpoints_count_and_older_ones_go(sealed):
    asked, folder = sealed
    found = point(folder, asked)
    assert (found.step, found.path.name) == (2, "checkpoint-2")
    assert found.state["evaluations"] == {"2": {"t": 0.1 + 0.2}}
    assert not (folder / "checkpoints" / "checkpoint-1").exists()
    assert point(folder, asked, most=1) is None, "it is past the end"


@pytest.mark.parametrize(
    "change", [{"train_seed": 2}, {"weights": {"a": 0.9}}, {"steps": [2, 7]}, {"options": {"x": 1}}]
)
def test_a_checkpoint_of_another_run_is_none(sealed, change):
    asked, folder = sealed
    other = Request(**(asked.model_dump() | change))
    assert point(folder, other) is None
    with pytest.raises(RequestError, match="holds no checkpoint of this run"):
        point(folder / "beside", Request(**(other.model_dump() | {"warm_start": "../"})))


def test_nor_is_one_of_another_base_or_number_of_devices(sealed):
    asked, folder = sealed
    assert point(folder, asked, model="/cache/newer") is None and point(folder, asked, devices=2) is None


def test_another_trial_of_the_same_run_may_use_it(sealed):
    asked, folder = sealed
    (folder / "beside").mkdir()
    assert point(folder / "beside", Request(**(asked.model_dump() | {"trial": 9, "warm_start": "../"}))).step == 2
