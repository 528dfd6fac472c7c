"""A study as it stands: opened from its folder, read from its storage, and what its runs say.

Nothing here changes it; study.py does.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self

import optuna
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StorageError, StrategyError, UnknownStudyError
from mixopt.history.base_model import BaseModel
from mixopt.history.corrections import Corrections
from mixopt.history.history import ACTIVE, History, with_corrections
from mixopt.history.keys import ASSURED_TRIALS, BASE, EXTRA_TRIALS, IMPORTED, REPLICATE, UNTIL
from mixopt.history.runs import Runs
from mixopt.history.trial_record import TrialRecord
from mixopt.inference.pareto_front import Front, front_of_runs
from mixopt.inference.recommendation import Recommendation, recommend_from_runs
from mixopt.leases.leases import Leases
from mixopt.models.gp import GPSurrogate
from mixopt.models.multi_step_runs import MultiStepRuns
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import Posterior
from mixopt.paths import StudyFolder, default_home, study_names
from mixopt.samplers.phased import PhasedSampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.storage.files import is_locked
from mixopt.storage.retrying import RetryingStorage
from mixopt.storage.url import StorageUrl
from mixopt.study.plan import phased_sampler
from mixopt.study.spec import PhaseSpec, StudySpec, read_spec


class StudyReader:
    """One study on disk, to be read."""

    def __init__(self, spec: StudySpec, folder: StudyFolder, storage: RetryingStorage) -> None:
        self.spec = spec
        self.folder = folder
        self.storage = storage
        self.optuna = optuna.load_study(study_name=spec.study, storage=storage)
        self.storage_url = StorageUrl.of(folder)
        self.space: MixtureSpace = spec.space
        self.scoring = spec.scoring

    @classmethod
    def open(cls, name: str, path: Path | None = None, patience: float = 0.0) -> Self:
        """Open a study by its name under the home, or in `path`; its storage may be away for `patience` seconds.

        Raises:
            UnknownStudyError: there is none; the message names those that are there.
            StorageError: its storage cannot be read.
        """
        folder = StudyFolder((path or default_home() / name).absolute())
        try:
            there = folder.spec.is_file()
        except OSError as error:
            raise StorageError(f"{folder.path}: cannot be read ({error.strerror}): mend its permissions") from error
        if not there and os.path.lexists(folder.spec):
            no_study = f"is no plain file, so there is no study {name!r}"
            raise StorageError(f"{folder.spec}: {no_study}: restore it, or move the folder away")
        if not there:
            names = ", ".join(study_names()) or "none yet: `mixopt study create FILE.yaml` makes one"
            raise UnknownStudyError(f"there is no study {name!r} in {folder.path}; studies here: {names}")
        spec = read_spec(folder.spec)
        if spec.study != name:
            raise UnknownStudyError(f"{folder.path} holds study {spec.study!r}, not {name!r}: name that one")
        url = StorageUrl.of(folder)
        if url.kind == "journal" and not folder.journal.is_file():
            what = "is no plain file" if os.path.lexists(folder.journal) else "is missing"
            raise StorageError(f"{folder.journal}: {what}: restore it, or delete the study")
        try:
            return cls(spec, folder, url.open(folder.journal, opening=patience))
        except KeyError:
            where = url.masked or folder.journal
            raise StorageError(f"{where}: holds no study {spec.study!r}: restore it, or delete the folder") from None

    @property
    def extra(self) -> int:
        """Trials beyond those of the study file."""
        return int(self.optuna.user_attrs.get(EXTRA_TRIALS, 0))

    @property
    def assured(self) -> int:
        """Up to how many trials of its own no stopping rule holds."""
        return int(self.optuna.user_attrs.get(ASSURED_TRIALS, 0))

    def sampler(self) -> PhasedSampler:
        """The sampler of the study file and of the trials beyond it."""
        return phased_sampler(self.spec, self.extra)

    def phase(self, index: int) -> PhaseSpec | None:
        """A phase of the study file; None for the trials beyond it."""
        return self.spec.strategy[index] if 0 <= index < len(self.spec.strategy) else None

    def trials(self, *states: TrialState) -> list[FrozenTrial]:
        """The trials that count and are in some states, by number; without states all there are, also corrected ones
        (corrections.py)."""
        trials = self.optuna.get_trials(deepcopy=False)
        found = [trial for trial in trials if not states or trial.state in states]
        if not any(state.is_finished() for state in states):
            return found
        corrections = self._corrections(trials)
        return [trial for trial in found if not corrections.left_out(trial.number)]

    def corrections(self) -> Corrections:
        """The trials that were replaced or forgotten."""
        return self._corrections(self.trials())

    def trial_records(self, *states: TrialState) -> list[TrialRecord]:
        """What is known of trials, as `trials` has them."""
        corrections = self.corrections()
        return [self._record(trial, corrections) for trial in self.trials(*states)]

    def _record(self, trial: FrozenTrial, corrections: Corrections) -> TrialRecord:
        try:
            return TrialRecord.of(trial, self.space, self.scoring, corrections)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise self._not_ours(f"trial {trial.number}", error) from error

    def _not_ours(self, what: str, error: Exception) -> StorageError:
        """What is to be said of attributes of another kind than mixopt writes."""
        where = self.storage_url.masked or self.folder.journal
        return StorageError(f"{where}: {what} has notes that mixopt did not write ({error}): restore the storage")

    def own_trials(self) -> list[FrozenTrial]:
        """All trials as they count (history/history.py) but imported runs and replicates, which no budget counts."""
        trials = self.trials()
        own = [trial for trial in trials if not {IMPORTED, REPLICATE} & trial.user_attrs.keys()]
        return with_corrections(own, self._corrections(trials))

    def trial(self, number: int, state: TrialState) -> FrozenTrial:
        """A trial with weights in a state; raises StrategyError where there is none."""
        trials = {trial.number: trial for trial in self.trials(state)}
        if number in trials and len(trials[number].params) == self.space.m:
            return trials[number]
        there = ", ".join(map(str, trials)) or "none"
        word = {TrialState.FAIL: "failed"}.get(state, "running")
        raise StrategyError(f"trial {number} is no {word} trial with weights; {word} are: {there}")

    def is_running(self, number: int) -> bool:
        """Whether a trial is still to be told."""
        return self.storage.get_trial(self.trial_id(number)).state == TrialState.RUNNING

    def wants_trial(self, sampler: PhasedSampler) -> bool:
        """Whether there is a trial to ask for at the moment: an enqueued one, or the next of the strategy."""
        if self.trials(TrialState.WAITING):
            return True
        position = sampler.position(self.history())
        return position is not None and not position.blocked

    @property
    def base(self) -> BaseModel | None:
        """What the base model scores, before any training; None where it is not known."""
        said = self.optuna.user_attrs.get(BASE)
        return BaseModel.of(said, self.scoring) if said else None

    @property
    def active(self) -> int:
        """How many of its own trials are finished, ended early, or running."""
        return sum(trial.state in ACTIVE for trial in self.own_trials())

    @property
    def busy(self) -> bool:
        """Whether a worker trains one of its trials, as far as can be told at once (workers/leases.py), or has its base
        model scored."""
        leases = Leases(self.folder)
        return is_locked(self.folder.base_worker) or any(
            leases.seems_alive(trial.number) for trial in self.trials(TrialState.RUNNING)
        )

    @property
    def done(self) -> float:
        """Finished and pruned trials of its own; one that was asked to end early counts as that part of a whole run's
        steps."""
        whole, own = self.spec.score.steps[-1], self.own_trials()
        short = sum(t.user_attrs.get(UNTIL, whole) / whole for t in own if t.state == TrialState.PRUNED)
        return sum(trial.state == TrialState.COMPLETE for trial in own) + short

    def history(self) -> History:
        return History.of(self.optuna, self.space)

    def runs(self) -> Runs:
        """The finished trials as arrays."""
        return self.history().runs()

    def posterior(self) -> Posterior:
        """What the finished and the short runs say of any mixture's score; raises StrategyError as `recommend` does."""
        history = self.history()
        if step_runs := _multi_step_runs(history, self.spec.early_steps):
            return step_runs.fit()
        runs = history.runs()
        runs.refuse_several("a posterior")
        return GPSurrogate(self.spec.score.noise).fit(runs.weights, runs.values)

    def recommend(self) -> Recommendation:
        """The mixture to train on next for real.

        Raises:
            StrategyError: too few runs, or several objectives.
        """
        spec, history = self.spec, self.history()
        step_runs = _multi_step_runs(history, spec.early_steps)
        found = recommend_from_runs(
            self.space, history.runs(), spec.sampler_seed, multi_step_runs=step_runs, noise=spec.score.noise
        )
        return replace(found, note=found.note + _outside(found, *spec.score.range))

    def front(self, runs: Runs, names: Sequence[str]) -> Front:
        """What can be had of several scores at once, of runs with values (n, k); raises StrategyError for too few."""
        spec = self.spec
        return front_of_runs(self.space, runs, names, spec.sampler_seed, noise=spec.score.noise)

    def _corrections(self, trials: list[FrozenTrial]) -> Corrections:
        try:
            return Corrections.of(trials, self.optuna.user_attrs)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise self._not_ours("a trial", error) from error

    @cached_property
    def study_id(self) -> int:
        """What the storage calls the study."""
        return self.storage.get_study_id_from_name(self.spec.study)

    def trial_id(self, number: int) -> int:
        """What the storage calls a trial."""
        return self.storage.get_trial_id_from_study_id_trial_number(self.study_id, number)


