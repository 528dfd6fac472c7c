"""Samplers for Optuna studies: each proposes the next mixture by one strategy."""
