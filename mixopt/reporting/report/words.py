"""The recommendation in words: how certain it is, and what to run next."""

import itertools
import json
import shlex
from dataclasses import dataclass
from itertools import islice

import numpy as np
from optuna.trial import TrialState

from mixopt.inference.intervals import MOST_REPLICATES, replicates_to_distinguish
from mixopt.inference.recommendation import Recommendation
from mixopt.inference.recommendation_note import SURE
from mixopt.reporting.report.facts import Facts, counted
from mixopt.typing import FloatArray

MORE = 10  # trials to add, at least: one a domain where there are more
SEEDS, LEAST_SEEDS = 3, 2  # training seeds of a mixture to train again: as a rule, and at least
FEW = 4  # tests whose scores are told one by one; more are written into a file


@dataclass(frozen=True)
class Step:
    """What to run next: the reason and the commands; no commands if it is all manual."""

    why: str
    commands: tuple[str, ...]


def how_sure(recommended: Recommendation) -> str:
    """Say in one sentence how certain the recommendation is."""
    chance = recommended.beats_uniform
    if recommended.floors and not recommended.floors.met:
        return (
            f"No mixture is likely to meet all floors; this one has probability {recommended.floors.probability:.2f}."
        )
    if chance < SURE:
        return f"The best guess so far; it beats uniform only with probability {chance:.2f}."
    said = "above 0.99" if chance > 0.99 else f"{chance:.2f}"
    return f"Train on this mixture: it beats uniform with probability {said}."


def next_step(facts: Facts) -> Step:
    """Return what to run next."""
    name, recommended = facts.spec.study, facts.recommendation
    if facts.left:
        return _strategy(facts)
    if facts.front:
        return _more(facts, "Choose a trade-off from the front, or narrow its intervals by more trials.")
    if recommended is None:
        return _more(facts, "There are too few runs for a recommendation: add trials.")
    if recommended.floors and not recommended.floors.met:
        return _more(facts, "No mixture is likely to meet all floors: lower them, or add trials.")
    if facts.runs.mixtures <= facts.space.m:
        return _more(facts, "There are no more mixtures than domains, so the result depends on the prior: add trials.")
    by_hand, replicate = facts.spec.backend is None, f"mixopt study replicate {name} {{}} --seeds {{}}"
    rivals = _rivals(facts, recommended)
    if not rivals:
        why = "It beats uniform and every seed mixture. "
        if by_hand:
            return Step(
                why + "Train it by hand with another training seed to check it, then train the final model.", ()
            )
        why += "Train it with other seeds to check it, then train the final model and keep it."
        again = replicate.format("recommended", _fresh_seeds(facts, SEEDS))
        return Step(why, (again, f"mixopt study train {name} --seeds {_fresh_seeds(facts, LEAST_SEEDS)}"))
    if _unexplored(facts):
        return _more(facts, "The model is less certain about it than one more run would make it: add trials.")
    rival = rivals[0]
    gain, needed, noise = _difference(facts, rival)
    if needed > MOST_REPLICATES:
        return _more(
            facts,
            f"It is predicted to gain {gain:.2g} over {rival.name}, and one run's noise is {noise:.2g}: even "
            f"{MOST_REPLICATES} more runs of each would not show which is better. Use either, or add trials.",
        )
    why = (
        f"Noise hides whether it is better than {rival.name}. About "
        f"{counted(int(needed), 'more run')} of each would show which is better: "
    )
    if by_hand:
        return Step(why + "train both by hand with another training seed.", ())
    seeds = _fresh_seeds(facts, max(int(needed), LEAST_SEEDS))
    both = (replicate.format("recommended", seeds), replicate.format(rival.argument, seeds))
    return Step(why + "replicate both.", both)


@dataclass(frozen=True, eq=False)
class _Rival:
    """A mixture that the recommended one may not beat: its name, its name for `replicate`, and its weights (m,)."""

    name: str
    argument: str
    weights: FloatArray


