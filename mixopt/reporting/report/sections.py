"""The sections of a report, in order."""

from mixopt.reporting.report import of_designs, of_effects, of_runs, of_study, of_surrogate
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.section import Section

OF_AN_OBJECTIVE = (
    ("seeds", "One domain alone, all but one domain", of_runs.seeds),
    ("strategies", "Strategies", of_runs.strategies),
    ("mixtures", "Mixtures", of_runs.plane),
    ("fits", "Linear and quadratic fits", of_runs.fits),
    ("unseen", "Predictions of unseen runs", of_runs.unseen),
    ("convergence", "Convergence", of_surrogate.convergence),
    ("slices", "Effect of each domain's weight", of_surrogate.slices),
    ("interactions", "Interactions of domains", of_surrogate.interactions),
)


def sections(facts: Facts) -> list[Section]:
    """Return all sections, also those left out; with several objectives, some come once for each."""
    several = len(facts.objectives) > 1
    by_test = of_designs.ByTest(facts)
    shown = [
        Section.of("tests", "Test by test", of_study.tests, facts),
        Section.of("alone", "Each domain alone, test by test", of_designs.alone, by_test),
        Section.of("without", "All but one domain, test by test", of_designs.without, by_test),
        Section.of("effects", "Effect of each domain on each test", of_effects.effects, facts),
    ]
    for objective in facts.objectives:
        for key, title, show in OF_AN_OBJECTIVE:
            name = key, title
            if several:
                name = f"{key}-{objective.name.replace(' ', '-')}", f"{title}: {objective.score}"
            shown.append(Section.of(*name, show, objective))
    title = "Front of the objectives" if several else "In-score against out-score"
    shown.append(Section.of("front", title, of_study.front, facts))
    shown.append(Section.of("draws", "Drawn against requested shares", of_study.draws, facts))
    shown.append(Section.of("cost", "Cost", of_study.cost, facts))
    return shown
