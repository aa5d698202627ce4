"""The ground that cells are painted on: stain of stroma, muscle, fat, lumina and walls of glands."""

from dataclasses import dataclass

import numpy as np

from hemalum.testing.synth.fibres import crimp, fat_membrane, fibre_frame, fibres
from hemalum.testing.synth.glands import MALIGNANT, VASCULAR, Gland, GlandKind
from hemalum.testing.synth.noise import Array, Grid, enlarged, noise, smoothstep
from hemalum.testing.synth.tissue import Piece, Zone, Zones


@dataclass
class Ground:
    """Stain amounts on a grid (h, w) float32, and where epithelium and tissue are, 0..1."""

    haematoxylin: Array
    eosin: Array
    epithelium: Array
    tissue: Array
    holes: Array
    """1 where the section is empty within the tissue: lumina, fat, clefts."""


def paint_ground(piece: Piece, grid: Grid, coarse: Grid, zones: Zones, glands: tuple[Gland, ...]) -> Ground:
    """Everything but cells. `zones` are on `grid`; smooth fields are worked out on `coarse` and enlarged."""
    tissue = smoothstep(-1.2, 1.2, zones.depth)
    h, e, holes = _matrix(piece, grid, coarse, zones)
    epithelium = np.zeros_like(h)
    for gland in glands:
        _paint_gland(gland, grid, h, e, epithelium, holes)
    keep = tissue * (1 - holes)
    return Ground(h * keep, e * keep, epithelium * tissue, tissue, holes)


def _matrix(piece: Piece, grid: Grid, coarse: Grid, zones: Zones) -> tuple[Array, Array, Array]:
    shape = (grid.height, grid.width)
    h: Array = np.zeros(shape, np.float32)
    e: Array = np.zeros(shape, np.float32)
    holes: Array = np.zeros(shape, np.float32)
    frame = fibre_frame(piece, coarse)
    along, across = (enlarged(a, coarse, grid) for a in frame)
    wavy = enlarged(frame[1] + crimp(piece, coarse), coarse, grid)
    patch = enlarged(noise(coarse, 130, piece.seed + 72), coarse, grid)
    mottle = enlarged(noise(coarse, 24, piece.seed + 73), coarse, grid)
    thin = fibres(along, wavy, 0.46, 1.3, 0)
    bundle = fibres(along, wavy * np.float32(0.42), 0.62, 1.3, 333)

    def add(zone: Zone, eosin: Array | float, haem: Array | float, hole: Array | float = 0.0) -> None:
        nonlocal h, e, holes
        w = zones.of(zone)
        if isinstance(w, float) or not w.any():
            return
        e = e + w * eosin
        h = h + w * haem
        holes = holes + w * hole

    cleft = smoothstep(1.05, 1.75, bundle + np.float32(0.35) * patch)
    collagen = (
        np.float32(0.50) + np.float32(0.125) * thin - np.float32(0.075) * bundle + np.float32(0.05) * patch
    )
    add(Zone.STROMA, collagen, 0.075 - 0.008 * thin, cleft * np.float32(0.85))
    loose_gap = smoothstep(0.35, 1.35, bundle + np.float32(0.5) * mottle)
    add(Zone.LOOSE, collagen * np.float32(0.62), 0.06, loose_gap * np.float32(0.78))
    reticular = np.float32(0.34) + np.float32(0.06) * thin + np.float32(0.07) * mottle
    add(
        Zone.MUCOSA,
        reticular,
        0.10,
        smoothstep(0.8, 1.9, mottle + np.float32(0.5) * bundle) * np.float32(0.75),
    )
    add(Zone.PARENCHYMA, collagen * np.float32(0.92), 0.075, cleft * np.float32(0.7))
    tumour_stroma = (
        np.float32(0.40) + np.float32(0.12) * thin - np.float32(0.05) * bundle + np.float32(0.03) * patch
    )
    add(
        Zone.TUMOUR,
        tumour_stroma,
        0.13,
        smoothstep(0.75, 1.6, bundle + np.float32(0.4) * mottle) * np.float32(0.7),
    )
    add(
        Zone.LYMPHOID,
        np.float32(0.22) + np.float32(0.025) * mottle,
        0.15,
        smoothstep(1.0, 2.2, mottle) * np.float32(0.5),
    )
    add(Zone.GERMINAL, np.float32(0.27) + np.float32(0.03) * mottle, 0.13, 0.0)
    add(
        Zone.SINUS,
        np.float32(0.17) + np.float32(0.05) * mottle,
        0.05,
        smoothstep(-0.2, 1.0, mottle) * np.float32(0.85),
    )
    muscle = zones.of(Zone.MUSCLE)
    if not isinstance(muscle, float) and muscle.any():
        smooth = fibres(along, across + np.float32(0.25) * (wavy - across), 0.7, 2.2, 71)
        fascicle = smoothstep(
            1.35,
            1.8,
            fibres(along, (across + np.float32(0.25) * (wavy - across)) * np.float32(0.25), 0.8, 2.4, 511),
        )
        add(
            Zone.MUSCLE,
            np.float32(0.56) + np.float32(0.05) * smooth + np.float32(0.04) * patch,
            0.12,
            fascicle * np.float32(0.8),
        )
    fat = zones.of(Zone.FAT)
    if not isinstance(fat, float) and fat.any():
        membrane = fat_membrane(grid, piece.seed)
        add(Zone.FAT, 0.42, 0.07, 1 - np.float32(0.92) * membrane)
    necrosis = zones.of(Zone.NECROSIS)
    if not isinstance(necrosis, float) and necrosis.any():
        clumps = noise(grid, 11, piece.seed + 74)
        add(
            Zone.NECROSIS,
            np.float32(0.52) + np.float32(0.10) * clumps + np.float32(0.05) * mottle,
            0.12 + 0.03 * clumps,
            smoothstep(1.3, 2.2, clumps) * np.float32(0.5),
        )
    return h, e, np.clip(holes, 0, 1)


