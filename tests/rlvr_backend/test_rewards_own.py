"""Rewards by name: the table, and a user's own with the bugs that it may have."""

import subprocess
import sys

import pytest

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards import REWARDS, Truth, correctness, reward_named

MODULE = """
import numpy
def length(answer, truth): return min(len(answer) / len(truth.solution), 1)
def exact(answer, truth): return answer == truth.solution
def numpys(answer, truth): return numpy.float32(0.5)
def nan(answer, truth): return float("nan")
def large(answer, truth): return 2
def none(answer, truth): return None
def broken(answer, truth): return 1 / 0
constant = 3
"""


@pytest.fixture(scope="module", autouse=True)
def module(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "my_rewards.py").write_text(MODULE)
    (folder / "my_broken_rewards.py").write_text("raise RuntimeError('no\\nluck')")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield


def test_a_users_function_scores_as_a_built_in_does():
    assert reward_named("my_rewards:length")("ab", Truth("abcd")) == 0.5
    assert reward_named("my_rewards:exact")("ab", Truth("ab")) == 1.0
    assert reward_named("my_rewards:numpys")("ab", Truth("ab")) == 0.5
    assert type(reward_named("my_rewards:numpys")("ab", Truth("ab"))) is float
    assert correctness("<think>a</think><answer>ab</answer>", "my_rewards:length", Truth("abcd")) == 0.5
    assert correctness("<answer>ab</answer>", "my_rewards:length", Truth("abcd")) == 0.0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("acuracy", "'acuracy' is unknown; known are accuracy, anls, bmas"),
        ("my_rewards", "unknown"),
        ("my_rewards:absent", "cannot be imported"),
        ("nowhere_at_all:reward", "ModuleNotFoundError"),
        ("my_broken_rewards:reward", "RuntimeError: no luck"),
        ("my_rewards:", "cannot be imported"),
        (":reward", "cannot be imported"),
        (".relative:reward", "cannot be imported"),
        ("my_rewards:constant", "of type int; it must be a function"),
    ],
)
def test_a_name_without_a_reward_is_an_error_of_one_line(name, said):
    with pytest.raises(RequestError, match=said) as caught:
        reward_named(name)
    assert "\n" not in str(caught.value) and repr(name) in str(caught.value)


@pytest.mark.parametrize("bug", ["nan", "large", "none", "broken"])
def test_a_bug_is_not_trained_on_silently(bug):
    with pytest.raises(RequestError, match=f"my_rewards:{bug}.*'the answer'"):
        reward_named(f"my_rewards:{bug}")("the answer", Truth("x"))


def test_the_table_is_sorted_and_importing_it_loads_nothing_heavy():
    assert list(REWARDS) == sorted(REWARDS)
    code = "import sys, rlvr_backend.rewards; sys.exit(bool({'torch', 'transformers', 'sympy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
