"""A mixture in the words of the tools that train on it; a domain's name stands where the tool wants its dataset.

    json, yaml      the trial as a document
    probabilities   for datasets.interleave_datasets(..., probabilities=...), in the order of the study's domains
    ms-swift        --dataset A B --interleave_prob P Q, which it passes to interleave_datasets
    open-instruct   --dataset_mixer_list A COUNT B COUNT: a number without a point is a count of examples
    verl            data.mixture.A=P overrides; verl has no mixer of its own, and hands `data` to the sampler that
                    data.sampler.class_path names (as data_config), or to whoever writes data.train_files

Names are those of ms-swift 4, open-instruct, verl and datasets 5 in 2026.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from mixopt.errors import MixoptError
from mixopt.study import Asked

Weights = Mapping[str, float]


def document(asked: Asked) -> dict[str, Any]:
    """A trial as data: study, number, seed, weights, and the steps at which it wants scores."""
    request = asked.request
    return {
        "study": request.study,
        "trial": asked.number,
        "train_seed": request.train_seed,
        "weights": request.weights,
        "steps": [step for step in request.steps if step <= (request.until or step)],
    }


def as_json(asked: Asked) -> str:
    return json.dumps(document(asked))


def as_yaml(asked: Asked) -> str:
    return "---\n" + yaml.safe_dump(document(asked), sort_keys=False).rstrip()


def probabilities(weights: Weights) -> str:
    return json.dumps(list(weights.values()))


def ms_swift(weights: Weights) -> str:
    drawn = {name: weight for name, weight in weights.items() if weight > 0}
    shares = " ".join(repr(weight) for weight in drawn.values())
    return f"--dataset {shlex.join(drawn)} --interleave_prob {shares}"


def verl(weights: Weights) -> str:
    return " ".join(f"+data.mixture.{name}={weight!r}" for name, weight in weights.items())


def open_instruct(weights: Weights, examples: int) -> str:
    counts = {name: count for name, count in apportioned(examples, weights).items() if count}
    return "--dataset_mixer_list " + " ".join(f"{shlex.quote(name)} {count}" for name, count in counts.items())


def apportioned(total: int, weights: Weights) -> dict[str, int]:
    """Whole numbers that sum to `total`, nearest to the weights: the largest remainders are rounded up."""
    counts = {name: int(total * weight) for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: counts[name] - total * weights[name])
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


DOCUMENTS: dict[str, Callable[[Asked], str]] = {"json": as_json, "yaml": as_yaml}
MIXERS: dict[str, Callable[[Weights], str]] = {"probabilities": probabilities, "ms-swift": ms_swift, "verl": verl}
COUNTED = "open-instruct"
FORMATS = (*DOCUMENTS, *MIXERS, COUNTED)


def check_format(name: str, examples: int | None) -> None:
    """Raise MixoptError where a trial cannot be written so; `examples` are those of the whole run."""
    if name not in FORMATS:
        raise MixoptError(f"--format {name}: say one of {', '.join(FORMATS)}")
    if name == COUNTED and examples is None:
        raise MixoptError(f"--format {name}: counts examples: say how many the run takes, such as --examples 10000")


def written(asked: Asked, name: str, examples: int | None = None) -> str:
    """A trial in one of the FORMATS, checked before by `check_format`."""
    if name in DOCUMENTS:
        return DOCUMENTS[name](asked)
    if name in MIXERS:
        return MIXERS[name](asked.request.weights)
    assert examples is not None
    return open_instruct(asked.request.weights, examples)
