"""Recommendation: the mixture to train on for real, as a posterior statement.

It is the optimum of the model's posterior mean over the space (minus the penalty of a soft pull, if there is one), with
the interval of its noise-free score and the probabilities that it beats uniform weights and each seed mixture. It is
never the best observed value: with noise, the best observed trial is usually one that was lucky. With it come the best
mixture that was trained, by the same posterior, and the credible set: the mixtures that may be the best.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from mixopt.acquisition.constrained import maximize
from mixopt.acquisition.feasibility import Feasibility
from mixopt.errors import StrategyError
from mixopt.history.runs import IMPORTED_STRATEGY, Runs
from mixopt.history.sum_of_tests import NO_TESTS, SumOfTests
from mixopt.inference.credible_set import CredibleSet, credible_set
from mixopt.inference.floor_report import FloorReport, floor_report
from mixopt.inference.intervals import widening
from mixopt.inference.mixture_prediction import MixturePrediction, Rivals, predict_mixture
from mixopt.inference.recommendation_note import pull_note, recommendation_note
from mixopt.models.multi_step_runs import MultiStepRuns
from mixopt.models.noise import MeasuredNoise, NoiseModel
from mixopt.models.objective import fit_objective
from mixopt.models.posterior import Posterior
from mixopt.models.pull import Pull, pulled
from mixopt.space.mixture_space import SUM_TOLERANCE, MixtureSpace
from mixopt.space.region import first_rows

LEAST_RUNS = 3
MOST_RIVALS = 200  # seed and imported mixtures that a mixture is compared with: the best by the posterior mean


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The mixture to train on, and how sure that is; scores are in the units of the runs' values.

    The numbers of the recommended mixture are also attributes: `weights`, `mean`, `interval`, `gain_over_uniform`,
    `gain_interval`, `beats_uniform`, `beats_seeds`.

    Attributes:
        recommended: the recommended mixture.
        best_trained: the best of the trained mixtures by the same posterior (not the largest observed value); None
            where none of them is in the space.
        credible: the mixtures that may be the best.
        noise_sd: standard deviation of one run's noise at the recommended mixture, by the model.
        measured_noise: the spread of runs of the same mixture; None where every mixture was trained once.
        note: what the numbers mean, in words.
        floors: whether it meets the floors of single tests; None if there are none.
        penalty: what a soft pull takes off the predicted score of the recommended mixture when mixtures are compared;
            0 without a pull. `mean` and `interval` are of the score itself.
    """

    recommended: MixturePrediction
    best_trained: MixturePrediction | None
    credible: CredibleSet = field(compare=False)
    noise_sd: float
    measured_noise: MeasuredNoise | None
    note: str
    floors: FloorReport | None = None
    penalty: float = 0.0

    @property
    def weights(self) -> dict[str, float]:
        """`{domain: weight}` of the recommended mixture."""
        return self.recommended.weights

    @property
    def mean(self) -> float:
        """Its predicted noise-free score."""
        return self.recommended.mean

    @property
    def interval(self) -> tuple[float, float]:
        """The central 90 % interval of its score."""
        return self.recommended.interval

    @property
    def gain_over_uniform(self) -> float:
        """Its predicted score minus that of uniform weights."""
        return self.recommended.gain_over_uniform

    @property
    def gain_interval(self) -> tuple[float, float]:
        """The central 90 % interval of the gain over uniform weights."""
        return self.recommended.gain_interval

    @property
    def beats_uniform(self) -> float:
        """Probability that it is better than uniform weights."""
        return self.recommended.beats_uniform

    @property
    def beats_seeds(self) -> dict[str, float]:
        """Probability that it is better than each seed or imported mixture, by label."""
        return self.recommended.beats_seeds


