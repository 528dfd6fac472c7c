"""The paper's five training sets and seven tests (docs/paper.md, "Scores"), one file per set.

A file says where the set is on the hub and what a raw row has, according to the references that it names. Nothing here
has been run with the hub itself. If the data differs, the error names the missing column.
"""

from rlvr_backend.datasets.paper.chartqa import CHARTQA
from rlvr_backend.datasets.paper.coco import COCO
from rlvr_backend.datasets.paper.geoqav import GEOQAV
from rlvr_backend.datasets.paper.infovqa import INFOVQA
from rlvr_backend.datasets.paper.lisa import LISA
from rlvr_backend.datasets.paper.mathvista import MATHVISTA
from rlvr_backend.datasets.paper.mmmu import MMMU
from rlvr_backend.datasets.paper.sat import SAT
from rlvr_backend.datasets.paper.scienceqa import SCIENCEQA

PAPER = {one.name: one for one in (COCO, LISA, GEOQAV, SAT, SCIENCEQA, CHARTQA, INFOVQA, MATHVISTA, MMMU)}

__all__ = ["PAPER"]
