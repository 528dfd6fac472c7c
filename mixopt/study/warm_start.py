"""Where a trial may go on from: one that ended early on the same way and has kept its checkpoint.

Scores depend on weights, training seed and steps alone, so such a run ends with the scores of one that was never
interrupted, and trains only what is missing. Whether a checkpoint serves is the trainer's to say.
"""

import json
import math
import os
from collections.abc import Iterable
from typing import Any

from mixopt.paths import TrialFolder
from mixopt.storage.files import read_own
from mixopt.trainers.contract import Request

FREE = ("trial", "until", "warm_start")  # what two requests may differ in and still be of one run


def warm_start(request: Request, folder: TrialFolder, short: Iterable[TrialFolder]) -> str | None:
    """Of `short`, the folders of trials that ended early, the one that got furthest on the way of `request`.

    Returns:
        The path relative to `folder`, which is the request's own; None where no other trial is on its way.
    """
    wanted = json.loads(request.as_json())
    end = request.until or request.steps[-1]
    found = []
    for other in short:
        asked = _asked(other)
        until = asked.get("until", math.inf)  # who prunes a trial by hand has not asked for its end
        if _run(asked) == _run(wanted) and until <= end and other.checkpoints.is_dir():
            found.append((until, os.path.relpath(other.path, folder.path)))
    return max(found)[1] if found else None


def _asked(folder: TrialFolder) -> dict[str, Any]:
    """The request of a trial; nothing where somebody has removed or spoilt it."""
    try:
        said = json.loads(read_own(folder.request))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _run(request: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in FREE}
