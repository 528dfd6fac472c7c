"""Which columns of a file of runs count: those that somebody named, else those that are seen (columns.py); and what
must be said before they do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mixopt.errors import TableError
from mixopt.exchange.cells import STEPS, Cells
from mixopt.exchange.columns import (
    MINUS,
    OBJECTIVE,
    PLACES,
    bare,
    clean,
    few,
    has_prefix,
    named,
    score_columns,
    settings_among,
    unused_columns,
    weight_columns,
)

SMALLER = re.compile(r"loss|perplexity|ppl|bpb|error", re.IGNORECASE)  # columns of which smaller is better


@dataclass(frozen=True)
class Said:
    """What is said about files of runs: the arguments of `read_old_runs`."""

    value: str | None
    domains: Sequence[str] | None
    known_domains: Sequence[str]
    known_scores: Sequence[str]
    minimize: bool | None
    normalize: bool


@dataclass(frozen=True)
class Columns:
    """The columns of weights and of scores, and those of numbers that are nothing; that of the step, where there is a
    row a step; whether smaller scores are better."""

    weights: list[str]
    scores: list[str]
    unused: list[str]
    step: str | None
    smaller: bool

    def called(self, score: str) -> str:
        """The name that a column of scores has here, where larger is better."""
        return MINUS * self.smaller + clean(score)

    @property
    def renamed(self) -> dict[str, str]:
        """Columns by the names that they have here, where these differ."""
        return {column: clean(column) for column in (*self.weights, *self.scores) if clean(column) != bare(column)}


def choose(files: Sequence[Cells], cells: Cells, said: Said) -> Columns:
    """The columns of one file, or of two whose rows are joined in `cells`.

    Raises:
        TableError: a column is not there, is two things at once, or could be something else; the message says what to
            say.
    """
    objectives = [name.removeprefix(OBJECTIVE) for name in cells.columns if name.startswith(OBJECTIVE)]
    if objectives and said.value is None and not said.known_scores:
        raise TableError(
            f"{cells.path}: its study maximised {' and '.join(objectives)}: say by --value which one counts here"
        )
    found = weight_columns(cells, files[0], said.value, said.known_domains)
    weights = [named(cells, name) for name in said.domains] if said.domains else found
    if said.value is not None:
        scores = [named(cells, said.value)]
    else:
        scores = score_columns(cells, files, weights, said.known_scores)
    if len(weights) < 2:
        for column in files[0].columns:
            if not (said.domains or column in (*PLACES, *scores)):
                files[0].refuse_almost_number(column)
        raise TableError(f"{cells.path}: has no two columns of weights: name them with --domains")
    if scores[0] in weights:
        raise TableError(f"column {scores[0]!r} is the score and no domain: take it out of the domains")
    unused = unused_columns(files[0], weights, scores, said.known_scores)
    if said.normalize:
        _refuse_doubtful_weights(files[0], weights, unused, said)
    elif not (said.domains or has_prefix(weights) or set(map(clean, weights)) == set(said.known_domains)):
        _refuse_settings(files[0], weights)
    for name in scores:
        if said.minimize is None and SMALLER.search(name):
            raise TableError(
                f"{files[-1].path}: column {name!r} looks as if smaller were better: --minimize, or --maximize"
            )
    if twice := [name for name in weights if weights.count(name) > 1]:
        raise TableError(f"domain {twice[0]!r} is named twice: name each column once")
    for what, names in (("scores", scores), ("domains", weights)):
        if len({clean(name) for name in names} - {""}) < len(names):
            raise TableError(f"two {what} come to one name: {', '.join(names)}: rename a column")
    step = next((name for name in STEPS if name in cells.columns and name not in (*weights, *scores)), None)
    return Columns(weights, scores, unused, step, bool(said.minimize))


def _refuse_settings(first: Cells, weights: Sequence[str]) -> None:
    """Raise TableError where columns that nobody named as weights may be settings of the runs."""
    if settings := settings_among(first, weights):
        others = [name for name in weights if name not in settings]
        mend = f"{','.join(others)}, or all of them" if len(others) > 1 else "and name them"
        raise TableError(
            f"{first.path}: are {few(weights)} all weights? Without {few(settings)} they sum to 1 too: say --domains "
            f"{mend}"
        )


def _refuse_doubtful_weights(first: Cells, weights: Sequence[str], unused: Sequence[str], said: Said) -> None:
    """Weights that are divided by their sum must be all the weights, and nothing else."""
    if not (said.domains or said.known_domains or has_prefix(weights)):
        raise TableError(
            f"{first.path}: are {few(weights)} all weights? --normalize divides by their sum: say --domains, such as "
            f"--domains {','.join(weights[:2])}"
        )
    if not said.domains and (lost := [name for name in unused if not first.is_zero(name)]):
        raise TableError(f"{first.path}: is {few(lost)} a weight? The study has no such domain: say --domains")
