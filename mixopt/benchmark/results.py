"""The results file: one JSON line a finished job, appended whole; killed at any moment, it loses nothing finished."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from mixopt.benchmark.job import Job
from mixopt.benchmark.versions import versions_of
from mixopt.errors import MixoptError

VERSIONS = ("version", "problem_version", "judge_version")


@dataclass(frozen=True)
class Results:
    """The jobs of a results file.

    Attributes:
        done: a job of the present code to what `run_job` gave.
        to_judge: a job that only another judge has judged, likewise.
        failed: a job that has not been done, to the last reason.
        stale: by method, how many jobs were run by other code of the method or the problem.
        earlier: a job that only other code has done, to its last outcome.
    """

    done: dict[Job, dict[str, Any]]
    to_judge: dict[Job, dict[str, Any]]
    failed: dict[Job, str]
    stale: dict[str, int]
    earlier: dict[Job, dict[str, Any]]

    def stale_lines(self) -> list[str]:
        """Say how many jobs `run` does not count as done."""
        lines = [
            f"{count} jobs of {method} were run by other code than the present: they stay in the file, as not run"
            for method, count in sorted(self.stale.items())
        ]
        return lines + self._judge_lines()

    def _judge_lines(self) -> list[str]:
        if not self.to_judge:
            return []
        return [f"{len(self.to_judge)} jobs were judged by another judge: `run` judges them anew, in seconds"]

    def to_report(self) -> tuple[dict[Job, dict[str, Any]], list[str]]:
        """Choose one outcome for each problem, method and seed; lines say what is left out or of other code.

        Of several lengths it is the longest, which holds the shorter ones; of several tables the one that came last.
        A job that only other code has done is reported too.
        """
        known = {**self.earlier, **self.done}
        last = {job.problem: job.table for job in known}
        chosen: dict[tuple[str, str, int], Job] = {}
        for job in sorted(known, key=lambda job: job.trials):
            if job.table == last[job.problem]:
                chosen[job.problem, job.method, job.seed] = job
        kept = set(chosen.values())
        several = sorted({job.problem for job in known if job.table != last[job.problem]})
        lines = self._judge_lines()
        lines += [
            f"problem {problem} is there with several tables: only jobs on the last one are reported; keep a results "
            "file for each table"
            for problem in several
        ]
        if others := [str(known[job].get("version")) for job in kept if job in self.earlier]:
            versions = ", ".join(sorted(set(others)))
            lines.append(f"{len(others)} jobs were run by other code than the present: {versions}")
        return {job: outcome for job, outcome in known.items() if job in kept}, lines


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
    earlier: dict[Job, dict[str, Any]] = {}
    for number, line in enumerate(text.split("\n")[:-1], start=1):  # what follows the last newline is torn
        try:
            row = json.loads(line)
            job = Job(row["problem"], row["method"], row["seed"], row.get("trials", 0), row.get("table", ""))
            present = _present_versions(job)
            differs = {name for name in VERSIONS if name not in present or present[name] != row.get(name)}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise MixoptError(
                f"{path} line {number}: is no finished job: remove the line, the job runs again"
            ) from error
        if differs - {"judge_version"}:
            stale[job.method] = stale.get(job.method, 0) + ("failed" not in row)
            if "failed" not in row and present:
                earlier[job] = row
        elif "failed" in row:
            failed[job] = row["failed"]
        elif differs:
            to_judge[job] = row
        else:
            done[job] = row
    to_judge = {job: row for job, row in to_judge.items() if job not in done}
    failed = {job: why for job, why in failed.items() if job not in done}
    earlier = {job: row for job, row in earlier.items() if job not in done and job not in to_judge}
    return Results(done, to_judge, failed, stale, earlier)


def _present_versions(job: Job) -> dict[str, str]:
    """The versions of the present code; none, where there is no such method or problem any more."""
    try:
        return versions_of(job)
    except MixoptError:
        return {}


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
