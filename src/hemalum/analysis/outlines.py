"""The outlines of what is set in a bitmap, as polygons with holes."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

type Point = tuple[int, int]
type Ring = list[Point]
type Polygon = list[Ring]
"""Its outer ring, then its holes."""

_RIGHT, _DOWN = np.array([1, 0, -1, 0]), np.array([0, 1, 0, -1])
"""Of the directions right, down, left and up."""
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


def outer_rings(labels: NDArray[np.int32]) -> list[list[NDArray[np.int64]]]:
    """The outer rings of the cells of each number from 1 on: those that `outlines` gives, in its order.

    Rings are (corners, 2), x and y in cells of the picture, and not closed. All numbers are walked around at
    once, which for a hundred of them takes a fraction of the time.
    """
    count = int(labels.max(initial=0))
    starts, directions, owners, followers = _linked(labels)
    rings: list[list[NDArray[np.int64]]] = [[] for _ in range(count)]
    pinched = _pinched(starts, owners)
    boxes = ndimage.find_objects(labels) if len(pinched) else []
    for number in pinched.tolist():
        box = boxes[number - 1]
        corner = np.array([box[1].start, box[0].start])
        polygons = outlines(labels[box] == number)
        rings[number - 1] = [np.array(each[0][:-1]) + corner for each in polygons]
    walked, begins = _walked(followers, np.isin(owners, pinched))
    if not len(walked):
        return rings
    y, x = np.divmod(starts[walked], labels.shape[1] + 1)
    direction = directions[walked]
    twice_area = np.add.reduceat(x * _DOWN[direction] - y * _RIGHT[direction], begins)
    before = np.empty_like(followers)
    before[followers] = np.arange(len(followers))
    # A ring has a corner where it begins, and where it turns.
    turns = direction != directions[before[walked]]
    turns[begins] = True
    corners = np.column_stack([x[turns], y[turns]])
    for number, ring, area in zip(
        owners[walked[begins]].tolist(),
        np.split(corners, np.cumsum(turns)[begins[1:] - 1]),
        twice_area,
        strict=True,
    ):
        if area > 0:
            rings[number - 1].append(ring)
    return rings


def _walked(
    followers: NDArray[np.int64], left_out: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The edges ring after ring, each from its first edge on, and where each ring begins."""
    seen, to = left_out.tolist(), followers.tolist()
    walked: list[int] = []
    begins: list[int] = []
    for first in range(len(to)):
        if seen[first]:
            continue
        begins.append(len(walked))
        at = first
        while not seen[at]:
            seen[at] = True
            walked.append(at)
            at = to[at]
    return np.array(walked, np.int64), np.array(begins, np.int64)


def _linked(labels: NDArray[np.int32]) -> tuple[NDArray[np.int64], ...]:
    """The edges around cells of a number: flat corner it leaves, direction, number, and the edge after it.

    In the order in which `_edges` finds them. Directions are right, down, left, up.
    """
    framed = np.pad(labels, 1)
    inside = framed[1:-1, 1:-1]
    beside = (framed[:-2, 1:-1], framed[1:-1, 2:], framed[2:, 1:-1], framed[1:-1, :-2])
    width = labels.shape[1] + 1
    corner = (0, 1, width + 1, width)
    leaving, headed, owned = [], [], []
    for direction, other in enumerate(beside):
        row, column = np.nonzero((inside > 0) & (inside != other))
        leaving.append(row * width + column + corner[direction])
        headed.append(np.full(len(row), direction))
        owned.append(inside[row, column].astype(np.int64))
    starts, directions, owners = map(np.concatenate, (leaving, headed, owned))
    ends = starts + _RIGHT[directions] + _DOWN[directions] * width
    corners = (labels.shape[0] + 1) * width
    keys = owners * corners + starts
    order = np.argsort(keys, kind="stable")
    # Of numbers that are not pinched there is one edge that leaves a corner.
    followers = order[np.searchsorted(keys[order], owners * corners + ends)]
    return starts, directions, owners, followers


def _pinched(starts: NDArray[np.int64], owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of which two cells touch by a corner only: two of their edges leave that corner."""
    keys = np.sort(owners * (int(starts.max(initial=0)) + 1) + starts)
    twice = keys[1:][keys[1:] == keys[:-1]]
    return np.unique(twice // (int(starts.max(initial=0)) + 1))


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
