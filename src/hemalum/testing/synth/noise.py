"""Random fields on the glass: a value depends on seed and place alone, never on what was drawn before."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

type Array = NDArray[Any]

_UNIT_DEVIATION = 1 / 0.2765
"""Brings a cubic B-spline of uniform(-1, 1) lattice values to about unit standard deviation."""


@dataclass(frozen=True)
class Grid:
    """Pixels of a raster over the whole glass: pixel (row, column) is centred at (index + 0.5) * spacing.

    Because indices are absolute, two grids that overlap agree bit for bit on what they share.
    """

    column0: int
    row0: int
    width: int
    height: int
    spacing_um: float

    @cached_property
    def x(self) -> Array:
        """Centres across, um, shape (1, width)."""
        return ((np.arange(self.column0, self.column0 + self.width) + 0.5) * self.spacing_um)[None, :]

    @cached_property
    def y(self) -> Array:
        """Centres down, um, shape (height, 1)."""
        return ((np.arange(self.row0, self.row0 + self.height) + 0.5) * self.spacing_um)[:, None]

    @property
    def bounds_um(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom edges."""
        s = self.spacing_um
        return (
            self.column0 * s,
            self.row0 * s,
            (self.column0 + self.width) * s,
            (self.row0 + self.height) * s,
        )

    def coarser(self, factor: int) -> "Grid":
        """The pixels of a raster `factor` times coarser from which `enlarged` can fill this grid."""
        c0, r0 = self.column0 // factor - 1, self.row0 // factor - 1
        c1 = -(-(self.column0 + self.width) // factor) + 1
        r1 = -(-(self.row0 + self.height) // factor) + 1
        return Grid(c0, r0, c1 - c0, r1 - r0, self.spacing_um * factor)

    def padded(self, pixels: int) -> "Grid":
        return Grid(
            self.column0 - pixels,
            self.row0 - pixels,
            self.width + 2 * pixels,
            self.height + 2 * pixels,
            self.spacing_um,
        )


@dataclass(frozen=True)
class Points:
    """Scattered places, um; `x` and `y` have the same shape (n,)."""

    x: Array
    y: Array


type Where = Grid | Points


def mix(ix: Array, iy: Array, seed: int) -> Array:
    """A uint32 hash of lattice coordinates.

    Finaliser: "lowbias32", C. Wellons, Prospecting for hash functions, 2018.
    """
    h = ix.astype(np.int64).astype(np.uint32) * np.uint32(0x9E3779B1)
    h = h ^ (iy.astype(np.int64).astype(np.uint32) * np.uint32(0x85EBCA77))
    h = h + np.uint32((seed * 0xC2B2AE3D + 0x27D4EB2F) & 0xFFFFFFFF)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x7FEB352D)
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x846CA68B)
    h ^= h >> np.uint32(16)
    return h


def uniforms(ix: Array, iy: Array, seed: int, count: int) -> Array:
    """`count` independent numbers in [0, 1) for every lattice point, shape (count, *ix.shape), float64."""
    return np.stack([mix(ix, iy, seed * 131 + 7919 * (k + 1)) * (1.0 / 4294967296.0) for k in range(count)])


def uniform(seed: int, *key: int) -> float:
    """One number in [0, 1) for a seed and a key."""
    ix = np.array([key[0] if key else 0])
    iy = np.array([key[1] if len(key) > 1 else 0])
    return float(uniforms(ix, iy, seed, 1)[0, 0])


def noise(where: Where, wavelength_um: float, seed: int) -> Array:
    """A smooth random field, about zero mean and unit deviation, float32; (h, w) on a grid, (n,) at points.

    Waves shorter than half a pixel of the grid average to nothing and are left out.
    Cubic B-spline interpolation of hashed lattice values (Unser, IEEE Signal Processing Magazine 1999).
    """
    if isinstance(where, Points):
        return _noise_at(where, wavelength_um, seed)
    if wavelength_um < 0.5 * where.spacing_um:
        return np.zeros((where.height, where.width), np.float32)
    column, wx = _taps(where.x[0] / wavelength_um)
    row, wy = _taps(where.y[:, 0] / wavelength_um)
    c0, r0 = int(column[0]), int(row[0])
    columns = np.arange(c0, int(column[-1]) + 4)
    rows = np.arange(r0, int(row[-1]) + 4)
    lattice = _lattice_values(columns[None, :], rows[:, None], seed)
    across: Array = lattice[:, column - c0] * wx[0]
    for k in range(1, 4):
        across += lattice[:, column - c0 + k] * wx[k]
    total: Array = across[row - r0] * wy[0][:, None]
    for k in range(1, 4):
        total += across[row - r0 + k] * wy[k][:, None]
    return total


def fractal(where: Where, wavelength_um: float, seed: int, octaves: int = 3) -> Array:
    """Noise summed over octaves of half the wavelength and half the strength."""
    total = noise(where, wavelength_um, seed)
    for octave in range(1, octaves):
        total = total + noise(where, wavelength_um / 2**octave, seed + 101 * octave) * np.float32(0.5**octave)
    return total


