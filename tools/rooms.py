"""Draw the import structure of mixopt: its rooms (packages and loose modules), floor by floor.

    python tools/rooms.py

A room is on the floor above the highest room that it imports. An arrow is upward if it is part of an import cycle
between rooms. `make lint` checks the order of the floors (the contract in pyproject.toml).
"""

import ast
import sys
from collections import defaultdict
from itertools import groupby
from pathlib import Path

import networkx

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else "mixopt")


def rooms_imported(file: Path) -> set[str]:
    """Return the rooms of mixopt that a module imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "mixopt":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mixopt."):
            found.add(str(node.module).split(".")[1])
    return found


def main() -> None:
    """Print the floors from the top, then the counts."""
    files = defaultdict(list)
    for file in sorted(ROOT.rglob("*.py")):
        if (name := file.relative_to(ROOT).parts[0].removesuffix(".py")) != "__init__":
            files[name].append(file)
    graph = networkx.DiGraph()
    graph.add_nodes_from(files)
    for room, modules in files.items():
        graph.add_edges_from((room, other) for m in modules for other in rooms_imported(m) & files.keys() - {room})
    cycles = networkx.condensation(graph)
    floors = dict[str, int]()
    for group in reversed(list(networkx.topological_sort(cycles))):
        below = [floors[room] for part in cycles.successors(group) for room in cycles.nodes[part]["members"]]
        floors |= dict.fromkeys(cycles.nodes[group]["members"], 1 + max(below, default=0))
    for floor, rooms in groupby(sorted(floors, key=lambda room: (-floors[room], room)), key=floors.__getitem__):
        print(f"{floor:3}  {'  '.join(rooms)}")
    groups = [cycles.nodes[group]["members"] for group in cycles]
    upward = sum(graph.subgraph(group).number_of_edges() for group in groups if len(group) > 1)
    print(f"{len(files)} rooms, {max(floors.values())} floors, {upward} arrows in import cycles")


main()
