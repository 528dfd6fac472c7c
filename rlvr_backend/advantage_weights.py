"""How much each group counts in an update: weights on its advantages by its accuracy, from easy to hard over the run.

After "online difficulty soft weighting" of VL-Cogito (Yuan et al. 2025, "VL-Cogito: Progressive Curriculum
Reinforcement Learning for Advanced Multimodal Reasoning", arXiv:2507.22607). With p a group's accuracy, its advantages
are multiplied by

              0 < p <= 1/2    p > 1/2      p = 0
    easy      sin(pi p)       1            0
    medium    sin(pi p)       sin(pi p)    0
    hard      1               sin(pi p)    1/4

The curves are from the paper's overview figure and its authors' released code, the 1/4 from the code alone; the paper's
equations could not be had. VL-Cogito trains three times over its data, a stage each, with a new optimiser and, in the
last, a reward for length. Here the stages are thirds of one run (ours), the accuracy of graded scores is their mean
(ours), and there is no reward for length. A group that is all wrong, but for its format, is left out in the first two
stages, as it is there: a base model that has not learnt the format yet learns it slower.
"""

import math
from collections.abc import Callable

NONE, EASY_TO_HARD = "none", "easy_to_hard"
ADVANTAGE_WEIGHTS = (NONE, EASY_TO_HARD)
STAGES = ("easy", "medium", "hard")
ALL_WRONG = 0.25  # VL-Cogito's, of the hard stage


def weighing(name: str, updates: int) -> Callable[[int, float], float] | None:
    """The weights of one of ADVANTAGE_WEIGHTS over a run of `updates`: (update from 0, accuracy in [0, 1]) -> weight.

    None where advantages stay as they are. Nothing is learnt, so that a resumed run needs no state.
    """
    if name == NONE:
        return None

    def weight(update: int, accuracy: float) -> float:
        return stage_weight(STAGES[len(STAGES) * update // updates], accuracy)

    return weight


def stage_weight(stage: str, accuracy: float) -> float:
    """The weight in [0, 1] of a group of that accuracy in one of STAGES."""
    if accuracy <= 0:
        return ALL_WRONG if stage == "hard" else 0.0
    full = {"easy": accuracy > 0.5, "medium": False, "hard": accuracy <= 0.5}[stage]
    return 1.0 if full else max(math.sin(math.pi * accuracy), 0.0)
