"""Trains runs of table.csv again, in a study of their own, and says whether they are the same to the last digit.

    python studies/shapes-table/again.py 2:42 10:1 140:3     # TRIAL:SEED as in the table

Everything is compared but the seconds. On another machine, or with other versions of the libraries, rounding differs
and training with it: the largest difference of a score is said.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path

import optuna
from optuna.trial import TrialState
from table import TABLE, rows

from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.trial_record import TrialRecord
from mixopt.study.plan import trainer_of
from mixopt.study.replicates import replicate_runs
from mixopt.study.study import Study

STUDY_FILE = Path(__file__).parent / "study.yaml"


def runs_of_table() -> dict[str, list[dict[str, str]]]:
    """The rows of each run by TRIAL:SEED."""
    runs: dict[str, list[dict[str, str]]] = {}
    with TABLE.open(newline="") as file:
        for row in csv.DictReader(file):
            runs.setdefault(f"{row['trial']}:{row['train_seed']}", []).append(row)
    return runs


def trained_again(study: Study, first: dict[str, str]) -> list[dict[str, str]]:
    """The rows of a run as they come out now."""
    weights = {name: float(first[f"w:{name}"]) for name in study.space.domains}
    trial = TrialRecord(
        number=int(first["trial"]),
        state=TrialState.COMPLETE,
        strategy=first["strategy"],
        label=first["label"],
        weights=weights,
    )
    seed = int(first["train_seed"])
    [result] = replicate_runs(study, trainer_of(study.spec), weights, [seed], slots=1)
    return [{name: str(cell) for name, cell in row.items()} for row in rows(study, trial, seed, result)]


def main() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="TRIAL:SEED")
    asked, there = parser.parse_args().runs, runs_of_table()
    if unknown := [run for run in asked if run not in there]:
        raise SystemExit(f"error: {unknown[0]} is no run of {TABLE}: say TRIAL:SEED of one of its rows")
    differ = False
    with tempfile.TemporaryDirectory() as folder:
        study = Study.create(STUDY_FILE, Path(folder) / "shapes-table")
        for run in asked:
            before, now = there[run], trained_again(study, there[run][0])
            columns = [name for name in before[0] if name != "seconds"]
            cells = [(name, old[name], new[name]) for old, new in zip(before, now, strict=True) for name in columns]
            unequal = [cell for cell in cells if cell[1] != cell[2]]
            scores = [cell for cell in unequal if cell[0].startswith("test:") or cell[0] in (IN_SCORE, OUT_SCORE)]
            largest = max((abs(float(old) - float(new)) for _, old, new in scores), default=0.0)
            verdict = f"{len(unequal)} differ, scores by up to {largest:.4f}" if unequal else "all the same"
            print(f"{run} {before[0]['label']}: {len(cells)} cells, {verdict}", flush=True)
            differ = differ or bool(unequal)
    sys.exit(differ)


if __name__ == "__main__":
    main()
