"""The untrained base model of the shapes world: a Qwen2-VL of under a million parameters, and its processor.

The vocabulary is word-level: every word, number and tag of the shapes world is one token.
"""

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import PreTrainedTokenizerFast, Qwen2VLConfig, Qwen2VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from rlvr_backend.models.processor import StillImageProcessor
from rlvr_backend.rewards.parse import TAGS
from rlvr_backend.shapes.images import ANGLES, COLOURS, COLUMNS, HEIGHTS, ROWS, SHAPES, SIDE, Chart, Thing
from rlvr_backend.shapes.questions import LETTERS, NUMBER_WORDS

PATCH = 8
MERGE = 2
SPECIAL = (
    "<pad>",
    "<unk>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
WORDS = tuple(
    "user assistant measure name choose find list say every the it large small angle ? is side left right above below "
    "of how many wide high mix to do and which bar highest lowest much higher than shape in row colour facts describe "
    "; [ ]".split(" ")
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|> {{ message['role'] }} "
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|> "
    "{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %} <|im_end|> {% endfor %}"
    "{% if add_generation_prompt %}<|im_start|> assistant {% endif %}"
)


def coordinates() -> list[int]:
    """Return every number that a box of this world can have."""
    things = [Thing(i, i, "square", "red", large).box for i in range(3) for large in (False, True)]
    bars = [Chart((("red", h),) * 3).box(c) for h in HEIGHTS for c in range(3)]
    return sorted({v for box in [*things, *bars, (0, 500, 1000, 1000)] for v in box})


def vocabulary() -> list[str]:
    """Return all tokens. Their order is part of the model."""
    numbers = [str(n) for n in range(10)] + list(map(str, ANGLES))
    boxes = [f"{v}{comma}" for v in coordinates() for comma in ("", ",")]
    words = [
        *SPECIAL,
        *WORDS,
        *TAGS,
        *LETTERS,
        *(f"({letter})" for letter in LETTERS),
        *NUMBER_WORDS,
        *SHAPES,
        *COLOURS,
        *ROWS,
        *COLUMNS,
    ]
    return list(dict.fromkeys([*words, *numbers, *boxes]))


def new_processor() -> StillImageProcessor:
    """Return the processor, with a word-level tokenizer."""
    words = vocabulary()
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        pad_token="<pad>",
        eos_token="<|im_end|>",
        additional_special_tokens=list(SPECIAL[2:]),
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
    images = Qwen2VLImageProcessorPil(
        patch_size=PATCH, merge_size=MERGE, size={"shortest_edge": SIDE**2, "longest_edge": SIDE**2}
    )
    return StillImageProcessor(images, fast, chat_template=CHAT_TEMPLATE)


def new_model(processor: StillImageProcessor) -> Qwen2VLForConditionalGeneration:
    """Return the model with random weights."""
    tokenizer = processor.tokenizer
    token = tokenizer.convert_tokens_to_ids
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": 96,
            "intermediate_size": 256,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "max_position_embeddings": 256,
            "initializer_range": 0.1,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 4, 4]},
            "bos_token_id": None,
            "eos_token_id": token("<|im_end|>"),
            "pad_token_id": token("<pad>"),
        },
        vision_config={
            "depth": 2,
            "embed_dim": 64,
            "hidden_size": 96,
            "num_heads": 4,
            "mlp_ratio": 2,
            "patch_size": PATCH,
            "spatial_merge_size": MERGE,
            "initializer_range": 0.1,
        },
        image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    model = Qwen2VLForConditionalGeneration(config)
    model.generation_config.eos_token_id = token("<|im_end|>")
    model.generation_config.pad_token_id = token("<pad>")
    return model
