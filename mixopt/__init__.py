"""mixopt finds the mixture of training datasets that makes a model best, in as few training runs as possible.

space = mixopt.MixtureSpace(["coco", "lisa", "sat"], lower={"lisa": 0.05}, upper={"sat": 0.6})
study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space, seed=0))
trial = study.ask()
weights = mixopt.suggest_mixture(trial, space)
study.tell(trial, train_and_score(weights))
mixopt.recommend(study, space).weights
"""

from mixopt.data_caps import data_caps
from mixopt.errors import (
    MixoptError,
    ScoresError,
    SpaceError,
    StorageError,
    StrategyError,
    StudyBusyError,
    StudyExistsError,
    StudyFileError,
    TableError,
    UnknownStudyError,
    WeightsError,
)
from mixopt.front import Front, pareto_front
from mixopt.recommendation import Recommendation
from mixopt.runs import Runs
from mixopt.samplers.base import MixtureSampler, suggest_mixture
from mixopt.samplers.bayes import BayesSampler
from mixopt.samplers.heuristic import HeuristicSampler
from mixopt.samplers.on_simplex import on_simplex
from mixopt.samplers.phased import PhasedSampler, Sequential
from mixopt.samplers.quadratic import QuadraticSampler
from mixopt.samplers.regression import RegressionSampler, regression_recommendation
from mixopt.samplers.seed import SeedSampler
from mixopt.space import MixtureSpace
from mixopt.study import Study, recommend
from mixopt.table import read_runs

__all__ = [
    "BayesSampler",
    "Front",
    "HeuristicSampler",
    "MixoptError",
    "MixtureSampler",
    "MixtureSpace",
    "PhasedSampler",
    "QuadraticSampler",
    "Recommendation",
    "RegressionSampler",
    "Runs",
    "ScoresError",
    "SeedSampler",
    "Sequential",
    "SpaceError",
    "StorageError",
    "StrategyError",
    "Study",
    "StudyBusyError",
    "StudyExistsError",
    "StudyFileError",
    "TableError",
    "UnknownStudyError",
    "WeightsError",
    "data_caps",
    "on_simplex",
    "pareto_front",
    "read_runs",
    "recommend",
    "regression_recommendation",
    "suggest_mixture",
]
