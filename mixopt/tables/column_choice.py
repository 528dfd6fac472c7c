"""Choose the columns of weights and scores: those that the user names, else those that column_detection.py finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mixopt.errors import TableError
from mixopt.space.limits import MOST_DOMAINS
from mixopt.tables.cells import Cells
from mixopt.tables.column_detection import (
    LISTED,
    MINUS,
    OBJECTIVE,
    SCORES,
    TEST_PREFIX,
    bare,
    clean,
    few,
    has_prefix,
    left_columns,
    named,
    notes_among,
    score_columns,
    settings_among,
    unused_columns,
    weight_columns,
)
from mixopt.tables.column_names import smaller_is_better
from mixopt.tables.run_columns import is_step, steps_among


@dataclass(frozen=True)
class TableOptions:
    """What the user says about a table of runs: the arguments of `read_old_runs`."""

    value: str | None
    domains: Sequence[str] | None
    tests: Sequence[str]
    known_domains: Sequence[str]
    known_scores: Sequence[str]
    minimize: bool | None
    normalize: bool


@dataclass(frozen=True)
class Columns:
    """The columns of weights and of scores, and the columns of numbers that are neither.

    Attributes:
        scores: the first is the one named by `value`, if any; the others are tests beside it.
        steps: columns named like an evaluation step, the most likely first.
        smaller: the scores of which smaller is better.
    """

    weights: list[str]
    scores: list[str]
    unused: list[str]
    steps: list[str]
    smaller: frozenset[str]

    def called(self, score: str) -> str:
        """Return the name of a column of scores in the study, where larger is better."""
        return MINUS * (score in self.smaller) + clean(score)

    @property
    def renamed(self) -> dict[str, str]:
        """Columns whose name in the study differs, as {column: name}."""
        return {column: clean(column) for column in (*self.weights, *self.scores) if clean(column) != bare(column)}


def choose(files: Sequence[Cells], cells: Cells, options: TableOptions) -> Columns:
    """Choose the columns of one file, or of two files whose rows are joined in `cells`.

    Raises:
        TableError: a column is missing, is used twice, or could mean something else; the message names the option to
            set.
    """
    objectives = [name.removeprefix(OBJECTIVE) for name in cells.columns if name.startswith(OBJECTIVE)]
    if objectives and options.value is None and not options.known_scores:
        raise TableError(
            f"{cells.path}: its study maximised {' and '.join(objectives)}: choose the one that counts here by --value"
        )
    if options.domains:
        weights = [named(cells, name) for name in options.domains]
    else:
        weights = weight_columns(cells, files[0], options.value, options.known_domains)
    if options.value is not None:
        scores = [named(cells, options.value)]
    else:
        scores = score_columns(cells, files, weights, options.known_scores)
    if len(weights) > MOST_DOMAINS:
        raise TableError(
            f"{cells.path}: has {len(weights)} columns of weights ({few(weights)}), and a mixture has at most "
            f"{MOST_DOMAINS} domains: name them with --domains"
        )
    if len(weights) < 2:
        raise TableError(f"{cells.path}: has no two columns of weights: name them with --domains")
    if scores[0] in weights:
        raise TableError(f"column {scores[0]!r} is the score and no domain: take it out of the domains")
    cells.refuse_doubtful(weights)
    for name in scores:
        cells.refuse_doubtful([name])
        cells.refuse_mixed_percents(name)
    unused = unused_columns(files[0], weights, scores, options.known_scores)
    if options.normalize:
        _refuse_doubtful_weights(files[0], weights, unused, options)
    elif not (options.domains or has_prefix(weights) or set(map(clean, weights)) == set(options.known_domains)):
        _refuse_settings(files[0], weights)
    for name in scores:
        if options.minimize is None and smaller_is_better(name) and not _is_turned(name, options.known_scores):
            raise TableError(
                f"{files[-1].path}: column {name!r} looks as if smaller were better: --minimize, or --maximize"
            )
    smaller = set(scores) if options.minimize else set[str]()
    tests = _tests(cells, weights, scores, options)
    smaller |= {name for name in tests if _is_smaller(name, options.known_scores)}
    scores = [*scores, *tests]
    used = {*weights, *scores, *notes_among(cells)}
    chosen = Columns(
        weights,
        scores,
        left_columns(cells, weights, scores),
        steps_among([name for name in cells.columns if name not in used]),
        frozenset(smaller),
    )
    if twice := [name for name in weights if weights.count(name) > 1]:
        raise TableError(f"domain {twice[0]!r} is named twice: name each column once")
    for what, names, here in (("scores", scores, chosen.called), ("domains", weights, clean)):
        if len({here(name) for name in names} - {""}) < len(names):
            raise TableError(f"two {what} come to one name: {few(names, LISTED)}: rename a column")
    return chosen


def _is_turned(score: str, known: Sequence[str]) -> bool:
    """Return whether a column's direction is known: mixopt's own columns and the study's are larger-is-better."""
    return score.startswith(TEST_PREFIX) or clean(score) in known or MINUS + clean(score) in known


