"""Candidates for mitotic figures among the nuclei of a slide, and the field in which most of them lie.

Chromatin of a cell in division is condensed: darker and bluer than that of the nuclei around it. On the blue
ratio (`nuclei.blue_ratio`) candidates were found in the ICPR 2012 contest (H. Irshad, Automated mitosis
detection in histopathology using morphological and multi-channel statistics features, Journal of Pathology
Informatics 4, 2013).

A candidate is no mitosis. Nothing was learnt from figures that a person had marked; pyknotic and apoptotic
nuclei, crushed lymphocytes, pigment and ink are as dark. Whoever counts mitoses looks at each of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.morphometry import Nuclei, standing_out
from hemalum.analysis.pleomorphism import LEAST_NUCLEI

type Column = NDArray[np.float64]

CANDIDATE_ABOVE = 2.0
"""Robust standard deviations above the median, in darkness and blue ratio both. Of normal values 2.3 % or
fewer lie there. Chosen on synthetic slides (docs/models/hemalum.nuclei.md): no figures marked by people are
among the data of this project."""

HOTSPOT_MM2 = 2.0
"""The area in which mitoses are counted by the WHO Classification of Tumours, 5th edition, for neuroendocrine
tumours; that a count states its area, and whether it is of a hotspot: I. A. Cree et al., Counting mitoses:
SI(ze) matters!, Modern Pathology 34, 2021."""


def candidate_scores(nuclei: Nuclei, usual: Nuclei) -> Column:
    """By how much each nucleus stands out in both, mean density of haematoxylin and mean blue ratio.

    The lesser of the two distances to the median of the `usual` nuclei of the slide, in robust standard
    deviations; below 0 for most. It is relative to the slide: where most nuclei are dark, as in lymphoid
    tissue, few stand out. NaN where the usual ones are too few.
    """
    if len(usual) < LEAST_NUCLEI:
        return np.full(len(nuclei), np.nan)
    return np.minimum(
        standing_out(nuclei.density_mean, usual.density_mean),
        standing_out(nuclei.blue_ratio, usual.blue_ratio),
    )


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A rectangle of bins in which more lie than in any other of its size."""

    count: int
    looked: int
    """Bins of it that were looked at."""
    row: int
    column: int
    rows: int
    columns: int


def find_hotspot(counts: NDArray[np.integer], looked: NDArray[np.bool_], side: int) -> Hotspot:
    """The square of `side` bins with the most; of equals the one looked at most, then the first in reading.

    `counts` and `looked` are (rows, columns) of bins. Where the grid is narrower than the square, all of its
    width counts.
    """
    rows, columns = min(side, counts.shape[0]), min(side, counts.shape[1])
    within = _sums(counts, rows, columns)
    seen = _sums(looked, rows, columns)
    best = np.flatnonzero(within.ravel() == within.max())
    place = int(best[np.argmax(seen.ravel()[best])])
    row, column = divmod(place, within.shape[1])
    return Hotspot(int(within[row, column]), int(seen[row, column]), row, column, rows, columns)


def _sums(values: NDArray[np.integer] | NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.int64]:
    """Sums over all rectangles of this size."""
    whole = np.zeros((values.shape[0] + 1, values.shape[1] + 1), np.int64)
    whole[1:, 1:] = values.astype(np.int64).cumsum(axis=0).cumsum(axis=1)
    return np.asarray(
        whole[rows:, columns:] - whole[:-rows, columns:] - whole[rows:, :-columns] + whole[:-rows, :-columns]
    )
