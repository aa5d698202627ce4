"""Things with an outline of their own: crypts, ducts, tumour glands and nests, vessels."""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

import numpy as np

from hemalum.testing.synth.cells import CELL, CellKind, hash_uniform, make_cells
from hemalum.testing.synth.noise import Array, Points, mix, uniforms
from hemalum.testing.synth.tissue import Piece, TissueKind, Zone, zones_of

_TABLE = 256


class GlandKind(StrEnum):
    """What an outline encloses."""

    CRYPT = "crypt"
    DUCT = "duct"
    TUMOUR_GLAND = "tumour gland"
    NEST = "tumour nest"
    VESSEL = "vessel"
    CAPILLARY = "capillary"


VASCULAR = frozenset({GlandKind.VESSEL, GlandKind.CAPILLARY})
MALIGNANT = frozenset({GlandKind.TUMOUR_GLAND, GlandKind.NEST})


@dataclass(frozen=True, eq=False)
class Gland:
    """A star-shaped outline with a wall (epithelium or vessel wall) and one or more lumina."""

    kind: GlandKind
    x_um: float
    y_um: float
    half_u_um: float
    half_v_um: float
    angle: float
    radius: Array
    """Outline in units of the ellipse for 256 directions of the gland's frame."""
    wall_um: float
    holes: Array
    """Extra lumina (n, 3): u, v, radius in um. When there are some, they replace the central lumen."""
    hash: int

    @cached_property
    def reach_um(self) -> float:
        """No part lies farther from the centre."""
        return float(self.radius.max()) * max(self.half_u_um, self.half_v_um) + 1.0

    def depth(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Depth below the outline and depth inside a lumen, um, both positive inside; x, y broadcast."""
        c, s = np.float32(math.cos(self.angle)), np.float32(math.sin(self.angle))
        dx, dy = (x - self.x_um).astype(np.float32), (y - self.y_um).astype(np.float32)
        u, v = dx * c + dy * s, dy * c - dx * s
        pu, pv = u * np.float32(1 / self.half_u_um), v * np.float32(1 / self.half_v_um)
        rho = np.sqrt(pu * pu + pv * pv) + np.float32(1e-6)
        turn = np.arctan2(pv, pu) * np.float32(_TABLE / (2 * math.pi))
        base = np.floor(turn)
        index = base.astype(np.int32) & (_TABLE - 1)
        r0 = self.radius.take(index)
        outline = r0 + (self.radius.take((index + 1) & (_TABLE - 1)) - r0) * (turn - base)
        slope = np.hypot(pu * np.float32(1 / self.half_u_um), pv * np.float32(1 / self.half_v_um))
        scale = np.minimum(rho / (slope + np.float32(1e-6)), np.float32(max(self.half_u_um, self.half_v_um)))
        depth = (outline - rho) * scale
        if not len(self.holes):
            return depth, depth - np.float32(self.wall_um)
        lumen = np.full(depth.shape, -1e3, np.float32)
        for hu, hv, hr in self.holes:
            lumen = np.maximum(lumen, np.float32(hr) - np.hypot(u - np.float32(hu), v - np.float32(hv)))
        return depth, np.minimum(lumen, depth - np.float32(7))

    def contour(self, depth_um: float) -> tuple[Array, Array, Array]:
        """Places x, y on the line `depth_um` below the outline, and the inward direction there (radians)."""
        t = np.arange(_TABLE) * (2 * math.pi / _TABLE)
        pu, pv = np.cos(t), np.sin(t)
        scale = 1.0 / np.hypot(pu / self.half_u_um, pv / self.half_v_um)
        rho = np.maximum(self.radius - depth_um / scale, 0.02)
        c, s = math.cos(self.angle), math.sin(self.angle)
        u, v = rho * pu * self.half_u_um, rho * pv * self.half_v_um
        x, y = self.x_um + u * c - v * s, self.y_um + u * s + v * c
        tangent_x, tangent_y = np.roll(x, -2) - np.roll(x, 2), np.roll(y, -2) - np.roll(y, 2)
        return x, y, np.arctan2(tangent_x, -tangent_y)


@dataclass(frozen=True, slots=True)
class _Lattice:
    """One population of glands: where they may lie and how far apart."""

    kind: GlandKind
    zone: Zone
    pitch_u_um: float
    pitch_v_um: float
    share: float
    code: int


_TUMOUR_LATTICES = (
    _Lattice(GlandKind.TUMOUR_GLAND, Zone.TUMOUR, 118, 104, 1.0, 1),
    _Lattice(GlandKind.CAPILLARY, Zone.TUMOUR, 90, 90, 0.5, 9),
)
_VESSELS = (
    _Lattice(GlandKind.VESSEL, Zone.LOOSE, 340, 260, 0.65, 5),
    _Lattice(GlandKind.VESSEL, Zone.STROMA, 420, 360, 0.55, 6),
    _Lattice(GlandKind.CAPILLARY, Zone.STROMA, 75, 75, 0.45, 7),
    _Lattice(GlandKind.CAPILLARY, Zone.LOOSE, 80, 80, 0.45, 8),
)
_LATTICES: dict[TissueKind, tuple[_Lattice, ...]] = {
    TissueKind.COLON: (
        _Lattice(GlandKind.CRYPT, Zone.MUCOSA, 82, 128, 0.97, 2),
        *_TUMOUR_LATTICES,
        *_VESSELS,
        _Lattice(GlandKind.CAPILLARY, Zone.MUSCLE, 90, 90, 0.4, 10),
    ),
    TissueKind.BREAST: (
        _Lattice(GlandKind.DUCT, Zone.PARENCHYMA, 150, 140, 0.85, 3),
        *_TUMOUR_LATTICES,
        *_VESSELS,
    ),
    TissueKind.PROSTATE: (
        _Lattice(GlandKind.DUCT, Zone.PARENCHYMA, 330, 300, 0.92, 4),
        *_TUMOUR_LATTICES,
        *_VESSELS,
        _Lattice(GlandKind.CAPILLARY, Zone.MUSCLE, 90, 90, 0.4, 10),
    ),
    TissueKind.LYMPH_NODE: (
        *_TUMOUR_LATTICES,
        _Lattice(GlandKind.VESSEL, Zone.STROMA, 320, 320, 0.5, 6),
        _Lattice(GlandKind.CAPILLARY, Zone.LYMPHOID, 95, 95, 0.45, 11),
    ),
}
_LARGEST_REACH = 330.0
_RUN = 6
"""Lattice places across and down that are worked out together."""


def glands_near(piece: Piece, bounds_um: tuple[float, float, float, float]) -> tuple[Gland, ...]:
    """Every gland of the piece that may touch a rectangle (left, top, right, bottom), in a fixed order."""
    left, top, right, bottom = bounds_um
    xs, ys = np.meshgrid(np.linspace(left, right, 5), np.linspace(top, bottom, 5))
    u, v = piece.local(Points(xs.ravel(), ys.ravel()))
    box = (float(u.min()), float(v.min()), float(u.max()), float(v.max()))
    found: list[Gland] = []
    for lattice in _LATTICES[piece.kind]:
        margin = min(_LARGEST_REACH, 1.1 * max(lattice.pitch_u_um, lattice.pitch_v_um))
        columns = range(
            math.floor((box[0] - margin) / lattice.pitch_u_um),
            math.floor((box[2] + margin) / lattice.pitch_u_um) + 1,
        )
        rows = range(
            math.floor((box[1] - margin) / lattice.pitch_v_um),
            math.floor((box[3] + margin) / lattice.pitch_v_um) + 1,
        )
        for row in range(rows.start // _RUN, (rows.stop - 1) // _RUN + 1):
            for column in range(columns.start // _RUN, (columns.stop - 1) // _RUN + 1):
                for gland in _gland_batch(piece, lattice, row, column):
                    r = gland.reach_um
                    if left - r < gland.x_um < right + r and top - r < gland.y_um < bottom + r:
                        found.append(gland)
    return tuple(found)


@lru_cache(maxsize=1024)
def _gland_batch(piece: Piece, lattice: _Lattice, row: int, column: int) -> tuple[Gland, ...]:
    """The glands of a square of neighbouring lattice places."""
    i, j = (k.ravel() for k in np.meshgrid(np.arange(_RUN) + column * _RUN, np.arange(_RUN) + row * _RUN))
    seed = piece.seed + 40_009 * lattice.code
    r = uniforms(i, j, seed, 4)
    spread = 0.42 if lattice.kind in VASCULAR else 0.24
    u = (i + 0.5 * (j % 2) + 0.5 + spread * (r[0] - 0.5) * 2) * lattice.pitch_u_um
    v = (j + 0.5 + spread * (r[1] - 0.5) * 2) * lattice.pitch_v_um
    x, y = piece.to_glass(u, v)
    zones = zones_of(piece, Points(x, y))
    weight = zones.of(lattice.zone)
    if isinstance(weight, float):
        return ()
    inside = (weight > 0.55) & (zones.depth > 12) & (r[2] < lattice.share)
    if lattice.kind is not GlandKind.CAPILLARY and lattice.kind not in MALIGNANT:
        inside &= zones.tumour_depth < -40
    hashes = mix(i, j, seed + 1)
    return tuple(
        _build(piece, lattice, float(x[k]), float(y[k]), int(hashes[k])) for k in np.flatnonzero(inside)
    )


def _build(piece: Piece, lattice: _Lattice, x: float, y: float, key: int) -> Gland:
    rng = np.random.default_rng(key)
    kind = lattice.kind
    if kind is GlandKind.TUMOUR_GLAND and rng.random() < (
        0.75 if piece.kind is TissueKind.LYMPH_NODE else 0.4
    ):
        kind = GlandKind.NEST
    angle = rng.uniform(0, 2 * math.pi)
    harmonics: tuple[float, ...] = (0.06, 0.03, 0.02)
    holes = np.empty((0, 3))
    if kind is GlandKind.CRYPT:
        half_v = rng.uniform(36, 39) if rng.random() < 0.5 else rng.uniform(44, 66)
        half_u, wall, angle = rng.uniform(31, 37), 21.0, piece.angle + rng.normal(0, 0.12)
        harmonics = (0.03, 0.02, 0.01)
    elif kind is GlandKind.DUCT and lattice.pitch_u_um < 200:
        half_u, half_v, wall = rng.uniform(24, 55), rng.uniform(24, 48), 14.0
    elif kind is GlandKind.DUCT:
        half_u, half_v, wall = rng.uniform(80, 165), rng.uniform(70, 135), 17.0
        harmonics = (0.10, 0.07, 0.055, 0.05, 0.04, 0.03, 0.025)
    elif kind is GlandKind.NEST:
        half_u, half_v, wall = rng.uniform(42, 78), rng.uniform(34, 56), 500.0
        harmonics = (0.12, 0.09, 0.06, 0.04)
    elif kind is GlandKind.TUMOUR_GLAND:
        half_u, half_v, wall = rng.uniform(44, 86), rng.uniform(36, 60), rng.uniform(19, 25)
        harmonics = (0.12, 0.09, 0.07, 0.05, 0.04)
        if rng.random() < 0.45:
            holes = _cribriform(rng, half_u, half_v)
    elif kind is GlandKind.VESSEL:
        half_u = rng.uniform(18, 62)
        half_v, wall = half_u * rng.uniform(0.45, 0.95), rng.uniform(3.5, 13)
        wall = min(wall, 0.55 * half_v)
        harmonics = (0.10, 0.06, 0.03)
    else:
        half_u, half_v, wall = rng.uniform(6, 14), rng.uniform(4, 7), 1.8
    radius = np.ones(_TABLE)
    t = np.arange(_TABLE) * (2 * math.pi / _TABLE)
    for k, strength in enumerate(harmonics, start=2):
        radius += strength * rng.normal() * np.cos(k * t + rng.uniform(0, 2 * math.pi))
    radius = np.clip(radius, 0.45, 1.6).astype(np.float32)
    return Gland(kind, x, y, half_u, half_v, angle, radius, wall, holes, key)


def _cribriform(rng: np.random.Generator, half_u: float, half_v: float) -> Array:
    count = int(rng.integers(3, 8))
    t = rng.uniform(0, 2 * math.pi, count)
    rho = np.sqrt(rng.uniform(0.02, 0.5, count))
    return np.stack([rho * half_u * np.cos(t), rho * half_v * np.sin(t), rng.uniform(5, 12, count)], axis=1)


@lru_cache(maxsize=2048)
def gland_cells(gland: Gland) -> Array:
    """The cells (and vacuoles, red cells, ...) that belong to a gland, rows of `CELL`."""
    parts = {
        GlandKind.CRYPT: _crypt_cells,
        GlandKind.DUCT: _duct_cells,
        GlandKind.TUMOUR_GLAND: _tumour_gland_cells,
        GlandKind.NEST: _nest_cells,
        GlandKind.VESSEL: _vessel_cells,
        GlandKind.CAPILLARY: _vessel_cells,
    }[gland.kind](gland)
    rows = np.concatenate(parts) if parts else np.empty(0, CELL)
    rows.setflags(write=False)
    return rows


@dataclass(frozen=True)
class _Ring:
    """Evenly spaced places along a line below the outline."""

    x: Array
    y: Array
    inward: Array
    hashes: Array

    def moved(self, inward_um: Array | float) -> tuple[Array, Array]:
        return self.x + np.cos(self.inward) * inward_um, self.y + np.sin(self.inward) * inward_um


def _ring(gland: Gland, depth_um: float, pitch_um: float, code: int, jitter: float = 0.25) -> _Ring:
    x, y, inward = gland.contour(depth_um)
    step = np.hypot(np.diff(x, append=x[:1]), np.diff(y, append=y[:1]))
    along = np.concatenate([[0.0], np.cumsum(step)])
    count = max(3, round(along[-1] / pitch_um))
    ids = np.arange(count)
    hashes = mix(ids, np.full(count, code), gland.hash & 0x7FFFFFFF)
    at = ((ids + 0.5 + jitter * 2 * (hash_uniform(hashes, 50) - 0.5)) / count) * along[-1]
    k = np.clip(np.searchsorted(along, at) - 1, 0, _TABLE - 1)
    t = (at - along[k]) / np.maximum(step[k], 1e-9)
    nxt = (k + 1) % _TABLE
    return _Ring(x[k] + (x[nxt] - x[k]) * t, y[k] + (y[nxt] - y[k]) * t, inward[k], hashes)


def _crypt_cells(gland: Gland) -> list[Array]:
    ring = _ring(gland, 0.8, 5.6, 1)
    h = ring.hashes
    goblet = hash_uniform(h, 1) < 0.42
    base = 4.4 + 2.2 * hash_uniform(h, 2) - 1.2 * goblet
    nx, ny = ring.moved(base)
    length = np.where(goblet, 3.0, 4.5) + 0.9 * (hash_uniform(h, 3) - 0.5)
    width = np.where(goblet, 2.5, 2.3) + 0.5 * (hash_uniform(h, 4) - 0.5)
    tilt = ring.inward + 0.30 * (hash_uniform(h, 5) - 0.5)
    bx, by = ring.moved(10.2)
    bodies = make_cells(
        bx, by, 10.4, 3.1, ring.inward, int(CellKind.BODY), h, 0.42 + 0.2 * hash_uniform(h, 6)
    )
    gx, gy = ring.moved(13.6 + 1.5 * hash_uniform(h, 8))
    mucin = make_cells(
        gx,
        gy,
        5.4 + 1.6 * hash_uniform(h, 9),
        3.5 + 0.9 * hash_uniform(h, 10),
        ring.inward,
        int(CellKind.MUCIN),
        h,
        hash_uniform(h, 11),
    )
    nuclei = make_cells(
        nx, ny, length, width, tilt, int(CellKind.EPITHELIAL), h, 0.45 + 0.35 * hash_uniform(h, 12)
    )
    return [bodies[~goblet], mucin[goblet], nuclei]


def _duct_cells(gland: Gland) -> list[Array]:
    basal = _ring(gland, 1.5, 15.0, 2)
    hb = basal.hashes
    flat = make_cells(
        basal.x,
        basal.y,
        4.6 + hash_uniform(hb, 1),
        1.3,
        basal.inward + math.pi / 2,
        int(CellKind.EPITHELIAL),
        hb,
        0.75,
    )
    ring = _ring(gland, 5.5, 7.4, 3, 0.35)
    h = ring.hashes
    nx, ny = ring.moved(2.6 * (hash_uniform(h, 1) - 0.4) * 2)
    size = 3.4 + 0.8 * (hash_uniform(h, 2) - 0.5)
    bx, by = ring.moved(2.4 + 1.2 * hash_uniform(h, 7))
    bodies = make_cells(
        bx, by, 7.2, 4.2, ring.inward, int(CellKind.BODY), h, 0.30 + 0.25 * hash_uniform(h, 6)
    )
    nuclei = make_cells(
        nx,
        ny,
        size * 1.12,
        size * 0.92,
        ring.inward + 0.8 * (hash_uniform(h, 3) - 0.5),
        int(CellKind.EPITHELIAL),
        h,
        0.30 + 0.35 * hash_uniform(h, 4),
    )
    return [bodies, flat, nuclei]


def _tumour_gland_cells(gland: Gland) -> list[Array]:
    if len(gland.holes):
        return _nest_cells(gland)
    parts: list[Array] = []
    body_ring = _ring(gland, 1.0, 6.6, 4)
    h = body_ring.hashes
    bx, by = body_ring.moved(gland.wall_um * 0.5)
    parts.append(
        make_cells(
            bx,
            by,
            gland.wall_um * 0.50,
            3.9,
            body_ring.inward,
            int(CellKind.BODY),
            h,
            0.5 + 0.3 * hash_uniform(h, 6),
        )
    )
    for layer, depth in enumerate((5.0, 11.0)):
        ring = _ring(gland, depth, 7.0 if layer == 0 else 9.5, 5 + layer, 0.4)
        parts.append(
            _tumour_nuclei(
                ring.moved(4.5 * (hash_uniform(ring.hashes, 21) - 0.45)), ring.inward, ring.hashes, 1.35
            )
        )
    return parts


def _tumour_nuclei(place: tuple[Array, Array], angle: Array, h: Array, stretch: float) -> Array:
    size = 3.9 * np.exp(0.17 * _normal(h, 22))
    ratio = stretch * (0.9 + 0.35 * hash_uniform(h, 24))
    mitosis = hash_uniform(h, 25) < 0.012
    a = np.where(mitosis, 4.4, size * np.sqrt(ratio))
    b = np.where(mitosis, 1.7 + hash_uniform(h, 23), size / np.sqrt(ratio))
    kind = np.where(mitosis, int(CellKind.MITOSIS), int(CellKind.TUMOUR))
    turn = angle + 0.5 * (hash_uniform(h, 26) - 0.5)
    return make_cells(*place, a, b, turn, kind, h, 0.2 + 0.7 * hash_uniform(h, 27))


def _normal(h: Array, stream: int) -> Array:
    return (hash_uniform(h, stream) + hash_uniform(h, stream + 40) + hash_uniform(h, stream + 80) - 1.5) * 2.0


def _nest_cells(gland: Gland) -> list[Array]:
    pitch = 10.2
    reach = gland.reach_um
    n = math.ceil(reach / pitch) + 1
    i, j = (k.ravel() for k in np.meshgrid(np.arange(-n, n + 1), np.arange(-n, n + 1)))
    h = mix(i, j, gland.hash & 0x7FFFFFFF)
    x = gland.x_um + (i + 0.5 * (j % 2) + 0.6 * (hash_uniform(h, 1) - 0.5)) * pitch
    y = gland.y_um + (j * 0.88 + 0.6 * (hash_uniform(h, 2) - 0.5)) * pitch
    depth, lumen = gland.depth(x, y)
    keep = (depth > 3.2) & (lumen < -4.0)
    x, y, h, depth = x[keep], y[keep], h[keep], depth[keep]
    angle = hash_uniform(h, 3) * math.pi
    bodies = make_cells(x, y, 7.0, 6.0, angle, int(CellKind.BODY), h, 0.15 + 0.75 * hash_uniform(h, 4))
    shift = 1.6
    place = (x + shift * (hash_uniform(h, 5) - 0.5), y + shift * (hash_uniform(h, 6) - 0.5))
    nuclei = _tumour_nuclei(place, angle, h, 1.15)
    dividing = nuclei["kind"] == int(CellKind.MITOSIS)
    halo = make_cells(nuclei["x"], nuclei["y"], 6.6, 5.8, angle, int(CellKind.CLEAR), h, 0.4)[dividing]
    return [bodies, halo, nuclei]


def _vessel_cells(gland: Gland) -> list[Array]:
    large = gland.kind is GlandKind.VESSEL
    ring = _ring(gland, gland.wall_um - 0.4, 19.0 if large else 11.0, 7, 0.4)
    h = ring.hashes
    lining = make_cells(
        ring.x,
        ring.y,
        4.4 + 1.5 * hash_uniform(h, 1),
        1.15 + 0.4 * hash_uniform(h, 2),
        ring.inward + math.pi / 2,
        int(CellKind.ENDOTHELIAL),
        h,
        0.75,
    )
    parts = [_red_cells(gland), lining]
    if gland.wall_um > 6:
        for layer in range(int(gland.wall_um // 4)):
            wall = _ring(gland, 1.5 + 4 * layer, 26.0, 11 + layer, 0.45)
            parts.append(
                make_cells(
                    wall.x,
                    wall.y,
                    5.2,
                    1.5,
                    wall.inward + math.pi / 2,
                    int(CellKind.MUSCLE),
                    wall.hashes,
                    0.5,
                )
            )
    return parts


def _red_cells(gland: Gland) -> Array:
    filling = (gland.hash % 997) / 997
    if filling < 0.35:
        return np.empty(0, CELL)
    pitch, reach = 6.0, gland.reach_um
    n = math.ceil(reach / pitch) + 1
    i, j = (k.ravel() for k in np.meshgrid(np.arange(-n, n + 1), np.arange(-n, n + 1)))
    h = mix(i, j, (gland.hash >> 1) & 0x3FFFFFFF)
    x = gland.x_um + (i + 0.9 * (hash_uniform(h, 1) - 0.5)) * pitch
    y = gland.y_um + (j + 0.9 * (hash_uniform(h, 2) - 0.5)) * pitch
    _, lumen = gland.depth(x, y)
    keep = (lumen > 1.8) & (hash_uniform(h, 3) < filling * 1.1)
    h = h[keep]
    size = 2.9 + 0.7 * (hash_uniform(h, 4) - 0.5)
    return make_cells(
        x[keep],
        y[keep],
        size,
        size * (0.7 + 0.3 * hash_uniform(h, 5)),
        hash_uniform(h, 6) * math.pi,
        int(CellKind.RED_CELL),
        h,
        0.5 + 0.5 * hash_uniform(h, 7),
    )
