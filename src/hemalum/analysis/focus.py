"""One picture of a focus stack: the sharpest plane of each region, or the sharpest detail of all planes.

Best focus measures sharpness by the sum-modified Laplacian and finds its peak over the planes by a Gaussian
through three of them (S. K. Nayar and Y. Nakagawa, Shape from focus, IEEE Trans. PAMI 16(8), 1994), by cells
of the level, smooths that map and takes each pixel from the nearest plane.

Extended depth fuses Laplacian pyramids (P. J. Burt and E. H. Adelson, The Laplacian pyramid as a compact
image code, IEEE Trans. Communications 31(4), 1983): at every place and scale the coefficient of the plane
with the largest energy around it, as in P. J. Burt and R. J. Kolczynski, Enhanced image capture through
fusion, ICCV 1993. Colours follow the plane chosen by luminance, so that none arise that no plane has.

A part of a stack gives the pixels that the whole gives, if it starts at a multiple of `ALIGNED_PX` and
reaches `MARGIN_PX` further on each side that is no edge of the whole.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

type Pixels = NDArray[Any]
type Plane = NDArray[np.float32]

ALIGNED_PX = 16
MARGIN_PX = 96

_CELL_PX = 16
_STEP_PX = 2
"""Between the pixels that the Laplacian compares: finer than the optics blur there is only noise."""
_MAP_CELLS = 1.0
"""Standard deviation that the map of planes is smoothed by."""
_MAP_REACH = 2
_SHARPENED = 5.0
"""How much narrower than a plane the passage from one plane to the next is: in it two planes are mixed."""
_LEVELS = 4
_KERNEL = np.array([1, 4, 6, 4, 1], np.float32) / 16
_ENERGY_PX = 5
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


def best_focus(stack: Sequence[Pixels]) -> Pixels:
    """Each pixel from the plane that is sharpest around it; `stack` is planes of (height, width, samples)."""
    map_ = plane_map(stack)
    height, width = stack[0].shape[:2]
    full = _enlarged(map_, height, width)
    below = np.floor(full)
    # Where the map runs between two planes one of them is taken, but for a narrow seam.
    share = np.clip((full - below - 0.5) * _SHARPENED + 0.5, 0, 1)[..., None]
    out = np.zeros(stack[0].shape, np.float32)
    for number, plane in enumerate(stack):
        weight = np.where(below[..., None] == number, 1 - share, 0)
        weight += np.where(below[..., None] == number - 1, share, 0)
        if weight.any():
            out += weight * plane.astype(np.float32)
    return _as_type(out, stack[0].dtype)


def plane_map(stack: Sequence[Pixels]) -> Plane:
    """The number of the sharpest plane for each cell of `ALIGNED_PX`, fractions between planes, smoothed.

    Cells without texture follow their neighbours.
    """
    sharpness = np.stack([_cell_sums(_modified_laplacian(_luminance(plane))) for plane in stack])
    peak, surety = _peak(sharpness)
    weighted = _smooth(peak * surety)
    middle, little = (len(stack) - 1) / 2, np.float32(1e-6)
    found = (weighted + middle * little) / (_smooth(surety) + little)
    return np.clip(found, 0, len(stack) - 1).astype(np.float32)


def extended_depth(stack: Iterable[Pixels]) -> Pixels:
    """The sharpest detail of all planes in one; planes of (height, width, samples), looked at one by one.

    No pixel is darker or brighter than in the planes.
    """
    energies: list[Plane] = []
    chosen: list[Plane] = []
    base: Plane | None = None
    count = 0
    for plane in stack:
        pixels = plane.astype(np.float32)
        details, rest = _laplacian_pyramid(pixels)
        salience = [_energy(detail) for detail in details]
        count += 1
        if base is None:
            energies, chosen, base, dtype = salience, details, rest, plane.dtype
            darkest, brightest = pixels, pixels
            continue
        base += rest
        darkest, brightest = np.minimum(darkest, pixels), np.maximum(brightest, pixels)
        for level, (energy, detail) in enumerate(zip(salience, details, strict=True)):
            better = energy > energies[level]
            energies[level] = np.where(better, energy, energies[level])
            chosen[level] = np.where(better[..., None], detail, chosen[level])
    if base is None:
        raise ValueError("A stack without planes cannot be fused.")
    image = base / np.float32(count)
    for detail in reversed(chosen):
        image = _expanded(image, detail.shape[0], detail.shape[1]) + detail
    return _as_type(np.clip(image, darkest, brightest), dtype)


def _luminance(pixels: Pixels) -> Plane:
    values = pixels.astype(np.float32)
    if values.shape[2] != 3:
        return np.asarray(values[..., 0])
    return np.asarray(values @ _LUMINANCE)


def _modified_laplacian(grey: Plane) -> Plane:
    padded = np.pad(grey, _STEP_PX, mode="edge")
    inner = slice(_STEP_PX, -_STEP_PX)
    twice = 2 * grey
    across = np.abs(twice - padded[inner, : -2 * _STEP_PX] - padded[inner, 2 * _STEP_PX :])
    down = np.abs(twice - padded[: -2 * _STEP_PX, inner] - padded[2 * _STEP_PX :, inner])
    return np.asarray(across + down)


def _cell_sums(values: Plane) -> Plane:
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], _CELL_PX), axis=0)
    return np.asarray(np.add.reduceat(rows, np.arange(0, values.shape[1], _CELL_PX), axis=1))


def _peak(sharpness: Plane) -> tuple[Plane, Plane]:
    """Plane of the peak, fractions allowed, and how far it stands out, both (rows, columns)."""
    count = len(sharpness)
    best = sharpness.argmax(axis=0)
    top = np.take_along_axis(sharpness, best[None], 0)[0]
    surety = (top - sharpness.mean(axis=0)) ** 2
    inside = np.clip(best, 1, max(1, count - 2))
    if count < 3:
        return best.astype(np.float32), surety
    logs = np.log(np.maximum(sharpness, 1e-6))
    before, at, after = (np.take_along_axis(logs, (inside + k)[None], 0)[0] for k in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(bend < -1e-9, 0.5 * (before - after) / np.minimum(bend, -1e-9), 0)
    peak = np.where(best == inside, inside + np.clip(shift, -0.5, 0.5), best)
    return peak.astype(np.float32), surety


def _smooth(cells: Plane) -> Plane:
    smoothed = ndimage.gaussian_filter(cells, _MAP_CELLS, mode="nearest", radius=_MAP_REACH)
    return np.asarray(smoothed)


def _enlarged(cells: Plane, height: int, width: int) -> Plane:
    """Bilinear between the centres of cells."""
    places = [(np.arange(length, dtype=np.float32) + 0.5) / _CELL_PX - 0.5 for length in (height, width)]
    rows, columns = (np.clip(at, 0, size - 1) for at, size in zip(places, cells.shape, strict=True))
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    bottom, right = np.minimum(top + 1, cells.shape[0] - 1), np.minimum(left + 1, cells.shape[1] - 1)
    down, across = (rows - top)[:, None], (columns - left)[None]
    upper = cells[top][:, left] * (1 - across) + cells[top][:, right] * across
    lower = cells[bottom][:, left] * (1 - across) + cells[bottom][:, right] * across
    return np.asarray(upper * (1 - down) + lower * down)


def _laplacian_pyramid(pixels: Plane) -> tuple[list[Plane], Plane]:
    details = []
    for _ in range(_LEVELS):
        smaller = _reduced(pixels)
        details.append(pixels - _expanded(smaller, pixels.shape[0], pixels.shape[1]))
        pixels = smaller
    return details, pixels


def _reduced(pixels: Plane) -> Plane:
    once = ndimage.correlate1d(pixels, _KERNEL, axis=0, mode="nearest")[::2]
    return np.asarray(ndimage.correlate1d(once, _KERNEL, axis=1, mode="nearest")[:, ::2])


def _expanded(pixels: Plane, height: int, width: int) -> Plane:
    """To twice the size, or a row or column less: each new pixel from those of the same parity (Burt)."""
    rows = _doubled(pixels, 0, height)
    return _doubled(rows, 1, width)


def _doubled(pixels: Plane, axis: int, length: int) -> Plane:
    moved = np.moveaxis(pixels, axis, 0)
    before = np.concatenate([moved[:1], moved[:-1]])
    after = np.concatenate([moved[1:], moved[-1:]])
    out = np.empty((2 * len(moved), *moved.shape[1:]), np.float32)
    out[::2] = (before + 6 * moved + after) / 8
    out[1::2] = (moved + after) / 2
    return np.moveaxis(out[:length], 0, axis)


def _energy(detail: Plane) -> Plane:
    grey = _luminance(detail)
    return np.asarray(ndimage.uniform_filter(grey * grey, _ENERGY_PX, mode="nearest"))


def _as_type(values: Plane, dtype: Any) -> Pixels:
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)
