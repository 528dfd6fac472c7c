"""A trial as what is known of it: what tables, documents, reports and the dashboard show.

Samplers and workers read the little that they go by themselves (history.py, workers/).
"""

import math
from dataclasses import dataclass, field
from typing import Self

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.corrections import CorrectionLog, Corrections
from mixopt.history.history import ENQUEUED, ENQUEUED_STRATEGY, weights_of
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
from mixopt.space.mixture_space import MixtureSpace

TEXTS = (STRATEGY, LABEL)  # user attributes that are text


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One trial, whatever became of it; what is not known is None, or empty where it is a mapping.

    Attributes:
        strategy, label: as in `Runs`.
        weights: `{domain: weight}`, in the space's order; those that a running trial has claimed count.
        in_score, out_score: also None where the study has no tests of that side.
        tests: test -> score at the last step.
        values: objective -> value; of a pruned trial the last one that it had, where there is one objective.
        evaluations, carried: step -> test -> score, and the steps that the run did not reach: its last scores stand in.
        steps, stopped, exhausted, seconds: training steps done, why it ended, the domains that ran out, what it took.
        draws: domain -> prompts that were trained on.
        by_hand, imported: whether somebody trains and tells it, whether it is an old run.
        replicate: whether it trains a mixture again with another training seed, outside the budget.
        reason, exit_code, log_tail: of a failure.
        corrected: whether it was `replaced` or `forgotten`; None of a trial that counts.
        replaced_by, replaces, history: as in `Corrections`.
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
    history: CorrectionLog = field(default_factory=list)

    @classmethod
    def of(cls, trial: FrozenTrial, space: MixtureSpace, scoring: Scoring, corrections: Corrections) -> Self:
        """What is known of a trial of a study over `space`, scored by `scoring`, with its `corrections`.

        Raises:
            TypeError, ValueError, LookupError, AttributeError: its notes are of other kinds than mixopt writes.
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
            history=corrections.history(trial),
        )

    @property
    def state_word(self) -> str:
        """complete, pruned, fail, running or waiting; replaced or forgotten of one that was corrected."""
        return self.corrected or self.state.name.lower()

    @property
    def why_failed(self) -> str:
        """The reason of a failure, in words."""
        return "no reason was recorded" if self.reason is None else self.reason


def _known(score: float | None) -> float | None:
    """A score; None where the study has no tests of its side, which is noted as NaN."""
    return None if score is None or math.isnan(score) else score
