"""Searches: where a surrogate says to train next.

`mixopt.search.acquisition` is imported by path, because it loads torch.
"""
