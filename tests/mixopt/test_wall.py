"""The wall between the two packages: they share the file contract and no import."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {"mixopt": {"rlvr_backend", "transformers", "trl", "accelerate", "datasets"}, "rlvr_backend": {"mixopt"}}


def imported(path):
    """The top-level modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_neither_package_imports_the_other_or_its_stack(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert len(files) > 15
    assert {(path.name, name) for path in files for name in imported(path) if name in FORBIDDEN[package]} == set()


def test_the_public_names_are_sorted_and_there():
    import mixopt

    assert list(mixopt.__all__) == sorted(mixopt.__all__)
    assert all(getattr(mixopt, name).__doc__ for name in mixopt.__all__)
