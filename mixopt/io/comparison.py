"""Compare imported runs with a study's trials: which are new, known, or known with other scores.

A run is known if weights and scores are equal. It is known with other scores if weights and name are equal; the name is
the run's own name and training seed in the file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import TableError
from mixopt.history.keys import IMPORTED, LABEL, RUN, TEST
from mixopt.io.scoring import ScoredRun
from mixopt.study.runs_by_score import score_words
from mixopt.study.study import Study

SAME = 1e-6  # weights and scores that differ by no more are equal
SHOWN = 4  # runs that a message names


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run as a study takes it.

    Attributes:
        where: its file and line, or its trial in another study.
        weights: by domain of the study.
        scored_run: its scores as the study counts them.
        name: what distinguishes it from all other runs of its mixture, if anything does.
    """

    where: str
    weights: dict[str, float]
    scored_run: ScoredRun
    strategy: str
    label: str
    name: str | None


Pair = tuple[Finished, FrozenTrial]  # a run, and a trial that is or may be the same


@dataclass
class Compared:
    """Runs, by what the study has of them.

    Attributes:
        new: runs that the study does not have; `again` and `renamed` are among them.
        known: runs that the study has; `fuller` are those with scores of tests that the trial lacks.
        changed: runs that the study has with other scores.
        forgotten: runs that were forgotten here.
        again: runs without a name, with the mixture of an imported trial that has none, and another score; at most two
            such trials.
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
        """The runs that may replace a trial; of those without a name, where one trial and one run have the mixture."""
        runs = Counter(tuple(run.weights.items()) for run, _ in self.again)
        trials = Counter(trial.number for _, trial in self.again)
        alone = [(r, t) for r, t in self.again if runs[tuple(r.weights.items())] == trials[t.number] == 1]
        return [*self.changed, *self.fuller, *alone]


def compared(study: Study, runs: Sequence[Finished]) -> Compared:
    """Compare runs with a study's finished trials; of two equal runs, each needs a trial of its own to be known."""
    trials, all_trials = _Mixtures(study, study.trials(TrialState.COMPLETE)), study.trials()
    forgotten = _Mixtures(study, [all_trials[number] for number in study.corrections().forgotten])
    names = {name_of(trial): trial for trial in trials if trial.user_attrs.get(IMPORTED)}
    found, others = Compared(), []
    for run in runs:
        if same := trials.equal(run):
            trials.take(same)
            found.known.append((run, same))
            if _tests(run.scored_run.notes).keys() - _tests(same.user_attrs).keys() and same.user_attrs.get(IMPORTED):
                found.fuller.append((run, same))
        elif gone := forgotten.equal(run):
            forgotten.take(gone)
            found.forgotten.append((run, gone))
        else:
            others.append(run)
    for run in others:
        if run.name is not None and (named := trials.imported(run, run.name, 1)):
            trials.take(named[0])
            found.changed.append((run, named[0]))
            continue
        found.new.append(run)
        if run.name is None:
            found.again += [(run, trial) for trial in trials.imported(run, None, 2)]
        elif not run.name.isdigit() and run.name in names:
            found.renamed.append((run, names[run.name]))
    return found


