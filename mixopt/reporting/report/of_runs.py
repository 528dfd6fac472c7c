"""Report figures of what was measured for one objective: seed designs, strategies, mixtures, fits."""

import numpy as np

from mixopt.history.runs import IMPORTED_STRATEGY, REPLICATED, STRATEGIES, Runs
from mixopt.models.linear import LinearSurrogate
from mixopt.models.objective import validate_objective
from mixopt.models.quadratic import QuadraticSurrogate
from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.fit import fit_figure
from mixopt.reporting.plots.fits import fits_figure
from mixopt.reporting.plots.plane import plane_figure, principal_plane
from mixopt.reporting.plots.seeds import seeds_figure
from mixopt.reporting.plots.strategies import strategies_figure
from mixopt.reporting.report.facts import Objective
from mixopt.reporting.report.section import Shown, need

DESIGNS = {"single": "each domain alone", "exclude": "all but one domain"}
LEAST_FITTED = 10  # runs below which a fit on random parts of them says nothing


def seeds(objective: Objective) -> Shown:
    """Show each domain alone, and all but one, against all domains."""
    scores = _by_label(objective.runs)
    need("all" in scores, "No run has trained on all domains evenly, which this figure compares with.")
    panels = {
        title: {
            domain: scores[f"{design}:{domain}"] - scores["all"]
            for domain in objective.runs.space.domains
            if f"{design}:{domain}" in scores
        }
        for design, title in DESIGNS.items()
    }
    panels = {title: differences for title, differences in panels.items() if differences}
    need(bool(panels), "No run has trained on a domain alone, or on all but one.")
    noise = 0.0
    if objective.surrogate:
        noise = float(objective.surrogate.noise_at(objective.runs.space.uniform()[None])[0])
    said = []
    for title, differences in panels.items():
        best, worst = (end(differences, key=lambda name: differences[name]) for end in (max, min))
        one = f"{title}, {best} is best ({differences[best]:+.3f})"
        said.append(one if best == worst else f"{one} and {worst} worst ({differences[worst]:+.3f})")
    words = f"Against all domains evenly ({scores['all']:.3f}): " + "; ".join(said) + "."
    if noise:
        band = HALF_WIDTH * np.sqrt(2) * noise
        words += f" By noise alone, two runs of one mixture differ by up to {band:.3f} (band, 90 %)."
    return seeds_figure(panels, objective.score, noise), words


def strategies(objective: Objective) -> Shown:
    """Show the box plot by strategy."""
    runs = objective.runs.chosen()
    need(len(runs) > 0, "No run has finished yet.")
    groups = {s: runs.values[[mine == s for mine in runs.strategies]] for s in STRATEGIES if s in runs.strategies}
    parts = [f"{np.median(v):.3f} of {len(v)} {s} runs ({v.min():.3f} to {v.max():.3f})" for s, v in groups.items()]
    missing = [s for s in STRATEGIES if s not in (*groups, IMPORTED_STRATEGY, REPLICATED)]
    words = f"Median {objective.score}: {', '.join(parts)}."
    if missing:
        words += f" There are no {' and no '.join(missing)} runs."
    return strategies_figure(runs, objective.score), words


def plane(objective: Objective) -> Shown:
    """Show the mixtures on their first two principal axes."""
    runs = objective.runs
    need(len(runs) > 2, "At least three finished runs are needed.")
    centre, axes, shares = principal_plane(runs.weights)
    need(shares[1] > 0, "The mixtures lie on one line.")
    words = (
        f"The {len(runs)} mixtures in the plane of their first two principal axes, with {shares.sum():.0%} of their "
        f"variance. To the right: more {_poles(runs, axes[0])}; upwards: more {_poles(runs, axes[1])}."
    )
    points, marked = (runs.weights - centre) @ axes.T, (objective.centre_name, axes @ (objective.centre - centre))
    return plane_figure(points, runs.values, shares, marked, objective.score), words


def fits(objective: Objective) -> Shown:
    """Show a linear fit and the paper's quadratic fit."""
    runs = objective.runs
    _need_enough(runs)
    linear = LinearSurrogate().fit(runs.weights, runs.values)
    quadratic = QuadraticSurrogate().fit(runs.weights, runs.values)
    words = (
        f"A linear fit explains {max(linear.r2_train, 0):.0%} of the variance of all {len(runs)} runs, on which it was "
        f"fitted. The best of five quadratic fits on four fifths of the runs has R² {quadratic.r2_test:.2f} on the "
        f"other {len(quadratic.test_index)} (optimistic, since it is the best of five)."
    )
    features = runs.space.m * (runs.space.m + 1) // 2
    if len(quadratic.train_index) < features:
        words += f" It has {features} coefficients, more than the runs it was fitted on."
    return fits_figure(runs.weights, runs.values, linear, quadratic, objective.score), words


def unseen(objective: Objective) -> Shown:
    """Show how well the recommending surrogate predicts runs it has not seen."""
    runs = objective.runs
    _need_enough(runs)
    validation = validate_objective(runs, objective.noise, objective.tests)
    words = (
        f"Each run is predicted by the Gaussian process from runs of other mixtures: "
        f"R² {validation.r2:.2f}; {validation.coverage:.0%} of the actual scores lie within their 90 % intervals."
    )
    return fit_figure(runs, objective.score, validation), words


def _need_enough(runs: Runs) -> None:
    """Leave out a fit on parts of the runs where there are too few of them."""
    need(
        len(runs) >= LEAST_FITTED, f"{len(runs)} finished runs are too few for cross-validation: train {LEAST_FITTED}."
    )
    need(bool(np.ptp(runs.values) > 0), "All runs have the same score.")


def _by_label(runs: Runs) -> dict[str, float]:
    """Return the mean value of the runs of each label, with their replicates."""
    return {label: float(runs.values[runs.called(label)].mean()) for label in dict.fromkeys(runs.labels)}


def _poles(runs: Runs, axis: np.ndarray) -> str:
    """Describe what grows along an axis (m,), and what shrinks."""
    return f"{runs.space.domains[int(axis.argmax())]}, less {runs.space.domains[int(axis.argmin())]}"
