"""What a study made of old runs does not know: the length of a run, and the sizes of its tests."""

from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.study.reader import StudyReader

UNSIZED = 1  # examples of a test of unknown size


def made_of_old_runs(study: StudyReader) -> bool:
    """Return whether a study was made of old runs: its file has neither steps nor sizes of tests."""
    return not study.spec.score.knows_steps and set(study.spec.tests.sizes.values()) == {UNSIZED}


def sides_without_mean(study: StudyReader) -> list[str]:
    """Return which of in-score and out-score is not a mean: its tests have no sizes and may be of different kinds."""
    if not made_of_old_runs(study) or {IN_SCORE, OUT_SCORE} & {*study.scoring.names}:
        return []
    sides = {IN_SCORE: study.scoring.in_tests, OUT_SCORE: study.scoring.out_tests}
    return [side for side, tests in sides.items() if len(tests) > 1]
