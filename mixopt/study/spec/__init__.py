"""The study file: everything about a study, in YAML, as pydantic models.

    spec = read_spec(Path("studies/shapes.yaml"))

All errors of a file are reported at once, one line each, with the file, the key, the value and the fix.
"""

from mixopt.study.spec.heuristic_phase import HeuristicPhase
from mixopt.study.spec.limits import BudgetSpec, PruningSpec, StopSpec
from mixopt.study.spec.phases import BayesPhase, OptunaPhase, PhaseSpec, QuadraticPhase, RegressionPhase
from mixopt.study.spec.reading import read_spec
from mixopt.study.spec.seed_phase import OwnMixture, SeedPhase
from mixopt.study.spec.study import StudySpec
from mixopt.study.spec.trainers import RlvrSpec

__all__ = [
    "BayesPhase",
    "BudgetSpec",
    "HeuristicPhase",
    "OptunaPhase",
    "OwnMixture",
    "PhaseSpec",
    "PruningSpec",
    "QuadraticPhase",
    "RegressionPhase",
    "RlvrSpec",
    "SeedPhase",
    "StopSpec",
    "StudySpec",
    "read_spec",
]
