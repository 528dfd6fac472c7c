"""Choose the columns of a file of runs: those that the user named, else those that column_detection.py finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mixopt.errors import TableError
from mixopt.space.mixture_space import MOST_DOMAINS
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
class Said:
    """What is said about files of runs: the arguments of `read_old_runs`."""

    value: str | None
    domains: Sequence[str] | None
    tests: Sequence[str]
    known_domains: Sequence[str]
    known_scores: Sequence[str]
    minimize: bool | None
    normalize: bool


@dataclass(frozen=True)
class Columns:
    """The columns of weights and of scores, and those of numbers that are nothing.

    Attributes:
        scores: where `value` was said it is the first of them, and the others are tests beside it.
        steps: those that are called like the step of a row, the surest first.
        smaller: the scores of which smaller is better.
    """

    weights: list[str]
    scores: list[str]
    unused: list[str]
    steps: list[str]
    smaller: frozenset[str]

    def called(self, score: str) -> str:
        """The name that a column of scores has here, where larger is better."""
        return MINUS * (score in self.smaller) + clean(score)

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
    if said.domains:
        weights = [named(cells, name) for name in said.domains]
    else:
        weights = weight_columns(cells, files[0], said.value, said.known_domains)
    if said.value is not None:
        scores = [named(cells, said.value)]
    else:
        scores = score_columns(cells, files, weights, said.known_scores)
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
    unused = unused_columns(files[0], weights, scores, said.known_scores)
    if said.normalize:
        _refuse_doubtful_weights(files[0], weights, unused, said)
    elif not (said.domains or has_prefix(weights) or set(map(clean, weights)) == set(said.known_domains)):
        _refuse_settings(files[0], weights)
    for name in scores:
        if said.minimize is None and smaller_is_better(name) and not _is_turned(name, said.known_scores):
            raise TableError(
                f"{files[-1].path}: column {name!r} looks as if smaller were better: --minimize, or --maximize"
            )
    smaller = set(scores) if said.minimize else set[str]()
    tests = _tests(cells, weights, scores, said)
    smaller |= {name for name in tests if _is_smaller(name, said.known_scores)}
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
    """Whether it is known of a column which way is better: ours hold scores of which larger is, and so does a study."""
    return score.startswith(TEST_PREFIX) or clean(score) in known or MINUS + clean(score) in known


def _is_smaller(test: str, known: Sequence[str]) -> bool:
    """Whether smaller is better of a test beside the score: as a study has it, else as it is called."""
    if _is_turned(test, known):
        return clean(test) not in known and MINUS + clean(test) in known
    return smaller_is_better(test)


def _tests(cells: Cells, weights: Sequence[str], scores: Sequence[str], said: Said) -> list[str]:
    """The columns beside the score that `--tests` names, and those of the study's own tests."""
    others = left_columns(cells, weights, scores)
    found: dict[str, None] = {}
    for pattern in said.tests:
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
    own = set(said.known_scores) - {*SCORES}
    if said.value is not None and MINUS * bool(said.minimize) + clean(scores[0]) in own:
        found |= dict.fromkeys(name for name in others if {clean(name), MINUS + clean(name)} & own)
    for name in found:
        cells.refuse_doubtful([name])
        cells.refuse_mixed_percents(name)
    return list(found)


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
