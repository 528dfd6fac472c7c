"""Weights on advantages: VL-Cogito's curves, their order over the run, and what the trainer makes of them."""

import math

import pytest
from hypothesis import given, strategies as st

from rlvr_backend.options import Options
from rlvr_backend.training.advantage_weights import STAGES, advantage_weight_function, stage_weight
from rlvr_backend.training.draw_plan import plan_draws

WHOLE, HALF_WAY = 1.0, math.sqrt(0.5)  # sin(pi / 2), sin(pi / 4)
CURVES = {  # accuracy: easy, medium, hard
    0.0: (0.0, 0.0, 0.25),
    0.25: (HALF_WAY, HALF_WAY, WHOLE),
    0.5: (WHOLE, WHOLE, WHOLE),
    0.75: (WHOLE, HALF_WAY, HALF_WAY),
    1.0: (WHOLE, 0.0, 0.0),
}


@pytest.mark.parametrize("accuracy", CURVES)
def test_the_curves_are_vl_cogitos(accuracy):
    assert [stage_weight(stage, accuracy) for stage in STAGES] == pytest.approx(CURVES[accuracy], abs=1e-12)


@given(st.sampled_from(STAGES), st.floats(0, 1))
def sum_of_tests_lie_between_0_and_1(stage, accuracy):
    assert 0 <= stage_weight(stage, accuracy) <= 1


@given(st.integers(1, 500), st.floats(0, 1))
def test_a_run_goes_from_easy_to_hard_in_thirds(updates, accuracy):
    weigh = advantage_weight_function("easy_to_hard", updates)
    weights = [weigh(update, accuracy) for update in range(updates)]
    assert weights == [stage_weight(STAGES[3 * update // updates], accuracy) for update in range(updates)]


def test_without_weights_advantages_stay_as_they_are():
    assert advantage_weight_function("none", 10) is None


def advantages(model, folder, weigh):
    """(16,) of four groups of an update of the real trainer, always the same groups, and the draws that they are of."""
    import torch

    from rlvr_backend.datasets import load_rows
    from rlvr_backend.models.load import load_policy
    from rlvr_backend.rewards import reward_functions
    from rlvr_backend.training.drawn_examples import DrawnExamples
    from rlvr_backend.training.grpo import MixtureTrainer
    from rlvr_backend.training.trl_config import grpo_config

    options = {"model": model, "prompts": 4, "generations": 4, "samples": 16, "completion_length": 16}
    policy, processor = load_policy(model)
    trainer = MixtureTrainer(
        model=policy,
        reward_funcs=reward_functions(),
        args=grpo_config(Options.of({**options, "dtype": "float32"}), folder, steps=3, seed=7, devices=1),
        processing_class=processor,
        examples=DrawnExamples(plan_draws([1.0], [40], 3, 4, 7, "stop"), [load_rows("detect", "train", 40)], [None]),
        domains=["detect"],
        group_weight=weigh,
    )
    draws = [draw for draw in (4, 5, 6, 7) for _ in range(4)]  # of the second update
    torch.manual_seed(3)
    return trainer._generate_and_score_completions([{"draw": draw} for draw in draws])["advantages"], draws


def test_the_trainer_multiplies_the_advantages_of_each_group_by_its_weight(model, tmp_path):
    asked = []

    def weigh(update, accuracy):
        asked.append((update, accuracy))
        return 1.0 + len(asked)  # 2, 3, 4, 5

    plain, _ = advantages(model, tmp_path, None)
    weighted, draws = advantages(model, tmp_path, weigh)
    assert [update for update, _ in asked] == [1] * 4 and all(0 <= accuracy <= 1 for _, accuracy in asked)
    assert plain.abs().sum() > 0
    expected = [(draw - 2) * advantage for draw, advantage in zip(draws, plain.tolist(), strict=True)]
    assert weighted.tolist() == pytest.approx(expected, rel=1e-6)
