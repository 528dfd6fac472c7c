"""`mixopt study resume` and what else is said to the workers of a study."""

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

MOST_SLOTS = 1000  # a thread each
OPENING = 60.0  # seconds that a worker waits for a storage that is away when it starts


@contextmanager
def stoppable(name: str) -> Iterator[None]:
    """Ctrl-C, a closed terminal, a polite kill and a scheduler's warning end in one line and exit code 130.

    Trainers that run are ended first. A trainer that fails for good ends in its reason, its log's end, and exit code 1.
    """
    from mixopt.trainers.contract import TrialFailed
    from mixopt.workers.worker import SIGNALS, nohup

    for sent in SIGNALS:
        if not nohup(sent):
            signal.signal(sent, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        remark(f"stopped; nothing that was finished is lost: mixopt study resume {name} goes on")
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
        bool, typer.Option("--submitted", hidden=True, help="Said to what --on starts: heed an order that stands.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Run whatever is left of a study, beside any number of other workers; the same command on other machines helps.

    Example: mixopt study resume shapes --slots 2 --trials +10
    """
    from mixopt.study.study import Study

    more = more_trials(trials)
    if not 1 <= slots <= MOST_SLOTS:
        raise MixoptError(f"--slots {slots}: say how many trials run side by side, from 1 to {MOST_SLOTS}")
    if on is None:
        refuse_options({"--workers": workers > 1, "--with": bool(with_)}, "only with --on")
    with stoppable(name):
        study = Study.open(name, folder, OPENING)
        if on is not None:
            pins = ["--gpus-per-trial", str(gpus_per_trial)] if gpus_per_trial else []
            place = ["--folder", str(study.folder.path)]
            argv = ["study", "resume", name, "--slots", str(slots), *pins, *place, "--submitted"]
            return _start_elsewhere(study, argv, on, workers, with_ or [], more)
        with _alone_where_it_must_be(study):
            if not submitted:
                _in_queue(study, release_held, "released")
            _work(study, slots, gpus_per_trial, more, submitted)


@contextmanager
def _alone_where_it_must_be(study: "Study") -> Iterator[None]:
    """Holds a lock while a worker of a study in SQLite lives."""
    from filelock import FileLock, Timeout

    if study.storage_url.several_workers:
        yield
        return
    try:
        with FileLock(study.folder.worker, timeout=0):
            yield
    except Timeout:
        raise StudyBusyError(
            f"study {study.spec.study!r} is in SQLite, which bears one worker only: wait for it, or end it"
        ) from None


def _work(study: "Study", slots: int, gpus_per_trial: int | None, more: int, submitted: bool) -> None:
    from mixopt.cli.progress import progress_for
    from mixopt.study.plan import trainer_of
    from mixopt.workers.gpus import gpus_each, pinned
    from mixopt.workers.worker import Worker

    backends = [trainer_of(study.spec, environment) for environment in pinned(slots, gpus_per_trial)]
    metered = gpus_per_trial or (study.spec.budget and study.spec.budget.gpu_hours)
    gpus = gpus_each(slots, gpus_per_trial) if metered else 0.0
    with progress_for(out, study.spec.study) as progress:
        Worker(study, backends, progress, gpus=gpus, submitted=submitted).run(more)
    from mixopt.cli.run_summary import close  # matplotlib

    raise typer.Exit(close(study, say, out))


def _start_elsewhere(study: "Study", argv: list[str], on: str, workers: int, said: list[str], more: int) -> None:
    from mixopt.study.control import Control
    from mixopt.workers.cluster import PLACES, submit, work_on_ray

    name, logs = study.spec.study, study.folder.jobs
    if on not in PLACES:
        raise MixoptError(f"--on {on}: say one of {', '.join(PLACES)}")
    if workers > 1 and not study.storage_url.several_workers:
        raise StudyBusyError(f"study {name!r} is in SQLite, which bears one worker only: --workers 1")
    orders = Control(study.optuna)
    orders.taken_up()  # what is started heeds those that stand
    if more:
        study.add(more)
    try:
        if on == "ray":
            raise typer.Exit(int(any(work_on_ray(argv, workers, said))))
        jobs = submit(argv, workers, logs, on, f"mixopt-{name}", said)
    except MixoptError:
        orders.stand_again()
        if more:
            study.add(-more)
        raise
    _in_queue(study, release_held, "released")
    say(f"started {len(jobs)} workers on {on}: {', '.join(jobs)}; what they print is in {logs}")
    say(f"watch: mixopt study show {name}; end them: mixopt study stop {name}")


def _in_queue(study: "Study", act: Callable[[Path], list[str]], done: str) -> None:
    """Do something to the study's jobs that wait on SLURM, and say so; or why not, since the order itself was given."""
    name = study.spec.study
    try:
        jobs = act(study.folder.jobs)
    except MixoptError as error:
        return complain(f"study {name}: its jobs that wait on SLURM are left as they are: {error}")
    if jobs:
        say(f"study {name}: {done} {counted(len(jobs), 'waiting job')} on SLURM: {', '.join(jobs)}")


def pause(name: Name, folder: Folder = None) -> None:
    """Have all workers end once the trials that they train are finished. Example: mixopt study pause shapes"""
    from mixopt.study.control import PAUSE, Control
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    Control(study.optuna).give(PAUSE)
    say(f"study {name}: its workers take no more trials; mixopt study resume {name} goes on")
    _in_queue(study, hold_queued, "held")


def retry(
    name: Name, number: Annotated[int, typer.Argument(min=0, help="A failed trial.")], folder: Folder = None
) -> None:
    """Enqueue the mixture of a failed trial again. Example: mixopt study retry shapes 7"""
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    study.retry(number)
    then = "resume" if study.spec.backend else "ask"
    say(f"study {name}: the mixture of trial {number} is next: mixopt study {then} {name}")


def prune(
    name: Name, number: Annotated[int, typer.Argument(min=0, help="A running trial.")], folder: Folder = None
) -> None:
    """End a running trial for good; it counts as pruned. Example: mixopt study prune shapes 7"""
    from optuna.trial import TrialState

    from mixopt.study.pruning import Pruning
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    Pruning(study).condemn(number, "on a user's word")
    ended = study.trials()[number].state == TrialState.PRUNED  # one that is told by hand: no worker has to end it
    what = "is pruned" if ended else "ends within seconds, or when the study is resumed"
    say(f"study {name}: trial {number} {what}")


def stop(name: Name, folder: Folder = None) -> None:
    """Have all workers end at once; their trials are taken up later. Example: mixopt study stop shapes"""
    from mixopt.study.control import STOP, Control
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    Control(study.optuna).give(STOP)
    say(f"study {name}: its workers end, and their trials wait for the next: mixopt study resume {name}")
    _in_queue(study, cancel_queued, "cancelled")