def _is_smaller(test: str, known: Sequence[str]) -> bool:
    """Return whether smaller is better for a test beside the score: by the study's name for it, else by its name."""
    if _is_turned(test, known):
        return clean(test) not in known and MINUS + clean(test) in known
    return smaller_is_better(test)


def _tests(cells: Cells, weights: Sequence[str], scores: Sequence[str], options: TableOptions) -> list[str]:
    """Return the columns beside the score that `--tests` names, and those of the study's own tests."""
    others = left_columns(cells, weights, scores)
    found: dict[str, None] = {}
    for pattern in options.tests:
        matched = [
            column
            for column in others
            if column == pattern
            or (not is_step(column) and (fnmatchcase(column, pattern) or fnmatchcase(clean(column), pattern)))
        ]
        if pattern in cells.columns and not matched:
            cells.refuse_almost_number(pattern)
        if not matched:
            raise TableError(
                f"{cells.path}: --tests {pattern}: is no column of numbers beside weights and score; there are "
                f"{few(others, LISTED) or 'none'}"
            )
        found |= dict.fromkeys(matched)
    own = set(options.known_scores) - {*SCORES}
    if options.value is not None and MINUS * bool(options.minimize) + clean(scores[0]) in own:
        found |= dict.fromkeys(name for name in others if {clean(name), MINUS + clean(name)} & own)
    for name in found:
        cells.refuse_doubtful([name])
        cells.refuse_mixed_percents(name)
    return list(found)


def _refuse_settings(first: Cells, weights: Sequence[str]) -> None:
    """Refuse columns that the user did not name as weights and that may be settings of the runs.

    Raises:
        TableError: names the columns.
    """
    if settings := settings_among(first, weights):
        others = [name for name in weights if name not in settings]
        fix = f"{','.join(others)}, or all of them" if len(others) > 1 else "and name them"
        raise TableError(
            f"{first.path}: are {few(weights)} all weights? Without {few(settings)} they sum to 1 too: give --domains "
            f"{fix}"
        )


def _refuse_doubtful_weights(
    first: Cells, weights: Sequence[str], unused: Sequence[str], options: TableOptions
) -> None:
    """Refuse to normalise where the chosen columns may not be all the weights, or not only weights.

    Raises:
        TableError: names the columns.
    """
    if not (options.domains or options.known_domains or has_prefix(weights)):
        raise TableError(
            f"{first.path}: are {few(weights)} all weights? --normalize divides by their sum: give --domains, such as "
            f"--domains {','.join(weights[:2])}"
        )
    if not options.domains and (lost := [name for name in unused if not first.is_zero(name)]):
        raise TableError(f"{first.path}: is {few(lost)} a weight? The study has no such domain: give --domains")
