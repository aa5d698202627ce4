"""A slide that never existed: pixels, cells and regions for any place, from a seed."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from hemalum.testing.synth.appearance import (
    SCANNERS,
    STAINS,
    ScannerAppearance,
    StainAppearance,
    blur,
    margin_px,
    see,
    transmit,
)
from hemalum.testing.synth.cells import CELL, NUCLEUS_LIMIT
from hemalum.testing.synth.glands import Gland, gland_cells, glands_near
from hemalum.testing.synth.ground import paint_ground
from hemalum.testing.synth.noise import Array, Grid
from hemalum.testing.synth.paint import StainCanvas, paint_stain
from hemalum.testing.synth.scatter import scattered_cells
from hemalum.testing.synth.tissue import Piece, TissueKind, lay_out, near, zones_of

_CELL_REACH_UM = 16.0
_GROUND_UM = 0.5


@dataclass(frozen=True)
class SyntheticSlide:
    seed: int
    tissue: TissueKind
    width_px: int
    height_px: int
    spacing_um: float = 0.25
    stain: StainAppearance = STAINS["he-a"]
    scanner: ScannerAppearance = SCANNERS["scanner-a"]
    tumour: bool = True

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        return lay_out(self.tissue, self.width_px * self.spacing_um, self.height_px * self.spacing_um, self.seed, tumour=self.tumour)

    def render_grid(self, grid: Grid) -> Array:
        margin = margin_px(self.scanner, grid.spacing_um)
        margin += margin % 2
        wide = grid.padded(margin)
        canvas = self.stain_amounts(wide)
        if canvas is None:
            light = np.ones((wide.height, wide.width, 3), np.float32)
        else:
            light = transmit(self.stain, (canvas.haematoxylin, canvas.eosin, canvas.red, None))
            light = blur(light, self.scanner.blur_um / grid.spacing_um)
        seen = see(light, self.scanner, wide)
        return seen[margin:-margin, margin:-margin]

    def stain_amounts(self, grid: Grid) -> StainCanvas | None:
        pieces = near(self.pieces, grid.bounds_um)
        if not pieces:
            return None
        shape = (grid.height, grid.width)
        total = StainCanvas(*(np.zeros(shape, np.float32) for _ in range(4)))
        for piece in pieces:
            self._paint_piece(total, piece, grid)
        return total

    def _paint_piece(self, total: StainCanvas, piece: Piece, grid: Grid) -> None:
        coarse, factor = _ground_grid(grid)
        bounds = _grown(coarse.bounds_um, _CELL_REACH_UM)
        zones = zones_of(piece, coarse)
        glands = glands_near(piece, _grown(bounds, 12))
        ground = paint_ground(piece, coarse, zones, glands, fine=grid.spacing_um < 2)
        h, e = (_enlarged(a, factor, grid, coarse) for a in (ground.haematoxylin, ground.eosin))
        layer = StainCanvas(h, e, np.zeros_like(h), np.zeros_like(h))
        cells = cells_of(piece, bounds, glands, 0)
        paint_stain(layer, grid, cells, soft_um=max(grid.spacing_um, 0.4))
        total.haematoxylin += layer.haematoxylin
        total.eosin += layer.eosin
        total.red += layer.red


def cells_of(piece: Piece, bounds: tuple[float, float, float, float], glands: tuple[Gland, ...], cell_seed: int) -> Array:
    left, top, right, bottom = bounds
    parts = [scattered_cells(piece, bounds, glands, cell_seed)]
    for gland in glands:
        rows = gland_cells(gland)
        inside = (rows["x"] > left) & (rows["x"] < right) & (rows["y"] > top) & (rows["y"] < bottom)
        if inside.any():
            parts.append(rows[inside])
    return np.concatenate(parts) if parts else np.empty(0, CELL)


def _grown(bounds: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return bounds[0] - by, bounds[1] - by, bounds[2] + by, bounds[3] + by


def _ground_grid(grid: Grid) -> tuple[Grid, int]:
    factor = max(1, int(_GROUND_UM / grid.spacing_um + 1e-6))
    if factor == 1:
        return grid, 1
    c0, r0 = grid.column0 // factor - 1, grid.row0 // factor - 1
    c1 = -(-(grid.column0 + grid.width) // factor) + 1
    r1 = -(-(grid.row0 + grid.height) // factor) + 1
    return Grid(c0, r0, c1 - c0, r1 - r0, grid.spacing_um * factor), factor


def _enlarged(values: Array, factor: int, grid: Grid, coarse: Grid) -> Array:
    if factor == 1:
        return values
    return _stretch(_stretch(values, factor, grid.row0, grid.height, coarse.row0, 0), factor, grid.column0, grid.width, coarse.column0, 1)


def _stretch(values: Array, factor: int, start: int, count: int, coarse_start: int, axis: int) -> Array:
    at = (np.arange(start, start + count) + 0.5) / factor - 0.5 - coarse_start
    base = np.floor(at).astype(int)
    t = (at - base).astype(np.float32)
    t = t[:, None] if axis == 0 else t[None, :]
    low = values.take(base, axis=axis)
    return low + (values.take(base + 1, axis=axis) - low) * t