def _rivals(facts: Facts, recommended: Recommendation) -> list[_Rival]:
    """Return the mixtures that the recommended one may not beat, closest first."""
    chances = {label: chance for label, chance in recommended.beats_seeds.items() if chance < SURE}
    rivals = [_seed_rival(facts, label) for label in sorted(chances, key=lambda label: chances[label])]
    if recommended.beats_uniform < SURE and "all" not in chances:
        uniform = facts.space.uniform()
        rivals.append(_Rival("uniform weights", _quoted(facts, uniform), uniform))
    return rivals


def _seed_rival(facts: Facts, label: str) -> _Rival:
    """Return a seed mixture by its label, or by its weights if several share one ("enqueued (trial 7)")."""
    if label in facts.runs.labels:
        return _Rival(label, shlex.quote(label), facts.runs.weights[facts.runs.labels.index(label)])
    number = int(label.rpartition("(trial ")[2].rstrip(")"))
    weights = facts.runs.weights[facts.runs.numbers.tolist().index(number)]
    return _Rival(label, _quoted(facts, weights), weights)


def _difference(facts: Facts, rival: _Rival) -> tuple[float, float, float]:
    """Return the predicted gain over a rival, the runs of each needed to distinguish them, and one run's noise."""
    [objective] = facts.objectives
    assert objective.surrogate
    pair = np.vstack([objective.centre, rival.weights])
    means, covariance = objective.surrogate.joint(pair)
    noise = float(objective.surrogate.noise_at(pair).mean())
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    gain, sd = float(means[0] - means[1]), objective.widen * float(np.sqrt(max(variance, 0)))
    return gain, replicates_to_distinguish(gain, sd, noise) if sd > 0 else np.inf, noise


def _fresh_seeds(facts: Facts, count: int) -> str:
    """Return unused training seeds for the command line."""
    taken = {trial.train_seed for trial in facts.trials if trial.replicate}
    return ",".join(map(str, islice((seed for seed in itertools.count(1) if seed not in taken), count)))


def _quoted(facts: Facts, weights: FloatArray) -> str:
    return shlex.quote(json.dumps(facts.space.as_dict(weights)))


def _unexplored(facts: Facts) -> bool:
    """Return whether one more run of the recommended mixture would tell more than the surrogate knows of it."""
    [objective] = facts.objectives
    assert objective.surrogate
    centre = objective.centre[None]
    return bool(objective.surrogate.predict(centre)[1][0] > objective.surrogate.noise_at(centre)[0])


def _strategy(facts: Facts) -> Step:
    """Say how to continue the strategy: by workers, or by hand."""
    name, left, word = facts.spec.study, counted(facts.left, "trial"), facts.stands.word
    paused = "The study is paused. " if word == "paused" else ""
    why = f"{paused}{left} of the strategy {'is' if facts.left == 1 else 'are'} left: "
    if facts.spec.backend and word != "to tell":
        return Step(why + f"train {'it' if facts.left == 1 else 'them'}.", (f"mixopt study resume {name}",))
    asked = [trial.number for trial in facts.state(TrialState.RUNNING) if trial.by_hand]
    if asked:
        return Step(why + f"trial {asked[0]} waits for its scores.", (_tell(facts, asked[0]),))
    enqueued = [trial.number for trial in facts.state(TrialState.WAITING)]
    following = enqueued[0] if enqueued else len(facts.trials)
    return Step(
        why + f"ask for trial {following}, train it, and tell its scores.",
        (f"mixopt study ask {name}", _tell(facts, following)),
    )


def _tell(facts: Facts, number: int) -> str:
    """Return the command that tells a trial's scores: from a file if there are many, or several steps."""
    spec, tests = facts.spec, list(facts.spec.tests.sizes)
    values_by_step = spec.score.use == "mean" or spec.early_steps
    one_by_one = " ".join(f"--score {shlex.quote(test)}=SCORE" for test in tests)
    said = "--scores scores.json" if values_by_step or len(tests) > FEW else one_by_one
    return f"mixopt study tell {spec.study} {number} {said}"


def _more(facts: Facts, why: str) -> Step:
    command = "resume" if facts.spec.backend else "ask"
    return Step(why, (f"mixopt study {command} {facts.spec.study} --trials +{max(MORE, facts.space.m)}",))