class _Mixtures:
    """Trials that are still to be compared, found by mixture and then by score or name.

    Mixtures are sorted by their projection on one direction, on which equal ones are neighbours.
    """

    def __init__(self, study: Study, trials: Iterable[FrozenTrial]) -> None:
        self._domains = study.space.domains
        self._groups: dict[tuple[float, ...], _Group] = {}
        for trial in trials:
            if len(trial.params) == study.space.m:
                mixture = tuple(trial.params[name] for name in self._domains)
                self._groups.setdefault(mixture, _Group()).add(trial)
        self._mixtures = np.array(list(self._groups)).reshape(-1, study.space.m)
        self._direction = np.random.default_rng(0).uniform(-1, 1, study.space.m)
        places = self._mixtures @ self._direction
        self._order = np.argsort(places)
        self._places = places[self._order]
        self._found = list(self._groups.values())

    def __iter__(self) -> Iterator[FrozenTrial]:
        trials = (trial for group in self._found for trial in group.trials.values())
        return iter(sorted(trials, key=lambda trial: trial.number))

    def equal(self, run: Finished) -> FrozenTrial | None:
        """Return the first trial that equals a run, preferring one of the same name."""
        groups = self._of(run)
        for names in ([run.name], None):
            equal = (
                trial for group in groups for trial in group.near(run.scored_run.values, names) if _equal(run, trial)
            )
            if found := min(equal, key=lambda trial: trial.number, default=None):
                return found
        return None

    def imported(self, run: Finished, name: str | None, most: int) -> list[FrozenTrial]:
        """Return the first imported trials with a run's mixture and a name, at most `most` of each spelling."""
        named = (t for group in self._of(run) for t in islice(group.imported.get(name, {}).values(), most))
        return sorted(named, key=lambda trial: trial.number)

    def take(self, trial: FrozenTrial) -> None:
        """Remove a trial from further comparisons."""
        self._groups[tuple(trial.params[name] for name in self._domains)].take(trial)

    def _of(self, run: Finished) -> list["_Group"]:
        """Return the trials with a run's weights."""
        if not self._groups:
            return []
        weights = np.array([run.weights[name] for name in self._domains])
        place, off = weights @ self._direction, 2 * SAME * np.abs(self._direction).sum()
        first, end = np.searchsorted(self._places, [place - off, place + off])
        near = self._order[first:end]
        return [self._found[i] for i in near if (np.abs(self._mixtures[i] - weights) <= SAME).all()]


class _Group:
    """Trials of one mixture, each by number."""

    def __init__(self) -> None:
        self.trials: dict[int, FrozenTrial] = {}
        self.imported: dict[str | None, dict[int, FrozenTrial]] = {}  # by name
        self._near: dict[float, dict[str | None, dict[int, FrozenTrial]]] = {}  # by the first value, and by name

    def add(self, trial: FrozenTrial) -> None:
        for trials in self._lists(trial):
            trials[trial.number] = trial

    def take(self, trial: FrozenTrial) -> None:
        for trials in self._lists(trial):
            del trials[trial.number]

    def near(self, values: Sequence[float], names: Sequence[str | None] | None) -> Iterator[FrozenTrial]:
        """Yield the trials whose first value may equal that of `values`, of some names or of all."""
        cell = _cell(values[0])
        for by_name in (self._near.get(key, {}) for key in {cell - 1, cell, cell + 1}):
            for name in by_name if names is None else names:
                yield from by_name.get(name, {}).values()

    def _lists(self, trial: FrozenTrial) -> list[dict[int, FrozenTrial]]:
        """Where it stands."""
        name = name_of(trial)
        lists = [self.trials, self._near.setdefault(_cell(trial.values[0]), {}).setdefault(name, {})]
        return [*lists, self.imported.setdefault(name, {})] if trial.user_attrs.get(IMPORTED) else lists


def _cell(value: float) -> float:
    """Return a rounded value; equal values are in the same cell or in neighbouring ones."""
    return float(np.floor(value / SAME))


def name_of(trial: FrozenTrial) -> str | None:
    """Return what tells an imported trial apart from all others of its mixture: its name, else its label."""
    label = str(trial.user_attrs.get(LABEL, "line:"))
    return trial.user_attrs.get(RUN) or (None if label.startswith("line:") else label)


def changed_error(study: Study, changed: Sequence[Pair]) -> TableError:
    """Return the error for runs that the study has with other scores."""
    run, trial = changed[0]
    here, said = _tests(trial.user_attrs), _tests(run.scored_run.notes)
    pairs = [*zip(map(score_words, study.scoring.names), trial.values, run.scored_run.values)]
    pairs += [(name, here[name], said[name]) for name in said if name in here]
    name, old, new = next(pair for pair in pairs if abs(pair[1] - pair[2]) > SAME)
    others = [repr(other.name) for other, _ in changed[1:]]
    more = f" (and {_listed(others)})" if others else ""
    return TableError(
        f"{run.where}: run {run.name!r} is trial {trial.number} here with {name} {old:.6g}, and its {name} is "
        f"{new:.6g} now{more}: --update takes the new scores; where it is another run, give it another name"
    )


def notes_of(found: Compared, *, update: bool) -> Iterable[str]:
    """Yield remarks on the runs beside their number, each line with the runs that it is about."""
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
    """Return whether a run and a trial have equal values, and equal scores in the tests that both have."""
    here, said = _tests(trial.user_attrs), _tests(run.scored_run.notes)
    return bool(np.abs(np.subtract(run.scored_run.values, trial.values)).max() <= SAME) and all(
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
