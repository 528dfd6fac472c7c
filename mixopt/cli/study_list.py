"""Summaries of all studies under a home, for `mixopt study list`."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from optuna.trial import TrialState

from mixopt.errors import MixoptError
from mixopt.history.runs import LARGEST
from mixopt.paths import study_names
from mixopt.storage.retry import reason
from mixopt.study.reader import StudyReader
from mixopt.study.status import Status
from mixopt.study.study import Study

LONGEST = 300  # characters of why a study is unreadable


@dataclass(frozen=True, kw_only=True)
class StudySummary:
    """One study.

    Attributes:
        done: finished trials; one that was asked to end early counts in part.
        planned: trials of the strategy.
        best: the largest value observed; None without a finished trial, and with several objectives.
        state: as in `Status`, with the number of mixtures that failed for good; or unreadable.
        interrupted: how many trials are, as in `Status`; None if it is unreadable.
        to_tell: how many trials are, as in `Status`; None if it is unreadable.
        error: why it is unreadable, else None.
    """

    study: str
    done: float | None = None
    planned: int | None = None
    best: float | None = None
    state: str
    interrupted: int | None = None
    to_tell: int | None = None
    error: str | None = None

    @classmethod
    def of(cls, study: StudyReader) -> Self:
        """Summarise a study."""
        finished, sampler = study.valued(study.trials(TrialState.COMPLETE)), study.sampler()
        single = len(study.scoring.goals) == 1
        values = [trial.values[0] for trial in finished if abs(trial.values[0]) <= LARGEST] if single else []
        state = Status.of(study, sampler)
        return cls(
            study=study.spec.study,
            done=study.done,
            planned=sampler.planned,
            best=max(values, default=None),
            state=state.word + (f", {state.failed} failed" if state.failed else ""),
            interrupted=len(state.interrupted),
            to_tell=len(state.to_tell),
        )


def study_summaries(home: Path) -> list[StudySummary]:
    """Return the studies under a home, sorted by name."""
    return [_standing(name, home) for name in study_names(home)]


def _standing(name: str, home: Path) -> StudySummary:
    shown = name if name.isprintable() else ascii(name)[1:-1]  # two such names stay two
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they would not say of which study: its own commands warn
            return StudySummary.of(Study.open(name, home / name))
    except MixoptError as error:
        why = str(error)
    except OSError as error:
        why = f"{error.filename or home / name}: {error.strerror}"
    except Exception as error:  # whatever comes of what somebody wrote into its storage
        why = f"its trials cannot be read ({type(error).__name__}: {reason(error)}): mixopt study show {shown}"
    return StudySummary(study=shown, state="unreadable", error=_in_short(why))


def _in_short(why: str) -> str:
    """Shorten a text to one line of a table."""
    line = "".join(character for character in " ".join(why.split()) if character.isprintable())
    return line if len(line) <= LONGEST else line[:LONGEST] + "..."
