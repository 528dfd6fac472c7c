"""Settings and fixtures of all tests: an empty home for studies, and no terminal settings of the user."""

import os

import optuna
import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("quick")
for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "COLUMNS", "http_proxy", "HTTP_PROXY", "all_proxy"):
    os.environ.pop(name, None)  # settings of the user who runs the tests
os.environ["TERM"] = "xterm"
optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The home of the studies of a test, in its temporary folder; it exists once a study does."""
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
