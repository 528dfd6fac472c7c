"""Who trains: the `backend` of a study file."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from mixopt.study.spec.base import Strict, only_key


def _as_json(options: dict[str, Any]) -> dict[str, Any]:
    """The same, as it goes into every request."""
    try:
        json.dumps(options, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"must be text, finite numbers, yes and no, lists and mappings ({error})") from error
    return options


Options = Annotated[dict[str, Any], AfterValidator(_as_json)]
Argument = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]


class RlvrSpec(Strict):
    """Training by rlvr_backend; its options are checked there, and what is not said has the paper's value."""

    rlvr: Options


class CommandOptions(Strict):
    """Any program that keeps the file contract; `{request}` in its arguments becomes the request's path."""

    argv: Annotated[list[Argument], Field(min_length=1)]
    options: Options = Field(default_factory=dict)


class CommandSpec(Strict):
    """Training by a program of the user's."""

    command: CommandOptions


BackendSpec = Annotated[
    Annotated[RlvrSpec, Tag("rlvr")] | Annotated[CommandSpec, Tag("command")], Discriminator(only_key)
]
