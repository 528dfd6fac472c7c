# %% [markdown]
# # The paper's Table 2, recomputed
#
# MoDoMoDo ([arXiv 2505.24871](https://arxiv.org/abs/2505.24871)) made 41 training runs on mixtures of five domains.
# Its Table 2 prints each run's scores on seven tests, and two means of them: the in-score over LISA, SAT and
# ScienceQA, and the out-score over ChartQA, InfoVQA, MathVista and MMMU. What follows from these numbers, and do they
# support the paper's claims?

# %%
# %matplotlib inline
import sys
from dataclasses import replace

import matplotlib
import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from mixopt.designs.heuristic_options import Heuristic
from mixopt.designs.heuristics import HEURISTICS, alpha
from mixopt.reporting.plots.by_test import by_test_figure
from mixopt.reporting.plots.seeds import seeds_figure
from mixopt.reporting.plots.style import COLOURS, PAPER, STYLE, canvas

sys.path.append("..")
from tests.support import modomodo  # reads the table, tests/data/modomodo/table2.csv

matplotlib.rcParams.update(STYLE | {"figure.facecolor": PAPER})
pd.options.display.precision = 4

# %% [markdown]
# ## Are the printed means the means of the printed tests?
#
# Means are weighted by test size. If a cell cannot be read in our copy, nothing is recomputed.

# %%
means = pd.DataFrame(modomodo.aggregates())
means["gap"] = (means.printed - means.recomputed).abs()
agree = means.gap <= modomodo.TOLERANCE
print(f"{agree.sum()} of {len(means)} legible means agree; the largest gap among them is {means.gap[agree].max():.5f}")
print(f"{2 * len(modomodo.rows()) - len(means)} means cannot be recomputed: a cell of theirs is illegible")

# %% [markdown]
# The others are misprints: they are off by .002 and .033, while rounding explains .0001.

# %%
means[~agree]

# %% [markdown]
# ## Do the heuristic weights follow from the seed runs?
#
# The paper prints no weights. Those that need only out-scores, which are all legible, can be computed. Beside the code
# are check numbers from an independent computation ([the paper in formulas](../docs/paper.md)).

# %%
seeds = modomodo.seed_runs()
weights = {name: HEURISTICS[name](seeds) for name in modomodo.HEURISTIC_WEIGHTS}
gap = max(np.abs(weights[name] - check).max() for name, check in modomodo.HEURISTIC_WEIGHTS.items())
print(f"largest gap to the check numbers: {gap:.5f}")
pd.DataFrame(weights, index=modomodo.DOMAINS).T

# %% [markdown]
# At alpha = 1 and 0.5 the in-score of run 2345 is needed, which is illegible. How much would it matter? The other
# exclude-one runs have in-scores of .48 to .58.


# %%
def supposing(in_score: float, share: float) -> np.ndarray:
    """The weights of the alpha family if run 2345 had that in-score."""
    known = np.where(np.isnan(seeds.in_scores), in_score, seeds.in_scores)
    return alpha(replace(seeds, in_scores=known), share)


rows = {f"alpha = {a}, 2345 at {s}": supposing(s, a) for a in (1.0, 0.5) for s in (0.48, 0.58)}
pd.DataFrame(rows, index=modomodo.DOMAINS).T

# %% [markdown]
# It matters: COCO, which 2345 leaves out, has .37 or .23 at alpha = 1. So these weights stay unknown.
#
# ### How was COCO left out?
#
# Ten heuristic runs leave COCO out, and the paper does not say how. If the heuristics used the seed runs that did not
# train on COCO, these are the weights:

# %%
unread = replace(seeds, in_scores=np.where(np.isnan(seeds.in_scores), 0.5, seeds.in_scores))
without_coco = {name: Heuristic(name, ("COCO",)).weights(unread) for name in HEURISTICS}
pd.DataFrame(without_coco, index=modomodo.DOMAINS).T

# %% [markdown]
# The illegible in-score of 2345 counts equally for all four domains here, so it does not matter. Two weights are
# exactly 0: LISA's in `alpha_out`, and SAT's in `alpha_in`. Were they 0 in the paper too? Then those runs learned
# nothing there. These are the table's scores, as means over both kinds of scores that the weights were computed from:

# %%
heuristic = pd.DataFrame([row for row in modomodo.rows() if row["group"].startswith("heuristic")])
coco = np.where(heuristic.group == "heuristic_without_coco", " without COCO", "")
heuristic[["lisa", "sat", "scienceqa"]].astype(float).groupby(heuristic.experiment + coco).mean()

# %% [markdown]
# They did not: A_out has .07 on LISA, and A_in .42 on SAT, like a model that never saw SAT (LISA alone: .40). Computed
# from all seed runs, with the weight of COCO dropped, neither would be 0. So this is how we read the paper (`without`
# in a study file). Leave-one-out must have used other runs, because no seed run leaves out COCO and a second domain.
#
# ### What is `alpha_single`?
#
# The paper does not say how much a run on one domain counts. With 1 the weights at alpha = 0 are those above, and
# ScienceQA has 0. But A_out, fitted on step 2000, scores .71 on ScienceQA, where the seed run without it has .43:

