"""Bayesian search over the exact simplex, one mixture after another: the default sampler."""

from collections.abc import Sequence

import numpy as np

from mixopt.errors import StrategyError
from mixopt.past import LABEL, STRATEGY, UNTIL, Past
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from mixopt.search.bayesian import next_mixture
from mixopt.search.early import next_run
from mixopt.search.landing import Barred
from mixopt.search.scalarise import drawn_trade_off, scalarised
from mixopt.search.start import start_mixture, start_size
from mixopt.space import MixtureSpace
from mixopt.stages import Stages
from mixopt.surrogates.evidence import EvidenceSurrogate


class BayesSampler(MixtureSampler):
    """The knowledge gradient under the evidence surrogate (surrogates/evidence.py, search/bayesian.py).

    It learns from every finished trial, whoever proposed it, and keeps away from those that are running. An empty
    study starts with uniform and with equal mixtures of half of the domains (search/start.py). Where trials fail
    repeatedly it proposes nothing more. With several objectives each trial looks for the best by a trade-off of its own
    (search/scalarise.py).

        study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space, seed=0))

    Args:
        steps: the evaluation steps of a run, the last of them its end, such as [20, 60, 80]: then scores at early steps
            count too, and a trial may be asked to end early, at the step in its user attribute `until`
            (surrogates/staged.py, search/early.py). Report the score at each step, and tell a run that ended early as
            pruned; later its mixture may be proposed in full. For studies with one objective.
        deterministic: the same mixture always scores the same (measured tables, trainers without any randomness); not
            with `steps`.
        seed: of everything random, with the trial's number.

            trial = study.ask()
            weights, until = mixopt.suggest_mixture(trial, space), trial.user_attrs.get("until", 80)
            for step in (20, 60, 80):
                if step <= until:
                    trial.report(train_until(step), step)
            study.tell(trial, score) if until == 80 else study.tell(trial, state=optuna.trial.TrialState.PRUNED)

    Raises:
        StrategyError: steps that are not rising whole numbers from 1, or steps of a deterministic score.
    """

    strategy = "model-based"

    def __init__(
        self, space: MixtureSpace, *, steps: Sequence[int] = (), deterministic: bool = False, seed: int = 0
    ) -> None:
        super().__init__(space, seed=seed)
        if not all(isinstance(step, int) for step in steps) or sorted({*steps, 0}) != [0, *steps]:
            raise StrategyError(f"steps {list(steps)}: give rising whole numbers from 1, such as [20, 60, 80]")
        if steps and deterministic:
            raise StrategyError("steps of a deterministic score are not modelled: leave out steps, or deterministic")
        self.steps, self.deterministic = tuple(steps), deterministic
        self.several_objectives = not steps

    def propose(self, past: Past, number: int) -> Proposal:
        runs, pending = past.runs(), past.pending()
        notes = {STRATEGY: self.strategy, LABEL: "bayes"} | ({UNTIL: self.steps[-1]} if self.steps else {})
        rng, rank = np.random.default_rng([self.seed, number]), past.live_before(number)
        if rank < start_size(self.space.m) or len(runs) < 2:
            barred = Barred(self.space, past.tried(), past.failed())
            return Proposal(start_mixture(barred, rank, self.seed), notes)
        if self.steps:
            stages = Stages.of(past, self.steps)
            mixture, reach = next_run(self.space, stages.believing(), stages.costs, rng, number, past.failed())
            return Proposal(mixture, notes | {UNTIL: int(stages.steps[reach])})
        several = runs.values.ndim > 1
        values = scalarised(runs.values, drawn_trade_off(runs.values.shape[1], rng)) if several else runs.values
        surrogate = EvidenceSurrogate(deterministic=self.deterministic).fit(runs.weights, values)
        return Proposal(next_mixture(self.space, surrogate, pending, rng, number, past.failed()), notes)
