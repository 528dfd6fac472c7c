"""The JSON Schema of study files, for editors, for docs/study-file.md, and for suggestions in messages.

It is shipped as study.schema.json. `make schema` writes that file anew with tools/study_schema.py, which adds the
options of rlvr_backend: mixopt never imports it.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFINITIONS = "#/$defs/"
FILE = Path(__file__).with_name("study.schema.json")


class InOrder(GenerateJsonSchema):
    """Keys of a schema in the order in which the models have them."""

    def sort(self, value: Any, parent_key: str | None = None) -> Any:
        """Sort nothing."""
        return value


@cache
def study_schema() -> Schema:
    """The schema, as shipped."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def generated(options: Schema) -> Schema:
    """The schema, from the models and the schema of the options of `backend: rlvr:`."""
    from mixopt.study.spec.study import StudySpec

    study, options = StudySpec.model_json_schema(schema_generator=InOrder), dict(options)
    rlvr = study["$defs"]["RlvrSpec"]["properties"]
    theirs = options.pop("$defs", {})
    name = options["title"]
    assert not {name, *theirs} & study["$defs"].keys(), "two definitions have the same name"
    rlvr["rlvr"] = {
        "anyOf": [{"$ref": DEFINITIONS + name}, {"type": "null"}],
        **{key: rlvr["rlvr"][key] for key in ("description", "examples")},
    }
    study["$defs"] |= {name: options, **theirs}
    schema = {"$schema": DIALECT, "title": "A study file of mixopt", **_without_noise(study)}
    return dict(sorted(schema.items(), key=lambda item: item[0] == "$defs"))  # the definitions last


def _without_noise(part: Any, keys: bool = False) -> Any:
    """A schema without what pydantic adds for no reader: titles, and null as the default of a key that may be missing.

    Args:
        part: A part of the schema.
        keys: Whether the keys of the part are those of a study file, and no words of JSON Schema.
    """
    if isinstance(part, list):
        return [_without_noise(one) for one in part]
    if not isinstance(part, dict):
        return part
    if keys:
        return {key: _without_noise(value) for key, value in part.items()}
    return {
        key: value if key in ("examples", "default") else _without_noise(value, key in ("properties", "$defs"))
        for key, value in part.items()
        if key != "title" and (key, value) != ("default", None)
    }


def alternatives(part: Schema, schema: Schema) -> Iterator[Schema]:
    """What a part of the schema refers to: itself, or its alternatives one by one."""
    if "$ref" in part:
        yield from alternatives(schema["$defs"][part["$ref"].removeprefix(DEFINITIONS)], schema)
    for one in (*part.get("anyOf", ()), *part.get("oneOf", ())):
        yield from alternatives(one, schema)
    if not {"$ref", "anyOf", "oneOf"} & part.keys():
        yield part


def keys_at(path: Sequence[str]) -> list[str]:
    """The keys that a study file may have under a chain of keys, such as `strategy`, `0`, `seed`."""
    schema = study_schema()
    parts = list(alternatives(schema, schema))
    for key in path:
        below = [one for part in parts for one in _below(part, key)]
        parts = [one for part in below for one in alternatives(part, schema)]
    return list(dict.fromkeys(key for part in parts for key in part.get("properties", ())))


def _below(part: Schema, key: str) -> list[Schema]:
    """What a part of the schema says of one of its keys or entries."""
    if key in part.get("properties", {}):
        return [part["properties"][key]]
    others = (*part.get("patternProperties", {}).values(), part.get("additionalProperties"), part.get("items"))
    return [one for one in others if isinstance(one, dict)]
