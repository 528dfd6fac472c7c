"""The past of a study as a sampler sees it: what is finished, what is running, what has failed.

Samplers hold no state; everything they know stands here, read from the study's trials at every ask.
"""

import copy
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StrategyError
from mixopt.history.corrections import Corrections
from mixopt.history.keys import (
    CLAIM,
    EVALUATIONS,
    FAILURES_FROM,
    IN_SCORE,
    LABEL,
    OUT_SCORE,
    PHASE,
    REPLICATE,
    ROW,
    STOCK,
    STRATEGY,
    UNTIL,
)
from mixopt.history.other_domains import refuse_foreign
from mixopt.history.outliers import far_above, far_below
from mixopt.history.runs import LARGEST, Runs
from mixopt.space.mixture_space import SUM_TOLERANCE, MixtureSpace
from mixopt.typing import FloatArray

ENQUEUED, ENQUEUED_STRATEGY = "enqueued", "seed"

ATTEMPTS = 2  # a row whose trials failed this often is given up
WORSE = (
    "far worse than all others: models take it for a little worse than the worst of these; if it is no result of its "
    "mixture, `mixopt study forget` leaves it out"
)
BETTER = (
    "far better than all others, and models believe it; if it is mistyped, `mixopt study tell --replace` puts it right"
)
ACTIVE = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)  # finished, ended early, running


def recorded(trial: FrozenTrial, space: MixtureSpace) -> bool:
    """Whether a trial's weights are all recorded as its parameters."""
    return all(name in trial.params for name in space.domains)


def weights_of(trial: FrozenTrial, space: MixtureSpace) -> FloatArray | None:
    """A trial's weights (m,), claimed ones where they are not recorded yet, or None where there are none."""
    if recorded(trial, space):
        return np.array([trial.params[name] for name in space.domains])
    claim = trial.user_attrs.get(CLAIM)
    return np.array(claim) if claim is not None and len(claim) == space.m else None


def with_corrections(trials: Sequence[FrozenTrial], corrections: Corrections) -> list[FrozenTrial]:
    """The trials, by number; those that were corrected stand as failed ones without weights or a place in a design.

    The row of a forgotten trial is open again, and the time that it took is spent; of a replaced one both are those of
    the trial that replaces it.
    """
    if not corrections:
        return list(trials)
    return [_left_out(t, corrections) if corrections.left_out(t.number) else t for t in trials]


def _left_out(trial: FrozenTrial, corrections: Corrections) -> FrozenTrial:
    replaced = trial.number in corrections.replaced_by
    notes = {
        key: note
        for key, note in trial.user_attrs.items()
        if (key == STOCK if replaced else key not in (PHASE, ROW, CLAIM))
    }
    left_out = copy.copy(trial)
    left_out.state, left_out.values = TrialState.FAIL, None
    left_out.params, left_out.distributions, left_out.intermediate_values = {}, {}, {}
    left_out.user_attrs, left_out.system_attrs = notes, {}
    return left_out


def _evaluations(trial: FrozenTrial) -> dict[int, dict[str, float]]:
    """Step -> test -> score; empty where the trial was told without, or somebody notes something else by that name."""
    try:
        return {evaluation["step"]: evaluation["scores"] for evaluation in trial.user_attrs.get(EVALUATIONS) or ()}
    except (TypeError, KeyError):
        return {}


