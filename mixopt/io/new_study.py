"""A study that is made of old runs: their domains, what they say of scores, and Bayesian trials ahead; no backend."""

import math
import tempfile
from pathlib import Path
from typing import Any

import yaml

from mixopt.errors import StudyFileError, TableError
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.io.unstated import UNSIZED
from mixopt.study.spec.error_messages import MENDS
from mixopt.study.spec.study import UNSAID
from mixopt.study.study import Study
from mixopt.tables.column_detection import NAME, SCORES
from mixopt.tables.run_files import OldRuns

TRIALS = 20  # Bayesian trials ahead
SIDES = {"in": IN_SCORE, "out": OUT_SCORE}  # a test that is called so stands for all tests of its side
VALUE = "value"  # in files of ours: what another study maximised


def check_name(name: str) -> None:
    """Raise StudyFileError where no study can be called so."""
    if not NAME.fullmatch(name):
        raise StudyFileError(f"study name {name!r}: {MENDS['string_pattern_mismatch']}, and be 64 long at most")


def study_of_old_runs(name: str, old: OldRuns, path: Path | None = None) -> Study:
    """A study over the domains of old runs that maximises what another study maximised, or else the score by its name,
    or the mean of several scores. It has the tests beside that score, and takes later runs without them.

    Raises:
        TableError: there are two scores, and no saying which one counts; tests beside a mean of tests.
        StudyFileError, StudyExistsError, StorageError: it cannot be made.
    """
    check_name(name)
    if old.tests:
        tests, goal = _as_said(old)
    else:
        tests, goal = _as_exported(old) if VALUE in old.scores else _as_named(old)
    data: dict[str, Any] = {
        "study": name,
        "domains": {domain: {} for domain in old.domains},
        "tests": {side: dict.fromkeys(names, UNSIZED) for side, names in tests.items()},
        "score": {"maximize": goal, "steps": UNSAID, "range": _range(old)},
        "strategy": [{"bayes": {"trials": TRIALS}}],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yaml"
        file.write_text(yaml.safe_dump(data, sort_keys=False))
        try:
            return Study.create(file, path)
        except StudyFileError as error:  # nobody wrote that file
            raise StudyFileError(f"study {name}: {str(error).removeprefix(f'{file}: ')}") from None


def _as_said(old: OldRuns) -> tuple[dict[str, list[str]], str]:
    """The score that was named, which is maximised, and the tests beside it; all are out-tests, whose sizes nobody
    says."""
    goal = str(old.goal)
    if goal in SIDES.values():
        raise TableError(
            f"--tests beside --value {goal}: nobody says which tests make up {goal}, and how large they are: "
            "write them into a study file, create it, and import into that study"
        )
    return {"out": [goal, *old.tests]}, goal


def _as_named(old: OldRuns) -> tuple[dict[str, list[str]], str]:
    """Tests by side and what is maximised: of all that have a score the mean, else the score of a side."""
    if tests := [name for name in old.scores if name not in SCORES]:
        return {"out": tests}, tests[0] if len(tests) == 1 else OUT_SCORE
    if len(old.scores) > 1:
        raise TableError(f"{' or '.join(old.scores)}: say by --value which one the study maximises")
    return {side: [side] for side, score in SIDES.items() if score in old.scores}, old.scores[0]


def _as_exported(old: OldRuns) -> tuple[dict[str, list[str]], str]:
    """The same of a file of ours, which has in every run the score that its study maximised as its value, too; one that
    has it not stands for itself. A side is one test, since nobody says the sizes of its tests."""
    tests = [name for name in old.scores if name not in (*SCORES, *SIDES)]
    goal = next((name for name in (*tests, *SIDES.values()) if _same(old, name, VALUE)), VALUE)
    known = {side: score for side, score in SIDES.items() if any(score in run.scores for run in old.runs)}
    sides = {side: [goal if goal in tests and _same(old, goal, score) else side] for side, score in known.items()}
    in_a_side = goal in known.values() or [goal] in sides.values()
    return (sides, goal) if in_a_side else ({"out": [goal]}, goal)


def _same(old: OldRuns, one: str, other: str) -> bool:
    return all(run.scores.get(one) == run.scores.get(other) for run in old.runs)


def _range(old: OldRuns) -> list[float]:
    """Where scores lie that are like these: a share, percents, or up to ten times as large."""
    scores = [score for run in old.runs for score in run.scores.values()]
    if min(scores) >= 0 and max(scores) <= 100:
        return [0, 1] if max(scores) <= 1 else [0, 100]
    bound = 10.0 ** min(math.floor(math.log10(max(map(abs, scores)))) + 2, 308)  # the largest float's power
    return [-bound, bound]
