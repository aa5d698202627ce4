"""What goes wrong between the knife and the camera, each with the exact place it spoils."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from hemalum.testing.synth.noise import Array, Grid, Where, fractal, noise, smoothstep, uniform
from hemalum.testing.synth.tissue import Piece


class ArtefactKind(StrEnum):
    """Each can be asked for on its own."""

    FROZEN = "frozen"
    """Ice-crystal holes, smudged nuclei and chatter over the whole section."""
    CHATTER = "chatter"
    """Thick and thin bands across the cutting direction."""
    FOLD = "fold"
    TEAR = "tear"
    PEN = "pen"
    OUT_OF_FOCUS = "out-of-focus"
    BUBBLE = "bubble"
    DUST = "dust"
    COVERSLIP = "coverslip"


EVERYWHERE = frozenset({ArtefactKind.FROZEN, ArtefactKind.CHATTER})
INK: dict[str, tuple[float, float, float]] = {
    "blue": (0.95, 0.62, 0.10),
    "green": (0.85, 0.28, 0.75),
    "black": (0.90, 0.92, 0.95),
    "red": (0.08, 0.85, 0.72),
}
"""Optical density of marker ink in R, G, B at full strength."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One spoiled place. `depth_um` is positive where it lies."""

    kind: ArtefactKind
    number: int
    x_um: float
    y_um: float
    length_um: float
    width_um: float
    angle: float
    seed: int
    ink: str = "blue"

    def bounds_um(self) -> tuple[float, float, float, float]:
        """A box that surely holds it: left, top, right, bottom."""
        r = self.length_um * 1.5 + self.width_um * 2 + 60
        return self.x_um - r, self.y_um - r, self.x_um + r, self.y_um + r

    def touches(self, bounds_um: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = self.bounds_um()
        return left < bounds_um[2] and right > bounds_um[0] and top < bounds_um[3] and bottom > bounds_um[1]

    def depth_um(self, where: Where) -> Array:
        """About the distance to the border of the spoiled place, um, positive inside."""
        c, s = math.cos(self.angle), math.sin(self.angle)
        dx, dy = (where.x - self.x_um).astype(np.float32), (where.y - self.y_um).astype(np.float32)
        u, v = dx * np.float32(c) + dy * np.float32(s), dy * np.float32(c) - dx * np.float32(s)
        if self.kind is ArtefactKind.PEN:
            return self._ring(where, u, v)
        if self.kind in (ArtefactKind.FOLD, ArtefactKind.TEAR):
            return self._band(where, u, v)
        if self.kind is ArtefactKind.COVERSLIP:
            return np.float32(self.width_um) - np.abs(v + noise(where, 3000, self.seed) * np.float32(6))
        stretch = np.float32(self.length_um / self.width_um)
        rough = 0.16 if self.kind is ArtefactKind.OUT_OF_FOCUS else 0.04
        distance = np.hypot(u / stretch, v)
        ragged = fractal(where, self.width_um * 1.2, self.seed) * np.float32(self.width_um * rough)
        if self.kind is ArtefactKind.DUST:
            bent = v + np.float32(self.length_um * 0.25) * np.cos(u / np.float32(self.length_um * 0.6))
            distance = np.maximum(np.abs(bent), (np.abs(u) - np.float32(self.length_um)) * np.float32(0.5))
        return np.float32(self.width_um) - distance + ragged

    def _ring(self, where: Where, u: Array, v: Array) -> Array:
        flat = np.float32(0.72)
        distance = np.hypot(u, v / flat)
        turn = np.arctan2(v, u)
        drift = np.sin(turn * 2 + self.seed % 7) * np.float32(0.06) + np.sin(
            turn + self.seed % 5
        ) * np.float32(0.10)
        centre = np.float32(self.length_um) * (1 + drift)
        thick = np.float32(self.width_um) * (1 + np.float32(0.22) * noise(where, 900, self.seed + 1))
        return thick - np.abs(distance - centre) + noise(where, 40, self.seed + 2) * np.float32(5)

    def _band(self, where: Where, u: Array, v: Array) -> Array:
        bend = noise(where, self.length_um * 0.7, self.seed) * np.float32(self.length_um * 0.10)
        jag = noise(where, 45, self.seed + 1) * np.float32(min(10.0, self.width_um * 0.3))
        taper = 1 - np.square(np.clip(np.abs(u) / np.float32(self.length_um), 0, 1.2))
        return np.float32(self.width_um) * taper - np.abs(v + bend) + jag


def place_artefacts(
    kinds: frozenset[ArtefactKind], pieces: tuple[Piece, ...], width_um: float, height_um: float, seed: int
) -> tuple[Artefact, ...]:
    """One to a few of each kind, on or beside the tissue."""
    placed: list[Artefact] = []
    for number, kind in enumerate(sorted(kinds - EVERYWHERE)):
        count = {ArtefactKind.DUST: 14, ArtefactKind.FOLD: 2, ArtefactKind.OUT_OF_FOCUS: 2}.get(kind, 1)
        placed.extend(
            _place(kind, k, pieces, width_um, height_um, seed * 53 + 1009 * (number + 1) + 31 * k)
            for k in range(count)
        )
    return tuple(placed)


def _place(
    kind: ArtefactKind, k: int, pieces: tuple[Piece, ...], width_um: float, height_um: float, seed: int
) -> Artefact:
    r = [uniform(seed, i) for i in range(6)]
    piece = pieces[k % len(pieces)]
    small = min(piece.half_u_um, piece.half_v_um)
    u, v = (r[0] - 0.5) * piece.half_u_um * 1.1, (r[1] - 0.5) * piece.half_v_um * 1.1
    x, y = (float(p) for p in piece.to_glass(np.array(u), np.array(v)))
    angle = r[2] * math.pi
    if kind is ArtefactKind.FOLD:
        return Artefact(kind, k, x, y, small * (0.5 + 0.4 * r[3]), min(70.0, 20 + small * 0.025), angle, seed)
    if kind is ArtefactKind.TEAR:
        return Artefact(kind, k, x, y, small * (0.5 + 0.3 * r[3]), min(45.0, 12 + small * 0.02), angle, seed)
    if kind is ArtefactKind.PEN:
        ink = sorted(INK)[int(r[4] * len(INK)) % len(INK)]
        return Artefact(
            kind, k, x, y, small * (0.55 + 0.25 * r[3]), min(260.0, small * 0.07), angle, seed, ink
        )
    if kind is ArtefactKind.BUBBLE:
        size = small * (0.22 + 0.2 * r[3])
        return Artefact(kind, k, x, y, size * (1 + 0.3 * r[4]), size, angle, seed)
    if kind is ArtefactKind.OUT_OF_FOCUS:
        size = small * (0.35 + 0.25 * r[3])
        return Artefact(kind, k, x, y, size * 1.5, size, angle, seed)
    if kind is ArtefactKind.DUST:
        hair = r[3] < 0.3
        where = r[0] * width_um, r[1] * height_um
        return Artefact(
            kind,
            k,
            *where,
            90 + 130 * r[4] if hair else 3 + 5 * r[4],
            1.8 if hair else 2 + 4 * r[5],
            angle,
            seed,
        )
    return Artefact(
        kind,
        k,
        width_um * (0.965 + 0.01 * r[0]),
        height_um / 2,
        height_um,
        7.0,
        math.pi / 2 + 0.01 * (r[1] - 0.5),
        seed,
    )


def cut_and_fold(artefacts: tuple[Artefact, ...], grid: Grid, amounts: tuple[Array, ...]) -> None:
    """Change stain amounts in place: tissue is doubled in folds and gone in tears."""
    for artefact in artefacts:
        if not artefact.touches(grid.bounds_um):
            continue
        if artefact.kind is ArtefactKind.FOLD:
            depth = artefact.depth_um(grid)
            inside = smoothstep(-1.5, 3.0, depth)
            ridge = np.float32(0.85) + np.float32(0.25) * noise(grid, 30, artefact.seed + 5)
            for amount in amounts:
                amount *= 1 + inside * ridge
        elif artefact.kind is ArtefactKind.TEAR:
            gone = smoothstep(1.0, -1.0, artefact.depth_um(grid))
            for amount in amounts:
                amount *= gone


def ice_holes(where: Where, seed: int) -> Array:
    """Where ice crystals left holes in a frozen section, 0..1: clefts of 5 to 30 um, more in some parts."""
    patch = smoothstep(-1.2, 1.4, noise(where, 500, seed + 301))
    field = noise(where, 16, seed + 302) + np.float32(0.75) * noise(where, 7.5, seed + 303)
    return smoothstep(-0.10, 0.28, field - np.float32(1.9) + np.float32(1.0) * patch)


def freeze(grid: Grid, amounts: tuple[Array, ...], seed: int) -> None:
    """Make a frozen section, in place: nothing is left in the holes of ice crystals."""
    keep = 1 - np.float32(0.97) * ice_holes(grid, seed)
    for amount in amounts:
        amount *= keep


def chatter(grid: Grid, amounts: tuple[Array, ...], angle: float, seed: int) -> None:
    """Bands of varying section thickness across the cutting direction, in place."""
    v = (grid.y * math.cos(angle) - grid.x * math.sin(angle)).astype(np.float32)
    phase = v / np.float32(62) + noise(grid, 2500, seed + 311) * np.float32(2.2)
    factor = 1 + np.float32(0.16) * np.sin(phase * np.float32(2 * math.pi))
    for amount in amounts:
        amount *= factor


def blurred_by_um(artefacts: tuple[Artefact, ...], grid: Grid) -> Array | None:
    """How far out of focus each pixel is, um, or None when nothing is."""
    total: Array | None = None
    for artefact in artefacts:
        if artefact.kind in (ArtefactKind.OUT_OF_FOCUS, ArtefactKind.BUBBLE) and artefact.touches(
            grid.bounds_um
        ):
            strongest = 7.0 if artefact.kind is ArtefactKind.OUT_OF_FOCUS else 3.0
            off = smoothstep(0, artefact.width_um * 0.35, artefact.depth_um(grid)) * np.float32(strongest)
            total = off if total is None else np.maximum(total, off)
    return total


def cover_light(artefacts: tuple[Artefact, ...], grid: Grid, light: Array) -> None:
    """Ink, dust, bubbles and glass edges: change the transmitted light (h, w, 3) in place."""
    for artefact in artefacts:
        if not artefact.touches(grid.bounds_um):
            continue
        if artefact.kind is ArtefactKind.PEN:
            _ink(artefact, grid, light)
        elif artefact.kind is ArtefactKind.DUST:
            speck = smoothstep(-2.5, 1.5, artefact.depth_um(grid)) * np.float32(0.75)
            light *= (1 - speck * np.float32(0.85))[..., None]
        elif artefact.kind is ArtefactKind.BUBBLE:
            _bubble(artefact, grid, light)
        elif artefact.kind is ArtefactKind.COVERSLIP:
            depth = artefact.depth_um(grid)
            edge = smoothstep(0, 4, depth)
            light *= (
                1 - np.float32(0.55) * edge + np.float32(0.15) * smoothstep(-14, -4, depth) * (1 - edge)
            )[..., None]


def _ink(artefact: Artefact, grid: Grid, light: Array) -> None:
    depth = artefact.depth_um(grid)
    inside = smoothstep(-4, 14, depth)
    if not inside.any():
        return
    streaks = noise(grid, 170, artefact.seed + 7) * np.float32(0.10) + noise(
        grid, 34, artefact.seed + 8
    ) * np.float32(0.07)
    rim = np.exp(-np.square((depth - 10) / np.float32(14))) * np.float32(0.22)
    amount = inside * np.clip(np.float32(0.78) + streaks + rim, 0.1, 1.6)
    for channel, density in enumerate(INK[artefact.ink]):
        light[..., channel] *= np.exp(amount * np.float32(-density * math.log(10) * 0.62))


def _bubble(artefact: Artefact, grid: Grid, light: Array) -> None:
    depth = artefact.depth_um(grid)
    rim = np.exp(-np.square(depth / np.float32(9)))
    inner = np.exp(-np.square((depth - 26) / np.float32(12))) * np.float32(0.25)
    inside = smoothstep(0, 20, depth)
    light += (inside * np.float32(0.12))[..., None] * (1 - light)
    light *= (1 - np.float32(0.80) * rim - inner)[..., None]
