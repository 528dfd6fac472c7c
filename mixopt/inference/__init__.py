"""Inference from the runs: the recommended mixture, the Pareto front, and the stopping rule."""
