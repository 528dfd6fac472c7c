"""By which code a result was made: the commit that last changed it, and the versions of the libraries it uses."""

import hashlib
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mixopt.benchmark.job import Job
from mixopt.benchmark.methods import entry
from mixopt.benchmark.suite import made_by

PACKAGE = Path(__file__).parents[1]
JUDGE = ("benchmark/judge.py", "models/botorch_gp.py"), ("botorch", "gpytorch", "torch")


def versions_of(job: Job) -> dict[str, str]:
    """Return the versions of all the code that a job's outcome depends on.

    Raises:
        MixoptError: there is no such method or problem.
    """
    method = entry(job.method)
    return {
        "version": code_version(method.sources, method.libraries),
        "problem_version": code_version(*made_by(job.problem)),
        "judge_version": code_version(*JUDGE),
    }


@cache
def code_version(sources: Sequence[str], libraries: Sequence[str], package: Path = PACKAGE) -> str:
    """Describe some of the code, such as "9ac548d3f0b1 numpy-2.4.6 scipy-1.17.1".

    The commit is the last one that changed the sources; "+" and a digest follow where they have been changed since.
    Where the package is in no git repository it is the version of mixopt in its place.

    Args:
        sources: files and folders of the package, relative to it.
        libraries: names of distributions.
        package: the folder of mixopt.
    """
    code = _git(package, "log", "-1", "--format=%H", "--", *sources)[:12] or _installed("mixopt")
    if changes := _git(package, "diff", "HEAD", "--", *sources):
        code += f"+{hashlib.sha256(changes.encode()).hexdigest()[:8]}"
    return " ".join([code, *map(_installed, libraries)])


def _git(folder: Path, *arguments: str) -> str:
    """What git prints, or "" where it is not installed or the folder is in no repository."""
    try:
        ran = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, errors="replace")
    except OSError:
        return ""
    return ran.stdout if ran.returncode == 0 else ""


def _installed(library: str) -> str:
    try:
        return f"{library}-{version(library)}"
    except PackageNotFoundError:
        return f"{library}-missing"
