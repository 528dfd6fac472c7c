"""Who trains: the `backend` of a study file."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from mixopt.spec.base import Strict, only_key


class RlvrSpec(Strict):
    """Training by rlvr_backend; its options are checked there, and what is not said has the paper's value."""

    rlvr: dict[str, Any]


class CommandOptions(Strict):
    """Any program that keeps the file contract; `{request}` in its arguments becomes the request's path."""

    argv: Annotated[list[str], Field(min_length=1)]
    options: dict[str, Any] = Field(default_factory=dict)


class CommandSpec(Strict):
    """Training by a program of the user's."""

    command: CommandOptions


BackendSpec = Annotated[
    Annotated[RlvrSpec, Tag("rlvr")] | Annotated[CommandSpec, Tag("command")], Discriminator(only_key)
]
