"""`mixopt study effects`: what each domain does to each test, with uncertainty."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mixopt.cli.arguments import Folder, Json, Name
from mixopt.cli.console import document, out, say

if TYPE_CHECKING:
    from rich.table import Table

    from mixopt.inference.domain_effects import DomainEffects, Effect

MOST = 8  # domains up to which a table has a column for each
LISTED = 40  # effects in the list of a study with more domains


def effects(
    name: Name,
    at: Annotated[
        Literal["recommended", "uniform"], typer.Option("--from", help="The mixture from which a share changes.")
    ] = "recommended",
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Show what more of a domain, or none of it, does to each test, with 90 % intervals.

    Example: mixopt study effects shapes --from uniform
    """
    from mixopt.cli.tables import mixture_text
    from mixopt.inference.domain_effects import STEP
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    uniform = study.space.as_dict(study.space.uniform())
    mixture = study.recommend().weights if at == "recommended" else uniform
    found = study.effects(study.space.as_array(mixture))
    if json:
        document(effects_document(study.spec.study, mixture, found))
        return
    say(f"{f'from the {at} mixture':<19}  {mixture_text(mixture)}")
    out.print()
    titles = {f"+{100 * STEP:g} points of a domain, the others in proportion": found.more, "left out": found.without}
    for title, effect in titles.items():
        out.print(effects_table(title, found, effect))
        out.print()
    say("Predicted change of each score, ± half of its 90 % interval; * where the interval leaves out 0.")
    for line in caveats(found, len(study.runs())):
        say(line)


def effects_table(title: str, found: "DomainEffects", effect: "Effect") -> "Table":
    """Return one row for each test; of many domains the largest certain effects, one row each."""
    import numpy as np
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    half = (effect.high - effect.low) / 2
    cells = [
        ["" if np.isnan(mean) else f"{mean:+.4f} ±{width:.4f}{'*' if sure else ' '}" for mean, width, sure in zip(*row)]
        for row in zip(effect.mean, half, effect.certain)
    ]
    if len(found.domains) <= MOST:
        table.add_column("")
        for domain in found.domains:
            table.add_column(domain, justify="right", no_wrap=True)
        for column, test in enumerate(found.tests):
            table.add_row(test, *(row[column] for row in cells))
        return table
    for heading in ("domain", "test", "change"):
        table.add_column(heading, justify="right" if heading == "change" else "left")
    places = np.argwhere(effect.certain)
    sizes = np.abs(effect.mean[effect.certain])
    for row, column in places[np.argsort(-sizes, kind="stable")][:LISTED].tolist():
        table.add_row(found.domains[row], found.tests[column], cells[row][column])
    return table


def caveats(found: "DomainEffects", runs: int) -> list[str]:
    """Return what limits the effects: tests that runs lack, and tests that never vary."""
    from mixopt.text import counted

    partly = [f"{test} ({known})" for test, known in zip(found.tests, found.runs) if known < runs]
    said = [f"Not all {counted(runs, 'run')} have a score of {', '.join(partly)}: known ones count."] if partly else []
    if found.constant:
        said.append(f"All runs score the same on {', '.join(found.constant)}: nothing can be learnt about it yet.")
    if found.left_out:
        said.append(f"Left out, since fewer than 2 runs have a score: {', '.join(found.left_out)}.")
    return said


def effects_document(study: str, mixture: dict[str, float], found: "DomainEffects") -> dict[str, Any]:
    """Return the document of `study effects`: domain -> test -> change and its interval."""
    return {
        "study": study,
        "from": mixture,
        "runs": dict(zip(found.tests, found.runs)),
        "constant": list(found.constant),
        "left_out": list(found.left_out),
        "more": _by_domain(found, found.more),
        "without": _by_domain(found, found.without),
    }


def _by_domain(found: "DomainEffects", effect: "Effect") -> dict[str, Any]:
    return {
        domain: {
            test: {"mean": float(mean), "interval": [float(low), float(high)]} if mean == mean else None
            for test, mean, low, high in zip(found.tests, *rows)
        }
        for domain, *rows in zip(found.domains, effect.mean, effect.low, effect.high)
    }
