"""The problems by name: `FAMILY-M` for the synthetic ones (any m), as "face-10"; the measured ones by their table."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np

from mixopt.benchmark import concave, pools, rugged, shapes
from mixopt.benchmark.problem import Problem, synthetic
from mixopt.errors import MixoptError
from mixopt.tables.read_runs import read_runs

FAMILIES = {  # the place in this list is part of a problem's random stream: add at the end
    "interior": concave.interior,
    "face": concave.face,
    "vertex": concave.vertex,
    "mixing_law": concave.mixing_law,
    "two_peaks": rugged.two_peaks,
    "runs_out": rugged.runs_out,
    "corner_noise": rugged.corner_noise,
}
CONCAVE = ("interior-5", "interior-17", "face-10", "vertex-10", "mixing_law-5", "mixing_law-17")
RUGGED = ("two_peaks-8", "runs_out-8", "corner_noise-8")
POOLS = ("regmix", "damo")
EMULATORS = ("regmix_emulator",)
SHAPES = ("shapes", "shapes_emulator")
CSV = "csv"  # the problem of the user's own table


@dataclass(frozen=True)
class Measured:
    """How a problem is made of measured runs.

    Attributes:
        folder: of the table.
        read: makes domains, weights and values of the folder.
        make: "module:function" under mixopt.benchmark, imported when needed since some load scikit-learn; called with
            the problem's name and what was read.
        libraries: distributions whose version matters.
    """

    folder: str
    read: Callable[[Path], pools.Table]
    make: str
    libraries: tuple[str, ...] = ()


MEASURED = {
    "regmix": Measured("regmix", pools.regmix, "pools:pool"),
    "damo": Measured("damo", pools.damo, "pools:pool"),
    "regmix_emulator": Measured("regmix", pools.regmix, "emulators:emulator", ("scikit-learn",)),
    "shapes": Measured("shapes-table", shapes.read_shapes, "shapes:shapes_pool"),
    "shapes_emulator": Measured("shapes-table", shapes.read_shapes, "shapes:shapes_emulator", ("scikit-learn",)),
}


@dataclass(frozen=True)
class Sources:
    """Where measured runs lie.

    Attributes:
        tables: a folder with some of the folders `regmix`, `damo` and `shapes-table`.
        csv: a file of runs; `value` is its column of scores, `minimize` whether smaller ones are better, `domains` its
            columns of weights, and `normalize` to divide these by their sum, see `mixopt.read_runs`.
    """

    tables: Path | None = None
    csv: Path | None = None
    value: str = ""
    domains: tuple[str, ...] | None = None
    minimize: bool | None = None
    normalize: bool = False


NOWHERE = Sources()


SUITES = {"concave": CONCAVE, "rugged": RUGGED, "pools": POOLS, "emulators": EMULATORS, "shapes": SHAPES, CSV: (CSV,)}


def default_problems(sources: Sources) -> list[str]:
    """The user's table where it is given; else the synthetic problems, and the measured ones where their folder is.

    Raises:
        MixoptError: a folder of tables is given and has none.
    """
    if sources.csv is not None:
        return [CSV]
    if (tables := sources.tables) is None:
        return [*CONCAVE, *RUGGED]
    there = [name for name, measured in MEASURED.items() if (tables / measured.folder).is_dir()]
    if not there:
        known = ", ".join(dict.fromkeys(measured.folder for measured in MEASURED.values()))
        raise MixoptError(f"{tables}: has none of the folders {known}: give the folder that they lie in")
    return [*CONCAVE, *RUGGED, *there]


def by_suite(problems: Iterable[str]) -> dict[str, list[str]]:
    """Problems by suite, in the suites' order; those that are in none are suites of their own."""
    there = set(problems)
    grouped = {suite: [problem for problem in members if problem in there] for suite, members in SUITES.items()}
    others = there.difference(*SUITES.values())
    return {suite: members for suite, members in grouped.items() if members} | {name: [name] for name in sorted(others)}


def make_problem(name: str, seed: int, sources: Sources = NOWHERE) -> Problem:
    """The problem of that name; a seed changes the score of a synthetic one, and only the noise of a measured one.

    Raises:
        MixoptError: there is no such problem, or its table is missing or unusable.
    """
    return _measured(name, sources) if name in (*MEASURED, CSV) else _synthetic(name, seed)


def check_problem(name: str, sources: Sources) -> None:
    """Raise what `make_problem` would, without the work of making it."""
    if name in (*MEASURED, CSV):
        _table(name, sources)
    else:
        _family(name)


def table_digest(name: str, sources: Sources) -> str:
    """Eight hexadecimal digits of the measured runs that a problem is made of, as used; "" for a synthetic one.

    So it changes with the column of scores, their direction and a rescaling, and not with columns that nothing reads.

    Raises:
        MixoptError: what `make_problem` would.
    """
    if name not in (*MEASURED, CSV):
        check_problem(name, sources)
        return ""
    domains, weights, values = _table(name, sources)
    content = "\n".join(domains).encode() + b"\n" + weights.tobytes() + values.tobytes()
    return hashlib.sha256(content).hexdigest()[:8]


def made_by(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files of mixopt that make a problem, relative to the package, and the libraries that it uses.

    Raises:
        MixoptError: there is no such problem.
    """
    if name in MEASURED or name == CSV:
        modules = ["pools", "emulators", "shapes"]
        libraries = MEASURED[name].libraries if name in MEASURED else ()
    else:
        modules, libraries = [FAMILIES[_family(name)[0]].__module__.rpartition(".")[2]], ()
    return tuple(f"benchmark/{module}.py" for module in ["problem", "optimum", *modules]), libraries


def _family(name: str) -> tuple[str, int]:
    family, _, size = name.rpartition("-")
    if family not in FAMILIES or not size.isdecimal() or not 2 <= int(size) <= 64:
        raise MixoptError(
            f"problem {name!r}: use {', '.join(MEASURED)}, or FAMILY-M with M from 2 to 64, such as "
            f"face-10; the families are {', '.join(FAMILIES)}"
        )
    return family, int(size)


@lru_cache(maxsize=32)
def _synthetic(name: str, seed: int) -> Problem:
    family, m = _family(name)
    f, best = FAMILIES[family](m, np.random.default_rng([seed, m, list(FAMILIES).index(family)]))
    return synthetic(name, f, best, rugged.noisier_corners if family == "corner_noise" else None)


@lru_cache(maxsize=4)
def _measured(name: str, sources: Sources) -> Problem:
    table = _table(name, sources)
    if name == CSV:
        return pools.pool(name, *table)
    module, function = MEASURED[name].make.split(":")
    problem: Problem = getattr(import_module(f"{__package__}.{module}"), function)(name, *table)
    return problem


def _table(name: str, sources: Sources) -> pools.Table:
    if name == CSV:
        if sources.csv is None or not sources.value:
            raise MixoptError("problem 'csv': give the file by --csv FILE, and its column of scores by --value NAME")
        runs = read_runs(
            sources.csv, sources.value, sources.domains, minimize=sources.minimize, normalize=sources.normalize
        )
        return list(runs.space.domains), runs.weights, runs.values
    if sources.tables is None:
        raise MixoptError(f"problem {name!r} is made of measured runs: give their folder by --tables FOLDER")
    return MEASURED[name].read(sources.tables / MEASURED[name].folder)
