"""Acquisition: which mixture to train on next, given a fitted model."""
