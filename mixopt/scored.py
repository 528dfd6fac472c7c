"""A study's finished trials by score: by each of its objectives, or by several scores at once."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mixopt.errors import ScoresError
from mixopt.opened import OpenedStudy
from mixopt.record import TrialRecord
from mixopt.runs import Runs
from mixopt.scores import IN_SCORE, OUT_SCORE


def by_objective(study: OpenedStudy) -> dict[str, Runs]:
    """The finished trials once for each objective, with its values."""
    runs, names = study.runs(), study.scoring.names
    return {name: runs.with_values(column) for name, column in zip(names, runs.values.reshape(-1, len(names)).T)}


def by_scores(study: OpenedStudy, names: Sequence[str] = ()) -> tuple[Runs, tuple[str, ...]]:
    """The finished trials with several scores for values, (n, k), and what the scores are called.

    Args:
        names: in_score, out_score and tests; without any the study's objectives, or in- and out-score where it has one.

    Raises:
        ScoresError: fewer than two scores, one that the study has not, or a trial that was told without evaluations.
    """
    runs = study.runs()
    if not names and len(study.scoring.goals) > 1:
        return runs, study.scoring.names
    if not names and not (study.scoring.in_tests and study.scoring.out_tests):
        raise ScoresError(
            "the study has not both an in-score and an out-score to make a front of: name two scores by `--scores`, "
            f"of {', '.join(study.scoring.there)}"
        )
    scoring = replace(study.scoring, maximize=list(names) or [IN_SCORE, OUT_SCORE])
    if len(scoring.names) < 2:
        raise ScoresError(f"{scoring.names[0]} alone has no front: name two scores or more")
    records = study.trial_records()
    values = [scoring.values(_evaluations(records[number])) for number in runs.numbers]
    return runs.with_values(np.array(values).reshape(-1, len(scoring.names))), scoring.names


def _evaluations(record: TrialRecord) -> dict[int, dict[str, float]]:
    """Step -> test -> score of a finished trial."""
    if not record.evaluations:
        raise ScoresError(f"trial {record.number} was told without its evaluations: take it out of the study")
    return record.evaluations


def score_words(name: str) -> str:
    """A score's name, in words."""
    return name.replace("_", "-") if name in (IN_SCORE, OUT_SCORE) else name
