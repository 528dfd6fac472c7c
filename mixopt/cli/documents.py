"""What `--json` prints, as plain data: numbers, text, lists and mappings. docs/scripts.md lists the keys."""

import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.cli.comparison import verdict
from mixopt.cli.standing import Standing
from mixopt.front import Front
from mixopt.past import (
    ENQUEUED,
    ENQUEUED_STRATEGY,
    IN_SCORE,
    LABEL,
    OUT_SCORE,
    SECONDS,
    STEPS_DONE,
    STRATEGY,
    weights_of,
)
from mixopt.recommendation import Choice, Recommendation
from mixopt.runs import Runs
from mixopt.study import BY_HAND, Study
from mixopt.surrogates.validation import Comparison
from mixopt.workers.leases import Leases


def studies_document(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Of `study list`."""
    return [asdict(standing) for standing in standings]


def study_document(study: Study, states: tuple[TrialState, ...] = ()) -> dict[str, Any]:
    """Of `study show`: the study, and its trials in some states, or all."""
    return {
        **asdict(Standing.of(study)),
        "folder": str(study.folder.path),
        "domains": list(study.space.domains),
        "objectives": list(study.scoring.names),
        "trials": [_trial(study, trial) for trial in study.trials(*states)],
    }


def _trial(study: Study, trial: FrozenTrial) -> dict[str, Any]:
    notes, weights = trial.user_attrs, weights_of(trial, study.space)
    tests = {name: notes[f"test:{name}"] for name in study.spec.tests.sizes if f"test:{name}" in notes}
    running = trial.state == TrialState.RUNNING
    by_hand = "hand" if notes.get(BY_HAND) else None
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "strategy": notes.get(STRATEGY, ENQUEUED_STRATEGY),
        "label": notes.get(LABEL, ENQUEUED),
        "weights": None if weights is None else study.space.as_dict(weights),
        "values": dict(zip(study.scoring.names, trial.values or [])),
        "in_score": _known(notes.get(IN_SCORE)),
        "out_score": _known(notes.get(OUT_SCORE)),
        "tests": tests,
        "steps": notes.get(STEPS_DONE),
        "stopped": notes.get("stopped"),
        "seconds": notes.get(SECONDS),
        "train_seed": notes.get("train_seed"),
        "trained_by": (by_hand or Leases(study.folder).owner(trial.number)) if running else None,
        "reason": notes.get("reason"),
        "exit_code": notes.get("exit_code"),
    }


def recommendation_document(study: Study, recommendation: Recommendation) -> dict[str, Any]:
    """Of `study recommend`."""
    best = recommendation.best_trained
    return {
        "study": study.spec.study,
        "score": study.scoring.names[0],
        **_choice(recommendation),
        "best_trained": None if best is None else _choice(best),
        "credible": recommendation.credible.ranges,
        "note": recommendation.note,
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {field.name: getattr(choice, field.name) for field in fields(Choice)}


def front_document(study: Study, front: Front) -> dict[str, Any]:
    """Of `study front`."""
    return {
        "study": study.spec.study,
        "objectives": list(front.names),
        "trained": [asdict(mixture) for mixture in front.trained],
        "predicted": [asdict(mixture) for mixture in front.predicted],
    }


def comparison_document(comparison: Comparison, runs: Runs) -> dict[str, Any]:
    """Of `surrogate compare`."""
    surrogates = [
        {
            "name": v.name,
            "r2": _known(v.r2),
            "rmse": v.rmse,
            "rank_correlation": _known(v.rank),
            "coverage": v.coverage,
            "behind": None if place == 0 else list(map(_known, comparison.behind[v.name])),
        }
        for place, v in enumerate(comparison.ranked)
    ]
    return {
        "runs": len(runs),
        "domains": list(runs.space.domains),
        "surrogates": surrogates,
        "unfit": dict(comparison.unfit),
        "verdict": " ".join(verdict(comparison, len(runs))),
    }


def _known(number: float | None) -> float | None:
    """A number; what cannot be computed is null, since JSON has no NaN."""
    return None if number is None or math.isnan(number) else float(number)
