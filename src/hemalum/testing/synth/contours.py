"""Outlines of where a field is positive."""

import numpy as np

from hemalum.testing.synth.noise import Array

type Ring = list[tuple[float, float]]

_SEGMENTS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    5: ((3, 0), (1, 2)),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    10: ((0, 1), (2, 3)),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
}
"""For each case of four corners (bits: top left, top right, bottom right, bottom left) the edges
(top, right, bottom, left) that the border joins; the inside lies on one and the same side of all of them."""


def polygons(field: Array) -> list[list[Ring]]:
    """Polygons where `field` (h, w) is above 0, each an outer ring and its holes, closed, in (column, row).

    Marching squares with linear interpolation (Lorensen and Cline, SIGGRAPH 1987, in two dimensions).
    Coordinates count samples, the first at 0. What reaches the border is closed along it.
    """
    padded = np.pad(field.astype(np.float64), 1, constant_values=-1e9)
    rings = [[(x - 1, y - 1) for x, y in ring] for ring in _rings(padded)]
    outer = [ring for ring in rings if _area(ring) < 0]
    holes = [ring for ring in rings if _area(ring) > 0]
    outer.sort(key=_area, reverse=True)
    found: list[list[Ring]] = [[ring] for ring in outer]
    for hole in holes:
        for polygon in found:
            if _contains(polygon[0], hole[0]):
                polygon.append(hole)
                break
    return found


def _rings(field: Array) -> list[Ring]:
    inside = field > 0
    case = inside[:-1, :-1] * 1 + inside[:-1, 1:] * 2 + inside[1:, 1:] * 4 + inside[1:, :-1] * 8
    following: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for row, column in zip(*np.nonzero((case > 0) & (case < 15)), strict=True):
        for start, end in _SEGMENTS[int(case[row, column])]:
            following[_edge(int(row), int(column), start)] = _edge(int(row), int(column), end)
    rings: list[Ring] = []
    while following:
        first, at = following.popitem()
        ring = [_crossing(field, first)]
        while at != first:
            ring.append(_crossing(field, at))
            at = following.pop(at)
        ring.append(ring[0])
        if len(ring) > 3:
            rings.append(ring)
    return rings


def _edge(row: int, column: int, side: int) -> tuple[int, int, int]:
    """A name for an edge that both of its cells agree on: row, column, 0 for across and 1 for down."""
    return ((row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1))[side]


def _crossing(field: Array, edge: tuple[int, int, int]) -> tuple[float, float]:
    row, column, down = edge
    a = float(field[row, column])
    b = float(field[row + 1, column] if down else field[row, column + 1])
    t = a / (a - b)
    return (float(column), row + t) if down else (column + t, float(row))


def _area(ring: Ring) -> float:
    points = np.asarray(ring)
    x, y = points[:, 0], points[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def _contains(ring: Ring, point: tuple[float, float]) -> bool:
    px, py = point
    points = np.asarray(ring)
    x0, y0, x1, y1 = points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]
    spans = (y0 > py) != (y1 > py)
    rise = np.where(y1 == y0, 1.0, y1 - y0)
    return bool(np.count_nonzero(spans & (px < x0 + (py - y0) / rise * (x1 - x0))) % 2)
