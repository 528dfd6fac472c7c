"""What an import costs: seconds and memory of `mixopt study import` by the size of the file, as a Markdown table.

python -m tests.measures.import_size
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Maker = Callable[[Path], None]


def runs(rows: int) -> Maker:
    """A table of runs: an id, five weights, a training seed and a score."""

    def make(path: Path) -> None:
        rng = np.random.default_rng(0)
        weights = rng.dirichlet(np.ones(5), rows).round(4)
        weights[:, -1] = 1 - weights[:, :-1].sum(axis=1)
        scores = rng.random(rows)
        with path.open("w") as file:
            file.write("run,web,code,math,chat,law,seed,score\n")
            for i, (row, score) in enumerate(zip(weights.clip(0), scores)):
                file.write(f"r{i}," + ",".join(f"{share:.4f}" for share in row) + f",{i % 5},{score:.4f}\n")

    return make


def wide(columns: int) -> Maker:
    """A table of 20 runs: two weights, a score, and columns of other numbers."""

    def make(path: Path) -> None:
        with path.open("w") as file:
            file.write(",".join(["web", "code", "score", *(f"c{i}" for i in range(columns))]) + "\n")
            for i in range(20):
                file.write(f"{i / 20},{1 - i / 20},{i / 40}," + ",".join(["7.5"] * columns) + "\n")

    return make


def text(content: str, times: int) -> Maker:
    def make(path: Path) -> None:
        with path.open("w") as file:
            file.write("web,code,score\n0.5,0.5,0.1\n")
            for _ in range(times):
                file.write(content)

    return make


CASES: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "1,000 rows": (runs(1000), ()),
    "10,000 rows": (runs(10_000), ()),
    "100,000 rows": (runs(100_000), ()),
    "20 rows of 20,000 columns": (wide(20_000), ()),
    "the same with `--domains web,code`": (wide(20_000), ("--domains", "web,code")),
    "a line of 100 MB": (text("7," * 1000, 50_000), ()),
    "a quote that never closes, 100 MB": (text('"' + "7,7,7\n" * 1000, 16_000), ()),
    "100 MB of null bytes": (text("\0" * 1000, 100_000), ()),
}


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of the processor, MB at the most, and the exit code."""

    seconds: float
    cpu: float
    megabytes: float
    code: int


def measured(file: Path, options: tuple[str, ...], home: Path) -> Cost:
    """What the command costs as a user gives it."""
    command = [sys.executable, "-m", "mixopt.cli", "study", "import", "mine", str(file), "--value", "score", *options]
    between = "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=-3, stderr=-3)"
    between += "; used = resource.getrusage(resource.RUSAGE_CHILDREN)"
    between += "; print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    started = time.perf_counter()
    said = subprocess.run(  # a small process between: a child's peak begins with that of its parent
        [sys.executable, "-c", between, *command],
        env={**os.environ, "MIXOPT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    code, cpu, megabytes = said.stdout.split()
    return Cost(time.perf_counter() - started, float(cpu), float(megabytes), int(code))


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    said.add_argument("--only", help="the cases that hold this text")
    only = said.parse_args().only or ""
    print("| file | seconds | of the processor | MB | |\n|---|---|---|---|---|")
    for name, (make, options) in CASES.items():
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder) / "runs.csv")
                cost = measured(Path(folder) / "runs.csv", options, Path(folder) / "home")
            what = {0: "imported", 2: "refused"}[cost.code]
            print(f"| {name} | {cost.seconds:.1f} | {cost.cpu:.1f} | {cost.megabytes:.0f} | {what} |", flush=True)


if __name__ == "__main__":
    main()
