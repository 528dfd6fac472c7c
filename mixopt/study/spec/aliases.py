"""The nodes of a YAML text, with no more behind its aliases than can be worked with.

Ten lines of aliases of aliases can stand for more values than any memory holds, and an alias of what it stands in for
endlessly many.
"""

import yaml

MOST = 10**6  # values of a study file, every alias written out


def composed(text: str) -> yaml.Node | None:
    """The root node of a text, None of an empty one; raises yaml.YAMLError, also where there is too much behind it."""
    root = yaml.compose(text, yaml.SafeLoader)
    if root and _values(root, {}) > MOST:
        raise yaml.MarkedYAMLError(problem="its aliases hold themselves, or too much", problem_mark=root.start_mark)
    return root


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for; too many where it holds itself."""
    if id(node) not in known:
        known[id(node)] = MOST + 1  # until it is counted
        known[id(node)] = 1 + sum(_values(part, known) for part in _parts(node))
    return known[id(node)]


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
