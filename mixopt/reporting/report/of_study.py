"""Report figures of the whole study: tests before and after, in-score against out-score, draws, cost."""

from dataclasses import dataclass

import numpy as np

from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.runs import STRATEGIES, Runs
from mixopt.inference.intervals import widening
from mixopt.inference.pareto_front import Front, front_of_runs
from mixopt.inference.recommendation import LEAST_RUNS
from mixopt.models.by_test import ModelsByTest
from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.cost import cost_figure
from mixopt.reporting.plots.draws import draws_figure
from mixopt.reporting.plots.front import front_figure
from mixopt.reporting.plots.tests import tests_figure
from mixopt.reporting.report.facts import Facts, counted
from mixopt.reporting.report.section import Shown, need
from mixopt.study.runs_by_score import score_words
from mixopt.typing import FloatArray

BASE, ALL = "base model", "all domains evenly"
NOT_KNOWN = "the base model's scores by test are not known (record them by `mixopt study base`)"


def tests(facts: Facts) -> Shown:
    """Show the scores by test of the base model, all domains evenly, the best trained and the recommended mixture."""
    names, scores = list(facts.spec.tests.sizes), facts.tests()
    measured = _measured(facts, scores)
    need(len(measured) > 1, _why_not(facts))
    first, *others, last = measured
    gains = last.scores - first.scores
    most, least = int(gains.argmax()), int(gains.argmin())
    ends = f"most on {names[most]} ({gains[most]:+.3f}), least on {names[least]} ({gains[least]:+.3f})"
    if most == least:
        ends = f"{gains[most]:+.3f} on {names[most]}"
    above = f"is above {first.words} on {(gains > 0).sum()} of {counted(len(names), 'test')}"
    words = f"{last.words[0].upper()}{last.words[1:]} {above}: {ends}."
    for other in others:
        words += f" {other.words[0].upper()}{other.words[1:]} is on {(other.scores > first.scores).sum()} of them."
    words += " Each trained mixture is one run, so its scores are noisy."
    if first.name != BASE:
        words += f" {NOT_KNOWN[0].upper()}{NOT_KNOWN[1:]}."
    return tests_figure(names, [(one.name, one.scores) for one in measured], _predicted(facts, scores)), words


@dataclass(frozen=True, eq=False)
class _Measured:
    """The scores (T,) of one model, with its names for a legend and for a sentence."""

    name: str
    words: str
    scores: FloatArray


def _measured(facts: Facts, scores: FloatArray) -> list[_Measured]:
    """Return the models that have a score of every test, base model first; `scores` (n, T) are the runs'."""
    runs, recommended, found = facts.runs, facts.recommendation, []
    best = recommended.best_trained if recommended else None
    after = runs.numbers.tolist().index(best.number) if best else None
    of_all = runs.labels.index("all") if "all" in runs.labels else None
    if facts.base:
        of_base = np.array([facts.base.tests.get(name, np.nan) for name in facts.spec.tests.sizes])
        if np.isfinite(of_base).all():
            found.append(_Measured(BASE, f"the {BASE}", of_base))
    if of_all is not None and not (found and of_all == after):  # else it is the best one itself
        found.append(_Measured(ALL, ALL, scores[of_all]))
    if best and after is not None:
        name, words = f"trial {best.number}, best trained", f"trial {best.number}, the best one trained,"
        found.append(_Measured(name, words, scores[after]))
    return [one for one in found if np.isfinite(one.scores).all()]


def _why_not(facts: Facts) -> str:
    """Say why no two such models are known."""
    if facts.front:
        return f"With several objectives there is no single best mixture to compare, and {NOT_KNOWN}."
    if not (facts.recommendation and facts.recommendation.best_trained):
        return "There is no best trained mixture yet."
    if "all" not in facts.runs.labels and not facts.base:
        return f"No run has trained on all domains evenly, and {NOT_KNOWN}."
    return "The runs have no scores by test."


