"""Bidirectional max-average similarity, Mixed-R1's reward for open-ended answers (PAPER.md, "Neighbours").

Its abstract speaks of embeddings of the tokenizer, its formula of token embeddings. Both are here: the last hidden
states of a sentence encoder (the default; on the CPU, one encoder a process), and the static token embeddings of the
model that is trained, as it was before (`encoder: policy`; token_embeddings.py). Special tokens are left out, negative
similarities count as 0.
"""

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from rlvr_backend.contract import RequestError
from rlvr_backend.rewards.accuracy import accuracy
from rlvr_backend.rewards.parse import LONGEST
from rlvr_backend.rewards.token_embeddings import TokenEmbeddings
from rlvr_backend.rewards.truth import Reward, Truth

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
POLICY = "policy"  # in place of an encoder's name: the trained model's own token embeddings
MOST_TOKENS = 256  # of a text that are compared


def similarity(response: np.ndarray, reference: np.ndarray) -> float:
    """(n, d) and (k, d) token embeddings -> (mean_i max_j cos(e_i, g_j) + mean_j max_i cos(e_i, g_j)) / 2 in [-1, 1].

    0.0 where either has no tokens.
    """
    if not len(response) or not len(reference):
        return 0.0
    cosines = _unit(response) @ _unit(reference).T
    return float((cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def bmas_with(encoder: str) -> Reward:
    """The reward with the encoder of that hub name or folder, which is loaded at the first call.

    That call raises RequestError where there is no such encoder.
    """
    return _bmas(lambda text: _embedded(encoder, text))


def bmas_of_tokens(model: str, tokenizer) -> Reward:
    """The reward with the static token embeddings of the model of that hub name or folder, by its tokenizer.

    Raises RequestError where they cannot be read.
    """
    embeddings = TokenEmbeddings(model, tokenizer)
    return _bmas(lru_cache(maxsize=64)(lambda text: embeddings.of(_valid(text), MOST_TOKENS)))


def _bmas(embedded: Callable[[str], np.ndarray]) -> Reward:
    def bmas(answer: str, truth: Truth) -> float:
        """Similarity to the most similar reference, in [0, 1]."""
        if accuracy(answer, truth):
            return 1.0
        said = embedded(answer[:LONGEST])
        best = max(similarity(said, embedded(reference)) for reference in truth.references)
        return float(np.clip(best, 0.0, 1.0))

    return bmas


@lru_cache(maxsize=64)  # a group of completions shares its references
def _embedded(encoder: str, text: str) -> np.ndarray:
    """(n, d) embeddings of the text's tokens, n at most MOST_TOKENS."""
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
    """Without lone surrogates, which tokenizers refuse."""
    return text.encode(errors="replace").decode()


@cache
def _loaded(encoder: str):
    """Tokenizer and model of an encoder."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    try:
        with torch.random.fork_rng(devices=[]):  # what loading draws must not change the training's random numbers
            return AutoTokenizer.from_pretrained(encoder), AutoModel.from_pretrained(encoder).eval()
    except (OSError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise RequestError(
            f"reward 'bmas': encoder {encoder!r} cannot be loaded ({why}); name a sentence encoder's hub name or folder"
        ) from error
