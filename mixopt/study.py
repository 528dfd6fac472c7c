"""A study: a study file, an Optuna study in a folder, and trials asked and told one by one.

    study = Study.create(Path("studies/shapes.yaml"))
    study = Study.open("shapes")

The loop that trains is in workers/local.py; what is here changes only the storage.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from mixopt.backends.base import Request, Result, TrialFailed
from mixopt.errors import StorageError, StudyExistsError, UnknownStudyError, WeightsError
from mixopt.folders import StudyFolder, TrialFolder, default_home, write_whole
from mixopt.past import (
    ENQUEUED,
    ENQUEUED_STRATEGY,
    FAILURES_FROM,
    IN_SCORE,
    LABEL,
    OUT_SCORE,
    SECONDS,
    STEPS_DONE,
    STRATEGY,
    UNTIL,
    Past,
)
from mixopt.plan import checked_spec, phased_sampler, request_of
from mixopt.recommendation import Recommendation, recommend_from_runs
from mixopt.runs import Runs
from mixopt.samplers.base import suggest_mixture
from mixopt.samplers.phased import PhasedSampler
from mixopt.space import MixtureSpace
from mixopt.spec import StudySpec, read_spec
from mixopt.stages import Stages
from mixopt.storage import locked, open_storage

EXTRA = "extra_trials"  # user attribute of the Optuna study: trials beyond the study file


@dataclass(frozen=True)
class Asked:
    """A trial that wants training: its number, its strategy, what it is called, its request and its folder."""

    number: int
    strategy: str
    label: str
    request: Request
    folder: TrialFolder

    @property
    def part(self) -> float:
        """Of a whole run's steps."""
        return (self.request.until or self.request.steps[-1]) / self.request.steps[-1]


