"""What is shown when a study has run: all trials, the recommendation, two figures."""

from collections.abc import Callable

from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.tables import failure_lines, recommendation_lines, strategies_table, trials_table
from mixopt.errors import StrategyError
from mixopt.plots.fit import fit_figure
from mixopt.plots.strategies import strategies_figure
from mixopt.study import Study


def close(study: Study, say: Callable[[str], None], console: Console) -> int:
    """Show and draw; returns the exit code: 1 where a mixture failed for good, else 0."""
    runs, planned = study.runs(), study.sampler().planned
    console.print(trials_table(study))
    console.print()
    console.print(strategies_table(runs))
    console.print()
    for line in failure_lines(study):
        say(line)
    try:
        for line in recommendation_lines(study, study.recommend()):
            say(line)
        _draw(study, say)
    except StrategyError as reason:
        say(f"no recommendation yet: {reason}")
    done = len(study.trials(TrialState.COMPLETE))
    say(
        f"study {study.spec.study} is complete: {done} trials; more with --trials +10"
        if done >= planned
        else f"study {study.spec.study}: {done} of {planned} trials are done, the others failed or were skipped"
    )
    return 0 if done >= planned else 1


def _draw(study: Study, say: Callable[[str], None]) -> None:
    goal = study.spec.score.maximize
    score = goal.replace("_", "-") if isinstance(goal, str) else f"blend {goal.blend:g}"
    study.folder.figures.mkdir(exist_ok=True)
    for name, draw in (("strategies", strategies_figure), ("fit", fit_figure)):
        path = study.folder.figures / f"{name}.png"
        draw(study.runs(), score).savefig(path, dpi=150)
        say(f"figure {path}")
