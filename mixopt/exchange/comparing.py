"""Runs that are imported against those that a study has: which are new, which are there, and which are there with other
scores.

A run is there where weights and scores are equal. It is there with other scores where weights and name are equal, which
are its own name and its training seed in the file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import TableError
from mixopt.exchange.judging import Judged
from mixopt.past import LABEL
from mixopt.record import IMPORTED
from mixopt.scored import score_words
from mixopt.study import Study

NAME = "run"  # user attribute of an imported trial: what tells it apart from all others of its mixture
TEST = "test:"  # how user attributes begin that hold a test's score
SAME = 1e-6  # weights and scores that differ by no more are equal
SHOWN = 4  # runs that a message names


@dataclass(frozen=True)
class Finished:
    """A finished run as a study takes it: where it is from, weights by domain of the study, scores that it has judged,
    and what tells it apart from all others of its mixture, if anything does."""

    where: str
    weights: dict[str, float]
    judged: Judged
    strategy: str
    label: str
    name: str | None


Pair = tuple[Finished, FrozenTrial]  # a run, and a trial that is or may be the same


@dataclass
class Compared:
    """Runs by what the study has of them.

    Attributes:
        new: runs that it has not; `again` and `renamed` are among them.
        known: runs that it has; `fuller` are those with scores of tests that the trial lacks.
        changed: runs that it has with other scores.
        forgotten: runs that were forgotten here.
        again: runs without a name and with the mixture of an imported trial that has none, and another score.
        renamed: runs with the name of an imported trial, and another mixture.
    """

    new: list[Finished] = field(default_factory=list)
    known: list[Pair] = field(default_factory=list)
    fuller: list[Pair] = field(default_factory=list)
    changed: list[Pair] = field(default_factory=list)
    forgotten: list[Pair] = field(default_factory=list)
    again: list[Pair] = field(default_factory=list)
    renamed: list[Pair] = field(default_factory=list)

    @property
    def updates(self) -> list[Pair]:
        """The runs that may take the place of a trial: of those without a name where one trial and one run have the
        mixture."""
        alone = [
            pair
            for pair in self.again
            if sum(other[0].weights == pair[0].weights for other in self.again) == 1
            and sum(other[1] is pair[1] for other in self.again) == 1
        ]
        return [*self.changed, *self.fuller, *alone]


def compared(study: Study, runs: Sequence[Finished]) -> Compared:
    """Compare runs with a study's finished trials; a run that is twice among them is twice in the study."""
    trials, all_trials = _Mixtures(study, study.trials(TrialState.COMPLETE)), study.trials()
    forgotten = _Mixtures(study, [all_trials[number] for number in study.corrections().forgotten])
    names = {name_of(trial): trial for trial in trials.left.values() if trial.user_attrs.get(IMPORTED)}
    found, others = Compared(), []
    for run in runs:
        equal = [trial for trial in trials.of(run) if _equal(run, trial)]
        if same := next(iter(sorted(equal, key=lambda trial: name_of(trial) != run.name)), None):
            trials.take(same)
            found.known.append((run, same))
            if _tests(run.judged.notes).keys() - _tests(same.user_attrs).keys() and same.user_attrs.get(IMPORTED):
                found.fuller.append((run, same))
        elif gone := next((trial for trial in forgotten.of(run) if _equal(run, trial)), None):
            forgotten.take(gone)
            found.forgotten.append((run, gone))
        else:
            others.append(run)
    for run in others:
        mixture = [trial for trial in trials.of(run) if trial.user_attrs.get(IMPORTED)]
        named = [trial for trial in mixture if run.name is not None and name_of(trial) == run.name]
        if named:
            trials.take(named[0])
            found.changed.append((run, named[0]))
            continue
        found.new.append(run)
        if run.name is None:
            found.again += [(run, trial) for trial in mixture if name_of(trial) is None]
        elif not run.name.isdigit() and run.name in names:
            found.renamed.append((run, names[run.name]))
    return found