class Study:
    """One study on disk."""

    def __init__(self, spec: StudySpec, folder: StudyFolder, optuna_study: optuna.Study) -> None:
        self.spec = spec
        self.folder = folder
        self.optuna = optuna_study
        self.space: MixtureSpace = spec.space
        self.scoring = spec.scoring

    @classmethod
    def create(cls, file: Path, path: Path | None = None) -> "Study":
        """Create the study of a study file in `path` (default: its name under the home).

        Raises:
            StudyFileError, StudyExistsError, StorageError: nothing is left behind.
        """
        spec = checked_spec(file)
        folder = StudyFolder((path or default_home() / spec.study).absolute())
        _refuse_what_exists(spec, folder)
        scratch = StudyFolder(folder.path.with_name(f".{folder.path.name}.{os.getpid()}"))  # it appears whole
        try:
            scratch.path.mkdir(parents=True)
            directions = [StudyDirection.MAXIMIZE] * len(spec.scoring.goals)
            optuna.create_study(study_name=spec.study, storage=open_storage(scratch), directions=directions)
            write_whole(scratch.spec, file.read_text())
            os.rename(scratch.path, folder.path)
        except OSError as error:
            _refuse_what_exists(spec, folder)  # somebody was faster
            raise StorageError(f"{folder.path}: cannot be made ({error.strerror}): choose --folder") from error
        finally:
            shutil.rmtree(scratch.path, ignore_errors=True)
        return cls.open(spec.study, folder.path)

    @classmethod
    def open(cls, name: str, path: Path | None = None) -> "Study":
        """Open a study by its name under the home, or in `path`.

        Raises:
            UnknownStudyError: there is none; the message names those that are there.
            StorageError: its storage cannot be read.
        """
        folder = StudyFolder((path or default_home() / name).absolute())
        try:
            there = folder.spec.is_file()
        except OSError as error:
            raise StorageError(f"{folder.path}: cannot be read ({error.strerror}): mend its permissions") from error
        if not there:
            names = ", ".join(study_names()) or "none yet: `mixopt study create FILE.yaml` makes one"
            raise UnknownStudyError(f"there is no study {name!r} in {folder.path}; studies here: {names}")
        spec = read_spec(folder.spec)
        if spec.study != name:
            raise UnknownStudyError(f"{folder.path} holds study {spec.study!r}, not {name!r}: name that one")
        if not folder.journal.is_file():
            raise StorageError(f"{folder.journal}: is missing: restore it, or delete the study")
        storage = open_storage(folder)
        try:
            study = optuna.load_study(study_name=spec.study, storage=storage)
        except KeyError:
            raise StorageError(
                f"{folder.journal}: holds no study {spec.study!r}: restore it, or delete the study"
            ) from None
        return cls(spec, folder, study)

    def delete(self) -> None:
        """Remove the study's folder and all that is in it; raises StudyBusyError where a process runs it."""
        with locked(self.folder):
            shutil.rmtree(self.folder.path)

    # -- what is planned and what is done

    @property
    def extra(self) -> int:
        """Trials beyond those of the study file."""
        return int(self.optuna.user_attrs.get(EXTRA, 0))

    def begin(self, more: int = 0) -> None:
        """Raise the budget by `more` Bayesian trials, and give mixtures that failed before their chances again.

        Only the process that holds the study's lock may do this.
        """
        if more:
            self.optuna.set_user_attr(EXTRA, self.extra + more)
        self.optuna.set_user_attr(FAILURES_FROM, len(self.trials()))

    def sampler(self) -> PhasedSampler:
        """The sampler of the study file and of the trials beyond it."""
        return phased_sampler(self.spec, self.extra)

    def trials(self, *states: TrialState) -> list[FrozenTrial]:
        """The trials in some states, by number."""
        return self.optuna.get_trials(deepcopy=False, states=states or None)

    @property
    def done(self) -> float:
        """Finished trials; one that ended early counts as the part of a whole run's steps that it had."""
        short = sum(trial.user_attrs.get(STEPS_DONE, 0) for trial in self.trials(TrialState.PRUNED))
        return len(self.trials(TrialState.COMPLETE)) + short / self.spec.score.steps[-1]

    def past(self) -> Past:
        return Past.of(self.optuna, self.space)

    def runs(self) -> Runs:
        """The finished trials as arrays."""
        return self.past().runs()

    def recommend(self) -> Recommendation:
        """The mixture to train on next for real.

        Raises:
            StrategyError: too few runs, or several objectives.
        """
        past, steps = self.past(), self.spec.early_steps
        return recommend_from_runs(
            self.space,
            past.runs(),
            seed=self.spec.sampler_seed,
            stages=_stages(past, steps),
            deterministic=self.spec.score.deterministic,
        )

    # -- one trial

    def ask(self, sampler: PhasedSampler) -> Asked | None:
        """A new trial with weights by the sampler, or by who enqueued it; recorded as running.

        None where it was enqueued with weights that are no mixture of the space: that trial is failed.
        """
        self.optuna.sampler = sampler
        return self._weighted(self.optuna.ask())

    def left_running(self, sampler: PhasedSampler) -> list[Asked]:
        """Trials that an earlier process left running, to be run again under their numbers and weights.

        One that was left before it had weights gets them now. Only the process that holds the lock may ask.
        """
        self.optuna.sampler = sampler
        left = [optuna.Trial(self.optuna, trial._trial_id) for trial in self.trials(TrialState.RUNNING)]
        return [asked for asked in map(self._weighted, left) if asked]

    def _weighted(self, trial: optuna.Trial) -> Asked | None:
        if "train_seed" not in trial.user_attrs:
            trial.set_user_attr("train_seed", self.spec.train_seed)
        try:
            weights = suggest_mixture(trial, self.space)
        except WeightsError as error:
            self.fail(trial.number, TrialFailed(str(error)))
            return None
        notes = self.trials()[trial.number].user_attrs
        request = request_of(self.spec, trial.number, weights, notes["train_seed"], notes.get(UNTIL))
        strategy, label = notes.get(STRATEGY, ENQUEUED_STRATEGY), notes.get(LABEL, ENQUEUED)
        return Asked(trial.number, strategy, label, request, self.folder.trial(trial.number))

    def value(self, result: Result) -> float:
        """What the study maximises, of a result; raises ScoresError where a test is missing or it maximises several."""
        return self.scoring.value(result.scores)

    def values(self, result: Result) -> tuple[float, ...]:
        """What the study maximises, of a result, one value an objective; raises ScoresError where a test is missing."""
        return self.scoring.values(result.scores)

    def tell(self, number: int, result: Result) -> tuple[float, ...]:
        """Record a result: its values, which are returned, the value at each step, and the rest as user attributes.

        A run that was ended early is told as pruned, Optuna's word for it. With several objectives Optuna holds no
        values by step.

        Raises:
            ScoresError: a test of the study is missing in the result.
        """
        values, scores = self.values(result), self.scoring.aggregate(result.scores)
        last = result.evaluations[-1].scores
        notes = {
            IN_SCORE: scores[IN_SCORE],
            OUT_SCORE: scores[OUT_SCORE],
            **{f"test:{name}": last[name] for name in self.spec.tests.sizes},
            "evaluations": [{"step": e.step, "scores": e.scores, "carried": e.carried} for e in result.evaluations],
            STEPS_DONE: result.steps,
            "stopped": result.stopped,
            "exhausted": list(result.exhausted),
            "draws": result.draws,
            SECONDS: result.seconds,
        }
        self._note(number, notes)
        if len(values) == 1:
            for step, (value,) in self.scoring.staged(result.scores).items():
                self.optuna._storage.set_trial_intermediate_value(self._trial_id(number), step, value)
        if result.short:
            self.optuna.tell(number, state=TrialState.PRUNED)
        else:
            self.optuna.tell(number, values)
        return values

    def fail(self, number: int, failure: TrialFailed) -> None:
        """Record a failure with its reason, exit code and the last lines of its log."""
        self._note(number, {"reason": str(failure), "exit_code": failure.exit_code, "log_tail": failure.log_tail})
        self.optuna.tell(number, state=TrialState.FAIL)

    def _note(self, number: int, notes: dict) -> None:
        for key, value in notes.items():
            self.optuna._storage.set_trial_user_attr(self._trial_id(number), key, value)

    def _trial_id(self, number: int) -> int:
        return self.optuna._storage.get_trial_id_from_study_id_trial_number(self.optuna._study_id, number)


