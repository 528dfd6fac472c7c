"""Ask SLURM: which job this process runs in, and the output of scontrol, squeue and scancel."""

import os
import subprocess

from mixopt.errors import MixoptError

TIMEOUT = 60.0  # seconds that a SLURM command may take
SHOW_TIMEOUT = 10.0  # seconds that the controller has to describe a job or a node


def own_job() -> str:
    """The id of the SLURM job of this process, ARRAY_TASK in a job array (where the plain id may mean all of it)."""
    array, task = (os.environ.get(f"SLURM_ARRAY_{name}_ID") for name in ("JOB", "TASK"))
    return f"{array}_{task}" if array else os.environ.get("SLURM_JOB_ID", "")


def slurm(*argv: str, timeout: float = TIMEOUT) -> str:
    """Run a SLURM command.

    Args:
        *argv: The command, such as "scancel", "17".
        timeout: Seconds.

    Returns:
        What it prints.

    Raises:
        MixoptError: It fails; the message has its own words.
    """
    try:
        done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise MixoptError(f"{argv[0]}: no answer in {timeout:g} s") from None
    except OSError as error:
        raise MixoptError(f"{argv[0]}: cannot be started: {error.strerror}") from None
    if done.returncode:
        raise MixoptError(f"{argv[0]}: {in_one_line(done.stderr) or f'exit code {done.returncode}'}")
    return done.stdout


def show(kind: str, name: str, cluster: str = "", timeout: float = SHOW_TIMEOUT) -> dict[str, str]:
    """The fields of `scontrol show KIND NAME`; empty where SLURM does not know it, or does not answer.

    Args:
        kind: "job" or "node".
        name: Of the job or node; with an empty one nothing is asked, since SLURM would list all.
        cluster: Name of the SLURM cluster that has it, if not the one of this process.
        timeout: Seconds.
    """
    if not name:
        return {}
    other = ["-M", cluster] if cluster and cluster != os.environ.get("SLURM_CLUSTER_NAME", cluster) else []
    try:
        output = slurm("scontrol", *other, "show", kind, name, "-o", timeout=timeout)
    except MixoptError:
        return {}
    line = (output.splitlines() or [""])[0]
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


def in_one_line(output: str) -> str:
    """The lines that a command printed as one line, without the command's name before each."""
    lines = (line.split(" error: ", 1)[-1].strip() for line in output.splitlines())
    return "; ".join(dict.fromkeys(line for line in lines if line))
