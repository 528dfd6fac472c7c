"""An adapter instead of all weights: saved, loaded back and resumed to the last bit; and what TensorBoard gets."""

import json
import struct

import pytest
import torch
from safetensors.torch import load_file

from rlvr_backend.models.load import load_policy
from tests.support.grpo_trials import request, run

OPTIONS = {"lora": {"rank": 4, "alpha": 8}, "report_to": ["tensorboard"]}
ADAPTER = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def adapted(model, tmp_path_factory):
    """A finished trial with an adapter: its folder and its result."""
    pytest.importorskip("peft")
    pytest.importorskip("tensorboardX")
    folder = tmp_path_factory.mktemp("adapted")
    return folder, run(folder, request(model, options=OPTIONS))


def test_only_an_adapter_of_the_language_model_learns_and_is_kept(adapted):
    kept = adapted[0] / "checkpoints" / "step-3"
    weights = load_file(kept / ADAPTER)
    assert weights and all("language_model" in name and "lora_" in name for name in weights)
    assert any(tensor.any() for name, tensor in weights.items() if "lora_B" in name), "B starts at zero"
    assert not (kept / "model.safetensors").exists()


def test_what_is_kept_is_loaded_back_with_the_model_that_it_adapts(adapted, model):
    from peft import PeftModel

    kept = adapted[0] / "checkpoints" / "step-3"
    tokens = torch.arange(4, 24)[None]
    base, _ = load_policy(model)
    with torch.no_grad():
        before = base.eval()(input_ids=tokens).logits
        peft = PeftModel.from_pretrained(base, str(kept)).eval()(input_ids=tokens).logits
        ours = load_policy(kept)[0].eval()(input_ids=tokens).logits
    assert torch.equal(ours, peft) and not torch.equal(ours, before)


def test_it_is_resumed_to_the_last_bit(adapted, model, tmp_path):
    run(tmp_path / "short", request(model, until=1, options=OPTIONS))
    whole = run(tmp_path / "whole", request(model, trial=1, warm_start="../short", options=OPTIONS))
    events = [json.loads(line) for line in (tmp_path / "whole" / "events.jsonl").read_text().splitlines()]
    assert [event["step"] for event in events if event["kind"] == "resumed"] == [1]
    assert whole.evaluations == adapted[1].evaluations
    kept = [folder / "checkpoints" / "step-3" / ADAPTER for folder in (tmp_path / "whole", adapted[0])]
    assert kept[0].read_bytes() == kept[1].read_bytes()


def test_tensorboard_gets_the_figures_of_every_domain_in_the_trials_folder(adapted):
    from tensorboardX.proto.event_pb2 import Event

    steps: dict[str, list[int]] = {}
    for file in (adapted[0] / "tensorboard").iterdir():
        content, start = file.read_bytes(), 0
        while start < len(content):  # length (8 bytes), its checksum (4), event, its checksum (4)
            (length,) = struct.unpack("<Q", content[start : start + 8])
            event = Event.FromString(content[start + 12 : start + 12 + length])
            start += 16 + length
            for value in event.summary.value:
                steps.setdefault(value.tag, []).append(event.step)
    figures = [f"train/domain/detect/{figure}" for figure in ("reward", "format", "length", "zero_variance")]
    assert all(set(steps[figure]) <= {1, 2, 3} for figure in figures)
    assert steps["train/reward"] == [1, 2, 3]
