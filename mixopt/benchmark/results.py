"""The results file: one JSON line a finished job, appended whole; killed at any moment, it loses nothing finished."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from mixopt.benchmark.job import Job
from mixopt.benchmark.versions import versions_of
from mixopt.errors import MixoptError


@dataclass(frozen=True)
class Results:
    """Jobs done, by the present code of method and problem; those of other code stay in the file, unread.

    Attributes: `done` maps a job to what `run_job` gave; `to_judge` one that only another judge has judged, and
        `failed` one that has not been done to its last reason; `stale` counts, by method, jobs of other code.
    """

    done: dict[Job, dict[str, Any]]
    to_judge: dict[Job, dict[str, Any]]
    failed: dict[Job, str]
    stale: dict[str, int]

    def stale_lines(self) -> list[str]:
        """What is there to know about jobs of other code."""
        lines = [
            f"{count} jobs of {method} were run by other code than the present: they stay in the file, as not run"
            for method, count in sorted(self.stale.items())
        ]
        if self.to_judge:
            lines.append(f"{len(self.to_judge)} jobs were judged by another judge: `run` judges them anew, in seconds")
        return lines

    def to_report(self) -> tuple[dict[Job, dict[str, Any]], list[str]]:
        """One outcome for each problem, method and seed, and lines that say what is left out.

        Of several lengths it is the longest, which holds the shorter ones; of several tables the one that came last.
        """
        last = {job.problem: job.table for job in self.done}
        chosen: dict[tuple[str, str, int], Job] = {}
        for job in sorted(self.done, key=lambda job: job.trials):
            if job.table == last[job.problem]:
                chosen[job.problem, job.method, job.seed] = job
        kept = set(chosen.values())
        several = sorted({job.problem for job in self.done if job.table != last[job.problem]})
        lines = [
            f"problem {problem} is there with several tables: only jobs on the last one are reported; keep a results "
            "file for each table"
            for problem in several
        ]
        return {job: outcome for job, outcome in self.done.items() if job in kept}, lines


def read_results(path: Path) -> Results:
    """Read a results file; one that is not there is empty, and a torn last line counts as not there.

    Raises:
        MixoptError: the file cannot be read, or another line is torn.
    """
    try:
        text = path.read_text() if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise MixoptError(
            f"{path}: cannot be read ({error}): give the results file of `mixopt benchmark run`"
        ) from error
    done: dict[Job, dict[str, Any]] = {}
    to_judge: dict[Job, dict[str, Any]] = {}
    failed: dict[Job, str] = {}
    stale: dict[str, int] = {}
    for number, line in enumerate(text.split("\n")[:-1], start=1):  # what follows the last newline is torn
        try:
            row = json.loads(line)
            job = Job(row["problem"], row["method"], row["seed"], row.get("trials", 0), row.get("table", ""))
            made_by = {name: row.get(name) for name in ("version", "problem_version", "judge_version")}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise MixoptError(
                f"{path} line {number}: is no finished job: remove the line, the job runs again"
            ) from error
        differs = _differs(job, made_by)
        if differs - {"judge_version"}:
            stale[job.method] = stale.get(job.method, 0) + ("failed" not in row)
        elif "failed" in row:
            failed[job] = row["failed"]
        elif differs:
            to_judge[job] = row
        else:
            done[job] = row
    to_judge = {job: row for job, row in to_judge.items() if job not in done}
    failed = {job: why for job, why in failed.items() if job not in done}
    return Results(done, to_judge, failed, stale)


def _differs(job: Job, made_by: Mapping[str, str | None]) -> set[str]:
    """Which versions are not the present ones; all, where there is no such method or problem any more."""
    try:
        return {name for name, version in versions_of(job).items() if made_by[name] != version}
    except MixoptError:
        return set(made_by)


def append_result(path: Path, job: Job, outcome: dict[str, Any]) -> None:
    """Append one job with what `run_job` gave, or with {"failed": reason}; several processes may append."""
    head = asdict(job) | versions_of(job)
    line = json.dumps(head | outcome | head) + "\n"  # an outcome judged anew brings the versions of its old line
    with FileLock(f"{path}.lock"), path.open("ab+") as file:
        _cut_torn_line(file)
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _cut_torn_line(file: Any) -> None:
    """Back to the end of the last whole line; a file that ends in a newline has none that is torn."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 1, 0))
    if file.read(1) not in (b"", b"\n"):
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
