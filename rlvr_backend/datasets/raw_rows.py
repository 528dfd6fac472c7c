"""Raw rows once they are read: of a table with types, or of a file without them (reading.py)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from datasets import ClassLabel, Dataset, LargeList, List, Value, concatenate_datasets

from rlvr_backend.errors import RequestError

AT_ONCE = 16  # rows in memory: some images are of many megabytes
SHORT = ("float16", "float32")
Plain = Callable[[Any], Any]


class Rows:
    """Rows, and their `columns` in order; of a list of mappings all that some row has.

    `declared` are the features that a card gives to such a list; of them only classes are made use of.
    """

    def __init__(self, held: Dataset | list[dict[str, Any]], declared: Mapping[str, Any] | None = None):
        self._held, self._declared = held, declared or {}
        if isinstance(held, Dataset):
            self.columns = held.column_names
        else:
            self.columns = list(dict.fromkeys(column for row in held for column in row))

    @classmethod
    def joined(cls, parts: Sequence["Rows"], place: str) -> "Rows":
        """Those of several configurations, one after another; raises RequestError where they are of two kinds."""
        held = [part._held for part in parts]
        if len(held) == 1:
            return parts[0]
        if all(isinstance(part, Dataset) for part in held):
            return cls(concatenate_datasets(held))
        if any(isinstance(part, Dataset) for part in held):
            raise RequestError(f"{place}: some configurations are JSON or CSV, others tables: name one as `config`")
        declared = {column: kind for part in parts for column, kind in part._declared.items()}
        return cls([row for part in held for row in part], declared)

    def __len__(self) -> int:
        return len(self._held)

    def plain(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows as plain Python, images not decoded; columns that a row lacks are None."""
        if not isinstance(self._held, Dataset):
            names = [(column, _names(self._declared.get(column))) for column in columns]
            for row in self._held:
                yield {column: name(row.get(column)) for column, name in names}
            return
        data = self._held.select_columns(list(columns))
        changes = [(column, change) for column, kind in data.features.items() if (change := _change(kind))]
        for table in data.with_format("arrow").iter(AT_ONCE):
            for row in table.to_pylist():
                for column, change in changes:
                    row[column] = change(row[column])
                yield row


def _names(kind: Any) -> Plain:
    """A class's number -> its name, None where there is no such class; what is no number, or no class, stays."""
    if not isinstance(kind, ClassLabel):
        return lambda value: value
    known = range(kind.num_classes)
    return lambda value: value if isinstance(value, str) else kind.names[value] if value in known else None


def _change(kind: Any) -> Plain | None:
    """What turns a value as Arrow gives it into what it stands for; None where it is that already.

    A class is its name, not its number, and 0.1 in 32 bits is 0.1, not 0.10000000149011612.
    """
    if isinstance(kind, ClassLabel):
        return _names(kind)
    if isinstance(kind, Value) and kind.dtype in SHORT:
        short = np.dtype(kind.dtype).type
        return lambda number: None if number is None else float(str(short(number)))
    if isinstance(kind, List | LargeList) and (change := _change(kind.feature)):
        return lambda values: None if values is None else [change(value) for value in values]
    return None
