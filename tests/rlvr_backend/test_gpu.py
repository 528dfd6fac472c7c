"""On a GPU: a shapes trial in bfloat16. Not run so far: no GPU was at hand."""

import pytest
import torch

from tests.support.grpo_trials import TESTS, request, run

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA GPU"),
]


@pytest.mark.parametrize("options", [{}, {"gradient_checkpointing": False}, {"lora": {"rank": 4, "alpha": 8}}])
def test_a_shapes_trial_in_bfloat16(model, tmp_path, options):
    result = run(tmp_path, request(model, options={"dtype": "bfloat16", **options}))
    assert (result.steps, sum(result.draws.values())) == (3, 12)
    assert all(0 <= result.scores[step][test] <= 1 for step in (1, 3) for test in TESTS)


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="torch finds fewer than two GPUs")
@pytest.mark.parametrize("config", ["multi_gpu", "zero2", "zero3", "fsdp"])
def test_two_gpus_share_a_trial(model, tmp_path, config):
    if config.startswith("zero"):
        pytest.importorskip("deepspeed")
    launch = {"config": config, "processes": 2}
    result = run(tmp_path, request(model, options={"dtype": "bfloat16", "samples": 8, "launch": launch}))
    assert (result.steps, set(result.scores[3])) == (3, set(TESTS))
