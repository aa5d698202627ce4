"""Cells that lie free between the glands: fibroblasts, muscle, lymphocytes, plasma cells, debris."""

import math

import numpy as np

from hemalum.testing.synth.cells import CELL, CellKind, hash_uniform, make_cells
from hemalum.testing.synth.fibres import fat_membrane, fibre_direction
from hemalum.testing.synth.glands import Gland
from hemalum.testing.synth.noise import Array, Points, mix
from hemalum.testing.synth.tissue import Piece, Zone, Zones, zones_of

PITCH_UM = 6.7

_K = CellKind
_SHARES: dict[Zone, dict[CellKind, float]] = {
    Zone.STROMA: {_K.FIBROBLAST: 0.085, _K.LYMPHOCYTE: 0.008, _K.PLASMA: 0.006},
    Zone.LOOSE: {_K.FIBROBLAST: 0.05, _K.LYMPHOCYTE: 0.012, _K.MACROPHAGE: 0.006},
    Zone.MUSCLE: {_K.MUSCLE: 0.075, _K.FIBROBLAST: 0.008},
    Zone.MUCOSA: {_K.LYMPHOCYTE: 0.24, _K.PLASMA: 0.20, _K.FIBROBLAST: 0.10, _K.MACROPHAGE: 0.04},
    Zone.PARENCHYMA: {_K.FIBROBLAST: 0.10, _K.LYMPHOCYTE: 0.03, _K.PLASMA: 0.01},
    Zone.LYMPHOID: {_K.LYMPHOCYTE: 0.94, _K.MACROPHAGE: 0.02},
    Zone.GERMINAL: {_K.CENTROBLAST: 0.62, _K.LYMPHOCYTE: 0.06, _K.MACROPHAGE: 0.035, _K.MITOSIS: 0.01},
    Zone.SINUS: {_K.LYMPHOCYTE: 0.26, _K.MACROPHAGE: 0.12, _K.FIBROBLAST: 0.03},
    Zone.TUMOUR: {_K.FIBROBLAST: 0.14, _K.LYMPHOCYTE: 0.07, _K.PLASMA: 0.02},
    Zone.NECROSIS: {_K.NECROTIC: 0.30, _K.DEBRIS: 0.38},
}
_INFLAMED = frozenset({Zone.STROMA, Zone.LOOSE, Zone.TUMOUR, Zone.PARENCHYMA})


def scattered_cells(
    piece: Piece, bounds_um: tuple[float, float, float, float], glands: tuple[Gland, ...], cell_seed: int
) -> Array:
    """Rows of `CELL` whose lattice place lies in a rectangle (left, top, right, bottom) and in no gland."""
    points, hashes = _places(bounds_um, piece.seed + cell_seed)
    zones = zones_of(piece, points)
    keep = (zones.depth > 3) & ~_in_gland(points, glands)
    if not keep.any():
        return np.empty(0, CELL)
    kinds = _kinds(zones, hashes)
    fat = zones.of(Zone.FAT)
    if not isinstance(fat, float) and (fat > 0.3).any():
        on_membrane = (
            (fat > 0.5) & (fat_membrane(points, piece.seed) > 0.6) & (hash_uniform(hashes, 9) < 0.10)
        )
        kinds = np.where(on_membrane, int(_K.FIBROBLAST), kinds)
    keep &= kinds > 0
    if not keep.any():
        return np.empty(0, CELL)
    chosen = Points(points.x[keep], points.y[keep])
    return _draw(piece, chosen, kinds[keep], hashes[keep])


def _places(bounds_um: tuple[float, float, float, float], seed: int) -> tuple[Points, Array]:
    left, top, right, bottom = bounds_um
    i = np.arange(math.floor(left / PITCH_UM) - 1, math.ceil(right / PITCH_UM) + 1)
    j = np.arange(math.floor(top / PITCH_UM) - 1, math.ceil(bottom / PITCH_UM) + 1)
    ii, jj = (k.ravel() for k in np.meshgrid(i, j))
    hashes = mix(ii, jj, seed + 77)
    x = (ii + 0.5 + 0.5 * (jj % 2) + 0.72 * (hash_uniform(hashes, 1) - 0.5)) * PITCH_UM
    y = (jj + 0.5 + 0.72 * (hash_uniform(hashes, 2) - 0.5)) * PITCH_UM
    return Points(x, y), hashes


