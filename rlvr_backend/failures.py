"""What stops a run from outside, told in one line: no room on the disk, a model that cannot be loaded, a taken port.

Libraries say these things in ways of their own, many lines deep; here they are recognised and given their mend.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rlvr_backend.contract import RequestError, RunFailed

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
WRITE_FAILED = ("Error while serializing", "file write failed", "unexpected pos")  # safetensors; torch.save, twice


def no_room(error: BaseException | None) -> bool:
    """Whether a write failed for want of room, here or in what the error came from."""
    while error is not None:
        if getattr(error, "errno", None) in NO_ROOM or any(text in str(error) for text in WRITE_FAILED):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def training_in(folder: Path) -> Iterator[None]:
    """Raises RunFailed in place of what libraries raise where the disk of the trial's folder is full."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, _safetensors_error()) as error:
        if not no_room(error):
            raise
        raise RunFailed(
            f"{folder}: there is no room to write ({_first_sentence(error)}): make some on the disk and run the trial "
            "again; it goes on from its last checkpoint"
        ) from error


@contextmanager
def loading(model: str) -> Iterator[None]:
    """Raises RequestError in place of what `from_pretrained` raises for a model or processor that is not whole."""
    try:
        yield
    except ImportError as error:
        if "torchvision" not in str(error).lower():
            raise
        raise RequestError(
            f"model {model}: its processor needs torchvision, which is not installed: install the torchvision that "
            "belongs to this torch, or save the model with a processor that sees still images only "
            "(rlvr_backend/processor.py)"
        ) from error
    except (OSError, ValueError, _safetensors_error()) as error:
        raise RequestError(
            f"model {model}: cannot be loaded ({_first_sentence(error)}): it must be a folder or hub name of a "
            "vision-language model, with weights, processor and chat template"
        ) from error


@contextmanager
def joining_processes() -> Iterator[None]:
    """Raises RunFailed where the port at which this run's processes meet is taken."""
    from torch.distributed import DistNetworkError

    try:
        yield
    except DistNetworkError as error:
        raise RunFailed(
            f"port {os.environ.get('MASTER_PORT')}, at which the processes of this run meet, cannot be used "
            f"({_first_sentence(error)}): launch with another one (accelerate launch --main_process_port PORT)"
        ) from error


def _safetensors_error() -> type[Exception]:
    from safetensors import SafetensorError  # later than the command line needs it

    return SafetensorError


def _first_sentence(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].partition(". ")[0]
