"""The command line `mixopt`. Each command is one call of the package; this room only prints.

Each command imports what it needs: `mixopt --help` loads none of the libraries.
"""

import io
import logging
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, NoReturn

import typer

from mixopt.cli.arguments import Folder, Json, Name, seeds_of
from mixopt.cli.base_model import base
from mixopt.cli.benchmark import benchmark_app
from mixopt.cli.console import PlainRecord, complain, complain_of_fault, document, say, warn
from mixopt.cli.dashboard import dashboard
from mixopt.cli.effects import effects
from mixopt.cli.imports import import_
from mixopt.cli.manual import ask, export, forget, tell, train
from mixopt.cli.new_study import new, schema
from mixopt.cli.report import report
from mixopt.cli.show import front, list_, recommend, show
from mixopt.cli.surrogate import surrogate_app
from mixopt.cli.workers import pause, prune, resume, retry, stop, stoppable
from mixopt.errors import MixoptError
from mixopt.text import visible

EXIT_CODES = (
    "Exit codes: 0 done, 1 a trainer failed for good (doctor: something is broken), 2 bad input, 130 stopped by Ctrl-C."
)

app = typer.Typer(no_args_is_help=True, epilog=EXIT_CODES)
study_app = typer.Typer(no_args_is_help=True, help="Create, run and read studies.")
app.add_typer(study_app, name="study")
app.add_typer(surrogate_app, name="surrogate")
app.add_typer(benchmark_app, name="benchmark")


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(version("mixopt"))
        raise typer.Exit


@app.callback()
def mixopt(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Print the version.")
    ] = False,
) -> None:
    """Find the mixture of training datasets that makes a model best, in as few training runs as possible."""


@app.command()
def doctor(json: Json = False) -> None:
    """Check what works on this machine, and say how to fix what does not.

    Example: mixopt doctor
    """
    from mixopt.cli.doctor import findings, findings_document

    found = []
    for finding in findings():
        found.append(finding)
        if not json:
            say(finding.line)
    if json:
        document(findings_document(found))
    raise typer.Exit(int(any(finding.state == "broken" for finding in found)))


def create(
    file: Annotated[Path, typer.Argument(help="A study file, such as studies/shapes.yaml.")],
    folder: Folder = None,
    storage: Annotated[
        str, typer.Option(help="postgresql+psycopg://USER@HOST/DATABASE or grpc://HOST:PORT. Default: a journal file.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and write nothing.")] = False,
) -> None:
    """Create a study.

    Example: mixopt study create studies/shapes.yaml
    """
    from mixopt.cli.plan_summary import plan_lines
    from mixopt.study.plan import checked_spec
    from mixopt.study.study import Study

    if dry_run:
        for line in plan_lines(checked_spec(file, elsewhere=True)):
            say(line)
        return
    study = Study.create(file, folder, storage)
    where = f" --folder {folder}" if folder else ""
    say(f"created study {study.spec.study} in {study.folder.path}")
    begin = "run it: mixopt study resume" if study.spec.backend else "its first mixture: mixopt study ask"
    say(f"{begin} {study.spec.study}{where}")


def replicate(
    name: Name,
    mixture: Annotated[
        str, typer.Argument(help="`recommended`, a trial's number, a label such as `all`, or JSON weights.")
    ],
    seeds: Annotated[str, typer.Option(help="Training seeds, separated by commas.")] = "1,2,3",
    slots: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 1,
    folder: Folder = None,
) -> None:
    """Train a mixture again with other training seeds, outside the budget; the recommendation uses the runs.

    Example: mixopt study replicate shapes all --seeds 1,2,3 --slots 2
    """
    from mixopt.study.plan import trainer_of
    from mixopt.study.replicates import mixture_of, replicate_runs
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    weights = mixture_of(study, mixture)
    wanted = seeds_of(seeds)
    with stoppable(name):
        results = replicate_runs(study, trainer_of(study.spec), weights, wanted, slots)
    values = [study.values(result) for result in results]
    for seed, row in zip(wanted, values, strict=True):
        say(f"seed {seed:6d}  {_numbers(row)}")
    columns = list(zip(*values, strict=True))
    spread = f"  sd {_numbers([stdev(column) for column in columns])}" if len(values) > 1 else ""
    say(f"mean {_numbers([mean(column) for column in columns])}{spread}  of {len(values)} runs")
    say(f"they count in the recommendation and in no budget: mixopt study recommend {name}")


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.4f}" for value in values)


def delete(
    name: Name,
    folder: Folder = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a study and everything in its folder.

    Example: mixopt study delete shapes --yes
    """
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    count = len(study.trials())
    if not yes:
        typer.confirm(visible(f"delete study {name} and its {count} trials in {study.folder.path}?"), abort=True)
    study.delete()
    say(f"deleted study {name} with {count} trials")


STUDY_COMMANDS: dict[str, Callable[..., None]] = {  # in the order of a study's life
    "new": new,
    "schema": schema,
    "create": create,
    "resume": resume,
    "list": list_,
    "show": show,
    "recommend": recommend,
    "effects": effects,
    "front": front,
    "report": report,
    "dashboard": dashboard,
    "replicate": replicate,
    "train": train,
    "ask": ask,
    "tell": tell,
    "forget": forget,
    "base": base,
    "import": import_,
    "export": export,
    "pause": pause,
    "stop": stop,
    "retry": retry,
    "prune": prune,
    "delete": delete,
}
for word, command in STUDY_COMMANDS.items():
    study_app.command(word)(command)


def _warner() -> Callable[..., None]:
    """Return a function that prints each warning once; Python forgets what it printed when libraries change filters."""
    said: set[str] = set()

    def warn_once(message: Warning | str, *_: object, **__: object) -> None:
        if str(message) not in said:
            said.add(str(message))
            warn(message)

    return warn_once


def main() -> None:
    """Run a command; an error that mixopt raises on purpose is one line and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # characters that a locale such as C has not
    logging.disable(logging.INFO)  # Optuna's own lines would break into the progress display
    logging.setLogRecordFactory(PlainRecord)
    warnings.simplefilter("ignore")  # libraries' own; ours are for people
    warnings.filterwarnings("default", category=UserWarning, module="mixopt")
    warnings.showwarning = _warner()
    try:
        sys.exit(app(standalone_mode=False))
    except MixoptError as error:
        _refuse(*error.problems)
    except typer.TyperException as error:  # no such command or option; its message is empty where help was shown
        _refuse(error.format_message() or "give a command")
    except typer.Abort:
        _end(1, "aborted")
    except OSError as error:
        _refuse(f"{error.filename or 'the file system'}: {error.strerror}: fix it there, or name another place")
    except Exception as fault:
        complain_of_fault(fault)
        sys.exit(1)


def _refuse(*problems: str) -> NoReturn:
    _end(2, *(" ".join(problem.splitlines()) for problem in problems))  # one line each, whatever names they hold


def _end(code: int, *problems: str) -> NoReturn:
    for problem in problems:
        complain(problem)
    sys.exit(code)