def _refuse_what_exists(spec: StudySpec, folder: StudyFolder) -> None:
    """Raise where a new study cannot take its folder."""
    if folder.spec.exists():
        raise StudyExistsError(
            f"study {spec.study!r} exists in {folder.path}: resume it, delete it, or name this one differently"
        )
    if folder.path.exists() and not (folder.path.is_dir() and not any(folder.path.iterdir())):
        raise StorageError(f"{folder.path}: is there and holds no study: move it away, or choose --folder")


def study_names(home: Path | None = None) -> list[str]:
    """The studies under the home, sorted."""
    return sorted(path.parent.name for path in (home or default_home()).glob("[!.]*/study.yaml"))


def recommend(
    study: optuna.Study,
    space: MixtureSpace,
    seed: int = 0,
    *,
    steps: Sequence[int] = (),
    deterministic: bool = False,
) -> Recommendation:
    """Recommend from any Optuna study whose parameters are the weights over `space`.

    `steps` and `deterministic` are those of its BayesSampler; with steps, runs that ended early count too. Values are
    in the study's own units where it maximises, and negated where it minimises.

    Raises:
        StrategyError: fewer than 3 finished trials, or several objectives.
    """
    past = Past.of(study, space)
    return recommend_from_runs(space, past.runs(), seed=seed, stages=_stages(past, steps), deterministic=deterministic)


def _stages(past: Past, steps: Sequence[int]) -> Stages | None:
    return Stages.of(past, steps) if steps else None
