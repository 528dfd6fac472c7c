"""The past of a study as a sampler sees it: what is finished, what is running, what has failed.

Samplers hold no state; everything they know stands here, read from the study's trials at every ask.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from mixopt.arrays import FloatArray
from mixopt.runs import Runs
from mixopt.scores import IN_SCORE, OUT_SCORE
from mixopt.space import MixtureSpace

# User attributes of a trial that samplers write and read.
STRATEGY, LABEL, PHASE, ROW = "strategy", "label", "phase", "row"
# What a trial counts as that a user enqueued.
ENQUEUED, ENQUEUED_STRATEGY = "enqueued", "seed"
# User attribute of a study: failures of trials before this number are forgiven.
FAILURES_FROM = "failures_from"

ATTEMPTS = 2  # a row whose trials failed this often is given up
LIVE = (TrialState.COMPLETE, TrialState.RUNNING)


def weights_of(trial: FrozenTrial, space: MixtureSpace) -> FloatArray | None:
    """A trial's weights (m,), or None where they are not all recorded (yet)."""
    if any(name not in trial.params for name in space.domains):
        return None
    return np.array([trial.params[name] for name in space.domains])


@dataclass(frozen=True, eq=False)
class Past:
    """A study's trials but the one that is being proposed.

    `sign` is 1 where the study maximises and -1 where it minimises: runs hold values of which larger is better.
    Failures count from trial number `failures_from`: who resumes a study has mended what broke it.
    """

    space: MixtureSpace
    trials: tuple[FrozenTrial, ...]
    sign: float
    failures_from: int

    @classmethod
    def of(cls, study: optuna.Study, space: MixtureSpace, but: int | None = None) -> "Past":
        """Everything but trial number `but`."""
        trials = tuple(trial for trial in study.get_trials(deepcopy=False) if trial.number != but)
        sign = -1.0 if study.direction == optuna.study.StudyDirection.MINIMIZE else 1.0
        return cls(space, trials, sign, study.user_attrs.get(FAILURES_FROM, 0))

    def runs(self, phases: range | None = None) -> Runs:
        """The finished trials, all or those of some phases, by number."""
        chosen = [
            trial
            for trial in self.trials
            if trial.state == TrialState.COMPLETE
            and weights_of(trial, self.space) is not None
            and (phases is None or trial.user_attrs.get(PHASE, -1) in phases)
        ]

        def column(values: list[float]) -> FloatArray:
            return np.array(values, dtype=float)

        return Runs(
            space=self.space,
            weights=np.array([weights_of(t, self.space) for t in chosen]).reshape(-1, self.space.m),
            values=self.sign * column([t.values[0] for t in chosen]),
            in_scores=column([t.user_attrs.get(IN_SCORE, np.nan) for t in chosen]),
            out_scores=column([t.user_attrs.get(OUT_SCORE, np.nan) for t in chosen]),
            numbers=np.array([t.number for t in chosen], dtype=int),
            strategies=tuple(t.user_attrs.get(STRATEGY, ENQUEUED_STRATEGY) for t in chosen),
            labels=tuple(t.user_attrs.get(LABEL, ENQUEUED) for t in chosen),
        )

    def pending(self) -> FloatArray:
        """The weights of running trials, (p, m)."""
        running = [weights_of(t, self.space) for t in self.trials if t.state == TrialState.RUNNING]
        return np.array([w for w in running if w is not None]).reshape(-1, self.space.m)

    def open_rows(self, phase: int, size: int) -> list[int]:
        """The rows of a phase of `size` mixtures that want a trial, in order.

        Those are the rows that no finished or running trial holds and that have not failed too often.
        """
        held, failed = self._held(phase), self._failures(phase)
        return [row for row in range(size) if row not in held and failed[row] < ATTEMPTS]

    def given_up(self, phase: int) -> int:
        """How many rows of a phase have failed too often to be tried again."""
        held = self._held(phase)
        return sum(failed >= ATTEMPTS and row not in held for row, failed in self._failures(phase).items())

    def _held(self, phase: int) -> set[int]:
        return {t.user_attrs[ROW] for t in self.trials if t.state in LIVE and t.user_attrs.get(PHASE) == phase}

    def _failures(self, phase: int) -> Counter[int]:
        """How often each row of a phase has failed since the study was last resumed."""
        return Counter(
            t.user_attrs[ROW]
            for t in self.trials
            if t.state == TrialState.FAIL and t.user_attrs.get(PHASE) == phase and t.number >= self.failures_from
        )

    def unfinished(self, phases: range) -> bool:
        """Whether a trial of these phases is still running."""
        return any(t.state == TrialState.RUNNING and t.user_attrs.get(PHASE) in phases for t in self.trials)
