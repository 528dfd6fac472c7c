"""The study file: everything about a study, said once, in YAML.

    spec = read_spec(Path("studies/shapes.yaml"))

Every error is one line that names the file, the key and the mend.
"""

from mixopt.study.spec.limits import BudgetSpec, PruningSpec, StopSpec
from mixopt.study.spec.phases import (
    BayesPhase,
    HeuristicPhase,
    OptunaPhase,
    OwnMixture,
    PhaseSpec,
    QuadraticPhase,
    RegressionPhase,
    SeedPhase,
)
from mixopt.study.spec.reading import read_spec
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