class _Mixtures:
    """Trials that are still to be compared, by number, and their weights."""

    def __init__(self, study: Study, trials: Sequence[FrozenTrial]) -> None:
        self.domains = study.space.domains
        self.left = {trial.number: trial for trial in trials if len(trial.params) == study.space.m}
        self.numbers = list(self.left)
        weights = [[trial.params[name] for name in self.domains] for trial in self.left.values()]
        self.weights = np.array(weights).reshape(-1, study.space.m)

    def of(self, run: Finished) -> list[FrozenTrial]:
        """Those with the weights of a run."""
        weights = np.array([run.weights[name] for name in self.domains])
        rows = np.flatnonzero((np.abs(self.weights - weights) <= SAME).all(axis=1))
        return [self.left[self.numbers[row]] for row in rows if self.numbers[row] in self.left]

    def take(self, trial: FrozenTrial) -> None:
        """Compare it with no other run."""
        del self.left[trial.number]


def name_of(trial: FrozenTrial) -> str | None:
    """What tells an imported trial apart from all others of its mixture; its label where nothing else is known."""
    label = str(trial.user_attrs.get(LABEL, "line:"))
    return trial.user_attrs.get(NAME) or (None if label.startswith("line:") else label)


def changed_error(study: Study, changed: Sequence[Pair]) -> TableError:
    """What is to be said of runs that are there with other scores."""
    run, trial = changed[0]
    here, said = _tests(trial.user_attrs), _tests(run.judged.notes)
    pairs = [*zip(map(score_words, study.scoring.names), trial.values, run.judged.values)]
    pairs += [(name, here[name], said[name]) for name in said if name in here]
    name, old, new = next(pair for pair in pairs if abs(pair[1] - pair[2]) > SAME)
    others = [repr(other.name) for other, _ in changed[1:]]
    more = f" (and {_listed(others)})" if others else ""
    return TableError(
        f"{run.where}: run {run.name!r} is trial {trial.number} here with {name} {old:.6g}, and its {name} is "
        f"{new:.6g} now{more}: --update takes the new scores; where it is another run, give it another name"
    )


def notes_of(found: Compared, *, update: bool) -> Iterable[str]:
    """What is to be said of runs beside their number, each line with the runs that it is of."""
    if found.forgotten and not update:
        runs = _listed([f"{_called(run)}, trial {trial.number}" for run, trial in found.forgotten])
        yield f"{len(found.forgotten)} left out: forgotten here ({runs}); --update imports them again"
    if found.fuller and not update:
        names = _listed([_called(run) for run, _ in found.fuller])
        yield f"{len(found.fuller)} have scores of tests that are not stored here ({names}): --update adds them"
    updated = [run for run, _ in found.updates] if update else []
    again = _unique(run for run, _ in found.again if run not in updated)
    if again:
        yield (
            f"{len(again)} have no name, and a mixture that is here with another score "
            f"({_listed(map(_called, again))}): they count as runs of their own; --update replaces those that are here"
        )
    if renamed := _unique(run for run, _ in found.renamed):
        yield (
            f"{len(renamed)} have the name of a run that is here with another mixture "
            f"({_listed(map(_called, renamed))}): they count as runs of their own"
        )


def _equal(run: Finished, trial: FrozenTrial) -> bool:
    """Whether the values of a run and a trial are the same, and the scores of tests that both have."""
    here, said = _tests(trial.user_attrs), _tests(run.judged.notes)
    return bool(np.abs(np.subtract(run.judged.values, trial.values)).max() <= SAME) and all(
        abs(here[name] - said[name]) <= SAME for name in here.keys() & said.keys()
    )


def _tests(notes: dict) -> dict[str, float]:
    return {key.removeprefix(TEST): float(score) for key, score in notes.items() if key.startswith(TEST)}


def _called(run: Finished) -> str:
    return run.name or " ".join(run.where.split(" ")[-2:])


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join(shown[:SHOWN]) + (f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else "")


def _unique(runs: Iterable[Finished]) -> list[Finished]:
    return list({id(run): run for run in runs}.values())