def recommend(
    study: optuna.Study,
    space: MixtureSpace,
    seed: int = 0,
    *,
    steps: Sequence[int] = (),
    deterministic: bool = False,
) -> Recommendation:
    """Recommend from any Optuna study whose parameters are the weights over `space`.

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space))
    >>> for _ in range(8):
    ...     trial = study.ask()
    ...     _ = study.tell(trial, 1 - (mixopt.suggest_mixture(trial, space)["coco"] - 0.7) ** 2)
    >>> recommended = mixopt.recommend(study, space)
    >>> 0.6 < recommended.weights["coco"] < 0.8 and recommended.beats_uniform > 0.5
    True

    `steps` and `deterministic` are those of its BayesSampler; with steps, runs that ended early count too. Values are
    in the study's own units where it maximises, and negated where it minimises.

    Raises:
        StrategyError: fewer than 3 finished trials, or several objectives.
    """
    history = History.of(study, space)
    return recommend_from_runs(
        space,
        history.runs(),
        seed,
        multi_step_runs=_multi_step_runs(history, steps),
        noise=NoiseModel.of(deterministic),
    )


def _outside(found: Recommendation, low: float, high: float) -> str:
    """What is to be said of a prediction that no score of the declared range can reach."""
    (least, most), name = found.interval, f"the declared range [{low:g}, {high:g}]"
    if not low <= found.mean <= high:
        return f" The predicted score is outside {name}, which the model does not know: take it for the range's end."
    if least < low or most > high:
        return f" Its interval reaches beyond {name}, which the model does not know."
    return ""


def _multi_step_runs(history: History, steps: Sequence[int]) -> MultiStepRuns | None:
    return MultiStepRuns.of(history, steps) if steps else None
