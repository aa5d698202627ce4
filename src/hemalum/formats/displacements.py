"""Grids of displacements between slides, as bytes: docs/reference/registration.md."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.kernel.errors import Invalid

MAGIC = b"HEMALDG1"
MOST_NODES = 65_536
MOST_UM = 10_000.0
"""The longest displacement: what is further away is for the matrix."""
_MOST_PLACE_UM = 1e6
_HEADER = struct.Struct("<8sIIdddd")
MOST_BYTES = _HEADER.size + 8 * MOST_NODES

type Array = NDArray[Any]


@dataclass(frozen=True)
class DisplacementGrid:
    """Displacements at nodes, linear between them along either axis; outside as at the nearest edge.

    `values` is (rows, columns, 2), float32: what is added to x and y of the other slide, um. Node (0, 0) is
    at the origin, um of the slide that one comes from.
    """

    origin_x_um: float
    origin_y_um: float
    step_x_um: float
    step_y_um: float
    values: Array

    def at(self, places: Array) -> Array:
        """Displacements at places (n, 2), um."""
        rows, columns, _ = self.values.shape
        u = np.clip((places[:, 0] - self.origin_x_um) / self.step_x_um, 0, columns - 1)
        v = np.clip((places[:, 1] - self.origin_y_um) / self.step_y_um, 0, rows - 1)
        column = np.minimum(u.astype(int), columns - 2)
        row = np.minimum(v.astype(int), rows - 2)
        s, t = (u - column)[:, None], (v - row)[:, None]
        nodes = self.values.astype(np.float64)
        above = nodes[row, column] * (1 - s) + nodes[row, column + 1] * s
        below = nodes[row + 1, column] * (1 - s) + nodes[row + 1, column + 1] * s
        between: Array = above * (1 - t) + below * t
        return between


def encode_displacements(grid: DisplacementGrid) -> bytes:
    """The grid as bytes."""
    rows, columns, _ = grid.values.shape
    places = (grid.origin_x_um, grid.origin_y_um, grid.step_x_um, grid.step_y_um)
    return _HEADER.pack(MAGIC, columns, rows, *places) + grid.values.astype("<f4").tobytes()


def decode_displacements(content: bytes) -> DisplacementGrid:
    """The grid in these bytes.

    Raises:
        Invalid: there is none, or one that cannot be used. The sentence says why.
    """
    if len(content) < _HEADER.size or not content.startswith(MAGIC):
        raise Invalid("These bytes are no grid of displacements.")
    _, columns, rows, x, y, dx, dy = _HEADER.unpack_from(content)
    if not (min(columns, rows) >= 2 and columns * rows <= MOST_NODES):
        raise Invalid("A grid has at least 2 by 2 and at most {most} nodes.", most=MOST_NODES)
    if len(content) != _HEADER.size + 8 * columns * rows:
        raise Invalid("The grid of displacements is cut off, or there is more than it.")
    places = np.array([x, y, dx, dy])
    if not np.isfinite(places).all() or np.abs(places).max() > _MOST_PLACE_UM or min(dx, dy) <= 0:
        raise Invalid("The grid of displacements lies nowhere.")
    values = np.frombuffer(content, "<f4", offset=_HEADER.size).reshape(rows, columns, 2)
    if not np.isfinite(values).all():
        raise Invalid("A displacement is not a number.")
    if np.abs(values).max() > MOST_UM:
        raise Invalid("A displacement is longer than {most} um.", most=MOST_UM)
    return DisplacementGrid(x, y, dx, dy, values)
