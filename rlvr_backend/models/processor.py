"""Processor for Qwen2-VL models that see still images only, so that torchvision is not needed.

The stock Qwen2VLProcessor requires a video processor, which needs torchvision, which does not work with the CPU build
of torch. This one is the same without the video part. `AutoProcessor.from_pretrained` finds it for a model folder that
names it in `processor_config.json`, once this module is imported.
"""

from transformers import AutoProcessor, Qwen2VLConfig
from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor
from transformers.processing_utils import ProcessorMixin


class StillImageProcessor(ProcessorMixin):
    """Image processor and tokenizer of a Qwen2-VL, without video."""

    return_mm_token_type_ids = True

    def __init__(self, image_processor=None, tokenizer=None, chat_template=None, **kwargs):
        self.image_token = "<|image_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        super().__init__(image_processor, tokenizer, chat_template=chat_template)

    replace_image_token = Qwen2VLProcessor.replace_image_token

    @property
    def model_input_names(self) -> list[str]:
        """Names of the model's inputs."""
        return [*super().model_input_names, "mm_token_type_ids"]


AutoProcessor.register(Qwen2VLConfig, StillImageProcessor, exist_ok=True)
