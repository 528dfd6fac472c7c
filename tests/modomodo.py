"""The paper's Table 2 (tests/data/modomodo), and its seed runs, whose weights are known for certain."""

import csv
from pathlib import Path

import numpy as np

from mixopt.runs import Runs
from mixopt.space import MixtureSpace

DOMAINS = ("COCO", "LISA", "GeoQAV", "SAT", "ScienceQA")
IN_TESTS = {"lisa": 3397, "sat": 1928, "scienceqa": 2017}
OUT_TESTS = {"chartqa": 2500, "infovqa": 2801, "mathvista": 1000, "mmmu": 900}
SPACE = MixtureSpace(DOMAINS)


def rows() -> list[dict[str, str]]:
    """All rows as printed; an illegible cell is ""."""
    with open(Path(__file__).parent / "data" / "modomodo" / "table2.csv", newline="") as file:
        return list(csv.DictReader(file))


def number(row: dict[str, str], column: str) -> float:
    """A cell as a number, NaN where illegible."""
    return float(row[column] or "nan")


def seed_runs() -> Runs:
    """The 11 seed runs; their values are the out-scores, and the in-score of 2345 is unknown."""
    seeds = [row for row in rows() if row["group"] == "seed"]
    members = np.array([[str(i + 1) in row["experiment"] for i in range(SPACE.m)] for row in seeds], dtype=float)
    out_scores = np.array([number(row, "out_score") for row in seeds])
    return Runs(
        SPACE,
        weights=members / members.sum(axis=1, keepdims=True),
        values=out_scores,
        in_scores=np.array([number(row, "in_score") for row in seeds]),
        out_scores=out_scores,
        numbers=np.arange(len(seeds)),
        strategies=("seed",) * len(seeds),
        labels=tuple(row["experiment"] for row in seeds),
    )
