"""The figures of the README about the shapes study, measured anew or read from what was trained before.

    make figures

It needs a finished `make study`, and trains 16 more runs with other training seeds (about 6 minutes on two cores; kept
in the study's folder). CONCENTRATED was fixed before the study was run: by the world's design most out-test questions
want what `geometry` teaches (to measure) or `science` teaches (to choose), and the base can name already.
"""

import subprocess
import sys
from statistics import mean, median, stdev

import numpy as np
from optuna.trial import TrialState

from mixopt import Study
from mixopt.plan import backend_of
from mixopt.replicates import mixture_of, replicate_runs

CONCENTRATED = {"detect": 0.0, "refer": 0.0, "geometry": 0.6, "spatial": 0.0, "science": 0.4}
NOISE_SEEDS, FRESH_SEEDS = (1, 2, 3, 4, 5), (101, 102, 103)


def base_scores() -> dict[str, float]:
    """The base model's score by test."""
    argv = [sys.executable, "-m", "rlvr_backend", "evaluate", "shapes"]
    lines = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split("\n")
    return {name: float(score) for name, score in (line.split() for line in lines if line)}


def row(name: str, value: float, scores: dict[str, float]) -> None:
    print(f"{name:18} {value:.4f}   " + "  ".join(f"{test} {score:.3f}" for test, score in scores.items()))


def main() -> None:
    study = Study.open("shapes")
    runs, last = study.runs(), study.spec.score.steps[-1]
    tests = {
        t.user_attrs["label"]: {n: t.user_attrs[f"test:{n}"] for n in study.spec.tests.sizes} for t in study.trials()
    }

    def replicated(weights: dict[str, float], seeds: tuple[int, ...]) -> list:
        return replicate_runs(study, backend_of(study.spec), weights, seeds, slots=2)

    print("out-score and tests")
    base = base_scores()
    row("base", study.scoring.out_score(base), base)
    for label in [label for label in runs.labels if label == "all" or label.startswith("exclude:")]:
        row(label, runs.values[runs.labels.index(label)], tests[label])
    best = int(np.argmax(runs.values))
    row(f"best ({runs.labels[best]})", runs.values[best], tests[runs.labels[best]])

    seconds = sorted(t.duration.total_seconds() for t in study.trials(TrialState.COMPLETE))
    print(f"\n{len(runs)} trials, seconds each with start-up: median {median(seconds):.0f}, longest {seconds[-1]:.0f}")

    everything = mixture_of(study, "all")
    noise = replicated(everything, NOISE_SEEDS)
    values = [study.value(result) for result in noise]
    print(
        f"\n`all`, training seeds {NOISE_SEEDS}: " + " ".join(f"{v:.4f}" for v in values) + f"  sd {stdev(values):.4f}"
    )
    sds = {name: stdev(result.scores[last][name] for result in noise) for name in base}
    print("sd by test: " + "  ".join(f"{name} {sd:.3f}" for name, sd in sds.items()))
    seeds = runs.values[[s == "seed" for s in runs.strategies]]
    print(
        f"spread of the {len(seeds)} seed designs {np.ptp(seeds):.4f} = {np.ptp(seeds) / stdev(values):.0f} of those sd"
    )
    for domain in study.space.domains:
        without = tests[f"exclude:{domain}"]
        losses = {n: (mean(r.scores[last][n] for r in noise) - without[n]) / sds[n] for n in base if sds[n] > 0}
        worst = max(losses, key=losses.__getitem__)
        print(
            f"leaving out {domain:9} lowers {worst} most: to {without[worst]:.3f}, {losses[worst]:.1f} sd below `all`"
        )

    of_all = [study.value(result) for result in replicated(everything, FRESH_SEEDS)]
    for name, weights in (("concentrated", CONCENTRATED), ("recommended", study.recommend().weights)):
        theirs = [study.value(result) for result in replicated(weights, FRESH_SEEDS)]
        gain = mean(theirs) - mean(of_all)
        print(
            f"{name} against `all`, seeds {FRESH_SEEDS}: {mean(theirs):.4f} - {mean(of_all):.4f} = {gain:+.4f}"
            f" = {gain / stdev(values):.1f} sd   ({' '.join(f'{v:.4f}' for v in theirs)})"
        )
    again = replicated(everything, (study.spec.train_seed,))[0]
    same = study.value(again) == runs.values[runs.labels.index("all")]
    print(f"`all` trained again with its own seed: the same score to the last digit: {same}")


main()
