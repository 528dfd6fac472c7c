"""Read a study file: YAML text to a checked StudySpec."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mixopt.errors import StudyFileError
from mixopt.study.spec.aliases import composed
from mixopt.study.spec.base_directory import base_directory
from mixopt.study.spec.checks import problems_of
from mixopt.study.spec.error_messages import in_words, shortened
from mixopt.study.spec.study import StudySpec

MERGE = "tag:yaml.org,2002:merge"  # of the key `<<`
VALUE = "tag:yaml.org,2002:value"  # of the key `=`
LARGEST = 10**7  # characters of a study file
UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, OverflowError)  # of a scalar that is not of its kind


class Loader(yaml.SafeLoader):
    """YAML loader that refuses repeated keys and reads 1e-6 as a number.

    A merge key (`<<: *base`, or a list of these) adds the keys of another mapping that its own mapping lacks.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._merged = set[int]()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge the keys of `<<`, and refuse a key that appears twice."""
        if id(node) in self._merged:  # as one that others merge
            return
        self._merged.add(id(node))
        seen = set[Any]()
        for key_node, _ in node.value:
            literal = key_node.tag in (MERGE, VALUE)
            key = key_node.value if literal else self.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
            if not isinstance(key, Hashable):
                raise yaml.MarkedYAMLError(problem="a key is a list or a mapping", problem_mark=key_node.start_mark)
            if key in seen:
                several = ": write `<<: [*one, *other]`" if key_node.tag == MERGE else ""
                problem = f"key {key!r} appears twice{several}"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            seen.add(key)
        super().flatten_mapping(node)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Return a node's value, and refuse one that is not of its kind."""
        try:
            return super().construct_object(node, deep)
        except UNREADABLE as error:
            kind, said = node.tag.rpartition(":")[2], shortened(str(node.value))
            problem = f"{said} cannot be read as {kind}: put it in quotes if it is text"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def read_spec(path: Path) -> StudySpec:
    """Read and check a study file.

    Args:
        path: The study file. Relative paths in it start from its folder; in the folder of a study, from the folder
            that the file was in when the study was created.

    Returns:
        The checked study file.

    Raises:
        StudyFileError: The file cannot be read or has errors; all of them, one line each.
    """
    return spec_of(study_text(path), path)


def study_text(path: Path) -> str:
    """Return the text of a study file as it is, line ends included; a pipe gives it only once.

    Raises:
        StudyFileError: The file cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise StudyFileError(f"{path}: cannot be read ({error.strerror}): give the path of a study file") from error
    except UnicodeDecodeError as error:
        raise StudyFileError(f"{path}: is not YAML (unreadable characters): save it as UTF-8") from error
    if len(text) > LARGEST:
        raise StudyFileError(f"{path}: is no study file: it has more than {LARGEST} characters")
    return text


def spec_of(text: str, path: Path) -> StudySpec:
    """Check the text of a study file that was read from `path`; raises StudyFileError as `read_spec` does."""
    data = _data(text, path)
    try:
        spec = StudySpec.model_validate(data, context={"directory": base_directory(path)})
    except ValidationError as error:
        raise StudyFileError(*(f"{path}: {line}" for line in in_words(error))) from error
    if problems := [f"{path}: {line}" for line in problems_of(spec)]:
        raise StudyFileError(*problems)
    return spec


def _data(text: str, path: Path) -> dict[Any, Any]:
    """The mapping that a text holds; raises StudyFileError, with the line where there is one."""
    try:
        composed(text)
        data = yaml.load(text, Loader)
    except RecursionError as error:
        raise StudyFileError(f"{path}: is nested too deeply: a study file has about six levels") from error
    except yaml.YAMLError as error:
        where, character = getattr(error, "problem_mark", None), getattr(error, "position", None)
        number = where.line + 1 if where else None if character is None else text.count("\n", 0, character) + 1
        line = f" at line {number}" if number else ""
        what = getattr(error, "problem", None) or "unreadable characters"
        raise StudyFileError(f"{path}: is not YAML{line} ({what}): fix it there") from error
    if not isinstance(data, dict):
        raise StudyFileError(f"{path}: is not a study file: it must start with `study: NAME`")
    return data
