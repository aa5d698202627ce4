"""Where tissue lies on the glass and which kind each place is: outlines, layers, tumour, necrosis."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from hemalum.testing.synth.noise import Array, Grid, Points, Where, enlarged, noise, smoothstep, uniform


class TissueKind(StrEnum):
    """What organ a slide imitates."""

    COLON = "colon"
    BREAST = "breast"
    PROSTATE = "prostate"
    LYMPH_NODE = "lymph-node"


class Zone(StrEnum):
    """What a place is made of."""

    STROMA = "stroma"
    LOOSE = "loose"
    MUSCLE = "muscle"
    FAT = "fat"
    MUCOSA = "mucosa"
    PARENCHYMA = "parenchyma"
    LYMPHOID = "lymphoid"
    GERMINAL = "germinal"
    SINUS = "sinus"
    TUMOUR = "tumour"
    NECROSIS = "necrosis"


@dataclass(frozen=True, slots=True)
class TumourSite:
    """The centre of a tumour in the frame of its piece, and its mean radius, um."""

    u_um: float
    v_um: float
    radius_um: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of tissue: a bent superellipse with a ragged edge.

    The frame of the piece (u along, v down) is turned by `angle` about its centre; the luminal surface of
    gut is at negative v.
    """

    number: int
    kind: TissueKind
    x_um: float
    y_um: float
    half_u_um: float
    half_v_um: float
    angle: float
    power: float
    bend_um: float
    seed: int
    tumours: tuple[TumourSite, ...] = ()

    def local(self, where: Where) -> tuple[Array, Array]:
        """Coordinates u, v in the frame of the piece, um, float32."""
        dx, dy = where.x - self.x_um, where.y - self.y_um
        c, s = math.cos(self.angle), math.sin(self.angle)
        u = (dx * c + dy * s).astype(np.float32)
        v: Array = (dy * c - dx * s).astype(np.float32)
        if self.bend_um:
            v = v - np.float32(self.bend_um) * np.sin(u * np.float32(2.2 / self.half_u_um))
        return u, v

    def to_glass(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Inverse of `local`."""
        v = v + self.bend_um * np.sin(u * (2.2 / self.half_u_um))
        c, s = math.cos(self.angle), math.sin(self.angle)
        return self.x_um + u * c - v * s, self.y_um + u * s + v * c

    def depth(self, where: Where, local: tuple[Array, Array] | None = None) -> Array:
        """About the distance to the edge of the tissue, um: positive inside, negative on bare glass."""
        u, v = local or self.local(where)
        p = np.float32(self.power)
        small = min(self.half_u_um, self.half_v_um)
        radius = (np.abs(u / self.half_u_um) ** p + np.abs(v / self.half_v_um) ** p) ** np.float32(1 / p)
        edge = (1 - radius) * np.float32(small)
        edge = edge + noise(where, max(small * 0.9, 600), self.seed + 1) * np.float32(min(0.13 * small, 320))
        edge = edge + noise(where, max(small * 0.32, 260), self.seed + 5) * np.float32(min(0.045 * small, 90))
        edge = edge + noise(where, 260, self.seed + 2) * np.float32(min(24, 0.05 * small))
        edge = edge + noise(where, 70, self.seed + 3) * np.float32(8.0)
        return edge + noise(where, 17, self.seed + 4) * np.float32(2.4)

    def bounds_um(self) -> tuple[float, float, float, float]:
        """A box that surely holds the piece: left, top, right, bottom."""
        small = min(self.half_u_um, self.half_v_um)
        reach = 1.0 + (4 * min(0.13 * small, 320) + 4 * min(0.045 * small, 90) + 150) / small
        c, s = abs(math.cos(self.angle)), abs(math.sin(self.angle))
        hu, hv = self.half_u_um * reach, self.half_v_um * reach + abs(self.bend_um)
        dx, dy = hu * c + hv * s, hu * s + hv * c
        return self.x_um - dx, self.y_um - dy, self.x_um + dx, self.y_um + dy

    def tumour_depth(self, where: Where, local: tuple[Array, Array] | None = None) -> Array:
        """About the distance to the border of the tumour, um: positive inside; very negative without one."""
        u, v = local or self.local(where)
        best: Array = np.full(np.broadcast_shapes(u.shape, v.shape), -1e6, np.float32)
        for site in self.tumours:
            distance = np.hypot(u - np.float32(site.u_um), v - np.float32(site.v_um))
            best = np.maximum(best, np.float32(site.radius_um) - distance)
        if not self.tumours:
            return best
        largest = max(site.radius_um for site in self.tumours)
        best = best + noise(where, max(500, largest * 0.6), self.seed + 11) * np.float32(0.16 * largest)
        best = best + noise(where, 260, self.seed + 12) * np.float32(min(62, 0.07 * largest))
        best += noise(where, 85, self.seed + 15) * np.float32(20)
        return best

    def necrosis_depth(self, where: Where, tumour_depth: Array) -> Array:
        """About the distance to the border of necrosis, um: positive inside; only deep within tumour."""
        if not self.tumours:
            return tumour_depth
        largest = max(site.radius_um for site in self.tumours)
        field: Array = (noise(where, 650, self.seed + 13) - np.float32(0.85)) * np.float32(140)
        field = np.minimum(field, tumour_depth - np.float32(0.30 * largest))
        field += noise(where, 90, self.seed + 14) * np.float32(14)
        return field


@dataclass(frozen=True)
class Zones:
    """What the places of one grid or point set are: weights 0..1 that sum to 1, and signed depths in um."""

    weight: dict[Zone, Array]
    depth: Array
    tumour_depth: Array
    necrosis_depth: Array
    inflammation: Array
    """Expected share of cell places taken by lymphocytes in stroma, 0..1."""

    def of(self, zone: Zone) -> Array | float:
        return self.weight.get(zone, 0.0)

    def enlarged(self, source: Grid, target: Grid) -> "Zones":
        """The same on a finer grid; zones that are nowhere are left out."""
        return Zones(
            {zone: enlarged(w, source, target) for zone, w in self.weight.items() if w.any()},
            enlarged(self.depth, source, target),
            enlarged(self.tumour_depth, source, target),
            enlarged(self.necrosis_depth, source, target),
            enlarged(self.inflammation, source, target),
        )


def zones_of(piece: Piece, where: Where) -> Zones:
    """Classify places of one piece; the depth says which of them lie on tissue at all."""
    local = piece.local(where)
    depth = piece.depth(where, local)
    tumour = piece.tumour_depth(where, local)
    necrosis = piece.necrosis_depth(where, tumour)
    over: list[tuple[Zone, Array]] = []
    if piece.tumours:
        over.append((Zone.NECROSIS, smoothstep(-6, 10, necrosis)))
        over.append((Zone.TUMOUR, smoothstep(-12, 12, tumour)))
    over.extend(_LAYERS[piece.kind](_Place(piece, where, local[1], depth)))
    weight: dict[Zone, Array] = {}
    remaining = np.ones_like(depth)
    for zone, alpha in over:
        share = remaining * alpha
        weight[zone] = weight[zone] + share if zone in weight else share
        remaining = remaining - share
    weight[Zone.STROMA] = weight.get(Zone.STROMA, np.float32(0)) + remaining
    return Zones(weight, depth, tumour, necrosis, _inflammation(piece, where, tumour))


def _inflammation(piece: Piece, where: Where, tumour: Array) -> Array:
    field = noise(where, 300, piece.seed + 21) + np.float32(0.6) * noise(where, 90, piece.seed + 22)
    margin = np.exp(-np.square(tumour / np.float32(220))) if piece.tumours else np.float32(0)
    return smoothstep(0.9, 2.6, field + np.float32(1.1) * margin)


@dataclass(frozen=True)
class _Place:
    """What the layers of an organ are decided by."""

    piece: Piece
    where: Where
    v: Array
    depth: Array


def _colon(at: _Place) -> list[tuple[Zone, Array]]:
    piece, where, depth = at.piece, at.where, at.depth
    wave = noise(where, 900, piece.seed + 31) * np.float32(min(95, 0.05 * piece.half_v_um))
    rank = (at.v + piece.half_v_um) / np.float32(2 * piece.half_v_um) + wave / np.float32(2 * piece.half_v_um)
    thickness = min(420.0, piece.half_v_um * 0.45)
    upper = smoothstep(0.30, 0.18, rank)
    into = depth + wave * np.float32(0.5)
    follicle = _spots(piece, where, 900, 170, piece.seed + 33, 0.35)
    deep_enough = smoothstep(thickness - 60, thickness + 60, into) * smoothstep(0.5, 0.36, rank)
    return [
        (Zone.MUCOSA, smoothstep(thickness + 8, thickness - 8, into) * upper),
        (Zone.MUSCLE, smoothstep(thickness + 62, thickness + 52, into) * upper),
        (Zone.LYMPHOID, smoothstep(0, 35, follicle) * deep_enough),
        (Zone.FAT, smoothstep(0.25, 0.5, noise(where, 420, piece.seed + 32)) * smoothstep(0.80, 0.88, rank)),
        (Zone.LOOSE, smoothstep(0.46, 0.44, rank)),
        (Zone.MUSCLE, smoothstep(0.80, 0.78, rank)),
    ]


def _breast(at: _Place) -> list[tuple[Zone, Array]]:
    piece, where, depth = at.piece, at.where, at.depth
    fat = noise(where, 560, piece.seed + 31) + np.float32(0.45) * noise(where, 210, piece.seed + 32)
    lobule = noise(where, 430, piece.seed + 34)
    return [
        (Zone.FAT, smoothstep(0.72, 0.84, fat) * smoothstep(4, 26, depth)),
        (Zone.PARENCHYMA, smoothstep(0.15, 0.35, lobule)),
        (Zone.LOOSE, smoothstep(0.7, 1.2, noise(where, 240, piece.seed + 35))),
    ]


def _prostate(at: _Place) -> list[tuple[Zone, Array]]:
    piece, where, depth = at.piece, at.where, at.depth
    field = noise(where, 1100, piece.seed + 31)
    return [
        (Zone.PARENCHYMA, smoothstep(-0.75, -0.5, field) * smoothstep(60, 140, depth)),
        (Zone.MUSCLE, smoothstep(0.2, 0.9, noise(where, 300, piece.seed + 32))),
    ]


def _lymph_node(at: _Place) -> list[tuple[Zone, Array]]:
    piece, where, depth = at.piece, at.where, at.depth
    follicle = _spots(piece, where, 560, 190, piece.seed + 33, 0.72)
    cortex = smoothstep(1100, 900, depth)
    ridge = np.abs(noise(where, 210, piece.seed + 34) + np.float32(0.4) * noise(where, 80, piece.seed + 35))
    sinus = smoothstep(0.24, 0.14, ridge) * smoothstep(700, 900, depth)
    capsule = smoothstep(46, 40, depth + noise(where, 110, piece.seed + 36) * np.float32(8))
    subcapsular = smoothstep(78, 68, depth + noise(where, 60, piece.seed + 37) * np.float32(9))
    centre = follicle - np.float32(62) + noise(where, 60, piece.seed + 38) * np.float32(6)
    outside = smoothstep(-40, -10, depth) * smoothstep(26, 14, depth)
    return [
        (Zone.FAT, outside * smoothstep(-0.4, 0.0, noise(where, 700, piece.seed + 39))),
        (Zone.STROMA, capsule),
        (Zone.SINUS, subcapsular),
        (Zone.GERMINAL, smoothstep(-5, 5, centre) * cortex),
        (Zone.SINUS, sinus),
        (Zone.LYMPHOID, np.ones_like(depth)),
    ]


_LAYERS = {
    TissueKind.COLON: _colon,
    TissueKind.BREAST: _breast,
    TissueKind.PROSTATE: _prostate,
    TissueKind.LYMPH_NODE: _lymph_node,
}


def _spots(piece: Piece, where: Where, pitch: float, radius: float, seed: int, share: float) -> Array:
    """Signed depth (um) inside round spots on a jittered lattice of the piece's frame, ragged by noise."""
    u, v = piece.local(where)
    best = np.full(np.broadcast_shapes(u.shape, v.shape), -1e3, np.float32)
    ci, cj = np.floor(u / pitch).astype(int), np.floor(v / pitch).astype(int)
    for i in range(int(ci.min()) - 1, int(ci.max()) + 2):
        for j in range(int(cj.min()) - 1, int(cj.max()) + 2):
            if uniform(seed, i, j) > share:
                continue
            su = (i + 0.25 + 0.5 * uniform(seed + 1, i, j)) * pitch
            sv = (j + 0.25 + 0.5 * uniform(seed + 2, i, j)) * pitch
            r = radius * (0.7 + 0.5 * uniform(seed + 3, i, j))
            best = np.maximum(best, np.float32(r) - np.hypot(u - np.float32(su), v - np.float32(sv)))
    return best + noise(where, 150, seed + 4) * np.float32(14)


def lay_out(
    kind: TissueKind, width_um: float, height_um: float, seed: int, *, tumour: bool
) -> tuple[Piece, ...]:
    """Pieces of tissue that fill a glass area with realistic margins."""
    if kind is TissueKind.COLON:
        return _strips(kind, width_um, height_um, seed, tumour)
    return _blobs(kind, width_um, height_um, seed, tumour)


def _strips(
    kind: TissueKind, width_um: float, height_um: float, seed: int, tumour: bool
) -> tuple[Piece, ...]:
    count = max(1, min(3, round(height_um / max(4500.0, width_um * 0.42))))
    band = height_um / count
    pieces = []
    for k in range(count):
        half_u, half_v = width_um * (0.40 + 0.02 * uniform(seed, k, 1)), band * 0.345
        site = TumourSite(
            (uniform(seed, k, 2) - 0.5) * half_u * 0.9,
            -half_v * 0.30,
            min(half_u, half_v) * (0.62 + 0.2 * uniform(seed, k, 3)),
        )
        pieces.append(
            Piece(
                number=k,
                kind=kind,
                x_um=width_um * (0.5 + 0.02 * (uniform(seed, k, 4) - 0.5)),
                y_um=band * (k + 0.5),
                half_u_um=half_u,
                half_v_um=half_v,
                angle=(uniform(seed, k, 5) - 0.5) * 0.16,
                power=3.2,
                bend_um=half_v * 0.16 * (uniform(seed, k, 6) - 0.5) * 2,
                seed=seed * 977 + 5003 * (k + 1),
                tumours=(site,) if tumour and k == 0 else (),
            )
        )
    return tuple(pieces)


def _blobs(kind: TissueKind, width_um: float, height_um: float, seed: int, tumour: bool) -> tuple[Piece, ...]:
    wide = width_um >= height_um * 1.6
    places = [(0.27, 0.5, 0.185, 0.33), (0.75, 0.5, 0.165, 0.29)] if wide else [(0.5, 0.5, 0.385, 0.375)]
    pieces = []
    for k, (fx, fy, fu, fv) in enumerate(places):
        half_u, half_v = width_um * fu, height_um * fv
        radius = min(half_u, half_v) * (0.42 + 0.12 * uniform(seed, k, 3))
        site = TumourSite(
            half_u * 0.5 * (uniform(seed, k, 1) - 0.5) * 1.6,
            half_v * 0.9 * (uniform(seed, k, 2) - 0.5),
            radius,
        )
        pieces.append(
            Piece(
                number=k,
                kind=kind,
                x_um=width_um * fx,
                y_um=height_um * fy,
                half_u_um=half_u,
                half_v_um=half_v,
                angle=(uniform(seed, k, 5) - 0.5) * 0.5,
                power=2.3 if kind is TissueKind.LYMPH_NODE else 2.8,
                bend_um=half_v * 0.10 * (uniform(seed, k, 6) - 0.5) * 2,
                seed=seed * 977 + 5003 * (k + 1),
                tumours=(site,) if tumour else (),
            )
        )
    return tuple(pieces)


def near(pieces: tuple[Piece, ...], bounds_um: tuple[float, float, float, float]) -> tuple[Piece, ...]:
    """The pieces with tissue in a rectangle (left, top, right, bottom), found by a coarse look."""
    left, top, right, bottom = bounds_um
    step = max((right - left), (bottom - top)) / 8
    xs, ys = np.meshgrid(np.linspace(left, right, 9), np.linspace(top, bottom, 9))
    found = []
    for piece in pieces:
        b = piece.bounds_um()
        if b[0] > right or b[2] < left or b[1] > bottom or b[3] < top:
            continue
        depth = piece.depth(Points(xs.ravel(), ys.ravel()))
        if depth.max() > -(step * 1.5 + 30):
            found.append(piece)
    return tuple(found)
