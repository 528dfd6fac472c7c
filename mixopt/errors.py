"""What mixopt raises on purpose, as one tree (backends add TrialFailed and TrialStopped, in backends/base.py).

    MixoptError
    ├── StudyFileError     a study file that cannot be used
    ├── MissingError       a package of an extra is not installed here (a StudyFileError)
    ├── UnknownStudyError  no study of that name
    ├── StudyExistsError   a study of that name is there already
    ├── StudyBusyError     another process runs the study
    ├── StorageError       the study's storage cannot be read or written
    ├── SpaceError         a space that cannot be
    ├── WeightsError       weights that are not on the space
    ├── ScoresError        scores that a study cannot be judged by
    ├── TableError         a table of measured mixtures that cannot be used
    └── StrategyError      a strategy that cannot propose, with the reason

A message is one line: it names the item and the fix.
"""

from importlib.util import find_spec


class MixoptError(Exception):
    """The base of all errors that mixopt raises on purpose."""


class StudyFileError(MixoptError):
    """A study file that cannot be used; the message names the key."""


class MissingError(StudyFileError):
    """A package that is needed is not installed here; the message names it and the command that installs it."""


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
