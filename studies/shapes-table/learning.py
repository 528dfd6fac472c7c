"""How well surrogates predict mixtures of the table that they have not seen, as runs grow: R2 and rank correlation.

    OMP_NUM_THREADS=1 python studies/shapes-table/learning.py

Each surrogate is fitted on 20, 40 and 80 mixtures drawn at random, 20 times, and predicts all others; at the end on all
but a tenth, ten times. The runs are those with the study's own seed, the score is the last out-score. What noise alone
leaves to be explained is said beside it, from the mixtures that were trained four times.
"""

import argparse
import csv
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.model_selection import KFold

from mixopt.arrays import FloatArray, IntArray
from mixopt.errors import StrategyError
from mixopt.surrogates.base import r_squared
from mixopt.surrogates.registry import SURROGATES, surrogate_named

TABLE = Path(__file__).parent / "table.csv"
SIZES, DRAWS, FOLDS = (20, 40, 80), 20, 10


def last_runs(path: Path) -> list[dict[str, str]]:
    """The rows of the last step, one a run."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    last = max(int(row["step"]) for row in rows)
    return [row for row in rows if int(row["step"]) == last]


def arrays(rows: list[dict[str, str]], value: str = "out_score") -> tuple[FloatArray, FloatArray]:
    """Weights (n, m) and a score (n,) of rows."""
    domains = [name for name in rows[0] if name.startswith("w:")]
    weights = np.array([[float(row[name]) for name in domains] for row in rows])
    return weights, np.array([float(row[value]) for row in rows])


def noise_variance(rows: list[dict[str, str]]) -> float:
    """The mean variance of the score over training seeds, of the mixtures that have several."""
    by_trial: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        by_trial[row["trial"]].append(float(row["out_score"]))
    return float(np.mean([np.var(scores, ddof=1) for scores in by_trial.values() if len(scores) > 1]))


def splits(count: int, size: int | None) -> list[tuple[IntArray, IntArray]]:
    """Which runs are learnt from and which are predicted: random draws of a size, or ten folds of all."""
    if size is None:
        return list(KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(count)))
    orders = [np.random.default_rng([size, draw]).permutation(count) for draw in range(DRAWS)]
    return [(order[:size], order[size:]) for order in orders]


def judged(name: str, weights: FloatArray, values: FloatArray, size: int | None) -> tuple[float, float, float]:
    """R2, its standard error over draws, and rank correlation on unseen runs; of all folds at once for all runs."""
    seen = []
    for train, test in splits(len(values), size):
        predicted, _ = surrogate_named(name).fit(weights[train], values[train]).predict(weights[test])
        seen.append((values[test], predicted))
    if size is None:
        seen = [tuple(np.concatenate(parts) for parts in zip(*seen))]
    r2 = [r_squared(*pair) for pair in seen]
    error = float(np.std(r2, ddof=1) / np.sqrt(len(r2))) if len(r2) > 1 else float("nan")
    return float(np.mean(r2)), error, float(np.mean([spearmanr(*pair).statistic for pair in seen]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, default=TABLE)
    table = parser.parse_args().table
    if not table.is_file():
        raise SystemExit(f"error: {table}: is not there: python studies/shapes-table/table.py makes it")
    rows = last_runs(table)
    warnings.simplefilter("ignore")
    weights, values = arrays([row for row in rows if row["train_seed"] == rows[0]["train_seed"]])
    noise = noise_variance(rows)
    print(f"{len(values)} mixtures; noise sd {noise**0.5:.4f}, which leaves R2 {1 - noise / values.var():.3f} at best")
    sizes = [*(size for size in SIZES if size < len(values)), None]
    print(f"{'surrogate':11}" + "".join(f"{f'{size or len(values)} runs':>24}" for size in sizes))
    for name in SURROGATES:
        cells = []
        for size in sizes:
            try:
                r2, error, rank = judged(name, weights, values, size)
                cells.append(f"{r2:.3f}" + (f" ± {error:.3f}" if size else "") + f" ({rank:.3f})")
            except StrategyError as reason:
                cells.append("too few" if "needs" in str(reason) else str(reason)[:20])
        print(f"{name:11}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
