"""Raw rows after they are loaded: of a table with types, or of a file without types (loader.py)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from datasets import ClassLabel, Dataset, LargeList, List, Value, concatenate_datasets

from rlvr_backend.errors import RequestError

AT_ONCE = 16  # rows in memory: some images have many megabytes
SHORT_FLOATS = ("float16", "float32")
Conversion = Callable[[Any], Any]


class RawRows:
    """Raw rows of a dataset.

    Args:
        rows: A dataset, or a list of mappings.
        declared: Features that a dataset card gives to a list of mappings. Only classes are used.

    Attributes:
        columns: Names of all columns, in order.
    """

    def __init__(self, rows: Dataset | list[dict[str, Any]], declared: Mapping[str, Any] | None = None):
        self._rows, self._declared = rows, declared or {}
        if isinstance(rows, Dataset):
            self.columns = rows.column_names
        else:
            self.columns = list(dict.fromkeys(column for row in rows for column in row))

    @classmethod
    def joined(cls, parts: Sequence["RawRows"], place: str) -> "RawRows":
        """Join the rows of several configurations of a place.

        Raises:
            RequestError: Some are files without types, others tables.
        """
        rows = [part._rows for part in parts]
        if len(rows) == 1:
            return parts[0]
        if all(isinstance(part, Dataset) for part in rows):
            return cls(concatenate_datasets(rows))
        if any(isinstance(part, Dataset) for part in rows):
            raise RequestError(f"{place}: some configurations are JSON or CSV, others tables: name one as `config`")
        declared = {column: kind for part in parts for column, kind in part._declared.items()}
        return cls([row for part in rows for row in part], declared)

    def __len__(self) -> int:
        return len(self._rows)

    def plain(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the rows as plain Python with the given columns. Images are not decoded; a missing value is None."""
        if not isinstance(self._rows, Dataset):
            names = [(column, _class_name(self._declared.get(column))) for column in columns]
            for row in self._rows:
                yield {column: name(row.get(column)) for column, name in names}
            return
        data = self._rows.select_columns(list(columns))
        conversions = [(column, convert) for column, kind in data.features.items() if (convert := _conversion(kind))]
        for table in data.with_format("arrow").iter(AT_ONCE):
            for row in table.to_pylist():
                for column, convert in conversions:
                    row[column] = convert(row[column])
                yield row


def _class_name(kind: Any) -> Conversion:
    """Number of a class -> its name, or None if there is no such class. Other values stay."""
    if not isinstance(kind, ClassLabel):
        return lambda value: value
    known = range(kind.num_classes)
    return lambda value: value if isinstance(value, str) else kind.names[value] if value in known else None


def _conversion(kind: Any) -> Conversion | None:
    """The function that turns a value from Arrow into what it stands for, or None if it needs none.

    A class becomes its name, and 0.1 in 32 bits becomes 0.1 instead of 0.10000000149011612.
    """
    if isinstance(kind, ClassLabel):
        return _class_name(kind)
    if isinstance(kind, Value) and kind.dtype in SHORT_FLOATS:
        short = np.dtype(kind.dtype).type
        return lambda number: None if number is None else float(str(short(number)))
    if isinstance(kind, List | LargeList) and (convert := _conversion(kind.feature)):
        return lambda values: None if values is None else [convert(value) for value in values]
    return None
