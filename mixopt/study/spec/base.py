"""What all parts of a study file share."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
Number = Annotated[float, Field(strict=True)]  # neither text nor yes and no
Share = Annotated[Number, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=10**9, strict=True)]
Trials = Annotated[int, Field(ge=1, le=10_000, strict=True)]  # or mixtures of a design
Seed = Annotated[int, Field(ge=0, lt=2**32, strict=True)]  # what the random generators of all libraries take


class Strict(BaseModel):
    """An unknown key is an error, and so are numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def only_key(entry: Any) -> str | None:
    """What tells phases, and backends, apart: the one key each has."""
    if isinstance(entry, BaseModel):
        return next(iter(type(entry).model_fields))
    return next(iter(entry)) if isinstance(entry, dict) and len(entry) == 1 else None
