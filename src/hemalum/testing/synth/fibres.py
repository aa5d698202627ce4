"""Which way fibres run, and the texture of what lies between cells."""

import math

import numpy as np

from hemalum.testing.synth.noise import Array, Grid, Points, Where, mix, noise, sample_texture, smoothstep
from hemalum.testing.synth.tissue import Piece


def fibre_frame(piece: Piece, where: Where) -> tuple[Array, Array]:
    """Coordinates along and across the fibres, um: lines of equal `across` are fibres."""
    u, v = piece.local(where)
    across: Array = v + noise(where, 620, piece.seed + 51) * np.float32(150)
    across = across + noise(where, 170, piece.seed + 52) * np.float32(38)
    along = u + noise(where, 400, piece.seed + 53) * np.float32(60)
    return along, across


def crimp(piece: Piece, where: Where) -> Array:
    """How far the fine waves of collagen push a fibre sideways, um."""
    aside: Array = noise(where, 46, piece.seed + 54) * np.float32(7.5) + noise(
        where, 19, piece.seed + 55
    ) * np.float32(2.6)
    return aside


def fibre_direction(piece: Piece, points: Points) -> Array:
    """The direction of the fibres at each point, radians from x towards y."""
    step = 2.0
    here = fibre_frame(piece, points)[1] + crimp(piece, points)
    right_at, below_at = Points(points.x + step, points.y), Points(points.x, points.y + step)
    right = fibre_frame(piece, right_at)[1] + crimp(piece, right_at)
    below = fibre_frame(piece, below_at)[1] + crimp(piece, below_at)
    return np.asarray(np.arctan2(below - here, right - here) + math.pi / 2)


def fibres(along: Array, across: Array, thickness_um: float, length_um: float, shift: int) -> Array:
    """Fibre texture, about zero mean and unit deviation; thickness and length are those of one texel."""
    return sample_texture(
        "fibre", across * np.float32(1 / thickness_um) + shift, along * np.float32(1 / length_um)
    )


def fat_membrane(where: Where, seed: int) -> Array:
    """1 on the membranes between fat cells, 0 within them; (h, w) or (n,).

    A Worley cell pattern (S. Worley, A cellular texture basis function, SIGGRAPH 1996) on a jittered lattice.
    """
    pitch = 58.0
    if isinstance(where, Grid):
        x = np.broadcast_to(where.x, (where.height, where.width))
        y = np.broadcast_to(where.y, (where.height, where.width))
    else:
        x, y = where.x, where.y
    warp = np.float32(7.0)
    px = ((x + noise(where, 60, seed + 61) * warp) / pitch).astype(np.float32)
    py = ((y + noise(where, 60, seed + 62) * warp) / pitch).astype(np.float32)
    ci, cj = np.floor(px), np.floor(py)
    first = np.full(px.shape, 9.0, np.float32)
    second = np.full(px.shape, 9.0, np.float32)
    i0, j0 = int(ci.min()) - 1, int(cj.min()) - 1
    ni, nj = int(ci.max()) - i0 + 2, int(cj.max()) - j0 + 2
    gi, gj = np.meshgrid(np.arange(i0, i0 + ni), np.arange(j0, j0 + nj))
    fx = (gi + 0.5 + 0.7 * (mix(gi, gj, seed + 63) / 4294967296.0 - 0.5)).astype(np.float32).ravel()
    fy = (gj + 0.5 + 0.7 * (mix(gi, gj, seed + 64) / 4294967296.0 - 0.5)).astype(np.float32).ravel()
    base = (cj.astype(np.int32) - j0) * ni + (ci.astype(np.int32) - i0)
    for dj in (-1, 0, 1):
        for di in (-1, 0, 1):
            k = base + (dj * ni + di)
            distance = np.hypot(px - fx.take(k), py - fy.take(k))
            second = np.minimum(second, np.maximum(first, distance))
            first = np.minimum(first, distance)
    gap_um = (second - first) * np.float32(pitch * 0.5)
    return smoothstep(1.9, 0.7, gap_um)
