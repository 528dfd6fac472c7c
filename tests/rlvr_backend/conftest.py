"""Shared by the trainer's tests."""

from pathlib import Path

import pytest

from mixopt.trainers.contract import Result
from tests.support.grpo_trials import request, run


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory) -> str:
    """The folder of a sentence encoder of random weights, saved as a hub's would be."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = "[PAD] [UNK] [CLS] [SEP] a the cat dog sits runs on mat".split()
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    folder = str(tmp_path_factory.mktemp("encoder"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=64,
        )
        BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> str:
    """A base model on disk that has learnt the tags now and then, and next to nothing else."""
    import torch

    from rlvr_backend.shapes.cold_start import train_base

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("model")
    model, processor = train_base(schedule=((240, (0.0, 0.0, 1.0)),), examples=400)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def done(model, tmp_path_factory) -> tuple[Path, Result]:
    """One finished trial: its folder and its result."""
    folder = tmp_path_factory.mktemp("trial")
    return folder, run(folder, request(model))
