"""Sample answers of a trial's model, from `evaluation` events of its trainer (docs/trainers.md)."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mixopt.storage.files import read_own

LONGEST = 2000  # characters of a text that are shown


class Sample(BaseModel):
    """One answer to a question of a test."""

    model_config = ConfigDict(allow_inf_nan=False)

    test: str
    prompt: str
    said: str
    score: float


def read_samples(events: Path) -> list[Sample]:
    """Return the samples of the last evaluation that has any; malformed ones are left out."""
    try:
        lines = read_own(events).splitlines()
    except OSError:
        return []
    for line in reversed(lines):
        if b'"samples"' in line and (found := _samples(line)):
            return found
    return []


def _samples(line: bytes) -> list[Sample]:
    try:
        said = json.loads(line)
        found = [Sample.model_validate(sample) for sample in said["samples"]]
    except (ValueError, TypeError, KeyError, RecursionError, ValidationError):
        return []
    cut = [{"prompt": sample.prompt[:LONGEST], "said": sample.said[:LONGEST]} for sample in found]
    return [sample.model_copy(update=texts) for sample, texts in zip(found, cut, strict=True)]
