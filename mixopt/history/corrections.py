"""Which finished trials count no longer: those that were replaced by others, and those that were forgotten.

Optuna changes no finished trial, on any storage. So a trial is replaced by a new finished trial, whose user attribute
says which one it replaces, and it is forgotten by a user attribute of the study, one a trial. Each is one write: after
a kill a trial either counts or is corrected, with its history. history.py and study/reader.py
read both; study/correct.py writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from optuna.trial import FrozenTrial

from mixopt.history.keys import CORRECTIONS, FORGOTTEN, REPLACES

REPLACED, FORGOT = "replaced", "forgotten"  # what a trial is called then

CorrectionLog = list[dict[str, Any]]


@dataclass(frozen=True)
class Corrections:
    """The corrected trials of a study.

    Attributes:
        replaced_by: number -> number of the trial that has its place; of several that replace one, the last.
        replaces: number -> number of the trial whose place it has.
        forgotten: number -> its history.

    A history lists what was corrected, oldest first: `action` (replaced or forgotten), the trial's `number`, `values`
    and `scores` at that time, `time` (ISO 8601, UTC) and `why`.
    """

    replaced_by: Mapping[int, int]
    replaces: Mapping[int, int]
    forgotten: Mapping[int, CorrectionLog]

    @classmethod
    def of(cls, trials: Sequence[FrozenTrial], attributes: Mapping[str, Any]) -> Self:
        """Those in a study's trials, by number, and in its user attributes."""
        replaces = {trial.number: trial.user_attrs[REPLACES] for trial in trials if REPLACES in trial.user_attrs}
        last = {old: number for number, old in replaces.items()}
        rivals = {number: last[old] for number, old in replaces.items() if last[old] != number}
        start = FORGOTTEN.format("")
        forgotten = {
            int(key.removeprefix(start)): history for key, history in attributes.items() if key.startswith(start)
        }
        return cls({**rivals, **last}, replaces, forgotten)

    def __bool__(self) -> bool:
        return bool(self.replaced_by or self.forgotten)

    def left_out(self, number: int) -> bool:
        """Whether a trial counts no longer."""
        return number in self.replaced_by or number in self.forgotten

    def word(self, number: int) -> str | None:
        """replaced or forgotten; None of a trial that counts."""
        if number in self.replaced_by:
            return REPLACED
        return FORGOT if number in self.forgotten else None

    def history(self, trial: FrozenTrial) -> CorrectionLog:
        """What a trial was before it was corrected, oldest first."""
        return list(self.forgotten.get(trial.number) or trial.user_attrs.get(CORRECTIONS, []))
