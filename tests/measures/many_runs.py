"""What large studies cost, and what the approximation beyond 500 runs loses.

    python -m tests.measures.many_runs                            # processor seconds and memory of commands
    python -m tests.measures.many_runs --accuracy [--regmix DIR]  # against the exact Gaussian process

The first imports drawn runs over five domains from a CSV file and times each command as a process of its own. The
second fits the same runs exactly and approximately, and compares their errors on mixtures that neither has seen: of a
drawn problem, and of RegMix's table (a folder with its train_mixture_1m.csv and so on).
"""

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.stats import norm

from mixopt.models import subset
from mixopt.models.gp import GPSurrogate
from mixopt.models.subset import subset_rows

DOMAINS = ("alpha", "beta", "gamma", "delta", "epsilon")
SIZES = (500, 2_000, 10_000)
COMMANDS = ("recommend", "show", "list", "ask", "report")


def drawn(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights (n, 5), noise-free scores (n,) and measured ones, with noise of half their standard deviation."""
    rng = np.random.default_rng(seed)
    weights, best = rng.dirichlet(np.ones(5), n), np.array([0.35, 0.3, 0.2, 0.1, 0.05])
    score = 0.6 - ((weights - best) ** 2).sum(axis=1) + 0.05 * np.sin(4 * weights[:, 0])
    score += 0.05 * np.sqrt(weights[:, 1] + 0.01)
    return weights, score, score + rng.normal(0, score.std() / 2, n)


def cost(argv: list[str], home: Path) -> tuple[float, float]:
    """Seconds of the processor and MB at most of a command."""
    code = "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)"
    code += "; used = resource.getrusage(resource.RUSAGE_CHILDREN)"
    code += "; print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    done = subprocess.run(
        [sys.executable, "-c", code, sys.executable, "-m", "mixopt.cli", *argv],
        env={**os.environ, "MIXOPT_HOME": str(home), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    code, seconds, megabytes = done.stdout.split()
    assert code == "0", done.stderr
    return float(seconds), float(megabytes)


def costs(sizes: list[int]) -> None:
    print("| runs | import | " + " | ".join(COMMANDS) + " |\n|---|" + "---|" * (len(COMMANDS) + 1))
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            home, table = Path(folder) / "home", Path(folder) / "runs.csv"
            weights, _, values = drawn(size)
            with table.open("w") as file:
                writer = csv.writer(file)
                writer.writerow([*DOMAINS, "score"])
                writer.writerows([*row, value] for row, value in zip(weights.tolist(), values.tolist()))
            found = [cost(["study", "import", "many", str(table), "--value", "score"], home)]
            report = ["--output", str(Path(folder) / "report.html")]
            for command in COMMANDS:
                name = [] if command == "list" else ["many"]
                found.append(cost(["study", command, *name, *(report if command == "report" else [])], home))
            print(f"| {size:,} | " + " | ".join(f"{s:.1f} s, {mb:.0f} MB" for s, mb in found) + " |", flush=True)


def compare(name: str, weights, values, at, truth, exact: int, largest: int = 2_000) -> None:
    """A line each of the exact fit (of `largest` runs at most), of the approximation, and of `exact` of the runs."""
    before, subset.MOST_EXACT = subset.MOST_EXACT, exact
    some = subset_rows(len(weights))
    ways = [("exact", len(weights), slice(None))] if len(weights) <= largest else []
    for words, limit, rows in (*ways, ("approximate", exact, slice(None)), (f"{exact} of them", exact, some)):
        subset.MOST_EXACT = limit
        started = time.process_time()
        surrogate = GPSurrogate().fit(weights[rows], values[rows])
        seconds = time.process_time() - started
        mean, sd = surrogate.predict(at)
        r2 = 1 - ((mean - truth) ** 2).mean() / truth.var()
        log_score = norm.logpdf(truth, mean, sd).mean()
        best = truth.max() - truth[mean.argmax()]
        print(
            f"| {name} | {len(weights):,} | {words} | {seconds:.1f} | {r2:.4f} | {log_score:.2f} "
            f"| {surrogate.noise_sd / truth.std():.3f} | {best / np.ptp(truth):.4f} |",
            flush=True,
        )
    subset.MOST_EXACT = before


def regmix(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights and minus the mean validation loss of RegMix's runs with 1M parameters."""
    tables = []
    for kind in ("mixture", "pile_loss"):
        with (folder / f"{part}_{kind}_1m.csv").open() as file:
            rows = list(csv.reader(file))
        tables.append(np.array([[float(cell) for cell in row[1:]] for row in rows[1:]]))
    weights, losses = tables
    return weights / weights.sum(axis=1, keepdims=True), -losses.mean(axis=1)


def accuracy(folder: Path | None) -> None:
    print("| problem | runs | fit | CPU s | R² | log score | noise | regret |\n|---|---|---|---|---|---|---|---|")
    at, truth, _ = drawn(2_000, seed=4)
    for size in (500, 1_000, 2_000, 10_000):
        weights, _, values = drawn(size)
        compare("drawn, 5 domains", weights, values, at, truth, exact=min(size // 2, subset.MOST_EXACT))
    if folder:
        weights, values = regmix(folder, "train")
        at, truth = regmix(folder, "test")
        compare("RegMix 1M, 17 domains", weights, values, at, truth, exact=256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accuracy", action="store_true")
    parser.add_argument("--regmix", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    said = parser.parse_args()
    if said.accuracy:
        accuracy(said.regmix)
    else:
        costs(said.sizes)
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB here at most")


if __name__ == "__main__":
    main()
