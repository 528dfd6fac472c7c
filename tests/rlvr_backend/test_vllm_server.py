"""The vLLM server of a trial, with a stand-in for vLLM under its own name: started, known, and never left behind."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from rlvr_backend.errors import RequestError, RunFailed
from rlvr_backend.generation import vllm_server
from rlvr_backend.generation.vllm_server import VllmServer, free_ports, server_for, spare_gpu
from rlvr_backend.options import Options

STAND_IN = Path(__file__).parent / "stand_in"


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Where the stand-in writes what it was told."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(STAND_IN), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("STAND_IN_SAID", str(tmp_path / "said.json"))
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setattr(vllm_server, "POLL", 0.05)
    return tmp_path / "said.json"


def server(tmp_path, model="some/model"):
    return VllmServer(model, "bfloat16", 0.25, "3", tmp_path / "vllm_server.log")


def wait_for(happened, seconds=120):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def gone(said) -> bool:
    return all(map(dead, json.loads(said.read_text())["pids"]))


def dead(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_is_started_with_what_trl_needs_and_ended_with_its_children(tmp_path, said):
    with server(tmp_path) as running:
        heard = json.loads(said.read_text())
        assert not gone(said)
        with urllib.request.urlopen(f"{running.url}/get_world_size") as answer:
            assert json.load(answer) == {"world_size": 1}
    told = heard["told"]
    assert (told["model"], told["dtype"], told["gpu_memory_utilization"]) == ("some/model", "bfloat16", "0.25")
    assert running.url == f"http://{told['host']}:{told['port']}" and int(told["port"]) != running.group_port
    assert json.loads(told["weight_transfer_config"]) == {"backend": "nccl"}
    assert told["logprobs_mode"] == "processed_logprobs"
    own = {"VLLM_SERVER_DEV_MODE": "1", "CUDA_VISIBLE_DEVICES": "3", "WORLD_SIZE": None}
    assert heard["environment"] == own, "and nothing of the training's process group"
    wait_for(lambda: gone(said))


def test_trls_client_finds_it(tmp_path, said, monkeypatch):
    pytest.importorskip("requests")
    from trl.generation import vllm_client

    monkeypatch.setattr(vllm_client, "is_vllm_available", lambda *_, **__: True)
    with server(tmp_path) as running:
        client = vllm_client.VLLMClient(base_url=running.url, group_port=running.group_port)
        assert client.model == json.loads(said.read_text())["told"]["served_model_name"]
        assert client.get_world_size() == 1
        assert client.get_server_info()["weight_transfer_config"] == {"backend": "nccl"}


def test_a_failure_of_the_training_ends_it_too(tmp_path, said):
    with pytest.raises(ZeroDivisionError), server(tmp_path):
        _ = 1 / 0
    wait_for(lambda: gone(said))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_trial_leaves_no_server_behind(tmp_path, said, how):
    code = (
        "import sys, time, pathlib; from rlvr_backend.generation.vllm_server import VllmServer\n"
        "with VllmServer('m', 'bfloat16', 0.3, '0', pathlib.Path(sys.argv[1])): print('up', flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", code, str(tmp_path / "log")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as trainer:
        assert trainer.stdout.readline() == "up\n"
        trainer.send_signal(how)
    wait_for(lambda: gone(said))


def test_one_that_dies_is_told_by_its_last_line(tmp_path, said):
    with pytest.raises(RunFailed, match="ended with exit code 1: RuntimeError: the model does not fit"):
        server(tmp_path, "dies").__enter__()


def test_one_that_never_listens_is_given_up_and_ended(tmp_path, said, monkeypatch):
    monkeypatch.setattr(vllm_server, "START_LIMIT", 2.0)
    with pytest.raises(RunFailed, match="did not become healthy in time"):
        server(tmp_path, "mute").__enter__()
    wait_for(lambda: not said.exists() or gone(said))


def test_a_server_of_somebody_else_on_the_port_is_not_taken_for_ones_own(tmp_path, said, monkeypatch):
    with server(tmp_path) as first:
        other = server(tmp_path, "another/model")
        other._port, other.url = first._port, first.url
        other._log = tmp_path / "other.log"
        with pytest.raises(RunFailed, match="Address already in use"):
            other.__enter__()


def test_ports_are_free_and_different():
    assert len(set(free_ports(5))) == 5


def test_it_takes_the_first_gpu_that_the_training_leaves(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert spare_gpu(3) == "3"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7")
    assert spare_gpu(2) == "6"
    with pytest.raises(RequestError, match="needs a GPU beside the 4 of the training"):
        spare_gpu(4)


def test_only_the_first_process_of_a_run_that_wants_one_starts_it(tmp_path, monkeypatch):
    with server_for(Options.of({}), "m", 1, tmp_path) as none:
        assert none is None
    monkeypatch.setenv("RANK", "1")
    with server_for(Options(generation="vllm_server"), "m", 2, tmp_path) as none:
        assert none is None
