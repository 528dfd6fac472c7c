"""What people see while a study runs: progress bars in a terminal, plain lines anywhere else.

Events are a trainer's word: whatever it says wrong is left out.
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

RESUMED = "resumed"  # the kind of event that says where a run goes on
LARGE = 1e12  # no step or reward is
ROOMY = 100  # columns from which on a bar has room for draws
LEFT = "left to be taken up by the next worker"
PRUNED = "pruned: ended early for good"
BASE, UNTRAINED = "base model", "before any training"


class Bars(AbstractContextManager):
    """One bar for the study and one for each running trial: what it is called, step, reward and draws, time left."""

    def __init__(self, console: Console, study: str) -> None:
        self._study = study
        self._bars = Progress(
            TextColumn("{task.description:34}", markup=False),
            BarColumn(bar_width=None, table_column=Column(ratio=1)),  # what the others leave
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]:14}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            expand=True,
            speed_estimate_period=24 * 3600,  # a trial takes minutes to days; rich looks 30 s back by itself
        )
        self._console = console
        self._total = TaskID(0)  # until `began` names the bar
        self._tasks: dict[int, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def preparing(self, what: str) -> None:
        _print(self._console, f"preparing {what} ...")

    def base_model(self, what: str) -> None:
        _print(self._console, f"{BASE:10} {UNTRAINED:24} {what}")

    def began(self, done: float, planned: int) -> None:
        self._total = self._bars.add_task(visible(f"study {self._study}"), total=planned, note="trials")
        self._bars.update(self._total, completed=done)

    def started(self, trial: AskedTrial) -> None:
        self._tasks[trial.number] = self._bars.add_task(
            visible(f"  {trial.number:3d} {trial.strategy}: {trial.label}"),
            total=trial.request.steps[-1],
            note="starting",
        )

    def moved(self, trial: AskedTrial, event: dict) -> None:
        task, step = self._tasks[trial.number], _number(event.get("step"))
        if event.get("kind") == RESUMED:
            self._bars.reset(task, completed=int(step or 0), note=RESUMED)  # steps done before say nothing of the speed
        elif event.get("kind") == "progress":
            reward = _number(event.get("reward"))
            notes = [f"reward {reward:.2f}"] if reward is not None else []
            if self._console.width >= ROOMY and (drift := _drift(trial.request.weights, event)):
                notes.append(drift)
            self._bars.update(task, completed=step, note=visible(", ".join(notes)))

    def finished(self, trial: AskedTrial, values: tuple[float, ...]) -> None:
        self._end(trial, f"trial {trial.number:3d}  {trial.label:24} {_shown(values)}")
        self._bars.advance(self._total, trial.part)

    def failed(self, trial: AskedTrial, failure: TrialFailed) -> None:
        self._end(trial, f"trial {trial.number:3d}  {trial.label:24} failed: {failure}", style="red")

    def left(self, trial: AskedTrial) -> None:
        self._end(trial, f"trial {trial.number:3d}  {trial.label:24} {LEFT}")

    def pruned(self, trial: AskedTrial) -> None:
        self._end(trial, f"trial {trial.number:3d}  {trial.label:24} {PRUNED}")
        self._bars.advance(self._total, trial.part)

    def _end(self, trial: AskedTrial, line: str, style: str = "") -> None:
        self._bars.remove_task(self._tasks.pop(trial.number))
        _print(self._console, line, style=style)


class Lines(AbstractContextManager):
    """The same as plain lines, for logs: starts, evaluations and ends, with the time left at each end."""

    def __init__(self, console: Console, study: str) -> None:
        self._console, self._study = console, study
        self._done = self._before = 0.0
        self._planned = 0
        self._drifts: dict[int, str] = {}
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def preparing(self, what: str) -> None:
        self._say(f"preparing {what} ...")

    def base_model(self, what: str) -> None:
        self._say(f"{BASE:10} {UNTRAINED:24} {what}")

    def began(self, done: float, planned: int) -> None:
        self._done = self._before = done
        self._planned = planned
        self._since = time.monotonic()
        self._say(f"study {self._study}: {done:.4g} of {planned} trials are done")

    def started(self, trial: AskedTrial) -> None:
        self._say(f"trial {trial.number:3d}  {trial.label:24} started ({trial.strategy})")

    def moved(self, trial: AskedTrial, event: dict) -> None:
        if drift := _drift(trial.request.weights, event):
            self._drifts[trial.number] = f", {drift}"
        number = _number(event.get("step"))
        if event.get("kind") in ("evaluation", RESUMED) and number is not None:
            step = f"step {number:g} of {trial.request.steps[-1]}"
            what = f"{RESUMED} at {step}" if event["kind"] == RESUMED else step + self._drifts.get(trial.number, "")
            self._say(f"trial {trial.number:3d}  {trial.label:24} {what}")

    def finished(self, trial: AskedTrial, values: tuple[float, ...]) -> None:
        self._done += trial.part
        left = (time.monotonic() - self._since) / (self._done - self._before) * (self._planned - self._done)
        self._say(
            f"trial {trial.number:3d}  {trial.label:24} {_shown(values)}  "
            f"({self._done:.4g} of {self._planned}, about {max(left, 0) / 60:.0f} min left)"
        )

    def failed(self, trial: AskedTrial, failure: TrialFailed) -> None:
        self._say(f"trial {trial.number:3d}  {trial.label:24} failed: {failure}")

    def left(self, trial: AskedTrial) -> None:
        self._say(f"trial {trial.number:3d}  {trial.label:24} {LEFT}")

    def pruned(self, trial: AskedTrial) -> None:
        self._done += trial.part
        self._say(f"trial {trial.number:3d}  {trial.label:24} {PRUNED}")

    def _say(self, line: str) -> None:
        _print(self._console, line, soft_wrap=True)


def _print(console: Console, line: str, **how: Any) -> None:
    """A line in which nothing is obeyed, whatever console it is."""
    console.print(visible(line), highlight=False, markup=False, emoji=False, **how)


def _number(said: Any) -> float | None:
    """A number that can be shown, or None."""
    return said if isinstance(said, (int, float)) and abs(said) < LARGE else None


def _drift(weights: dict[str, float], event: dict) -> str:
    """The domain whose share of the draws is furthest from its weight; its weight in brackets, or nothing."""
    said = event.get("domains")
    figures = {name: said.get(name) for name in weights} if isinstance(said, dict) else {}
    drawn = {name: _number(its.get("drawn")) or 0 for name, its in figures.items() if isinstance(its, dict)}
    total = sum(drawn.values())
    if total <= 0:
        return ""
    name = max(drawn, key=lambda domain: (round(abs(drawn[domain] / total - weights[domain]), 6), weights[domain]))
    return f"draws {name} {drawn[name] / total:.0%} ({weights[name]:.0%})"


def _shown(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.4f}" for value in values)


def progress_for(console: Console, study: str) -> Bars | Lines:
    """Bars in a terminal, lines elsewhere."""
    return (Bars if console.is_terminal else Lines)(console, study)
