"""What all parts of a study file share."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, strict=True)]


class Strict(BaseModel):
    """An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def only_key(entry: Any) -> str | None:
    """What tells phases, and backends, apart: the one key each has."""
    if isinstance(entry, BaseModel):
        return next(iter(type(entry).model_fields))
    return next(iter(entry)) if isinstance(entry, dict) and len(entry) == 1 else None
