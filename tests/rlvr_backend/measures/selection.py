"""Groups that teach nothing, by selector, on the simulated domains of the tests: right-or-wrong and graded scores.

python tests/rlvr_backend/measures/selection.py

A domain has 120 examples; a run takes 4 of them in each of 120 updates. In the graded domain every second example is
always answered alike. Printed are means over runs, with their standard errors: the share of groups of equal rewards
(zero variance), and the share of draws that went to examples whose scores never vary.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # where tests.support is

from rlvr_backend.selection import SELECTORS
from tests.support.simulated_groups import shares


def cells(name: str, graded: bool, seeds: range) -> list[str]:
    """ "mean ± standard error" of each share, in percent."""
    found = 100 * np.array([shares(name, seed, graded) for seed in seeds])
    errors = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    return [f"{mean:.1f} ± {error:.1f}" for mean, error in zip(found.mean(axis=0), errors, strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=20, help="a selector and domain (20)")
    seeds = range(parser.parse_args().runs)
    print("| selection | right or wrong: zero variance % | graded: zero variance % | graded: never vary % |")
    print("|---|---|---|---|")
    for name in ("uniform", *sorted(SELECTORS)):
        print(f"| `{name}` |", " | ".join([cells(name, False, seeds)[0], *cells(name, True, seeds)]), "|", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
