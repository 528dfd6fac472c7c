"""Reinforcement learning with verifiable rewards (RLVR): train one data mixture with GRPO and score the model."""
