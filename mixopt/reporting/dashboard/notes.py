"""Markdown notes for Optuna's dashboard: tables and text bars, no HTML."""

import re
from collections.abc import Iterable, Sequence

from optuna.trial import TrialState

from mixopt.history.trial_record import TrialRecord
from mixopt.inference.pareto_front import Front
from mixopt.inference.recommendation import Recommendation
from mixopt.reporting.dashboard.samples import Sample
from mixopt.reporting.report.facts import Facts, in_seconds
from mixopt.reporting.report.words import how_sure, next_step
from mixopt.study.spec import StudySpec
from mixopt.text import visible

BAR = 20  # letters of a whole
# Signs of Markdown's, underscores only where they are not inside a word, and what GitHub's dialect makes a link of.
SIGNS = re.compile(r"[\\`*\[\]<>#|$~&]|(?<![^\W_])_|_(?![^\W_])|(?P<link>(?:://|www\.|@)+)", re.IGNORECASE)


def trial_note(spec: StudySpec, trial: TrialRecord, samples: Sequence[Sample]) -> str:
    """Describe a trial: its mixture and draws, its scores by step, sample answers, and why it failed."""
    head = f"**{_plain(trial.label)}** · {_plain(trial.strategy)}"
    parts = [
        head,
        _corrected(trial),
        _mixture(trial),
        _waits(spec, trial),
        _end(trial),
        _scores(spec, trial),
        _samples(samples),
    ]
    if trial.state == TrialState.FAIL:
        parts += ["### Why it failed", _block(trial.why_failed)]
        parts += ["The end of its log:", _block(trial.log_tail)] if trial.log_tail else []
    return "\n\n".join(part for part in parts if part)


def study_note(facts: Facts) -> str:
    """Describe the recommendation or the Pareto front, how certain it is, and what to run next."""
    parts = [f"# {_plain(facts.spec.study)}"]
    if facts.recommendation:
        parts += _recommended(facts, facts.recommendation)
    elif facts.front:
        parts += ["Trained mixtures that no other trained mixture beats on every score:", _front(facts.front)]
    else:
        parts.append(f"No recommendation yet: {_plain(facts.unknown)}")
    step = next_step(facts)
    commands = [_block("\n".join(step.commands))] if step.commands else []
    return "\n\n".join([*parts, "### What to run next", _plain(step.why), *commands])


def _recommended(facts: Facts, recommended: Recommendation) -> list[str]:
    rows = [
        (name, _percent(weight), _bar(weight), "{} to {}".format(*map(_percent, recommended.credible.ranges[name])))
        for name, weight in recommended.weights.items()
    ]
    low, high = recommended.interval
    score = _plain(facts.objectives[0].score)
    predicted = f"Predicted {score} **{recommended.mean:.4f}** (90 %: {low:.4f} to {high:.4f})."
    return [
        f"**{how_sure(recommended)}**",
        _table(("domain", "weight", "mixture", "could be the best"), rows),
        predicted + _gained(facts),
        _plain(recommended.note),
    ]


def _gained(facts: Facts) -> str:
    """Describe the gain over the base model, if its score is known."""
    if facts.base is None or facts.gain_over_base is None:
        return ""
    gain, (low, high) = facts.gain_over_base
    score = facts.base.score(facts.objectives[0].name)
    return f" The base model scores {score:.4f}: a gain of {gain:+.4f} (90 %: {low:+.4f} to {high:+.4f})."


def _front(front: Front) -> str:
    scores = [
        [f"{mixture.means[name]:.4f} ± {mixture.sds[name]:.4f}" for name in front.names] for mixture in front.trained
    ]
    mixtures = [", ".join(f"{name} {_percent(w)}" for name, w in mixture.weights.items()) for mixture in front.trained]
    rows = [
        (str(mixture.number), text, *row) for mixture, text, row in zip(front.trained, mixtures, scores, strict=True)
    ]
    return _table(("trial", "mixture", *front.names), rows)


