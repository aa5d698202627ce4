"""What is at a place of a layer, and all of its cells one tile after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.layers.model import LayerKind
from hemalum.formats.layers.pack import Pack
from hemalum.formats.layers.parts import decode_column, decode_outlines, decode_points

type Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TileCells:
    """The cells of one tile; places are level-0 pixels."""

    x_px: Array
    y_px: Array
    classes: Array
    rows: Array
    columns: tuple[Array, ...]
    rings_px: list[Array] | None
    """One (corners, 2) for each cell, empty where it has no outline; None for a layer of points."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell."""

    row: int
    x_px: float
    y_px: float
    class_index: int
    values: tuple[float, ...]
    outline_px: Array


def cells_of(pack: Pack) -> Iterator[TileCells]:
    """All cells, tile by tile. Raises Damaged when a part is not what was written."""
    for tile in pack.manifest.tiles:
        yield read_tile(pack, tile.row, tile.column)


def read_tile(pack: Pack, row: int, column: int) -> TileCells:
    """The cells of a tile that is not empty. Raises as `cells_of`."""
    manifest = pack.manifest
    side, name = manifest.tile_side_px, f"{row}/{column}"
    x, y, classes, rows = decode_points(pack.part(f"points/{name}"), side)
    x, y = x + column * side, y + row * side
    columns = tuple(
        decode_column(pack.part(f"column/{number}/{name}")) for number in range(len(manifest.columns))
    )
    rings = None
    if manifest.kind is LayerKind.CELLS:
        found = decode_outlines(pack.part(f"outlines/{name}"))
        corners = found.corners + np.repeat(np.stack([x, y], axis=1), found.sizes, axis=0)
        rings = np.split(corners, np.cumsum(found.sizes)[:-1])
    return TileCells(x, y, classes, rows, columns, rings)


def cell_at(pack: Pack, x_px: float, y_px: float, reach_px: float) -> Cell | None:
    """The cell whose outline holds a place, else the one whose own place is nearest within reach."""
    side = pack.manifest.tile_side_px
    if not side:
        return None
    # A cell belongs to the tile of its centre, and may reach into the next.
    reach = max(reach_px, pack.manifest.diameter_px)
    best: tuple[bool, float] | None = None
    found: Cell | None = None
    for tile in pack.manifest.tiles:
        left, top = tile.column * side - reach, tile.row * side - reach
        if not (left <= x_px <= left + side + 2 * reach and top <= y_px <= top + side + 2 * reach):
            continue
        cells = read_tile(pack, tile.row, tile.column)
        away = np.hypot(cells.x_px - x_px, cells.y_px - y_px)
        for index in np.argsort(away, kind="stable")[:16]:
            ring = cells.rings_px[index] if cells.rings_px is not None else np.zeros((0, 2))
            outside = not encloses(ring, x_px, y_px)
            if outside and away[index] > reach_px:
                continue
            rank = (outside, float(away[index]))
            if best is None or rank < best:
                best, found = rank, _cell(cells, int(index), ring)
    return found


def _cell(cells: TileCells, index: int, ring: Array) -> Cell:
    return Cell(
        int(cells.rows[index]),
        float(cells.x_px[index]),
        float(cells.y_px[index]),
        int(cells.classes[index]),
        tuple(float(column[index]) for column in cells.columns),
        ring,
    )


def encloses(ring: Array, x: float, y: float) -> bool:
    """Whether a place lies within a ring, by the even-odd rule."""
    if len(ring) < 3:
        return False
    (x0, y0), (x1, y1) = ring.T, np.roll(ring, -1, axis=0).T
    crosses = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
    return bool(np.count_nonzero(crosses & (x < at)) % 2)
