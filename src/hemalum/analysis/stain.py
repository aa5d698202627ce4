"""Stains of a slide: optical density, their colours, and how far they drifted.

Optical density follows Beer and Lambert: -log10 of the light let through. Stain colours are estimated once
for a slide from pixels of all its tissue, by M. Macenko et al. (A method for normalizing histology slides for
quantitative analysis, ISBI 2009): the two ends of the fan that densities form in the plane of their largest
spread. An estimate is judged before it is used, since one from little or one-coloured tissue damages the
picture; where it is rejected, mean and spread in the l-alpha-beta space are matched instead (E. Reinhard et
al., Color transfer between images, IEEE Computer Graphics and Applications 21(5), 2001).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Densities = NDArray[np.floating[Any]]
type StainMatrix = NDArray[np.floating[Any]]
"""Optical density of each stain (rows) in red, green and blue, of length 1."""

RUIFROK_HE: StainMatrix = np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105]], np.float32)
"""Haematoxylin and eosin (Ruifrok and Johnston 2001)."""
RUIFROK_HDAB: StainMatrix = np.array([[0.650, 0.704, 0.286], [0.268, 0.570, 0.776]], np.float32)
"""Haematoxylin and diaminobenzidine (Ruifrok and Johnston 2001)."""

_LEAST_DENSITY = 0.15
"""Macenko's beta, for the densest colour: what lets more light of all colours through is taken for glass."""
_ENDS_PERCENT = 1.0
"""Macenko's alpha: the ends of the fan, without the outermost pixels."""
LEAST_PIXELS = 500
"""Of stained tissue; fewer tell nothing of a slide."""
_ON_ONE_LINE = 1e-9
"""Variance across a line by that along it, which is noise of the arithmetic."""
_LARGEST_CONDITION = 12.0
"""Of the stain matrix. Two stains 10 degrees apart have 11.4: parting closer ones multiplies noise."""
_FARTHEST_DEGREES = 40.0
"""Between an estimated stain and the one of the book. Scanners and batches vary less; ink and blood more."""


class Rejected(StrEnum):
    """Why a slide's stains could not be told."""

    LITTLE_TISSUE = "little_tissue"
    ONE_COLOUR = "one_colour"
    """The stains found are too alike to be parted."""
    OTHER_STAIN = "other_stain"
    """A stain found is too far from haematoxylin or eosin."""


@dataclass(frozen=True, slots=True)
class Stains:
    """The stains of one slide."""

    colours: StainMatrix
    strengths: tuple[float, float]
    """Density that 99 of 100 tissue pixels stay below, for each stain."""
    condition: float


def optical_density(rgb: NDArray[np.uint8], white: float = 255.0) -> Densities:
    """-log10 of the light let through, not below 0; `white` is the sample value of empty glass."""
    light = (np.maximum(rgb.astype(np.float32), 1) / np.float32(white)).clip(max=1)
    return np.asarray(-np.log10(light), np.float32)


def concentrations(densities: Densities, colours: StainMatrix) -> Densities:
    """Density of each stain at each pixel (..., stains), by least squares; may be slightly negative."""
    return np.asarray(densities @ np.linalg.pinv(colours).astype(np.float32), np.float32)


def rendered(concentration: Densities, colours: StainMatrix) -> NDArray[np.uint8]:
    """The picture that stains of these densities give."""
    return np.clip(np.rint(255 * 10 ** -(concentration @ colours)), 0, 255).astype(np.uint8)


