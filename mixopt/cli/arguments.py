"""Arguments and options that several commands share."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from mixopt.errors import MixoptError


def _names(incomplete: str) -> list[str]:
    """Complete the name of a study in a shell."""
    from mixopt.paths import study_names

    return [name for name in study_names() if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(help="The study's name.", autocompletion=_names)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
Folder = Annotated[Path | None, typer.Option(help="The study's folder. Default: $MIXOPT_HOME/NAME, or ~/.mixopt/NAME.")]

Minimize = Annotated[
    bool | None, typer.Option("--minimize/--maximize", help="Whether smaller scores are better.", show_default=False)
]
Domains = Annotated[str | None, typer.Option(help="Columns of weights, separated by commas. Default: detected.")]
Normalize = Annotated[bool, typer.Option("--normalize", help="Divide every row's weights by their sum.")]


def refuse_options(said: Mapping[str, bool], why: str) -> None:
    """Refuse options that have no effect here.

    Raises:
        MixoptError: names them, and says why.
    """
    if useless := [option for option, is_said in said.items() if is_said]:
        raise MixoptError(f"{', '.join(useless)}: {why}: leave {'them' if len(useless) > 1 else 'it'} out")


def refuse_columns(value: str | None, domains: str | None, minimize: bool | None, normalize: bool, *, why: str) -> None:
    """Refuse the options that describe columns of a file.

    Raises:
        MixoptError: as `refuse_options`.
    """
    said = {
        "--value": value is not None,
        "--minimize/--maximize": minimize is not None,
        "--domains": domains is not None,
        "--normalize": normalize,
    }
    refuse_options(said, why)


def names_of(text: str) -> list[str]:
    """Split names at commas."""
    return [name.strip() for name in text.split(",")]


def seeds_of(text: str) -> list[int]:
    """Read `1,2,3` as training seeds."""
    parts = text.split(",")
    if not all(re.fullmatch(r"\s*[0-9]{1,10}\s*", part) and int(part) < 2**32 for part in parts):
        raise MixoptError(f"--seeds {text}: give whole numbers below 2**32 separated by commas, such as 1,2,3")
    if len(set(map(int, parts))) < len(parts):
        raise MixoptError(f"--seeds {text}: has a seed twice: give each once")
    return [int(part) for part in parts]


def more_trials(text: str | None) -> int:
    """Read `+10` as a number of trials to add."""
    if text is None:
        return 0
    if not re.fullmatch(r"\+[1-9][0-9]{0,3}", text):
        raise MixoptError(f"--trials {text}: give the number to add, such as +10")
    return int(text)
