"""Notes and figures of a study under the names by which Optuna's dashboard finds them."""

import json
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.trial_record import TrialRecord
from mixopt.reporting.dashboard.figures import figures
from mixopt.reporting.dashboard.notes import study_note, trial_note
from mixopt.reporting.dashboard.samples import Sample, read_samples
from mixopt.reporting.report.facts import Facts
from mixopt.study.runs_by_score import score_words
from mixopt.study.study import Study

OBJECTIVES = "dashboard:objective_names"
FIGURE = "dashboard:plot_data:{}:0"
STUDY, TRIAL = "dashboard", "dashboard:{}"  # whose note it is
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class Views:
    """A study's notes and figures at the last `refresh`.

    Attributes:
        attributes: the system attributes of the study for Optuna's dashboard.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._finished: list[int] | None = None
        self._samples: dict[int, list[Sample]] = {}  # of trials that have ended
        self._of_study: dict[str, Any] = {}
        self.attributes: dict[str, Any] = {}

    def refresh(self) -> None:
        """Read the study again; figures are drawn again only if a trial has ended since.

        Raises:
            StorageError: the storage cannot be read.
        """
        study = self._study
        trials, corrections = study.trials(), study.corrections()
        finished = [t.number for t in trials if t.state in ENDED and not corrections.left_out(t.number)]
        if finished != self._finished:
            self._of_study, self._finished = _of_study(Facts.of(study)), finished
        of_trials: dict[str, Any] = {}
        for trial in study.valued(trials):
            record = TrialRecord.of(trial, study.space, study.scoring, corrections)
            note = trial_note(study.spec, record, self._samples_of(trial))
            of_trials |= _note(TRIAL.format(study.trial_id(trial.number)), note)
        self.attributes = {**self._of_study, **of_trials}  # whole, since other threads read it

    def _samples_of(self, trial: FrozenTrial) -> list[Sample]:
        if trial.number in self._samples:
            return self._samples[trial.number]
        found = read_samples(self._study.folder.trial(trial.number).events)
        if trial.state in ENDED:
            self._samples[trial.number] = found
        return found


def _of_study(facts: Facts) -> dict[str, Any]:
    drawn = {FIGURE.format(key): json.dumps(figure) for key, figure in figures(facts).items()}
    names = [score_words(objective.name) for objective in facts.objectives]
    return {OBJECTIVES: names, **_note(STUDY, study_note(facts)), **drawn}


def _note(whose: str, text: str) -> dict[str, Any]:
    """Return a note that no user has edited."""
    return {f"{whose}:note_ver": 0, f"{whose}:note_str:0": text}
