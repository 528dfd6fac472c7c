"""The shapes world: drawn pictures with questions, and a small Qwen2-VL model, for studies without downloads."""
