"""Types and validators that all parts of a study file share."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
Number = Annotated[float, Field(strict=True)]  # neither text nor true and false
Positive = Annotated[Number, Field(gt=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=10**9, strict=True)]
Trials = Annotated[int, Field(ge=1, le=10_000, strict=True)]  # or mixtures of a design
Seed = Annotated[int, Field(ge=0, lt=2**32, strict=True)]  # the range that the random generators of all libraries take


class Strict(BaseModel):
    """A part of a study file: unknown keys and numbers that are not finite are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def kind_of(value: Any) -> str:
    """Tag of a value that may be text, a list or a mapping.

    Tags are in parentheses, so that messages can leave them out of the place of an error.
    """
    if isinstance(value, (dict, BaseModel)):
        return "(mapping)"
    return "(list)" if isinstance(value, (list, tuple)) else "(text)"


def only_key(entry: Any) -> str | None:
    """Tag of a mapping with one key, as phases and backends are; None for anything else."""
    if isinstance(entry, BaseModel):
        return f"({next(iter(type(entry).model_fields))})"
    return f"({next(iter(entry))})" if isinstance(entry, dict) and len(entry) == 1 else None


def one_key_of(*keys: str) -> Discriminator:
    """Discriminator of mappings with one of these keys."""
    expected = f"{', '.join(keys[:-1])} or {keys[-1]}"
    return Discriminator(only_key, "one_key_of", f"must be one of {expected}, with its options after the colon")


def listed(value: Any) -> Any:
    """A list of one text for a text, which is what it plainly means; anything else as it is."""
    return [value] if isinstance(value, str) else value


def one_or_more(entry: Any) -> BeforeValidator:
    """Validator of a list of `entry` that may be written as a single text."""
    return BeforeValidator(listed, json_schema_input_type=list[entry] | entry)
