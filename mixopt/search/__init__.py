"""Searches: where a surrogate says to train next."""
