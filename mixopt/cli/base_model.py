"""`mixopt study base`: the scores of the base model, before any training."""

from pathlib import Path
from typing import Annotated

import typer

from mixopt.cli.arguments import Folder, Json, Name, refuse_options
from mixopt.cli.console import document, say
from mixopt.cli.manual import scores_of
from mixopt.errors import MixoptError


def base(
    name: Name,
    scores: Annotated[Path | None, typer.Option(help="A JSON file: test to score, or a result.json.")] = None,
    score: Annotated[
        list[str] | None, typer.Option("--score", help="TEST=SCORE, or in=SCORE and out=SCORE; may be repeated.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the scores that are recorded.")] = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Show the scores of the base model before any training, or record them if no trainer has scored it.

    Example: mixopt study base mine --score chart=0.31 --score math=0.12
    """
    from dataclasses import asdict

    from mixopt.cli.tables import base_text
    from mixopt.history.keys import BASE_FAILED
    from mixopt.io.manual import tell_base_manual
    from mixopt.study.study import Study

    if scores and score:
        raise MixoptError("give one of --scores FILE and --score TEST=SCORE")
    if not (scores or score):
        refuse_options({"--replace": replace}, "there are no scores to replace")
    study = Study.open(name, folder)
    if scores or score:
        tell_base_manual(study, scores or scores_of(score or [], study.spec.tests.sizes), replace=replace)
    known = study.base
    if json:
        document(asdict(known) if known else None)
    elif known:
        say(f"study {name}: the base model scores {base_text(known)}")
    elif why := study.optuna.user_attrs.get(BASE_FAILED):
        say(f"study {name}: the base model could not be scored: {why}; mixopt study resume {name} tries again")
    elif study.spec.scores_base:
        say(f"study {name}: the base model is not scored yet: mixopt study resume {name} does it")
    else:
        say(f"study {name}: the base model's scores are not known: tell them by --score TEST=0.31")
