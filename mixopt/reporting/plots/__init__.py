"""Matplotlib figures of a study, one in each module."""
