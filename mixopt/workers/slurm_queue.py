"""The pending SLURM jobs of a study: `mixopt study stop` cancels them, `pause` holds them, `resume` releases them.

They are found by the script that each job was submitted from, which is in the study's folder. So they are found on
every machine that sees the folder, after a requeue, and under any job name.
"""

import shutil
from pathlib import Path

from mixopt.leases.slurm import slurm

HELD = "0"  # priority of a held job


def cancel_queued(logs: Path) -> list[str]:
    """Cancel the study's pending jobs. A job that starts meanwhile obeys the `stop` itself.

    Args:
        logs: Folder that the jobs were submitted from.

    Returns:
        Their ids.

    Raises:
        MixoptError: SLURM refuses; the message has its own words.
    """
    pending = list(_pending(logs))
    if pending:
        slurm("scancel", "--state=PENDING", *pending)
    return pending


def hold_queued(logs: Path) -> list[str]:
    """Hold the study's pending jobs; returns the ids of those that were not held before. Raises as `cancel_queued`."""
    pending = [job for job, priority in _pending(logs).items() if priority != HELD]
    if pending:
        slurm("scontrol", "hold", ",".join(pending))
    return pending


def release_held(logs: Path) -> list[str]:
    """Release the study's held jobs; returns their ids. Raises as `cancel_queued`."""
    held = [job for job, priority in _pending(logs).items() if priority == HELD]
    if held:
        slurm("scontrol", "release", ",".join(held))
    return held


def _pending(logs: Path) -> dict[str, str]:
    """The user's pending jobs that were submitted from files in `logs`: SLURM's priority by job id."""
    if not any(logs.glob("*_submission.sh")) or not shutil.which("squeue"):
        return {}
    output = slurm("squeue", "--noheader", "--me", "--array", "--states=PENDING", "--format=%i|%Q|%o")
    jobs = (line.split("|", 2) for line in output.splitlines() if line.count("|") >= 2)
    # By the unique name of the script: another machine may see the folder under another path.
    return {job: priority for job, priority, file in jobs if (logs / Path(file).name).exists()}
