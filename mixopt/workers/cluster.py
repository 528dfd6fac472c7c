"""Workers on a cluster: each is `mixopt study resume` in a job of its own, and nothing else is started.

SLURM through submitit, whose local executor rehearses it on one machine; Ray through `ray.remote`. The machines
share the study's folder and its storage; everything else is settled by leases.
"""

import os
import shlex
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mixopt.errors import MixoptError
from mixopt.leases.slurm import in_one_line, slurm
from mixopt.workers.options import for_ray, for_submitit, nearest, pairs
from mixopt.workers.slurm_job import Job, start

PLACES = ("slurm", "ray", "local")
MINUTES, WARNING = 5, 90  # submitit's own: a job's limit, and the seconds before it in which the job is warned
# SLURM's reasons to have a job wait for good, beside those that end in PerJobLimit.
NEVER = "PartitionConfig PartitionTimeLimit PartitionNodeLimit BadConstraints InvalidAccount InvalidQOS".split()
# Python that blocks the warning: it is heard, once there is a handler, where it comes while a job begins.
PYTHON = "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2}); "
PYTHON += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


def submit(argv: Sequence[str], workers: int, logs: Path, place: str, name: str, said: Sequence[str]) -> list[str]:
    """Submit workers to SLURM, several as one array job, or start them here with `local`; returns the jobs' ids.

    Args:
        argv: of `mixopt`, such as ["study", "resume", "shapes"].
        logs: folder for what the jobs print.
        name: of the jobs, unless the options say another.
        said: submitit's parameters, such as ["timeout_min=600", "slurm_partition=gpu"].

    Raises:
        MixoptError: submitit is not installed, there is no SLURM here, or an option is refused, in the words of who
            refuses it; then nothing is left in the queue.
    """
    try:
        import submitit
    except ImportError as error:
        raise MixoptError(f"--on {place}: {error}: pip install 'mixopt[cluster]'") from None
    options = {"name": name, "slurm_array_parallelism": workers, **for_submitit(pairs(said))}
    options["slurm_signal_delay_s"] = warning = _warning(options)
    python = " ".join(map(shlex.quote, (sys.executable, "-c", PYTHON)))
    if teardown := options.get("slurm_teardown"):  # the worker's exit code stays the job's
        options["slurm_teardown"] = ["code=$?", *teardown, "exit $code"]
    elif options.get("slurm_use_srun") is False:  # SLURM warns the steps that srun makes, or the process of the script
        python = f"exec {python}"
        signalled = {"signal": f"B:USR2@{warning}"}
        options["slurm_additional_parameters"] = signalled | options.get("slurm_additional_parameters", {})
    try:
        # Each limit counts for submitit; there is no last one while there is something to train.
        forever = {"slurm_max_num_timeout": sys.maxsize, "slurm_python": python}
        executor = submitit.AutoExecutor(folder=logs, cluster=place, **forever)
        with warnings.catch_warnings(action="ignore"):  # of names without slurm_, which it takes all the same
            executor.update_parameters(**options)
        with _muted():
            jobs = executor.submit_array([Job(argv, 0.8 * warning)] * workers)
    except (RuntimeError, NameError, ValueError, TypeError, AssertionError, OSError) as error:
        words = in_one_line(str(error)) if isinstance(error, RuntimeError) else str(error).partition("\n")[0]
        unknown = [option for option in options if isinstance(error, NameError) and f"'{option}'" in words]
        words = words.rstrip(".") or type(error).__name__
        raise MixoptError(f"--on {place}: {words}{nearest(unknown)}") from None
    ids = [str(job.job_id) for job in jobs]
    if place == "slurm":
        _refuse_what_never_starts(ids)
    return ids


def _warning(options: Mapping[str, Any]) -> int:
    """How many seconds before its time limit a job is warned.

    Raises:
        MixoptError: the limit leaves no time before that.
    """
    names = ("slurm_time", "slurm_timeout_min", "timeout_min")
    name = next((name for name in names if name in options), names[-1])
    minutes = options.get(name, MINUTES)
    warning = int(options.get("slurm_signal_delay_s", min(WARNING, 20 * minutes)))
    if not 0 < warning < 60 * minutes:
        raise MixoptError(
            f"--with {name}={minutes}: leaves no time before the warning, which comes slurm_signal_delay_s={warning} "
            "seconds before the end"
        )
    return warning


def _refuse_what_never_starts(jobs: Sequence[str]) -> None:
    """Cancel jobs that SLURM has taken and will never start.

    Raises:
        MixoptError: there are such jobs; it has SLURM's reason.
    """
    whole = jobs[0].partition("_")[0]
    try:
        reason = slurm("squeue", "--noheader", f"--jobs={whole}", "--format=%r").partition("\n")[0].strip()
    except MixoptError:  # it has begun and ended, or SLURM is busy
        return
    if reason in NEVER or reason.endswith("PerJobLimit"):
        slurm("scancel", whole)
        raise MixoptError(f"--on slurm: job {whole} would never start, and is cancelled: {reason}")


def work(argv: Sequence[str]) -> int:
    """Be a worker; its exit code."""
    return start(argv).wait()


def work_on_ray(argv: Sequence[str], workers: int, said: Sequence[str]) -> list[int]:
    """Run workers as tasks of the Ray cluster that there is, or of one of this machine's; returns their exit codes.

    Args:
        said: options of `ray.remote`, such as ["num_gpus=1"].

    Raises:
        MixoptError: Ray is not installed, refuses an option in its own words, or cannot start a worker.
    """
    options = for_ray(pairs(said))
    if options.get("num_returns", 1) != 1:
        raise MixoptError(f"--with num_returns={options['num_returns']}: a worker returns one thing, its exit code")
    try:
        import ray
    except ImportError as error:
        raise MixoptError(f"--on ray: {error}: pip install 'mixopt[cluster]'") from None
    try:
        task: Any = ray.remote(work).options(**options)
        try:
            ray.init(address="auto", log_to_driver=True, configure_logging=False)
        except ConnectionError:  # there is no cluster
            ray.init(log_to_driver=True, configure_logging=False)
            _refuse_what_is_not_there(options, ray.cluster_resources())
        return list(ray.get([task.remote(list(argv)) for _ in range(workers)]))
    except (ValueError, TypeError, ConnectionError, ray.exceptions.RayError) as error:
        raise MixoptError(f"--on ray: {str(error).strip().partition(chr(10))[0]}") from None
    finally:
        ray.shutdown()


def _refuse_what_is_not_there(options: Mapping[str, Any], there: Mapping[str, float]) -> None:
    """Raises MixoptError where this machine, which is all that Ray has, lacks what a worker asks for."""
    names = {"num_cpus": "CPU", "num_gpus": "GPU", "memory": "memory"}
    asked = {option: (name, options[option]) for option, name in names.items() if options.get(option)}
    asked |= {f"resources: {name}": (name, many) for name, many in (options.get("resources") or {}).items()}
    for option, (name, many) in asked.items():
        if many > there.get(name, 0):
            raise MixoptError(
                f"--on ray: {option}={many:g}: this machine has {there.get(name, 0):g}, and no cluster was found"
            )


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
