"""What a label, a reason or an answer says is text in the dashboard: in notes, in tables, in figures, in a browser."""

import json
import re
from dataclasses import replace

import pytest
from optuna.trial import TrialState, create_trial

from tests.support.hostile_text import LABEL as TERMINAL, obeyed
from tests.support.simulated_study import simulated_study

pytest.importorskip("optuna_dashboard", reason="optuna-dashboard is not installed")

from mixopt.history.trial_record import TrialRecord
from mixopt.reporting.dashboard.notes import trial_note
from mixopt.reporting.dashboard.views import Views
from mixopt.reporting.report import report
from mixopt.text import visible

EVIL = "http://evil.invalid"
LABELS = [
    f'<script>document.title = "owned"</script><img src="{EVIL}/a.png" onerror="document.title=\'owned\'">',
    f"![i]({EVIL}/b.png) [l]({EVIL}/c) <{EVIL}/d> [r][x]\n\n[x]: {EVIL}/e\n",
    f"{EVIL}/f https://evil.invalid/g www.evil.invalid/h Www.evil.invalid://www.evil.invalid me@evil.invalid",
    "a | b |\n| --- | --- |\n| **c** | ~~d~~ | $e$ `f` &lt;g&gt; &amp; \\h",
    "x\n# heading\n\n- item\n\n```\ncode\n```\n---\n> quote [^1] ## end",
    f"<a href='{EVIL}/i'>click</a><b>bold</b><br>broken <iframe src='{EVIL}/j'></iframe>",
    "</pre></code>````` ~~~~ _a_ __b__ *c* **d** in_a_word 1. one",
    TERMINAL,
]
WAIT = 60_000  # ms, on a busy machine


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Finished trials with hostile labels and answers, then failed ones with hostile reasons and logs."""
    study = simulated_study(tmp_path_factory.mktemp("hostile"), domains=3, trials=8)
    weights = [{"params": trial.params, "distributions": trial.distributions} for trial in study.optuna.trials]
    for trial, where, label in zip(study.optuna.trials, weights, LABELS, strict=True):
        history = [{"number": 0, "values": [0.5], "action": "replaced", "time": label, "why": label}]
        notes = {**trial.user_attrs, "label": label, "stopped": label, "exhausted": [label], "history": history}
        study.optuna.add_trial(create_trial(values=trial.values, user_attrs=notes, **where))
    for where, label in zip(weights, LABELS, strict=True):
        failed = {"label": label, "strategy": label, "reason": label, "log_tail": label}
        study.optuna.add_trial(create_trial(state=TrialState.FAIL, user_attrs=failed, **where))
    for trial, label in zip(study.optuna.trials[8:16], LABELS, strict=True):
        events = study.folder.trial(trial.number).events
        events.parent.mkdir(parents=True)
        sample = {"test": label, "prompt": label, "said": label, "score": 1.0}
        events.write_text(json.dumps({"kind": "evaluation", "step": 2, "samples": [sample]}) + "\n")
    return study


@pytest.fixture(scope="module")
def page(browser, url):
    """A page that asks nobody else for anything, even where the dashboard's policy would not keep it from that."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000}, bypass_csp=True)
    page.set_default_timeout(WAIT)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    yield page
    home = url.partition("/dashboard")[0]
    assert [ask for ask in asked if not ask.startswith((home, "data:", "blob:"))] == []
    page.close()


def words(text):
    """Text without what Markdown and a browser make of white space."""
    return re.sub(r"\s+", " ", text).strip()


def shown(label):
    """A label as people see it, on one line."""
    return words(visible(label))


@pytest.mark.parametrize("place", range(len(LABELS)))
@pytest.mark.parametrize("failed", [False, True])
def test_a_hostile_note_is_text_in_a_browser(page, url, place, failed):
    number = (16 if failed else 8) + place
    page.goto(f"{url}/trials?numbers={number}")
    heading = page.get_by_text("Why it failed" if failed else "Sample answers at its last evaluation")
    heading.wait_for()
    note = heading.locator("xpath=..")
    text, html = words(note.inner_text()), note.inner_html()
    assert text.startswith(shown(LABELS[place])), (text[:400], shown(LABELS[place]))
    assert not obeyed(note.inner_text()) - {"\t"} and page.title() != "owned"
    for tag in ("a ", "img", "script", "iframe", "h1", "h2", "li", "blockquote", "del", "em", "br", "b>", "hr", "sup"):
        assert f"<{tag}" not in html, (tag, html[:2000])
    assert note.locator("h3").count() == 1
    assert note.locator("table").count() == (1 if failed else 2)  # the mixture, and the scores
    assert {row.count("<td") for row in html.split("<tr")[2:]} <= {0, 3, 5}  # no cell is torn
    assert words(note.locator("pre").last.inner_text()).endswith(words(visible(LABELS[place], lines=True)))


def test_neither_figures_nor_lists_obey_a_label(page, url):
    page.goto(url)
    figure = page.locator('[id="user-defined-plot:mixtures-out_score"]')
    points = figure.locator(".scatterlayer .point")
    points.first.wait_for(state="attached")
    told = set()
    for place in range(points.count()):
        page.mouse.move(5, 5)
        points.nth(place).hover(force=True)
        page.wait_for_timeout(200)
        hover = figure.locator(".hoverlayer")
        told.update(hover.locator("text").all_text_contents())
        assert hover.locator("a").count() == 0
    assert any("</pre></code>" in text for text in told) and any(f"{EVIL}/f" in text for text in told)
    page.goto(f"{url}/smartSelection")
    page.locator("th", has_text="Param domain_2").wait_for()
    assert page.locator('a[href*="evil.invalid"], img[src*="evil.invalid"]').count() == 0 and page.title() != "owned"


def test_labels_in_the_text_of_figures_are_escaped(study):
    views = Views(study)
    views.refresh()
    text = json.dumps([json.loads(v) for k, v in views.attributes.items() if k.startswith("dashboard:plot_data:")])
    assert "&lt;script" in text and not re.search("<(?!/?(?:br|sub|extra)>)", text)


def test_a_label_stays_in_its_line_and_cell_of_a_note(study):
    for trial in study.trials():
        record = TrialRecord.of(trial, study.space, study.scoring, study.corrections())
        record = replace(record, weights={record.label: 0.5, "b": 0.5}, draws={record.label: 3})
        note = trial_note(study.spec, record, [])
        first, _, rest = note.partition("\n\n")
        assert "\n" not in first and not obeyed(note) - {"\t"}
        table = [line for line in rest.partition("###")[0].splitlines() if line.startswith("|")]
        assert all(len(re.findall(r"(?<!\\)\|", line)) in (4, 6) for line in table)


def test_the_report_shows_labels_as_text(study):
    page = report(study)
    assert not obeyed(page) - {"\t"} and r"\x1b[2J" in page and EVIL in page
    assert not re.search(r"<(script>document|img|iframe|a href='http)", page)
