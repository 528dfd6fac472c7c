"""The default model of what a study optimises: by test where the tests are known, else of the score alone."""

from mixopt.history.runs import Runs
from mixopt.history.sum_of_tests import SumOfTests
from mixopt.models.cross_validation import Validation, validate
from mixopt.models.gp import GPSurrogate
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import Posterior
from mixopt.models.weighted_tests import WeightedTestsSurrogate


def fit_objective(runs: Runs, noise: NoiseModel, tests: SumOfTests) -> Posterior:
    """Fit the model on finished runs with one objective.

    Args:
        runs: with one objective; larger values are better.
        noise: whether two runs of one mixture may score differently.
        tests: whose weighted sum the objective is, if it is one.

    Raises:
        StrategyError: fewer than 2 runs.
    """
    scores = tests.scores(runs)
    if scores is None:
        return GPSurrogate(noise).fit(runs.weights, runs.values)
    factors = tuple(weight for _, weight in tests.parts)
    return WeightedTestsSurrogate(factors, noise).fit(runs.weights, runs.values, scores)


def validate_objective(runs: Runs, noise: NoiseModel, tests: SumOfTests) -> Validation:
    """Predict each run by the model that was fitted on runs of other mixtures; arguments as for `fit_objective`.

    Raises:
        StrategyError: fewer than two different mixtures.
    """
    return validate("gp", lambda rows: fit_objective(runs.select(rows), noise, tests), runs.weights, runs.values)
