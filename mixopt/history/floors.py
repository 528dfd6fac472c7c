"""Floors: least scores that a mixture must have on single tests, absolute or relative to the base model or uniform."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from mixopt.errors import ScoresError

Against = Literal["base", "uniform"]
GivenFloors = Mapping[str, float | Mapping[str, Any]]  # test -> least score, or {"against": ..., "change": ...}
FORMS = "give the least score, such as 0.7, or {'against': 'base' or 'uniform', 'change': -0.02}"


@dataclass(frozen=True)
class Floor:
    """The least score of a test.

    Attributes:
        test: its name.
        least: the least score; with `against` the least change from there, so -0.02 allows a loss of 0.02.
        against: the base model, or uniform weights; None of an absolute floor.
    """

    test: str
    least: float
    against: Against | None = None

    @classmethod
    def of(cls, test: str, given: float | Mapping[str, Any]) -> Self:
        """Read a floor as a study file has it; raises ScoresError if it is none."""
        parts: dict[str, Any]
        parts = {"change": given} if not isinstance(given, Mapping) else {"change": 0.0, "against": None, **given}
        least, against = parts["change"], parts.get("against")
        is_number = isinstance(least, (int, float)) and not isinstance(least, bool) and math.isfinite(least)
        known = "against" not in parts or (against in ("base", "uniform") and parts.keys() == {"change", "against"})
        if not (is_number and known):
            raise ScoresError(f"the floor of {test!r} is {given!r}: {FORMS}")
        return cls(test, float(least), against)

    def __str__(self) -> str:
        if self.against is None:
            return f"{self.test} at least {self.least:g}"
        change = f" {'-' if self.least < 0 else '+'} {abs(self.least):g}" if self.least else ""
        return f"{self.test} at least {self.against}{change}"


@dataclass(frozen=True)
class Floors:
    """The floors of a study, at most one a test.

    Attributes:
        floors: () if the study has none.
        use: whether the scores of the last step count, or the mean over all steps.
    """

    floors: tuple[Floor, ...] = ()
    use: Literal["last", "mean"] = "last"

    @classmethod
    def of(cls, given: "GivenFloors | Floors", use: Literal["last", "mean"] = "last") -> "Floors":
        """Read floors by test, as a study file has them; raises ScoresError if one of them is none."""
        if isinstance(given, Floors):
            return given
        return cls(tuple(Floor.of(test, floor) for test, floor in given.items()), use)

    def __bool__(self) -> bool:
        return bool(self.floors)

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that have a floor."""
        return tuple(floor.test for floor in self.floors)


NO_FLOORS = Floors()
