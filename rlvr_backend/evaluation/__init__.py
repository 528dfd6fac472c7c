"""Evaluation: score a model on tests, with our own rewards or with lmms-eval."""
