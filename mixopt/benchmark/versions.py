"""By which code a result was made: short digests of the sources of method, problem and judge."""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mixopt.benchmark.job import Job
from mixopt.benchmark.methods import entry
from mixopt.benchmark.suite import maker

PACKAGE = Path(__file__).parents[1]
JUDGE = ("mixopt.benchmark.judge", "mixopt.benchmark.methods.botorch_gp")


def versions_of(job: Job) -> dict[str, str]:
    """The versions of all the code that a job's outcome depends on.

    Raises:
        MixoptError: there is no such method or problem.
    """
    return {
        "version": method_version(job.method),
        "problem_version": problem_version(job.problem),
        "judge_version": judge_version(),
    }


@cache
def method_version(name: str) -> str:
    """Eight hexadecimal digits that change with the method's code, and not with its comments, docstrings and imports.

    A peer's code is its file in the benchmark and its libraries' versions; ours is every module of mixopt that
    the sampler and the recommendation import.
    """
    method = entry(name)
    modules = sorted(set(method.sources) if method.libraries else reached_from(method.sources))
    parts = [name, str(method.at_once), str(method.trials)]
    return _digest(parts, modules, method.libraries)


@cache
def problem_version(name: str) -> str:
    """Eight digits of the code that makes a problem; its runs, if it is made of any, are in the job's `table`."""
    module, libraries = maker(name)
    reached = reached_from((module, "mixopt.benchmark.problem"))
    modules = sorted(module for module in reached if module.startswith("mixopt.benchmark."))
    return _digest([], modules, libraries)


@cache
def judge_version() -> str:
    """Eight digits of the judge's code and libraries."""
    return _digest([], JUDGE, ("botorch", "gpytorch"))


def _digest(parts: Sequence[str], modules: Sequence[str], libraries: Sequence[str]) -> str:
    codes = [_code(_file(module)) for module in modules]
    installed = [f"{library} {_installed(library)}" for library in libraries]
    return hashlib.sha256("\n".join([*parts, *codes, *installed]).encode()).hexdigest()[:8]


def reached_from(modules: tuple[str, ...]) -> set[str]:
    """These modules of mixopt and all that they import from mixopt, directly or not."""
    reached: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += [name for name in _imports(_file(module)) if name.startswith("mixopt.")]
    return reached


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mixopt"):
            for alias in (
                node.names
            ):  # `from mixopt import polytope` names a module, `from mixopt.space.mixture_space import X` none
                submodule = f"{node.module}.{alias.name}"
                yield submodule if _path(submodule) else str(node.module)


def _file(module: str) -> Path:
    found = _path(module)
    assert found is not None, module
    return found


def _path(module: str) -> Path | None:
    stem = PACKAGE.joinpath(*module.split(".")[1:])
    return next((file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file()), None)


def _code(file: Path) -> str:
    """The file without comments, docstrings and imports at its top."""
    tree = ast.parse(file.read_text())
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
