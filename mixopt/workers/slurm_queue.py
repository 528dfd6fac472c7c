"""The jobs of a study that wait in SLURM's queue: cancelled by `stop`, held by `pause`, released by `resume`.

They are found by the file that each was submitted from, which lies in the study's folder: so on every machine that sees
it, also after the job was queued again, and whatever the job is called.
"""

import shutil
from pathlib import Path

from mixopt.leases.slurm import slurm

HELD = "0"  # the priority of a job that is held


def cancel_queued(logs: Path) -> list[str]:
    """Cancel the study's jobs that wait; returns their ids. One that has begun meanwhile is left to the order.

    Raises:
        MixoptError: SLURM refuses, in its own words.
    """
    waiting = list(_waiting(logs))
    if waiting:
        slurm("scancel", "--state=PENDING", *waiting)
    return waiting


def hold_queued(logs: Path) -> list[str]:
    """Hold the study's jobs that wait; returns the ids of those that were not held. Raises as `cancel_queued`."""
    waiting = [job for job, priority in _waiting(logs).items() if priority != HELD]
    if waiting:
        slurm("scontrol", "hold", ",".join(waiting))
    return waiting


def release_held(logs: Path) -> list[str]:
    """Let the study's held jobs wait for their turn; returns their ids. Raises as `cancel_queued`."""
    held = [job for job, priority in _waiting(logs).items() if priority == HELD]
    if held:
        slurm("scontrol", "release", ",".join(held))
    return held


def _waiting(logs: Path) -> dict[str, str]:
    """The user's jobs that wait and were submitted from files in `logs`: SLURM's priority by id."""
    if not any(logs.glob("*_submission.sh")) or not shutil.which("squeue"):
        return {}
    said = slurm("squeue", "--noheader", "--me", "--array", "--states=PENDING", "--format=%i|%Q|%o")
    jobs = (line.split("|", 2) for line in said.splitlines() if line.count("|") >= 2)
    # By name, which is unique: another machine may see the folder under another path.
    return {job: priority for job, priority, file in jobs if (logs / Path(file).name).exists()}
