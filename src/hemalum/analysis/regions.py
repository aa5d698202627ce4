"""Regions that patches of a slide make up: how many there are, and how far the largest reaches.

Patches that touch, by a corner also, are of one region. Lengths and areas are in sides of a patch: a region
is known no better than that.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import distance

type Mask = NDArray[np.bool_]

_CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Extent:
    """The greatest length of a region, and the box (in bins) that holds it."""

    length: float
    """What is likely: from middle to middle, and half a bin more at either end."""
    least: float
    """From middle to middle: the ends may lie just within their bins."""
    most: float
    """From corner to corner."""
    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions of a grid."""

    labels: NDArray[np.int32]
    """Numbers of regions from 1 without gaps, 0 elsewhere."""
    count: int


@dataclass(frozen=True, slots=True)
class Box:
    """The box (in bins) that holds a region, and how many bins the region has."""

    row: int
    column: int
    rows: int
    columns: int
    bins: int


def find_regions(members: Mask, holding: Mask | None = None, least_bins: float = 1.0) -> Regions:
    """Regions of the bins that are set, of at least this many; with `holding`, those with a bin of it."""
    labels, count = ndimage.label(members, np.ones((3, 3)))
    kept = np.bincount(labels.ravel(), minlength=count + 1) >= least_bins
    if holding is not None:
        kept &= np.bincount(labels[holding], minlength=count + 1) > 0
    kept[0] = False
    numbers = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    return Regions(numbers[labels], int(kept.sum()))


def find_largest(regions: Regions) -> Extent | None:
    """The region that reaches farthest; of equals the first. None where there is none."""
    boxes = ndimage.find_objects(regions.labels)
    diagonals = [float(np.hypot(*(side.stop - side.start for side in box))) for box in boxes]
    best: Extent | None = None
    for at in sorted(range(len(boxes)), key=lambda at: (-diagonals[at], at)):
        # No region reaches farther than the diagonal of its box, and those to come have smaller ones.
        if best is not None and diagonals[at] <= best.length:
            break
        found = _extent(regions.labels[boxes[at]] == at + 1, boxes[at])
        if best is None or found.length > best.length:
            best = found
    return best


def list_boxes(regions: Regions, most: int) -> list[Box]:
    """The boxes of the regions with the most bins, at most so many, by row and then by column."""
    bins = np.bincount(regions.labels.ravel(), minlength=regions.count + 1)[1:]
    spans = ndimage.find_objects(regions.labels)
    found = []
    for at in np.argsort(-bins, kind="stable")[:most].tolist():
        down, across = spans[at]
        rows, columns = down.stop - down.start, across.stop - across.start
        found.append(Box(down.start, across.start, rows, columns, int(bins[at])))
    return sorted(found, key=lambda box: (box.row, box.column))


def covered(member: Mask) -> shapely.Geometry:
    """The polygons, with their holes, that cover just the bins that are set; x and y in bins."""
    steps = np.diff(np.pad(member, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, begins = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    # Stretches of bins first: of single ones there are many more.
    return shapely.simplify(shapely.union_all(shapely.box(begins, rows, ends, rows + 1)), 0)


def _extent(member: Mask, box: tuple[slice, slice]) -> Extent:
    outermost = _hull(np.argwhere(member).astype(np.float64))
    least = _farthest(outermost)
    # The corners that lie farthest apart are those of bins whose middles are outermost.
    corners = np.concatenate([outermost + step for step in _CORNERS])
    row, column = box[0].start, box[1].start
    return Extent(least + 1, least, _farthest(_hull(corners)), row, column, *member.shape)


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(points))))


def _farthest(points: NDArray[np.float64]) -> float:
    return float(distance.pdist(points).max()) if len(points) > 1 else 0.0
