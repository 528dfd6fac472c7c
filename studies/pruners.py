"""How often pruners end the best run of a study, on noisy learning curves, and how many steps they save.

    OMP_NUM_THREADS=1 python studies/pruners.py          # 200 studies of 30 runs, a minute or so

Runs rise to levels of their own at speeds of their own, so that curves cross, and each of 20 evaluations has a noise of
half the spread of the levels. They come one after another, as without parallel workers.
"""

import argparse
import warnings

import numpy as np
import optuna
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, PatientPruner, SuccessiveHalvingPruner

from mixopt.study.pruning import pruner_of
from mixopt.study.spec import PruningSpec

RUNS, EVALUATIONS, NOISE = 30, 20, 0.5


def pruners() -> dict[str, BasePruner]:
    """Optuna's with their defaults, and what a study file may say."""
    return {
        "successive halving": SuccessiveHalvingPruner(),
        "hyperband": HyperbandPruner(max_resource=EVALUATIONS),
        "median": MedianPruner(),
        "median, 5 warm-up steps": MedianPruner(n_warmup_steps=5),
        "median, patience 3": PatientPruner(MedianPruner(), 3),
        "{percentile: 75}": pruner_of(PruningSpec(percentile=75)),
        "{percentile: 75, warmup_steps: 5}": pruner_of(PruningSpec(percentile=75, warmup_steps=5)),
        "{percentile: 75, patience: 3}": pruner_of(PruningSpec(percentile=75, patience=3)),
        "{percentile: 50, warmup_steps: 5}": pruner_of(PruningSpec(percentile=50, warmup_steps=5)),
        "{percentile: 50, patience: 3}": pruner_of(PruningSpec(percentile=50, patience=3)),
    }


def trained(pruner: BasePruner, seed: int) -> tuple[bool, float]:
    """Whether the best of a study's runs was pruned, and the share of all evaluations that were not done."""
    rng = np.random.default_rng(seed)
    levels, speeds = rng.normal(size=RUNS), rng.uniform(0.1, 0.4, RUNS)
    grown = 1 - np.exp(-np.outer(speeds, np.arange(1, EVALUATIONS + 1)))
    curves = levels[:, None] * grown - 2 * (1 - grown) + NOISE * rng.normal(size=(RUNS, EVALUATIONS))
    best = int((levels * grown[:, -1] - 2 * (1 - grown[:, -1])).argmax())
    study = optuna.create_study(direction="maximize", pruner=pruner, study_name=str(seed))
    pruned, saved = False, 0
    for number, curve in enumerate(curves):
        trial = study.ask()
        for step, score in enumerate(curve):
            trial.report(float(score), step)
            if step + 1 < EVALUATIONS and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                saved += EVALUATIONS - 1 - step
                pruned |= number == best
                break
        else:
            study.tell(trial, float(curve[-1]))
    return pruned, saved / (RUNS * EVALUATIONS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=200)
    studies = parser.parse_args().studies
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    for name, pruner in pruners().items():
        pruned, saved = np.array([trained(pruner, seed) for seed in range(studies)]).T
        print(f"{name:34} ends the best run in {pruned.mean():4.0%} of studies, saves {saved.mean():4.0%} of the steps")


if __name__ == "__main__":
    main()
