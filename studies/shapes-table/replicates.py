"""What replicates bring: 20 runs of the table, then three more seeds of the recommended mixture and of `all`.

    OMP_NUM_THREADS=1 python studies/shapes-table/replicates.py

Runs are those of the mixtures that the table has four seeds of, drawn at random, with `all` among them; the
recommendation chooses among these mixtures, so that the runs which it asks for are there. One line a draw: the width of
the 90 % interval of the gain over uniform, the estimated noise of one run and what replicates spread by, and the
probability of beating uniform, each before and after.
"""

from pathlib import Path

import numpy as np

import mixopt
from mixopt.benchmark.shapes import runs_of_table
from mixopt.history.runs import Runs
from mixopt.inference.recommendation import Recommendation, recommend_from_runs
from mixopt.space.region import same_rows
from mixopt.typing import FloatArray, IntArray

TABLE = Path(__file__).parent / "table.csv"
RUNS, DRAWS = 20, 30


def repeated(weights: FloatArray) -> list[IntArray]:
    """The rows of each mixture that was trained more than once, the study's own run first."""
    mixture = same_rows(weights)
    groups = [np.flatnonzero(mixture == number) for number in range(mixture.max() + 1)]
    return [rows for rows in groups if len(rows) > 1]


def runs_of(space: mixopt.MixtureSpace, weights: FloatArray, values: FloatArray) -> Runs:
    """Runs (n,) as a recommendation takes them."""
    unknown, n = np.full(len(values), np.nan), len(values)
    return Runs(space, weights, values, unknown, unknown, np.arange(n), ("model-based",) * n, ("",) * n)


def width(recommended: Recommendation) -> float:
    """Of the interval of the gain over uniform."""
    low, high = recommended.gain_interval
    return high - low


def main() -> None:
    """All draws, and what they come to."""
    table = runs_of_table(TABLE)
    domains, weights, values = table.domains, table.weights, table.values
    groups = repeated(weights)
    space = mixopt.MixtureSpace(domains, candidates=weights[[rows[0] for rows in groups]])
    uniform = int(np.argmax([np.ptp(weights[rows[0]]) < 1e-9 for rows in groups]))
    rng, found, advised = np.random.default_rng(0), [], []
    print("draw   width of the interval   noise of one run (replicates' own)   beats uniform")
    for draw in range(DRAWS):
        others = [i for i in range(len(groups)) if i != uniform]
        drawn = [uniform, *rng.choice(others, RUNS - 1, replace=False)]
        rows = np.array([groups[i][0] for i in drawn])
        before = recommend_from_runs(space, runs_of(space, weights[rows], values[rows]))
        best = np.array(list(before.weights.values()))
        again = next(i for i, g in enumerate(groups) if np.abs(weights[g[0]] - best).max() < 1e-9)
        more = np.concatenate([groups[i][1:] for i in {again, uniform}])
        both = np.concatenate([rows, more])
        after = recommend_from_runs(space, runs_of(space, weights[both], values[both]))
        spread = after.measured_noise
        found.append((width(before), width(after), before.noise_sd, after.noise_sd, spread.sd))
        advised.append((before.note, after.note))
        print(
            f"{draw:4}   {width(before):8.4f} -> {width(after):.4f}   {before.noise_sd:8.4f} -> {after.noise_sd:.4f} "
            f"({spread.sd:.4f})   {before.beats_uniform:16.2f} -> {after.beats_uniform:.2f}"
        )
    wide, narrow, guessed, learnt, spreads = np.array(found).T
    print(
        f"\nintervals: narrower in {np.mean(narrow < wide):.0%}, by a factor of {np.median(wide / narrow):.2f} (median)"
    )
    off, then = (np.exp(np.abs(np.log(noise / spreads)).mean()) for noise in (guessed, learnt))
    print(f"noise: off the replicates' spread by a factor of {off:.2f} before, {then:.2f} after (geometric means)")
    changed = np.mean([first != second for first, second in advised])
    print(f"notes that changed: {changed:.0%}; for example\n  before: {advised[0][0]}\n  after:  {advised[0][1]}")


if __name__ == "__main__":
    main()
