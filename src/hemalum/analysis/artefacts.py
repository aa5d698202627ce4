"""What is on a slide and is no tissue: ink of pens, edges of glass, folds, and tiles out of focus.

Pictures are of a whole slide or of a part, at 2 to 20 um/px; focus is told of tiles at full resolution.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hemalum.analysis.stain import optical_density

type Mask = NDArray[np.bool_]

_INK_DENSITY = 0.25
"""Optical density of the densest colour: paler ink cannot be told from stain."""
_LEAST_INK_SHARE = 2e-4
"""Of a picture. What is smaller and looks like ink is pigment or dust."""
_BLACK_DENSITY = 0.45
_GREY_SHARE = 0.28
"""Black takes all colours away alike: what they differ by, of the densest."""

_LINE_PX = 15
_LINE_DENSITY = 0.06
_COLOURLESS = 0.06
_LONG_SHARE = 0.2
"""Of the shorter side of the picture: an edge of glass is long, a fibre or a hair is not."""

_FOLD_FACTOR = 1.6
_FOLD_SHARE = 1e-3


def find_pen(rgb: NDArray[np.uint8]) -> Mask:
    """Where ink is: green and blue, red, or black (rows, columns).

    Ink takes away other colours than the stains do: green and blue ink more red than green light, which
    haematoxylin takes alike and eosin the other way; red ink nearly as much blue as green light, of which
    eosin leaves the blue; black ink all. Rules of colour are those of whole-slide pipelines, too (A.
    Janowczyk et al., HistoQC, JCO Clinical Cancer Informatics 3, 2019); in optical density they hold for
    pale and dense ink. Blood and very red muscle may be taken for red ink.
    """
    smooth = np.stack([ndimage.median_filter(channel, 3) for channel in np.moveaxis(rgb, 2, 0)], axis=2)
    red, green, blue = np.moveaxis(optical_density(smooth), 2, 0)
    most = np.maximum(np.maximum(red, green), blue)
    least = np.minimum(np.minimum(red, green), blue)
    dense = most > _INK_DENSITY
    cold = (red > 1.25 * green) & (red >= blue)
    warm = (blue > 0.70 * green) & (red < 0.33 * green)
    black = (least > _BLACK_DENSITY) & (most - least < _GREY_SHARE * most)
    ink = ndimage.binary_opening(dense & (cold | warm | black))
    return _large(ndimage.binary_closing(ink, iterations=2) | ink, _LEAST_INK_SHARE)


def find_edges(rgb: NDArray[np.uint8]) -> Mask:
    """Where long colourless lines are, as edges of coverslips and cracks leave them on glass (rows, columns).

    A top-hat of the density (J. Serra, Image Analysis and Mathematical Morphology, 1982) finds what is narrow
    and darker than both sides; of that, what is grey and long is kept.
    """
    density = optical_density(rgb)
    most, least = density.max(axis=2), density.min(axis=2)
    narrow = ndimage.white_tophat(density.mean(axis=2), size=_LINE_PX) > _LINE_DENSITY
    grey = most - least < np.maximum(_COLOURLESS, _GREY_SHARE * most)
    joined = ndimage.binary_dilation(narrow & grey, iterations=2)
    labels, _ = ndimage.label(joined, np.ones((3, 3)))
    long = np.zeros(int(labels.max()) + 1, bool)
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        long[number] = max(side.stop - side.start for side in box) > _LONG_SHARE * min(rgb.shape[:2])
    return np.asarray(long[labels] & narrow & grey)


def find_folds(rgb: NDArray[np.uint8], tissue: Mask) -> Mask:
    """Where tissue lies on tissue (rows, columns): light passes it twice, so its density is nearly doubled.

    S. Kothari et al. (Eliminating tissue-fold artifacts in histopathological whole-slide images, JBHI 18,
    2014) tell folds by saturation less intensity, with two thresholds taken from the slide itself. Here it
    is density, against the median of the tissue, so dense lymphoid tissue in a pale slide may be taken for
    a fold.
    """
    if not tissue.any():
        return np.zeros(tissue.shape, bool)
    density = ndimage.gaussian_filter(optical_density(rgb).sum(axis=2), 1.0)
    usual = float(np.median(density[tissue]))
    dark = tissue & (density > _FOLD_FACTOR * usual)
    sure = tissue & (density > (_FOLD_FACTOR + 0.2) * usual)
    labels, count = ndimage.label(dark, np.ones((3, 3)))
    kept = np.bincount(labels[sure], minlength=count + 1) > 0
    kept[0] = False
    return _large(ndimage.binary_opening(kept[labels]), _FOLD_SHARE)


def blur(rgb: NDArray[np.uint8], width_px: int = 9) -> float:
    """How blurred a tile is, from 0 (sharp) to 1; NaN for a tile without any detail, which has no focus.

    How much of the differences between neighbours is left when the tile is blurred once more: most of it,
    if it was blurred already. F. Crete et al., The blur effect: perception and estimation with a new
    no-reference perceptual blur metric, SPIE 6492, 2007. Contrast and stain strength drop out.
    """
    grey = rgb.astype(np.float64) @ (0.299, 0.587, 0.114)
    values = []
    for axis in (0, 1):
        again = ndimage.uniform_filter1d(grey, width_px, axis=axis)
        before, after = (np.abs(ndimage.sobel(image, axis=axis)) for image in (grey, again))
        inner = (slice(2, -2), slice(2, -2))
        total = float(before[inner].sum())
        if total < 1e-9:
            return float("nan")
        lost = float(np.maximum(before - after, 0)[inner].sum())
        values.append((total - lost) / total)
    return max(values)


def _large(mask: Mask, least_share: float) -> Mask:
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    kept = np.bincount(labels.ravel(), minlength=count + 1) >= least_share * mask.size
    kept[0] = False
    return np.asarray(kept[labels])