def stained(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Those pixels (n, 3) that take away more light than glass does."""
    return np.asarray(pixels[optical_density(pixels).max(axis=1) > _LEAST_DENSITY])


def estimate_stains(pixels: NDArray[np.uint8], reference: StainMatrix = RUIFROK_HE) -> Stains | Rejected:
    """The two stains of a slide in the order of `reference`, from pixels (n, 3) of its tissue, or why not."""
    densities = optical_density(stained(pixels)).astype(np.float64)
    if len(densities) < LEAST_PIXELS:
        return Rejected.LITTLE_TISSUE
    colours = _ends_of_fan(densities)
    if colours is None:
        return Rejected.ONE_COLOUR
    likeness = colours @ reference.T
    if likeness[0, 0] + likeness[1, 1] < likeness[0, 1] + likeness[1, 0]:
        colours = colours[::-1]
    condition = float(np.linalg.cond(colours))
    if condition > _LARGEST_CONDITION:
        return Rejected.ONE_COLOUR
    if max(angles_degrees(colours, reference)) > _FARTHEST_DEGREES:
        return Rejected.OTHER_STAIN
    strengths = np.percentile(concentrations(densities.astype(np.float32), colours), 99, axis=0)
    return Stains(colours.astype(np.float32), (float(strengths[0]), float(strengths[1])), condition)


def normalised(rgb: NDArray[np.uint8], stains: Stains, target: Stains) -> NDArray[np.uint8]:
    """The picture as if its slide had the stains of `target`."""
    found = np.maximum(concentrations(optical_density(rgb), stains.colours), 0)
    factors = np.array(target.strengths, np.float32) / np.maximum(
        np.array(stains.strengths, np.float32), 1e-3
    )
    return rendered(found * factors, target.colours)


def angles_degrees(one: StainMatrix, other: StainMatrix) -> list[float]:
    """Angle between each stain of one matrix and the same stain of the other."""
    cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return [float(angle) for angle in np.degrees(np.arccos(np.clip(cosines, -1, 1)))]


def _ends_of_fan(densities: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The two extreme directions in the plane of largest spread; None where they are no colours."""
    spreads, axes = np.linalg.eigh(np.cov(densities.T))
    # On one line, as of two flat colours, they lie in no plane, and any would be taken.
    if spreads[1] <= _ON_ONE_LINE * spreads[2]:
        return None
    plane = axes[:, [2, 1]]
    plane *= np.where(plane.sum(axis=0) < 0, -1, 1)
    along = densities @ plane
    angles = np.arctan2(along[:, 1], along[:, 0])
    ends = np.percentile(angles, [_ENDS_PERCENT, 100 - _ENDS_PERCENT])
    directions = np.stack([np.cos(ends), np.sin(ends)], 1) @ plane.T
    # A stain takes light away everywhere; small negative values are noise of the estimate.
    if (directions < -0.25).any():
        return None
    directions = np.maximum(directions, 0)
    return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True))


# Reinhard et al. 2001, equations 4 and 6: light to the cones, and the decorrelated space of their logarithms.
_TO_CONES = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
_TO_LAB = np.diag(1 / np.sqrt([3, 6, 2])) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])


@dataclass(frozen=True, slots=True)
class Colouring:
    """Mean and spread of tissue in the space l-alpha-beta of Reinhard."""

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]


def colouring(pixels: NDArray[np.uint8]) -> Colouring:
    """The colouring of tissue pixels (n, 3)."""
    lab = _lab(pixels)
    mean, spread = lab.mean(axis=0).tolist(), lab.std(axis=0).tolist()
    return Colouring((mean[0], mean[1], mean[2]), (spread[0], spread[1], spread[2]))


def matched(rgb: NDArray[np.uint8], own: Colouring, target: Colouring) -> NDArray[np.uint8]:
    """The picture with the mean and spread of `target`: what is left where stains cannot be told."""
    lab = _lab(rgb.reshape(-1, 3))
    factor = np.array(target.spread) / np.maximum(own.spread, 1e-6)
    return _pixels((lab - own.mean) * factor + target.mean).reshape(rgb.shape)


def mean_colour(tissue: Colouring) -> tuple[int, int, int]:
    """Red, green and blue of the mean of tissue."""
    red, green, blue = _pixels(np.array(tissue.mean)).tolist()
    return red, green, blue


def _lab(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    light = np.maximum(pixels, 1) / 255
    return np.asarray(np.log10(light @ _TO_CONES.T) @ _TO_LAB.T)


def _pixels(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    cones = 10 ** (lab @ np.linalg.inv(_TO_LAB).T)
    light = cones @ np.linalg.inv(_TO_CONES).T
    return np.clip(np.rint(light * 255), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a run of values went from those it began with."""

    centre: float
    lower: float
    upper: float
    averages: tuple[float, ...]
    """The moving average after each value."""
    outside: tuple[int, ...]
    """Places of the averages beyond a limit."""


def drift(
    baseline: Sequence[float], values: Sequence[float], weight: float = 0.2, width: float = 2.962
) -> Drift:
    """An exponentially weighted moving average chart of slide statistics against a baseline of good slides.

    The defaults give one false alarm in about 500 values without drift (J. M. Lucas and M. S. Saccucci,
    Exponentially weighted moving average control schemes, Technometrics 32(1), 1990). The limits are those
    of a long run (NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4), with centre and standard
    deviation of the baseline, which needs two values or more.
    """
    if len(baseline) < 2:
        raise ValueError("A baseline needs two values or more.")
    centre, spread = float(np.mean(baseline)), float(np.std(baseline, ddof=1))
    reach = width * spread * float(np.sqrt(weight / (2 - weight)))
    averages, now = [], centre
    for value in values:
        now = weight * float(value) + (1 - weight) * now
        averages.append(now)
    outside = tuple(place for place, average in enumerate(averages) if abs(average - centre) > reach)
    return Drift(centre, centre - reach, centre + reach, tuple(averages), outside)
