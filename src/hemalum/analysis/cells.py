"""Cells of a slide that is looked at patch by patch, each of them once.

A patch is seen with context around it, so that a cell on its edge is seen whole, and belongs to the patch
in which its middle lies. Two patches see such a cell a little differently: its middle may lie just beyond
the edge for both, or for none. So what lies a little beyond is kept too, and told apart at the end.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import spatial

from hemalum.analysis.basins import Labels
from hemalum.analysis.morphometry import Nuclei, measure_nuclei
from hemalum.analysis.nuclei import classify
from hemalum.analysis.outlines import outer_rings

BEYOND_UM = 2.0
"""How far outside of a patch the middle of a cell may lie that it keeps: views of two patches differ less."""
_FARTHEST_UM = 6.0
"""Middles farther apart are of two cells, however large these are."""
_STRAIGHTENED_PX = 0.75
"""Steps of the grid are not part of an outline: corners nearer than this to a straight line go."""

type Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class CellClasses:
    """What each cell is."""

    classes: NDArray[np.uint8]
    """The number of its class, from 0."""
    likely: NDArray[np.float32]
    """The probability of that class."""


@dataclass(frozen=True, slots=True)
class PatchCells:
    """The cells of one patch, in reading order of their numbers."""

    measured: Nuclei
    """Places are from the corner of the patch, without its context."""
    is_own: NDArray[np.bool_]
    """Whether the middle lies within the patch, and not a little beyond."""
    ring_sizes: NDArray[np.int32]
    """Corners of each outline, 0 where there is none."""
    corners_um: NDArray[np.float32]
    """(sum of sizes, 2): x, y from the middle of the cell; the first corner of a ring is not repeated."""
    told: CellClasses | None = None
    """None where no classes are told."""


def cells_of_patch(
    labels: Labels,
    rgb: NDArray[np.uint8],
    um_per_px: float,
    context_px: int,
    class_maps: NDArray[np.float32] | None = None,
) -> PatchCells:
    """The cells that belong to a patch, or lie less than `BEYOND_UM` outside of it.

    `labels` number the cells of the patch with its context from 1 without gaps; `rgb` are its pixels;
    `class_maps` (classes, rows, columns) are the probabilities of classes, where there are any.
    """
    found = measure_nuclei(labels, rgb, um_per_px)
    x_um, y_um = found.x_um - context_px * um_per_px, found.y_um - context_px * um_per_px
    width_um, height_um = ((side - 2 * context_px) * um_per_px for side in labels.shape[::-1])
    is_own = (x_um >= 0) & (x_um < width_um) & (y_um >= 0) & (y_um < height_um)
    outside_um = np.maximum.reduce([-x_um, x_um - width_um, -y_um, y_um - height_um])
    kept = np.flatnonzero(outside_um < BEYOND_UM)
    sizes, corners = [], [np.zeros((0, 2), np.float32)]
    for number, ring_px in zip(kept, _rings(labels, kept), strict=True):
        middle_um = np.array([found.x_um[number], found.y_um[number]])
        sizes.append(len(ring_px))
        corners.append((ring_px * um_per_px - middle_um).astype(np.float32))
    columns = {each.name: getattr(found, each.name)[kept] for each in fields(Nuclei)}
    measured = Nuclei(**columns | {"x_um": x_um[kept], "y_um": y_um[kept]})
    told = None
    if class_maps is not None:
        classes, likely = classify(labels, class_maps)
        told = CellClasses(classes[kept], likely[kept])
    return PatchCells(measured, is_own[kept], np.array(sizes, np.int32), np.concatenate(corners), told)


def each_once(
    x_um: Array, y_um: Array, area_um2: Array, patch: Array, is_own: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which cells of a slide stay, so that none stands there twice.

    `patch` is the number of the patch that saw each. Two cells of different patches are the same where the
    middle of each lies within a disc of the other's area. What lies in its own patch goes before what lies
    beyond, then the earlier patch before the later.
    """
    stays = np.ones(len(x_um), bool)
    if len(x_um) == 0:
        return stays
    radius_um = np.sqrt(area_um2 / np.pi)
    places = np.column_stack([x_um, y_um])
    pairs = spatial.cKDTree(places).query_pairs(
        min(float(radius_um.max()), _FARTHEST_UM), output_type="ndarray"
    )
    one, other = pairs.T
    apart_um = np.hypot(*(places[one] - places[other]).T)
    same = (patch[one] != patch[other]) & (apart_um < np.minimum(radius_um[one], radius_um[other]))
    rank = np.empty(len(x_um), np.int64)
    rank[np.lexsort((patch, ~is_own))] = np.arange(len(x_um))
    swapped = rank[one] > rank[other]
    first, second = np.where(swapped, other, one)[same], np.where(swapped, one, other)[same]
    for number in np.argsort(rank[second], kind="stable"):
        # Whatever goes before has been decided by now.
        stays[second[number]] &= ~stays[first[number]]
    return stays


def _rings(labels: Labels, kept: Array) -> list[Array]:
    """The outer ring (x, y in pixels) of each of the cells with these numbers, counted from 0."""
    every = outer_rings(labels)
    parts = [ring for number in kept for ring in every[number]]
    if not parts:
        return []
    cell = np.repeat(np.arange(len(kept)), [len(every[number]) for number in kept])
    part = np.repeat(np.arange(len(parts)), [len(ring) for ring in parts])
    shapes = shapely.simplify(
        shapely.polygons(shapely.linearrings(np.concatenate(parts), indices=part)), _STRAIGHTENED_PX
    )
    # Parts that touch by a corner only are polygons of their own; the largest is the cell.
    order = np.lexsort((np.arange(len(parts)), -shapely.area(shapes), cell))
    largest = order[np.unique(cell[order], return_index=True)[1]]
    corners, of_ring = shapely.get_coordinates(shapely.get_exterior_ring(shapes[largest]), return_index=True)
    return [ring[:-1] for ring in np.split(corners, np.flatnonzero(np.diff(of_ring)) + 1)]
