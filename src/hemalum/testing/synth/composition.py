"""One piece of tissue on a grid: ground, then cells; painted one by one, as dots, or as averages."""

from dataclasses import dataclass

import numpy as np

from hemalum.testing.synth.cells import CELL, NUCLEUS_LIMIT, CellKind
from hemalum.testing.synth.glands import Gland, gland_cells, glands_near
from hemalum.testing.synth.ground import paint_ground
from hemalum.testing.synth.noise import Array, Grid, Points, enlarged, noise, tiled_texture
from hemalum.testing.synth.paint import STYLES, StainCanvas, paint_stain
from hemalum.testing.synth.scatter import scattered_cells
from hemalum.testing.synth.tissue import Piece, Zone, zones_of

CELL_REACH_UM = 17.0
"""No cell is painted farther from its centre."""

_GROUND_UM = 0.5
"""The ground needs no finer grid; what is finer is texture and cells."""
_SMOOTH_UM = 2.0
"""Zones and fibre directions need no finer grid."""
_DOTS_FROM_UM = 1.4
_MEANS_FROM_UM = 6.0

type Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Biology:
    """What both kinds of microscopy need of a piece on a grid."""

    haematoxylin: Array
    eosin: Array
    epithelium: Array
    cells: Array


def grown(bounds: Bounds, by_um: float) -> Bounds:
    """A rectangle with a margin."""
    return bounds[0] - by_um, bounds[1] - by_um, bounds[2] + by_um, bounds[3] + by_um


def biology(piece: Piece, grid: Grid, cell_seed: int) -> Biology:
    """Ground stain amounts on the grid, and all cells that may show on it."""
    middle = _coarser(grid, _GROUND_UM)
    coarse = _coarser(middle, _SMOOTH_UM)
    bounds = grown(grid.bounds_um, CELL_REACH_UM)
    zones = zones_of(piece, coarse).enlarged(coarse, middle)
    glands = glands_near(piece, grown(bounds, 12))
    ground = paint_ground(piece, middle, coarse, zones, glands)
    h, e, epithelium = (
        enlarged(a, middle, grid) for a in (ground.haematoxylin, ground.eosin, ground.epithelium)
    )
    if grid.spacing_um < 0.8:
        grain = tiled_texture("grain", grid, 0.25) * np.float32(0.11)
        grain += tiled_texture("grain", grid, 0.83) * np.float32(0.10)
        e *= 1 + grain
        h *= 1 + grain
    return Biology(h, e, epithelium, cells_of(piece, bounds, glands, cell_seed))


def stain_piece(piece: Piece, grid: Grid, cell_seed: int, marker: str | None, soft_um: float) -> StainCanvas:
    """Stain amounts of one piece, by the way that suits the resolution."""
    if grid.spacing_um > _MEANS_FROM_UM:
        return _means(piece, grid, marker)
    found = biology(piece, grid, cell_seed)
    h, e = found.haematoxylin, found.eosin
    dab = None if marker is None else np.zeros_like(h)
    canvas = StainCanvas(h, e, np.zeros_like(h), dab, marker)
    if grid.spacing_um > _DOTS_FROM_UM:
        _dots(canvas, grid, found.cells)
    else:
        paint_stain(canvas, grid, found.cells, max(grid.spacing_um, soft_um))
    return canvas


def cells_of(piece: Piece, bounds: Bounds, glands: tuple[Gland, ...], cell_seed: int) -> Array:
    """Every cell of the piece with its centre in a rectangle, rows of `CELL`, each exactly once.

    `glands` must hold all glands that touch the rectangle.
    """
    left, top, right, bottom = bounds
    parts = [scattered_cells(piece, bounds, glands, cell_seed)]
    for gland in glands:
        rows = gland_cells(gland)
        inside = (rows["x"] >= left) & (rows["x"] < right) & (rows["y"] >= top) & (rows["y"] < bottom)
        if inside.any():
            parts.append(_outside_others(rows[inside], gland, glands))
    cells = np.concatenate(parts) if parts else np.empty(0, CELL)
    cells = cells[(cells["x"] >= left) & (cells["x"] < right) & (cells["y"] >= top) & (cells["y"] < bottom)]
    if not len(cells):
        return cells
    covered = piece.depth(Points(cells["x"], cells["y"])) > np.minimum(cells["b"], 3.0)
    return np.asarray(cells[covered])


def _outside_others(rows: Array, own: Gland, glands: tuple[Gland, ...]) -> Array:
    """Where glands overlap, the one that a place lies deepest in keeps its cells."""
    reach = own.reach_um
    keep = np.ones(len(rows), bool)
    mine: Array | None = None
    for other in glands:
        apart = reach + other.reach_um
        if other is own or abs(other.x_um - own.x_um) > apart or abs(other.y_um - own.y_um) > apart:
            continue
        mine = own.depth(rows["x"], rows["y"])[0] if mine is None else mine
        theirs, lumen = other.depth(rows["x"], rows["y"])
        keep &= (theirs <= mine) & (lumen < 0)
    return rows[keep]


