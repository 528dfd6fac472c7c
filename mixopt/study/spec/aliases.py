"""Protection against YAML bombs: a limit on the number of values that the aliases of a text stand for.

Ten lines of aliases of aliases can stand for more values than fit into memory, and an alias inside the value that it
stands for has no end.
"""

import yaml

MOST = 10**6  # values of a study file, with every alias replaced by its value


def composed(text: str) -> yaml.Node | None:
    """Return the root node of a text, None for an empty one.

    Raises:
        yaml.YAMLError: It is not YAML, or stands for more than MOST values.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    if root and _values(root, {}) > MOST:
        raise yaml.MarkedYAMLError(problem="its aliases hold themselves, or too much", problem_mark=root.start_mark)
    return root


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """The number of values that a node stands for; more than MOST if it holds itself."""
    if id(node) not in known:
        known[id(node)] = MOST + 1  # until it is counted
        known[id(node)] = 1 + sum(_values(part, known) for part in _parts(node))
    return known[id(node)]


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
