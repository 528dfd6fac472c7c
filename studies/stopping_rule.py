"""What the stopping rule saves and what it costs, on the benchmark's synthetic problems.

    OMP_NUM_THREADS=1 python studies/stopping_rule.py --workers 2      # 9 problems x 5 seeds, about half an hour

Each study trains 80 times by BayesSampler; from the 10th trial on it is noted when `stop: {gain: G, probability: P}`
would have ended it, for several P, with G a twentieth of the way from a random mixture to the best. Regret is that of
the recommendation: 0 at the optimum, 1 at a random mixture.
"""

import argparse
import warnings
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
import optuna

from mixopt.benchmark.methods.ours import Ours
from mixopt.benchmark.problem import noise_stream
from mixopt.benchmark.suite import CONCAVE, RUGGED, make_problem
from mixopt.history.history import History
from mixopt.inference.stopping_rule import improvement_chance
from mixopt.models.gp import GPSurrogate

TRIALS, FIRST, EVERY = 80, 10, 2
GAIN = 0.05  # of the way from a random mixture to the best
PROBABILITIES = (0.3, 0.2, 0.1, 0.05)


def stops(name: str, seed: int) -> list[tuple[int, float]]:
    """For each probability the trial after which a study stops, and its regret then; last the whole study's."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    problem = make_problem(name, seed)
    ours = Ours(problem.space, seed)
    gain = GAIN * (problem.score(problem.best) - problem.average)
    found: list[tuple[int, float]] = []
    for trial in range(1, TRIALS + 1):
        weights = ours.ask()
        ours.tell(weights, problem.observe(weights, noise_stream(name, seed, trial)))
        if trial < FIRST or trial % EVERY or len(found) == len(PROBABILITIES):
            continue
        runs = History.of(ours.study, problem.space).runs()
        chance = improvement_chance(problem.space, GPSurrogate().fit(runs.weights, runs.values), gain)
        while len(found) < len(PROBABILITIES) and chance < PROBABILITIES[len(found)]:
            found.append((trial, problem.regret(ours.recommend().weights)))
    last = (TRIALS, problem.regret(ours.recommend().weights))
    return [*found, *[last] * (len(PROBABILITIES) + 1 - len(found))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=100, help="the first seed")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    jobs = list(product((*CONCAVE, *RUGGED), range(given.first, given.first + given.seeds)))
    with ProcessPoolExecutor(given.workers) as pool:
        found = np.array(list(pool.map(stops, *zip(*jobs))))  # (jobs, rules, 2)
    for rule, name in enumerate([*(f"probability {p:g}" for p in PROBABILITIES), "never"]):
        trials, regret = found[:, rule].T
        error = regret.std(ddof=1) / np.sqrt(len(regret))
        stopped, mean = (trials < TRIALS).mean(), trials.mean()
        print(f"{name:16} {mean:5.1f} trials ({stopped:4.0%} stop), regret {regret.mean():.3f} ± {error:.3f}")


if __name__ == "__main__":
    main()
