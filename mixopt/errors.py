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

A message is one line: it names the thing and the mend.
"""


class MixoptError(Exception):
    """The base of all errors that mixopt raises on purpose."""


class StudyFileError(MixoptError):
    """A study file that cannot be used; the message names the key."""


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
