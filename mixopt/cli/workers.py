"""Commands that start and control the workers of a study: `mixopt study resume`, `pause`, `stop`, `retry`, `prune`."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixopt.cli.arguments import Folder, Name, more_trials, refuse_options
from mixopt.cli.console import complain, log_lines, out, remark, say
from mixopt.errors import MixoptError, StudyBusyError
from mixopt.text import counted
from mixopt.workers.slurm_queue import cancel_queued, hold_queued, release_held

if TYPE_CHECKING:
    from mixopt.study.study import Study

MOST_SLOTS = 1000  # each has a thread
OPENING = 60.0  # seconds for which a worker that starts waits for a storage that does not answer


@contextmanager
def stoppable(name: str) -> Iterator[None]:
    """Graceful shutdown: a signal ends the command with one line and exit code 130, after its trainers have ended.

    A trainer that fails for good ends it with the reason, the last lines of the log, and exit code 1.
    """
    from mixopt.trainers.contract import TrialFailed
    from mixopt.workers.signals import SIGNALS, is_ignored

    for number in SIGNALS:
        if not is_ignored(number):
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        remark(f"stopped; no finished trial is lost: mixopt study resume {name} continues")
        raise typer.Exit(130) from None
    except TrialFailed as failure:
        complain(str(failure))
        for line in log_lines(failure.log_tail):
            remark(line)
        raise typer.Exit(1) from None


def resume(
    name: Name,
    slots: Annotated[int, typer.Option(help="Trials side by side.")] = 1,
    trials: Annotated[str | None, typer.Option(help="Raise the budget first: +10 adds ten Bayesian trials.")] = None,
    gpus_per_trial: Annotated[int | None, typer.Option(min=1, help="GPUs that each trial has to itself.")] = None,
    on: Annotated[str | None, typer.Option(help="Start workers elsewhere: slurm, ray, or local to rehearse.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="With --on: how many workers, each with these slots.")] = 1,
    with_: Annotated[
        list[str] | None, typer.Option("--with", help="With --on: submitit's or Ray's options, as timeout_min=600.")
    ] = None,
    submitted: Annotated[
        bool, typer.Option("--submitted", hidden=True, help="Set for what --on starts: obey an earlier pause or stop.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Train what is left of a study; run it on several machines to share the work.

    Example: mixopt study resume shapes --slots 2 --trials +10
    """
    from mixopt.study.study import Study

    more = more_trials(trials)
    if not 1 <= slots <= MOST_SLOTS:
        raise MixoptError(f"--slots {slots}: give the number of trials that run side by side, from 1 to {MOST_SLOTS}")
    if on is None:
        refuse_options({"--workers": workers > 1, "--with": bool(with_)}, "only with --on")
    with stoppable(name):
        study = Study.open(name, folder, OPENING)
        if on is not None:
            pins = ["--gpus-per-trial", str(gpus_per_trial)] if gpus_per_trial else []
            place = ["--folder", str(study.folder.path)]
            argv = ["study", "resume", name, "--slots", str(slots), *pins, *place, "--submitted"]
            return _start_elsewhere(study, argv, on, workers, with_ or [], more)
        with _only_worker_of_sqlite(study):
            if not submitted:
                _change_pending_jobs(study, release_held, "released")
            _work(study, slots, gpus_per_trial, more, submitted)


@contextmanager
def _only_worker_of_sqlite(study: "Study") -> Iterator[None]:
    """Hold a lock while the only worker of a study in SQLite runs."""
    from filelock import FileLock, Timeout

    if study.storage_url.several_workers:
        yield
        return
    try:
        with FileLock(study.folder.worker, timeout=0):
            yield
    except Timeout:
        raise StudyBusyError(
            f"study {study.spec.study!r} is in SQLite, which allows one worker only: wait for it, or end it"
        ) from None


