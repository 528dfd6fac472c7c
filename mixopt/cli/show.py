"""`mixopt study list`, `show`, `recommend` and `front`: print studies, trials and recommendations."""

from pathlib import Path
from typing import Annotated

import typer

from mixopt.cli.arguments import Folder, Json, Name, names_of
from mixopt.cli.console import document, out, say
from mixopt.errors import MixoptError


def list_(
    home: Annotated[
        Path | None, typer.Option(help="The folder of the studies. Default: $MIXOPT_HOME, or ~/.mixopt.")
    ] = None,
    json: Json = False,
) -> None:
    """List the studies.

    Example: mixopt study list
    """
    from mixopt.cli.json_documents import studies_document
    from mixopt.cli.study_list import study_summaries
    from mixopt.cli.tables import studies_table
    from mixopt.paths import default_home

    where = home or default_home()
    if not where.is_dir() and (home or where.exists()):
        raise MixoptError(f"{where}: is no folder: name the one in which the studies lie")
    studies = study_summaries(where)
    if json:
        document(studies_document(studies))
    elif studies:
        out.print(studies_table(studies))
    else:
        say("no studies yet: mixopt study create FILE.yaml makes one")


def show(
    name: Name,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only failed trials, with reasons and the ends of their logs.")
    ] = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Show a study's trials by strategy, and those that failed.

    Example: mixopt study show shapes --failed
    """
    from optuna.trial import TrialState

    from mixopt.cli.json_documents import study_document
    from mixopt.cli.tables import failure_lines, strategies_table, trials_table
    from mixopt.study.runs_by_score import runs_by_objective
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    if json:
        document(study_document(study, (TrialState.FAIL,) if failed else ()))
        return
    if not failed:
        out.print(trials_table(study))
        for score, runs in runs_by_objective(study).items():
            if len(runs):
                out.print()
                out.print(strategies_table(runs, score))
    for line in failure_lines(study, whole=failed) or (["no trial failed"] if failed else []):
        say(line)


def recommend(name: Name, json: Json = False, folder: Folder = None) -> None:
    """Recommend the mixture for the final training run.

    Example: mixopt study recommend shapes
    """
    from mixopt.cli.json_documents import recommendation_document
    from mixopt.cli.tables import recommendation_lines
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    recommendation = study.recommend()
    if json:
        document(recommendation_document(study, recommendation))
        return
    for line in recommendation_lines(study, recommendation):
        say(line)


def front(
    name: Name,
    scores: Annotated[
        str | None, typer.Option(help="Scores separated by commas: in_score, out_score and tests.")
    ] = None,
    figure: Annotated[Path | None, typer.Option(help="Also draw it into this file (.png, .pdf or .svg).")] = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Show the Pareto front of several scores: the study's objectives, or those named.

    Example: mixopt study front shapes --scores in_score,out_score,chart --figure front.png
    """
    from mixopt.cli.json_documents import front_document
    from mixopt.cli.tables import front_table
    from mixopt.reporting.plots.front import front_figure
    from mixopt.study.runs_by_score import runs_by_scores
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    runs, names = runs_by_scores(study, names_of(scores) if scores else ())
    found = study.front(runs, names)
    if json:
        document(front_document(study, found))
    else:
        out.print(front_table(found, study.base))
    if figure:
        try:
            front_figure(found, runs).savefig(figure, dpi=150)
        except (OSError, ValueError) as error:
            raise MixoptError(f"--figure {figure}: cannot be drawn ({error}): give a path such as front.png") from error
        if not json:
            say(f"figure {figure}")
