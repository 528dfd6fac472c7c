"""Old runs become finished trials of a study, or make one.

An imported trial counts in every model and in the recommendation, beside the study's own; designs and heuristics,
which are computed from the trials of their own phases, do not look at it, and no budget counts it. It is a seed trial:
its weights were chosen before the study was.
"""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from filelock import FileLock
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from mixopt.arrays import FloatArray
from mixopt.errors import ScoresError, StudyFileError, TableError
from mixopt.exchange.columns import NAME, SCORES
from mixopt.exchange.judging import Judged, Scores, judged
from mixopt.exchange.old_runs import OldRun, OldRuns
from mixopt.past import LABEL, STRATEGY
from mixopt.record import IMPORTED
from mixopt.scores import BLEND, IN_SCORE, OUT_SCORE
from mixopt.spec.wording import MENDS
from mixopt.study import Study

TRIALS = 20  # Bayesian trials of a study that is made from old runs
SAME = 1e-6  # two runs whose weights and values differ by no more are one
UNSAID = [1]  # its steps: it does not say how long a run is


@dataclass(frozen=True)
class Imported:
    """How many runs were new, and how many the study had already."""

    new: int
    known: int


@dataclass(frozen=True)
class Finished:
    """A finished run as a study takes it: weights by domain of the study, and scores that it has judged."""

    weights: dict[str, float]
    judged: Judged
    strategy: str
    label: str


def import_old_runs(study: Study, old: OldRuns) -> Imported:
    """Import runs of files.

    Raises:
        TableError: a run trains on a domain that the study has not, or has no score that the study knows.
        ScoresError: a score is outside the study's range, or missing; the message names the row.
    """
    return add_runs(study, [_finished(study, run) for run in old.runs])


def add_runs(study: Study, runs: Sequence[Finished]) -> Imported:
    """Add those finished trials that the study has not yet, one by one: after a kill the same call adds the rest."""
    with FileLock(study.folder.desk):
        there = [_numbers(study, trial.params, trial.values) for trial in study.trials(TrialState.COMPLETE)]
        new = []
        for run in runs:
            numbers = _numbers(study, run.weights, run.judged.values)
            same = next((i for i, other in enumerate(there) if np.abs(numbers - other).max() <= SAME), None)
            if same is None:
                new.append(_trial(study, run))
            else:
                there.pop(same)  # a run that is in the file twice is in the study twice
        study.optuna.add_trials(new)
    return Imported(len(new), len(runs) - len(new))


def check_name(name: str) -> None:
    """Raise StudyFileError where no study can be called so."""
    if not NAME.fullmatch(name):
        raise StudyFileError(f"study name {name!r}: {MENDS['string_pattern_mismatch']}, and be 64 long at most")


