"""The finished trials of a study with other scores for values: one per objective, or several scores at once."""

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import nan

import numpy as np

from mixopt.errors import ScoresError
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.runs import Runs
from mixopt.history.scores import Scoring
from mixopt.history.trial_record import TrialRecord
from mixopt.study.reader import StudyReader


def runs_by_objective(study: StudyReader) -> dict[str, Runs]:
    """Return objective -> the finished trials with the values of that objective."""
    runs, names = study.runs(), study.scoring.names
    return {name: runs.with_values(column) for name, column in zip(names, runs.values.reshape(-1, len(names)).T)}


def runs_by_scores(study: StudyReader, names: Sequence[str] = ()) -> tuple[Runs, tuple[str, ...]]:
    """Return the finished trials with several scores for values, (n, k), and the names of the scores.

    Trials that were told without these scores are left out, with a warning.

    Args:
        study: the study.
        names: in_score, out_score and tests; without any the study's objectives, or in_score and out_score for a study
            with one objective.

    Raises:
        ScoresError: fewer than two scores, or one that the study does not have.
    """
    runs = study.runs()
    if not names and len(study.scoring.goals) > 1:
        return runs, study.scoring.names
    if not names and not (study.scoring.in_tests and study.scoring.out_tests):
        raise ScoresError(
            "the study has not both an in-score and an out-score to make a front of: name two scores by `--scores`, "
            f"of {', '.join(study.scoring.available)}"
        )
    scoring = replace(study.scoring, maximize=list(names) or [IN_SCORE, OUT_SCORE])
    if len(scoring.names) < 2:
        raise ScoresError(f"{scoring.names[0]} alone has no front: name two scores or more")
    records = study.trial_records()
    values = np.array([_values(records[number], scoring) for number in runs.numbers]).reshape(-1, len(scoring.names))
    known = np.asarray(np.isfinite(values).all(axis=1))
    if missing := len(known) - int(known.sum()):
        what = " and ".join(map(score_words, scoring.names))
        warnings.warn(f"{missing} of {len(known)} runs are left out: they were told without {what}", stacklevel=2)
    return runs.select(known).with_values(values[known]), scoring.names


def _values(record: TrialRecord, scoring: Scoring) -> list[float]:
    """The scores of a finished trial; NaN for those that it was told without."""
    if record.evaluations:
        with suppress(ScoresError):  # some tests are not known
            return list(scoring.values(record.evaluations))
    known = {IN_SCORE: record.in_score, OUT_SCORE: record.out_score}
    if scoring.use == "last":
        known |= record.tests
    return [nan if (score := known.get(name)) is None else score for name in scoring.names]


def score_words(name: str) -> str:
    """Return the name of a score as people read it, such as "in-score"."""
    return name.replace("_", "-") if name in (IN_SCORE, OUT_SCORE) else name
