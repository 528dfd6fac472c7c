"""`mixopt study report`: write a study's HTML report."""

from pathlib import Path
from typing import Annotated

import typer

from mixopt.cli.arguments import Folder, Name
from mixopt.cli.console import say
from mixopt.errors import MixoptError


def report(
    name: Name,
    output: Annotated[
        Path | None, typer.Option(help="The file to write. Default: figures/report.html in the study's folder.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Write a study's report, one HTML file that works offline.

    Example: mixopt study report shapes
    """
    from mixopt.reporting.report import report as written
    from mixopt.storage.files import write_whole
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    path = output or study.folder.figures / "report.html"
    try:
        if output is None:
            path.parent.mkdir(exist_ok=True)
        write_whole(path, written(study))
    except OSError as error:
        raise MixoptError(f"--output {path}: cannot be written ({error.strerror}): name another file") from error
    say(f"report {path}")