def _dots(canvas: StainCanvas, grid: Grid, cells: Array) -> None:
    """Cells smaller than a few pixels: each lends its colour to the pixels it covers."""
    kinds = cells["kind"]
    cells = cells[(kinds < NUCLEUS_LIMIT) | (kinds == CellKind.MUCIN) | (kinds == CellKind.RED_CELL)]
    if not len(cells):
        return
    kinds, tone = cells["kind"], cells["tone"]
    table = np.zeros((256, 4), np.float32)
    for kind, style in STYLES.items():
        table[kind] = style.pale, style.dark, style.eosin, style.red
    share = np.pi * cells["a"] * cells["b"] / grid.spacing_um**2
    haem = table[kinds, 0] + (table[kinds, 1] - table[kinds, 0]) * tone
    covered, h, e, red = _splat(
        grid, cells, (share, share * haem, share * table[kinds, 2], share * table[kinds, 3])
    )
    scale = np.minimum(1, np.float32(0.95) / np.maximum(covered, 1e-6))
    left = 1 - covered * scale
    canvas.haematoxylin[...] = canvas.haematoxylin * left + h * scale
    canvas.eosin[...] = canvas.eosin * left + e * scale
    canvas.red[...] = canvas.red * left + red * scale
    if canvas.dab is not None:
        positive = canvas.positive(cells)
        (brown,) = _splat(grid, cells, (share * np.where(positive, 0.55, 0.0),))
        canvas.dab[...] = canvas.dab * left + brown * scale


def _splat(grid: Grid, cells: Array, values: tuple[Array, ...]) -> list[Array]:
    """Sum values into pixels, each spread over the four nearest."""
    fx = cells["x"] / grid.spacing_um - grid.column0 - 0.5
    fy = cells["y"] / grid.spacing_um - grid.row0 - 0.5
    x0, y0 = np.floor(fx).astype(int), np.floor(fy).astype(int)
    tx, ty = fx - x0, fy - y0
    sums = [np.zeros((grid.height + 2) * (grid.width + 2)) for _ in values]
    for dy, wy in ((0, 1 - ty), (1, ty)):
        for dx, wx in ((0, 1 - tx), (1, tx)):
            x, y = x0 + dx + 1, y0 + dy + 1
            inside = (x >= 0) & (x < grid.width + 2) & (y >= 0) & (y < grid.height + 2)
            index = (y * (grid.width + 2) + x)[inside]
            weight = (wx * wy)[inside]
            for total, value in zip(sums, values, strict=True):
                total += np.bincount(index, weight * value[inside], minlength=len(total))
    shape = (grid.height + 2, grid.width + 2)
    return [total.reshape(shape)[1:-1, 1:-1].astype(np.float32) for total in sums]


_MEAN_STAIN: dict[Zone, tuple[float, float, float]] = {
    Zone.STROMA: (0.105, 0.44, 0.1),
    Zone.LOOSE: (0.08, 0.28, 0.12),
    Zone.MUSCLE: (0.14, 0.53, 0.05),
    Zone.FAT: (0.01, 0.035, 0.3),
    Zone.MUCOSA: (0.25, 0.21, 0.22),
    Zone.PARENCHYMA: (0.13, 0.36, 0.35),
    Zone.LYMPHOID: (0.465, 0.19, 0.06),
    Zone.GERMINAL: (0.365, 0.21, 0.06),
    Zone.SINUS: (0.2, 0.14, 0.2),
    Zone.TUMOUR: (0.31, 0.28, 0.3),
    Zone.NECROSIS: (0.15, 0.5, 0.06),
}
"""Haematoxylin and eosin of each zone seen from afar, and how patchy it is there."""


def _means(piece: Piece, grid: Grid, marker: str | None) -> StainCanvas:
    zones = zones_of(piece, grid)
    h = np.zeros((grid.height, grid.width), np.float32)
    e = np.zeros_like(h)
    wave = max(110.0, 2.5 * grid.spacing_um)
    patch = noise(grid, wave, piece.seed + 91)
    # A pixel averages many patches once it is larger than they are.
    contrast = np.float32(min(1.0, 60.0 / grid.spacing_um) if grid.spacing_um > 60 else 1.0)
    for zone, (haem, eosin, patchy) in _MEAN_STAIN.items():
        weight = zones.of(zone)
        if isinstance(weight, float):
            continue
        factor = np.maximum(1 + patch * np.float32(patchy * 0.7) * contrast, 0.1)
        h += weight * np.float32(haem) * factor
        e += weight * np.float32(eosin) * factor
    h += (zones.of(Zone.STROMA) + zones.of(Zone.LOOSE)) * zones.inflammation * np.float32(0.30)
    tissue = np.clip(zones.depth / np.float32(max(grid.spacing_um, 2)) + np.float32(0.5), 0, 1)
    h *= tissue
    e *= tissue
    dab = None
    if marker is not None:
        brown = {"ki67": 0.16, "ck": 0.4, "cd3": 0.05}.get(marker, 0.1)
        dab = (zones.of(Zone.TUMOUR) * np.float32(brown) * tissue + h * 0).astype(np.float32)
    return StainCanvas(h, e, np.zeros_like(h), dab, marker)


def _coarser(grid: Grid, spacing_um: float) -> Grid:
    """A grid as coarse as `spacing_um` by a whole factor; the grid itself when it is that coarse."""
    factor = int(spacing_um / grid.spacing_um + 1e-6)
    return grid.coarser(factor) if factor > 1 else grid
