"""What SLURM's programs say: the job that this process is in, and answers of scontrol, squeue and scancel."""

import os
import subprocess

from mixopt.errors import MixoptError

PATIENCE = 60.0  # seconds for an answer of SLURM's


def own_job() -> str:
    """This job, as SLURM's programs know it; the plain id of one in an array may stand for the whole array."""
    array, task = (os.environ.get(f"SLURM_ARRAY_{name}_ID") for name in ("JOB", "TASK"))
    return f"{array}_{task}" if array else os.environ.get("SLURM_JOB_ID", "")


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