def smoothstep(low: float, high: float, value: Array) -> Array:
    """0 below `low`, 1 above `high`, smooth between; `low` may exceed `high` to fall instead of rise."""
    t = np.clip((value - low) * np.float32(1.0 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)


def _taps(u: Array) -> tuple[Array, list[Array]]:
    base = np.floor(u)
    t = (u - base).astype(np.float32)
    t2, t3 = t * t, t * t * t
    weights = [
        (1 - 3 * t + 3 * t2 - t3) / 6,
        (4 - 6 * t2 + 3 * t3) / 6,
        (1 + 3 * t + 3 * t2 - 3 * t3) / 6,
        t3 / 6,
    ]
    return base.astype(np.int64), weights


def _lattice_values(ix: Array, iy: Array, seed: int) -> Array:
    ix, iy = np.broadcast_arrays(ix, iy)
    return ((mix(ix, iy, seed) * (2.0 / 4294967296.0) - 1.0) * _UNIT_DEVIATION).astype(np.float32)


def _noise_at(points: Points, wavelength_um: float, seed: int) -> Array:
    column, wx = _taps(points.x / wavelength_um)
    row, wy = _taps(points.y / wavelength_um)
    steps = np.arange(4)
    lattice = _lattice_values(column + steps[:, None, None], row + steps[None, :, None], seed)
    rows: Array = lattice[0] * wx[0]
    for i in range(1, 4):
        rows = rows + lattice[i] * wx[i]
    total: Array = rows[0] * wy[0]
    for j in range(1, 4):
        total = total + rows[j] * wy[j]
    return total


def enlarged(values: Array, source: Grid, target: Grid) -> Array:
    """Values of a coarser grid at the pixels of a finer one; `source` is `target.coarser(n)`."""
    factor = round(source.spacing_um / target.spacing_um)
    if factor == 1:
        return values
    rows = _stretched(values, factor, target.row0, target.height, source.row0, 0)
    return _stretched(rows, factor, target.column0, target.width, source.column0, 1)


def _stretched(values: Array, factor: int, start: int, count: int, source_start: int, axis: int) -> Array:
    at = (np.arange(start, start + count) + 0.5) / factor - 0.5 - source_start
    base = np.floor(at).astype(int)
    t = (at - base).astype(np.float32)
    t = t[:, None] if axis == 0 else t[None, :]
    low = values.take(base, axis=axis)
    result = values.take(base + 1, axis=axis)
    result -= low
    result *= t
    result += low
    return result


@lru_cache(maxsize=8)
def texture(name: str) -> Array:
    """A periodic texture, float32, zero mean and unit deviation; the same in every process.

    "grain": isotropic, features of 2 to 6 texels, 512 x 512. "chromatin": clumps of 2 to 4 texels, 256 x 256.
    "fibre": rows vary fast, columns slowly, 1024 x 512. "sensor": white, 512 x 512 x 3.
    """
    rng = np.random.default_rng({"grain": 11, "chromatin": 12, "fibre": 13, "sensor": 14}[name])
    if name == "sensor":
        return rng.standard_normal((512, 512, 3), dtype=np.float32)
    if name == "grain":
        layers = [(1.0, (0.9, 0.9)), (0.9, (2.0, 2.0)), (0.6, (4.5, 4.5))]
        shape = (512, 512)
    elif name == "chromatin":
        layers = [(1.0, (1.3, 1.3)), (0.9, (2.4, 2.4))]
        shape = (256, 256)
    else:
        layers = [(1.0, (1.2, 6.0)), (1.1, (2.6, 12.0)), (0.9, (6.0, 24.0)), (0.5, (15.0, 40.0))]
        shape = (1024, 512)
    total = np.zeros(shape, np.float64)
    for weight, sigma in layers:
        layer = ndimage.gaussian_filter(rng.standard_normal(shape), sigma, mode="wrap")
        total += weight * layer / layer.std()
    result: Array = ((total - total.mean()) / total.std()).astype(np.float32)
    result.setflags(write=False)
    return result


def tiled_texture(name: str, grid: Grid, texel_um: float) -> Array:
    """A texture laid over the glass, nearest texel, (h, w) float32."""
    source = texture(name)
    rows = np.floor(grid.y[:, 0] / texel_um).astype(np.int64) % source.shape[0]
    columns = np.floor(grid.x[0] / texel_um).astype(np.int64) % source.shape[1]
    laid: Array = source.take(rows, axis=0).take(columns, axis=1)
    return laid


def sample_texture(name: str, row: Array, column: Array) -> Array:
    """A texture at fractional texel coordinates (any shape), linear along rows, nearest along columns."""
    source = texture(name)
    height, width = source.shape
    base = np.floor(row)
    t = (row - base).astype(np.float32)
    r0 = base.astype(np.int32) % height
    r1 = (r0 + 1) % height
    c = np.floor(column).astype(np.int32) % width
    flat = source.ravel()
    low = flat[r0 * width + c]
    mixed: Array = low + (flat[r1 * width + c] - low) * t
    return mixed