def study_of_old_runs(name: str, old: OldRuns, path: Path | None = None) -> Study:
    """A study over the domains of old runs that maximises the mean of their scores at the end, without a backend.

    Raises:
        TableError: there are two scores, and no saying which one counts.
        StudyFileError, StudyExistsError, StorageError: it cannot be made.
    """
    check_name(name)
    tests = _tests(old)
    data = {
        "study": name,
        "domains": {domain: {} for domain in old.domains},
        "tests": tests,
        "score": {"maximize": OUT_SCORE if "out" in tests else IN_SCORE, "steps": UNSAID, "range": _range(old)},
        "strategy": [{"bayes": {"trials": TRIALS}}],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yaml"
        file.write_text(yaml.safe_dump(data, sort_keys=False))
        try:
            return Study.create(file, path)
        except StudyFileError as error:  # nobody wrote that file
            raise StudyFileError(f"study {name}: {str(error).removeprefix(f'{file}: ')}") from None


def _tests(old: OldRuns) -> dict[str, dict[str, int]]:
    """The tests of a study that is made from old runs: what another study maximised, else all that have a score, else
    one that stands for those of the side whose mean is the score."""
    if tests := ["value"] if "value" in old.scores else [name for name in old.scores if name not in SCORES]:
        return {"out": dict.fromkeys(tests, 1)}
    if len(old.scores) > 1:
        raise TableError(f"{' or '.join(old.scores)}: say by --value which one the study maximises")
    side = old.scores[0].removesuffix("_score")
    return {side: {side: 1}}


def _range(old: OldRuns) -> list[float]:
    """Where scores lie that are like these: a share, percents, or up to ten times as large."""
    scores = [score for run in old.runs for score in run.scores.values()]
    if min(scores) >= 0 and max(scores) <= 100:
        return [0, 1] if max(scores) <= 1 else [0, 100]
    bound = 10.0 ** min(math.floor(math.log10(max(map(abs, scores)))) + 2, 308)  # the largest float's power
    return [-bound, bound]


def _finished(study: Study, run: OldRun) -> Finished:
    strange = [name for name, weight in run.weights.items() if weight and name not in study.space.domains]
    if strange:
        raise TableError(f"{run.where}: trains on {', '.join(strange)}, which the study has not: drop the row")
    weights = {name: run.weights.get(name, 0.0) for name in study.space.domains}
    try:
        said = _by_step(study, run) or {study.spec.score.steps[-1]: _scores(study, run)}
        found = judged(study, said, study.spec.score.steps)
    except ScoresError as error:
        raise ScoresError(f"{run.where}: {error}") from None
    return Finished(weights, found, run.strategy, run.label)


def _by_step(study: Study, run: OldRun) -> dict[int, Scores]:
    """Its scores at the study's steps; nothing where the file does not say all tests of the study by step, or the study
    not how long a run is."""
    tests, steps = study.spec.tests.sizes, study.spec.score.steps
    all_tests = all(name in scores for scores in run.by_step.values() for name in tests)
    if not (run.by_step and all_tests) or steps == UNSAID:
        return {}
    if steps[-1] != max(run.by_step):
        raise ScoresError(
            f"was trained for {max(run.by_step)} steps, and the study's runs for {steps[-1]}: drop the run"
        )
    return {step: {name: run.by_step[step][name] for name in tests} for step in steps if step in run.by_step}


def _scores(study: Study, run: OldRun) -> Scores:
    """The scores that the study has, tests before means over them; or the one score for what the study maximises."""
    tests = {name: run.scores[name] for name in study.spec.tests.sizes if name in run.scores}
    if len(tests) == len(study.spec.tests.sizes):
        return tests
    sides = {IN_SCORE: study.scoring.in_tests, OUT_SCORE: study.scoring.out_tests}
    means = {s: run.scores[s] for s, of in sides.items() if of and s in run.scores and not set(of) & set(tests)}
    if tests or means:
        return {**tests, **means}
    [goal, *others] = study.scoring.goals
    if len(run.scores) == 1 and isinstance(goal, str) and not others:
        return {goal: next(iter(run.scores.values()))}
    what = f"blend {goal[BLEND]:g}" if not isinstance(goal, str) else goal
    raise TableError(
        f"{run.where}: has scores {', '.join(run.scores)}, and the study knows {', '.join(study.scoring.there)}: name "
        f"the columns so, or say which one is {what} by --value"
    )


def _trial(study: Study, run: Finished) -> FrozenTrial:
    single = len(run.judged.values) == 1
    return create_trial(
        state=TrialState.COMPLETE,
        params=run.weights,
        distributions={name: FloatDistribution(0.0, 1.0) for name in study.space.domains},
        values=list(run.judged.values),
        intermediate_values={step: value for step, (value, *_) in run.judged.staged.items()} if single else {},
        user_attrs={**run.judged.notes, STRATEGY: run.strategy, LABEL: run.label, IMPORTED: True},
    )


def _numbers(study: Study, weights: dict[str, float], values: Sequence[float]) -> FloatArray:
    return np.array([*(weights[name] for name in study.space.domains), *values])
