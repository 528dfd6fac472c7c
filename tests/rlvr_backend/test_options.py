"""Options: the paper's values where nothing is said, and TRL told exactly that."""

from pathlib import Path

from rlvr_backend.options import Options
from rlvr_backend.training.trl_config import grpo_config


def test_what_is_not_said_has_the_papers_value():
    options = Options.of({})
    assert options.model == "Qwen/Qwen2-VL-2B-Instruct"
    assert (options.generations, options.learning_rate, options.kl, options.warmup) == (6, 1e-6, 0.04, 0.1)
    assert options.prompts * options.generations == 12, "trajectories an update"


def test_trl_is_configured_as_the_paper_trains(tmp_path):
    config = grpo_config(Options.of({"dtype": "float32"}), Path(tmp_path), steps=2000, seed=42, devices=1)
    assert (config.loss_type, config.scale_rewards, config.use_bias_correction_kl) == ("grpo", "group", False)
    assert (config.beta, config.num_generations, config.max_steps, config.seed) == (0.04, 6, 2000, 42)
    assert (config.adam_beta1, config.adam_beta2, config.adam_epsilon) == (0.9, 0.999, 1e-8)
    assert config.lr_scheduler_type == "linear" and config.warmup_steps == 0.1
    assert config.reward_weights == [1.0, 2.0]
    assert config.per_device_train_batch_size * config.gradient_accumulation_steps == 12


def test_devices_share_the_update():
    assert Options.of({}).accumulation(devices=3) == 2, "3 GPUs x 2 samples x 2 steps, as in the paper"
