"""What is on a slide and is no tissue: ink of pens, edges of glass and air, folds, and tiles out of focus.

Pictures are of a whole slide or of a part, at 2 to 20 um/px; focus is told of tiles at full resolution.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hemalum.analysis.stain import RUIFROK_HE, Densities, optical_density
from hemalum.analysis.tissue import find_tissue

type Mask = NDArray[np.bool_]
type Vector = NDArray[np.floating[Any]]
"""A direction in red, green and blue density, of length 1."""

_INK_DENSITY = 0.25
"""Optical density of the densest colour: paler ink cannot be told from stain."""
_LEAST_INK_SHARE = 2e-4
"""Of a picture. What is smaller and looks like ink is pigment or dust."""
_BLACK_DENSITY = 0.45
_GREY_SHARE = 0.28
"""Black takes all colours away alike: what they differ by, of the densest."""

_NAVY_RATIO = 1.1
"""Of red to green density. On thirteen real pictures without ink nothing as wide as a stroke had more than
1.05; haematoxylin of Ruifrok and Johnston has 0.92."""
_MOST_NAVY = 1 / 3
"""Of what stands out. With more, it may be a very blue haematoxylin."""

_STAINED_DENSITY = 0.15
_LEAST_STAINED_PX = 500
_MOST_FITTED_PX = 20_000
_KEPT_SHARE = 0.6
"""Of the tissue, that the plane of the stains is fitted to: as much may be under ink as is left out."""
_FITTING_ROUNDS = 5
_USUAL_ACROSS = np.array([-0.2, -0.3, 0.93])
"""Across the plane of the stains, about as slides have it at 8 um/px. Stains of Ruifrok and Johnston have
(-0.33, -0.08, 0.94)."""
_USUAL_WEIGHT = 0.05
"""Of the usual plane, where a slide has one colour and no plane of its own."""
_HAEMATOXYLIN_PERCENT = 99
_BLUEST_TISSUE = RUIFROK_HE[0] + 0.3 * RUIFROK_HE[1]
"""At 8 um/px nuclei are never without something between them."""
_ABOVE_PLANE, _BELOW_PLANE, _BEYOND_STAIN = 0.06, 0.05, 0.05
_ABOVE_SHARE, _BELOW_SHARE, _BEYOND_SHARE = 0.10, 0.065, 0.05
"""Density, at least, and its share of all density, from which on the two stains of a slide cannot give it. On
real slides without ink 999 of 1,000 places strayed less, but for blood and black edges."""
_SPREADS = 4.0
_BLUE_SHARE = 0.7
"""Of the density of green light, that blue ink has of red light at least: nuclei may be off the plane."""
_STROKE_PX = 5

_RED_SHARE = 0.5
"""Of the density of green light, that red ink and blood have of red light at most, with tissue below."""
_LEAST_RED_SHARE = 2e-3
_BESIDE_PX, _GLASS_BESIDE = 31, 0.3
"""What lies on glass has as much of it around. Vessels with blood are as red as red ink and lie in tissue."""

_BESIDE_EDGE_PX, _BESIDE_INK_PX = 2, 3
"""Both have soft borders, in which they are neither themselves nor what they lie on."""

_LINE_PX = 15
_LINE_DENSITY = 0.065
_LINE_GREY_SHARE = 0.8
"""Of what a line adds to the densest colour, that it adds to the palest one, too."""
_SPECK_PX = 16
_LONG_SHARE = 0.2
"""Of the shorter side of the picture: an edge of glass is long, a fibre or a hair is not."""
_RING_PX = 20
_RING_FACTOR = 2.0
_RING_BOX_SHARE = 0.6
"""Of its box that a ring encloses: an ellipse has 0.785 of it, a curl of a fibre less."""

_BLOCK_PX, _AROUND_BLOCKS = 8, 11
"""What is around a pixel is told of 11 x 11 blocks of 8 x 8 pixels: several times as wide as a fold."""
_FOLD_FACTORS = 1.3, 1.7
"""Of the density around: what may belong to a fold, and what surely does."""
_FOLD_ALIKE = 1.25
"""What the factors of the three colours may differ by."""
_FOLD_BESIDE_PX = 2, 6
_FOLD_BESIDE_FACTOR = 1.1
"""Of the density of the tissue right beside it, from 2 to 6 px away, that a fold has at least."""
_FOLD_SHARE = 3e-4
_LEAST_AROUND = 0.5
"""Of the slide's median: against paler tissue anything is dense."""
_FAINT_DENSITY = 0.02


