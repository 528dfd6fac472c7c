"""Train a mixture and keep its models: one run for each training seed, outside the study's budget.

Each run counts as a replicate (study/replicates.py). The trainer needs one option, keep_checkpoints: last, which
rlvr_backend has. Another program finds it in its request, and leaves its model in checkpoints/step-N, N the steps done,
or in checkpoints/ itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixopt.paths import TrialFolder
from mixopt.study.replicates import train_seeds
from mixopt.study.study import Study
from mixopt.trainers.contract import Result, Trainer, TrialFailed

KEEP = {"keep_checkpoints": "last"}


@dataclass(frozen=True)
class Model:
    """A trained model: its training seed, its path, and the result of its run."""

    seed: int
    path: Path
    result: Result


def train_models(
    study: Study, backend: Trainer, weights: dict[str, float], seeds: Sequence[int], slots: int = 1
) -> list[Model]:
    """Train a mixture once with each seed and keep the models; existing models are not trained again.

    Raises:
        TrialFailed: a trainer failed, or left no model; finished runs are kept.
    """
    runs = train_seeds(study.folder.model, study, backend, weights, seeds, slots, **KEEP)
    return [Model(seed, _model_in(folder, result), result) for seed, (folder, result) in zip(seeds, runs, strict=True)]


def _model_in(folder: TrialFolder, result: Result) -> Path:
    for path in (folder.checkpoints / f"step-{result.steps}", folder.checkpoints):
        if path.is_dir() and any(path.iterdir()):
            return path
    raise TrialFailed(
        f"the trainer left no model in {folder.checkpoints}: its request has keep_checkpoints: last in `options`"
    )
