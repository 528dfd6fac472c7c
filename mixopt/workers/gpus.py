"""Assign GPUs to slots: CUDA_VISIBLE_DEVICES of each slot, so that trials side by side use different GPUs."""

import os
from itertools import takewhile

from mixopt.errors import MixoptError

VISIBLE = "CUDA_VISIBLE_DEVICES"
NONE = ("-1", "NoDevFiles")  # entries that hide themselves and all GPUs after them; the second is SLURM's


def pinned(slots: int, each: int | None) -> list[dict[str, str]]:
    """The environment variables that give each slot its GPUs.

    Args:
        slots: How many trials run side by side.
        each: GPUs of each trial, out of those in CUDA_VISIBLE_DEVICES, or of all GPUs where it is not set. None leaves
            the environment as it is.

    Raises:
        MixoptError: There are too few GPUs.
    """
    if each is None:
        return [{} for _ in range(slots)]
    visible = _visible()
    if slots * each > len(visible):
        raise MixoptError(
            f"--slots {slots} --gpus-per-trial {each}: need {slots * each} GPUs and {len(visible)} are "
            "visible: ask for fewer"
        )
    return [{VISIBLE: ",".join(visible[slot * each : (slot + 1) * each])} for slot in range(slots)]


def gpus_each(slots: int, each: int | None) -> float:
    """GPUs of each trial, for a budget in GPU-hours.

    Args:
        slots: How many trials run side by side.
        each: GPUs assigned to each trial; where None, the slots share the visible GPUs.

    Raises:
        MixoptError: There are none.
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
