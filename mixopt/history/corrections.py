"""Corrected trials: finished trials that were replaced by others or forgotten, and so no longer count.

Optuna changes no finished trial, on any storage. So a trial is replaced by a new finished trial, whose user attribute
names the trial that it replaces. A trial is forgotten by a user attribute of the study, one per trial. Each is one
write: after a crash a trial either counts or is corrected. study/correct.py writes corrections.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.keys import CLAIM, CORRECTIONS, FORGOTTEN, PHASE, REPLACES, ROW, STOCK

REPLACED, FORGOT = "replaced", "forgotten"  # states of corrected trials, as people see them

CorrectionLog = list[dict[str, Any]]


@dataclass(frozen=True)
class Corrections:
    """The corrected trials of a study.

    Attributes:
        replaced_by: number -> number of the trial that replaces it; the last one if there are several.
        replaces: number -> number of the trial that it replaces.
        forgotten: number -> its correction log.

    A correction log lists what was corrected, oldest first: `action` (replaced or forgotten), the trial's `number`,
    `values` and `scores` at that time, `time` (ISO 8601, UTC) and `why`.
    """

    replaced_by: Mapping[int, int]
    replaces: Mapping[int, int]
    forgotten: Mapping[int, CorrectionLog]

    @classmethod
    def of(cls, trials: Sequence[FrozenTrial], attributes: Mapping[str, Any]) -> Self:
        """Read the corrections of a study.

        Args:
            trials: all trials, by number.
            attributes: the study's user attributes.
        """
        replaces = {trial.number: trial.user_attrs[REPLACES] for trial in trials if REPLACES in trial.user_attrs}
        last = {old: number for number, old in replaces.items()}
        superseded = {number: last[old] for number, old in replaces.items() if last[old] != number}
        start = FORGOTTEN.format("")
        forgotten = {int(key.removeprefix(start)): log for key, log in attributes.items() if key.startswith(start)}
        return cls({**superseded, **last}, replaces, forgotten)

    def __bool__(self) -> bool:
        return bool(self.replaced_by or self.forgotten)

    def left_out(self, number: int) -> bool:
        """Return whether a trial no longer counts."""
        return number in self.replaced_by or number in self.forgotten

    def word(self, number: int) -> str | None:
        """Return "replaced" or "forgotten"; None for a trial that counts."""
        if number in self.replaced_by:
            return REPLACED
        return FORGOT if number in self.forgotten else None

    def log(self, trial: FrozenTrial) -> CorrectionLog:
        """Return the correction log of a trial."""
        return list(self.forgotten.get(trial.number) or trial.user_attrs.get(CORRECTIONS, []))


def with_corrections(trials: Sequence[FrozenTrial], corrections: Corrections) -> list[FrozenTrial]:
    """Return the trials with corrected ones as failed trials without weights and without a row of a phase.

    The row of a forgotten trial is open again, and the time that it took stays spent. A replaced trial leaves both to
    the trial that replaces it.
    """
    if not corrections:
        return list(trials)
    return [_left_out(t, corrections) if corrections.left_out(t.number) else t for t in trials]


def _left_out(trial: FrozenTrial, corrections: Corrections) -> FrozenTrial:
    replaced = trial.number in corrections.replaced_by
    left_out = copy.copy(trial)
    left_out.state, left_out.values = TrialState.FAIL, None
    left_out.params, left_out.distributions, left_out.intermediate_values = {}, {}, {}
    left_out.system_attrs = {}
    left_out.user_attrs = {
        key: value
        for key, value in trial.user_attrs.items()
        if (key == STOCK if replaced else key not in (PHASE, ROW, CLAIM))
    }
    return left_out
