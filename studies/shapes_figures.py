"""The figures of docs/make-study.md about the shapes study, measured anew or read from what was trained before.

    make figures

It needs a finished `make study`, and trains 33 more runs with other training seeds (about ten minutes on two cores;
they are kept in the study's folder, so a second call only prints).
"""

from statistics import mean, median, stdev

import numpy as np
from optuna.trial import TrialState

from mixopt import Study
from mixopt.inference.recommendation import recommend_from_runs
from mixopt.study.plan import trainer_of
from mixopt.study.replicates import mixture_of, replicate_runs
from mixopt.trainers.contract import Result

# Fixed before the study was run, from how the world is built: what most out-test questions want is taught by
# `geometry` (to measure) and `science` (to choose), and the base can name already.
CONCENTRATED = {"detect": 0.0, "refer": 0.0, "geometry": 0.6, "spatial": 0.0, "science": 0.4}
# Fixed after the study and before its own fresh seeds: near the best trials.
MEASURING = {"detect": 0.3, "refer": 0.0, "geometry": 0.7, "spatial": 0.0, "science": 0.0}
NOISE_SEEDS, FRESH_SEEDS = (1, 2, 3, 4, 5), (101, 102, 103)

study = Study.open("shapes")
runs, last = study.runs().chosen(), study.spec.score.steps[-1]  # the replicates made here would move the recommendation


def trained(weights: dict[str, float], seeds: tuple[int, ...]) -> list[Result]:
    """A mixture's results with other training seeds."""
    return replicate_runs(study, trainer_of(study.spec), weights, seeds, slots=2)


def print_tests() -> None:
    """Out-score and tests of the base model, `all` and the best trial."""
    trials = {t.number: t for t in study.trials(TrialState.COMPLETE) if t.number in runs.numbers}
    if study.base is None:
        raise SystemExit("the base model is not scored yet: make study does it")
    shown = {"base": (study.base.out_score, study.base.tests)}
    for row in (runs.labels.index("all"), int(np.argmax(runs.values))):
        notes = trials[runs.numbers[row]].user_attrs
        shown[runs.labels[row]] = runs.values[row], {name: notes[f"test:{name}"] for name in study.base.tests}
    for name, (value, tests) in shown.items():
        print(f"{name:10} {value:.4f}   " + "  ".join(f"{test} {score:.3f}" for test, score in tests.items()))
    seconds = [trial.duration.total_seconds() for trial in trials.values()]
    print(f"{len(runs)} trials; seconds each with start-up: median {median(seconds):.0f}, longest {max(seconds):.0f}")


def print_noise(of_all: list[Result]) -> float:
    """The noise floor and the spread of the seed designs; returns the standard deviation."""
    values = [study.value(result) for result in of_all]
    seeds = runs.values[[strategy == "seed" for strategy in runs.strategies]]
    print(f"\n`all` with training seeds {NOISE_SEEDS}: {' '.join(f'{v:.4f}' for v in values)}, sd {stdev(values):.4f}")
    print(f"spread of {len(seeds)} seed designs {np.ptp(seeds):.4f} = {np.ptp(seeds) / stdev(values):.0f} sd\n")
    return stdev(values)


def print_domains(of_all: list[Result]) -> None:
    """For each domain the test that suffers most beyond the noise when it is left out, over the same seeds."""
    seeds = NOISE_SEEDS[:3]
    for domain in study.space.domains:
        without = trained(mixture_of(study, f"exclude:{domain}"), seeds)
        found = []
        for test in study.spec.tests.sizes:
            here, there = ([r.scores[last][test] for r in results] for results in (of_all, without))
            error = np.sqrt(np.var(here, ddof=1) / len(here) + np.var(there, ddof=1) / len(there))
            found.append(((mean(here) - mean(there)) / max(error, 1e-3), test, mean(here), mean(there)))
        errors, test, here, there = max(found)
        print(f"without {domain:9} {test:11} {here:.3f} -> {there:.3f}, {errors:.1f} standard errors lower")


def print_gain(name: str, weights: dict[str, float], noise: float) -> None:
    """A mixture against `all` on the same fresh seeds."""
    theirs, of_all = (
        [study.value(result) for result in trained(mixture, FRESH_SEEDS)]
        for mixture in (weights, mixture_of(study, "all"))
    )
    gain = mean(theirs) - mean(of_all)
    print(f"{name:13} {mean(theirs):.4f} - `all` {mean(of_all):.4f} = {gain:+.4f} = {gain / noise:.1f} sd")


def main() -> None:
    """Print everything, in the order of the page."""
    print_tests()
    of_all = trained(mixture_of(study, "all"), NOISE_SEEDS)
    noise = print_noise(of_all)
    print_domains(of_all)
    print(f"\nmeans over training seeds {FRESH_SEEDS}:")
    for name, weights in (
        ("recommended", recommend_from_runs(study.space, runs, study.spec.sampler_seed).weights),
        ("concentrated", CONCENTRATED),
        ("measuring", MEASURING),
    ):
        print_gain(name, weights, noise)
    again = study.value(trained(mixture_of(study, "all"), (study.spec.train_seed,))[0])
    print(f"\n`all` again with its own seed, to the last digit: {again == runs.values[runs.labels.index('all')]}")


if __name__ == "__main__":
    main()
