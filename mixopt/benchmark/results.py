"""The results file: one JSON line a finished job, appended whole; killed at any moment, it loses nothing finished."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from mixopt.benchmark.job import Job
from mixopt.benchmark.methods import METHODS
from mixopt.benchmark.versions import method_version
from mixopt.errors import MixoptError


@dataclass(frozen=True)
class Results:
    """Jobs done, by the present version of their method; those of other versions stay in the file, unread.

    Attributes: `done` maps a job to what `run_job` gave, `failed` one that has not been done to its last reason;
        `stale` counts, by method, jobs of other versions.
    """

    done: dict[Job, dict[str, Any]]
    failed: dict[Job, str]
    stale: dict[str, int]

    def stale_lines(self) -> list[str]:
        """What is there to know about jobs of other versions."""
        return [
            f"{count} jobs of {method} were run by other code than the present: they stay in the file, as not run"
            for method, count in sorted(self.stale.items())
        ]


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
    failed: dict[Job, str] = {}
    stale: dict[str, int] = {}
    for number, line in enumerate(text.split("\n")[:-1], start=1):  # what follows the last newline is torn
        try:
            row = json.loads(line)
            job = Job(row["problem"], row["method"], row["seed"])
            made_by = row["version"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise MixoptError(
                f"{path} line {number}: is no finished job: remove the line, the job runs again"
            ) from error
        if job.method not in METHODS or made_by != method_version(job.method):
            stale[job.method] = stale.get(job.method, 0) + ("failed" not in row)
        elif "failed" in row:
            failed[job] = row["failed"]
        else:
            done[job] = row
    return Results(done, {job: why for job, why in failed.items() if job not in done}, stale)


def append_result(path: Path, job: Job, outcome: dict[str, Any]) -> None:
    """Append one job with what `run_job` gave, or with {"failed": reason}; several processes may append."""
    row = {"problem": job.problem, "method": job.method, "seed": job.seed, "version": method_version(job.method)}
    line = json.dumps(row | outcome) + "\n"
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
