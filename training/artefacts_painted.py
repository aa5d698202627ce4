"""Artefacts painted on pictures of real tissue, with a class for each pixel.

Their outlines are those of the synthetic slides; size, ink and strength are drawn wider, for real ones vary.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hemalum.testing.synth.artefacts import INK as INKS
from hemalum.testing.synth.artefacts import Artefact, ArtefactKind, cover_light
from hemalum.testing.synth.noise import Array, Grid, noise, smoothstep

GLASS, TISSUE, INK, FOLD, UNFOCUSED, EDGE = range(6)
"""As `artefacts_data.CLASSES`."""

_UM_PER_PX = 2.0
_CHANCES = {
    ArtefactKind.OUT_OF_FOCUS: 0.3,
    ArtefactKind.FOLD: 0.35,
    ArtefactKind.DUST: 0.3,
    ArtefactKind.COVERSLIP: 0.3,
    ArtefactKind.BUBBLE: 0.15,
    ArtefactKind.PEN: 0.4,
}
"""Of being painted on a picture, in the order in which they lie on each other."""


def painted(
    rgb: NDArray[np.uint8], tissue: NDArray[np.bool_], random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A picture (h, w, 3) of 2 um/px with artefacts on it, and the class of each pixel."""
    height, width = rgb.shape[:2]
    grid = Grid(0, 0, width, height, _UM_PER_PX)
    light = np.maximum(rgb, 1).astype(np.float32) / 255
    classes = np.where(tissue, TISSUE, GLASS).astype(np.uint8)
    for kind, chance in _CHANCES.items():
        if random.random() > chance:
            continue
        artefact = _drawn(kind, grid, random)
        if kind is ArtefactKind.PEN:
            _ink(artefact, grid, light, classes, random)
        elif kind is ArtefactKind.FOLD:
            _fold(artefact, grid, light, classes, tissue, random)
        elif kind is ArtefactKind.OUT_OF_FOCUS:
            light = _unfocused(artefact, grid, light, classes, tissue, random)
        else:
            _edge(artefact, grid, light, classes, layers=int(random.integers(1, 4)))
    return np.clip(np.rint(light * 255), 0, 255).astype(np.uint8), classes


def _drawn(kind: ArtefactKind, grid: Grid, random: np.random.Generator) -> Artefact:
    """One of a size that a window shows the border of."""
    left, top, right, bottom = grid.bounds_um
    x_um, y_um = random.uniform(left, right), random.uniform(top, bottom)
    length, width = {
        ArtefactKind.PEN: (random.uniform(200, 2500), random.uniform(15, 250)),
        ArtefactKind.FOLD: (random.uniform(150, 1500), random.uniform(8, 70)),
        ArtefactKind.OUT_OF_FOCUS: (random.uniform(200, 900),) * 2,
        ArtefactKind.BUBBLE: (random.uniform(60, 500),) * 2,
        ArtefactKind.COVERSLIP: (1500.0, random.uniform(2, 14)),
        ArtefactKind.DUST: (random.uniform(8, 200), random.uniform(2, 10)),
    }[kind]
    if kind is ArtefactKind.PEN:
        # The middle of a ring lies aside, so that its line crosses the picture.
        turn = random.uniform(0, 2 * math.pi)
        x_um, y_um = x_um + length * math.cos(turn), y_um + length * math.sin(turn)
    seed = int(random.integers(1 << 30))
    return Artefact(kind, 0, x_um, y_um, length, width, random.uniform(0, math.pi), seed)


def _ink(
    artefact: Artefact, grid: Grid, light: Array, classes: NDArray[np.uint8], random: np.random.Generator
) -> None:
    """A stroke of any colour near those of markers; some are dry and leave glass between their streaks."""
    depth = artefact.depth_um(grid)
    soft_um = random.uniform(3, 40)
    amount = smoothstep(-soft_um / 3, soft_um, depth)
    if random.random() < 0.4:
        streaks = noise(grid, random.uniform(8, 60), artefact.seed + 7)
        amount = amount * smoothstep(random.uniform(-1.2, 0.3), 0.8, streaks)
    amount = amount * (0.8 + 0.15 * noise(grid, 170, artefact.seed + 9))
    ink = np.array(INKS[sorted(INKS)[random.integers(len(INKS))]])
    ink = np.clip(ink * random.uniform(0.8, 1.2, 3) + random.uniform(-0.05, 0.05, 3), 0.02, None)
    density = np.clip(amount, 0, 1.5)[..., None] * ink * random.uniform(0.5, 1.8)
    light *= 10 ** -density.astype(np.float32)
    # What takes away less than a tenth of the light of every colour is not seen as ink.
    classes[density.max(axis=2) > 0.1] = INK


def _fold(
    artefact: Artefact,
    grid: Grid,
    light: Array,
    classes: NDArray[np.uint8],
    tissue: NDArray[np.bool_],
    random: np.random.Generator,
) -> None:
    depth = artefact.depth_um(grid)
    ridge = random.uniform(0.6, 1.1) + 0.2 * noise(grid, 30, artefact.seed + 5)
    ground = np.quantile(light.reshape(-1, 3), 0.98, axis=0).astype(np.float32)
    doubled = (
        np.minimum(light / ground, 1) ** (smoothstep(-3, 4, depth) * ridge).astype(np.float32)[..., None]
    )
    light *= doubled
    classes[(depth > 0) & tissue] = FOLD


def _unfocused(
    artefact: Artefact,
    grid: Grid,
    light: Array,
    classes: NDArray[np.uint8],
    tissue: NDArray[np.bool_],
    random: np.random.Generator,
) -> Array:
    depth = artefact.depth_um(grid)
    sigma_px = random.uniform(1.0, 4.0)
    share = smoothstep(0, 0.35 * artefact.width_um, depth)[..., None]
    blurred = ndimage.gaussian_filter(light, (sigma_px, sigma_px, 0))
    classes[(depth > 0.2 * artefact.width_um) & tissue] = UNFOCUSED
    return light + (blurred - light) * share


def _edge(artefact: Artefact, grid: Grid, light: Array, classes: NDArray[np.uint8], layers: int) -> None:
    before = light.mean(axis=2)
    cover_light((artefact,) * layers, grid, light)
    # A rim is where light is lost, and not where a bubble lets more of it through.
    classes[light.mean(axis=2) < 0.85 * before] = EDGE
