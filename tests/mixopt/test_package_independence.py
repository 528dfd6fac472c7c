"""Who imports what: mixopt and rlvr_backend share a file contract and no import, and no test file imports another."""

import ast
import re
from pathlib import Path

import pytest

IMPORT = re.compile(r"^\s*(?:from|import) ([\w.]+)", re.MULTILINE)
ROOT = Path(__file__).parents[2]
FORBIDDEN = {"mixopt": {"rlvr_backend", "transformers", "trl", "accelerate", "datasets"}, "rlvr_backend": {"mixopt"}}


def imported(source):
    """The modules that Python source imports, anywhere in it, and the names that it imports from them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def imported_test_files(source):
    """The test files that Python source imports, also in code that it hands to another process as a string."""
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    words = [word for text in strings if isinstance(text, str) for word in IMPORT.findall(text)]
    return {name for name in [*imported(source), *words] if re.search(r"(^|\.)test_", name)}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_neither_package_imports_the_other_or_its_stack(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert len(files) > 15
    found = {(path.name, name.split(".")[0]) for path in files for name in imported(path.read_text())}
    assert {pair for pair in found if pair[1] in FORBIDDEN[package]} == set()


def test_no_test_file_imports_another():
    """What several of them use is in tests/support."""
    files = sorted((ROOT / "tests").rglob("*.py"))
    assert len(files) > 100
    assert {(path.name, name) for path in files for name in imported_test_files(path.read_text())} == set()


@pytest.mark.parametrize(
    "source",
    [
        "from {other} import run",
        "import tests.mixopt.{other}",
        "from tests.mixopt import {other}",
        "def later():\n    from .{other} import run",
        "CODE = 'import sys\\nfrom {other} import run'",
    ],
)
def test_an_import_of_a_test_file_is_found(source):
    assert imported_test_files(source.format(other="test_study"))


def test_the_public_names_are_sorted_and_there():
    import mixopt

    assert list(mixopt.__all__) == sorted(mixopt.__all__)
    assert all(getattr(mixopt, name).__doc__ for name in mixopt.__all__)