def find_pen(rgb: NDArray[np.uint8], standing_out: Mask) -> Mask:
    """Where ink is: green and blue, red, or black (rows, columns).

    `standing_out` is what is no glass (`hemalum.analysis.tissue.find_tissue`).

    On glass ink takes away other colours than the stains do: green and blue ink more red than green light,
    which haematoxylin takes alike and eosin the other way (navy ink but little more, so that it is told only
    of what is as wide as a stroke and has glass around it); red ink nearly as much blue as green light, of
    which eosin leaves the blue; black ink all. Rules of colour are those of whole-slide pipelines, too (A.
    Janowczyk et al., HistoQC, JCO Clinical Cancer Informatics 3, 2019); in optical density they hold for
    pale and dense ink.

    Over tissue the density of ink adds to that of the stains. Densities of two stains lie in one plane (A. C.
    Ruifrok and D. A. Johnston, Analytical and Quantitative Cytology and Histology 23, 2001), between the two;
    what leaves the plane of the slide's own stains, or lies beyond its haematoxylin, over the width of a
    stroke, is ink. Purple ink does neither. Blood is as red as red ink: small pieces of it are left out.
    """
    smooth = np.stack([ndimage.median_filter(channel, 3) for channel in np.moveaxis(rgb, 2, 0)], axis=2)
    densities = optical_density(smooth)
    most, least = densities.max(axis=2), densities.min(axis=2)
    red, green, blue = np.moveaxis(densities, 2, 0)
    dense = most > _INK_DENSITY
    cold = dense & (red > 1.25 * green) & (red >= blue)
    warm = dense & (blue > 0.70 * green) & (red < 0.33 * green)
    black = (least > _BLACK_DENSITY) & (most - least < _GREY_SHARE * most)
    navy = _navy(dense & (red > _NAVY_RATIO * green) & (red >= blue), standing_out)
    ink = ndimage.binary_opening(cold | warm | black) | navy
    stained = standing_out & ~ndimage.binary_dilation(ink, iterations=2) & (most > _STAINED_DENSITY)
    if np.count_nonzero(stained) >= _LEAST_STAINED_PX:
        foreign, is_above = _foreign_to_stains(densities, stained)
        is_red = red < _RED_SHARE * green
        # Eosin that is redder than usual on all of a slide, as in muscle, is in the slide's own plane.
        reds = ndimage.binary_opening(warm & is_above) | _strokes(foreign & dense & is_red)
        others = ndimage.binary_opening(cold | black) | navy | _strokes(foreign & dense & ~is_red)
        ink = others | _without_vessels(reds, standing_out)
    return _large(ndimage.binary_closing(ink, iterations=2) | ink, _LEAST_INK_SHARE)


def tell_ink(rgb: NDArray[np.uint8], edges: Mask) -> tuple[Mask, Mask]:
    """What stands out from the glass, and what of that is ink (rows, columns each).

    `edges` are those of `find_edges`. For haematoxylin and eosin: what is ink for one stain is a colour of
    another. Beside strong ink pale tissue stands out, too.
    """
    coloured = find_tissue(rgb)
    ink = find_pen(rgb, coloured)
    if ink.any():
        # Beside strong ink pale tissue has hardly any colour and would pass for glass.
        glass = np.median(rgb[~(coloured | ink)], axis=0) if not (coloured | ink).all() else 255
        wiped = np.where(beside_ink(ink)[..., None], glass, rgb).astype(np.uint8)
        coloured = find_tissue(wiped)
        ink = find_pen(rgb, coloured | ink)
    # The rim of a bubble is as black as ink, and black ink has no colour and stands out all the same.
    ink &= ~_grown(edges, _BESIDE_EDGE_PX)
    return coloured | ink, ink


def beside_ink(ink: Mask) -> Mask:
    """Ink with its soft border."""
    return _grown(ink, _BESIDE_INK_PX)


