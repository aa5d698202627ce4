"""Where the tissue is on a picture of a whole slide.

Method: the HSV saturation of each pixel, smoothed by a median, parted by Otsu's threshold (N. Otsu, IEEE
Trans. SMC 9, 1979), as whole-slide pipelines do it (CLAM: M. Y. Lu et al., Nature Biomedical Engineering 5,
2021). Glass has no colour, stained tissue has. On a dark ground the brightest channel takes its place.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_MEDIAN_PX = 5
_LEAST_CONTRAST = 12
"""Of 255, between the means of both classes. Less parts noise from noise: nothing stands out."""
_SMALLEST_PX = 12
"""Specks of dust and single letters of a pen are no tissue to walk to."""


def find_tissue(rgb: NDArray[np.uint8], *, on_dark: bool = False) -> NDArray[np.bool_]:
    """Which pixels of a picture (rows, columns, 3) show tissue; all False where none stands out.

    Meant for pictures of at most some thousand pixels a side. `on_dark` is for fluorescence.
    """
    signal = rgb.max(axis=2) if on_dark else _saturation(rgb)
    smooth = ndimage.median_filter(signal, size=_MEDIAN_PX)
    above = smooth > otsu(smooth)
    if above.all() or not above.any() or smooth[above].mean() - smooth[~above].mean() < _LEAST_CONTRAST:
        return np.zeros(smooth.shape, bool)
    found = ndimage.binary_closing(above, iterations=2) | above
    labels, count = ndimage.label(found)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    kept: NDArray[np.bool_] = (sizes >= _SMALLEST_PX)[labels]
    return kept


def otsu(values: NDArray[np.uint8]) -> int:
    """The threshold that parts values into two classes of least variance; the upper one lies above it."""
    counts = np.bincount(values.ravel(), minlength=256).astype(float)
    levels = np.arange(256)
    below, total = np.cumsum(counts), counts.sum()
    sum_below, whole = np.cumsum(counts * levels), (counts * levels).sum()
    above = total - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sum_below / below - (whole - sum_below) / above) ** 2
    return int(np.nanargmax(np.nan_to_num(between)))


def _saturation(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    highest, lowest = rgb.max(axis=2).astype(np.int32), rgb.min(axis=2).astype(np.int32)
    # Black counts as colourless: ink and the edge of the glass would else be the most saturated of all.
    return np.where(highest > 30, (highest - lowest) * 255 // np.maximum(highest, 1), 0).astype(np.uint8)
