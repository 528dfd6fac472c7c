"""The problems by name.

FAMILY-M        synthetic, for any m, as "face-10"
TABLE           the runs of a measured table, as "regmix_1m", each evaluated once: pools.py
TABLE_smooth    its mixtures with a smooth truth and noisy observations: emulators.py
TABLE_emulator  the same on 2000 mixtures that are drawn like the table's
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module

import numpy as np

from mixopt.benchmark import concave, pools, rugged, steep
from mixopt.benchmark.measured import MeasuredTable
from mixopt.benchmark.problem import Problem, Score, synthetic
from mixopt.benchmark.tables import CSV, NOWHERE, TABLES, Settings, Sources, read_table, tables_there
from mixopt.errors import MixoptError, TableError
from mixopt.typing import FloatArray

FAMILIES: dict[
    str, Callable[[int, np.random.Generator], tuple[Score, FloatArray]]
] = {  # the place in this list is part of a problem's random stream: add at the end
    "interior": concave.interior,
    "face": concave.face,
    "vertex": concave.vertex,
    "mixing_law": concave.mixing_law,
    "two_peaks": rugged.two_peaks,
    "runs_out": rugged.runs_out,
    "corner_noise": rugged.corner_noise,
    "steep": steep.steep,
}
CONCAVE = ("interior-5", "interior-17", "face-10", "vertex-10", "mixing_law-5", "mixing_law-17")
RUGGED = ("two_peaks-8", "runs_out-8", "corner_noise-8")
STEEP = ("steep-8", "steep-17")
SYNTHETIC = (*CONCAVE, *RUGGED, *STEEP)
POOLS = tuple(TABLES)
SMOOTH = tuple(f"{table}_smooth" for table in TABLES)
EMULATORS = tuple(f"{table}_emulator" for table in TABLES)
OWN = (CSV, f"{CSV}_smooth", f"{CSV}_emulator")
MEASURED = (*POOLS, *SMOOTH, *EMULATORS, *OWN)
SUITES = {
    "pools": POOLS,
    "smooth pools": SMOOTH,
    "emulators": EMULATORS,
    "concave": CONCAVE,
    "rugged": RUGGED,
    "steep": STEEP,
    "own table": OWN,
}
FEWEST = 20  # mixtures of a smooth fit
_KINDS = {"smooth": "smooth_pool", "emulator": "emulator"}  # functions of emulators.py, which loads scikit-learn


def default_problems(sources: Sources) -> list[str]:
    """The user's pool where a file is given; else the synthetic problems, and those of the tables that are there.

    Raises:
        MixoptError: a folder of tables is given and has none.
    """
    if sources.csv is not None:
        return [CSV]
    there = tables_there(sources)
    return [*SYNTHETIC, *(name for name in MEASURED if name not in OWN and _table_of(name)[0] in there)]


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
    return _measured(name, sources) if name in MEASURED else _synthetic(name, seed)


def check_problem(name: str, sources: Sources) -> None:
    """Raise what `make_problem` would, without the work of making it."""
    if name in MEASURED:
        _table(name, sources)
    else:
        _family(name)


def table_digest(name: str, sources: Sources) -> str:
    """Eight hexadecimal digits of the measured runs that a problem is made of, as used; "" for a synthetic one.

    So it changes with the column of scores, their direction and a rescaling, and not with columns that nothing reads.

    Raises:
        MixoptError: what `make_problem` would.
    """
    check_problem(name, sources)
    return _table(name, sources).digest if name in MEASURED else ""


def made_by(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files of mixopt that make a problem, relative to the package, and the libraries that it uses.

    Raises:
        MixoptError: there is no such problem.
    """
    libraries: tuple[str, ...] = ()
    if name in MEASURED:
        modules = ["measured", "tables", "public_tables", "shapes", "pools"]
        if _table_of(name)[1]:
            modules, libraries = [*modules, "smooth", "emulators"], ("scikit-learn",)
    else:
        modules = ["optimum", FAMILIES[_family(name)[0]].__module__.rpartition(".")[2]]
    return tuple(f"benchmark/{module}.py" for module in ["problem", *modules]), libraries


def _table_of(name: str) -> tuple[str, str]:
    """Return the table of a measured problem and its kind: "", "smooth" or "emulator"."""
    table, _, kind = name.rpartition("_")
    return (table, kind) if kind in _KINDS else (name, "")


def _table(name: str, sources: Sources) -> MeasuredTable:
    """Read the table of a measured problem, and check that it has enough runs for it."""
    source, kind = _table_of(name)
    table = read_table(source, sources)
    if kind and (mixtures := len(table.by_mixture().values)) < FEWEST:
        raise TableError(
            f"problem {name!r}: a smooth fit needs {FEWEST} mixtures, the table has {mixtures}: use {source}"
        )
    return table


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


@lru_cache(maxsize=16)
def _measured(name: str, sources: Sources) -> Problem:
    source, kind = _table_of(name)
    table = _table(name, sources)
    if not kind:
        return pools.pool(name, table)
    make = getattr(import_module(f"{__package__}.emulators"), _KINDS[kind])
    problem: Problem = make(name, table, TABLES[source].smooth if source in TABLES else Settings())
    return problem
