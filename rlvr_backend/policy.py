"""The policy: a vision-language model and its processor, from a hub name, a folder, or the embedded base model.

There is one path for every model: the embedded one is a folder on disk like any other.
"""

from pathlib import Path

import torch
from transformers import AutoModelForImageTextToText, AutoProcessor, PreTrainedModel, ProcessorMixin

import rlvr_backend.processor  # noqa: F401  registers the processor class of the embedded model
from rlvr_backend.failures import loading

VISION = "visual"  # what transformers calls the vision encoder of the Qwen-VL family


def load_policy(path: str | Path) -> tuple[PreTrainedModel, ProcessorMixin]:
    """Model and processor of a folder or hub name; where it holds a LoRA adapter, with the model that it adapts."""
    model = load_model(path)
    with loading(str(path)):
        processor = AutoProcessor.from_pretrained(path)
        if not hasattr(processor, "image_processor"):
            raise ValueError("it has no processor for images")
        if not processor.chat_template:
            raise ValueError("its processor has no chat template")
    return model, processor


def load_model(path: str | Path) -> PreTrainedModel:
    """The model; the vision encoder frozen, as the paper trains.

    The parameters are float32 whatever they are stored as: at a learning rate of 1e-6 an update of a bfloat16
    parameter is lost in rounding. Training in bfloat16 is autocast.
    """
    with loading(str(path)):
        model = AutoModelForImageTextToText.from_pretrained(path, dtype=torch.float32)
    freeze_vision(model)
    return model


def freeze_vision(model: PreTrainedModel) -> None:
    """Only the language model learns (PAPER.md, "Training")."""
    for parameter in getattr(model.model, VISION).parameters():
        parameter.requires_grad_(False)
