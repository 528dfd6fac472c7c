"""The recommendation in words: how sure it is, and what to run next."""

import json
import shlex
from dataclasses import dataclass

from mixopt.arrays import FloatArray
from mixopt.recommendation import LEAST_RUNS, SURE, Recommendation
from mixopt.report.facts import Facts

MORE = 10  # trials to add, at least: one a domain where there are more


@dataclass(frozen=True)
class Step:
    """What to run next: why, and the commands."""

    why: str
    commands: tuple[str, ...]


def how_sure(recommended: Recommendation) -> str:
    """What the recommendation is worth, in one sentence."""
    chance = recommended.beats_uniform
    if chance < SURE:
        return f"The best guess so far, better than uniform with probability {chance:.2f} only: the runs cannot tell."
    said = "above 0.99" if chance > 0.99 else f"{chance:.2f}"
    return f"Train on this mixture: it beats uniform with probability {said}."


def next_step(facts: Facts) -> Step:
    """What to run next."""
    name, recommended = facts.spec.study, facts.recommendation
    if facts.left:
        return Step(f"{facts.left} trials of the strategy are left: train them.", (f"mixopt study resume {name}",))
    if facts.front:
        return _more(facts, "Choose a trade-off from the front, or narrow its intervals by more trials.")
    if recommended is None:
        return _more(facts, f"Fewer than {LEAST_RUNS} runs say nothing: add some.")
    if len(facts.runs) <= facts.space.m:
        return _more(facts, "There are no more runs than domains, so the prior decides as much as they do: add runs.")
    replicate = f"mixopt study replicate {name} {{}} --seeds 1,2,3"
    rivals = _rivals(facts, recommended)
    if not rivals:
        why = "It beats uniform and every seed mixture. Before it is trained for real, see what other seeds make of it."
        return Step(why, (replicate.format("recommended"),))
    if _unexplored(facts):
        return _more(facts, "The model knows less of it than one run would say: add trials, which go where they help.")
    why = f"The runs cannot tell it from {rivals[0][0]}, by noise rather than for want of mixtures: replicate both."
    return Step(why, (replicate.format("recommended"), replicate.format(rivals[0][1])))


def _rivals(facts: Facts, recommended: Recommendation) -> list[tuple[str, str]]:
    """The mixtures it does not surely beat, closest first: what they are called, and how `replicate` is told them."""
    chances = {label: chance for label, chance in recommended.beats_seeds.items() if chance < SURE}
    rivals = [(label, _argument(facts, label)) for label in sorted(chances, key=lambda label: chances[label])]
    if recommended.beats_uniform < SURE and "all" not in chances:
        rivals.append(("uniform weights", _quoted(facts, facts.space.uniform())))
    return rivals


def _argument(facts: Facts, label: str) -> str:
    """A seed mixture by its label, or by its weights where several share one ("enqueued (trial 7)")."""
    if label in facts.runs.labels:
        return shlex.quote(label)
    number = int(label.rpartition("(trial ")[2].rstrip(")"))
    return _quoted(facts, facts.runs.weights[facts.runs.numbers.tolist().index(number)])


def _quoted(facts: Facts, weights: FloatArray) -> str:
    return shlex.quote(json.dumps(facts.space.as_dict(weights)))


def _unexplored(facts: Facts) -> bool:
    """Whether the surrogate knows less of the recommended mixture than one more run of it would say."""
    [objective] = facts.objectives
    assert objective.surrogate
    centre = objective.centre[None]
    return bool(objective.surrogate.predict(centre)[1][0] > objective.surrogate.noise_at(centre)[0])


def _more(facts: Facts, why: str) -> Step:
    return Step(why, (f"mixopt study resume {facts.spec.study} --trials +{max(MORE, facts.space.m)}",))