def _work(study: "Study", slots: int, gpus_per_trial: int | None, more: int, submitted: bool) -> None:
    from mixopt.cli.progress import progress_for
    from mixopt.study.plan import trainer_of
    from mixopt.workers.gpus import gpus_each, pinned
    from mixopt.workers.worker import Worker

    trainers = [trainer_of(study.spec, environment) for environment in pinned(slots, gpus_per_trial)]
    counted_gpus = gpus_per_trial or (study.spec.budget and study.spec.budget.gpu_hours)
    gpus = gpus_each(slots, gpus_per_trial) if counted_gpus else 0.0
    with progress_for(out, study.spec.study) as progress:
        Worker(study, trainers, progress, gpus=gpus, submitted=submitted).run(more)
    from mixopt.cli.run_summary import summarise  # loads matplotlib

    raise typer.Exit(summarise(study, say, out))


def _start_elsewhere(study: "Study", argv: list[str], on: str, workers: int, options: list[str], more: int) -> None:
    from mixopt.study.control import Control
    from mixopt.workers.cluster import PLACES, submit, work_on_ray

    name, logs = study.spec.study, study.folder.jobs
    if on not in PLACES:
        raise MixoptError(f"--on {on}: use one of {', '.join(PLACES)}")
    if workers > 1 and not study.storage_url.several_workers:
        raise StudyBusyError(f"study {name!r} is in SQLite, which allows one worker only: --workers 1")
    control = Control(study.optuna)
    control.lift()  # the jobs obey what is ordered from now on
    if more:
        study.add(more)
    try:
        if on == "ray":
            raise typer.Exit(int(any(work_on_ray(argv, workers, options))))
        jobs = submit(argv, workers, logs, on, f"mixopt-{name}", options)
    except MixoptError:
        control.restore()
        if more:
            study.add(-more)
        raise
    _change_pending_jobs(study, release_held, "released")
    say(f"started {len(jobs)} workers on {on}: {', '.join(jobs)}; their output is in {logs}")
    say(f"watch: mixopt study show {name}; end them: mixopt study stop {name}")


def _change_pending_jobs(study: "Study", change: Callable[[Path], list[str]], done: str) -> None:
    """Change the study's pending jobs on SLURM, and print which; a failure is printed, since workers obey anyway."""
    name = study.spec.study
    try:
        jobs = change(study.folder.jobs)
    except MixoptError as error:
        return complain(f"study {name}: its waiting jobs on SLURM are unchanged: {error}")
    if jobs:
        say(f"study {name}: {done} {counted(len(jobs), 'waiting job')} on SLURM: {', '.join(jobs)}")


def pause(name: Name, folder: Folder = None) -> None:
    """End all workers once their running trials are finished.

    Example: mixopt study pause shapes
    """
    from mixopt.study.control import PAUSE, Control
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    Control(study.optuna).give(PAUSE)
    say(f"study {name}: its workers start no more trials; mixopt study resume {name} continues")
    _change_pending_jobs(study, hold_queued, "held")


def retry(
    name: Name, number: Annotated[int, typer.Argument(min=0, help="A failed trial.")], folder: Folder = None
) -> None:
    """Train the mixture of a failed trial again.

    Example: mixopt study retry shapes 7
    """
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    study.retry(number)
    command = "resume" if study.spec.backend else "ask"
    say(f"study {name}: the mixture of trial {number} is next: mixopt study {command} {name}")


def prune(
    name: Name, number: Annotated[int, typer.Argument(min=0, help="A running trial.")], folder: Folder = None
) -> None:
    """End a running trial for good; it counts as pruned.

    Example: mixopt study prune shapes 7
    """
    from optuna.trial import TrialState

    from mixopt.study.pruning import Pruning
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    Pruning(study).mark(number, "on a user's word")
    ended = study.trials()[number].state == TrialState.PRUNED  # a manual trial, which no worker has to end
    what = "is pruned" if ended else "ends within seconds, or when the study is resumed"
    say(f"study {name}: trial {number} {what}")


def stop(name: Name, folder: Folder = None) -> None:
    """End all workers at once; their trials continue at the next resume.

    Example: mixopt study stop shapes
    """
    from mixopt.study.control import STOP, Control
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    Control(study.optuna).give(STOP)
    say(f"study {name}: its workers end; mixopt study resume {name} continues their trials")
    _change_pending_jobs(study, cancel_queued, "cancelled")
