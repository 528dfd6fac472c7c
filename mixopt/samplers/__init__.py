"""Samplers for Optuna studies: each proposes the next mixture of a study by one strategy."""
