"""The examples in the docstrings of public names run, and say what they say."""

import doctest
import warnings

import optuna
import pytest

import mixopt

DATA = {"Front", "Recommendation", "Runs"}  # what others return
EXPLAINED = {"BayesSampler", "QuadraticSampler", "RegressionSampler", "MixtureSampler", "Study", "Sequential"}
EXPLAINED |= {"read_runs", "regression_recommendation"}  # examples that train, read files, or stand with others
NAMES = [name for name in mixopt.__all__ if not name.endswith("Error") and name not in DATA | EXPLAINED]


@pytest.mark.parametrize("name", NAMES)
def test_its_example_runs(name):
    finder = doctest.DocTestFinder(recurse=False)
    [example] = finder.find(getattr(mixopt, name), name, globs={"mixopt": mixopt, "optuna": optuna})
    assert example.examples, f"{name} has no example"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example).failed == 0
