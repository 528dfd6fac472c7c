"""The key `backend` of a study file: which program trains."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, Tag

from mixopt.study.spec.base import Strict, one_key_of


def _as_json(options: dict[str, Any]) -> dict[str, Any]:
    """Options that can be written into a request, which is JSON."""
    try:
        json.dumps(options, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"must be text, finite numbers, true and false, lists and mappings ({error})") from error
    return options


Options = Annotated[dict[str, Any], AfterValidator(_as_json)]
Argument = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
EmptyIsNone = BeforeValidator(lambda options: {} if options is None else options)  # `rlvr:` without anything after it


class RlvrSpec(Strict):
    """Train with the GRPO trainer that comes with mixopt. It checks its own options."""

    rlvr: Annotated[Options, EmptyIsNone] = Field(
        description="Options of the GRPO trainer. An option that is not given has the value of the MoDoMoDo paper.",
        examples=[{"model": "shapes"}],
    )


class CommandOptions(Strict):
    """A program that trains one trial, and its options."""

    argv: Annotated[list[Argument], Field(min_length=1)] = Field(
        description="The command, one list entry for each argument. `{request}` is replaced by the path of the trial's "
        "`request.json`; without it that path is added at the end. An argument that names a file in the folder of the "
        "study file becomes an absolute path.",
        examples=[["python", "my_trainer.py", "{request}"]],
    )
    options: Options = Field(
        default_factory=dict,
        description="Options of the program: any keys and values. They go into every `request.json` unchanged, so that "
        "paths in them should be absolute.",
        examples=[{"batch": 64}],
    )


class CommandSpec(Strict):
    """Train with a program of your own."""

    command: CommandOptions = Field(
        description="Any program that reads `request.json` and writes `result.json` (docs/trainers.md)."
    )


BackendSpec = Annotated[
    Annotated[RlvrSpec, Tag("(rlvr)")] | Annotated[CommandSpec, Tag("(command)")], one_key_of("rlvr", "command")
]
