"""The jobs of a study that wait in SLURM's queue: cancelled by `stop`, held by `pause`, released by `resume`.

They are found by the file that each was submitted from, which lies in the study's folder: so on every machine that sees
it, also after the job was queued again, and whatever the job is called.
"""

import shutil
import subprocess
from pathlib import Path

from mixopt.errors import MixoptError

PATIENCE = 60.0  # seconds for an answer of SLURM's
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


def slurm(*argv: str, patience: float = PATIENCE) -> str:
    """What one of SLURM's programs prints.

    Raises:
        MixoptError: it fails, with its words.
    """
    try:
        done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=patience)
    except subprocess.TimeoutExpired:
        raise MixoptError(f"{argv[0]}: no answer in {patience:g} s") from None
    except OSError as error:
        raise MixoptError(f"{argv[0]}: cannot be started: {error.strerror}") from None
    if done.returncode:
        raise MixoptError(f"{argv[0]}: {in_one_line(done.stderr) or f'exit code {done.returncode}'}")
    return done.stdout


def in_one_line(said: str) -> str:
    """What a program said on several lines, without its own name before each."""
    lines = (line.split(" error: ", 1)[-1].strip() for line in said.splitlines())
    return "; ".join(dict.fromkeys(line for line in lines if line))
