"""Replicates: train a mixture again with other seeds, outside the budget, to measure noise and compare mixtures.

Each run is kept in the study's folder, so a second call trains only what is missing. It becomes a finished trial that
is marked as a replicate. Surrogates, the noise estimate, the recommendation, the report and the export use it; budgets
and designs leave it out.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

from optuna.trial import TrialState

from mixopt.errors import StrategyError, WeightsError
from mixopt.history.finished_trial import finished_trial
from mixopt.history.keys import LABEL, REPLICATE, STRATEGY, TRAIN_SEED
from mixopt.history.runs import REPLICATED
from mixopt.history.trial_record import TrialRecord
from mixopt.paths import TrialFolder
from mixopt.study.plan import request_of
from mixopt.study.study import Study
from mixopt.trainers.contract import Result, Trainer

SAME = 1e-9  # mixtures are equal if no weight differs by more


def mixture_of(study: Study, text: str) -> dict[str, float]:
    """Return the weights that a text stands for.

    Args:
        study: the study.
        text: `recommended`, the number or the label of a finished trial, or JSON, domain -> weight.

    Raises:
        WeightsError: it is none of these, it is the label of several trials, or it is outside the study's space.
    """
    if text == "recommended":
        return study.recommend().weights
    runs = study.runs()
    numbers = runs.numbers.tolist()
    meant = [n for n in numbers if str(n) == text] or [n for n, name in zip(numbers, runs.labels) if name == text]
    if len(meant) > 1:
        raise WeightsError(f"mixture {text!r}: trials {', '.join(map(str, meant))} have this label: give one number")
    if meant:
        return study.space.as_dict(runs.weights[numbers.index(meant[0])])
    try:
        weights = json.loads(text)
        return study.space.as_dict(study.space.as_array(weights))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise WeightsError(
            f"mixture {text!r:.80}: give `recommended`, the number or label of a finished trial, or JSON such as "
            f'{{"{study.space.domains[0]}": 0.5, ...}}'
        ) from None


def replicate_runs(
    study: Study, trainer: Trainer, weights: dict[str, float], seeds: Sequence[int], slots: int
) -> list[Result]:
    """Train a mixture with each of several training seeds, and add the results to the study as replicates.

    Runs that are there already are neither trained nor added again.

    Args:
        study: the study.
        trainer: its trainer.
        weights: domain -> weight; they sum to 1.
        seeds: training seeds.
        slots: how many runs train at the same time.

    Returns:
        A result per seed; `study.value` gives its score.

    Raises:
        StrategyError: the study file says that the same mixture always scores the same.
        TrialFailed: a trainer failed; the runs that had finished are kept and count.
        ScoresError: a score is outside the study's range.
    """
    return [result for _, result in train_seeds(study.folder.replicate, study, trainer, weights, seeds, slots)]


def train_seeds(
    folder_of: Callable[[str], TrialFolder],
    study: Study,
    trainer: Trainer,
    weights: dict[str, float],
    seeds: Sequence[int],
    slots: int,
    **options: Any,
) -> list[tuple[TrialFolder, Result]]:
    """Train a mixture with each of several training seeds, in folders of the caller's choice.

    Args:
        folder_of: returns the folder of a run by its name.
        study: the study.
        trainer: its trainer.
        weights: domain -> weight; they sum to 1.
        seeds: training seeds.
        slots: how many runs train at the same time.
        **options: options of the trainer, beside those of the study.

    Returns:
        A folder and a result per seed.

    Raises:
        StrategyError: as `replicate_runs`.
        TrialFailed: as `replicate_runs`.
        ScoresError: as `replicate_runs`.
    """
    if study.spec.score.deterministic:
        raise StrategyError(
            f"study {study.spec.study!r}: its file says `deterministic: true`, so every seed scores the same: "
            "remove that line to train a mixture again"
        )
    trainer.prepare()
    mixture = hashlib.sha256(json.dumps(weights).encode()).hexdigest()[:12]
    stop = Event()

    def trained(seed: int) -> tuple[TrialFolder, Result]:
        folder, request = folder_of(f"{mixture}-{seed}"), request_of(study.spec, 0, weights, seed)
        result = trainer.run(replace(request, options={**request.options, **options}), folder, stop)
        _add(study, weights, seed, result)
        return folder, result

    with ThreadPoolExecutor(slots) as pool:
        try:
            return list(pool.map(trained, seeds))
        except BaseException:
            stop.set()
            raise


def _add(study: Study, weights: dict[str, float], seed: int, result: Result) -> None:
    """Add a run to the study as a replicate, unless it has a run with the same weights and seed.

    Two processes may train the same replicate; under the lock it is added once.
    """
    with study.lock:
        finished = [record for record in study.trial_records() if record.state == TrialState.COMPLETE]
        same = [record for record in finished if _trains(record, weights)]
        if any(record.train_seed == seed for record in same):
            return
        name = next((record.label for record in same if not record.replicate), REPLICATED)
        marks = {STRATEGY: REPLICATED, LABEL: f"{name} (seed {seed})", REPLICATE: True, TRAIN_SEED: seed}
        notes = {**study.notes(result), **marks}
        study.add_finished(
            [finished_trial(weights, study.values(result), study.scoring.values_by_step(result.scores), notes)]
        )


def _trains(record: TrialRecord, weights: dict[str, float]) -> bool:
    trained = record.weights
    return trained is not None and all(abs(trained[name] - weight) <= SAME for name, weight in weights.items())
