"""From a study file to the objects that carry it out: sampler, trainer and requests; and check that they can."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mixopt.errors import MissingError, MixoptError, StudyFileError
from mixopt.history.goals import UNIFORM, Worst
from mixopt.samplers.bayes import BayesSampler
from mixopt.samplers.bayes_with_pruning import BayesWithPruningSampler
from mixopt.samplers.heuristic import HeuristicSampler
from mixopt.samplers.phase import Phase
from mixopt.samplers.phased import PhasedSampler, Sequential
from mixopt.samplers.quadratic import QuadraticSampler
from mixopt.samplers.regression import RegressionSampler
from mixopt.samplers.seed import SeedSampler
from mixopt.samplers.step_budget import StepBudget
from mixopt.samplers.stock import stock_sampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.spec import (
    BayesPhase,
    HeuristicPhase,
    OptunaPhase,
    OwnMixture,
    PhaseSpec,
    QuadraticPhase,
    RegressionPhase,
    RlvrSpec,
    SeedPhase,
    StudySpec,
)
from mixopt.study.spec.reading import spec_of, study_text
from mixopt.trainers.command import CommandTrainer, with_absolute_files
from mixopt.trainers.contract import BASE_STEP, Request, Trainer
from mixopt.trainers.rlvr import RlvrTrainer, with_absolute_paths


def phased_sampler(spec: StudySpec, extra: int = 0) -> PhasedSampler:
    """Make the sampler of a study file, with a phase of `extra` Bayesian trials after its own."""
    space = spec.space
    phases = [_phase(spec, space, entry) for entry in spec.strategy]
    if extra:
        phases.append(_bayes_phase(spec, space, extra, early=spec.asks_early))
    return PhasedSampler(space, phases, seed=spec.sampler_seed)


def _phase(spec: StudySpec, space: MixtureSpace, entry: PhaseSpec) -> Phase:
    seed = spec.sampler_seed
    match entry:
        case SeedPhase(seed=options):
            kinds = [each for each in options.designs if not isinstance(each, OwnMixture)]
            own = {each.name: each.weights for each in options.designs if isinstance(each, OwnMixture)}
            return SeedSampler(space, kinds, own, sizes=spec.sizes, budget=options.budget, seed=seed)
        case HeuristicPhase() as phase:
            scoring, steps = spec.scoring, spec.score.evaluation_steps
            return HeuristicSampler(space, phase.heuristics, scoring=scoring, steps=steps, seed=seed)
        case QuadraticPhase(quadratic=options):
            return QuadraticSampler(space, options.trials, options.search, seed=seed)
        case BayesPhase(bayes=options):
            return _bayes_phase(spec, space, options.trials, options.early)
        case RegressionPhase(regression=options):
            return Sequential(RegressionSampler(space, options.surrogate, seed=seed), options.trials)
        case OptunaPhase(optuna=options):
            return Sequential(stock_sampler(options.sampler, space, seed), options.trials)


def _bayes_phase(spec: StudySpec, space: MixtureSpace, trials: int, early: bool) -> Phase:
    steps, deterministic, seed = spec.score.evaluation_steps, spec.score.deterministic, spec.sampler_seed
    pull, floors = spec.pull, spec.floors
    if early:
        return StepBudget(BayesSampler(space, steps=steps, pull=pull, floors=floors, seed=seed), trials)
    if spec.pruning:
        return Sequential(BayesWithPruningSampler(space, steps, pull=pull, floors=floors, seed=seed), trials)
    tests = spec.scoring.sum_of_tests
    sampler = BayesSampler(space, deterministic=deterministic, pull=pull, floors=floors, tests=tests, seed=seed)
    return Sequential(sampler, trials)


def phase_name(entry: PhaseSpec) -> str:
    """Return the name of a phase in tables: its key and its method, such as `quadratic (gaussian)`."""
    key = _key(entry)
    match entry:
        case QuadraticPhase(quadratic=options):
            return f"{key} ({options.search})"
        case RegressionPhase(regression=options):
            return f"{key} ({options.surrogate})"
        case OptunaPhase(optuna=options):
            return f"{key} ({options.sampler})"
    return key


def trainer_of(spec: StudySpec, environment: Mapping[str, str] | None = None) -> Trainer:
    """Make the trainer of a study file.

    Args:
        spec: the study file.
        environment: further environment variables of its processes.

    Raises:
        StudyFileError: it names no backend.
    """
    if spec.backend is None:
        raise StudyFileError(
            f"study {spec.study!r} has no backend to train with: `mixopt study ask {spec.study}` and `tell` need none, "
            "or create it with a `backend` in its study file"
        )
    if isinstance(spec.backend, RlvrSpec):
        return RlvrTrainer(_backend_options(spec), environment, spec.silence)
    argv = with_absolute_files(spec.backend.command.argv, spec.directory)
    return CommandTrainer(argv, environment, spec.silence)


def request_of(
    spec: StudySpec, number: int, weights: dict[str, float], train_seed: int, until: int | None = None
) -> Request:
    """Make the request for a trainer.

    Args:
        spec: the study file.
        number: the trial's number.
        weights: domain -> weight; they sum to 1.
        train_seed: the seed of the training.
        until: the step at which the run ends; None is the last one.
    """
    return Request(
        study=spec.study,
        trial=number,
        train_seed=train_seed,
        weights=weights,
        domains=spec.sizes,
        tests=spec.tests.sizes,
        steps=spec.score.evaluation_steps,
        until=None if until == spec.score.evaluation_steps[-1] else until,
        options=_backend_options(spec),
    )


def base_request(spec: StudySpec) -> Request:
    """Make the request for the base model's scores. Its weights and seed have no effect; the contract wants them."""
    return request_of(spec, 0, spec.space.as_dict(spec.space.uniform()), spec.train_seed, BASE_STEP)


