"""Seed designs: mixtures worth training on before anything is known."""

from mixopt.designs.design import Design
from mixopt.designs.seeds import KINDS, NUMBERED, Kind, seed_design

__all__ = ["KINDS", "NUMBERED", "Design", "Kind", "seed_design"]
