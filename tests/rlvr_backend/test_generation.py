"""Who generates, adapters and reports: from the options to TRL's and peft's fields, and what is refused."""

import importlib.util
from types import SimpleNamespace

import pytest
import torch

from rlvr_backend.errors import RequestError
from rlvr_backend.options import Lora, Options
from rlvr_backend.training.trl_config import grpo_config, lora_config

found = importlib.util.find_spec


def config(folder, server=None, **options):
    return grpo_config(Options(**{"dtype": "float32", **options}), folder, 10, 42, 1, server)


def test_transformers_generates_where_nothing_is_said(tmp_path):
    said = config(tmp_path)
    assert not said.use_vllm and said.report_to == []


def test_vllm_may_share_the_gpu(tmp_path):
    said = config(tmp_path, generation="vllm_colocate", vllm_memory=0.4)
    assert (said.use_vllm, said.vllm_mode, said.vllm_gpu_memory_utilization) == (True, "colocate", 0.4)


def test_or_serve_on_ports_of_the_trials_own(tmp_path):
    server = SimpleNamespace(url="http://127.0.0.1:4711", group_port=4712)
    said = config(tmp_path, server, generation="vllm_server")
    assert (said.use_vllm, said.vllm_mode) == (True, "server")
    assert (said.vllm_server_base_url, said.vllm_group_port) == ("http://127.0.0.1:4711", 4712)
    elsewhere = config(tmp_path, generation="vllm_server")
    assert elsewhere.use_vllm and elsewhere.vllm_server_base_url is None, "only the main process knows it"


def test_activations_are_computed_again_on_a_gpu_unless_it_is_switched_off(tmp_path, monkeypatch):
    monkeypatch.setattr("rlvr_backend.training.trl_config.GRPOConfig", dict)
    for gpu, option, done in [(True, True, True), (True, False, False), (False, True, False)]:
        monkeypatch.setattr(torch.cuda, "is_available", lambda gpu=gpu: gpu)
        assert config(tmp_path, gradient_checkpointing=option)["gradient_checkpointing"] == done


def test_an_adapter_is_told_to_peft_and_spares_the_vision_encoder():
    said = lora_config(Lora(**{"rank": 8, "alpha": 32, "targets": ["q_proj", "v_proj"]}))
    assert (said.r, said.lora_alpha, set(said.target_modules)) == (8, 32, {"q_proj", "v_proj"})
    assert said.exclude_modules and lora_config(None) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"generation": "vllm"}, "'generation' must be 'transformers', 'vllm_colocate' or 'vllm_server', not 'vllm'"),
        ({"generation": "vllm_server", "model": "m"}, "vllm_server needs vllm: pip install 'trl"),
        ({"vllm_memory": 1.5}, "'vllm_memory' must be less than or equal to 1, not 1.5"),
        ({"vllm_memory": True}, "'vllm_memory' must be a valid number, not True"),
        ({"gradient_checkpointing": 1}, "'gradient_checkpointing' must be a valid boolean, not 1"),
        ({"report_to": "wandb"}, "'report_to' must be a valid list, not 'wandb'"),
        ({"report_to": ["tensorbord"]}, "must name some of tensorboard, trackio, wandb, not 'tensorbord'"),
        ({"report_to": ["wandb"]}, "wandb needs wandb: pip install wandb"),
        ({"report_to": ["tensorboard"]}, "tensorboard needs tensorboard or tensorboardX: pip install tensorboardX"),
        ({"lora": {"rank": 4}}, r"'lora' needs peft: pip install 'mixopt\[lora\]'"),
        ({"lora": 16}, "'lora' must be a valid dictionary or instance of Lora, not 16"),
    ],
)
def test_what_cannot_be_is_one_line(options, said, monkeypatch):
    monkeypatch.setattr("rlvr_backend.packages.find_spec", lambda name: None)
    with pytest.raises(RequestError, match=said):
        Options.of(options)


@pytest.mark.parametrize(
    ("lora", "said"),
    [
        ({"rank": 0}, "'lora.rank' must be greater than 0, not 0"),
        ({"r": 8}, "'lora.r' is unknown"),
        ({"targets": 3}, "'lora.targets"),
    ],
)
def test_an_adapter_that_cannot_be_is_one_line(lora, said):
    with pytest.raises(RequestError, match=said):
        Options.of({"lora": lora})


def test_vllm_is_not_asked_for_the_embedded_model(monkeypatch):
    monkeypatch.setattr("rlvr_backend.packages.find_spec", lambda name: name == "vllm" or found(name))
    assert Options.of({"generation": "vllm_colocate"}).generation == "vllm_colocate"
    with pytest.raises(RequestError, match="vLLM does not know the processor of the model 'shapes'"):
        Options.of({"generation": "vllm_server", "model": "shapes"})
