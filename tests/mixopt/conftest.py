"""Fixtures: PostgreSQL, SLURM, a browser and a dashboard; tests are skipped where the machine has none."""

import shutil
import threading

import pytest

from tests.support.postgres import Postgres, why_not
from tests.support.slurm import Slurm, why_not as slurm_why_not

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def postgres():
    if reason := why_not():
        pytest.skip(reason)
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def slurm():
    if reason := slurm_why_not():
        pytest.skip(reason)
    pytest.importorskip("submitit", reason="submitit is not installed: pip install 'mixopt[slurm]'")
    cluster = Slurm()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="module")
def url(study):
    """The address of a dashboard that serves the module's `study`."""
    from mixopt.reporting.dashboard import Dashboard

    dashboard = Dashboard(study, port=0)
    threading.Thread(target=dashboard.serve, daemon=True).start()
    yield dashboard.url
    dashboard.close()
