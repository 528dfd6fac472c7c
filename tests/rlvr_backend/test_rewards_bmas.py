"""BMAS: the formula in closed form, and the encoder behind it."""

import json

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards import Truth, bmas_of_tokens, bmas_with
from rlvr_backend.rewards.bmas import MOST_TOKENS, _embedded, similarity
from rlvr_backend.rewards.token_embeddings import TokenEmbeddings

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


@pytest.fixture(scope="module")
def policy(tmp_path_factory, tiny_encoder) -> tuple:
    """The folder of a tiny language model, its tokenizer, and its input embedding matrix."""
    import torch
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    folder = str(tmp_path_factory.mktemp("policy"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        sizes = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2, "num_key_value_heads": 2}
        model = Qwen2ForCausalLM(Qwen2Config(vocab_size=12, num_hidden_layers=1, **sizes)).to(torch.bfloat16)
    model.save_pretrained(folder, max_shard_size="1KB")
    return (
        folder,
        AutoTokenizer.from_pretrained(tiny_encoder),
        model.get_input_embeddings().weight.detach().float().numpy(),
    )


def test_the_policys_token_embeddings_are_the_rows_of_its_matrix(policy):
    folder, tokenizer, matrix = policy
    embeddings = TokenEmbeddings(folder, tokenizer)
    assert np.array_equal(embeddings.of("the cat sits", MOST_TOKENS), matrix[[5, 6, 8]])
    assert np.array_equal(embeddings.of("[CLS] the [SEP] cat", MOST_TOKENS), matrix[[5, 6]]), "no special tokens"
    assert embeddings.of("cat " * 500, MOST_TOKENS).shape == (MOST_TOKENS, 8)
    assert embeddings.of("", MOST_TOKENS).shape == (0, 8)


def test_bmas_by_the_policys_tokens_is_the_formula_on_its_matrix(policy):
    folder, tokenizer, matrix = policy
    bmas = bmas_of_tokens(folder, tokenizer)
    expected = similarity(matrix[[4, 6, 8]], matrix[[5, 6, 8]])  # what two texts share is as similar as can be
    assert bmas("a cat sits", Truth("the cat sits")) == pytest.approx(max(expected, 0))
    assert bmas("sits cat the", Truth("the cat sits")) == pytest.approx(1), "static: order does not count"
    assert bmas("the cat", Truth("the cat")) == 1.0 and bmas("", Truth("the cat")) == 0.0
    assert bmas("dog \ud800", Truth('["cat", "dog"]')) <= 1.0


def test_of_an_adapter_they_are_those_of_the_model_that_it_adapts(policy, tmp_path):
    folder, tokenizer, matrix = policy
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": folder}))
    assert np.array_equal(TokenEmbeddings(str(tmp_path), tokenizer).of("cat", 5), matrix[[6]])


@pytest.mark.parametrize("weights", [{}, {"head.weight": [[1.0]]}])
def test_a_model_without_an_embedding_matrix_is_named(tmp_path, policy, weights):
    import torch
    from safetensors.torch import save_file

    if weights:
        save_file({name: torch.tensor(value) for name, value in weights.items()}, tmp_path / "model.safetensors")
    with pytest.raises(RequestError, match=r"token embeddings of '.*' cannot be read \(.*\); save it") as caught:
        bmas_of_tokens(str(tmp_path), policy[1])
    assert "\n" not in str(caught.value)
