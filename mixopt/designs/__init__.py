"""Seed designs and heuristics: mixtures to train on before a model can be fitted."""

from mixopt.designs.design import Design
from mixopt.designs.seeds import KINDS, NUMBERED, Kind, seed_design

__all__ = ["KINDS", "NUMBERED", "Design", "Kind", "seed_design"]
