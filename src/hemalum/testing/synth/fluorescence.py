"""Fluorescence: the same cells, seen by what binds to them."""

from dataclasses import dataclass

import numpy as np

from hemalum.testing.synth.appearance import blur
from hemalum.testing.synth.cells import NUCLEUS_LIMIT, CellKind, hash_uniform
from hemalum.testing.synth.noise import Array, Grid, texture
from hemalum.testing.synth.paint import Patches, over, patches


@dataclass(frozen=True, slots=True)
class Marker:
    """One fluorescence channel."""

    name: str
    colour: str
    excitation_nm: float
    emission_nm: float
    gain: float
    """Sample value of a fully stained pixel."""
    background: float
    """Share of autofluorescence of stroma."""


MARKERS: tuple[Marker, ...] = (
    Marker("DAPI", "#3b6cff", 358, 461, 9000, 0.02),
    Marker("PanCK", "#38d94c", 495, 519, 12000, 0.05),
    Marker("E-cadherin", "#ffb02e", 590, 617, 7000, 0.04),
    Marker("CD3", "#ff3b6b", 650, 668, 10000, 0.03),
)
"""Nuclei, epithelial cytoplasm, epithelial membranes, T lymphocytes."""

_EPITHELIAL = frozenset({CellKind.BODY, CellKind.MUCIN})


def signals(grid: Grid, cells: Array, epithelium: Array, eosin: Array, soft_um: float) -> Array:
    """Brightness of each of `MARKERS`, (4, h, w) float32, 0..about 1.2.

    `epithelium` (0..1) and `eosin` (stain amount) lend diffuse cytoplasm and autofluorescence.
    """
    planes = np.zeros((len(MARKERS), grid.height, grid.width), np.float32)
    for number, marker in enumerate(MARKERS):
        planes[number] += np.float32(marker.background) * eosin * 2
    planes[1] += np.float32(0.38) * epithelium
    if not len(cells):
        return planes
    groups = patches(cells, grid, soft_um)
    kinds, tone = cells["kind"], cells["tone"]
    immune = (kinds == CellKind.LYMPHOCYTE) & (hash_uniform(cells["hash"], 81) < 0.55)

    def stroke(
        row: int, group: Patches, n: int, view: tuple[slice, slice], part: tuple[slice, slice]
    ) -> None:
        kind = kinds[row]
        cover = group.cover[n][part]
        if kind < NUCLEUS_LIMIT:
            level = np.float32(0.45 + 0.5 * tone[row])
            target = planes[(0, *view)]
            np.maximum(target, cover * level * (1 + np.float32(0.16) * group.grain[n][part]), out=target)
            target = planes[(1, *view)]
            target *= 1 - cover * np.float32(0.75)
        elif kind in _EPITHELIAL:
            rim = np.clip(1 - np.abs(group.rho[n][part] - np.float32(0.95)) * np.float32(7), 0, 1)
            target = planes[(2, *view)]
            np.maximum(target, rim * np.float32(0.75), out=target)
            target = planes[(1, *view)]
            np.maximum(
                target,
                cover * np.float32(0.15 if kind == CellKind.MUCIN else 0.42 + 0.4 * tone[row]),
                out=target,
            )
        if immune[row]:
            ring = np.clip(1 - np.abs(group.rho[n][part] - np.float32(1.12)) * np.float32(4.5), 0, 1)
            target = planes[(3, *view)]
            np.maximum(target, ring * np.float32(0.9), out=target)

    over(grid, cells, groups, stroke)
    return np.maximum(planes, 0)


def record(signal: Array, marker: Marker, number: int, grid: Grid) -> Array:
    """16-bit samples of one channel (h, w) uint16: offset, gain, shot and read noise."""
    level = signal * np.float32(marker.gain)
    source = texture("sensor")
    rows = np.arange(grid.row0 + 97 * number, grid.row0 + 97 * number + grid.height) % 512
    columns = np.arange(grid.column0 + 61 * number, grid.column0 + 61 * number + grid.width) % 512
    grain = source[..., number % 3].take(rows, axis=0).take(columns, axis=1)
    counts = level + np.float32(210) + grain * np.sqrt(level * np.float32(4) + np.float32(260))
    return np.asarray(np.clip(np.rint(counts), 0, 65535), dtype=np.uint16)


def soften(signal: Array, sigma_px: float) -> Array:
    """The optics of the microscope over one channel."""
    return blur(signal, sigma_px)
