"""Relative paths of a study file start from its own folder, wherever the study is created or run."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from mixopt.spec.aliases import composed

PLACES = ("model", "encoder", "data", "launch")  # the options of rlvr_backend that may hold paths, at any depth
EMBEDDED = "shapes"  # a model by this name is no folder
NOT_PATHS = ("question", "answer", "boxes", "image", "reward", "split")  # the keys beside a path in `data`
PROPERTIES = re.compile(r"^(?:[&!]\S*\s+)*")  # an anchor or a tag in front of a text


def anchored(text: str, folder: Path) -> str:
    """The text of a study file with its relative paths made absolute; all else in it stays to the letter.

    Text that starts with `./` or `../` is a path; other text is one where `folder` holds what it names, so that
    `org/name` may still be meant for the hub. Raises yaml.YAMLError.
    """
    root = composed(text)
    nodes = [node for place in PLACES for node in _texts(_at(root, ("backend", "rlvr", place)))]
    for start, node in sorted({node.start_mark.index: node for node in nodes}.items(), reverse=True):
        path = os.path.join(folder.absolute(), node.value)
        if node.value.startswith(("./", "../")) or (node.value != EMBEDDED and os.path.exists(path)):
            quoted = "'" + os.path.normpath(path).replace("'", "''") + "'"
            before, after = PROPERTIES.findall(text[start : node.end_mark.index])[0], text[node.end_mark.index :]
            text = text[:start] + before + quoted + after
    return text


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
    """The keys of a mapping, and what stands under them."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, value
