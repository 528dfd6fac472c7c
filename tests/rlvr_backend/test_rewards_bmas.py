"""BMAS: the formula in closed form, and the encoder behind it."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rlvr_backend.contract import RequestError
from rlvr_backend.rewards import Truth, bmas_with
from rlvr_backend.rewards.bmas import MOST_TOKENS, _embedded, similarity

X, Y = np.eye(2)


def test_the_formula_in_closed_form():
    assert similarity(np.array([X]), np.array([X])) == pytest.approx(1)
    assert similarity(np.array([X]), np.array([Y])) == pytest.approx(0)
    assert similarity(np.array([X]), np.array([-X])) == pytest.approx(-1)
    assert similarity(np.array([X]), np.array([3 * X, Y])) == pytest.approx((1 + 1 / 2) / 2), "lengths do not count"
    assert similarity(np.array([X, Y]), np.array([X + Y])) == pytest.approx(1 / np.sqrt(2))
    assert similarity(np.zeros((0, 2)), np.array([X])) == 0
    assert similarity(np.zeros((1, 2)), np.array([X])) == 0


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_it_is_symmetric_and_does_not_ask_for_the_order_of_tokens(n, k, seed):
    rng = np.random.default_rng(seed)
    response, reference = rng.normal(size=(n, 3)), rng.normal(size=(k, 3))
    value = similarity(response, reference)
    assert -1 <= value <= 1
    assert similarity(reference, response) == pytest.approx(value)
    assert similarity(response[rng.permutation(n)], reference) == pytest.approx(value)
    assert similarity(response, response) == pytest.approx(1)


def test_texts_are_compared_by_the_encoders_tokens(tiny_encoder):
    bmas = bmas_with(tiny_encoder)
    truth = Truth("the cat sits on the mat")
    scores = [bmas(answer, truth) for answer in ("the cat sits on the mat", "a cat sits on a mat", "dog runs", "")]
    assert scores[0] == 1.0 and scores[3] == 0.0
    assert 0 <= scores[2] < scores[1] < 1
    assert bmas("dog runs", Truth('["the cat", "dog runs"]')) == 1.0, "the most similar reference counts"


def test_special_tokens_are_left_out_and_long_texts_cut(tiny_encoder):
    assert _embedded(tiny_encoder, "the cat").shape == (2, 16)
    assert _embedded(tiny_encoder, "cat " * 500).shape == (64 - 2, 16)
    assert MOST_TOKENS > 64


def test_loading_leaves_the_trainings_random_numbers_alone(tiny_encoder):
    import torch

    from rlvr_backend.rewards.bmas import _loaded

    before = torch.get_rng_state()
    _loaded.__wrapped__(tiny_encoder)
    assert torch.equal(torch.get_rng_state(), before)


def test_an_encoder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"encoder '.*nowhere' cannot be loaded"):
        bmas_with(str(tmp_path / "nowhere"))("a", Truth("b"))