_WALL: dict[GlandKind, tuple[float, float]] = {
    GlandKind.CRYPT: (0.15, 0.33),
    GlandKind.DUCT: (0.17, 0.30),
    GlandKind.TUMOUR_GLAND: (0.24, 0.37),
    GlandKind.NEST: (0.22, 0.38),
    GlandKind.VESSEL: (0.10, 0.52),
    GlandKind.CAPILLARY: (0.10, 0.45),
}
"""Haematoxylin and eosin of the wall, before its cells are painted."""


def _paint_gland(gland: Gland, grid: Grid, h: Array, e: Array, epithelium: Array, holes: Array) -> None:
    window = _window(gland, grid)
    if window is None:
        return
    rows, columns = window
    depth, lumen = gland.depth(grid.x[:, columns], grid.y[rows])
    soft = np.float32(max(0.6, 0.7 * grid.spacing_um))
    inside = np.clip(depth / soft * np.float32(0.5) + np.float32(0.5), 0, 1)
    if not inside.any():
        return
    haem, eosin = _WALL[gland.kind]
    vascular = gland.kind in VASCULAR
    tone = 0.88 + 0.24 * ((gland.hash >> 5) % 101) / 100
    view = (rows, columns)
    h[view] += inside * (np.float32(haem * tone) - h[view])
    e[view] += inside * (np.float32(eosin * tone) - e[view])
    holes[view] *= 1 - inside
    if not vascular:
        epithelium[view] = np.maximum(epithelium[view], inside)
        patchy = smoothstep(-0.2, 1.0, _rough(grid, gland, view, 21.0))
        _membrane_line(gland, depth, soft, patchy, e[view], holes[view])
    ragged = 0.0 if vascular else 1.2
    edge = lumen + (_rough(grid, gland, view, 6.5) * np.float32(ragged) if ragged else 0)
    opening = np.clip(edge / soft * np.float32(0.5) + np.float32(0.5), 0, 1)
    if opening.any():
        epithelium[view] *= 1 - opening
        holes[view] = np.maximum(holes[view], opening * np.float32(_emptiness(gland)))
        e[view] += opening * (np.float32(_content(gland)) - e[view])
        h[view] += opening * (np.float32(0.05) - h[view])


def _rough(grid: Grid, gland: Gland, view: tuple[slice, slice], wavelength_um: float) -> Array:
    """Noise over the window of a gland, seeded by it."""
    rows, columns = view
    part = Grid(
        grid.column0 + columns.start,
        grid.row0 + rows.start,
        columns.stop - columns.start,
        rows.stop - rows.start,
        grid.spacing_um,
    )
    return noise(part, wavelength_um, gland.hash & 0xFFFF)


def _emptiness(gland: Gland) -> float:
    if gland.kind in VASCULAR:
        return 0.97
    filled = (gland.hash >> 7) % 100
    if gland.kind in MALIGNANT:
        return 0.35 if filled < 22 else 0.96
    return 0.72 if filled < 15 else 0.98


def _content(gland: Gland) -> float:
    return 0.46 if gland.kind in MALIGNANT else 0.30


def _membrane_line(
    gland: Gland, depth: Array, soft: np.float32, patchy: Array, e: Array, holes: Array
) -> None:
    """Basement membrane: a thin eosinophilic line, and a shrinkage cleft around some tumour nests."""
    line = np.clip(1 - np.abs(depth + np.float32(0.8)) / (soft + np.float32(0.4)), 0, 1)
    e += line * np.float32(0.10)
    retracted = gland.kind in MALIGNANT and (gland.hash >> 9) % 100 < 30
    if retracted:
        width = np.float32(1.6 + 2.4 * ((gland.hash >> 13) % 53) / 53)
        cleft = np.clip(1 - np.abs(depth + width) / width, 0, 1) * np.float32(0.9) * patchy
        np.maximum(holes, np.minimum(cleft * np.float32(1.5), np.float32(0.92)), out=holes)


def _window(gland: Gland, grid: Grid) -> tuple[slice, slice] | None:
    s, r = grid.spacing_um, gland.reach_um + 8
    c0 = max(0, int(np.floor((gland.x_um - r) / s)) - grid.column0)
    c1 = min(grid.width, int(np.ceil((gland.x_um + r) / s)) - grid.column0)
    r0 = max(0, int(np.floor((gland.y_um - r) / s)) - grid.row0)
    r1 = min(grid.height, int(np.ceil((gland.y_um + r) / s)) - grid.row0)
    if c1 <= c0 or r1 <= r0:
        return None
    return slice(r0, r1), slice(c0, c1)
