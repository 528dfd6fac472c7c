"""What early runs bring: regret at equal cost with and without them, on synthetic score curves.

    OMP_NUM_THREADS=1 python studies/early_steps.py            # 30 seeds, some minutes on one core

Curves rise from a score that another mixture is best for to the last one, and the luck of a run lasts: its noise is a
random walk over the evaluations. Cost is training steps. Regret is that of the recommendation: 0 at the optimum, 1 at
a random mixture. Both searches have the same curves, seeds and start.
"""

import argparse

import numpy as np
import optuna

import mixopt
from mixopt.typing import FloatArray

STEPS, DOMAINS, WHOLE_RUNS, NOISE = (20, 60, 80), 5, 12, 0.25
ARRIVED = (0.5, 0.9, 1.0)  # part of the way to the last score at each step


class Curves:
    """Concave quadratic scores over mixtures, step by step."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 0])
        self.best, self.other = self.rng.dirichlet(np.full(DOMAINS, 1.5), 2)
        root = self.rng.normal(size=(DOMAINS, DOMAINS))
        self.curvature = root @ root.T / DOMAINS + np.eye(DOMAINS)
        drawn = self.last(self.rng.dirichlet(np.ones(DOMAINS), 4000))
        self.mean, self.sd = drawn.mean(), drawn.std()

    def last(self, weights: FloatArray) -> FloatArray:
        """The noise-free last score (n,) of weights (n, m); 0 at the optimum."""
        return self._quadratic(weights - self.best)

    def run(self, weights: FloatArray) -> list[float]:
        """The scores of one run on weights (m,) at every step."""
        early, last = self._quadratic(weights[None] - self.other)[0], self.last(weights[None])[0]
        luck = NOISE * self.sd * self.rng.normal(size=len(STEPS)).cumsum() / np.sqrt(len(STEPS))
        return [part * last + (1 - part) * early + noise for part, noise in zip(ARRIVED, luck)]

    def _quadratic(self, away: FloatArray) -> FloatArray:
        return -np.einsum("ni,ij,nj->n", away, self.curvature, away)


def regret(seed: int, steps: tuple[int, ...]) -> float:
    """Of the recommendation after the budget of 12 whole runs."""
    curves, space = Curves(seed), mixopt.MixtureSpace([f"d{i}" for i in range(DOMAINS)])
    study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space, steps=steps, seed=seed))
    left = WHOLE_RUNS * STEPS[-1]
    while left >= STEPS[0]:
        trial = study.ask()
        weights = space.as_array(mixopt.suggest_mixture(trial, space))
        until = trial.user_attrs.get("until", STEPS[-1])
        until = max(step for step in STEPS if step <= min(until, left))
        left -= until
        scores = dict(zip(STEPS, curves.run(weights)))
        for step in STEPS:
            if step <= until:
                trial.report(scores[step], step)
        if until == STEPS[-1]:
            study.tell(trial, scores[until])
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    recommended = space.as_array(mixopt.recommend(study, space, steps=steps).weights)
    return float(curves.last(recommended[None])[0] / curves.mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed; those below 100 were used for tuning")
    parser.add_argument("--seeds", type=int, default=30)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    whole, early = (np.array([regret(seed, steps) for seed in seeds]) for steps in ((), STEPS))
    for name, found in (("whole runs", whole), ("early runs", early), ("difference", early - whole)):
        print(f"{name}  {found.mean():+.4f} ± {found.std(ddof=1) / np.sqrt(len(seeds)):.4f}")


if __name__ == "__main__":
    main()