@dataclass(frozen=True, eq=False)
class History:
    """A study's trials but the one that is being proposed, corrected ones as failed (`as_they_count`).

    `signs` has an entry for each objective, 1 where the study maximises it and -1 where it minimises it: runs hold
    values of which larger is better.
    Failures count from trial number `failures_from`: who resumes a study has mended what broke it.
    """

    space: MixtureSpace
    trials: tuple[FrozenTrial, ...]
    signs: tuple[float, ...]
    failures_from: int

    @classmethod
    def of(cls, study: optuna.Study, space: MixtureSpace, but: int | None = None) -> "History":
        """Everything but trial number `but`.

        Raises:
            WeightsError: a finished trial is a mixture of other domains.
        """
        there, attributes = study.get_trials(deepcopy=False), study.user_attrs
        for trial in there:
            refuse_foreign(trial, space, trial.user_attrs.get(CLAIM))
        counted = with_corrections(there, Corrections.of(there, attributes))
        trials = tuple(trial for trial in counted if trial.number != but)
        signs = tuple(-1.0 if way == StudyDirection.MINIMIZE else 1.0 for way in study.directions)
        return cls(space, trials, signs, attributes.get(FAILURES_FROM, 0))

    @property
    def sign(self) -> float:
        """Of the one objective; raises StrategyError where there are several."""
        if len(self.signs) > 1:
            raise StrategyError(f"the study has {len(self.signs)} objectives and one is needed: maximise one of them")
        return self.signs[0]

    def runs(self, phases: range | None = None) -> Runs:
        """The finished trials, all or those of some phases, by number.

        A warning names those that cannot be learnt from, and those whose values are far from all others.
        """
        chosen = [
            trial
            for trial in self.trials
            if trial.state == TrialState.COMPLETE
            and weights_of(trial, self.space) is not None
            and (phases is None or trial.user_attrs.get(PHASE, -1) in phases)
            and self.usable(trial)
        ]

        values = self._values(chosen)
        self._warn_of_far(chosen, values)

        def column(values: list[float]) -> FloatArray:
            return np.array(values, dtype=float)

        return Runs(
            space=self.space,
            weights=np.array([weights_of(t, self.space) for t in chosen]).reshape(-1, self.space.m),
            values=values,
            in_scores=column([t.user_attrs.get(IN_SCORE, np.nan) for t in chosen]),
            out_scores=column([t.user_attrs.get(OUT_SCORE, np.nan) for t in chosen]),
            numbers=np.array([t.number for t in chosen], dtype=int),
            strategies=tuple(t.user_attrs.get(STRATEGY, ENQUEUED_STRATEGY) for t in chosen),
            labels=tuple(t.user_attrs.get(LABEL, ENQUEUED) for t in chosen),
            evaluations=tuple(_evaluations(t) for t in chosen),
        )

    def _warn_of_far(self, trials: list[FrozenTrial], values: FloatArray) -> None:
        """Models learn from far worse values as outliers.py says."""
        for objective, column in enumerate(values.reshape(-1, len(self.signs)).T):
            for far, what in ((far_below(column), WORSE), (far_above(column), BETTER)):
                for i in np.flatnonzero(far):
                    trial = trials[i]
                    name = f"trial {trial.number} ({trial.user_attrs.get(LABEL, ENQUEUED)})"
                    warnings.warn(f"{name} has {trial.values[objective]:g}, {what}", stacklevel=3)

    def usable(self, trial: FrozenTrial) -> bool:
        """Whether a finished trial can be learnt from; a warning where it cannot, since Optuna keeps it for good."""
        weights = weights_of(trial, self.space)
        assert weights is not None
        if not np.isfinite(trial.values).all():
            warnings.warn(f"trial {trial.number} is left out: its value is not finite", stacklevel=3)
            return False
        if too_large := [value for value in trial.values if abs(value) > LARGEST]:
            warnings.warn(
                f"trial {trial.number} is left out: its value {too_large[0]:g} is no score, which are at most "
                f"{LARGEST:g}",
                stacklevel=3,
            )
            return False
        if (weights < 0).any() or abs(weights.sum() - 1) > SUM_TOLERANCE:
            warnings.warn(f"trial {trial.number} is left out: its weights are no mixture", stacklevel=3)
            return False
        return True

    def _values(self, trials: list[FrozenTrial]) -> FloatArray:
        """What is maximised, (n,), or (n, k) with k objectives."""
        values = np.array([t.values for t in trials], dtype=float).reshape(-1, len(self.signs)) * self.signs
        return values[:, 0] if len(self.signs) == 1 else values

    def pending(self) -> FloatArray:
        """The weights of running trials, (p, m)."""
        return self._weights((TrialState.RUNNING,))

    def tried(self) -> FloatArray:
        """The weights of finished, short and running trials, (t, m)."""
        return self._weights(ACTIVE)

    def failed(self) -> FloatArray:
        """The weights of trials that failed since the study was last resumed, (f, m)."""
        return self._weights((TrialState.FAIL,), since=self.failures_from)

    def _weights(self, states: tuple[TrialState, ...], since: int = 0) -> FloatArray:
        recorded = [weights_of(t, self.space) for t in self.trials if t.state in states and t.number >= since]
        return np.array([w for w in recorded if w is not None]).reshape(-1, self.space.m)

    def active_before(self, number: int) -> int:
        """How many finished, short or running trials have a lower number, with or without weights as yet.

        Replicates are left out: they take no place in a design.
        """
        return sum(t.state in ACTIVE and t.number < number and not t.user_attrs.get(REPLICATE) for t in self.trials)

    def open_rows(self, phase: int, size: int) -> list[int]:
        """The rows of a phase of `size` mixtures that want a trial, in order.

        Those are the rows that no finished, short or running trial holds and that have not failed too often.
        """
        held, failed = self._held(phase), self._failures(phase)
        return [row for row in range(size) if row not in held and failed[row] < ATTEMPTS]

    def given_up(self, phase: int) -> int:
        """How many rows of a phase have failed too often to be tried again."""
        held = self._held(phase)
        return sum(failed >= ATTEMPTS and row not in held for row, failed in self._failures(phase).items())

    def steps_taken(self, phase: int, whole: int) -> int:
        """Training steps of a phase's live trials, of `whole` steps each but those that are to end early."""
        active = [t for t in self.trials if t.state in ACTIVE and t.user_attrs.get(PHASE) == phase]
        return sum(trial.user_attrs.get(UNTIL) or whole for trial in active)

    def _held(self, phase: int) -> set[int]:
        return {t.user_attrs[ROW] for t in self.trials if t.state in ACTIVE and t.user_attrs.get(PHASE) == phase}

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
