"""Write a mixture in the formats of other training tools; a domain's name stands for its dataset.

    json, yaml      the trial as a document
    probabilities   for datasets.interleave_datasets(..., probabilities=...), in the order of the study's domains
    ms-swift        --dataset A B --interleave_prob P Q, which it passes to interleave_datasets
    open-instruct   --dataset_mixer_list A COUNT B COUNT: a number without a point is a count of examples
    verl            data.mixture.A=P overrides; verl has no mixer of its own, and passes `data` to the sampler that
                    data.sampler.class_path names (as data_config), or to the code that writes data.train_files

Names are those of ms-swift 4, open-instruct, verl and datasets 5 in 2026.
"""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from mixopt.errors import MixoptError
from mixopt.study.asked_trial import AskedTrial

Weights = Mapping[str, float]


def document(asked: AskedTrial, steps: Sequence[int] | None) -> dict[str, Any]:
    """Return a trial as data: study, number, seed, weights, and the steps at which it wants scores, if known."""
    request = asked.request
    said = {
        "study": request.study,
        "trial": asked.number,
        "train_seed": request.train_seed,
        "weights": request.weights,
    }
    if steps is not None:
        said["steps"] = [step for step in steps if step <= (request.until or step)]
    return said


def as_json(asked: AskedTrial, steps: Sequence[int] | None) -> str:
    """Write a trial as JSON."""
    return json.dumps(document(asked, steps))


def as_yaml(asked: AskedTrial, steps: Sequence[int] | None) -> str:
    """Write a trial as YAML."""
    return "---\n" + yaml.safe_dump(document(asked, steps), sort_keys=False).rstrip()


def probabilities(weights: Weights) -> str:
    """Write weights as a JSON list."""
    return json.dumps(list(weights.values()))


def ms_swift(weights: Weights) -> str:
    """Write weights as arguments of ms-swift."""
    drawn = {name: weight for name, weight in weights.items() if weight > 0}
    shares = " ".join(repr(weight) for weight in drawn.values())
    return f"--dataset {shlex.join(drawn)} --interleave_prob {shares}"


def verl(weights: Weights) -> str:
    """Write weights as overrides of verl."""
    return " ".join(f"+data.mixture.{name}={weight!r}" for name, weight in weights.items())


def open_instruct(weights: Weights, examples: int) -> str:
    """Write weights as counts of examples for open-instruct."""
    counts = apportioned(examples, {name: weight for name, weight in weights.items() if weight > 0})
    return "--dataset_mixer_list " + " ".join(f"{shlex.quote(name)} {count}" for name, count in counts.items())


def apportioned(total: int, weights: Weights) -> dict[str, int]:
    """Return positive whole numbers that sum to `total`, nearest to the weights, by the largest remainder method.

    Weights are above 0, and no more than `total` of them. A domain with a small weight keeps one example, at the cost
    of those that are most above their weight.
    """
    counts = {name: max(int(total * weight), 1) for name, weight in weights.items()}
    while off := total - sum(counts.values()):
        towards = 1 if off > 0 else -1
        may = [name for name in counts if counts[name] + towards >= 1]
        counts[max(may, key=lambda name: towards * (total * weights[name] - counts[name]))] += towards
    return counts


DOCUMENTS: dict[str, Callable[[AskedTrial, Sequence[int] | None], str]] = {"json": as_json, "yaml": as_yaml}
MIXERS: dict[str, Callable[[Weights], str]] = {"probabilities": probabilities, "ms-swift": ms_swift, "verl": verl}
COUNTED = "open-instruct"
FORMATS = (*DOCUMENTS, *MIXERS, COUNTED)


def check_format(name: str, examples: int | None, domains: int) -> None:
    """Refuse a format that cannot express a trial.

    Args:
        name: of the format.
        examples: of the whole run.
        domains: how many domains the trial has.

    Raises:
        MixoptError: the message says what is missing.
    """
    if name not in FORMATS:
        raise MixoptError(f"--format {name}: use one of {', '.join(FORMATS)}")
    if name != COUNTED and examples is not None:
        raise MixoptError(f"--examples {examples}: only with --format {COUNTED}: leave it out")
    if name == COUNTED and examples is None:
        raise MixoptError(f"--format {name}: counts examples: give the number of the run's, such as --examples 10000")
    if examples is not None and examples < domains:
        raise MixoptError(f"--examples {examples}: are fewer than the {domains} domains, which get one each at least")


def written(asked: AskedTrial, name: str, steps: Sequence[int] | None, examples: int | None = None) -> str:
    """Return a trial in one of the FORMATS, checked before by `check_format`.

    Args:
        asked: the trial.
        name: of the format.
        steps: the study's evaluation steps; None where they are not known.
        examples: of the whole run.
    """
    if name in DOCUMENTS:
        return DOCUMENTS[name](asked, steps)
    if name in MIXERS:
        return MIXERS[name](asked.request.weights)
    assert examples is not None
    return open_instruct(asked.request.weights, examples)
