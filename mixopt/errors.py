"""The exceptions that mixopt raises on purpose.

    MixoptError
    ├── StudyFileError     a study file that cannot be used
    ├── MissingError       a package of an extra is not installed (a StudyFileError)
    ├── UnknownStudyError  there is no study of that name
    ├── StudyExistsError   a study of that name exists already
    ├── StudyBusyError     another process runs the study
    ├── StorageError       the study's storage cannot be read or written
    ├── SpaceError         a space without any mixture
    ├── WeightsError       weights outside the space
    ├── ScoresError        scores that a study cannot use
    ├── TableError         a table of runs that cannot be used
    └── StrategyError      a strategy that has nothing to propose

Each message is one line: it names the item, the value and the fix. `trainers/contract.py` adds TrialFailed and
TrialStopped.
"""

from collections import abc
from difflib import get_close_matches
from importlib.util import find_spec


class MixoptError(Exception):
    """The base class of all exceptions that mixopt raises on purpose."""

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
    """A package that is needed is not installed here; the message names it and the command that installs it."""


class UnknownStudyError(MixoptError):
    """There is no study of that name."""


class StudyExistsError(MixoptError):
    """A study of that name exists already."""


class StudyBusyError(MixoptError):
    """Another process runs the study."""


class StorageError(MixoptError):
    """The study's storage cannot be read or written."""


class SpaceError(MixoptError):
    """Domains, bounds, constraints or candidates that allow no mixture, or too many vertices to list."""


class WeightsError(MixoptError):
    """Weights outside the space; the message names the domain."""


class ScoresError(MixoptError):
    """Scores that lack a test or are not numbers; the message names the test."""


class TableError(MixoptError):
    """A table of runs that cannot be used; the message names the file and the line."""


class StrategyError(MixoptError):
    """A strategy that has nothing to propose; the message gives the reason."""


def did_you_mean(name: object, known: abc.Iterable[object]) -> str:
    """Return the end of a message about an unknown name: a suggestion if one of the known names is close, else "".

    >>> did_you_mean("trian_seed", ["train_seed", "sampler_seed"])
    "; did you mean 'train_seed'?"
    """
    close = get_close_matches(str(name)[:64], [str(one) for one in known], n=1)  # a name may be of any length
    return f"; did you mean {close[0]!r}?" if close else ""


def require(what: str, package: str, extra: str) -> None:
    """Check that a package of one of mixopt's extras is installed, without importing it.

    Args:
        what: what needs the package, as the message calls it.
        package: its import name.
        extra: the extra of mixopt that installs it.

    Raises:
        MissingError: it is not installed.
    """
    if find_spec(package) is None:
        raise MissingError(f"{what} needs {package}, which is not installed: pip install 'mixopt[{extra}]'")
