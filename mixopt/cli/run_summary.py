"""The summary after a run: all trials, the recommendation or the Pareto front, figures, and the exit code."""

from collections.abc import Callable, Sequence

from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.tables import (
    failure_lines,
    front_table,
    recommendation_lines,
    strategies_table,
    trials_table,
)
from mixopt.errors import StrategyError
from mixopt.models.objective import validate_objective
from mixopt.reporting.plots.fit import fit_figure
from mixopt.reporting.plots.front import front_figure
from mixopt.reporting.plots.strategies import strategies_figure
from mixopt.study.runs_by_score import runs_by_objective, runs_by_scores, score_words
from mixopt.study.status import Status
from mixopt.study.study import Study
from mixopt.text import counted


def summarise(study: Study, say: Callable[[str], None], console: Console) -> int:
    """Print the summary of a study and draw its figures.

    Args:
        study: That has run.
        say: Prints a line.
        console: For tables.

    Returns:
        The exit code: 1 where a mixture failed for good, otherwise 0.
    """
    console.print(trials_table(study))
    console.print()
    for name, runs in runs_by_objective(study).items():
        console.print(strategies_table(runs, name))
        console.print()
    try:
        if len(runs_by_objective(study)) > 1:
            _summarise_front(study, say, console)
        else:
            _summarise_recommendation(study, say)
    except StrategyError as reason:
        say(f"no recommendation yet: {reason}")
    short = len(study.trials(TrialState.PRUNED))
    finished = study.trial_records(TrialState.COMPLETE)
    replicates = sum(record.replicate for record in finished)
    done = f"{len(finished) - replicates} trials"
    done += f", {counted(replicates, 'replicate')}" if replicates else ""
    done += f" and {short} short ones" if short else ""
    state, name = Status.of(study), study.spec.study
    if state.failed:
        for line in failure_lines(study):
            say(line)
        say(f"study {name}: {done} are done, {state.failed} failed for good; resume tries them again")
        return 1
    if state.word == "ended":
        say(f"study {name} has ended: {done}; {state.why_ended}")
    elif state.word == "complete":
        say(f"study {name} is complete: {done}; more with --trials +10")
    else:
        say(f"study {name} is not complete: {done} are done; {_what_next(state, name)}")
    return 0


def _what_next(state: Status, name: str) -> str:
    """What makes the study continue."""
    match state.word:
        case "running":
            return "another worker trains one"
        case "paused":
            return f"it is paused: mixopt study resume {name} continues"
        case "to tell":
            return f"trials {_listed(state.to_tell)} wait to be told: mixopt study tell {name} {state.to_tell[0]}"
    interrupted = f"trials {_listed(state.interrupted)} were interrupted, and " if state.interrupted else ""
    return f"{interrupted}resume continues"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _summarise_recommendation(study: Study, say: Callable[[str], None]) -> None:
    for line in recommendation_lines(study, study.recommend()):
        say(line)
    study.folder.figures.mkdir(exist_ok=True)
    [(name, runs)] = runs_by_objective(study).items()
    validation = validate_objective(runs, study.spec.score.noise, study.scoring.sum_of_tests)
    figures = {
        "strategies": strategies_figure(runs, score_words(name)),
        "fit": fit_figure(runs, score_words(name), validation),
    }
    for figure, drawn in figures.items():
        path = study.folder.figures / f"{figure}.png"
        drawn.savefig(path, dpi=150)
        say(f"figure {path}")


def _summarise_front(study: Study, say: Callable[[str], None], console: Console) -> None:
    runs, names = runs_by_scores(study)
    front = study.front(runs, names)
    console.print(front_table(front, study.base))
    study.folder.figures.mkdir(exist_ok=True)
    path = study.folder.figures / "front.png"
    front_figure(front, runs).savefig(path, dpi=150)
    say(f"figure {path}")
