"""A job: one method on one problem with one seed, from its first trial to its last."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixopt.benchmark.methods import entry
from mixopt.benchmark.methods.base import Method
from mixopt.benchmark.problem import Problem, noise_stream
from mixopt.typing import FloatArray

CHECKPOINTS = (20, 40, 80)
RECENT = 5  # asks before a checkpoint whose median time is noted
LOOK = 5  # evaluations between two looks at the recommendation, where mixtures are a list and scores are noisy


@dataclass(frozen=True)
class Job:
    """What to run.

    Attributes:
        problem: its name.
        method: its name.
        seed: of problem, noise and method.
        trials: the number of trials; an exact pool ends with its rows.
        table: the digest of the measured runs behind the problem, see suite.py.
    """

    problem: str
    method: str
    seed: int
    trials: int
    table: str = ""


def run_job(job: Job, problem: Problem) -> dict[str, Any]:
    """Run a method to its end.

    Returns:
        Plain data for JSON: `weights` (n, m) and `values` (n,) as lists, `checkpoints`, a list of what `_checkpoint`
        returns, and the problem's `note`. In a finite space also `gaps`, the distance of the recommendation from the
        best after each evaluation of an exact score or every 5 noisy ones, the `scale` by which a gap is divided for a
        regret, and the problem's `tolerance` if it has one. On an exact pool also `places`, what `_place` returns after
        each evaluation, and its number of `rows`.
    """
    from mixopt.benchmark.judge import best_trial  # torch

    recipe = entry(job.method)
    method = recipe.make(problem.task, job.seed)
    pool = problem.space.candidates
    trials = min(job.trials, len(pool)) if pool is not None and problem.exact else job.trials
    stops = sorted({n for n in CHECKPOINTS if n < trials} | {trials})
    mixtures: list[FloatArray] = []
    values: list[float] = []
    seconds: list[float] = []
    noted: list[dict[str, Any]] = []
    places: list[dict[str, int]] = []
    gaps: list[dict[str, float]] = []
    while len(values) < trials:
        asked: list[FloatArray] = []
        for _ in range(min(recipe.at_once, trials - len(values))):
            started = time.process_time()
            weights = method.ask()
            seconds.append(time.process_time() - started)
            used = [*mixtures, *asked] if problem.exact else []
            asked.append(weights if pool is None else _nearest(weights, pool, used))
        for weights in asked:
            trial = len(values)
            value = problem.observe(weights, noise_stream(problem.name, job.seed, trial))
            tests = problem.observe_tests(weights, noise_stream(problem.name, job.seed, trial))
            mixtures.append(weights)
            values.append(value)
            method.tell(weights, value, tests or None)
        n = len(values)
        if any(n - len(asked) < stop <= n for stop in stops):
            best = mixtures[best_trial(np.array(mixtures), np.array(values))]
            noted.append(_checkpoint(problem, n, best, method) | {"ask_seconds": float(np.median(seconds[-RECENT:]))})
        if pool is not None and (problem.exact or n // LOOK > (n - len(asked)) // LOOK):
            recommended = method.recommend().weights
            gaps.append({"n": n, "own": problem.gap(recommended)})
            places += [_place(problem, n, mixtures, recommended)] if problem.exact else []
    for stop in (n for n in CHECKPOINTS if trials < n <= job.trials):  # all rows are evaluated, and nothing changes
        noted.append(noted[-1] | {"n": stop})
        gaps.append(gaps[-1] | {"n": stop})
    outcome = {"weights": np.round(np.array(mixtures), 6).tolist(), "values": values, "checkpoints": noted}
    outcome |= {"note": problem.note} if problem.note else {}
    outcome |= {"gaps": gaps, "scale": problem.scale} if pool is not None else {}
    outcome |= {"tolerance": problem.tolerance} if problem.tolerance is not None else {}
    return outcome | ({"places": places, "rows": len(pool)} if pool is not None and problem.exact else {})


def rejudged(outcome: Mapping[str, Any], problem: Problem) -> dict[str, Any]:
    """Judge a job's outcome again by the present judge, from its weights and values, without running the method."""
    from mixopt.benchmark.judge import best_trial  # torch

    weights, values = np.array(outcome["weights"]), np.array(outcome["values"])
    noted = []
    for checkpoint in outcome["checkpoints"]:
        n = checkpoint["n"]
        noted.append({**checkpoint, "regret_common": problem.regret(weights[best_trial(weights[:n], values[:n])])})
    return {**outcome, "checkpoints": noted}


def _nearest(weights: FloatArray, pool: FloatArray, used: list[FloatArray]) -> FloatArray:
    """Return the nearest row of the pool that is not used; an exact row evaluated twice would tell nothing new."""
    distances = np.linalg.norm(pool - weights, axis=1)
    for row in used:
        distances[(pool == row).all(axis=1)] = np.inf
    return np.asarray(pool[int(np.argmin(distances))])


def _checkpoint(problem: Problem, n: int, best: FloatArray, method: Method) -> dict[str, Any]:
    """Return the regret of the judge's best trial and of the method's own recommendation with its prediction.

    `own_score` is the recommendation's true score, to compare with `own_mean` and the 90 % interval from `own_low` to
    `own_high`; these three are None for methods that predict nothing.
    """
    own = method.recommend()
    low, high = own.interval or (None, None)
    return {
        "n": n,
        "regret_common": problem.regret(best),
        "regret_own": problem.regret(own.weights),
        "own_score": problem.score(own.weights),
        "own_mean": own.mean,
        "own_low": low,
        "own_high": high,
    }


def _place(problem: Problem, n: int, mixtures: list[FloatArray], recommended: FloatArray) -> dict[str, int]:
    """Return the places (1 is the best row) of the best row seen and of the recommended row, after n evaluations."""
    assert problem.space.candidates is not None
    scores = problem.f(problem.space.candidates)

    def place(score: float) -> int:
        return 1 + int((scores > score).sum())

    return {"n": n, "seen": place(problem.f(np.array(mixtures)).max()), "own": place(problem.score(recommended))}
