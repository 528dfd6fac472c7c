"""The study file: everything about a study, said once, in YAML.

    spec = read_spec(Path("studies/shapes.yaml"))

Every error is one line that names the file, the key and the mend.
"""

from mixopt.spec.backends import RlvrSpec
from mixopt.spec.limits import BudgetSpec, PruningSpec, StopSpec
from mixopt.spec.phases import (
    BayesPhase,
    HeuristicPhase,
    OptunaPhase,
    OwnMixture,
    PhaseSpec,
    QuadraticPhase,
    RegressionPhase,
    SeedPhase,
)
from mixopt.spec.reading import read_spec
from mixopt.spec.study import StudySpec

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
