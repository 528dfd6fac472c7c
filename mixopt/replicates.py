"""The same mixture trained with other seeds, outside a study's budget: the noise floor, and honest comparisons.

The runs lie in the study's folder and are kept: asking again trains only what is missing. They are no trials, so the
search does not see them.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

from mixopt.backends.base import Backend, Result
from mixopt.errors import WeightsError
from mixopt.folders import TrialFolder
from mixopt.plan import request_of
from mixopt.study import Study


def mixture_of(study: Study, text: str) -> dict[str, float]:
    """Weights from `recommended`, from the number or the label of a finished trial, or from JSON.

    Raises:
        WeightsError: it is none of these, the label of several, or not on the study's space.
    """
    if text == "recommended":
        return study.recommend().weights
    runs = study.runs()
    numbers = runs.numbers.tolist()
    meant = [n for n in numbers if str(n) == text] or [n for n, name in zip(numbers, runs.labels) if name == text]
    if len(meant) > 1:
        raise WeightsError(f"mixture {text!r}: trials {', '.join(map(str, meant))} are called so: say a trial's number")
    if meant:
        return study.space.as_dict(runs.weights[numbers.index(meant[0])])
    try:
        weights = json.loads(text)
        return study.space.as_dict(study.space.as_array(weights))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise WeightsError(
            f"mixture {text!r}: say `recommended`, the number or label of a finished trial, or JSON such as "
            f'{{"{study.space.domains[0]}": 0.5, ...}}'
        ) from None


def replicate_runs(
    study: Study, backend: Backend, weights: dict[str, float], seeds: Sequence[int], slots: int
) -> list[Result]:
    """The result of a mixture for each training seed; `study.value` makes a score of it.

    Raises:
        TrialFailed: a trainer failed; what had finished is kept.
    """
    return [result for _, result in runs_in(study.folder.replicate, study, backend, weights, seeds, slots)]


def runs_in(
    folder_of: Callable[[str], TrialFolder],
    study: Study,
    backend: Backend,
    weights: dict[str, float],
    seeds: Sequence[int],
    slots: int,
    **options: Any,
) -> list[tuple[TrialFolder, Result]]:
    """The folder and the result of a mixture for each training seed, trained with `options` beside the study's own."""
    backend.prepare()
    mixture = hashlib.sha256(json.dumps(weights).encode()).hexdigest()[:12]
    stop = Event()

    def trained(seed: int) -> tuple[TrialFolder, Result]:
        folder, request = folder_of(f"{mixture}-{seed}"), request_of(study.spec, 0, weights, seed)
        return folder, backend.run(replace(request, options={**request.options, **options}), folder, stop)

    with ThreadPoolExecutor(slots) as pool:
        try:
            return list(pool.map(trained, seeds))
        except BaseException:
            stop.set()
            raise
