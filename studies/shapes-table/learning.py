"""How well surrogates predict mixtures of the table that they have not seen, as runs grow: R2 and rank correlation.

    OMP_NUM_THREADS=1 python studies/shapes-table/learning.py

Each surrogate is fitted on 20, 40 and 80 mixtures drawn at random, 20 times, and predicts all others; at the end on all
but a tenth, ten times. The runs are those with the study's own seed, the score is the last out-score. What noise alone
leaves to be explained is said beside it, from the mixtures that were trained four times.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.model_selection import KFold

from mixopt.benchmark.shapes import Replicates, runs_of_table
from mixopt.errors import MixoptError, StrategyError
from mixopt.models.registry import SURROGATES, surrogate_named
from mixopt.models.surrogate import r_squared
from mixopt.space.region import first_rows
from mixopt.typing import FloatArray, IntArray

TABLE = Path(__file__).parent / "table.csv"
SIZES, DRAWS, FOLDS = (20, 40, 80), 20, 10


def splits(count: int, size: int | None) -> list[tuple[IntArray, IntArray]]:
    """Which runs are learnt from and which are predicted: random draws of a size, or ten folds of all."""
    if size is None:
        return list(KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(count)))
    orders = [np.random.default_rng([size, draw]).permutation(count) for draw in range(DRAWS)]
    return [(order[:size], order[size:]) for order in orders]


def scored_run(name: str, weights: FloatArray, values: FloatArray, size: int | None) -> tuple[float, float, float]:
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
    warnings.simplefilter("ignore")
    try:
        runs = runs_of_table(table)
    except MixoptError as error:
        raise SystemExit(f"error: {error}") from None
    weights, values = runs.weights, runs.values
    noise = Replicates.of(weights, values).pooled_sd ** 2
    own = first_rows(weights)  # with the study's seed, which stand before the replicates
    weights, values = weights[own], values[own]
    print(f"{len(values)} mixtures; noise sd {noise**0.5:.4f}, which leaves R2 {1 - noise / values.var():.3f} at best")
    sizes = [*(size for size in SIZES if size < len(values)), None]
    print(f"{'surrogate':11}" + "".join(f"{f'{size or len(values)} runs':>24}" for size in sizes))
    for name in SURROGATES:
        cells = []
        for size in sizes:
            try:
                r2, error, rank = scored_run(name, weights, values, size)
                cells.append(f"{r2:.3f}" + (f" ± {error:.3f}" if size else "") + f" ({rank:.3f})")
            except StrategyError as reason:
                cells.append("too few" if "needs" in str(reason) else str(reason)[:20])
        print(f"{name:11}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
