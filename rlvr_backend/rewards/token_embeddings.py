"""Static token embeddings of a model: rows of its input embedding matrix, read from its files when they are needed.

No second model is kept in memory. The rows are those that training started from, however far it has come and however
processes share the weights.
"""

import json
from pathlib import Path

import numpy as np

from rlvr_backend.errors import RequestError

INDEX, SINGLE = "model.safetensors.index.json", "model.safetensors"
ADAPTER = "adapter_config.json"
NAMES = ("embed_tokens.weight", "wte.weight", "word_embeddings.weight")  # what model families call the matrix


class TokenEmbeddings:
    """The input embeddings of a model.

    Args:
        model: Folder or hub name. For a LoRA adapter, its base model is read.
        tokenizer: Its tokenizer.

    Raises:
        RequestError: They cannot be read.
    """

    def __init__(self, model: str, tokenizer) -> None:
        from safetensors import safe_open

        try:
            path, key = _matrix(_base_of_adapter(model))
            self._rows = safe_open(path, framework="pt").get_slice(key)
        except (OSError, ValueError, KeyError) as error:
            why = (str(error).splitlines() or [type(error).__name__])[0]
            raise RequestError(
                f"reward 'bmas': token embeddings of {model!r} cannot be read ({why}); save it as safetensors, or name "
                "a sentence encoder as `encoder`"
            ) from error
        self._tokenizer, self._special = tokenizer, set(tokenizer.all_special_ids)

    def of(self, text: str, most: int) -> np.ndarray:
        """Return the (n, d) embeddings of the first `most` tokens of a text, without special tokens."""
        ids = self._tokenizer(text, add_special_tokens=False, truncation=True, max_length=most)["input_ids"]
        rows = [self._rows[token : token + 1].float().numpy() for token in ids if token not in self._special]
        return np.concatenate(rows) if rows else np.zeros((0, self._rows.get_shape()[1]), np.float32)


def _base_of_adapter(model: str) -> str:
    """The base model of an adapter; any other model is returned as it is."""
    adapter = _file(model, ADAPTER)
    return json.loads(adapter.read_text())["base_model_name_or_path"] if adapter else model


def _matrix(model: str) -> tuple[Path, str]:
    """The file and the key of the input embedding matrix."""
    from safetensors import safe_open

    if index := _file(model, INDEX):
        files = json.loads(index.read_text())["weight_map"]
    elif single := _file(model, SINGLE):
        files = dict.fromkeys(safe_open(single, framework="pt").keys(), SINGLE)
    else:
        raise OSError(f"it has no {SINGLE}")
    for name in NAMES:
        if key := next((key for key in files if key.endswith(name)), None):
            path = _file(model, files[key])
            if path:
                return path, key
    raise KeyError("no input embedding matrix in its weights")


def _file(model: str, name: str) -> Path | None:
    """A file of a model's folder or hub repository, or None if it does not exist."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    if Path(model).is_dir():
        return path if (path := Path(model) / name).is_file() else None
    try:
        return Path(hf_hub_download(model, name))
    except EntryNotFoundError:
        return None
