"""The public names, once: they are imported when they are used (mixopt/__init__.py)."""

from .designs.heuristic_options import Heuristic as Heuristic
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
from .history.runs import Runs as Runs
from .inference.pareto_front import (
    Front as Front,
    pareto_front as pareto_front,
)
from .inference.recommendation import Recommendation as Recommendation
from .models.pull import Pull as Pull
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
from .space.data_caps import data_caps as data_caps
from .space.mixture_space import MixtureSpace as MixtureSpace
from .study.recommend import recommend as recommend
from .study.study import Study as Study
from .tables.read_runs import read_runs as read_runs

__version__: str
