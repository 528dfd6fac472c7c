"""Measure how often a study with two floors ends in a mixture that meets them, on an emulator of the shapes table.

Each of the seven tests of studies/shapes-table is a smooth function of the mixture, a Gaussian process fitted on the
table's 260 mixtures, with the noise of its replicates. A study maximises the out-score with floors on two tests, which
its seed draws so that at least SHARE of all mixtures meet both by the noise of one run, or so that no mixture does.
After some trials it recommends; the truth says whether the mixture meets the floors.

    python tests/measures/floors.py --runs 30 --first 200     # seeds below 200 were used for tuning
"""

import argparse
import csv
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import optuna
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

import mixopt

TABLE = Path(__file__).parents[2] / "studies" / "shapes-table" / "table.csv"
OUT = {"chart": 250, "infographic": 280, "math": 100, "general": 90}
SHARE = 0.01  # of all mixtures that meet both floors by the noise of one run, at least, where they can be met
SEVERITY = (0.5, 0.95)  # quantiles of a test's score over all mixtures, between which its floor is drawn
BEYOND = 0.05  # how far above the best score of a test its floor is, where it cannot be met


class Emulator:
    """The tests of the table as smooth functions of the mixture."""

    def __init__(self) -> None:
        rows = [row for row in csv.DictReader(TABLE.open()) if row["step"] == "80"]
        self.domains = [key.removeprefix("w:") for key in rows[0] if key.startswith("w:")]
        self.tests = [key.removeprefix("test:") for key in rows[0] if key.startswith("test:")]
        runs = defaultdict(list)
        for row in rows:
            runs[tuple(float(row[f"w:{name}"]) for name in self.domains)].append(
                [float(row[f"test:{test}"]) for test in self.tests]
            )
        weights, scores = np.array(list(runs)), np.array([np.mean(found, axis=0) for found in runs.values()])
        several = [np.var(found, axis=0, ddof=1) for found in runs.values() if len(found) > 1]
        self.noise = np.sqrt(np.mean(several, axis=0))
        counts = np.array([len(found) for found in runs.values()])
        kernel = ConstantKernel(1.0) * RBF([0.5] * len(self.domains), (0.2, 10))
        self._fits = []
        for column, noise in zip(scores.T, self.noise):
            known = noise**2 / counts / column.var()  # in the units of the standardised scores
            fit = GaussianProcessRegressor(kernel, alpha=known, normalize_y=True, random_state=0)
            self._fits.append(fit.fit(np.sqrt(weights), column))
        self.shares = np.array([OUT.get(test, 0) for test in self.tests]) / sum(OUT.values())

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """The noise-free scores (n, T) of mixtures (n, m)."""
        return np.column_stack([fit.predict(np.sqrt(weights)) for fit in self._fits]).clip(0, 1)


def floors_of(emulator: Emulator, truth: np.ndarray, rng: np.random.Generator, possible: bool) -> dict[str, float]:
    """Two floors that some of the mixtures with these scores meet together, or that none meets."""
    while True:
        pair = rng.choice(len(emulator.tests), 2, replace=False)
        least = [float(np.quantile(truth[:, test], rng.uniform(*SEVERITY))) for test in pair]
        if not possible:
            least[0] = float(truth[:, pair[0]].max() + BEYOND)
        share = (truth[:, pair] >= least + emulator.noise[pair]).all(axis=1).mean()
        if share >= SHARE or not possible:
            return {emulator.tests[test]: floor for test, floor in zip(pair, least)}


def study_of(emulator: Emulator, space: mixopt.MixtureSpace, floors: dict, trials: int, seed: int) -> optuna.Study:
    """A study of the emulator, to its end."""
    rng = np.random.default_rng([seed, 1])
    study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space, floors=floors, seed=seed))
    for _ in range(trials):
        trial = study.ask()
        weights = np.array(list(mixopt.suggest_mixture(trial, space).values()))
        scores = emulator(weights[None])[0] + rng.normal(size=len(emulator.tests)) * emulator.noise
        for test, score in zip(emulator.tests, scores):
            trial.set_user_attr(f"test:{test}", float(score))
        study.tell(trial, float(scores @ emulator.shares))
    return study


def main() -> None:
    """Run the studies and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--first", type=int, default=200, help="the first seed")
    parser.add_argument("--trials", type=int, nargs="+", default=[20, 40])
    parser.add_argument("--impossible", action="store_true", help="floors that no mixture meets")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    emulator = Emulator()
    space = mixopt.MixtureSpace(emulator.domains)
    pool = np.vstack([space.sample(20000, np.random.default_rng(0)), space.corners()])
    truth = emulator(pool)
    value = truth @ emulator.shares
    results = defaultdict(list)
    for seed in range(options.first, options.first + options.runs):
        floors = floors_of(emulator, truth, np.random.default_rng([seed, 0]), not options.impossible)
        columns, least = [emulator.tests.index(test) for test in floors], np.array(list(floors.values()))
        allowed = value[(truth[:, columns] >= least).all(axis=1)]
        study = study_of(emulator, space, floors, max(options.trials), seed)
        for trials in options.trials:
            part = optuna.create_study(direction="maximize")
            part.add_trials(study.trials[:trials])
            found = mixopt.recommend(part, space, floors=floors)
            free = mixopt.recommend(part, space)
            rows = np.array([list(found.weights.values()), list(free.weights.values())])
            scores = emulator(rows)
            meets = (scores[:, columns] >= least).all(axis=1)
            best = allowed.max() if len(allowed) else np.nan
            behind = (best - scores @ emulator.shares) / (value.max() - value.mean())
            results[trials].append([meets[0], found.floors.met, meets[1], behind[0], len(allowed) / len(value)])
            print(seed, trials, floors, *results[trials][-1], found.floors.note, flush=True)
    for trials, rows in results.items():
        met, said, free, behind, share = map(np.array, zip(*rows))
        print(
            f"after {trials} trials, {len(rows)} studies: {met.mean():.0%} end in a mixture that meets both floors "
            f"({(said & met).sum()} of the {said.sum()} that say so; without floors {free.mean():.0%}); "
            f"{(~said).sum()} say that no mixture is likely to; behind the best allowed {np.nanmean(behind):.3f}; "
            f"share of mixtures that meet the floors {np.median(share):.3f}"
        )


if __name__ == "__main__":
    main()
