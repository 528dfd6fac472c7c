"""Print a comparison of surrogates."""

import math

from rich.table import Table

from mixopt.models.cross_validation import Comparison

TOO_FEW = 0.75  # of the measured values inside 90 % intervals


def comparison_table(comparison: Comparison, n: int, m: int) -> Table:
    """Return a table with one row for each surrogate, best first."""
    title = f"{n} runs over {m} domains, each predicted from runs of other mixtures"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("surrogate")
    for column in ("R²", "behind the best", "RMSE", "rank correlation", "in 90 % interval"):
        table.add_column(column, justify="right")
    for place, v in enumerate(comparison.ranked):
        behind, error = comparison.behind[v.name]
        gap = "" if place == 0 else f"{behind:.3f} ± {error:.3f}"
        table.add_row(v.name, f"{v.r2:.3f}", gap, f"{v.rmse:.4g}", f"{v.rank:.2f}", f"{v.coverage:.0%}")
    return table


def verdict(comparison: Comparison, n: int) -> list[str]:
    """Say which surrogate to trust, and which could not be fitted."""
    unfit = [f"{name} could not be fitted: {reason}" for name, reason in comparison.unfit.items()]
    return [*unfit, *_trusted(comparison, n)]


def _trusted(comparison: Comparison, n: int) -> list[str]:
    if not comparison.ranked:
        return [f"None could be fitted: {n} runs are too few. Train more first."]
    best = comparison.ranked[0]
    if math.isnan(best.r2):
        return ["The scores do not vary, so every surrogate predicts them: no mixture is better than another."]
    if best.r2 <= 0:
        return [
            f"Trust none of them: they predict no better than the mean of the {n} runs. Train more mixtures, or "
            "replicate some to see whether the scores are more than noise."
        ]
    level = comparison.tied_with_best()
    told = f"{', '.join(level)} cannot be told from it on these runs" if level else "all others are clearly behind it"
    lines = [f"Trust {best.name}: it explains {best.r2:.0%} of the variance of runs it has not seen; {told}."]
    if best.coverage < TOO_FEW:
        lines.append(f"But not its intervals: of those that should hold 90 % of the scores, {best.coverage:.0%} do.")
    return lines
