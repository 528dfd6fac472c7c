"""Warm start: find the checkpoint of a shorter run of the same mixture, from which a trial can continue.

Scores depend only on weights, training seed and steps. So the trial ends with the scores of an uninterrupted run, and
trains only the missing steps. The trainer decides whether it can use the checkpoint.
"""

import json
import math
import os
from collections.abc import Iterable
from typing import Any

from mixopt.paths import TrialFolder
from mixopt.storage.files import read_own
from mixopt.trainers.contract import Request

FREE = ("trial", "until", "warm_start")  # two requests of the same run may differ in these


def warm_start(request: Request, folder: TrialFolder, short: Iterable[TrialFolder]) -> str | None:
    """Find the longest earlier run that a request can continue.

    Args:
        request: what the trainer is asked for.
        folder: its folder.
        short: folders of trials that ended early.

    Returns:
        The path of the run's folder relative to `folder`; None if there is none.
    """
    wanted = json.loads(request.as_json())
    end = request.until or request.steps[-1]
    found = []
    for other in short:
        asked = _asked(other)
        until = asked.get("until", math.inf)  # a pruned trial was asked for in full
        if _run(asked) == _run(wanted) and until <= end and other.checkpoints.is_dir():
            found.append((until, os.path.relpath(other.path, folder.path)))
    return max(found)[1] if found else None


def _asked(folder: TrialFolder) -> dict[str, Any]:
    """The request of a trial; {} if its file is missing or damaged."""
    try:
        request = json.loads(read_own(folder.request))
    except (OSError, ValueError, RecursionError):
        return {}
    return request if isinstance(request, dict) else {}


def _run(request: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in FREE}
