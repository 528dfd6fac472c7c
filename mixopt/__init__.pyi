"""The public names, once: they are imported when they are used (mixopt/__init__.py)."""

from .data_caps import data_caps as data_caps
from .errors import (
    MissingError as MissingError,
    MixoptError as MixoptError,
    ScoresError as ScoresError,
    SpaceError as SpaceError,
    StorageError as StorageError,
    StrategyError as StrategyError,
    StudyBusyError as StudyBusyError,
    StudyExistsError as StudyExistsError,
    StudyFileError as StudyFileError,
    TableError as TableError,
    UnknownStudyError as UnknownStudyError,
    WeightsError as WeightsError,
)
from .front import (
    Front as Front,
    pareto_front as pareto_front,
)
from .heuristic_options import Heuristic as Heuristic
from .opened import recommend as recommend
from .recommendation import Recommendation as Recommendation
from .runs import Runs as Runs
from .samplers.base import (
    MixtureSampler as MixtureSampler,
    suggest_mixture as suggest_mixture,
)
from .samplers.bayes import BayesSampler as BayesSampler
from .samplers.heuristic import HeuristicSampler as HeuristicSampler
from .samplers.on_simplex import on_simplex as on_simplex
from .samplers.phased import (
    PhasedSampler as PhasedSampler,
    Sequential as Sequential,
)
from .samplers.quadratic import QuadraticSampler as QuadraticSampler
from .samplers.regression import (
    RegressionSampler as RegressionSampler,
    regression_recommendation as regression_recommendation,
)
from .samplers.seed import SeedSampler as SeedSampler
from .space import MixtureSpace as MixtureSpace
from .study import Study as Study
from .table import read_runs as read_runs

__version__: str
