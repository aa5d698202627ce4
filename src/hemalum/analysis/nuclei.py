"""Nuclei on stained sections: found without a network, and made of the maps that a network gives.

Without a network: the optical density of haematoxylin by colour deconvolution (A. C. Ruifrok and D. A.
Johnston, Quantification of histochemical staining by color deconvolution, Analytical and Quantitative
Cytology and Histology 23, 2001), Otsu's threshold with a local one beside it, and the hills of the distance
to the edge. It is the floor that every network has to beat (docs/benchmarks.md).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hemalum.analysis.basins import Labels, hills
from hemalum.analysis.stain import RUIFROK_HE, concentrations, optical_density
from hemalum.analysis.tissue import otsu

SMALLEST_UM2 = 10.0
"""Nothing smaller is a nucleus: a small lymphocyte, 5 um across, has 20."""

_SMOOTHED_UM = 0.25
_AROUND_UM = 24.0
"""The neighbourhood that a nucleus must be darker than, three nuclei wide."""
_DARKER = 1.1
_GENEROUS = 0.85
"""Of Otsu's threshold, which pale nuclei beside dark ones would stay below."""
_FLOOR_DROP_UM = 0.25
"""How far the middles of two nuclei must lie deeper than the neck between them."""
_LEAST_DENSITY = 0.12
"""Optical density of haematoxylin: paler is no nucleus even where nothing is darker."""

_SURE = 0.5
_NETWORK_DROP = 0.12
_NETWORK_SMOOTHED_UM = 0.35


def find_nuclei(rgb: NDArray[np.uint8], um_per_px: float) -> Labels:
    """Numbers of the nuclei of a picture (rows, columns, 3) with haematoxylin in it; 0 elsewhere."""
    density = haematoxylin(rgb)
    smooth = ndimage.gaussian_filter(density, _SMOOTHED_UM / um_per_px)
    top = max(float(smooth.max()), 1e-6)
    threshold = otsu(np.clip(smooth * (255 / top), 0, 255).astype(np.uint8)) * top / 255
    around = ndimage.uniform_filter(smooth, max(3, round(_AROUND_UM / um_per_px)), mode="reflect")
    inside = (smooth > max(threshold * _GENEROUS, _LEAST_DENSITY)) & (smooth > around * _DARKER)
    inside = ndimage.binary_fill_holes(ndimage.binary_opening(inside))
    depth = ndimage.gaussian_filter(
        ndimage.distance_transform_edt(inside) * um_per_px, _SMOOTHED_UM / um_per_px
    )
    return _large_enough(hills(depth, inside, _FLOOR_DROP_UM), um_per_px)


def part(inside: NDArray[np.float32], middle: NDArray[np.float32], um_per_px: float) -> Labels:
    """Numbers of the nuclei of a network's two maps, each 0..1: lies in a nucleus, and is near its middle."""
    surface = ndimage.gaussian_filter(middle, _NETWORK_SMOOTHED_UM / um_per_px)
    within = ndimage.binary_fill_holes(inside > _SURE)
    return _large_enough(hills(surface, within, _NETWORK_DROP), um_per_px)


def classify(labels: Labels, likely: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The class of each nucleus (its number from 0) and its probability: the largest of the means over it.

    `labels` count from 1 without gaps; `likely` are probabilities of classes (classes, rows, columns).
    """
    inside = labels > 0
    own, count = labels[inside], int(labels.max(initial=0))
    sizes = np.bincount(own, minlength=count + 1)[1:]
    means = [np.bincount(own, each[inside], count + 1)[1:] / sizes for each in likely]
    classes = np.argmax(means, axis=0)
    return classes.astype(np.uint8), np.max(means, axis=0).astype(np.float32)


def haematoxylin(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Optical density of haematoxylin at each pixel, not below 0, by `RUIFROK_HE`."""
    return np.maximum(concentrations(optical_density(rgb), RUIFROK_HE)[..., 0], 0)


def blue_ratio(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """100 B / (1 + R + G) x 256 / (1 + R + G + B) of colours (..., 3): how blue, and how dark with that.

    H. Chang, L. A. Loss and B. Parvin, Nuclear segmentation in H&E sections via multi-reference graph cut,
    ISBI 2012; that paper was not read: the formula is that of public code of mitosis detectors. Black is the
    bluest of all.
    """
    red, green, blue = np.moveaxis(rgb.astype(np.float64), -1, 0)
    return np.asarray(100 * blue / (1 + red + green) * 256 / (1 + red + green + blue))


def _large_enough(labels: Labels, um_per_px: float) -> Labels:
    """Without those that are too small; numbers stay in order without gaps."""
    areas_um2 = np.bincount(labels.ravel()) * um_per_px**2
    kept = areas_um2 >= SMALLEST_UM2
    kept[0] = False
    numbers = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    return numbers[labels]
