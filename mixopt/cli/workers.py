"""`mixopt study resume` and what else is said to the workers of a study."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from mixopt.cli.arguments import Folder, Name
from mixopt.cli.console import out, say
from mixopt.errors import MixoptError, StudyBusyError
from mixopt.study import Study


@contextmanager
def stoppable(name: str) -> Iterator[None]:
    """Ctrl-C, a closed terminal and a polite kill end the trainers, and end in one line and exit code 130."""
    from mixopt.workers.worker import nohup

    for sent in (signal.SIGTERM, signal.SIGHUP):
        if not nohup(sent):
            signal.signal(sent, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"stopped; nothing that was finished is lost: mixopt study resume {name} goes on", err=True)
        raise typer.Exit(130) from None


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
    folder: Folder = None,
) -> None:
    """Run whatever is left of a study, beside any number of other workers; the same command on other machines helps.

    Example: mixopt study resume shapes --slots 2 --trials +10
    """
    more = _more_trials(trials)
    if slots < 1:
        raise MixoptError(f"--slots {slots}: say how many trials run side by side, at least 1")
    study = Study.open(name, folder)
    if on is not None:
        pins = ["--gpus-per-trial", str(gpus_per_trial)] if gpus_per_trial else []
        place = ["--folder", str(study.folder.path)]
        if more:
            study.add(more)
        argv = ["study", "resume", name, "--slots", str(slots), *pins, *place]
        return _start_elsewhere(study, argv, on, workers, with_, more)
    if not study.address.several_workers and study.busy:
        raise StudyBusyError(f"study {name!r} is in SQLite, which bears one worker only: wait for it, or end it first")
    _work(study, slots, gpus_per_trial, more)


def _work(study: Study, slots: int, gpus_per_trial: int | None, more: int) -> None:
    from mixopt.cli.progress import progress_for
    from mixopt.plan import backend_of
    from mixopt.workers.gpus import pinned
    from mixopt.workers.worker import Worker

    backends = [backend_of(study.spec, environment) for environment in pinned(slots, gpus_per_trial)]
    with stoppable(study.spec.study), progress_for(out, study.spec.study) as progress:
        Worker(study, backends, progress).run(more)
    from mixopt.cli.closing import close  # matplotlib

    raise typer.Exit(close(study, say, out))


def _start_elsewhere(study: Study, argv: list[str], on: str, workers: int, said: list[str] | None, more: int) -> None:
    from mixopt.workers.cluster import PLACES, submit, work_on_ray

    if on not in PLACES:
        raise MixoptError(f"--on {on}: say one of {', '.join(PLACES)}")
    options = dict(_option(text) for text in said or [])
    if workers > 1 and not study.address.several_workers:
        raise StudyBusyError(f"study {study.spec.study!r} is in SQLite, which bears one worker only: --workers 1")
    if more:
        study.add(more)
    if on == "ray":
        raise typer.Exit(int(any(work_on_ray(argv, workers, options))))
    logs = study.folder.path / "workers"
    jobs = submit(argv, workers, logs, on, options)
    say(f"started {len(jobs)} workers on {on}: {', '.join(jobs)}; what they print is in {logs}")
    say(f"watch: mixopt study show {study.spec.study}; end them: mixopt study stop {study.spec.study}")


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise MixoptError(f"--with {text}: say NAME=VALUE, such as timeout_min=600")
    return name, value


def _more_trials(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.startswith("+") and text[1:].isascii() and text[1:].isdigit() and int(text) > 0):
        raise MixoptError(f"--trials {text}: say how many to add, such as +10")
    return int(text)


def pause(name: Name, folder: Folder = None) -> None:
    """Have all workers end once the trials that they train are finished. Example: mixopt study pause shapes"""
    from mixopt.workers.orders import PAUSE, Orders

    Orders(Study.open(name, folder).optuna).give(PAUSE)
    say(f"study {name}: its workers take no more trials; mixopt study resume {name} goes on")


def retry(
    name: Name, number: Annotated[int, typer.Argument(min=0, help="A failed trial.")], folder: Folder = None
) -> None:
    """Enqueue the mixture of a failed trial again. Example: mixopt study retry shapes 7"""
    Study.open(name, folder).retry(number)
    say(f"study {name}: the mixture of trial {number} is next: mixopt study resume {name}")


def prune(
    name: Name, number: Annotated[int, typer.Argument(min=0, help="A running trial.")], folder: Folder = None
) -> None:
    """End a running trial for good; it counts as pruned. Example: mixopt study prune shapes 7"""
    Study.open(name, folder).prune(number)
    say(f"study {name}: trial {number} ends within seconds, or when the study is resumed")


def stop(name: Name, folder: Folder = None) -> None:
    """Have all workers end at once; their trials are taken up later. Example: mixopt study stop shapes"""
    from mixopt.workers.orders import STOP, Orders

    Orders(Study.open(name, folder).optuna).give(STOP)
    say(f"study {name}: its workers end, and their trials wait for the next: mixopt study resume {name}")
