"""Shared by all tests; its being here also puts `tests/` on the import path (for `modomodo`)."""

from hypothesis import settings

settings.register_profile("quick", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("quick")
