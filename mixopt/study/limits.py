"""Limits that end a study before its strategy does: the budget, and the stopping rule."""

from datetime import datetime, timedelta
from zlib import crc32

from optuna.trial import TrialState

from mixopt.history.keys import BEGAN, CHANCE
from mixopt.inference.recommendation import LEAST_RUNS
from mixopt.inference.stopping_rule import improvement_chance
from mixopt.models.pull import pulled
from mixopt.samplers.phased import PhasedSampler
from mixopt.storage.clock import file_system_time
from mixopt.study.budget import used_up
from mixopt.study.reader import StudyReader
from mixopt.study.spec import HeuristicPhase, SeedPhase, StopSpec


class Limits:
    """The limits of one study.

    Args:
        study: the study.
        note: whether to keep the stopping rule's probability in the storage until the next trial ends, so that others
            need not compute it. Workers do so, and `mixopt study ask`; commands that only read write nothing.
    """

    def __init__(self, study: StudyReader, note: bool = False) -> None:
        self._study, self._note = study, note

    def reached(self, sampler: PhasedSampler) -> str | None:
        """Return why no further trial may begin; None if one may."""
        return self._budget_used() or self._not_worth_it(sampler)

    def _budget_used(self) -> str | None:
        study, spec = self._study, self._study.spec
        if spec.budget is None:
            return None
        trials = study.own_trials()
        begun = min((trial.datetime_start for trial in trials if trial.datetime_start), default=datetime.min)
        now = begun + timedelta(seconds=self._age() if trials and spec.budget.hours is not None else 0.0)
        full = used_up(spec.budget, trials, spec.score.evaluation_steps[-1], study.extra, now)
        if full is None:
            return None
        added = ", or resume --trials +5" if full.limit == "trials" else ""
        return f"its budget is used up: {full.words}; raise it in {study.folder.spec}{added}"

    def begins(self) -> None:
        """Record that the study's first trial begins now, unless that is recorded already."""
        if BEGAN not in self._study.optuna.user_attrs and (now := file_system_time(self._study.folder.path)):
            self._study.optuna.set_user_attr(BEGAN, min([now, *self._starts()]))

    def _age(self) -> float:
        """Seconds since the first trial began, by the file system's clock; trials have those of several machines."""
        now = file_system_time(self._study.folder.path)
        began = self._study.optuna.user_attrs.get(BEGAN) or min(self._starts(), default=None)
        return max(now - began, 0.0) if now and began else 0.0

    def _starts(self) -> list[float]:
        """When trials that no queue began, such as those asked for in Python, were given to their trainers."""
        requests = self._study.folder.trial(0).path.parent.glob("*/request.json")
        return [request.stat().st_mtime for request in requests]

    def _not_worth_it(self, sampler: PhasedSampler) -> str | None:
        """What the stopping rule says. It cuts no designs, no heuristics, and no trials that a user has added."""
        study, rule = self._study, self._study.spec.stop
        if rule is None or study.active < study.assured:
            return None
        position = sampler.position(study.history())
        if position is None or isinstance(study.phase(position.phase), (SeedPhase, HeuristicPhase)):
            return None
        chance = self._chance(rule)
        if chance is None or chance >= rule.probability:
            return None
        return (
            f"its stopping rule holds: another run improves by more than {rule.gain:g} with probability {chance:.2g}, "
            f"below {rule.probability:g}; resume --trials +5 trains on"
        )

    def _chance(self, rule: StopSpec) -> float | None:
        """The probability that another run improves; None if there are too few runs."""
        study = self._study
        numbers = [trial.number for trial in study.trials(TrialState.COMPLETE, TrialState.PRUNED)]
        ended = [len(numbers), crc32(repr(numbers).encode())]  # a correction changes the numbers only
        kept = study.optuna.user_attrs.get(CHANCE, {})
        if (kept.get("after"), kept.get("gain")) != (ended, rule.gain):
            chance, values = None, study.runs().values
            if len(values) >= LEAST_RUNS and values.min() < values.max():  # equal values say nothing
                objective, floors = pulled(study.posterior(), study.spec.pull, study.space), study.feasibility()
                chance = improvement_chance(study.space, objective, rule.gain, study.spec.sampler_seed, floors)
            kept = {"after": ended, "gain": rule.gain, "chance": chance}
            if self._note:
                study.optuna.set_user_attr(CHANCE, kept)
        return kept["chance"]
