"""The embedded base model `shapes`: trained once per machine and kept in the cache (cache.py)."""

from pathlib import Path

import torch
import transformers

from rlvr_backend.cache import cache_folder, make_once, source_digest
from rlvr_backend.options import EMBEDDED

SOURCES = ("shapes/*.py", "models/processor.py", "rewards/parse.py")  # the code that determines the model


def resolve(model: str) -> str:
    """Return a name that `from_pretrained` takes, after training the embedded model if it is asked for and missing.

    Args:
        model: `shapes`, a hub name or a folder.
    """
    return str(prepare_embedded()) if model == EMBEDDED else model


def prepare_embedded() -> Path:
    """Return the folder of the embedded model. The first call on a machine trains it, which takes minutes."""
    versions = f"{torch.__version__} {transformers.__version__}"
    return make_once(cache_folder() / f"{EMBEDDED}-{source_digest(SOURCES, versions)}", _train)


def _train(folder: Path) -> None:
    from rlvr_backend.shapes.cold_start import train_base  # slow to import, and only needed here

    model, processor = train_base()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
