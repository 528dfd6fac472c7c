"""Make a study from old runs: their domains and scores, Bayesian trials ahead, and no trainer."""

import math
import tempfile
from pathlib import Path
from typing import Any

import yaml

from mixopt.errors import StudyFileError, TableError
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.io.unstated import UNSIZED
from mixopt.study.spec.error_messages import FIXES
from mixopt.study.study import Study
from mixopt.tables.column_detection import NAME, SCORES
from mixopt.tables.run_files import OldRuns

TRIALS = 20  # Bayesian trials ahead
SIDES = {"in": IN_SCORE, "out": OUT_SCORE}  # a test that is called so stands for all tests of its side
VALUE = "value"  # in files of ours: what another study maximised


def check_name(name: str) -> None:
    """Refuse a name that no study can have.

    Raises:
        StudyFileError: says which names are valid.
    """
    if not NAME.fullmatch(name):
        raise StudyFileError(f"study name {name!r}: {FIXES['string_pattern_mismatch']}, and be 64 long at most")


def study_of_old_runs(name: str, old: OldRuns, path: Path | None = None) -> Study:
    """Make a study over the domains of old runs.

    It maximises what the exported study maximised, else the score by its name, else the mean of several scores. It has
    the tests beside that score, and takes later runs without them.

    Raises:
        TableError: there are two scores and neither is named, or tests beside a mean of tests.
        StudyFileError: the study cannot be made of these names.
        StudyExistsError: the name is taken.
        StorageError: it cannot be written.
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
        "score": {"maximize": goal, "steps": None, "range": _range(old)},
        "strategy": [{"bayes": {"trials": TRIALS}}],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yaml"
        file.write_text(yaml.safe_dump(data, sort_keys=False))
        try:
            return Study.create(file, path)
        except StudyFileError as error:
            raise StudyFileError(f"study {name}: {str(error).removeprefix(f'{file}: ')}") from None


def _as_said(old: OldRuns) -> tuple[dict[str, list[str]], str]:
    """Return the tests beside the named score, all of them out-tests, and the score itself, which is maximised."""
    goal = str(old.goal)
    if goal in SIDES.values():
        raise TableError(
            f"--tests beside --value {goal}: it is not known which tests make up {goal}, and how large they are: "
            "write them into a study file, create it, and import into that study"
        )
    return {"out": [goal, *old.tests]}, goal


def _as_named(old: OldRuns) -> tuple[dict[str, list[str]], str]:
    """Return the tests by side and what is maximised: the mean of all that have a score, else the score of a side."""
    if tests := [name for name in old.scores if name not in SCORES]:
        return {"out": tests}, tests[0] if len(tests) == 1 else OUT_SCORE
    if len(old.scores) > 1:
        raise TableError(f"{' or '.join(old.scores)}: choose what the study maximises by --value")
    return {side: [side] for side, score in SIDES.items() if score in old.scores}, old.scores[0]


def _as_exported(old: OldRuns) -> tuple[dict[str, list[str]], str]:
    """Return the same for a file that mixopt exported.

    Each run has the score that its study maximised as its value too; a score without it stands for itself. A side is
    one test, because the file has no sizes of tests.
    """
    tests = [name for name in old.scores if name not in (*SCORES, *SIDES)]
    goal = next((name for name in (*tests, *SIDES.values()) if _same(old, name, VALUE)), VALUE)
    known = {side: score for side, score in SIDES.items() if any(score in run.scores for run in old.runs)}
    sides = {side: [goal if goal in tests and _same(old, goal, score) else side] for side, score in known.items()}
    in_a_side = goal in known.values() or [goal] in sides.values()
    return (sides, goal) if in_a_side else ({"out": [goal]}, goal)


def _same(old: OldRuns, one: str, other: str) -> bool:
    return all(run.scores.get(one) == run.scores.get(other) for run in old.runs)


def _range(old: OldRuns) -> list[float]:
    """Return the range of scores like these: a share, percents, or up to ten times as large."""
    scores = [score for run in old.runs for score in run.scores.values()]
    if min(scores) >= 0 and max(scores) <= 100:
        return [0, 1] if max(scores) <= 1 else [0, 100]
    bound = 10.0 ** min(math.floor(math.log10(max(map(abs, scores)))) + 2, 308)  # the largest float's power
    return [-bound, bound]
