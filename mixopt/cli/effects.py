"""`mixopt study effects`: what each domain does to each test, with uncertainty."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mixopt.cli.arguments import Folder, Json, Name
from mixopt.cli.console import document, say

if TYPE_CHECKING:
    from mixopt.inference.domain_effects import DomainEffects, Effect

MOST = 8  # effects that a line names


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
    say(f"from the {at} mixture: {mixture_text(mixture)}")
    titles = {f"+{100 * STEP:g} points of a domain, the others in proportion:": found.more, "left out:": found.without}
    for title, effect in titles.items():
        say(title)
        for line in effect_lines(found, effect):
            say(f"  {line}")
    say("Effects whose 90 % interval leaves out 0, ± half of that interval.")
    for line in caveats(found, len(study.runs())):
        say(line)


def effect_lines(found: "DomainEffects", effect: "Effect") -> list[str]:
    """Return a line for each test with its clear effects, largest first."""
    lines, width = [], max(map(len, found.tests))
    for test, means, highs, sure in zip(found.tests, effect.mean.T, effect.high.T, effect.certain.T):
        clear = [place for place in abs(means).argsort()[::-1].tolist() if sure[place]]
        shown = [f"{found.domains[i]} {means[i]:+.4f} ±{highs[i] - means[i]:.4f}" for i in clear[:MOST]]
        more = [f"{len(clear) - MOST} smaller ones"] if len(clear) > MOST else []
        lines.append(f"{test:<{width}}  {', '.join(shown + more) or 'no clear effect'}")
    return lines


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
