"""Load a vision-language model and its processor from a hub name or a folder (also the embedded model's)."""

from pathlib import Path

import torch
from transformers import AutoModelForImageTextToText, AutoProcessor, PreTrainedModel, ProcessorMixin

import rlvr_backend.models.processor  # noqa: F401  registers the processor class of the embedded model
from rlvr_backend.library_errors import loading

VISION = "visual"  # name of the vision encoder of Qwen-VL models in transformers


def load_policy(path: str | Path) -> tuple[PreTrainedModel, ProcessorMixin]:
    """Load a model and its processor. A folder with a LoRA adapter is loaded together with its base model.

    Args:
        path: Folder or hub name.

    Raises:
        RequestError: It is no complete vision-language model.
    """
    model = load_model(path)
    with loading(str(path)):
        processor = AutoProcessor.from_pretrained(path)
        if not hasattr(processor, "image_processor"):
            raise ValueError("it has no processor for images")
        if not processor.chat_template:
            raise ValueError("its processor has no chat template")
    return model, processor


def load_model(path: str | Path) -> PreTrainedModel:
    """Load a model with a frozen vision encoder, as the paper trains.

    Parameters are float32 however they are stored: at a learning rate of 1e-6, rounding loses an update of a bfloat16
    parameter. Training in bfloat16 uses autocast.

    Args:
        path: Folder or hub name.

    Raises:
        RequestError: It cannot be loaded.
    """
    with loading(str(path)):
        model = AutoModelForImageTextToText.from_pretrained(path, dtype=torch.float32)
    freeze_vision(model)
    return model


def freeze_vision(model: PreTrainedModel) -> None:
    """Freeze the vision encoder, so that only the language model learns (docs/paper.md, "Training")."""
    for parameter in getattr(model.model, VISION).parameters():
        parameter.requires_grad_(False)