def recommend_from_runs(
    space: MixtureSpace,
    runs: Runs,
    seed: int = 0,
    *,
    multi_step_runs: MultiStepRuns | None = None,
    noise: NoiseModel = NoiseModel.ESTIMATED,
    feasibility: Feasibility | None = None,
    tests: SumOfTests = NO_TESTS,
    pull: Pull | None = None,
) -> Recommendation:
    """Recommend a mixture from finished trials; the same for the same runs and seed.

    With floors it is the best predicted mixture of those that meet them with probability .95, or, if none does, the
    one that meets them most probably.

    Args:
        space: the mixtures that are allowed.
        runs: the finished trials; larger values are better.
        seed: of the search and the draws.
        multi_step_runs: the same trials step by step, with those that ended early, where these are to count too.
        noise: whether two runs of one mixture may score differently (not with `multi_step_runs`).
        feasibility: the floors of single tests.
        tests: whose weighted sum the objective is, if it is one (not with `multi_step_runs`).
        pull: a soft pull towards a prior mixture, where the predicted score minus its penalty is to be maximised.

    Returns:
        The recommendation.

    Raises:
        StrategyError: fewer than 3 runs, runs that all train one mixture or all score the same, several objectives, or
            a pull that is not possible.
    """
    _check(runs)
    rng = np.random.default_rng(seed)
    posterior: Posterior = multi_step_runs.fit() if multi_step_runs else fit_objective(runs, noise, tests)
    objective: Posterior = pulled(posterior, pull, space)
    best = maximize(space, objective, feasibility, rng)
    penalty = float(pull.penalty(space, best[:1])[0]) if pull else 0.0
    rivals, widen = _rivals(space, runs, posterior), widening(runs.mixtures)
    recommended = predict_mixture(space, posterior, best[0], rivals, widen, feasibility=feasibility)
    noise_sd, measured = float(posterior.noise_at(best[:1])[0]), MeasuredNoise.of(runs.weights, runs.values)
    return Recommendation(
        recommended=recommended,
        best_trained=_best_trained(space, runs, posterior, objective, rivals, widen, feasibility),
        credible=credible_set(space, objective, best, widen, rng, feasibility),
        noise_sd=noise_sd,
        measured_noise=measured,
        note=recommendation_note(runs, recommended, noise_sd, measured, noise) + pull_note(recommended, pull, penalty),
        floors=floor_report(space, objective, feasibility, best[0], len(runs), rng) if feasibility else None,
        penalty=penalty,
    )


def _check(runs: Runs) -> None:
    """Refuse runs that nothing can be recommended from."""
    runs.refuse_several("a recommendation")
    if len(runs) < LEAST_RUNS:
        raise StrategyError(f"{len(runs)} finished runs are too few to recommend from: train {LEAST_RUNS}")
    if runs.mixtures == 1:
        raise StrategyError(f"all {len(runs)} finished runs train one mixture: train another one, to compare")
    if np.ptp(runs.values) == 0:
        raise StrategyError(f"all {len(runs)} finished runs score {runs.values[0]:g}: check that they are scored")


def _rivals(space: MixtureSpace, runs: Runs, posterior: Posterior) -> Rivals:
    """Uniform weights, and the distinct seed and imported mixtures; of many those of largest posterior mean.

    A label that several mixtures share has the trial's number added.
    """
    of_seeds = np.array([strategy in ("seed", IMPORTED_STRATEGY) for strategy in runs.strategies], dtype=bool)
    rows = np.flatnonzero(of_seeds)
    rows = rows[first_rows(runs.weights[rows])]
    if len(rows) > MOST_RIVALS:
        rows = np.sort(rows[np.argsort(-posterior.mean(runs.weights[rows]), kind="stable")[:MOST_RIVALS]])
    shared = Counter(runs.labels[i] for i in rows)
    labels = [
        f"{runs.labels[i]} (trial {runs.numbers[i]})" if shared[runs.labels[i]] > 1 else runs.labels[i] for i in rows
    ]
    return Rivals(tuple(labels), np.vstack([space.uniform()[None], runs.weights[rows]]))


def _best_trained(
    space: MixtureSpace,
    runs: Runs,
    posterior: Posterior,
    objective: Posterior,
    rivals: Rivals,
    widen: float,
    feasibility: Feasibility | None,
) -> MixturePrediction | None:
    """The trained mixture of the space with the largest mean of the objective, within the floors as the recommended."""
    inside = np.flatnonzero(space.contains(runs.weights, SUM_TOLERANCE))
    if not len(inside):
        return None
    means = objective.mean(runs.weights[inside])
    row = inside[feasibility.best_first(means, runs.weights[inside])[0] if feasibility else int(means.argmax())]
    number = int(runs.numbers[row])
    return predict_mixture(space, posterior, runs.weights[row], rivals, widen, number, feasibility)
