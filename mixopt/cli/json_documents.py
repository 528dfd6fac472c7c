"""The JSON documents of `--json`; docs/cli.md lists their keys."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from optuna.trial import TrialState

from mixopt.cli.model_comparison import verdict
from mixopt.cli.study_list import StudySummary
from mixopt.history.keys import BASE_FAILED
from mixopt.history.runs import Runs
from mixopt.history.trial_record import TrialRecord
from mixopt.inference.pareto_front import Front
from mixopt.inference.recommendation import Recommendation
from mixopt.leases.leases import Leases
from mixopt.models.cross_validation import Comparison
from mixopt.study.reader import StudyReader


def studies_document(study_summaries: Sequence[StudySummary]) -> list[dict[str, Any]]:
    """Return the document of `study list`."""
    return [asdict(standing) for standing in study_summaries]


def study_document(study: StudyReader, states: tuple[TrialState, ...] = ()) -> dict[str, Any]:
    """Return the document of `study show`: the study, and all its trials or those in some states."""
    return {
        **asdict(StudySummary.of(study)),
        "folder": str(study.folder.path),
        "domains": list(study.space.domains),
        "objectives": list(study.scoring.names),
        "base": asdict(study.base) if study.base else None,
        "base_failed": study.optuna.user_attrs.get(BASE_FAILED) or None,
        "trials": [_trial(study, record) for record in study.trial_records(*states)],
    }


def _trial(study: StudyReader, record: TrialRecord) -> dict[str, Any]:
    running = record.state == TrialState.RUNNING
    by_hand = "hand" if record.by_hand else None
    return {
        "number": record.number,
        "state": record.state_word,
        "strategy": record.strategy,
        "label": record.label,
        "weights": record.weights,
        "values": record.values,
        "in_score": record.in_score,
        "out_score": record.out_score,
        "tests": record.tests,
        "steps": record.steps,
        "stopped": record.stopped,
        "seconds": record.seconds,
        "train_seed": record.train_seed,
        "trained_by": (by_hand or Leases(study.folder).owner(record.number)) if running else None,
        "reason": record.reason,
        "exit_code": record.exit_code,
        "replaces": record.replaces,
        "replaced_by": record.replaced_by,
        "history": record.correction_log,
    }


def recommendation_document(study: StudyReader, recommendation: Recommendation) -> dict[str, Any]:
    """Return the document of `study recommend`."""
    best, measured = recommendation.best_trained, recommendation.measured_noise
    base, name = study.base, study.scoring.names[0]
    gain = base.gain(name, recommendation.mean, recommendation.interval) if base else None
    return {
        "study": study.spec.study,
        "score": name,
        **asdict(recommendation.recommended),
        "base": base.score(name) if base else None,
        "gain_over_base": gain[0] if gain else None,
        "gain_over_base_interval": gain[1] if gain else None,
        "best_trained": None if best is None else asdict(best),
        "credible": recommendation.credible.ranges,
        "noise_sd": recommendation.noise_sd,
        "measured_noise": None if measured is None else asdict(measured),
        "floors": None if recommendation.floors is None else asdict(recommendation.floors),
        "penalty": recommendation.penalty,
        "note": recommendation.note,
    }


def front_document(study: StudyReader, front: Front) -> dict[str, Any]:
    """Return the document of `study front`."""
    return {
        "study": study.spec.study,
        "objectives": list(front.names),
        "base": {name: base.score(name) for name in front.names} if (base := study.base) else None,
        "trained": [asdict(mixture) for mixture in front.trained],
        "predicted": [asdict(mixture) for mixture in front.predicted],
    }


def comparison_document(comparison: Comparison, runs: Runs) -> dict[str, Any]:
    """Return the document of `surrogate compare`."""
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
    """Return a number, or None for NaN, which JSON does not have."""
    return None if number is None or math.isnan(number) else float(number)
