"""What became of the raw rows of a set: how many gave examples, and which are bad, why, and what to write instead."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rlvr_backend.errors import RequestError
from rlvr_backend.datasets.declaration import BadRow

MOST_BAD = 0.01  # of the raw rows; with more of them something is wrong with the data or with how it is read
FIRST = 3  # bad rows of a reason that are named
FILE = "report.json"


@dataclass
class Bad:
    """The bad rows of one reason, counted from 0; what the first of them holds, and what to write instead."""

    rows: list[int]
    value: str | None
    fix: str

    def __str__(self) -> str:
        named = f"(row {', '.join(map(str, self.rows[:FIRST]))}{', ...' if len(self.rows) > FIRST else ''})"
        value = "" if self.value is None else f", where row {self.rows[0]} has {self.value}"
        return f"{named}{value}{self.fix and ': '}{self.fix}"


@dataclass
class Report:
    """Counts of raw rows and examples; `bad` maps a reason to its rows.

    `lost` are the examples that the rows left out and the bad ones would have given, as far as they could be counted.
    """

    rows: int
    examples: int = 0
    left_out: int = 0
    lost: int = 0
    bad: dict[str, Bad] = field(default_factory=dict)
    doubt: str = ""  # about rows that are not bad each for itself

    @property
    def skipped(self) -> int:
        return sum(len(bad.rows) for bad in self.bad.values())

    def leave_out(self) -> None:
        self.left_out += 1
        self.lost += 1

    def skip(self, row: int, reason: BadRow, lost: int = 1) -> None:
        """Count a bad row, in place of which there would be so many examples."""
        self.bad.setdefault(str(reason), Bad([], reason.value, reason.fix)).rows.append(row)
        self.lost += lost

    def check(self, name: str, place: str) -> None:
        """Raises RequestError where too many rows are bad."""
        if self.skipped > MOST_BAD * self.rows:
            raise RequestError(
                f"{name}: more than {MOST_BAD:.0%} of the {self.rows} rows of {place} are bad: {self.reasons()}; "
                "mend or remove them"
            )

    def __str__(self) -> str:
        text = f"{self.examples} examples of {self.rows} rows, {self.left_out} left out, {self.skipped} bad"
        text = f"{text} and skipped: {self.reasons()}" if self.bad else text
        return f"{text}; warning: {self.doubt}" if self.doubt else text

    def reasons(self) -> str:
        """Each reason with its first rows."""
        return "; ".join(f"{reason} {bad}" for reason, bad in self.bad.items())

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self)))


def lost_of(folder: Path) -> int:
    """`lost` of the report that was saved in a folder of prepared examples."""
    return json.loads((folder / FILE).read_text())["lost"]
