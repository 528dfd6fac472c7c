"""From a file to a StudySpec."""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mixopt.errors import MixoptError, StudyFileError
from mixopt.spec.meaning import check_meaning
from mixopt.spec.paths import anchored
from mixopt.spec.study import StudySpec
from mixopt.spec.wording import in_words


class Loader(yaml.SafeLoader):
    """YAML that refuses a key said twice, and reads 1e-6 as the number everybody means."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value):
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} is said twice", problem_mark=key_node.start_mark)
        return super().construct_mapping(node, deep)


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def read_spec(path: Path) -> StudySpec:
    """Read and check a study file.

    Raises:
        StudyFileError: it cannot be read, or says something that cannot be; one line with file, key and mend.
    """
    return spec_of(study_text(path), path)


def study_text(path: Path) -> str:
    """The text of a study file, which a pipe gives only once; raises StudyFileError where it cannot be read."""
    try:
        return path.read_text()
    except OSError as error:
        raise StudyFileError(f"{path}: cannot be read ({error.strerror}): give the path of a study file") from error
    except UnicodeDecodeError as error:
        raise StudyFileError(f"{path}: is not YAML (unreadable characters): mend it there") from error


def spec_of(text: str, path: Path) -> StudySpec:
    """Check the text of a study file that was read from `path`; raises StudyFileError as `read_spec`."""
    try:
        data = yaml.load(anchored(text, path.parent), Loader)
    except RecursionError as error:
        raise StudyFileError(f"{path}: is nested too deeply: a study file has some six levels") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" at line {where.line + 1}" if where else ""
        what = getattr(error, "problem", None) or "unreadable characters"
        raise StudyFileError(f"{path}: is not YAML{line} ({what}): mend it there") from error
    if not isinstance(data, dict):
        raise StudyFileError(f"{path}: is not a study file: it must start with `study: NAME`")
    try:
        spec = StudySpec.model_validate(data)
    except ValidationError as error:
        raise StudyFileError(f"{path}: {in_words(error)}") from error
    try:
        check_meaning(spec)
    except MixoptError as error:
        raise StudyFileError(f"{path}: {error}") from error
    return spec
