"""Inherit runs from a study whose domains were added, split, removed or renamed.

A run is kept if it is a mixture of the new domains, was trained for as many steps (as far as both studies say), and has
a score for every test of the new study. An added domain had weight 0. A removed domain must have had weight 0. The
weight of a split domain is shared among its parts in proportion to their sizes, as drawing from the whole did.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from optuna.trial import TrialState

from mixopt.errors import ScoresError, WeightsError
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.trial_record import TrialRecord
from mixopt.io.comparison import Finished
from mixopt.io.import_runs import Imported, add_runs
from mixopt.io.scoring import Scores, scored_run
from mixopt.study.study import Study

Parts = Mapping[str, Sequence[str]]  # old domain -> its name, or those of its parts, in the new study


def inherit(study: Study, old: Study, parts: Parts, *, update: bool = False) -> tuple[Imported, Counter[str]]:
    """Import the finished trials of `old` that still hold, and count the others by reason.

    Args:
        study: the new study.
        old: the study to inherit from.
        parts: the new names of domains that were renamed or split; the new study has the sizes of several parts.
        update: a run that was corrected in `old` replaces the trial imported before.

    Raises:
        WeightsError: a domain is not in its study, or a part has no size.
        TableError: a run was corrected in `old`, and `update` is False.
    """
    shares = _shares(study, old, parts)
    runs, left_out, replaces = [], Counter[str](), old.corrections().replaces
    for record in old.trial_records(TrialState.COMPLETE):
        try:
            weights = _weights(study, record, shares)
            found = scored_run(study, _scores(study, old, record), study.spec.score.evaluation_steps)
        except (WeightsError, ScoresError) as reason:
            left_out[str(reason)] += 1
        else:
            where = f"study {old.spec.study} trial {record.number}"
            name = f"{old.spec.study} {_first(record.number, replaces)}"
            runs.append(Finished(where, weights, found, record.strategy, record.label, name))
    return add_runs(study, runs, update=update), left_out


def _first(number: int, replaces: Mapping[int, int]) -> int:
    """Return the number of the trial that this one was before all corrections."""
    while number in replaces:
        number = replaces[number]
    return number


def _shares(study: Study, old: Study, said: Parts) -> dict[str, dict[str, float]]:
    """Return old domain -> new domain -> share of its weight; empty for a removed domain."""
    for name, parts in said.items():
        if name not in old.space.domains:
            raise WeightsError(f"{name!r} is no domain of study {old.spec.study!r}: {', '.join(old.space.domains)}")
        for part in parts:
            if part not in study.space.domains:
                raise WeightsError(
                    f"{part!r} is no domain of study {study.spec.study!r}: {', '.join(study.space.domains)}"
                )
            if len(parts) > 1 and part not in study.spec.sizes:
                raise WeightsError(f"domains.{part}.size: is missing in the study file: a split goes by the sizes")
    shares = {}
    for name in old.space.domains:
        parts = said.get(name, [name] if name in study.space.domains else [])
        sizes = {part: study.spec.sizes[part] if len(parts) > 1 else 1 for part in parts}
        shares[name] = {part: size / sum(sizes.values()) for part, size in sizes.items()}
    return shares


def _weights(study: Study, record: TrialRecord, shares: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return an old trial's mixture in the new study.

    Raises:
        WeightsError: it trained on a domain that was removed.
    """
    assert record.weights is not None  # it is complete
    weights = dict.fromkeys(study.space.domains, 0.0)
    for name, weight in record.weights.items():
        if weight and not shares[name]:
            raise WeightsError(f"trained on {name}")
        for part, share in shares[name].items():
            weights[part] += weight * share
    return weights


def _scores(study: Study, old: Study, record: TrialRecord) -> dict[int, Scores]:
    """Return step -> scores of an old trial at the steps of the new study.

    Raises:
        ScoresError: it lacks them.
    """
    steps, by_step = study.spec.score.evaluation_steps, record.evaluations
    last = old.spec.score.evaluation_steps[-1]
    if not (study.spec.score.knows_steps and old.spec.score.knows_steps):
        by_step = {steps[-1]: by_step[max(by_step)]} if by_step else {}
    elif last != steps[-1]:
        raise ScoresError(f"trained for {last} steps, not {steps[-1]}")
    tests = study.spec.tests.sizes
    if by_step:
        if missing := [name for name in tests if name not in by_step.get(steps[-1], {})]:
            raise ScoresError(f"has no score of test {missing[0]}")
        return {step: {name: by_step[step][name] for name in tests} for step in steps if step in by_step}
    if old.spec.tests != study.spec.tests:
        raise ScoresError("only its in- and out-score are known, and the tests have changed")
    sides = {IN_SCORE: record.in_score, OUT_SCORE: record.out_score}
    return {steps[-1]: {name: score for name, score in sides.items() if score is not None}}
