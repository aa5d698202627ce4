"""How a laboratory stains and how a scanner sees: from stain amounts to RGB."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import ndimage

from hemalum.testing.synth.noise import Array, Grid, enlarged, texture

RUIFROK_HAEMATOXYLIN = (0.650, 0.704, 0.286)
RUIFROK_EOSIN = (0.072, 0.990, 0.105)
RUIFROK_DAB = (0.268, 0.570, 0.776)
"""Optical density per channel (R, G, B) of each stain, unit length.

Source: A. C. Ruifrok and D. A. Johnston, Quantification of histochemical staining by color deconvolution,
Analytical and Quantitative Cytology and Histology 23, 2001."""


@dataclass(frozen=True, slots=True)
class StainAppearance:
    """One laboratory's stain: optical density vectors and how strong each stain is taken."""

    name: str
    haematoxylin: tuple[float, float, float] = RUIFROK_HAEMATOXYLIN
    eosin: tuple[float, float, float] = RUIFROK_EOSIN
    red: tuple[float, float, float] = (0.20, 0.75, 0.62)
    haematoxylin_strength: float = 1.0
    eosin_strength: float = 1.0
    dab: bool = False
    """Immunohistochemistry: brown marker and a pale haematoxylin counterstain, no eosin."""


@dataclass(frozen=True, slots=True)
class ScannerAppearance:
    """One scanner: colour rendering, optics and compression."""

    name: str
    vendor: str
    model: str
    white: tuple[float, float, float] = (244.0, 243.0, 244.0)
    gamma: float = 1.0
    saturation: float = 1.0
    blur_um: float = 0.22
    """Standard deviation of the point spread, um."""
    sharpen: float = 0.0
    noise: float = 1.1
    """Standard deviation of sensor noise, grey levels."""
    quality: int = 80


STAINS: dict[str, StainAppearance] = {
    stain.name: stain
    for stain in (
        StainAppearance(
            "he-a", (0.61, 0.71, 0.34), (0.12, 0.86, 0.48), haematoxylin_strength=0.72, eosin_strength=0.62
        ),
        StainAppearance(
            "he-b", (0.68, 0.68, 0.27), (0.08, 0.90, 0.40), eosin_strength=0.68, haematoxylin_strength=0.76
        ),
        StainAppearance(
            "he-c", (0.56, 0.74, 0.38), (0.16, 0.80, 0.57), eosin_strength=0.62, haematoxylin_strength=0.86
        ),
        StainAppearance(
            "he-pale", (0.60, 0.72, 0.36), (0.12, 0.88, 0.42), eosin_strength=0.45, haematoxylin_strength=0.55
        ),
        StainAppearance("he-ruifrok", haematoxylin_strength=0.78, eosin_strength=0.62),
        StainAppearance(
            "dab",
            RUIFROK_HAEMATOXYLIN,
            (0.30, 0.62, 0.72),
            (0.22, 0.33, 0.40),
            haematoxylin_strength=0.62,
            eosin_strength=0.10,
            dab=True,
        ),
    )
}

SCANNERS: dict[str, ScannerAppearance] = {
    scanner.name: scanner
    for scanner in (
        ScannerAppearance("scanner-a", "Aperio", "Synthetic GT 450", sharpen=0.5),
        ScannerAppearance(
            "scanner-b", "Hamamatsu", "Synthetic C13220", (249, 249, 248), 0.92, 1.08, 0.24, 0.2, 0.8, 85
        ),
        ScannerAppearance(
            "scanner-c", "3DHISTECH", "Synthetic P1000", (238, 241, 246), 1.08, 0.95, 0.30, 0.0, 1.4, 75
        ),
        ScannerAppearance(
            "scanner-d", "Leica", "Synthetic CS2", (246, 242, 240), 1.0, 1.15, 0.20, 0.9, 1.2, 70
        ),
    )
}


@cache
def _vectors(stain: StainAppearance) -> Array:
    rows = np.array([stain.haematoxylin, stain.eosin, stain.red, RUIFROK_DAB])
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    rows[0] *= stain.haematoxylin_strength
    rows[1] *= stain.eosin_strength
    rows[2] *= 0.35 if stain.dab else 0.9
    scaled: Array = (rows * np.log(10)).astype(np.float32)
    return scaled


def margin_px(scanner: ScannerAppearance, spacing_um: float) -> int:
    """How many pixels around a region its optics reach."""
    sigma = scanner.blur_um / spacing_um
    return 2 + int(np.ceil(3 * sigma)) + (int(np.ceil(3.0 * max(1.0, sigma))) if scanner.sharpen else 0)


