"""Where a model comes from: the embedded base model by its name `shapes`, anything else as a hub name or folder.

The embedded base is trained once and kept in the cache (`$RLVR_CACHE`, else `~/.cache/rlvr_backend`), in a folder
named after the code that makes it, so that a changed world never meets an old model.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import torch
import transformers
from filelock import FileLock

EMBEDDED = "shapes"
HERE = Path(__file__).parent
SOURCES = ("shapes/*.py", "processor.py", "rewards/parse.py")


def cache_folder() -> Path:
    return Path(os.environ.get("RLVR_CACHE") or Path.home() / ".cache" / "rlvr_backend")


def _digest() -> str:
    """Of everything the embedded model follows from."""
    parts = [path.read_bytes() for source in SOURCES for path in sorted(HERE.glob(source))]
    versions = f"{torch.__version__} {transformers.__version__}".encode()
    return hashlib.sha256(b"\0".join([*parts, versions])).hexdigest()[:12]


def resolve(model: str) -> str:
    """A name that `from_pretrained` takes; the embedded base is prepared if it is not there yet."""
    return str(prepare_embedded()) if model == EMBEDDED else model


def prepare_embedded() -> Path:
    """The folder of the embedded base model, training it first if need be (minutes, once a machine)."""
    folder = cache_folder() / f"{EMBEDDED}-{_digest()}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            from rlvr_backend.shapes.cold_start import train_base  # heavy, and needed only here

            model, processor = train_base()
            scratch = tempfile.mkdtemp(dir=folder.parent)
            model.save_pretrained(scratch)
            processor.save_pretrained(scratch)
            os.rename(scratch, folder)
    return folder
