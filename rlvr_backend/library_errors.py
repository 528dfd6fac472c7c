"""Turn errors of libraries into one clear line: a full disk, a model that cannot be loaded, a port in use.

Libraries report these in many ways and on many lines. Here they are recognised and get a fix.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rlvr_backend.errors import RequestError, RunFailed

DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
WRITE_FAILED = ("Error while serializing", "file write failed", "unexpected pos")  # safetensors, and torch.save twice


def is_disk_full(error: BaseException | None) -> bool:
    """Return whether an error, or one that caused it, is a write that failed because the disk is full."""
    while error is not None:
        if getattr(error, "errno", None) in DISK_FULL or any(text in str(error) for text in WRITE_FAILED):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def training_in(folder: Path) -> Iterator[None]:
    """Replace errors about a full disk within the context.

    Raises:
        RunFailed: The disk of the trial's folder is full.
    """
    try:
        yield
    except (OSError, RuntimeError, ValueError, _safetensors_error()) as error:
        if not is_disk_full(error):
            raise
        raise RunFailed(
            f"{folder}: the disk is full ({_first_sentence(error)}): free some space and run the trial again; it "
            "continues from its last checkpoint"
        ) from error


@contextmanager
def loading(model: str) -> Iterator[None]:
    """Replace errors of `from_pretrained` about a model or processor that is not complete.

    Raises:
        RequestError: The model cannot be loaded.
    """
    try:
        yield
    except ImportError as error:
        if "torchvision" not in str(error).lower():
            raise
        raise RequestError(
            f"model {model}: its processor needs torchvision, which is not installed: install the torchvision that "
            "belongs to this torch, or save the model with a processor for still images only "
            "(rlvr_backend/models/processor.py)"
        ) from error
    except (OSError, ValueError, _safetensors_error()) as error:
        raise RequestError(
            f"model {model}: cannot be loaded ({_first_sentence(error)}): it must be a folder or hub name of a "
            "vision-language model, with weights, processor and chat template"
        ) from error


@contextmanager
def joining_processes() -> Iterator[None]:
    """Replace the error about the port at which the processes of a run meet.

    Raises:
        RunFailed: The port is in use.
    """
    from torch.distributed import DistNetworkError

    try:
        yield
    except DistNetworkError as error:
        raise RunFailed(
            f"port {os.environ.get('MASTER_PORT')}, at which the processes of this run meet, cannot be used "
            f"({_first_sentence(error)}): launch with another one (accelerate launch --main_process_port PORT)"
        ) from error


def _safetensors_error() -> type[Exception]:
    from safetensors import SafetensorError  # imported late: the command line does not need it

    return SafetensorError


def _first_sentence(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].partition(". ")[0]
