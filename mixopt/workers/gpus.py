"""GPUs for trials side by side: each slot sees GPUs of its own."""

import os
from itertools import takewhile

from mixopt.errors import MixoptError

VISIBLE = "CUDA_VISIBLE_DEVICES"
NONE = ("-1", "NoDevFiles")  # what stands there for no GPU, from here on; the second is Slurm's


def pinned(slots: int, each: int | None) -> list[dict[str, str]]:
    """The environment of each slot's trainers; empty where nothing is said of GPUs.

    Args:
        each: GPUs a trial, out of those in CUDA_VISIBLE_DEVICES, else of all that there are.

    Raises:
        MixoptError: there are too few.
    """
    if each is None:
        return [{} for _ in range(slots)]
    there = _visible()
    if slots * each > len(there):
        raise MixoptError(
            f"--slots {slots} --gpus-per-trial {each}: need {slots * each} GPUs and {len(there)} are visible: ask for "
            "fewer"
        )
    return [{VISIBLE: ",".join(there[slot * each : (slot + 1) * each])} for slot in range(slots)]


def gpus_each(slots: int, each: int | None) -> float:
    """GPUs a trial, for a budget in GPU-hours; where they are not pinned the slots share those that are visible.

    Raises:
        MixoptError: there are none.
    """
    if each is None and not _visible():
        raise MixoptError("budget.gpu_hours: no GPU is visible here: give the study a budget in hours or in steps")
    return each if each is not None else len(_visible()) / slots


def _visible() -> list[str]:
    if VISIBLE in os.environ:
        names = [name.strip() for name in os.environ[VISIBLE].split(",") if name.strip()]
        return list(takewhile(lambda name: name not in NONE, names))
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]
