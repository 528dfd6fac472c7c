"""The page docs/study-file.md: every key of a study file with type, default and description, from the JSON Schema."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import yaml

from mixopt.study.spec.schema import Schema, alternatives

HEAD = """\
# The study file

Everything about a study is in one YAML file. This is [studies/shapes.yaml](../studies/shapes.yaml), the study of
`make study`:

```yaml
{example}```

- `mixopt study new NAME` writes a first study file; `mixopt study create FILE --dry-run` checks one and prints the
  plan.
- All errors of a file are reported at once, one line each, with the key, the value and the fix.
- Editors with a YAML language server (VS Code with the YAML extension, Neovim, Emacs, JetBrains) complete the keys,
  explain them and mark mistakes, if the first line names the schema. `mixopt study new` writes that line, for the
  machine that it runs on. For others: `mixopt study schema > study.schema.json` beside the study file, and the first
  line `# yaml-language-server: $schema=study.schema.json`.
- Relative paths start from the folder of the study file, wherever the study is created or run: in the options of
  `rlvr` all text that starts with `./` or `../` and all names of files and folders that are there, and in `argv` all
  names of files with a dot or a slash.
- Keys that several domains share can be merged: `b: {{<<: *base}}` takes the keys of the mapping marked `&base`.

This page is made from the code by `make schema`.
"""
TABLE = "| key | type | default | description |\n|---|---|---|---|"
TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
LIMITS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
NO_LIMIT = 10**9  # a maximum that is there for safety alone


def page(schema: Schema, example: str) -> str:
    """Return the page, as Markdown.

    Args:
        schema: The JSON Schema of study files.
        example: Text of the study file at the top of the page.
    """
    tables = _tables("All keys", [], [schema], schema, seen=[])
    return HEAD.format(example=example) + "\n" + "\n".join(tables).rstrip() + "\n"


def _tables(title: str, path: list[str], parts: list[Schema], schema: Schema, seen: list[Schema]) -> Iterator[str]:
    """The table of the keys of mappings, and then those of the mappings below them, each once."""
    seen += parts
    keys = {key: (value, part) for part in parts for key, value in part["properties"].items()}
    yield f"{'##' if not path else '###'} {title}\n\n{TABLE}"
    for key, (value, part) in keys.items():
        choices = len(parts) > 1
        default = "" if choices else "required" if key in part.get("required", ()) else _default(value)
        yield f"| `{key}` | {_type(value, schema)} | {default} | {_description(value)} |"
    yield ""
    for key, (value, _) in keys.items():
        below = [(where, part) for where, part in _mappings([*path, key], value, schema) if part not in seen]
        for where, found in groupby(below, key=lambda one: one[0]):
            mappings = [part for _, part in found]
            one_key = [part for part in mappings if len(part["properties"]) == 1]
            for group in [one_key] if one_key == mappings else [[part] for part in mappings]:
                if not any(part in seen for part in group):
                    yield from _tables(".".join(where), where, group, schema, seen)


def _mappings(path: list[str], value: Schema, schema: Schema) -> Iterator[tuple[list[str], Schema]]:
    """The mappings with known keys at and below a value, and where they are."""
    for part in alternatives(value, schema):
        if "properties" in part:
            yield path, part
        for name, below in (("items", path), ("additionalProperties", [*path, "NAME"])):
            if isinstance(part.get(name), dict):
                yield from _mappings(below, part[name], schema)
        for named in part.get("patternProperties", {}).values():
            yield from _mappings([*path, "NAME"], named, schema)


def _type(value: Schema, schema: Schema) -> str:
    """What a value may be, in words."""
    kinds = [_kind(part) for part in alternatives(value, schema) if part.get("type") != "null"]
    return " or ".join(dict.fromkeys(kinds))


def _kind(part: Schema) -> str:
    if "enum" in part:
        return ", ".join(f"`{choice}`" for choice in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    if part.get("type") == "array":
        return {"integer": "list of whole numbers", "string": "list of texts"}.get(
            part.get("items", {}).get("type"), "list"
        )
    limits = "".join(f" {word} {part[key]:g}" for key, word in LIMITS.items() if part.get(key, NO_LIMIT) < NO_LIMIT)
    return TYPES.get(part.get("type", ""), "mapping" if part.get("type") == "object" else "anything") + limits


def _default(value: Schema) -> str:
    return f"`{_yaml(value['default'])}`" if value.get("default") not in (None, {}, []) else ""


def _description(value: Schema) -> str:
    texts = [value.get("description", "")]
    if examples := value.get("examples"):
        texts.append("Example: " + ", ".join(f"`{_yaml(example)}`" for example in examples))
    linked = re.sub(r"docs/(\w+\.md)", r"[\1](\1)", " ".join(texts))
    return linked.replace("|", "\\|")


def _yaml(value: Any) -> str:
    """A value on one line, as in a study file."""
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6).removesuffix("...\n").strip()
