"""Report figures of the seed designs test by test: each domain alone, and all but one, against all domains."""

from collections.abc import Callable
from functools import cached_property, partial

import numpy as np

from mixopt.errors import StrategyError
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.models.gp import GPSurrogate
from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.by_test import MOST_NUMBERS, by_test_figure
from mixopt.reporting.report.facts import Facts, counted
from mixopt.reporting.report.section import Shown, need
from mixopt.study.runs_by_score import score_words
from mixopt.typing import FloatArray


class ByTest:
    """The scores of a study's runs at their last step: of its tests, and the mean of each side with several tests."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self.runs = facts, facts.runs
        tests, scoring = facts.tests(), facts.spec.scoring
        self.tests = len(facts.spec.tests.sizes)
        columns = dict(zip(facts.spec.tests.sizes, tests.T))
        for side, sizes, known in (
            (IN_SCORE, scoring.in_tests, self.runs.in_scores),
            (OUT_SCORE, scoring.out_tests, self.runs.out_scores),
        ):
            if len(sizes) > 1:
                shares = np.array(list(sizes.values())) / sum(sizes.values())
                mean = np.column_stack([columns[name] for name in sizes]) @ shares
                # a run may have been told its mean alone
                columns[score_words(side)] = np.where(np.isfinite(mean) | (scoring.use == "mean"), mean, known)
        self.names = list(columns)
        self.scores = np.column_stack(list(columns.values()))  # (n, T), NaN where it is not known

    def of(self, label: str) -> FloatArray:
        """Return the mean scores (T,) of the runs of a label's mixture, with replicates; NaN if there is none."""
        mine = self.scores[self.runs.called(label)]
        there = np.isfinite(mine)
        return np.where(there, mine, 0).sum(axis=0) / np.where(there.any(axis=0), there.sum(axis=0), np.nan)

    @cached_property
    def bands(self) -> FloatArray:
        """The 90 % bound (T,) on differences of two runs of one mixture by noise; inf where that is unknown or 0."""
        return np.array([HALF_WIDTH * np.sqrt(2) * self._noise(scores) for scores in self.scores.T])

    def _noise(self, scores: FloatArray) -> float:
        """Return the noise of one run on all domains evenly, from the scores (n,) of all runs; inf as for `bands`."""
        known = np.isfinite(scores)
        if self._facts.spec.score.deterministic or not known.any() or np.ptp(scores[known]) == 0:
            return np.inf
        try:
            fitted = GPSurrogate().fit(self.runs.weights[known], scores[known])
        except StrategyError:  # too few runs
            return np.inf
        return float(fitted.noise_at(self._facts.space.uniform()[None])[0])


def _against_all(design: str, what: str, said: str, by_test: ByTest) -> Shown:
    """Compare one design with all domains evenly; `what` names its mixtures, and `said` labels a domain on the axis."""
    need("all" in by_test.runs.labels, "No run has trained on all domains evenly, which this figure compares with.")
    every = by_test.of("all")
    need(bool(np.isfinite(every).any()), "The run on all domains evenly has no scores by test.")
    scores = {name: by_test.of(f"{design}:{name}") for name in by_test.runs.space.domains}
    scores = {name: found for name, found in scores.items() if np.isfinite(found - every).any()}
    need(bool(scores), f"No run on {what} has scores by test.")
    table = np.array(list(scores.values()))
    gains, tests = table - every, by_test.names[: by_test.tests]
    sure = np.abs(gains) > by_test.bands
    of_tests = np.where(np.isfinite(gains), gains, 0)[:, : by_test.tests]
    better = int((of_tests > 0).any(axis=0).sum())
    words = (
        f"Scores at the last step. On {better} of {counted(len(tests), 'test')}, at least one run on {what} scores "
        f"higher than the run on all domains evenly.{_ends(said, list(scores), tests, of_tests)}"
    )
    out = score_words(OUT_SCORE)
    if out in by_test.names:
        above = gains[:, by_test.names.index(out)] > 0
        words += f" In the {out} {above.sum()} of {len(above)} are above it."
    there = int(np.isfinite(gains[:, np.isfinite(by_test.bands)]).sum())
    if there:
        bold = "Bold: " if len(by_test.names) <= MOST_NUMBERS else ""
        words += (
            f" {bold}{sure.sum()} of {there} scores differ from it by more than two runs of one mixture do by noise "
            "alone (90 %)."
        )
    return by_test_figure(by_test.names, list(scores), said, table, every, np.asarray(sure)), words


def _ends(said: str, domains: list[str], tests: list[str], gains: FloatArray) -> str:
    """Describe the largest gain and the largest loss in gains (domains, T); "" if there is none."""
    ends = ""
    for what, sign in (("gain", 1), ("loss", -1)):
        row, column = np.unravel_index(int((sign * gains).argmax()), gains.shape)
        if sign * gains[row, column] > 0:
            where = f"{domains[row]} {said}, on {tests[column]}"
            ends += f" The largest {what} is {gains[row, column]:+.3f} ({where})."
    return ends


alone: Callable[[ByTest], Shown] = partial(_against_all, "single", "a domain alone", "alone")
without: Callable[[ByTest], Shown] = partial(_against_all, "exclude", "all domains but one", "left out")
