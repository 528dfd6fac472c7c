"""A processor for Qwen2-VL models that see still images only.

The stock Qwen2VLProcessor insists on a video processor, which needs torchvision, which does not work beside the CPU
build of torch. This one is the same without the video part. A model folder that names it in `processor_config.json`
is found by `AutoProcessor.from_pretrained` once this module is imported.
"""

from transformers import AutoProcessor, Qwen2VLConfig
from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor
from transformers.processing_utils import ProcessorMixin


class StillImageProcessor(ProcessorMixin):
    """Image processor and tokenizer of a Qwen2-VL; no video."""

    return_mm_token_type_ids = True

    def __init__(self, image_processor=None, tokenizer=None, chat_template=None, **kwargs):
        self.image_token = "<|image_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        super().__init__(image_processor, tokenizer, chat_template=chat_template)

    replace_image_token = Qwen2VLProcessor.replace_image_token

    @property
    def model_input_names(self) -> list[str]:
        return [*super().model_input_names, "mm_token_type_ids"]


AutoProcessor.register(Qwen2VLConfig, StillImageProcessor, exist_ok=True)