def checked_spec(file: Path, *, elsewhere: bool = False) -> StudySpec:
    """Read a study file, and check everything that can be checked before training.

    Args:
        file: the study file.
        elsewhere: whether it runs on another machine; then a package that is not installed here is a warning.

    Raises:
        StudyFileError: it cannot be carried out; the message names the file, the key and the fix.
        MissingError: a package that it needs is not installed.
    """
    return checked_text(study_text(file), file, elsewhere=elsewhere)


def checked_text(text: str, file: Path, *, elsewhere: bool = False) -> StudySpec:
    """Check the text of a study file that has been read; otherwise as `checked_spec`."""
    spec = spec_of(text, file)
    uniform = spec.space.as_dict(spec.space.uniform())
    try:
        sampler = phased_sampler(spec)
        _refuse_single(spec, sampler)
        _refuse_unknown_reference(spec, sampler)
        if spec.backend:
            trainer_of(spec).check(request_of(spec, 0, uniform, spec.train_seed))
        sampler.check_installed()
    except MissingError as error:
        if not elsewhere:
            raise MissingError(*(f"{file}: {problem}" for problem in error.problems)) from error
        warnings.warn(f"{file}: {error} (not checked further on this machine)", stacklevel=2)
    except MixoptError as error:
        raise StudyFileError(*(f"{file}: {problem}" for problem in error.problems)) from error
    return spec


def _refuse_single(spec: StudySpec, sampler: PhasedSampler) -> None:
    """Raise StudyFileError if the study has several objectives and a phase is made for one."""
    several = len(spec.scoring.goals)
    for place, (entry, phase) in enumerate(zip(spec.strategy, sampler.phases)):
        if several > 1 and not phase.several_objectives:
            raise StudyFileError(
                f"strategy.{place}.{_key(entry)}: is made for one objective and score.maximize names {several}: "
                "search with bayes"
            )


def _refuse_unknown_reference(spec: StudySpec, sampler: PhasedSampler) -> None:
    """Raise StudyFileError if the worst test is measured against uniform weights and no phase trains them."""
    if not any(isinstance(goal, Worst) and goal.against == UNIFORM for goal in spec.scoring.objectives):
        return
    first, uniform = sampler.phases[0], spec.space.uniform()
    if isinstance(first, Sequential) and isinstance(first.sampler, BayesSampler):  # its first mixture is uniform
        return
    rows = [row for phase in sampler.phases if isinstance(phase, SeedSampler) for row in phase.mixtures]
    if not any(np.allclose(row, uniform, atol=1e-6) for row in rows):
        raise StudyFileError(
            "score.maximize.worst: is measured against uniform weights, which no phase of the strategy trains: begin "
            "it with `seed: [all]`, or use `against: base`"
        )


def _key(entry: PhaseSpec) -> str:
    """The one key of a phase in the study file."""
    return next(iter(type(entry).model_fields))


def _backend_options(spec: StudySpec) -> dict[str, Any]:
    """The options of every request, with absolute paths; those of a command stay as they are."""
    if spec.backend is None:
        return {}
    if isinstance(spec.backend, RlvrSpec):
        return with_absolute_paths(spec.backend.rlvr, spec.directory)
    return spec.backend.command.options
