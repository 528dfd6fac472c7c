"""Start workers on a cluster: each job runs `mixopt study resume`, on SLURM through submitit, or on Ray.

submitit's local executor does the same on one machine, as a rehearsal. The machines share the study's folder and its
storage; the leases in the folder decide which worker trains which trial.
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
from mixopt.workers.launch_options import for_ray, for_submitit, nearest, pairs
from mixopt.workers.slurm_job import Job, start

PLACES = ("slurm", "ray", "local")
MINUTES, WARNING = 5, 90  # submitit's defaults: a job's time limit, and how many seconds before it the job is warned
# SLURM's reasons why a job will never start, beside those that end in PerJobLimit.
NEVER = "PartitionConfig PartitionTimeLimit PartitionNodeLimit BadConstraints InvalidAccount InvalidQOS".split()
# Python that blocks the warning until there is a handler, so that none is lost while a job starts.
PYTHON = "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2}); "
PYTHON += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


def submit(argv: Sequence[str], workers: int, logs: Path, place: str, name: str, options: Sequence[str]) -> list[str]:
    """Submit workers to SLURM, several as one array job, or start them on this machine.

    Args:
        argv: Arguments of `mixopt`, such as ["study", "resume", "shapes"].
        workers: How many.
        logs: Folder for the output of the jobs.
        place: "slurm", or "local" for this machine.
        name: Of the jobs, unless the options give another.
        options: Parameters of submitit, such as ["timeout_min=600", "slurm_partition=gpu"].

    Returns:
        The ids of the jobs.

    Raises:
        MixoptError: submitit is not installed, there is no SLURM here, or submitit or SLURM refuses an option, in its
            own words; then nothing is left in the queue.
    """
    try:
        import submitit
    except ImportError as error:
        raise MixoptError(f"--on {place}: {error}: pip install 'mixopt[cluster]'") from None
    parameters = {"name": name, "slurm_array_parallelism": workers, **for_submitit(pairs(options))}
    parameters["slurm_signal_delay_s"] = warning = _warning(parameters)
    python = " ".join(map(shlex.quote, (sys.executable, "-c", PYTHON)))
    if teardown := parameters.get("slurm_teardown"):  # keeps the worker's exit code as the job's
        parameters["slurm_teardown"] = ["code=$?", *teardown, "exit $code"]
    elif parameters.get("slurm_use_srun") is False:  # without srun SLURM warns only the process of the script
        python = f"exec {python}"
        signalled = {"signal": f"B:USR2@{warning}"}
        parameters["slurm_additional_parameters"] = signalled | parameters.get("slurm_additional_parameters", {})
    try:
        # submitit counts time limits; here a job may be requeued without end while there is something to train.
        forever = {"slurm_max_num_timeout": sys.maxsize, "slurm_python": python}
        executor = submitit.AutoExecutor(folder=logs, cluster=place, **forever)
        with warnings.catch_warnings(action="ignore"):  # about names without slurm_, which submitit accepts
            executor.update_parameters(**parameters)
        with _output_closed():
            jobs = executor.submit_array([Job(argv, 0.8 * warning)] * workers)
    except (RuntimeError, NameError, ValueError, TypeError, AssertionError, OSError) as error:
        words = in_one_line(str(error)) if isinstance(error, RuntimeError) else str(error).partition("\n")[0]
        unknown = [name for name in parameters if isinstance(error, NameError) and f"'{name}'" in words]
        words = words.rstrip(".") or type(error).__name__
        raise MixoptError(f"--on {place}: {words}{nearest(unknown)}") from None
    ids = [str(job.job_id) for job in jobs]
    if place == "slurm":
        _refuse_unstartable(ids)
    return ids


def _warning(options: Mapping[str, Any]) -> int:
    """How many seconds before its time limit a job is warned; raises MixoptError where the limit is too short."""
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


def _refuse_unstartable(jobs: Sequence[str]) -> None:
    """Cancel jobs that SLURM has accepted and will never start; raises MixoptError with SLURM's reason."""
    whole = jobs[0].partition("_")[0]  # id of the array job
    try:
        reason = slurm("squeue", "--noheader", f"--jobs={whole}", "--format=%r").partition("\n")[0].strip()
    except MixoptError:  # the job has ended already, or SLURM is busy
        return
    if reason in NEVER or reason.endswith("PerJobLimit"):
        slurm("scancel", whole)
        raise MixoptError(f"--on slurm: job {whole} would never start, and is cancelled: {reason}")


def work(argv: Sequence[str]) -> int:
    """Run a worker to its end; returns its exit code."""
    return start(argv).wait()


def work_on_ray(argv: Sequence[str], workers: int, options: Sequence[str]) -> list[int]:
    """Run workers as tasks of a Ray cluster, or of a Ray on this machine where there is no cluster; blocks.

    Args:
        argv: Arguments of `mixopt`.
        workers: How many.
        options: Of `ray.remote`, such as ["num_gpus=1"].

    Returns:
        The exit codes of the workers.

    Raises:
        MixoptError: Ray is not installed, refuses an option in its own words, or cannot start a worker.
    """
    parameters = for_ray(pairs(options))
    if parameters.get("num_returns", 1) != 1:
        raise MixoptError(f"--with num_returns={parameters['num_returns']}: a worker returns one thing, its exit code")
    try:
        import ray
    except ImportError as error:
        raise MixoptError(f"--on ray: {error}: pip install 'mixopt[cluster]'") from None
    try:
        task: Any = ray.remote(work).options(**parameters)
        try:
            ray.init(address="auto", log_to_driver=True, configure_logging=False)
        except ConnectionError:  # there is no cluster
            ray.init(log_to_driver=True, configure_logging=False)
            _refuse_too_large(parameters, ray.cluster_resources())
        return list(ray.get([task.remote(list(argv)) for _ in range(workers)]))
    except (ValueError, TypeError, ConnectionError, ray.exceptions.RayError) as error:
        raise MixoptError(f"--on ray: {str(error).strip().partition(chr(10))[0]}") from None
    finally:
        ray.shutdown()


def _refuse_too_large(options: Mapping[str, Any], available: Mapping[str, float]) -> None:
    """Raises MixoptError where a worker asks for more than this machine, the whole Ray cluster, has."""
    names = {"num_cpus": "CPU", "num_gpus": "GPU", "memory": "memory"}
    asked = {option: (name, options[option]) for option, name in names.items() if options.get(option)}
    asked |= {f"resources: {name}": (name, many) for name, many in (options.get("resources") or {}).items()}
    for option, (name, many) in asked.items():
        if many > available.get(name, 0):
            raise MixoptError(
                f"--on ray: {option}={many:g}: this machine has {available.get(name, 0):g}, and no cluster was found"
            )


@contextmanager
def _output_closed() -> Iterator[None]:
    """Jobs started in the block do not inherit stdout and stderr, which would keep a pipe open until they end."""
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
