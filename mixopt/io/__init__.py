"""Runs in and out of a study: imports, exports, manual trials, formats of other tools, and trained models."""
