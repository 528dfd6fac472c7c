"""Workers on a cluster: each is `mixopt study resume` in a job of its own, and nothing else is started.

SLURM through submitit, whose local executor rehearses it on one machine; Ray through `ray.remote`. The machines
share the study's folder and its storage; everything else is settled by leases.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mixopt.errors import MixoptError

PLACES = ("slurm", "ray", "local")


def work(argv: Sequence[str]) -> int:
    """Be a worker: run `mixopt` with these arguments; its exit code."""
    return subprocess.run([sys.executable, "-m", "mixopt.cli", *argv], stdin=subprocess.DEVNULL).returncode


def submit(argv: Sequence[str], workers: int, logs: Path, place: str, options: Mapping[str, str]) -> list[str]:
    """Submit workers to SLURM, or start them here with `local`; returns the jobs' ids at once.

    Args:
        argv: of `mixopt`, such as ["study", "resume", "shapes"].
        logs: folder for what the jobs print.
        options: submitit's parameters, such as {"timeout_min": "600", "slurm_partition": "gpu"}.

    Raises:
        MixoptError: submitit is not installed, there is no SLURM here, or it does not know an option.
    """
    try:
        import submitit
    except ImportError as error:
        raise MixoptError(f"--on {place}: {error}: pip install 'mixopt[cluster]'") from None
    try:
        executor = submitit.AutoExecutor(folder=logs, cluster=place)
        executor.update_parameters(name="mixopt", **{name: _number(value) for name, value in options.items()})
        with _muted():
            return [str(executor.submit(work, list(argv)).job_id) for _ in range(workers)]
    except (RuntimeError, NameError, ValueError, TypeError, OSError) as error:
        raise MixoptError(f"--on {place}: {str(error).splitlines()[0]}") from None


def work_on_ray(argv: Sequence[str], workers: int, options: Mapping[str, str]) -> list[int]:
    """Run workers as tasks of the Ray cluster that there is, or of one of this machine's; returns their exit codes.

    Args:
        options: of `ray.remote`, such as {"num_gpus": "1"}.

    Raises:
        MixoptError: Ray is not installed, or does not know an option.
    """
    try:
        import ray
    except ImportError as error:
        raise MixoptError(f"--on ray: {error}: pip install 'mixopt[cluster]'") from None
    try:
        ray.init(ignore_reinit_error=True, log_to_driver=True, configure_logging=False)
        task: Any = ray.remote(work)
        task = task.options(**{name: _number(value) for name, value in options.items()})
        return list(ray.get([task.remote(list(argv)) for _ in range(workers)]))
    except (ValueError, TypeError, ConnectionError) as error:
        raise MixoptError(f"--on ray: {str(error).splitlines()[0]}") from None
    finally:
        ray.shutdown()


@contextmanager
def _muted() -> Iterator[None]:
    """Processes that are started within do not hold this one's output: who reads it through a pipe waits for nobody."""
    with open(os.devnull, "w") as nowhere:
        kept = {stream: os.dup(stream) for stream in (1, 2)}
        try:
            for stream in kept:
                os.dup2(nowhere.fileno(), stream)
            yield
        finally:
            for stream, copy in kept.items():
                os.dup2(copy, stream)
                os.close(copy)


def _number(text: str) -> str | int | float:
    """Options come as text; those that are numbers are meant as such."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
