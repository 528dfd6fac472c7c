"""Arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(help="The study's name.")]
Folder = Annotated[
    Path | None, typer.Option(help="The study's folder; without it $MIXOPT_HOME/NAME, or ~/.mixopt/NAME.")
]
