"""Report figure of what each domain does to each test, by the Gaussian process of each test."""

import numpy as np

from mixopt.inference.domain_effects import STEP, DomainEffects, domain_effects
from mixopt.inference.recommendation import LEAST_RUNS
from mixopt.reporting.plots.effects import MOST_NUMBERS, effects_figure
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.section import Shown, need

TITLES = f"+{100 * STEP:g} points of a domain", "the domain left out"


def effects(facts: Facts) -> Shown:
    """Show the predicted change of each test where a domain's share grows, and where it is left out."""
    need(len(facts.runs) >= LEAST_RUNS, f"{len(facts.runs)} finished runs are too few: train {LEAST_RUNS}.")
    tests, score = list(facts.spec.tests.sizes), facts.spec.score
    scores = facts.runs.test_scores(tests, score.use)
    need(bool(np.isfinite(scores).any()), "The runs have no scores by test.")
    centre = facts.objectives[0].centre
    found = domain_effects(facts.space, facts.runs, tests, scores, centre, score.noise)
    panels = {title: effect for title, effect in zip(TITLES, (found.more, found.without)) if _known(effect.mean)}
    need(bool(panels), "The space allows no change of a share.")
    certain = {title: effect.certain for title, effect in panels.items()}
    figure = effects_figure(
        found.domains, found.tests, {title: effect.mean for title, effect in panels.items()}, certain
    )
    return figure, _words(found, facts.objectives[0].centre_name)


def _known(effects: np.ndarray) -> bool:
    return bool(np.isfinite(effects).any())


def _words(found: DomainEffects, centre_name: str) -> str:
    """Name the largest gain and loss, how many signs are certain, and what some runs lack."""
    means, sure = found.more.mean, found.more.certain & np.isfinite(found.more.mean)
    words = (
        f"How each score is predicted to change from the {centre_name} mixture, if a domain gets {100 * STEP:g} points "
        "more and the others keep their proportions, and if it gets nothing."
    )
    for what, sign in (("gain", 1), ("loss", -1)):
        row, column = np.unravel_index(int(np.nan_to_num(sign * means, nan=-np.inf).argmax()), means.shape)
        if sign * np.nan_to_num(means[row, column]) > 0:
            where = f"more {found.domains[row]}, on {found.tests[column]}"
            words += f" The largest {what} is {means[row, column]:+.3f} ({where})."
    bold = "Bold: " if len(found.tests) <= MOST_NUMBERS else ""
    words += f" {bold}{sure.sum()} of {np.isfinite(means).sum()} signs of the upper table are certain (95 %)."
    if found.constant:
        words += f" All runs score the same on {', '.join(found.constant)}."
    if found.left_out:
        words += f" Too few runs have a score of {', '.join(found.left_out)}."
    return words
