"""Reward `bmas`: bidirectional max-average similarity, Mixed-R1's reward for open-ended answers.

Mixed-R1's abstract speaks of embeddings of the tokenizer, its formula of token embeddings. Both are here: the last
hidden states of a sentence encoder (the default; on the CPU, one encoder per process), and the static token embeddings
of the trained model before training (`encoder: policy`; token_embeddings.py). Special tokens are left out, and negative
similarities count as 0.

References:
    Xu et al. 2025, "Mixed-R1: Unified Reward Perspective For Reasoning Capability in Multimodal Large Language Models",
    arXiv:2505.24164 (docs/paper.md, "Related methods").
"""

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards.accuracy import accuracy
from rlvr_backend.rewards.parse import LONGEST
from rlvr_backend.rewards.token_embeddings import TokenEmbeddings
from rlvr_backend.rewards.truth import Reward, Truth

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
POLICY = "policy"  # in place of an encoder's name: the trained model's own token embeddings
MOST_TOKENS = 256  # tokens of a text that are compared


def similarity(response: np.ndarray, reference: np.ndarray) -> float:
    """Return (mean_i max_j cos(e_i, g_j) + mean_j max_i cos(e_i, g_j)) / 2 in [-1, 1], or 0.0 without tokens.

    Args:
        response: (n, d) token embeddings e.
        reference: (k, d) token embeddings g.
    """
    if not len(response) or not len(reference):
        return 0.0
    cosines = _unit(response) @ _unit(reference).T
    return float((cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def bmas_with(encoder: str) -> Reward:
    """Return the reward with a sentence encoder, which is loaded at the first call.

    Args:
        encoder: Hub name or folder. If it cannot be loaded, the first call raises RequestError.
    """
    return _bmas(lambda text: _embedded(encoder, text))


def bmas_of_tokens(model: str, tokenizer) -> Reward:
    """Return the reward with the static token embeddings of a model.

    Args:
        model: Hub name or folder.
        tokenizer: Its tokenizer.

    Raises:
        RequestError: The embeddings cannot be read.
    """
    embeddings = TokenEmbeddings(model, tokenizer)
    return _bmas(lru_cache(maxsize=64)(lambda text: embeddings.of(_valid(text), MOST_TOKENS)))


def _bmas(embedded: Callable[[str], np.ndarray]) -> Reward:
    def bmas(answer: str, truth: Truth) -> float:
        """Return the similarity to the most similar reference, in [0, 1]."""
        if accuracy(answer, truth):
            return 1.0
        embeddings = embedded(answer[:LONGEST])
        best = max(similarity(embeddings, embedded(reference)) for reference in truth.references)
        return float(np.clip(best, 0.0, 1.0))

    return bmas


@lru_cache(maxsize=64)  # a group of completions shares its references
def _embedded(encoder: str, text: str) -> np.ndarray:
    """The (n, d) embeddings of the text's tokens, n at most MOST_TOKENS."""
    import torch

    tokenizer, model = _loaded(encoder)
    most = min(MOST_TOKENS, tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", MOST_TOKENS))
    tokens = tokenizer(
        _valid(text), truncation=True, max_length=most, return_special_tokens_mask=True, return_tensors="pt"
    )
    special = tokens.pop("special_tokens_mask")[0].bool()
    with torch.inference_mode():
        return model(**tokens).last_hidden_state[0][~special].float().numpy()


def _valid(text: str) -> str:
    """The text without lone surrogates, which tokenizers refuse."""
    return text.encode(errors="replace").decode()


@cache
def _loaded(encoder: str):
    """Tokenizer and model of an encoder."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    try:
        with torch.random.fork_rng(devices=[]):  # loading must not change the random numbers of training
            return AutoTokenizer.from_pretrained(encoder), AutoModel.from_pretrained(encoder).eval()
    except (OSError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise RequestError(
            f"reward 'bmas': encoder {encoder!r} cannot be loaded ({why}); name a sentence encoder's hub name or folder"
        ) from error