def _predicted(facts: Facts, scores: FloatArray) -> FloatArray | None:
    """Predict the recommended mixture's scores from the runs' (n, T): low end, mean and high end (3, T)."""
    known = np.isfinite(scores)
    if facts.recommendation is None or known.sum(axis=0).min() < LEAST_RUNS:
        return None
    mixture = np.array([list(facts.recommendation.weights.values())])
    models = ModelsByTest.fit(list(facts.spec.tests.sizes), facts.runs.weights, scores, facts.spec.score.noise)
    means, sds = (found[0] for found in models.predict(mixture))
    widen = np.array([widening(mixtures) for mixtures in models.mixtures])
    predicted: FloatArray = means + HALF_WIDTH * widen * sds * np.array([[-1], [0], [1]])
    if scores[known].min() >= 0 and scores[known].max() <= 1:
        predicted = predicted.clip(0, 1)
    return predicted


def front(facts: Facts) -> Shown:
    """Show the Pareto front of the objectives, or of in- and out-score."""
    found, runs = front_of(facts)
    x, y = runs.values[:, 0], runs.values[:, 1]
    correlation = np.corrcoef(x, y)[0, 1] if np.ptp(x) > 0 and np.ptp(y) > 0 else 0.0
    words = (
        f"By posterior means, {len(found.trained)} of the {len(runs)} trained mixtures are beaten by no other on "
        f"every score (bars: 90 % intervals). Over all runs, {found.names[0]} and {found.names[1]} have "
        f"correlation {correlation:+.2f}."
    )
    return front_figure(found, runs), words


def front_of(facts: Facts) -> tuple[Front, Runs]:
    """Return the front of the objectives, or of in- and out-score, and its runs with values (n, k).

    Raises:
        LeftOut: the study does not have both in-tests and out-tests.
        StrategyError: there are too few runs.
    """
    if facts.front:
        return facts.front, facts.runs
    need(bool(facts.spec.tests.in_ and facts.spec.tests.out), "The study does not have both in-tests and out-tests.")
    both = np.column_stack([facts.runs.in_scores, facts.runs.out_scores])
    known = np.asarray(np.isfinite(both).all(axis=1))
    runs = facts.runs.select(known).with_values(both[known])
    names = score_words(IN_SCORE), score_words(OUT_SCORE)
    seed, noise = facts.spec.sampler_seed, facts.spec.score.noise
    return front_of_runs(facts.space, runs, names, seed, noise=noise, feasibility=facts.floors), runs


def draws(facts: Facts) -> Shown:
    """Show realised against requested draws."""
    shares = facts.draws()
    known = np.asarray(np.isfinite(shares).all(axis=1))
    need(bool(known.any()), "No run reports its draws: its trainer does not, or it was imported.")
    off = np.abs(shares - facts.runs.weights)[known]
    row, column = np.unravel_index(int(off.argmax()), off.shape)
    number, domain = facts.runs.numbers[known][row], facts.space.domains[column]
    exhausted = [trial.number for trial in facts.finished if trial.exhausted]
    words = (
        f"Drawn shares differ from the weights by {100 * off.mean():.1f} points on average and at most by "
        f"{100 * off.max():.1f} ({domain} in trial {number}); {known.sum()} of {len(known)} runs report their draws. "
    )
    words += f"A domain ran out in {len(exhausted)} of them." if exhausted else "No domain ran out."
    return draws_figure(facts.runs.weights[known], shares[known]), words


def cost(facts: Facts) -> Shown:
    """Show seconds by trial and strategy, and in total."""
    seconds, runs = facts.seconds(), facts.runs
    known = np.isfinite(seconds)
    need(bool(known.any()), "No run reports how long it took.")
    total = seconds[known].sum()
    strategies = [strategy for strategy, there in zip(runs.strategies, known) if there]
    parts = [
        f"{strategy} {_time(seconds[known][[mine == strategy for mine in strategies]].sum())}"
        for strategy in STRATEGIES
        if strategy in strategies
    ]
    words = (
        f"{counted(known.sum(), 'run')} took {_time(total)} one after another ({', '.join(parts)}): the median one "
        f"{_time(float(np.median(seconds[known])))}, the longest {_time(seconds[known].max())}."
    )
    return cost_figure(runs.numbers[known], tuple(strategies), seconds[known]), words


def _time(seconds: float) -> str:
    """Return seconds as text in a suitable unit."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.3g} s"
