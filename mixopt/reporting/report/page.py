"""Render a report's sections as one HTML page, with the template assets/report.html."""

from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib import rc_context
from optuna.trial import TrialState

from mixopt.history.trial_record import TrialRecord
from mixopt.reporting.plots.style import DARK, LIGHT, STYLE
from mixopt.reporting.report.facts import Facts, counted, in_seconds
from mixopt.reporting.report.section import Section
from mixopt.reporting.report.sections import sections
from mixopt.reporting.report.svg import svg
from mixopt.reporting.report.words import how_sure, next_step
from mixopt.study.reader import StudyReader
from mixopt.study.status import Word
from mixopt.text import visible

ASSETS = files("mixopt.reporting.report") / "assets"
STANDS: dict[Word, str] = {
    "running": "The study is being trained.",
    "complete": "The study is complete.",
    "ended": "The study has ended.",
    "paused": "The study is paused.",
    "to resume": "The study waits for a worker.",
    "to ask": "The study waits for the next `study ask`.",
    "to tell": "The study waits for scores of manual trials.",
}


def report(study: StudyReader) -> str:
    """Return a study's report as HTML without outside resources; the same study gives the same text.

    Sections without data say why.
    """
    facts = Facts.of(study)
    with rc_context(STYLE):
        shown = sections(facts)
        figures = {section.key: _figure(section) for section in shown if section.figure}
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_text
    )
    environment.filters |= {"percent": _percent, "score": _score, "counted": counted, "seconds": _seconds}
    template = environment.from_string((ASSETS / "report.html").read_text("utf-8"))
    return template.render(
        facts=facts,
        style=Markup((ASSETS / "report.css").read_text("utf-8")),
        script=Markup((ASSETS / "report.js").read_text("utf-8")),
        light=LIGHT,
        dark=DARK,
        sections=shown,
        figures=figures,
        lead=how_sure(facts.recommendation) if facts.recommendation else "",
        step=next_step(facts),
        stands=STANDS[facts.stands.word],
        failed=facts.state(TrialState.FAIL),
        trained=len(facts.state(TrialState.COMPLETE)) - facts.imported - facts.replicates,
        short=len(facts.state(TrialState.PRUNED)),
        running=len(facts.state(TrialState.RUNNING)) - len(facts.stands.interrupted) - len(facts.stands.to_tell),
        trials=[_row(facts, trial) for trial in facts.trials],
    )


def _figure(section: Section) -> Markup:
    assert section.figure
    return Markup(svg(section.figure, section.key))


def _row(facts: Facts, trial: TrialRecord) -> dict[str, Any]:
    """Return a trial as a row of the table; None where something is unknown."""
    finished = trial.state in (TrialState.COMPLETE, TrialState.PRUNED) and not trial.corrected
    values = trial.values if finished and trial.state == TrialState.COMPLETE else {}
    sides = (trial.in_score, trial.out_score) if finished else (None, None)
    weights = trial.weights or {}
    return {
        "number": trial.number,
        "label": trial.label,
        "strategy": trial.strategy,
        "state": _state(facts, trial),
        "scores": [*(values.get(objective.name) for objective in facts.objectives), *sides],
        "steps": trial.steps,
        "seconds": trial.seconds,
        "weights": [weights.get(name) for name in facts.space.domains],
    }


def _state(facts: Facts, trial: TrialRecord) -> str:
    if trial.number in facts.stands.interrupted:
        return "interrupted"
    if trial.number in facts.stands.to_tell:
        return "to be told"
    if trial.replaced_by is not None:
        return f"replaced by {trial.replaced_by}"
    return "ended early" if trial.state_word == "pruned" else trial.state_word


def _text(value: Any) -> Any:
    """Escape control characters in everything that is not markup already."""
    return visible(value, lines=True) if type(value) is str else value


def _percent(weight: float | None) -> str:
    return "" if weight is None else f"{100 * weight:.1f}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else in_seconds(seconds)


def _score(value: float | None, form: str = ".4f") -> str:
    return "" if value is None or value != value else format(value, form)