def transmit(stain: StainAppearance, amounts: tuple[Array, Array, Array, Array | None]) -> Array:
    """Light left after the section, 0..1, (h, w, 3) float32, by Beer and Lambert's law.

    `amounts` are haematoxylin, eosin, red-cell pigment and DAB (or None).
    """
    vectors = _vectors(stain)
    h, e, red, dab = amounts
    light = np.empty((*h.shape, 3), np.float32)
    for channel in range(3):
        density = h * vectors[0, channel] + e * vectors[1, channel] + red * vectors[2, channel]
        if dab is not None:
            density += dab * vectors[3, channel]
        np.exp(-density, out=light[..., channel])
    return light


def blur(image: Array, sigma_px: float) -> Array:
    """Gaussian blur over rows and columns; the border repeats."""
    if sigma_px < 0.25:
        return image
    radius = max(1, int(np.ceil(3 * sigma_px)))
    x = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (x / sigma_px) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    once = ndimage.correlate1d(image, kernel, axis=0, mode="nearest")
    return ndimage.correlate1d(once, kernel, axis=1, mode="nearest")  # type: ignore[no-any-return]


_LADDER_PX = (0.0, 1.2, 2.4, 4.8, 9.6, 24.0)


def defocus_reach_px(base_px: float, extra_px: float) -> int:
    """How far `defocus` looks for blurs up to `extra_px`."""
    end = next((step for step in _LADDER_PX if step >= extra_px), _LADDER_PX[-1])
    sigma = float(np.hypot(base_px, end))
    return int(np.ceil(3 * sigma)) + (16 if sigma >= 4 else 1)


def defocus(image: Array, base_px: float, extra_px: Array, grid: Grid) -> Array:
    """Blur that varies over the image: the optics, and `extra_px` (h, w) more, standard deviations in pixels.

    Between the steps of a fixed ladder of blurs the result is mixed, so that neighbours agree at their seam.
    """
    extra = np.minimum(extra_px, np.float32(_LADDER_PX[-1]))
    low, high = float(extra.min()), float(extra.max())
    result: Array | None = None
    for step in range(len(_LADDER_PX) - 1):
        start, end = _LADDER_PX[step], _LADDER_PX[step + 1]
        if end <= low or start > high:
            continue
        near, far = (_wide_blur(image, float(np.hypot(base_px, px)), grid) for px in (start, end))
        t = np.clip((extra - np.float32(start)) / np.float32(end - start), 0, 1)
        mixed = near + (far - near) * (t[..., None] if image.ndim == 3 else t)
        chosen = extra >= np.float32(start)
        if result is None:
            result = mixed
        else:
            result = np.where(chosen[..., None] if image.ndim == 3 else chosen, mixed, result)
    assert result is not None
    return result


def _wide_blur(image: Array, sigma_px: float, grid: Grid) -> Array:
    """A blur that is cheap when wide: then it works on averages of 4 x 4 pixels of the glass-wide raster."""
    if sigma_px < 4:
        return blur(image, sigma_px)
    top, left = (-grid.row0) % 4, (-grid.column0) % 4
    rows, columns = (grid.height - top) // 4, (grid.width - left) // 4
    inner = image[top : top + rows * 4, left : left + columns * 4]
    small = inner.reshape(rows, 4, columns, 4, *image.shape[2:]).mean(axis=(1, 3), dtype=np.float32)
    small = np.pad(blur(small, sigma_px / 4), ((2, 2), (2, 2)) + ((0, 0),) * (image.ndim - 2), mode="edge")
    source = Grid(
        (grid.column0 + left) // 4 - 2, (grid.row0 + top) // 4 - 2, columns + 4, rows + 4, grid.spacing_um * 4
    )
    if image.ndim == 2:
        return enlarged(small, source, grid)
    return np.stack([enlarged(small[..., k], source, grid) for k in range(image.shape[2])], axis=2)


def see(light: Array, scanner: ScannerAppearance, grid: Grid) -> Array:
    """What the scanner writes down, uint8 (h, w, 3), for light 0..1 already blurred by its optics."""
    if scanner.sharpen and grid.spacing_um < 1.5:
        light = light + np.float32(scanner.sharpen) * (light - blur(light, max(0.7, 0.3 / grid.spacing_um)))
    light = np.clip(light, 0, 1.04)
    if scanner.gamma != 1:
        light = light ** np.float32(scanner.gamma)
    if scanner.saturation != 1:
        grey = light.mean(axis=2, keepdims=True)
        light = grey + (light - grey) * np.float32(scanner.saturation)
    levels = light * np.asarray(scanner.white, np.float32)
    if scanner.noise:
        source = texture("sensor")
        rows = np.arange(grid.row0, grid.row0 + grid.height) % 512
        columns = np.arange(grid.column0, grid.column0 + grid.width) % 512
        levels += source.take(rows, axis=0).take(columns, axis=1) * np.float32(scanner.noise)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
