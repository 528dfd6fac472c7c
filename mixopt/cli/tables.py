"""Tables and sentences about a study, for the terminal."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter

import numpy as np
from optuna.trial import TrialState
from rich.table import Table
from rich.text import Text

from mixopt.cli.console import log_lines
from mixopt.cli.study_list import StudySummary
from mixopt.history.base_model import BaseModel
from mixopt.history.keys import BASE_FAILED, IN_SCORE, OUT_SCORE
from mixopt.history.runs import STRATEGIES, Runs
from mixopt.history.trial_record import TrialRecord
from mixopt.inference.mixture_prediction import MixturePrediction
from mixopt.inference.pareto_front import Front
from mixopt.inference.recommendation import Recommendation
from mixopt.io.unstated import sides_without_mean
from mixopt.leases.leases import Leases
from mixopt.study.reader import StudyReader
from mixopt.study.runs_by_score import score_words
from mixopt.text import visible

BASE = "base model"
SHOWN = 8  # domains up to which every weight is shown
LONGEST = 500  # trials that a table shows


def trials_table(study: StudyReader) -> Table:
    """Return the table of trials by strategy.

    Columns are weights in percent, values, in- and out-score, steps (* ended early: its data ran out, or it was asked
    to), and HOST:PID of the worker of a running trial. Beyond LONGEST trials it has the last ones and all that run. In
    a narrow terminal the names of mixtures are cut, never a score.
    """
    names, records = study.space.domains, study.trial_records()
    order = f"; weights in %: {', '.join(names)}" if len(names) <= SHOWN else ""
    some = f"; the last {LONGEST} of {len(records):,} trials; --json has all" if len(records) > LONGEST else ""
    table = Table(title=f"study {study.spec.study}{order}{some}", title_justify="left", box=None, pad_edge=False)
    steps = ["steps"] if study.spec.score.knows_steps else []
    for name in ("trial", "mixture", "weights", *_score_columns(study), *steps):
        cut = name == "mixture" or (name == "weights" and len(names) > SHOWN)
        table.add_column(name, justify="left" if name in ("mixture", "weights") else "right", no_wrap=not cut)
    if study.trials(TrialState.RUNNING):
        table.add_column("trained by", no_wrap=True)
    if study.base:
        table.add_row("", BASE, "untrained", *_scores(_score_columns(study), study.base), *["0"] * len(steps))
    group = None
    for record in sorted(_last(records), key=_by_strategy):
        if record.strategy != group:
            group = record.strategy
            table.add_row("", group, style="bold")
        table.add_row(*_row(study, record))
    return table


def _last(records: list[TrialRecord]) -> list[TrialRecord]:
    """Return the last records, and earlier ones that still run."""
    return [r for r in records[:-LONGEST] if r.state == TrialState.RUNNING] + records[-LONGEST:]


def _score_columns(study: StudyReader) -> dict[str, Callable[[TrialRecord | BaseModel], float | None]]:
    """Return heading -> score of a finished trial or of the base model.

    In- and out-score are there once, as objectives or not, if they have tests that are not objectives alone.
    """
    names, scoring = study.scoring.names, study.scoring
    tests = {"in": list(scoring.in_tests), "out": list(scoring.out_tests)}
    alone, without = [[], *([name] for name in names)], sides_without_mean(study)
    shown = [side for side, of_side in tests.items() if of_side not in alone and f"{side}_score" not in without]
    sides = {side: attrgetter(f"{side}_score") for side in shown}
    if len(names) == 1:
        return {"value": partial(_value, names[0]), **sides}
    return {**{name: partial(_value, name) for name in names if name not in (IN_SCORE, OUT_SCORE)}, **sides}


def _value(objective: str, record: TrialRecord | BaseModel) -> float | None:
    return record.values.get(objective)


def _scores(
    columns: dict[str, Callable[[TrialRecord | BaseModel], float | None]], record: TrialRecord | BaseModel
) -> list[str]:
    found = [score(record) for score in columns.values()]
    return ["nan" if score is None else f"{score:.4f}" for score in found]


def _by_strategy(record: TrialRecord) -> tuple[int, int]:
    known = record.strategy in STRATEGIES
    return (STRATEGIES.index(record.strategy) if known else len(STRATEGIES)), record.number


def _row(study: StudyReader, record: TrialRecord) -> list[str | Text]:
    head: list[str | Text] = [
        str(record.number),
        _cut(record.label),
        _cut(_shares(record.weights) if record.weights else ""),
    ]
    columns = _score_columns(study)
    blanks = [""] * (len(columns) - 1 + study.spec.score.knows_steps)
    if record.state == TrialState.RUNNING and record.by_hand:
        return [*head, "to be told", *blanks]
    if record.state == TrialState.RUNNING:
        return [*head, "running", *blanks, Leases(study.folder).owner(record.number) or "no worker yet"]
    finished = record.state in (TrialState.COMPLETE, TrialState.PRUNED)
    if record.replaced_by is not None:
        return [*head, f"replaced by {record.replaced_by}", *blanks]
    if not finished or not record.values or record.corrected:
        return [*head, record.state_word, *blanks]
    scores = _scores(columns, record)
    if record.steps is None or not study.spec.score.knows_steps:
        return [*head, *scores]
    return [*head, *scores, f"{record.steps}{'' if record.stopped == 'finished' else '*'}"]


def _cut(text: str) -> Text:
    """Return text that is cut, not wrapped, in a narrow column."""
    return Text(visible(text), no_wrap=True, overflow="ellipsis")


def _shares(weights: dict[str, float]) -> str:
    """Return every weight in order, or the largest ones by name if there are many."""
    if len(weights) <= SHOWN:
        return " ".join(f"{100 * weight:3.0f}" for weight in weights.values())
    largest = sorted(weights.items(), key=lambda item: -item[1])[:4]
    return ", ".join(f"{name} {100 * weight:.0f}" for name, weight in largest) + ", ..."


def strategies_table(runs: Runs, score: str) -> Table:
    """Return Figure 6 as a table: trials, median, min, max and sd of a score by strategy, without replicates."""
    runs = runs.chosen()
    table = Table(title=score_words(score), title_justify="left", box=None, pad_edge=False)
    for name in ("strategy", "trials", "median", "min", "max", "sd"):
        table.add_column(name, justify="left" if name == "strategy" else "right")
    for strategy in STRATEGIES:
        values = runs.values[[s == strategy for s in runs.strategies]]
        if len(values):
            sd = f"{values.std(ddof=1):.4f}" if len(values) > 1 else ""
            figures = (np.median(values), values.min(), values.max())
            table.add_row(strategy, str(len(values)), *(f"{x:.4f}" for x in figures), sd)
    return table


def recommendation_lines(study: StudyReader, recommendation: Recommendation) -> list[str]:
    """Return the recommendation in words."""
    name = score_words(study.scoring.names[0])
    low, high = recommendation.interval
    gain_low, gain_high = recommendation.gain_interval
    credible = recommendation.credible
    return [
        "recommended mixture  " + mixture_text(recommendation.weights),
        f"{f'predicted {name}':<19}  {recommendation.mean:.4f}  (90 %: {low:.4f} to {high:.4f})",
        f"gain over uniform    {recommendation.gain_over_uniform:+.4f}  (90 %: {gain_low:+.4f} to {gain_high:+.4f}; "
        f"better with probability {recommendation.beats_uniform:.2f})",
        *_base_lines(study, recommendation),
        *_floor_lines(recommendation),
        _trained_line(recommendation.best_trained),
        "could be the best     " + ", ".join(f"{name} {_range(*ends)}" for name, ends in credible.ranges.items()),
        *([recommendation.floors.note] if recommendation.floors else []),
        recommendation.note,
    ]


def _floor_lines(recommendation: Recommendation) -> list[str]:
    """Return a line for each floor: what is predicted there, and the probability that the mixture meets it."""
    lines = []
    for floor in recommendation.floors.floors if recommendation.floors else ():
        low, high = floor.interval
        what = "predicted change from uniform" if floor.against == "uniform" else "predicted"
        sign = "+" if floor.against == "uniform" else ""
        least = floor.floor.removeprefix(floor.test).strip()
        lines.append(
            f"{f'floor {floor.test}':<19}  {least}: {what} {floor.mean:{sign}.4f}  "
            f"(90 %: {low:{sign}.4f} to {high:{sign}.4f}; met with probability {floor.probability:.2f})"
        )
    return lines


def _base_lines(study: StudyReader, recommendation: Recommendation) -> list[str]:
    """Return the gain over the base model, if its score is known."""
    base, name = study.base, study.scoring.names[0]
    found = base and base.gain(name, recommendation.mean, recommendation.interval)
    if not base or not found:
        return []
    gain, (low, high) = found
    return [
        f"gain over base       {gain:+.4f}  (90 %: {low:+.4f} to {high:+.4f}; the base model, untrained, scores "
        f"{base.score(name):.4f})"
    ]


def base_text(base: BaseModel) -> str:
    """Return the known scores of the base model, sides first."""
    sides = {name: base.score(name) for name in (IN_SCORE, OUT_SCORE)}
    known = {score_words(name): score for name, score in sides.items() if score is not None} | base.tests
    return ", ".join(f"{name} {score:.4f}" for name, score in known.items())


def front_table(front: Front, base: BaseModel | None = None) -> Table:
    """Return the front as a table.

    Columns are mixtures in percent, predicted scores with sds, and the probabilities that none dominates them and that
    they meet the floors, if there are any; the base model's scores follow.
    """
    names = [score_words(name) for name in front.names]
    table = Table(title=f"front of {' and '.join(names)}", title_justify="left", box=None, pad_edge=False)
    floors = ["floors"] if any(mixture.meets_floors is not None for mixture in front.predicted) else []
    for name in ("", "mixture", *names, "undominated", *floors):
        table.add_column(name, justify="left" if name in ("", "mixture") else "right", no_wrap=True)
    for title, mixtures in (("trained", front.trained), ("predicted", front.predicted)):
        table.add_row(title, style="bold")
        for mixture in mixtures:
            scores = [f"{mixture.means[name]:.4f} ± {mixture.sds[name]:.4f}" for name in front.names]
            trial = "" if mixture.number is None else f"trial {mixture.number}"
            met = [f"{mixture.meets_floors:.2f}"] if mixture.meets_floors is not None else []
            table.add_row(trial, _shares(mixture.weights), *scores, f"{mixture.undominated:.2f}", *met)
    if base:
        found = map(base.score, front.names)
        table.add_row("untrained", style="bold")
        table.add_row(BASE, "", *("" if score is None else f"{score:.4f}" for score in found), "")
    return table


def _trained_line(best: MixturePrediction | None) -> str:
    if best is None:
        return "best trained         none of the trained mixtures is in the space"
    low, high = best.interval
    floors = "" if best.meets_floors is None else f", meets the floors with probability {best.meets_floors:.2f}"
    return (
        f"best trained         trial {best.number}{floors}, predicted {best.mean:.4f}  (90 %: {low:.4f} to {high:.4f}; "
        f"better than uniform with probability {best.beats_uniform:.2f}): {mixture_text(best.weights)}"
    )


def _range(least: float, most: float) -> str:
    """Return two weights in percent."""
    return f"{100 * least:.0f} to {100 * most:.0f} %"


def mixture_text(weights: dict[str, float]) -> str:
    """Return a mixture in percent."""
    return ", ".join(f"{name} {100 * weight:.1f} %" for name, weight in weights.items())


def studies_table(study_summaries: Sequence[StudySummary]) -> Table:
    """Return the table of studies: trials done and planned, the best value, and the status."""
    table = Table(box=None, pad_edge=False)
    for name in ("study", "trials", "best seen", "state"):
        table.add_column(name, justify="left" if name in ("study", "state") else "right")
    for standing in study_summaries:
        trials = "" if standing.error else f"{standing.done:.4g} of {standing.planned}"
        best = "" if standing.best is None else f"{standing.best:.4f}"
        open_ = {"interrupted": standing.interrupted, "to tell": standing.to_tell}
        counts = "".join(f", {count} {what}" for what, count in open_.items() if count)
        state = f"{standing.state}: {standing.error}" if standing.error else standing.state + counts
        table.add_row(standing.study, trials, best, state)
    return table


def failure_lines(study: StudyReader, whole: bool = False) -> list[str]:
    """Return why each failed trial failed, with the end of its log, and why the base model has no scores.

    With `whole`, also the trial's mixture and the whole log.
    """
    lines = []
    for record in study.trial_records(TrialState.FAIL):
        lines.append(f"trial {record.number} failed: {record.why_failed}")
        if whole and record.weights:
            lines.append(f"    {record.label}, {_shares(record.weights)} %")
        lines += [f"    {line}" for line in log_lines(record.log_tail)[0 if whole else -5 :]]
    if not study.base and (why := study.optuna.user_attrs.get(BASE_FAILED)):
        lines.append(f"the base model could not be scored: {why} (see {study.folder.base.log})")
    return lines
