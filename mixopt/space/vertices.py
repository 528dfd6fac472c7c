"""Vertices of a polytope that is cut by inequalities, by the double description method.

References:
    Motzkin, Raiffa, Thompson and Thrall (1953), The double description method, Contributions to the Theory of Games II.
"""

import numpy as np

from mixopt.errors import SpaceError
from mixopt.space.region import distinct_rows
from mixopt.typing import BoolArray, FloatArray, IntArray

NEAR = 1e-9
MOST = 5_000  # vertices; the time grows with their square
CHUNK = 512  # pairs that are compared at once


def cut_vertices(vertices: FloatArray, normals: FloatArray, offsets: FloatArray, first: int) -> FloatArray:
    """Compute the vertices of {w : normals w >= offsets, sum w = 1}.

    Args:
        vertices: those (u, m) without the inequalities from number `first` on.
        normals: of all inequalities, (c, m).
        offsets: of all inequalities, (c,).
        first: number of the first inequality that cuts.

    Returns:
        Vertices (v, m).

    Raises:
        SpaceError: there are too many on the way.
    """
    for new in range(first, len(offsets)):
        if len(vertices) > MOST:
            raise SpaceError(
                f"the space has too many vertices ({len(vertices):,} before cutting): use corners() instead"
            )
        slack = vertices @ normals[new] - offsets[new]
        above, below = np.flatnonzero(slack > NEAR), np.flatnonzero(slack < -NEAR)
        faces = np.abs(vertices @ normals[:new].T - offsets[:new]) <= NEAR  # (u, new)
        i, j = _edges(faces, above, below, least=vertices.shape[1] - 2)
        part = slack[i] / (slack[i] - slack[j])
        crossings = vertices[i] + part[:, None] * (vertices[j] - vertices[i])
        vertices = distinct_rows(np.vstack([vertices[slack >= -NEAR], crossings]))
    return vertices


def _edges(faces: BoolArray, above: IntArray, below: IntArray, least: int) -> tuple[IntArray, IntArray]:
    """The pairs of vertices, one above and one below, that an edge joins.

    An edge joins two vertices if they share at least `least` faces and no third vertex lies on all of these.
    """
    on, off = faces.astype(np.float32), (~faces).astype(np.float32)
    candidates = np.argwhere(on[above] @ on[below].T >= least)
    i, j = above[candidates[:, 0]], below[candidates[:, 1]]
    joined = [
        (on[i[start : start + CHUNK]] * on[j[start : start + CHUNK]] @ off.T == 0).sum(axis=1) == 2
        for start in range(0, len(i), CHUNK)
    ]
    edges = np.concatenate(joined) if joined else np.zeros(0, dtype=bool)
    return i[edges], j[edges]
