# %% [markdown]
# # Surrogates of a study
#
# A surrogate is a model, fitted to the runs, that maps weights to a score with its uncertainty. Which one predicts
# unseen runs best? What does it say about each domain? And what would it train on next?

# %%
# %matplotlib inline
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib
import numpy as np
import optuna
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from mixopt import StrategyError, Study
from mixopt.io.import_runs import import_old_runs
from mixopt.models import surrogate_named
from mixopt.models.cross_validation import compare
from mixopt.models.surrogate import HALF_WIDTH, r_squared
from mixopt.reporting.plots.style import LIGHT, MUTED, PAPER, STYLE
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.of_surrogate import interactions, slices
from mixopt.tables.run_files import read_old_runs

matplotlib.rcParams.update(STYLE | {"figure.facecolor": PAPER})
pd.options.display.precision = 3
optuna.logging.set_verbosity(optuna.logging.WARNING)
home = TemporaryDirectory()

# %% [markdown]
# The runs are recorded runs of the shapes world: five training domains, a policy trained by GRPO on each mixture, and
# scored on tests that belong to no domain (the out-score). To look at your own study, replace these lines by
# `study = Study.open("mine")`.

# %%
study = Study.create(Path("../studies/shapes.yaml"), Path(home.name) / "shapes")
known = {"known_domains": study.space.domains, "known_scores": study.scoring.available}
import_old_runs(study, read_old_runs([Path("data/shapes_runs.csv")], **known))

runs = study.runs()
print(f"{len(runs)} runs; out-score from {runs.values.min():.3f} to {runs.values.max():.3f}")
print(f"all domains evenly {runs.values[runs.labels.index('all')]:.3f}")

# %% [markdown]
# ## Which surrogate predicts unseen runs?
#
# Each run is predicted by a fit on all the others. The 90 % interval is for a new run, with its noise included.


# %%
def left_out(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Means and sds of every run, each from the surrogate of that name fitted on the others."""
    means, sds = np.empty(len(runs)), np.empty(len(runs))
    for i in range(len(runs)):
        others = np.arange(len(runs)) != i
        surrogate = surrogate_named(name).fit(runs.weights[others], runs.values[others])
        means[[i]], sd = surrogate.predict(runs.weights[[i]])
        sds[[i]] = np.hypot(sd, surrogate.noise_sd)
    return means, sds


predicted = {}
for name in ("linear", "quadratic", "mixing_law", "boosting", "gp"):
    try:
        predicted[name] = left_out(name)
    except StrategyError as reason:  # boosting without LightGBM
        print(reason)

# %%
rows = {}
for name, (means, sds) in predicted.items():
    inside = np.abs(means - runs.values) <= HALF_WIDTH * sds
    rank = spearmanr(runs.values, means).statistic
    rows[name] = {"R²": r_squared(runs.values, means), "rank correlation": rank, "in the 90 % interval": inside.mean()}
table = pd.DataFrame(rows).T.sort_values("R²", ascending=False)
table

# %%
figure = Figure(figsize=(7, 1.7 * 2 + 0.6), layout="constrained")
grid = figure.subplots(2, 3, sharex=True, sharey=True)
for panel, name in zip(grid.flat, table.index):
    means, sds = predicted[name]
    panel.errorbar(runs.values, means, HALF_WIDTH * sds, fmt="o", ms=3, lw=0.5, color=LIGHT["seed"], alpha=0.7)
    panel.axline((0.3, 0.3), slope=1, color=MUTED, lw=1, ls="--")
    panel.set_title(f"{name}, R² {table.loc[name, 'R²']:.2f}", loc="left")
for panel in grid.flat[len(table) :]:
    panel.set_visible(False)
grid[0, 0].set_ylim(-0.1, 0.9)
figure.supxlabel("actual out-score", fontsize=9)
figure.supylabel("predicted (90 % interval)", fontsize=9)
figure

# %% [markdown]
# The Gaussian process is ahead, and its intervals contain the score about as often as they should. The quadratic's
# intervals are too narrow, because it takes its standard deviation from the split on which it did best.
#
# ## Do they differ beyond noise?
#
# `mixopt surrogate compare` leaves out runs in ten folds and compares errors run by run: how far R² is behind the
# best, and the standard error of that.

# %%
comparison = compare(runs.weights, runs.values, list(table.index))
rows = {name: {"behind": gap, "±": error} for name, (gap, error) in comparison.behind.items()}
print("not to be told from the best:", ", ".join(comparison.tied_with_best()) or "none")
pd.DataFrame(rows).T

# %% [markdown]
# ## What does it say about each domain?
#
# The figure goes from the recommended mixture (dashed) along each domain, with 90 % intervals: more of it, with the
# others in their proportions. The surrogate is the Gaussian process of the recommendation.

# %%
facts = Facts.of(study)
[objective] = facts.objectives
figure, words = slices(objective)
print(words)
figure

# %% [markdown]
# ## Which domains help together?

# %%
figure, words = interactions(objective)
print(words)
figure

# %% [markdown]
# ## What should be trained next?

# %%
recommended = facts.recommendation
choices = {"recommended": recommended, "best trained": recommended.best_trained}
rows = {
    name: {**choice.weights, "predicted": choice.mean, "90 % from": choice.interval[0], "to": choice.interval[1]}
    for name, choice in choices.items()
}
print(recommended.note)
pd.DataFrame(rows).T

# %% [markdown]
# A prediction above everything that was trained should be read with care. The study of `make study`, with other
# mixtures of the same world, recommended nearly the same mixture (detect 20 %, geometry 54 %, spatial 10 %, science 17
# %). Trained with three new seeds it reached .599, the lower end of the interval here.
#
# Many mixtures could still be the best. Those that contain the best one with probability 90 % have these weights:

# %%
pd.DataFrame(recommended.credible.ranges, index=["least", "most"]).T

# %% [markdown]
# Geometry is in all of them, and refer in none by more than a third. These runs do not decide how the rest is shared.
# More runs near the recommendation would (`mixopt study resume NAME --trials +10`).
