"""`BayesSampler`: Bayesian optimisation of mixtures, one after another. It is the default sampler."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from mixopt.acquisition.constrained import maximize
from mixopt.acquisition.exclusion import Exclusion
from mixopt.acquisition.feasibility import Feasibility
from mixopt.acquisition.initial_design import initial_mixture, initial_size
from mixopt.acquisition.knowledge_gradient import next_mixture
from mixopt.acquisition.multi_step import next_run
from mixopt.acquisition.scalarisation import draw_trade_off, scalarise
from mixopt.errors import StrategyError
from mixopt.history.floors import NO_FLOORS, Floors, GivenFloors
from mixopt.history.history import History
from mixopt.history.keys import LABEL, STRATEGY, UNTIL
from mixopt.history.runs import Runs
from mixopt.history.sum_of_tests import NO_TESTS, SumOfTests
from mixopt.models.multi_step_runs import MultiStepRuns
from mixopt.models.noise import NoiseModel
from mixopt.models.objective import fit_objective
from mixopt.models.pull import Pull, pulled
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace


class BayesSampler(MixtureSampler):
    """Propose the mixture with the largest knowledge gradient under a Gaussian process.

    The process is in models/gp.py, the knowledge gradient in acquisition/knowledge_gradient.py.

    It learns from every finished trial, whichever sampler proposed it, and keeps away from running trials. An empty
    study starts with the uniform mixture and with equal mixtures of half of the domains. It proposes no mixtures near
    those that fail repeatedly. With several objectives, each trial optimises a random trade-off of them.

        study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space, seed=0))

    Args:
        space: the mixtures to search.
        steps: the evaluation steps of a run, such as [20, 60, 80]; the last one is its end. With them, scores at early
            steps count too, and a trial may be asked to end early, at the step in its user attribute `until`
            (models/multi_step_gp.py, acquisition/multi_step.py). Report the score at each step, and tell a run that
            ended early as pruned; later its mixture may be proposed in full. For studies with one objective.
        deterministic: whether the same mixture always scores the same, as in measured tables; not with `steps`.
        pull: a soft pull towards a prior mixture; for studies with one objective.
        floors: test -> least score that the mixture must have: a number, or {"against": "base", "change": -0.02} to be
            relative to the base model (the study's user attribute `base`) or to "uniform" weights. Each trial needs the
            scores of these tests in user attributes "test:NAME".
        tests: the weight of each test in the objective, where this is a weighted sum of tests. Each is then modelled on
            its own (models/weighted_tests.py) by the scores in the trials' user attributes `test:NAME`. Not with
            `steps`.
        seed: of everything random, with the trial's number.

            trial = study.ask()
            weights, until = mixopt.suggest_mixture(trial, space), trial.user_attrs.get("until", 80)
            for step in (20, 60, 80):
                if step <= until:
                    trial.report(train_until(step), step)
            study.tell(trial, score) if until == 80 else study.tell(trial, state=optuna.trial.TrialState.PRUNED)

    Raises:
        StrategyError: steps that are not rising whole numbers from 1, both steps and deterministic, or a pull that is
            not possible.
    """

    strategy = "model-based"

    def __init__(
        self,
        space: MixtureSpace,
        *,
        steps: Sequence[int] = (),
        deterministic: bool = False,
        pull: Pull | None = None,
        floors: GivenFloors | Floors = NO_FLOORS,
        tests: Mapping[str, float] | SumOfTests = NO_TESTS,
        seed: int = 0,
    ) -> None:
        super().__init__(space, seed=seed)
        if not all(isinstance(step, int) for step in steps) or sorted({*steps, 0}) != [0, *steps]:
            raise StrategyError(f"steps {list(steps)}: give rising whole numbers from 1, such as [20, 60, 80]")
        if steps and deterministic:
            raise StrategyError("steps of a deterministic score are not modelled: leave out steps, or deterministic")
        self.steps, self.noise = tuple(steps), NoiseModel.of(deterministic)
        if pull:
            pull.prior(space)  # refuse one that is not possible
        self.pull = pull
        self.floors, self.tests = Floors.of(floors), SumOfTests.of(tests)
        self.several_objectives = not steps and pull is None

    def propose(self, history: History, number: int) -> Proposal:
        """Propose an initial mixture, or the one with the largest knowledge gradient."""
        runs, pending = history.runs(), history.pending()
        notes = {STRATEGY: self.strategy, LABEL: "bayes"} | ({UNTIL: self.steps[-1]} if self.steps else {})
        rng, rank = np.random.default_rng([self.seed, number]), history.active_before(number)
        if rank < initial_size(self.space.m) or len(runs) < 2:
            exclusion = Exclusion(self.space, history.tried(), history.failed())
            return Proposal(initial_mixture(exclusion, rank, self.seed), notes)
        if self.steps:
            step_runs = MultiStepRuns.of(history, self.steps)
            model = pulled(step_runs.fit_with_pending(), self.pull, self.space)
            failed, floors = history.failed(), self.feasibility(history, runs)
            mixture, reach = next_run(self.space, model, step_runs.costs, rng, number, failed, floors)
            return Proposal(mixture, notes | {UNTIL: int(step_runs.steps[reach])})
        several = runs.values.ndim > 1
        if several:
            runs = runs.with_values(scalarise(runs.values, draw_trade_off(runs.values.shape[1], rng)))
        surrogate = pulled(fit_objective(runs, self.noise, self.tests), self.pull, self.space)
        floors = self.feasibility(history, runs)
        best = maximize(self.space, surrogate, floors, rng) if floors else None
        mixture = next_mixture(self.space, surrogate, pending, rng, number, history.failed(), floors, best)
        return Proposal(mixture, notes)

    def feasibility(self, history: History, runs: Runs) -> Feasibility | None:
        """Fit the floors; None if there are none, or, with a warning, if the runs do not suffice yet."""
        try:
            return Feasibility.fit(self.floors, runs, history.base, self.noise)
        except StrategyError as reason:
            warnings.warn(f"the floors do not guide the search yet: {reason}", stacklevel=2)
            return None
