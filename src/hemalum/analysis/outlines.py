"""The outlines of what is set in a bitmap, as polygons with holes."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

type Point = tuple[int, int]
type Ring = list[Point]
type Polygon = list[Ring]
"""Its outer ring, then its holes."""

_RIGHT_OF = {(1, 0): (0, 1), (0, 1): (-1, 0), (-1, 0): (0, -1), (0, -1): (1, 0)}


def outlines(mask: NDArray[np.bool_]) -> list[Polygon]:
    """Polygons (x, y in cells, rings closed) that cover just the cells that are set.

    Cells that touch by a corner only are polygons of their own, so that no ring crosses or touches itself.
    """
    outer: list[Ring] = []
    holes: list[Ring] = []
    for ring in _rings(mask):
        (outer if _area(ring) > 0 else holes).append(ring)
    polygons = [[ring] for ring in outer]
    for hole in holes:
        around = [polygon for polygon in polygons if _contains(polygon[0], hole)]
        min(around, key=lambda polygon: _area(polygon[0])).append(hole)
    return polygons


def _rings(mask: NDArray[np.bool_]) -> Iterator[Ring]:
    """Walk along the edges between set and unset cells, with the set cell on the right hand."""
    ahead = _edges(mask)
    while ahead:
        start = next(iter(ahead))
        direction = ahead[start][0]
        ring, at = [start], start
        while True:
            ahead[at].remove(direction)
            if not ahead[at]:
                del ahead[at]
            at = (at[0] + direction[0], at[1] + direction[1])
            if at == start:
                break
            choices = ahead[at]
            # Where two cells touch by a corner, turning right stays with the cell that one walks around.
            turned = _RIGHT_OF[direction] if _RIGHT_OF[direction] in choices else choices[0]
            if turned != direction:
                ring.append(at)
            direction = turned
        yield from _parted([*ring, start])


def _parted(ring: Ring) -> Iterator[Ring]:
    """A ring that comes back to a point before its end, as rings that do not."""
    path: dict[Point, None] = {}
    for point in ring:
        if point in path:
            cut = [point]
            while (last := next(reversed(path))) != point:
                cut.append(last)
                del path[last]
            yield [point, *reversed(cut)]
        path[point] = None


def _edges(mask: NDArray[np.bool_]) -> dict[Point, list[Point]]:
    """Directions in which an edge leaves each corner; y grows downwards."""
    framed = np.pad(mask, 1)
    inside = framed[1:-1, 1:-1]
    sides = {
        ((0, 0), (1, 0)): inside & ~framed[:-2, 1:-1],
        ((1, 0), (0, 1)): inside & ~framed[1:-1, 2:],
        ((1, 1), (-1, 0)): inside & ~framed[2:, 1:-1],
        ((0, 1), (0, -1)): inside & ~framed[1:-1, :-2],
    }
    found: dict[Point, list[Point]] = {}
    for ((dx, dy), direction), edge in sides.items():
        for row, column in np.argwhere(edge).tolist():
            found.setdefault((column + dx, row + dy), []).append(direction)
    return found


def _area(ring: Ring) -> float:
    """Positive for rings around set cells, negative for holes."""
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def _contains(ring: Ring, hole: Ring) -> bool:
    """Whether the hole's first set neighbour, which lies against its first corner, is inside of the ring."""
    (x0, y0), (x1, y1) = hole[0], hole[1]
    length = max(abs(x1 - x0), abs(y1 - y0))
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    # Half a cell along the edge and half a cell to its right hand.
    x, y = x0 + dx / 2 - dy / 2, y0 + dy / 2 + dx / 2
    crossings = 0
    for (ax, ay), (_, by) in pairwise(ring):
        if (ay > y) != (by > y) and ax > x:
            crossings += 1
    return crossings % 2 == 1
