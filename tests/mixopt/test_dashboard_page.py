"""The dashboard in a real browser: its pages load quietly, our views are in them, weights sort and filter."""

import re

import pytest
from optuna.trial import TrialState, create_trial

from tests.support.simulated_study import simulated_study

pytest.importorskip("optuna_dashboard", reason="optuna-dashboard is not installed")


TRIALS = 14  # of which the last one has failed
WAIT = 60_000  # ms, on a busy machine


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    study = simulated_study(tmp_path_factory.mktemp("dashboard"), domains=5, trials=TRIALS - 1)
    study.optuna.add_trial(create_trial(state=TrialState.FAIL, user_attrs={"reason": "exit 1", "log_tail": "no *GPU*"}))
    return study


@pytest.fixture
def page(browser, url):
    """A page that must say no error and ask nobody else for anything."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(WAIT)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    home = url.partition("/dashboard")[0]
    assert said == [] and [ask for ask in asked if not ask.startswith((home, "data:", "blob:"))] == []
    page.close()


def test_the_study_is_listed(page, url):
    page.goto(url.partition("/studies")[0])
    page.get_by_text("toy", exact=False).first.wait_for()
    assert page.get_by_text("toy", exact=False).first.is_visible()


def test_our_figures_are_on_the_studys_page(page, url):
    page.goto(url)
    for key, marks in (("mixtures-out_score", ".ternary"), ("slices-out_score", ".xy"), ("front", ".errorbar")):
        page.locator(f'[id="user-defined-plot:{key}"] {marks}').first.wait_for(state="attached")
    titles = page.locator("[id^=user-defined-plot] .gtitle").all_text_contents()
    for title in ("Mixtures by out-score", "Effect of each domain's weight", "Front of in-score and out-score"):
        assert any(title in text for text in titles)


def test_the_recommendation_is_the_studys_note(page, url):
    page.goto(f"{url}/note")
    page.get_by_text("could be the best").wait_for()
    assert page.locator("td", has_text="█").count() >= 1
    assert page.get_by_text("What to run next").is_visible()


def test_a_trials_note_has_its_mixture_scores_and_failure(page, url):
    page.goto(f"{url}/trials?numbers=0")
    page.get_by_role("cell", name="█" * 20).wait_for()
    assert page.get_by_role("columnheader", name="step 4").is_visible()
    page.goto(f"{url}/trials?numbers={TRIALS - 1}")
    page.get_by_text("Why it failed").wait_for()
    assert page.locator("pre", has_text="no *GPU*").is_visible()


def sum_of_tests_are_columns_that_sort(page, url):
    page.goto(f"{url}/smartSelection")
    for way in (1, -1):
        weights = sorted_by(page, "Param domain_2")
        assert weights == sorted(weights, reverse=way < 0) and len(weights) == TRIALS - 1


def sum_of_tests_filter_the_trials(page, url):
    page.goto(f"{url}/smartSelection")
    brush = page.locator(".axis-brush").nth(3)  # after the score: the third domain
    brush.scroll_into_view_if_needed()
    box = brush.bounding_box()
    x, top, height = box["x"] + box["width"] / 2, box["y"], box["height"]
    page.mouse.move(x, top + 0.02 * height)
    page.mouse.down()
    page.mouse.move(x, top + 0.8 * height, steps=10)
    page.mouse.up()
    page.get_by_text(re.compile(rf"1–(?!{TRIALS} )\d+ of (?!{TRIALS})")).wait_for()
    weights = sorted_by(page, "Param domain_2")
    assert 0 < len(weights) < TRIALS - 1 and min(weights) > 0.15


def sorted_by(page, column):
    """The numbers in a column of the trials' table after a click on its heading."""
    head = page.locator("th", has_text=column)
    head.wait_for()
    place = [text.partition("\n")[0] for text in page.locator("th").all_inner_texts()].index(column) + 1
    head.get_by_role("button").click()
    return [float(text) for text in page.locator(f"tbody td:nth-child({place})").all_inner_texts() if text]
