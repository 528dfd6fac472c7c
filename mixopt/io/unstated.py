"""What a study does not say that was made of old runs: how long a run is, and how large its tests are."""

from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.study.reader import StudyReader

UNSIZED = 1  # of each of its tests: nobody says how large they are


def made_of_old_runs(study: StudyReader) -> bool:
    """Whether a study was made so, as far as its file shows: it says neither steps nor sizes of tests."""
    return not study.spec.score.says_steps and set(study.spec.tests.sizes.values()) == {UNSIZED}


def sides_without_mean(study: StudyReader) -> list[str]:
    """Of in- and out-score those that are the mean of nothing: tests of unsaid sizes beside the one that is maximised,
    which may be of different kinds."""
    if not made_of_old_runs(study) or {IN_SCORE, OUT_SCORE} & {*study.scoring.names}:
        return []
    sides = {IN_SCORE: study.scoring.in_tests, OUT_SCORE: study.scoring.out_tests}
    return [side for side, tests in sides.items() if len(tests) > 1]
