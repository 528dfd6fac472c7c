"""The measured tables by name, and where they lie."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from mixopt.benchmark.measured import MeasuredTable, own_table
from mixopt.benchmark.public_tables import damo, regmix
from mixopt.benchmark.shapes import read_shapes
from mixopt.errors import MixoptError

CSV = "csv"  # the user's own table


@dataclass(frozen=True)
class Settings:
    """Of a smooth fit, see smooth.py: the inputs w^power of the networks, and their weight decay."""

    power: float = 1 / 2
    decay: float = 0.1


@dataclass(frozen=True)
class Measured:
    """A table with a name.

    Attributes:
        folder: that it lies in.
        read: reads it from its folder.
        smooth: how its smooth fit is made.
    """

    folder: str
    read: Callable[[Path], MeasuredTable]
    smooth: Settings = field(default_factory=Settings)


# Held-out R2 was highest with these, of powers 1/2, 1/3 and 1/4 and decays of .1, 1 and 3.
TABLES = {
    "regmix_1m": Measured("regmix", partial(regmix, size="1m")),
    "regmix_60m": Measured("regmix", partial(regmix, size="60m")),
    "regmix_1b": Measured("regmix", partial(regmix, size="1b"), Settings(power=1 / 3, decay=1.0)),
    "damo": Measured("damo", damo, Settings(power=1 / 4, decay=3.0)),
    "shapes": Measured("shapes-table", read_shapes),
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


def tables_there(sources: Sources) -> list[str]:
    """Return the names of the tables that the sources have, the user's last.

    Raises:
        MixoptError: a folder of tables is given and has none.
    """
    there = [CSV] if sources.csv is not None else []
    if (folder := sources.tables) is None:
        return there
    published = [name for name, table in TABLES.items() if (folder / table.folder).is_dir()]
    if not published:
        known = ", ".join(dict.fromkeys(table.folder for table in TABLES.values()))
        raise MixoptError(f"{folder}: has none of the folders {known}: give the folder that they lie in")
    return [*published, *there]


@lru_cache(maxsize=16)
def read_table(name: str, sources: Sources) -> MeasuredTable:
    """Read a table by its name.

    Raises:
        MixoptError: it is not given, missing or unusable.
    """
    if name == CSV:
        if sources.csv is None or not sources.value:
            raise MixoptError("problem 'csv': give the file by --csv FILE, and its column of scores by --value NAME")
        return own_table(
            sources.csv, sources.value, sources.domains, minimize=sources.minimize, normalize=sources.normalize
        )
    if sources.tables is None:
        raise MixoptError(f"problem {name!r} is made of measured runs: give their folder by --tables FOLDER")
    return TABLES[name].read(sources.tables / TABLES[name].folder)