def find_edges(rgb: NDArray[np.uint8]) -> Mask:
    """Where long colourless lines are, as edges of coverslips, cracks and bubbles leave them (rows, columns).

    A top-hat of the density (J. Serra, Image Analysis and Mathematical Morphology, 1982) finds what is narrow
    and darker than both sides, on glass and over tissue. Of that, what adds to all colours alike is kept
    where it is long, or closed to a ring.
    """
    density = optical_density(rgb)
    palest, densest = (
        ndimage.white_tophat(each, size=_LINE_PX) for each in (density.min(axis=2), density.max(axis=2))
    )
    lines = _of_size((palest > _LINE_DENSITY) & (palest > _LINE_GREY_SHARE * densest), _SPECK_PX)
    labels, count = ndimage.label(ndimage.binary_dilation(lines, iterations=2), np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        sides = [side.stop - side.start for side in box]
        is_long = max(sides) > _LONG_SHARE * min(rgb.shape[:2])
        kept[number] = is_long or (min(sides) > _RING_PX and _is_ring(labels[box] == number))
    return np.asarray(kept[labels] & lines)


def find_folds(rgb: NDArray[np.uint8], tissue: Mask) -> Mask:
    """Where tissue lies on tissue (rows, columns): light passes it twice, so its density is nearly doubled.

    `tissue` is without ink. In a fold the density of all colours grows by the same factor, against the median
    of the tissue around it; in denser or otherwise stained tissue that of red and blue grows more. S. Kothari
    et al. (Eliminating tissue-fold artifacts in histopathological whole-slide images, JBHI 18, 2014) take two
    thresholds, too: a fold is what is surely one, and what hangs together with it. A part of a layer of dense
    tissue, such as epidermis, is told from a fold by what lies right beside it; layers as narrow as a fold
    may still be taken for one, and folds of fat are not found.
    """
    if not tissue.any():
        return np.zeros(tissue.shape, bool)
    densities = ndimage.gaussian_filter(optical_density(rgb), (1.0, 1.0, 0.0))
    factors = densities / _around(densities, tissue)
    least, most = factors.min(axis=2), factors.max(axis=2)
    is_alike = tissue & (most < _FOLD_ALIKE * least)
    dark = ndimage.binary_closing(is_alike & (least > _FOLD_FACTORS[0]))
    labels, count = ndimage.label(dark, np.ones((3, 3)))
    kept = np.bincount(labels[is_alike & (least > _FOLD_FACTORS[1])], minlength=count + 1) > 0
    kept[0] = False
    folds = _large(ndimage.binary_opening(kept[labels]), _FOLD_SHARE)
    return _denser_than_beside(folds, densities, tissue)


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


def _foreign_to_stains(densities: Densities, stained: Mask) -> tuple[Mask, Mask]:
    """Where densities are none of two stains, and where they lie above the plane of those (rows, columns)."""
    pixels = densities[stained]
    across, inwards = _plane_of(pixels[:: max(1, len(pixels) // _MOST_FITTED_PX)].astype(np.float64))
    above, inside = (
        ndimage.gaussian_filter(densities @ each.astype(np.float32), 1.0) for each in (across, inwards)
    )
    of_stains = above[stained]
    above = above - np.median(of_stains)
    spread = 1.4826 * float(np.median(np.abs(of_stains - np.median(of_stains))))
    length, off = np.linalg.norm(densities, axis=2), _SPREADS * spread
    is_blue = densities[..., 0] > _BLUE_SHARE * densities[..., 1]
    is_above = above > np.maximum(spread, _ABOVE_SHARE * length)
    foreign = (
        (is_above & (above > max(off, _ABOVE_PLANE)))
        | (is_blue & (-above > np.maximum(max(off, _BELOW_PLANE), _BELOW_SHARE * length)))
        | (-inside > np.maximum(_BEYOND_STAIN, _BEYOND_SHARE * length))
    )
    return foreign, is_above


def _grown(mask: Mask, by_px: int) -> Mask:
    return np.asarray(ndimage.binary_dilation(mask, iterations=by_px))


def _strokes(mask: Mask) -> Mask:
    """What is nowhere narrower than a stroke of a pen."""
    return np.asarray(ndimage.binary_opening(mask, np.ones((_STROKE_PX, _STROKE_PX))))


def _navy(bluish: Mask, standing_out: Mask) -> Mask:
    """Strokes of navy ink on glass; none where so much of the slide is so blue that it may be its stain."""
    labels, _, is_on_glass = _pieces(_strokes(bluish), standing_out)
    navy = is_on_glass[labels]
    return np.asarray(navy & (navy.sum() <= _MOST_NAVY * standing_out.sum()))


def _without_vessels(reds: Mask, standing_out: Mask) -> Mask:
    """Pieces of what is red that are too large for a vessel with blood, or lie on glass."""
    labels, sizes, is_on_glass = _pieces(ndimage.binary_closing(reds, iterations=2) | reds, standing_out)
    kept = is_on_glass | (sizes >= _LEAST_RED_SHARE * reds.size)
    kept[0] = False
    return np.asarray(kept[labels])


def _pieces(mask: Mask, standing_out: Mask) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """The number of the piece at each pixel; of each number, its pixels and whether it lies on glass."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    # What belongs to a piece is no tissue beside it.
    glass, others = (
        ndimage.uniform_filter(each.astype(np.float32), _BESIDE_PX)
        for each in (~standing_out, ~(mask & standing_out))
    )
    glass /= np.maximum(others, 1 / _BESIDE_PX**2)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    is_on_glass = np.bincount(labels.ravel(), glass.ravel(), minlength=count + 1) > _GLASS_BESIDE * sizes
    is_on_glass[0] = False
    return labels, sizes, is_on_glass


def _plane_of(pixels: NDArray[np.float64]) -> tuple[Vector, Vector]:
    """Of the plane that most densities (n, 3) lie in: the direction across it, towards more blue, and that
    within it across haematoxylin, towards eosin.

    Least squares of what is nearest to the plane, trimmed anew in each round (P. J. Rousseeuw, Least median
    of squares regression, JASA 79, 1984), so that what is under ink has no part in it.
    """
    usual = _USUAL_ACROSS / np.linalg.norm(_USUAL_ACROSS)
    pull = _USUAL_WEIGHT * (np.eye(3) - np.outer(usual, usual))
    # Dense ink would draw the plane to itself; the colour alone counts.
    colours = pixels / np.linalg.norm(pixels, axis=1, keepdims=True)
    across, kept = usual, colours
    for _ in range(_FITTING_ROUNDS):
        off = np.abs(colours @ across)
        kept = colours[off <= np.quantile(off, _KEPT_SHARE)]
        across = np.linalg.eigh(kept.T @ kept / len(kept) + pull)[1][:, 0]
        across = across if across @ usual > 0 else -across
    middle = kept.mean(axis=0)
    middle = middle - across * (across @ middle)
    middle /= np.linalg.norm(middle)
    # Haematoxylin takes away more red light than eosin does.
    aside = np.cross(across, middle)
    aside = aside if aside[0] > 0 else -aside
    found, least = (np.arctan2(each @ aside, each @ middle) for each in (kept, _BLUEST_TISSUE))
    # Where few nuclei are on a slide, dense groups of them are no ink for that.
    angle = max(np.percentile(found, _HAEMATOXYLIN_PERCENT), float(least))
    return across, np.sin(angle) * middle - np.cos(angle) * aside


def _is_ring(mask: Mask) -> bool:
    """Whether a line of one piece, in its own box, is closed around most of the box."""
    enclosed = int(ndimage.binary_fill_holes(mask).sum())
    return bool(enclosed > _RING_FACTOR * mask.sum() and enclosed > _RING_BOX_SHARE * mask.size)


def _denser_than_beside(folds: Mask, densities: Densities, tissue: Mask) -> Mask:
    """Pieces that are denser, in all colours alike, than the tissue right beside them.

    Against the tissue all around any dense layer is dense; against what it borders on it is of another stain,
    or no denser.
    """
    near, far = _FOLD_BESIDE_PX
    labels, count = ndimage.label(folds, np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        box = tuple(slice(max(0, side.start - far), side.stop + far) for side in (rows, columns))
        piece = labels[box] == number
        beside = tissue[box] & ~folds[box] & _grown(piece, far) & ~_grown(piece, near)
        if not beside.any():
            kept[number] = True
            continue
        inner, outer = (np.median(densities[box][each], axis=0) for each in (piece, beside))
        factors = inner / np.maximum(outer, _FAINT_DENSITY)
        is_alike = factors.max() < _FOLD_ALIKE * factors.min()
        kept[number] = is_alike and factors.min() > _FOLD_BESIDE_FACTOR
    return np.asarray(kept[labels])


def _around(densities: Densities, tissue: Mask) -> Densities:
    """The median density of the tissue around each pixel (rows, columns, 3), told of blocks."""
    usual = np.maximum(np.median(densities[tissue], axis=0), _FAINT_DENSITY)
    behind = [(0, -side % _BLOCK_PX) for side in tissue.shape]
    counts = _block_sums(np.pad(tissue, behind).astype(np.float32))
    around = []
    for channel, least in zip(np.moveaxis(densities * tissue[..., None], 2, 0), usual, strict=True):
        sums = _block_sums(np.pad(channel, behind))
        means = np.where(counts >= _BLOCK_PX, sums / np.maximum(counts, 1), least)
        middles = ndimage.median_filter(means, _AROUND_BLOCKS, mode="nearest")
        whole = np.kron(middles, np.ones((_BLOCK_PX, _BLOCK_PX), np.float32))
        smooth = ndimage.uniform_filter(whole, _BLOCK_PX)[: tissue.shape[0], : tissue.shape[1]]
        around.append(np.maximum(smooth, _LEAST_AROUND * least))
    return np.stack(around, axis=2)


def _block_sums(values: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = (side // _BLOCK_PX for side in values.shape)
    return values.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX).sum(axis=(1, 3))


def _large(mask: Mask, least_share: float) -> Mask:
    return _of_size(mask, least_share * mask.size)


def _of_size(mask: Mask, least_px: float) -> Mask:
    """The pieces of a mask that have so many pixels."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    kept = np.bincount(labels.ravel(), minlength=count + 1) >= least_px
    kept[0] = False
    return np.asarray(kept[labels])
