"""What mixopt raises on purpose, as one tree (backends add TrialFailed and TrialStopped, in backends/base.py).

    MixoptError
    ├── StudyFileError     a study file that cannot be used
    ├── MissingError       a study file that needs what is not installed here (a StudyFileError)
    ├── UnknownStudyError  no study of that name
    ├── StudyExistsError   a study of that name is there already
    ├── StudyBusyError     another process runs the study
    ├── StorageError       the study's storage cannot be read or written
    ├── SpaceError         a space that cannot be
    ├── WeightsError       weights that are not on the space
    ├── ScoresError        scores that a study cannot be judged by
    ├── TableError         a table of measured mixtures that cannot be used
    └── StrategyError      a strategy that cannot propose, with the reason

A message is one line: it names the item, the value and the fix.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class MixoptError(Exception):
    """The base of all errors that mixopt raises on purpose."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, one line each."""
        return (str(self),)


class StudyFileError(MixoptError):
    """A study file that cannot be used.

    Args:
        problems: All that is wrong with it, one line each, with the key, the value and the fix.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self._problems = problems

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, one line each."""
        return self._problems


class MissingError(StudyFileError):
    """A study file that needs a package which is not installed here; the message says how to install it."""


class UnknownStudyError(MixoptError):
    """There is no study of that name."""


class StudyExistsError(MixoptError):
    """A study of that name is there already."""


class StudyBusyError(MixoptError):
    """Another process runs the study."""


class StorageError(MixoptError):
    """The study's storage cannot be read or written."""


class SpaceError(MixoptError):
    """Domains, bounds, constraints or candidates that no mixture can satisfy; or too many vertices to list."""


class WeightsError(MixoptError):
    """Weights that are not on the space; the message names the domain."""


class ScoresError(MixoptError):
    """Scores that lack a test or a number; the message names the test."""


class TableError(MixoptError):
    """A table of measured mixtures that cannot be used; the message names the file and the line."""


class StrategyError(MixoptError):
    """A strategy that cannot propose; the message gives the reason."""


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """The end of a message about an unknown name: a suggestion where one of the known names is close, else nothing.

    >>> did_you_mean("trian_seed", ["train_seed", "sampler_seed"])
    "; did you mean 'train_seed'?"
    """
    close = get_close_matches(str(name)[:64], [str(one) for one in known], n=1)  # of a name as long as any
    return f"; did you mean {close[0]!r}?" if close else ""
