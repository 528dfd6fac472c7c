"""Weights on the advantages of a group by its accuracy, from easy to hard over a run (VL-Cogito).

With p the accuracy of a group, its advantages are multiplied by

              0 < p <= 1/2    p > 1/2      p = 0
    easy      sin(pi p)       1            0
    medium    sin(pi p)       sin(pi p)    0
    hard      1               sin(pi p)    1/4

The curves are from the paper's overview figure and the authors' released code, the 1/4 from the code alone; we could
not get the paper's equations. VL-Cogito trains three times over its data, one stage each, with a new optimiser, and
rewards length in the last stage. Differences here: the stages are thirds of one run, the accuracy of graded scores is
their mean, and length is not rewarded. As there, the first two stages leave out a group whose answers are all wrong,
even if their format is right: a base model that has not learnt the format yet learns it more slowly.

References:
    Yuan et al. 2025, "VL-Cogito: Progressive Curriculum Reinforcement Learning for Advanced Multimodal Reasoning",
    arXiv:2507.22607, "online difficulty soft weighting".
"""

import math
from collections.abc import Callable

NONE, EASY_TO_HARD = "none", "easy_to_hard"
ADVANTAGE_WEIGHTS = (NONE, EASY_TO_HARD)
STAGES = ("easy", "medium", "hard")
ALL_WRONG = 0.25  # VL-Cogito's weight in the hard stage


def advantage_weight_function(name: str, updates: int) -> Callable[[int, float], float] | None:
    """Return the function that weights the groups of a run.

    The function has no state, so a resumed run needs none.

    Args:
        name: One of ADVANTAGE_WEIGHTS.
        updates: Number of updates of the run.

    Returns:
        (update from 0, accuracy in [0, 1]) -> weight in [0, 1], or None if all groups count the same.
    """
    if name == NONE:
        return None

    def weight(update: int, accuracy: float) -> float:
        return stage_weight(STAGES[len(STAGES) * update // updates], accuracy)

    return weight


def stage_weight(stage: str, accuracy: float) -> float:
    """Return the weight in [0, 1] of a group of this accuracy in one of STAGES."""
    if accuracy <= 0:
        return ALL_WRONG if stage == "hard" else 0.0
    full = {"easy": accuracy > 0.5, "medium": False, "hard": accuracy <= 0.5}[stage]
    return 1.0 if full else max(math.sin(math.pi * accuracy), 0.0)
