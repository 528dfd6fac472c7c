"""GRPO training of one trial: draw examples, train with TRL, save checkpoints, report progress."""
