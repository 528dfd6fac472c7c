"""The page docs/study-file.md: every key of a study file, from the JSON Schema."""

from collections.abc import Iterator

from mixopt.study.spec.schema import Schema

HEAD = """\
# The study file

Everything about a study, in one YAML file. This is [studies/shapes.yaml](../studies/shapes.yaml), the study of
`make study`:

```yaml
{example}```

An editor with a YAML language server (VS Code with the YAML extension, Neovim, Emacs, JetBrains) completes the keys,
explains them and marks mistakes. `mixopt study new` writes the line at the top of the file that it needs;
`mixopt study schema` prints the JSON Schema, for other editors and machines. `mixopt study create FILE --dry-run` checks
everything, and reports all errors of a file at once.

Keys that several domains share may be merged: `b: {{<<: *base}}` adds the keys of the mapping that is marked `&base`.
Relative paths start from the folder of the study file, wherever a study is created or run. In `backend: rlvr:`, text that
starts with `./` or `../` is a path, and so is the name of a file or folder that is there.

This page is made from the models by `make schema`.
"""
ROW = "| `{key}` | {type} | {default} | {description} |"
TABLE = "| key | type | default | what it is |\n|---|---|---|---|"


def page(schema: Schema, example: str) -> str:
    """Return the page, as Markdown.

    Args:
        schema: The JSON Schema of study files.
        example: A study file to begin with.
    """
    return "\n".join([HEAD.format(example=example), *_sections([], "All keys", schema, schema)])


def _sections(path: list[str], title: str, part: Schema, schema: Schema) -> Iterator[str]:
    """The table of a mapping's keys, and then those of the mappings below it."""
    required = part.get("required", ())
    yield f"{'#' * min(2 + len(path), 4)} {title}\n"
    yield TABLE
    for key, value in part["properties"].items():
        yield _row(key, value, key in required, schema)
    yield ""
    for key, value in part["properties"].items():
        for below in _mappings(value, schema):
            yield from _sections([*path, key], ".".join([*path, key]), below, schema)


def _row(key: str, value: Schema, required: bool, schema: Schema) -> str:
    default = (
        "required" if required else f"`{_yaml(value['default'])}`" if value.get("default") not in (None, {}, []) else ""
    )
    examples = ", ".join(f"`{_yaml(example)}`" for example in value.get("examples", ()))
    text = value.get("description", "") + (f" Example: {examples}" if examples else "")
    return ROW.format(key=key, type=_type(value, schema), default=default, description=text.replace("|", "\\|"))
