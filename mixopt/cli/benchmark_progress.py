"""How a benchmark's jobs are shown: a bar in a terminal, a line a job elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mixopt.benchmark.job import Job
from mixopt.cli.console import PlainConsole, out


class JobLines:
    """Counts the jobs that end and says what came of them."""

    def __init__(self, total: int, console: PlainConsole, bar: Progress) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._console, self._bar = console, bar
        self._task = bar.add_task("jobs", total=total)

    def report(self, job: Job, outcome: dict[str, Any], seconds: float) -> None:
        """A job has ended."""
        self.done += 1
        self.failed += "failed" in outcome
        self._bar.advance(self._task)
        if "failed" in outcome or not self._console.is_terminal:
            line = f"{self.done}/{self.total} {job.problem} {job.method} seed {job.seed}: {_result(outcome)}"
            self._bar.console.print(f"{line}, {seconds:.0f} s", soft_wrap=True)


def _result(outcome: dict[str, Any]) -> str:
    if "failed" in outcome:
        return f"failed, {outcome['failed']}"
    return "regret " + ", ".join(f"{c['regret_common']:.3f} at {c['n']}" for c in outcome["checkpoints"])


@contextmanager
def job_lines(total: int) -> Iterator[JobLines]:
    """Within it, jobs are shown."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=out, disable=not out.is_terminal
    ) as bar:
        yield JobLines(total, out, bar)