def _in_gland(points: Points, glands: tuple[Gland, ...]) -> Array:
    taken = np.zeros(points.x.shape, bool)
    for gland in glands:
        r = gland.reach_um + 2
        close = np.flatnonzero((np.abs(points.x - gland.x_um) < r) & (np.abs(points.y - gland.y_um) < r))
        if len(close):
            depth, _ = gland.depth(points.x[close], points.y[close])
            taken[close] |= depth > -2.2
    return taken


def _kinds(zones: Zones, hashes: Array) -> Array:
    """One kind for each place, 0 for none, drawn from the shares of the zones it lies in."""
    shares: dict[CellKind, Array] = {}
    for zone, table in _SHARES.items():
        weight = zones.of(zone)
        if isinstance(weight, float):
            continue
        for kind, share in table.items():
            shares[kind] = shares.get(kind, np.float32(0)) + weight * np.float32(share)
        if zone in _INFLAMED:
            crowd = weight * zones.inflammation
            shares[_K.LYMPHOCYTE] = shares[_K.LYMPHOCYTE] + crowd * np.float32(0.62)
            shares[_K.PLASMA] = shares[_K.PLASMA] + crowd * np.float32(0.16)
    draw = hash_uniform(hashes, 3)
    kinds = np.zeros(draw.shape, np.uint8)
    reached: Array = np.zeros(draw.shape)
    for kind, expected in shares.items():
        kinds[(kinds == 0) & (draw < reached + expected)] = int(kind)
        reached = reached + expected
    return kinds


def _draw(piece: Piece, points: Points, kinds: Array, h: Array) -> Array:
    direction = fibre_direction(piece, points) + 0.35 * (hash_uniform(h, 4) - 0.5)
    turn = hash_uniform(h, 5) * math.pi
    vary = 0.78 + 0.44 * hash_uniform(h, 6) ** 1.3
    tone = hash_uniform(h, 7)
    parts = []
    for kind, a, b, along, dark in (
        (_K.CLEAR, 6.2, 5.4, False, 0.0),
        (_K.FIBROBLAST, 6.2, 1.35, True, 0.10),
        (_K.MUSCLE, 7.2, 1.55, True, 0.15),
        (_K.MACROPHAGE, 3.6, 2.5, False, 0.05),
        (_K.PLASMA, 2.75, 2.5, False, 0.55),
        (_K.NECROTIC, 3.4, 2.6, False, 0.0),
        (_K.DEBRIS, 1.1, 0.8, False, 0.5),
        (_K.CENTROBLAST, 4.1, 3.6, False, 0.2),
        (_K.MITOSIS, 4.3, 1.9, False, 0.6),
        (_K.LYMPHOCYTE, 2.95, 2.75, False, 0.55),
    ):
        chosen = kinds == int(_K.MACROPHAGE if kind is _K.CLEAR else kind)
        if not chosen.any():
            continue
        size = vary[chosen]
        stretch = 1 + (hash_uniform(h[chosen], 8) - 0.5) * (0.7 if along else 0.2)
        x, y = points.x[chosen], points.y[chosen]
        angle = direction[chosen] if along else turn[chosen]
        if kind is _K.PLASMA:
            parts.append(
                make_cells(
                    x + 1.9 * np.cos(angle),
                    y + 1.9 * np.sin(angle),
                    4.6 * size,
                    3.5 * size,
                    angle,
                    int(_K.PLASMA_BODY),
                    h[chosen],
                    0.5 * tone[chosen] + 0.25,
                )
            )
        parts.append(
            make_cells(
                x,
                y,
                a * size * stretch,
                b * size,
                angle,
                int(kind),
                h[chosen],
                dark + (1 - dark) * 0.7 * tone[chosen],
            )
        )
    return np.concatenate(parts)
