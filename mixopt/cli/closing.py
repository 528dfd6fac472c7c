"""What is shown when a study has run: all trials, the recommendation, two figures."""

from collections.abc import Callable

from rich.console import Console

from mixopt.cli.tables import failure_lines, recommendation_lines, score_name, strategies_table, trials_table
from mixopt.errors import StrategyError
from mixopt.plots.fit import fit_figure
from mixopt.plots.strategies import strategies_figure
from mixopt.runs import Runs
from mixopt.study import Study


def close(study: Study, say: Callable[[str], None], console: Console) -> int:
    """Show and draw; returns the exit code: 1 where a mixture failed for good, else 0."""
    runs = study.runs()
    console.print(trials_table(study))
    console.print()
    console.print(strategies_table(runs))
    console.print()
    try:
        for line in recommendation_lines(study, study.recommend()):
            say(line)
        _draw(study, runs, say)
    except StrategyError as reason:
        say(f"no recommendation yet: {reason}")
    lost = study.sampler().given_up(study.past())
    if lost:
        for line in failure_lines(study):
            say(line)
        say(f"study {study.spec.study}: {len(runs)} trials are done, {lost} failed for good; resume tries them again")
        return 1
    say(f"study {study.spec.study} is complete: {len(runs)} trials; more with --trials +10")
    return 0


def _draw(study: Study, runs: Runs, say: Callable[[str], None]) -> None:
    study.folder.figures.mkdir(exist_ok=True)
    for name, draw in (("strategies", strategies_figure), ("fit", fit_figure)):
        path = study.folder.figures / f"{name}.png"
        draw(runs, score_name(study)).savefig(path, dpi=150)
        say(f"figure {path}")
