"""Shared by all tests; its being here also puts `tests/` on the import path (for `modomodo`)."""

import os

import optuna
import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("quick")
for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "COLUMNS", "http_proxy", "HTTP_PROXY", "all_proxy"):
    os.environ.pop(name, None)  # whoever runs the tests may have said how terminals and networks are to be used
os.environ["TERM"] = "xterm"
optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The home of a test's studies, which is nobody's own; it is there once a study is."""
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