def _mixture(trial: TrialRecord) -> str:
    if trial.weights is None:
        return "It has no weights yet."
    rows = [(name, _percent(weight), _bar(weight)) for name, weight in trial.weights.items()]
    heads: tuple[str, ...] = ("domain", "weight", "mixture")
    if total := sum(trial.draws.values()):
        known = {name: (_percent(count / total), str(count)) for name, count in trial.draws.items()}
        drawn = [known.get(name, ("", "")) for name in trial.weights]
        return _table((*heads, "drawn", "prompts"), [(*row, *drew) for row, drew in zip(rows, drawn, strict=True)])
    return _table(heads, rows)


def _scores(spec: StudySpec, trial: TrialRecord) -> str:
    """Tabulate scores by test and step; a star marks steps that the run did not reach."""
    if not trial.evaluations:
        return ""
    steps = [f"step {step}{'*' if step in trial.carried else ''}" for step in trial.evaluations]
    heads = ("test", *(steps if spec.score.knows_steps else ["score"]))
    by_step = trial.evaluations.values()
    rows = [
        (f"{test} ({side})", *(f"{scores[test]:.4f}" if test in scores else "" for scores in by_step))
        for side, tests in (("in", spec.tests.in_), ("out", spec.tests.out))
        for test in tests
    ]
    star = "\n\n\\* the run had ended before; these are its last scores" if trial.carried else ""
    return _table(heads, rows) + star


def _samples(samples: Sequence[Sample]) -> str:
    said = [
        f"**{_plain(sample.test)}**, score {sample.score:.2f}\n\n" + _block(f"{sample.prompt}\n\n> {sample.said}")
        for sample in samples
    ]
    return "\n\n".join(["### Sample answers at its last evaluation", *said]) if said else ""


def _corrected(trial: TrialRecord) -> str:
    """Describe the corrections of a trial: what replaced it or what it replaces, and its earlier values."""
    said = []
    if trial.replaced_by is not None:
        said.append(f"Trial {trial.replaced_by} replaces it, so it does not count.")
    elif trial.corrected:
        said.append(f"It is {trial.corrected}, so it does not count.")
    if trial.replaces is not None:
        said.append(f"It replaces trial {trial.replaces}.")
    for entry in trial.correction_log:
        values = " ".join(f"{value:.4f}" for value in entry["values"] or ()) or "no value"
        why = f" ({entry['why']})" if entry["why"] else ""
        said.append(_plain(f"Trial {entry['number']} with {values} was {entry['action']} at {entry['time']}{why}."))
    return "\n\n".join(said)


def _waits(spec: StudySpec, trial: TrialRecord) -> str:
    if trial.state != TrialState.RUNNING or not trial.by_hand:
        return ""
    return f"It is a manual trial that waits for its scores: `mixopt study tell {spec.study} {trial.number}`."


def _end(trial: TrialRecord) -> str:
    if trial.steps is None:
        return ""
    took = f" in {in_seconds(trial.seconds)} s" if trial.seconds is not None else ""
    out = f" ({', '.join(trial.exhausted)} ran out)" if trial.exhausted else ""
    return _plain(f"It ended after {trial.steps} steps{took}: {trial.stopped}{out}.")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruled = [":---", *(":---" if head == "mixture" else "---:" for head in heads[1:])]
    head, *body = [[_plain(cell) for cell in cells] for cells in (heads, *rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruled, *body))


def _bar(share: float) -> str:
    whole, eighths = divmod(round(8 * BAR * share), 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[eighths].strip()


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _plain(text: str) -> str:
    """Escape Markdown and automatic links in a text."""
    return SIGNS.sub(lambda found: f"`{found[0]}`" if found["link"] else f"\\{found[0]}", visible(text))


def _block(text: str) -> str:
    """Put a text into a fenced block that backticks in it cannot close."""
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{visible(text, lines=True)}\n{fence}"
