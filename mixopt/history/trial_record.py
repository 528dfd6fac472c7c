"""`TrialRecord`: everything that is known about one trial, for tables, JSON, reports and the dashboard.

Samplers and workers read what they need from Optuna's trials themselves (history.py).
"""

import math
from dataclasses import dataclass, field
from typing import Self

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.corrections import CorrectionLog, Corrections
from mixopt.history.keys import (
    BY_HAND,
    DRAWS,
    EVALUATIONS,
    EXHAUSTED,
    EXIT_CODE,
    IMPORTED,
    IN_SCORE,
    LABEL,
    LOG_TAIL,
    OUT_SCORE,
    REASON,
    REPLICATE,
    SECONDS,
    STEPS_DONE,
    STOPPED,
    STRATEGY,
    TEST,
    TRAIN_SEED,
)
from mixopt.history.scores import Scoring
from mixopt.history.trials import ENQUEUED, ENQUEUED_STRATEGY, weights_of
from mixopt.space.mixture_space import MixtureSpace

TEXTS = (STRATEGY, LABEL)  # user attributes that are text


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One trial in any state. What is not known is None, or an empty mapping.

    Attributes:
        number: the trial's number.
        state: Optuna's state.
        strategy: as in `Runs`.
        label: as in `Runs`.
        weights: domain -> weight, in the space's order; of a running trial also the weights that it has claimed.
        in_score: None also if the study has no in-tests.
        out_score: None also if the study has no out-tests.
        tests: test -> score at the last step.
        values: objective -> value; of a pruned trial the last one that it had, if there is one objective.
        evaluations: step -> test -> score.
        carried: the steps that the run did not reach, where its last scores stand in.
        steps: training steps done.
        stopped: why the run ended.
        exhausted: the domains whose examples were all used.
        seconds: how long it took.
        train_seed: the seed of the training.
        draws: domain -> number of prompts that were trained on.
        by_hand: whether a person trains and tells it.
        imported: whether it is an old run.
        replicate: whether it trains a mixture again with another training seed, outside the budget.
        reason: why it failed.
        exit_code: of the trainer, if it failed.
        log_tail: the last lines of the trainer's log, if it failed.
        corrected: `replaced` or `forgotten`; None of a trial that counts.
        replaced_by: as in `Corrections`.
        replaces: as in `Corrections`.
        correction_log: as in `Corrections`.
    """

    number: int
    state: TrialState
    strategy: str = ENQUEUED_STRATEGY
    label: str = ENQUEUED
    weights: dict[str, float] | None = None
    in_score: float | None = None
    out_score: float | None = None
    tests: dict[str, float] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    evaluations: dict[int, dict[str, float]] = field(default_factory=dict)
    carried: frozenset[int] = frozenset()
    steps: int | None = None
    stopped: str | None = None
    exhausted: tuple[str, ...] = ()
    seconds: float | None = None
    train_seed: int | None = None
    draws: dict[str, int] = field(default_factory=dict)
    by_hand: bool = False
    imported: bool = False
    replicate: bool = False
    reason: str | None = None
    exit_code: int | None = None
    log_tail: str = ""
    corrected: str | None = None
    replaced_by: int | None = None
    replaces: int | None = None
    correction_log: CorrectionLog = field(default_factory=list)

    @classmethod
    def of(cls, trial: FrozenTrial, space: MixtureSpace, scoring: Scoring, corrections: Corrections) -> Self:
        """Read a trial.

        Args:
            trial: of an Optuna study.
            space: the mixtures of the study.
            scoring: its tests and objectives.
            corrections: its corrected trials.

        Raises:
            TypeError: a user attribute is of another type than mixopt writes; or one of the following.
            ValueError: likewise.
            LookupError: likewise.
            AttributeError: likewise.
        """
        notes, weights = trial.user_attrs, weights_of(trial, space)
        tests, evaluations = (*scoring.in_tests, *scoring.out_tests), notes.get(EVALUATIONS) or ()
        for key in TEXTS:
            if not isinstance(notes.get(key, ""), str):
                raise TypeError(f"{key} is {notes[key]!r:.40}")
        if not isinstance(draws := notes.get(DRAWS) or {}, dict):
            raise TypeError(f"draws are {draws!r:.40}")
        return cls(
            number=trial.number,
            state=trial.state,
            strategy=notes.get(STRATEGY, ENQUEUED_STRATEGY),
            label=notes.get(LABEL, ENQUEUED),
            weights=None if weights is None else space.as_dict(weights),
            in_score=_known(notes.get(IN_SCORE)),
            out_score=_known(notes.get(OUT_SCORE)),
            tests={name: notes[f"{TEST}{name}"] for name in tests if f"{TEST}{name}" in notes},
            values=dict(zip(scoring.names, trial.values or [])),
            evaluations={evaluation["step"]: evaluation["scores"] for evaluation in evaluations},
            carried=frozenset(evaluation["step"] for evaluation in evaluations if evaluation.get("carried")),
            steps=notes.get(STEPS_DONE),
            stopped=notes.get(STOPPED),
            exhausted=tuple(notes.get(EXHAUSTED) or ()),
            seconds=notes.get(SECONDS),
            train_seed=notes.get(TRAIN_SEED),
            draws=draws,
            by_hand=bool(notes.get(BY_HAND)),
            imported=bool(notes.get(IMPORTED)),
            replicate=bool(notes.get(REPLICATE)),
            reason=notes.get(REASON),
            exit_code=notes.get(EXIT_CODE),
            log_tail=notes.get(LOG_TAIL) or "",
            corrected=corrections.word(trial.number),
            replaced_by=corrections.replaced_by.get(trial.number),
            replaces=corrections.replaces.get(trial.number),
            correction_log=corrections.log(trial),
        )

    @property
    def state_word(self) -> str:
        """The state in words: complete, pruned, fail, running or waiting; replaced or forgotten if it was corrected."""
        return self.corrected or self.state.name.lower()

    @property
    def why_failed(self) -> str:
        """Why it failed, in words."""
        return "no reason was recorded" if self.reason is None else self.reason


def _known(score: float | None) -> float | None:
    """A score; None for NaN, which is written if the study has no such tests."""
    return None if score is None or math.isnan(score) else score
