"""Makes table.csv: replicates 26 mixtures of the finished study with three more training seeds, then writes all runs.

    mixopt study create studies/shapes-table/study.yaml
    mixopt study resume shapes-table --slots 2
    python studies/shapes-table/table.py --slots 2

All of it can be stopped and run again: what is trained is kept. One row a run and evaluation step; README.md beside
this file says what the columns are.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from optuna.trial import TrialState

from mixopt.errors import MixoptError
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.runs import Runs
from mixopt.history.trial_record import TrialRecord
from mixopt.models.gp import GPSurrogate
from mixopt.storage.files import write_whole
from mixopt.study.plan import request_of, trainer_of
from mixopt.study.replicates import replicate_runs
from mixopt.study.study import Study
from mixopt.tables.cells import write_cells
from mixopt.trainers.contract import Result
from mixopt.typing import FloatArray

TABLE = Path(__file__).parent / "table.csv"
FRESH_SEEDS = (1, 2, 3)  # beside the study's own
REPLICATED = 26  # mixtures with replicates, among them
SCORED, BEST = 6, 12  # the best by score, which luck has chosen too, and with them the best by posterior mean
APART = 0.1  # L1 distance between any two of the best


def _posterior_means(runs: Runs) -> FloatArray:
    return GPSurrogate().fit(runs.weights, runs.values).mean(runs.weights)


def replicated(runs: Runs) -> list[int]:
    """The rows of runs that have replicates: corners and centre, the best, and the first of those that are even over
    the simplex."""
    corners = [row for row, weights in enumerate(runs.weights) if weights.max() == 1]
    best: list[int] = []
    for values, count in ((runs.values, SCORED), (_posterior_means(runs), BEST)):
        for row in np.argsort(-values, kind="stable").tolist():
            if len(best) < count and all(np.abs(runs.weights[row] - runs.weights[c]).sum() >= APART for c in best):
                best.append(row)
    even = [row for row, label in enumerate(runs.labels) if label == "qmc"]
    return list(dict.fromkeys([*corners, runs.labels.index("all"), *best, *even]))[:REPLICATED]


def rows(study: Study, trial: TrialRecord, seed: int, result: Result) -> Iterator[dict[str, object]]:
    """The rows of one run of a trial's mixture, one an evaluation step."""
    for evaluation in result.evaluations:
        scores = evaluation.scores
        yield {
            "trial": trial.number,
            "strategy": trial.strategy,
            "label": trial.label,
            "train_seed": seed,
            "step": evaluation.step,
            **{f"w:{name}": weight for name, weight in trial.weights.items()},
            **{f"test:{name}": scores[name] for name in study.spec.tests.sizes},
            IN_SCORE: study.scoring.in_score(scores),
            OUT_SCORE: study.scoring.out_score(scores),
            "carried": int(evaluation.carried),
            **{f"draws:{name}": result.draws[name] for name in study.space.domains},
            "seconds": round(result.seconds, 1),
            "steps": result.steps,
            "stopped": result.stopped,
            "exhausted": " ".join(result.exhausted),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slots", type=int, default=1)
    if (slots := parser.parse_args().slots) < 1:
        raise SystemExit("error: --slots: say at least 1")
    try:
        study = Study.open("shapes-table")
    except MixoptError as error:
        raise SystemExit(f"error: {error}") from None
    trials = {trial.number: trial for trial in study.trial_records(TrialState.COMPLETE) if not trial.replicate}
    if left := study.sampler().planned - len(trials):
        raise SystemExit(f"error: {left} trials are left: mixopt study resume {study.spec.study} --slots 2")
    written: list[dict[str, object]] = []
    for number, trial in trials.items():
        request = request_of(study.spec, number, trial.weights, study.spec.train_seed)
        written += rows(study, trial, request.train_seed, Result.read(study.folder.trial(number).result, request))
    runs, backend = study.runs().chosen(), trainer_of(study.spec)  # what this script adds must not change its choice
    chosen = [trials[number] for number in runs.numbers[replicated(runs)].tolist()]
    with ThreadPoolExecutor(slots) as pool:
        fresh = pool.map(lambda trial: replicate_runs(study, backend, trial.weights, FRESH_SEEDS, slots=1), chosen)
        for trial, results in zip(chosen, fresh, strict=True):
            for seed, result in zip(FRESH_SEEDS, results, strict=True):
                written += rows(study, trial, seed, result)
            print(f"trial {trial.number} {trial.label}: replicated", flush=True)
    write_whole(TABLE, write_cells(None, list(written[0]), written))
    print(f"{TABLE}: {len(written)} rows")


if __name__ == "__main__":
    main()
