"""Relative paths of a study file start from its own folder, wherever the study is created or run.

The options of a command are its own affair: what they say goes into the request as it stands.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from mixopt.study.spec.aliases import composed
from mixopt.trainers.rlvr import EMBEDDED

PLACES = ("model", "encoder", "data", "launch")  # the options of rlvr_backend that may hold paths, at any depth
MERGE = "tag:yaml.org,2002:merge"  # of the key `<<`
POLICY = "policy"  # nor is an encoder by this one
NOT_PATHS = ("question", "answer", "boxes", "image", "reward", "split")  # the keys beside a path in `data`
PROPERTIES = re.compile(r"^(?:[&!]\S*\s+)*")  # an anchor or a tag in front of a text


def anchored(text: str, folder: Path) -> str:
    """The text of a study file with its relative paths made absolute; all else in it stays to the letter.

    Of rlvr's options, text that starts with `./` or `../` is a path; other text is one where `folder` holds what it
    names, so that `org/name` may still be meant for the hub. Of a command's argv, what names a file in `folder` is one.
    Raises yaml.YAMLError.
    """
    root = composed(text)
    options = [(place, node) for place in PLACES for node in _texts(_at(root, ("backend", "rlvr", place)))]
    reserved = ("encoder", POLICY)
    paths = [node for place, node in options if (place, node.value) != reserved and _is_option_path(node.value, folder)]
    paths += _files_of_argv(_at(root, ("backend", "command", "argv")), folder)
    for start, node in sorted({node.start_mark.index: node for node in paths}.items(), reverse=True):
        said, after = text[start : node.end_mark.index], text[node.end_mark.index :]
        quoted = "'" + os.path.normpath(folder.absolute() / node.value).replace("'", "''") + "'"
        space = said[len(said.rstrip()) :]  # what ends a block of text belongs to the next line
        text = text[:start] + PROPERTIES.findall(said)[0] + quoted + space + after
    return text


def _is_option_path(value: str, folder: Path) -> bool:
    return value.startswith(("./", "../")) or (value != EMBEDDED and os.path.exists(folder / value))


def _files_of_argv(argv: yaml.Node | None, folder: Path) -> Iterator[yaml.ScalarNode]:
    """The arguments that name files in `folder`; the program only by a path, and no bare word such as `launch`."""
    nodes = argv.value if isinstance(argv, yaml.SequenceNode) else []
    for place, node in enumerate(nodes):
        alias = node.start_mark.index < (argv.start_mark.index if argv else 0)  # it stands elsewhere
        if isinstance(node, yaml.ScalarNode) and not alias and not os.path.isabs(node.value):
            path_like = "/" in node.value or ("." in node.value and place > 0)
            if path_like and os.path.isfile(folder / node.value):
                yield node


def _at(node: yaml.Node | None, keys: tuple[str, ...]) -> yaml.Node | None:
    """What stands under a chain of keys."""
    for wanted in keys:
        node = next((value for key, value in _items(node) if key == wanted), None)
    return node


def _texts(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """All texts at and below a node that may be paths."""
    if isinstance(node, yaml.ScalarNode) and node.value and node.tag.endswith(":str"):
        yield node
    for key, value in _items(node):
        if key not in NOT_PATHS:
            yield from _texts(value)


def _items(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """The keys of a mapping, and what stands under them; merged ones where it does not say them itself."""
    if isinstance(node, yaml.MappingNode):
        own = [(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]
        said = {key.value for key, _ in own if key.tag != MERGE}
        yield from ((key.value, value) for key, value in own if key.tag != MERGE)
        for value in (value for key, value in own if key.tag == MERGE):
            for base in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                merged = [(key, under) for key, under in _items(base) if key not in said]
                said |= {key for key, _ in merged}
                yield from merged
