"""Figures of the study as a whole: its tests, in-score against out-score, draws, cost."""

import numpy as np

from mixopt.front import Front, front_of_runs
from mixopt.plots.cost import cost_figure
from mixopt.plots.draws import draws_figure
from mixopt.plots.front import front_figure
from mixopt.plots.tests import tests_figure
from mixopt.recommendation import widening
from mixopt.report.facts import Facts, counted
from mixopt.report.section import Shown, need
from mixopt.runs import STRATEGIES, Runs
from mixopt.scored import score_words
from mixopt.scores import IN_SCORE, OUT_SCORE
from mixopt.surrogates.base import HALF_WIDTH
from mixopt.surrogates.evidence import EvidenceSurrogate


def tests(facts: Facts) -> Shown:
    """Before and after by test."""
    recommended, runs = facts.recommendation, facts.runs
    need(facts.front is None, "With several objectives no one mixture is to be set against all domains evenly.")
    need(recommended is not None and recommended.best_trained is not None, "There is no best trained mixture yet.")
    assert recommended and recommended.best_trained
    need(
        "all" in runs.labels,
        "No run has trained on all domains evenly, and a study does not know the untrained model.",
    )
    scores, names = facts.tests(), list(facts.spec.tests.sizes)
    known = np.asarray(np.isfinite(scores).all(axis=1))
    before, after = runs.labels.index("all"), runs.numbers.tolist().index(recommended.best_trained.number)
    need(bool(known[[before, after]].all()), "The runs were told without their scores by test.")
    mixture = np.array([list(recommended.weights.values())])
    fits = [
        EvidenceSurrogate(deterministic=facts.deterministic).fit(runs.weights[known], of_test)
        for of_test in scores[known].T
    ]
    means, sds = (np.concatenate(column) for column in zip(*(fit.predict(mixture) for fit in fits)))
    predicted = means + HALF_WIDTH * widening(runs.select(known).mixtures) * sds * np.array([[-1], [0], [1]])
    if scores[known].min() >= 0 and scores[known].max() <= 1:
        predicted = predicted.clip(0, 1)
    gains = scores[after] - scores[before]
    most, least = int(gains.argmax()), int(gains.argmin())
    ends = f"most on {names[most]} ({gains[most]:+.3f}), least on {names[least]} ({gains[least]:+.3f})"
    if most == least:
        ends = f"{gains[most]:+.3f} on {names[most]}"
    number = runs.numbers[after]
    words = (
        f"Trial {number}, the best one trained, is above all domains evenly on {(gains > 0).sum()} of "
        f"{counted(len(names), 'test')}: {ends}. Circles are single runs, with their luck; a study does not "
        "know the untrained model."
    )
    series = ("all domains evenly", scores[before]), (f"trial {number}, best trained", scores[after])
    return tests_figure(names, *series, predicted), words


def front(facts: Facts) -> Shown:
    """What can be had of several scores at once: the objectives, or in- and out-score."""
    found, runs = front_of(facts)
    x, y = runs.values[:, 0], runs.values[:, 1]
    correlation = np.corrcoef(x, y)[0, 1] if np.ptp(x) > 0 and np.ptp(y) > 0 else 0.0
    words = (
        f"By posterior means no other trained mixture is better in everything than {len(found.trained)} of the "
        f"{len(runs)} runs (bars: 90 % intervals). Over the runs {found.names[0]} and {found.names[1]} have "
        f"correlation {correlation:+.2f}."
    )
    return front_figure(found, runs), words


def front_of(facts: Facts) -> tuple[Front, Runs]:
    """The front of the objectives, or of in- and out-score, and its runs, with values (n, k).

    Raises:
        LeftOut: the study has not both in-tests and out-tests.
        StrategyError: the runs are too few.
    """
    if facts.front:
        return facts.front, facts.runs
    need(bool(facts.spec.tests.in_ and facts.spec.tests.out), "The study has not both in-tests and out-tests.")
    both = np.column_stack([facts.runs.in_scores, facts.runs.out_scores])
    known = np.asarray(np.isfinite(both).all(axis=1))
    runs = facts.runs.select(known).with_values(both[known])
    names = score_words(IN_SCORE), score_words(OUT_SCORE)
    return front_of_runs(facts.space, runs, names, facts.spec.sampler_seed, deterministic=facts.deterministic), runs


def draws(facts: Facts) -> Shown:
    """Realised against requested draws."""
    shares = facts.draws()
    known = np.asarray(np.isfinite(shares).all(axis=1))
    need(bool(known.any()), "No run says what it drew (its trainer does not report draws, or it was imported).")
    off = np.abs(shares - facts.runs.weights)[known]
    row, column = np.unravel_index(int(off.argmax()), off.shape)
    number, domain = facts.runs.numbers[known][row], facts.space.domains[column]
    exhausted = [trial.number for trial in facts.finished if trial.exhausted]
    words = (
        f"Drawn shares are off the weights by {100 * off.mean():.1f} points on average and {100 * off.max():.1f} at "
        f"most ({domain} in trial {number}); {known.sum()} of {len(known)} runs say what they drew. "
    )
    words += f"A domain ran out in {len(exhausted)} of them." if exhausted else "No domain ran out."
    return draws_figure(facts.runs.weights[known], shares[known]), words


def cost(facts: Facts) -> Shown:
    """Seconds by trial and strategy, and in all."""
    seconds, runs = facts.seconds(), facts.runs
    known = np.isfinite(seconds)
    need(bool(known.any()), "No run says how long it took.")
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
    """Seconds, in the unit that suits them."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.3g} s"
