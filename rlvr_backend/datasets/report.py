"""Report on the raw rows of a dataset: how many gave examples, which are bad, why, and how to fix them."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.errors import RequestError

MOST_BAD = 0.01  # of the raw rows; more mean that the data, or how it is read, is wrong
FIRST = 3  # bad rows per reason that are named
FILE = "report.json"


@dataclass
class Bad:
    """The bad rows with one reason.

    Attributes:
        rows: Their numbers, from 0.
        value: What the first of them has, if that helps.
        fix: What to write instead.
    """

    rows: list[int]
    value: str | None
    fix: str

    def __str__(self) -> str:
        named = f"(row {', '.join(map(str, self.rows[:FIRST]))}{', ...' if len(self.rows) > FIRST else ''})"
        value = "" if self.value is None else f", where row {self.rows[0]} has {self.value}"
        return f"{named}{value}{self.fix and ': '}{self.fix}"


@dataclass
class Report:
    """Counts of raw rows and examples.

    Attributes:
        rows: Number of raw rows.
        examples: Number of examples.
        left_out: Number of rows that the paper leaves out too.
        lost: Examples that the rows left out and the bad rows would have given, as far as they can be counted.
        bad: Reason -> bad rows.
        doubt: A warning about the whole set.
    """

    rows: int
    examples: int = 0
    left_out: int = 0
    lost: int = 0
    bad: dict[str, Bad] = field(default_factory=dict)
    doubt: str = ""

    @property
    def skipped(self) -> int:
        """Number of bad rows."""
        return sum(len(bad.rows) for bad in self.bad.values())

    def leave_out(self) -> None:
        """Count a row that the paper leaves out."""
        self.left_out += 1
        self.lost += 1

    def skip(self, row: int, reason: BadRow, lost: int = 1) -> None:
        """Count a bad row, which would have given `lost` examples."""
        self.bad.setdefault(str(reason), Bad([], reason.value, reason.fix)).rows.append(row)
        self.lost += lost

    def check(self, name: str, place: str) -> None:
        """Check that not too many rows are bad.

        Raises:
            RequestError: More than MOST_BAD of them are.
        """
        if self.skipped > MOST_BAD * self.rows:
            raise RequestError(
                f"{name}: more than {MOST_BAD:.0%} of the {self.rows} rows of {place} are bad: {self.reasons()}; "
                "fix or remove them"
            )

    def __str__(self) -> str:
        text = f"{self.examples} examples of {self.rows} rows, {self.left_out} left out, {self.skipped} bad"
        text = f"{text} and skipped: {self.reasons()}" if self.bad else text
        return f"{text}; warning: {self.doubt}" if self.doubt else text

    def reasons(self) -> str:
        """Return each reason with its first rows."""
        return "; ".join(f"{reason} {bad}" for reason, bad in self.bad.items())

    def save(self, folder: Path) -> None:
        """Write the report to a folder of prepared examples."""
        (folder / FILE).write_text(json.dumps(asdict(self)))


def lost_examples(folder: Path) -> int:
    """Return `lost` of the report in a folder of prepared examples."""
    return json.loads((folder / FILE).read_text())["lost"]
