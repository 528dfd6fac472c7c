"""Progress of a running study: progress bars in a terminal, plain lines anywhere else.

Events come from trainers, unchecked; whatever is wrong in them is left out.
"""

import time
from contextlib import AbstractContextManager
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column

from mixopt.study.asked_trial import AskedTrial
from mixopt.text import visible
from mixopt.trainers.contract import TrialFailed

RESUMED = "resumed"  # the kind of event that says from which step a run continues
LARGE = 1e12  # larger than any step or reward
WIDE = 100  # columns from which on a bar has room for draws
LEFT = "left to the next worker"
PRUNED = "pruned: ended early for good"
BASE, UNTRAINED = "base model", "before any training"


class Lines(AbstractContextManager):
    """Plain lines, for logs: starts, evaluations and ends of trials, with the time left at each end.

    Args:
        console: To print on.
        study: Name of the study.
    """

    _soft_wrap = True  # long lines are left to the terminal

    def __init__(self, console: Console, study: str) -> None:
        self._console, self._study = console, study
        self._done = self._before = 0.0
        self._planned = 0
        self._drifts: dict[int, str] = {}
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def preparing(self, what: str) -> None:
        """Print what the trainer prepares."""
        self._print(f"preparing {what} ...")

    def base_model(self, status: str) -> None:
        """Print that the base model is being scored, or its scores."""
        self._print(f"{BASE:10} {UNTRAINED:24} {status}")

    def study_started(self, done: float, planned: int) -> None:
        """Print how many trials are done."""
        self._done = self._before = done
        self._planned = planned
        self._since = time.monotonic()
        self._print(f"study {self._study}: {done:.4g} of {planned} trials are done")

    def trial_started(self, trial: AskedTrial) -> None:
        """Print the start of a trial."""
        self._print_trial(trial, f"started ({trial.strategy})")

    def trial_event(self, trial: AskedTrial, event: dict[str, Any]) -> None:
        """Print evaluations, and the steps from which runs continue."""
        if drift := _drift(trial.request.weights, event):
            self._drifts[trial.number] = f", {drift}"
        number = _number(event.get("step"))
        if event.get("kind") in ("evaluation", RESUMED) and number is not None:
            step = f"step {number:g} of {trial.request.steps[-1]}"
            what = f"{RESUMED} at {step}" if event["kind"] == RESUMED else step + self._drifts.get(trial.number, "")
            self._print_trial(trial, what)

    def trial_finished(self, trial: AskedTrial, values: tuple[float, ...]) -> None:
        """Print the values of a trial, and how long the study will take."""
        self._done += trial.part
        left = (time.monotonic() - self._since) / (self._done - self._before) * (self._planned - self._done)
        count = f"{self._done:.4g} of {self._planned}"
        self._print_trial(trial, f"{_values(values)}  ({count}, about {max(left, 0) / 60:.0f} min left)")

    def trial_failed(self, trial: AskedTrial, failure: TrialFailed) -> None:
        """Print why a trial failed."""
        self._print_trial(trial, f"failed: {failure}", style="red")

    def trial_left(self, trial: AskedTrial) -> None:
        """Print that a trial is left to other workers."""
        self._print_trial(trial, LEFT)

    def trial_pruned(self, trial: AskedTrial) -> None:
        """Print that a trial was pruned."""
        self._done += trial.part
        self._print_trial(trial, PRUNED)

    def _print_trial(self, trial: AskedTrial, status: str, style: str = "") -> None:
        self._print(f"trial {trial.number:3d}  {trial.label:24} {status}", style)

    def _print(self, line: str, style: str = "") -> None:
        """Print a line in which the terminal obeys no control character, whatever console it is."""
        text, soft_wrap = visible(line), self._soft_wrap
        self._console.print(text, highlight=False, markup=False, emoji=False, style=style, soft_wrap=soft_wrap)


class Bars(Lines):
    """Progress bars: one for the study, and one for each running trial with its step, reward, draws and time left.

    Args:
        console: A terminal.
        study: Name of the study.
    """

    _soft_wrap = False

    def __init__(self, console: Console, study: str) -> None:
        super().__init__(console, study)
        self._bars = Progress(
            TextColumn("{task.description:34}", markup=False),
            BarColumn(bar_width=None, table_column=Column(ratio=1)),  # what the others leave
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]:14}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            expand=True,
            speed_estimate_period=24 * 3600,  # a trial takes minutes to days; rich's default is the last 30 s
        )
        self._total = TaskID(0)  # until `study_started` makes its bar
        self._tasks: dict[int, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def study_started(self, done: float, planned: int) -> None:
        """Show the bar of the study."""
        self._total = self._bars.add_task(visible(f"study {self._study}"), total=planned, note="trials")
        self._bars.update(self._total, completed=done)

    def trial_started(self, trial: AskedTrial) -> None:
        """Show the bar of a trial."""
        self._tasks[trial.number] = self._bars.add_task(
            visible(f"  {trial.number:3d} {trial.strategy}: {trial.label}"),
            total=trial.request.steps[-1],
            note="starting",
        )

    def trial_event(self, trial: AskedTrial, event: dict[str, Any]) -> None:
        """Move the bar of a trial."""
        task, step = self._tasks[trial.number], _number(event.get("step"))
        if event.get("kind") == RESUMED:
            self._bars.reset(task, completed=int(step or 0), note=RESUMED)  # earlier steps do not count for the speed
        elif event.get("kind") == "progress":
            reward = _number(event.get("reward"))
            notes = [f"reward {reward:.2f}"] if reward is not None else []
            if self._console.width >= WIDE and (drift := _drift(trial.request.weights, event)):
                notes.append(drift)
            self._bars.update(task, completed=step, note=visible(", ".join(notes)))

    def trial_finished(self, trial: AskedTrial, values: tuple[float, ...]) -> None:
        """Print the values of a trial in place of its bar."""
        self._print_trial(trial, _values(values))
        self._bars.advance(self._total, trial.part)

    def trial_pruned(self, trial: AskedTrial) -> None:
        """Print that a trial was pruned in place of its bar."""
        self._print_trial(trial, PRUNED)
        self._bars.advance(self._total, trial.part)

    def _print_trial(self, trial: AskedTrial, status: str, style: str = "") -> None:
        self._bars.remove_task(self._tasks.pop(trial.number))
        super()._print_trial(trial, status, style)


def _number(value: Any) -> float | None:
    """A number that can be displayed, or None."""
    return value if isinstance(value, (int, float)) and abs(value) < LARGE else None


def _drift(weights: dict[str, float], event: dict) -> str:
    """The domain whose share of the draws is furthest from its weight, which is in brackets; "" without draws."""
    domains = event.get("domains")
    figures = {name: domains.get(name) for name in weights} if isinstance(domains, dict) else {}
    drawn = {name: _number(its.get("drawn")) or 0 for name, its in figures.items() if isinstance(its, dict)}
    total = sum(drawn.values())
    if total <= 0:
        return ""
    name = max(drawn, key=lambda domain: (round(abs(drawn[domain] / total - weights[domain]), 6), weights[domain]))
    return f"draws {name} {drawn[name] / total:.0%} ({weights[name]:.0%})"


def _values(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.4f}" for value in values)


def progress_for(console: Console, study: str) -> Lines:
    """Bars in a terminal, lines elsewhere."""
    return (Bars if console.is_terminal else Lines)(console, study)
