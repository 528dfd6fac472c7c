"""The report in a real browser: quiet, without requests, inside its window, in light and dark; and its command."""

import subprocess
import sys

import pytest

from mixopt.reporting.report import report
from tests.support.simulated_study import simulated_study


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A report with names as long as they may be."""
    folder = tmp_path_factory.mktemp("page")
    study = simulated_study(folder, domains=4, trials=14, draws=False, prefix=f"a_long_name_{'x' * 48}_")
    path = folder / "report.html"
    path.write_text(report(study), "utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_opens_quietly_and_fits_the_window(file, browser, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert said == [] and asked == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("figure svg").count() >= 8 and page.locator("#recommendation").is_visible()
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    ink = page.evaluate("getComputedStyle(document.querySelector('figure text')).fill")
    levels = [sum(map(int, colour[4:-1].split(","))) for colour in (paper, ink)]
    assert (levels[0] > 600 and levels[1] < 200) if scheme == "light" else (levels[0] < 200 and levels[1] > 600)
    page.close()


def test_a_click_on_a_heading_sorts_the_trials(file, browser):
    page = browser.new_page()
    page.goto(file.as_uri())
    for way in (1, -1):
        page.locator(".sortable th", has_text="value").click()
        values = [float(text) for text in page.locator(".sortable tbody td:nth-child(5)").all_inner_texts()]
        assert values == sorted(values, reverse=way < 0) and len(values) == 14
    page.close()


def test_the_command_writes_the_file_or_says_why_not(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=4)
    argv = [sys.executable, "-m", "mixopt.cli", "study", "report", "toy", "--folder", str(study.folder.path)]
    done = subprocess.run(argv, capture_output=True, text=True)
    written = study.folder.figures / "report.html"
    assert done.returncode == 0 and done.stdout == f"report {written}\n", done.stderr
    assert written.read_text("utf-8").startswith("<!doctype html>")
    done = subprocess.run([*argv, "--output", "/proc/nowhere/report.html"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("error: --output /proc/nowhere/report.html: cannot be")
    assert len(done.stderr.splitlines()) == 1
