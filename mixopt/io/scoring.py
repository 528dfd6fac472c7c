"""Score a run from the numbers a user gives: those of its tests, or in- and out-score where only they are known."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixopt.errors import ScoresError
from mixopt.history.keys import EVALUATIONS, IN_SCORE, OUT_SCORE, STEPS_DONE, STOPPED, TEST
from mixopt.history.scores import Scores, Scoring
from mixopt.io.unstated import sides_without_mean
from mixopt.study.study import Study


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """The scores of a run as a trial holds them.

    Attributes:
        values: one for each objective.
        values_by_step: step -> values of a run until that step.
        notes: user attributes.
    """

    values: tuple[float, ...]
    values_by_step: dict[int, tuple[float, ...]]
    notes: dict[str, Any]

    @property
    def known(self) -> dict[str, float]:
        """The known scores at the end: by test, and the mean of a side."""
        tests = {key.removeprefix(TEST): score for key, score in self.notes.items() if key.startswith(TEST)}
        return tests | {side: self.notes[side] for side in (IN_SCORE, OUT_SCORE) if not math.isnan(self.notes[side])}


def scored_run(study: Study, by_step: Mapping[int, Scores], steps: Sequence[int]) -> ScoredRun:
    """Compute the values of a run.

    Args:
        study: the study whose tests and objectives count.
        by_step: step -> test -> score.
        steps: the steps at which the run was to be scored; the last is its end.

    Raises:
        ScoresError: a score is unknown to the study, not a finite number, outside the study's range, or missing though
            the objectives need it; or a side's score is given beside those of its tests.
    """
    scoring = study.scoring
    needed = steps if scoring.use == "mean" or study.spec.early_steps else steps[-1:]
    if set(by_step) - set(steps) or set(needed) - set(by_step):
        raise ScoresError(f"there are scores of steps {sorted(by_step)}, and those of {list(needed)} are needed")
    sides = {IN_SCORE: scoring.in_tests, OUT_SCORE: scoring.out_tests}
    for scores in by_step.values():
        _check(scoring, sides, scores)
    _refuse_outside(study, by_step)
    by_step = {step: _by_test(scores, sides) for step, scores in by_step.items()}
    known = {name for name in scoring.available if all(_is_known(name, scores, sides) for scores in by_step.values())}
    for name in sorted(_needed(scoring) - known):
        tests = f", or all of {', '.join(sides[name])}" if name in sides else ""
        raise ScoresError(f"{name} is not known, and the study maximises it: give it{tests}")
    filled = {step: _filled(scores, sides) for step, scores in by_step.items()}
    known -= {*sides_without_mean(study)}
    averages = {name: score if name in known else math.nan for name, score in scoring.aggregate(filled).items()}
    values_by_step = scoring.values_by_step(filled)
    return ScoredRun(values_by_step[max(values_by_step)], values_by_step, averages | _notes(study, by_step))


def _check(scoring: Scoring, sides: Mapping[str, Mapping[str, int]], scores: Scores) -> None:
    for name, score in scores.items():
        if name not in scoring.available:
            raise ScoresError(f"{name!r:.80} is no score of the study: its scores are {', '.join(scoring.available)}")
        if isinstance(score, bool) or not isinstance(score, (int, float)) or not abs(score) <= sys.float_info.max:
            raise ScoresError(f"{name} is {score!r:.60}: give a finite number")
    for side, tests in sides.items():
        if side in scores and (beside := [test for test in tests if test in scores]):
            raise ScoresError(f"{side} is given beside {', '.join(beside)}: give the tests of a side, or its mean")


def _refuse_outside(study: Study, by_step: Mapping[int, Scores]) -> None:
    """Refuse scores outside the study's range, in words for a user instead of a trainer."""
    low, high = study.spec.score.range
    for step, scores in by_step.items():
        for name, score in scores.items():
            if not low <= score <= high:
                shown = name.replace("_", "-") if name in (IN_SCORE, OUT_SCORE) else name
                at = f" at step {step}" if len(by_step) > 1 else ""
                raise ScoresError(
                    f"{shown} is {score:g}{at}, outside [{low:g}, {high:g}]: fix it, or declare "
                    f"`score: {{range: [LOW, HIGH]}}` in {study.folder.spec}"
                )


def _by_test(scores: Scores, sides: Mapping[str, Mapping[str, int]]) -> Scores:
    """Return the scores, with that of a side with one test as the test's."""
    only = {side: next(iter(tests)) for side, tests in sides.items() if len(tests) == 1}
    return {only.get(name, name): score for name, score in scores.items()}


def _is_known(name: str, scores: Scores, sides: Mapping[str, Mapping[str, int]]) -> bool:
    return name in scores or (name in sides and all(test in scores for test in sides[name]))


def _needed(scoring: Scoring) -> set[str]:
    """Return the scores that the objectives are computed from."""
    return {name for objective in scoring.objectives for name in objective.needed}


def _filled(scores: Scores, sides: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """Return a score for every test: its own, else that of its side, else 0 where neither is known or needed."""
    return {test: scores.get(test, scores.get(side, 0.0)) for side, tests in sides.items() for test in tests}


def _notes(study: Study, by_step: Mapping[int, Scores]) -> dict[str, Any]:
    """Return what a told trial notes beside in- and out-score."""
    last, tests = max(by_step), study.spec.tests.sizes
    notes: dict[str, Any] = {f"{TEST}{name}": float(by_step[last][name]) for name in tests if name in by_step[last]}
    if all(name in scores for scores in by_step.values() for name in tests):
        evaluations = {step: {name: float(by_step[step][name]) for name in tests} for step in sorted(by_step)}
        notes[EVALUATIONS] = [{"step": s, "scores": scores, "carried": False} for s, scores in evaluations.items()]
    if study.spec.score.knows_steps:
        notes[STEPS_DONE] = last
    return {**notes, STOPPED: "finished"}
