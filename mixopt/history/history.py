"""`History`: the finished, running and failed trials of a study, which is all that a sampler knows.

Samplers hold no state. They read a study's history at every ask.
"""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StrategyError
from mixopt.history.corrections import Corrections, with_corrections
from mixopt.history.keys import BASE, CLAIM, FAILURES_FROM, PHASE, REPLICATE, ROW, UNTIL
from mixopt.history.other_domains import refuse_other_domains
from mixopt.history.reference import references, unknown_reference, with_gains
from mixopt.history.runs import Runs
from mixopt.history.trials import ACTIVE, weights_of
from mixopt.history.usable_runs import is_usable, runs_of
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

ATTEMPTS = 2  # a row whose trials failed this often is given up


@dataclass(frozen=True, eq=False)
class History:
    """The trials of a study, except the one that wants a mixture.

    Attributes:
        space: the mixtures of the study.
        trials: by number; corrected ones as failed trials (corrections.py).
        signs: one per objective, 1 where the study maximises it and -1 where it minimises it. Multiplied by them,
            larger values are better.
        failures_from: failures of trials with lower numbers do not count; `mixopt study resume` sets it.
        base: test -> score of the base model, as far as it is known.
        unknown: why no run has a value yet; "" if they have.
    """

    space: MixtureSpace
    trials: tuple[FrozenTrial, ...]
    signs: tuple[float, ...]
    failures_from: int
    base: Mapping[str, float] = field(default_factory=dict)
    unknown: str = ""

    @classmethod
    def of(cls, study: optuna.Study, space: MixtureSpace, but: int | None = None) -> "History":
        """Read the history of an Optuna study.

        Args:
            study: any study whose parameters are weights.
            space: its mixtures.
            but: number of the trial to leave out.

        Raises:
            WeightsError: a finished trial is a mixture of other domains.
        """
        trials, attributes = study.get_trials(deepcopy=False), study.user_attrs
        for trial in trials:
            refuse_other_domains(trial, space, trial.user_attrs.get(CLAIM))
        counted = with_corrections(trials, Corrections.of(trials, attributes))
        signs = tuple(-1.0 if way == StudyDirection.MINIMIZE else 1.0 for way in study.directions)
        known = references(counted, attributes, space)
        others = tuple(trial for trial in with_gains(counted, attributes, known) if trial.number != but)
        unknown, base = unknown_reference(attributes, known), attributes.get(BASE) or {}
        return cls(space, others, signs, attributes.get(FAILURES_FROM, 0), base, unknown)

    @property
    def sign(self) -> float:
        """The sign of the one objective; raises StrategyError if there are several."""
        if len(self.signs) > 1:
            raise StrategyError(f"the study has {len(self.signs)} objectives and one is needed: maximise one of them")
        return self.signs[0]

    def runs(self, phases: range | None = None) -> Runs:
        """Return the finished trials as arrays, by number.

        A warning names trials that models cannot learn from, and trials whose values are far from all others.

        Args:
            phases: only trials of the phases with these indices; None takes all trials.
        """
        if self.unknown and any(trial.state == TrialState.COMPLETE for trial in self.trials):
            warnings.warn(f"no run has a value yet: {self.unknown}", stacklevel=2)
        chosen = [
            trial
            for trial in self.trials
            if trial.state == TrialState.COMPLETE
            and weights_of(trial, self.space) is not None
            and (phases is None or trial.user_attrs.get(PHASE, -1) in phases)
            and not self.unknown
            and is_usable(trial, self.space)
        ]
        return runs_of(chosen, self.space, self.signs)

    def pending(self) -> FloatArray:
        """Return the weights of running trials, (p, m)."""
        return self._weights((TrialState.RUNNING,))

    def tried(self) -> FloatArray:
        """Return the weights of finished, pruned and running trials, (t, m)."""
        return self._weights(ACTIVE)

    def failed(self) -> FloatArray:
        """Return the weights of trials that failed since the study was last resumed, (f, m)."""
        return self._weights((TrialState.FAIL,), since=self.failures_from)

    def _weights(self, states: tuple[TrialState, ...], since: int = 0) -> FloatArray:
        weights = [weights_of(t, self.space) for t in self.trials if t.state in states and t.number >= since]
        return np.array([w for w in weights if w is not None]).reshape(-1, self.space.m)

    def active_before(self, number: int) -> int:
        """Count the finished, pruned and running trials with a lower number, with or without weights as yet.

        Replicates are left out: they take no row of a phase.
        """
        return sum(t.state in ACTIVE and t.number < number and not t.user_attrs.get(REPLICATE) for t in self.trials)

    def open_rows(self, phase: int, size: int) -> list[int]:
        """Return the rows of a phase that want a trial, in order.

        A row wants one if no finished, pruned or running trial has it and it has failed fewer than ATTEMPTS times.

        Args:
            phase: index of the phase.
            size: how many rows it has.
        """
        taken, failures = self._taken_rows(phase), self._failures(phase)
        return [row for row in range(size) if row not in taken and failures[row] < ATTEMPTS]

    def given_up(self, phase: int) -> int:
        """Count the rows of a phase that have failed too often to be tried again."""
        taken = self._taken_rows(phase)
        return sum(count >= ATTEMPTS and row not in taken for row, count in self._failures(phase).items())

    def steps_taken(self, phase: int, whole: int) -> int:
        """Return the training steps of a phase's active trials.

        Args:
            phase: index of the phase.
            whole: steps of a whole run; trials that are to end early count with fewer.
        """
        active = [t for t in self.trials if t.state in ACTIVE and t.user_attrs.get(PHASE) == phase]
        return sum(trial.user_attrs.get(UNTIL) or whole for trial in active)

    def unfinished(self, phases: range) -> bool:
        """Return whether a trial of these phases is still running."""
        return any(t.state == TrialState.RUNNING and t.user_attrs.get(PHASE) in phases for t in self.trials)

    def _taken_rows(self, phase: int) -> set[int]:
        return {t.user_attrs[ROW] for t in self.trials if t.state in ACTIVE and t.user_attrs.get(PHASE) == phase}

    def _failures(self, phase: int) -> Counter[int]:
        """How often each row of a phase has failed since the study was last resumed."""
        return Counter(
            t.user_attrs[ROW]
            for t in self.trials
            if t.state == TrialState.FAIL and t.user_attrs.get(PHASE) == phase and t.number >= self.failures_from
        )
