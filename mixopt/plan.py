"""From a study file to the objects that carry it out: the phased sampler and the backend."""

from pathlib import Path
from typing import Any

from mixopt.backends.base import Backend, Request
from mixopt.backends.command import CommandBackend
from mixopt.backends.rlvr import RlvrBackend
from mixopt.errors import MixoptError, StudyFileError
from mixopt.samplers.bayes import BayesSampler
from mixopt.samplers.heuristic import HeuristicSampler
from mixopt.samplers.phased import Phase, PhasedSampler, Sequential
from mixopt.samplers.quadratic import QuadraticSampler
from mixopt.samplers.seed import SeedSampler
from mixopt.space import MixtureSpace
from mixopt.spec import (
    BayesPhase,
    HeuristicPhase,
    OwnMixture,
    PhaseSpec,
    QuadraticPhase,
    RlvrSpec,
    SeedPhase,
    StudySpec,
    read_spec,
)


def phased_sampler(spec: StudySpec, extra: int = 0) -> PhasedSampler:
    """The strategy of a study file, with `extra` trials beyond it."""
    space = spec.space
    phases = [_phase(entry, space, index, spec.sampler_seed) for index, entry in enumerate(spec.strategy)]
    return PhasedSampler(space, phases, extra=extra, seed=spec.sampler_seed)


def _phase(entry: PhaseSpec, space: MixtureSpace, index: int, seed: int) -> Phase:
    match entry:
        case SeedPhase(seed=mixtures):
            kinds = [kind for kind in mixtures if isinstance(kind, str)]
            own = {mixture.name: mixture.weights for mixture in mixtures if isinstance(mixture, OwnMixture)}
            return SeedSampler(space, kinds, own, seed=seed, phase=index)
        case HeuristicPhase(heuristic=names):
            return HeuristicSampler(space, names, seed=seed, phase=index)
        case QuadraticPhase(quadratic=options):
            return QuadraticSampler(space, options.trials, options.search, seed=seed, phase=index)
        case BayesPhase(bayes=options):
            return Sequential(BayesSampler(space, seed=seed), options.trials)


def phase_name(entry: PhaseSpec) -> str:
    """What a phase of the study file is called in tables: its key, and its search where it has one."""
    key = next(iter(type(entry).model_fields))
    return f"quadratic ({entry.quadratic.search})" if isinstance(entry, QuadraticPhase) else key


def backend_of(spec: StudySpec) -> Backend:
    """The backend that a study file names."""
    if isinstance(spec.backend, RlvrSpec):
        return RlvrBackend(spec.backend.rlvr)
    return CommandBackend(spec.backend.command.argv)


def request_of(spec: StudySpec, number: int, weights: dict[str, float], train_seed: int) -> Request:
    """What a trainer is asked for weights and a training seed."""
    return Request(
        study=spec.study,
        trial=number,
        train_seed=train_seed,
        weights=weights,
        domains={name: domain.size for name, domain in spec.domains.items()},
        tests=spec.tests.sizes,
        steps=spec.score.steps,
        options=_backend_options(spec),
    )


def checked_spec(file: Path) -> StudySpec:
    """A study file that can be carried out as far as anyone can tell before training.

    Raises:
        StudyFileError: it cannot; the message names file, key and mend.
    """
    spec = read_spec(file)
    uniform = spec.space.as_dict(spec.space.uniform())
    try:
        phased_sampler(spec)
        backend_of(spec).check(request_of(spec, 0, uniform, spec.train_seed))
    except MixoptError as error:
        raise StudyFileError(f"{file}: {error}") from error
    return spec


def _backend_options(spec: StudySpec) -> dict[str, Any]:
    """The options that go into every request."""
    return spec.backend.rlvr if isinstance(spec.backend, RlvrSpec) else spec.backend.command.options
