"""Arguments that several commands share."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from mixopt.errors import MixoptError


def _names(incomplete: str) -> list[str]:
    """For a shell that completes the name of a study."""
    from mixopt.paths import study_names

    return [name for name in study_names() if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(help="The study's name.", autocompletion=_names)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]
Folder = Annotated[
    Path | None, typer.Option(help="The study's folder; without it $MIXOPT_HOME/NAME, or ~/.mixopt/NAME.")
]

Minimize = Annotated[
    bool | None, typer.Option("--minimize/--maximize", help="Whether smaller scores are better.", show_default=False)
]
Domains = Annotated[
    str | None, typer.Option(help="The columns of the weights, separated by commas; default: those that look like it.")
]
Normalize = Annotated[bool, typer.Option("--normalize", help="Divide every row's weights by their sum.")]


def refuse_options(said: Mapping[str, bool], why: str) -> None:
    """Raise MixoptError of those options that were said although they change nothing here, and why."""
    if useless := [option for option, is_said in said.items() if is_said]:
        raise MixoptError(f"{', '.join(useless)}: {why}: leave {'them' if len(useless) > 1 else 'it'} out")


def refuse_columns(value: str | None, domains: str | None, minimize: bool | None, normalize: bool, *, why: str) -> None:
    """`refuse_options` of those that say what the columns of a file are."""
    said = {
        "--value": value is not None,
        "--minimize/--maximize": minimize is not None,
        "--domains": domains is not None,
        "--normalize": normalize,
    }
    refuse_options(said, why)


def names_of(text: str) -> list[str]:
    """Names between commas, without the blanks round them."""
    return [name.strip() for name in text.split(",")]


def seeds_of(text: str) -> list[int]:
    """`1,2,3` as training seeds."""
    parts = text.split(",")
    if not all(re.fullmatch(r"\s*[0-9]{1,10}\s*", part) and int(part) < 2**32 for part in parts):
        raise MixoptError(f"--seeds {text}: say whole numbers below 2**32 separated by commas, such as 1,2,3")
    if len(set(map(int, parts))) < len(parts):
        raise MixoptError(f"--seeds {text}: says a seed twice: name each once")
    return [int(part) for part in parts]


def more_trials(text: str | None) -> int:
    """`+10` as a number of trials to add."""
    if text is None:
        return 0
    if not re.fullmatch(r"\+[1-9][0-9]{0,3}", text):
        raise MixoptError(f"--trials {text}: say how many to add, such as +10")
    return int(text)
