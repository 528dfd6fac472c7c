"""Where a model comes from: the embedded base model by its name `shapes`, anything else as a hub name or folder.

The embedded base is trained once a machine, and kept (cache.py).
"""

from pathlib import Path

import torch
import transformers

from rlvr_backend.cache import cache_folder, digest, kept
from rlvr_backend.options import EMBEDDED

SOURCES = ("shapes/*.py", "processor.py", "rewards/parse.py")  # from which the embedded model follows


def resolve(model: str) -> str:
    """A name that `from_pretrained` takes; the embedded base is prepared if it is not there yet."""
    return str(prepare_embedded()) if model == EMBEDDED else model


def prepare_embedded() -> Path:
    """The folder of the embedded base model, training it first if need be (minutes, once a machine)."""
    versions = f"{torch.__version__} {transformers.__version__}"
    return kept(cache_folder() / f"{EMBEDDED}-{digest(SOURCES, versions)}", _train)


def _train(folder: Path) -> None:
    from rlvr_backend.shapes.cold_start import train_base  # heavy, and needed only here

    model, processor = train_base()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