# %%
single = {f"alpha_single = {a:g}": alpha(seeds, 0.0, alpha_single=a) for a in (0.0, 0.33, 0.66, 0.67, 1.0)}
pd.DataFrame(single, index=modomodo.DOMAINS).T

# %% [markdown]
# Below .66 COCO has 0 and ScienceQA has some weight: the paper's value was probably in that range.
#
# ## Figures 4 and 5: what does a domain do alone, and what happens without it?

# %%
tests = pd.DataFrame(modomodo.seed_tests()).T
every, names = tests.loc["12345"].to_numpy(), list(tests.columns)
single = tests.loc[list("12345")].to_numpy()
by_test_figure(names, modomodo.DOMAINS, "alone", single, every, sure=np.zeros(single.shape, dtype=bool))

# %%
exclude = tests.loc[["12345".replace(digit, "") for digit in "12345"]].to_numpy()
by_test_figure(names, modomodo.DOMAINS, "left out", exclude, every, sure=np.zeros(exclude.shape, dtype=bool))

# %% [markdown]
# (Without COCO only the out-score is legible.) These are the paper's claims about them, one by one:

# %%
pd.DataFrame(modomodo.figures_4_and_5_claims(), columns=["claim", "ours", "held"]).set_index("claim")

# %% [markdown]
# One does not hold for the table: without ScienceQA the score on ChartQA is higher, not lower. In the out-score:

# %%
out = {row["experiment"]: modomodo.number(row, "out_score") for row in modomodo.rows() if row["group"] == "seed"}
everything = out["12345"]
alone = {name: out[str(i)] - everything for i, name in enumerate(modomodo.DOMAINS, start=1)}
without = {name: out["12345".replace(str(i), "")] - everything for i, name in enumerate(modomodo.DOMAINS, start=1)}
seeds_figure({"each domain alone": alone, "all but one domain": without}, "out-score", noise_sd=0.0)

# %% [markdown]
# Leaving out any domain is better than training on all of them (.4609), and so are GeoQAV and SAT alone: uniform
# weights are not the answer. Leaving out COCO is best (.5146).
#
# ## Figure 6: do the strategies differ as claimed?
#
# Ten of the 20 heuristic runs leave COCO out from the start.

# %%
scores = modomodo.scores_by_strategy()
figure, axes = canvas(3.2)
axes.boxplot(scores.values(), tick_labels=[f"{name}\n(n={len(mine)})" for name, mine in scores.items()], whis=(0, 100))
for place, (name, mine) in enumerate(scores.items(), start=1):
    axes.plot(np.full(len(mine), place), mine, "o", ms=4, alpha=0.6, color=COLOURS[name])
axes.axhline(everything, color="grey", lw=0.8, ls="--")
axes.set_ylabel("out-score (dashed: all five evenly)")
figure

# %%
pd.DataFrame(
    {
        name: {"median": np.median(s), "minimum": s.min(), "maximum": s.max(), "sd": s.std(ddof=1)}
        for name, s in scores.items()
    }
).T

# %% [markdown]
# Claim by claim:

# %%
pd.DataFrame(modomodo.figure_6_claims(), columns=["claim", "ours", "held"]).set_index("claim")

# %% [markdown]
# ## Is it more than luck?
#
# No run was repeated with another seed, so the noise is not known. A rank test does not need it: how often would such
# an order appear if two strategies were equal?


# %%
def chance(better: np.ndarray, worse: np.ndarray) -> str:
    return f"p = {mannwhitneyu(better, worse, alternative='greater').pvalue:.2f}"


with_coco = [modomodo.number(row, "out_score") for row in modomodo.rows() if row["group"] == "heuristic"]
print("heuristic over seed       ", chance(scores["heuristic"], scores["seed"]))
print("model-based over seed     ", chance(scores["model-based"], scores["seed"]))
print("model-based over heuristic", chance(scores["model-based"], scores["heuristic"]))
print("    over those with COCO  ", chance(scores["model-based"], with_coco))

# %% [markdown]
# All claims hold for these runs. Only one is beyond luck: model-based mixtures are better than seeds. That they are
# better than heuristic ones depends on the ten runs without COCO, and whether heuristic ones are better than seeds is
# open. The best single run is a seed run.
#
# ## And Figure 7?
#
# It fits a quadratic to the runs, and their weights are not printed. Known are the weights of the seed runs, of the
# two heuristics that follow from them and were computed from the scores of step 2000, and, if COCO was left out as we
# read it, of five more:

# %%
m = len(modomodo.DOMAINS)
followed = [row for row in modomodo.rows() if row["group"] == "heuristic" and row["fit_on"] == "step_2000"]
known = len(seeds) + sum(row["experiment"] in ("Coli", "Norm") for row in followed)
print(f"{known} runs with known weights, {m * (m + 1) // 2} coefficients of a quadratic over {m} domains")
print(f"with those without COCO {known + 5}, of which four fifths are {4 * (known + 5) // 5}")

# %% [markdown]
# So the figure is redone with [our own runs](figure_7.ipynb).
