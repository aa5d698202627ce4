"""Parts a landscape into its hills, as a watershed does, and keeps only hills that stand out.

Each place belongs to the peak that steepest ascent leads to; a hill that rises less than a given drop above
the pass to a higher one is joined to that (F. Chazal et al., Persistence-based clustering in Riemannian
manifolds, Journal of the ACM 60(6), 2013). The result does not depend on markers or on an order of visiting.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

type Labels = NDArray[np.int32]

_AHEAD = ((0, 1), (1, -1), (1, 0), (1, 1))
"""One of each pair of opposite neighbours."""


def hills(height: NDArray[Any], inside: NDArray[np.bool_], least_drop: float) -> Labels:
    """Numbers of the hills of a landscape (rows, columns) within `inside`; 0 outside.

    From 1 in reading order of their peaks. `least_drop` is in the unit of the height. Neighbours touch by a
    side or a corner.
    """
    labels = np.zeros(height.shape, np.int32)
    places = np.flatnonzero(inside)
    if not places.size:
        return labels
    # Equal heights are told apart by their place, so that each hill has one peak.
    rank = np.full(height.shape, -1, np.int64)
    rank.ravel()[places[np.lexsort((-places, height.ravel()[places]))]] = np.arange(len(places))
    peak_of = _climbed(rank, places)
    joined = _joined(height, inside, peak_of, least_drop)
    numbers = np.unique(joined, return_inverse=True)[1]
    labels.ravel()[places] = numbers + 1
    return labels


def _climbed(rank: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The peak, as a flat place, that each place (of the whole picture) climbs to; itself outside."""
    width = rank.shape[1]
    padded = np.pad(rank, 1, constant_values=-1)
    best, to = rank.copy(), np.arange(rank.size).reshape(rank.shape)
    for down, right in [(-down, -right) for down, right in _AHEAD] + list(_AHEAD):
        beside = padded[1 + down : padded.shape[0] - 1 + down, 1 + right : padded.shape[1] - 1 + right]
        higher = (beside > best) & (rank >= 0)
        best[higher] = beside[higher]
        to[higher] = np.flatnonzero(higher) + down * width + right
    flat = to.ravel()
    while True:
        further = flat[flat[places]]
        if (further == flat[places]).all():
            return flat
        flat[places] = further


def _joined(
    height: NDArray[Any], inside: NDArray[np.bool_], peak_of: NDArray[np.int64], least_drop: float
) -> NDArray[np.int64]:
    """The peak of each place inside, after low hills were joined to their neighbours."""
    heights = height.ravel()
    first, second, saddle = _passes(height, inside, peak_of.reshape(height.shape))
    leads: dict[int, int] = {}

    def top(peak: int) -> int:
        while peak in leads:
            peak = leads[peak]
        return peak

    for one, other, low in zip(first.tolist(), second.tolist(), saddle.tolist(), strict=True):
        a, b = top(one), top(other)
        if a == b:
            continue
        lower, higher = sorted((a, b), key=lambda peak: (heights[peak], -peak))
        if heights[lower] - low < least_drop:
            leads[lower] = higher
    found = peak_of[np.flatnonzero(inside)]
    peaks, numbers = np.unique(found, return_inverse=True)
    tops: NDArray[np.int64] = np.array([top(peak) for peak in peaks.tolist()], np.int64)[numbers]
    return tops


def _passes(
    height: NDArray[Any], inside: NDArray[np.bool_], peaks: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Pairs of peaks whose hills touch and the highest pass between them, highest first.

    Lower passes of a pair decide nothing: where it was not joined at its highest one the drop is only larger.
    """
    ones, others, lows = [], [], []
    rows, columns = height.shape
    for down, right in _AHEAD:
        here = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        there = (slice(down, rows), slice(max(0, right), columns + min(0, right)))
        crossing = inside[here] & inside[there] & (peaks[here] != peaks[there])
        ones.append(peaks[here][crossing])
        others.append(peaks[there][crossing])
        lows.append(np.minimum(height[here], height[there])[crossing])
    first, second, low = np.concatenate(ones), np.concatenate(others), np.concatenate(lows)
    smaller, larger = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((larger, smaller, -low))
    pairs = smaller[order] * height.size + larger[order]
    order = order[np.sort(np.unique(pairs, return_index=True)[1])]
    return smaller[order], larger[order], low[order]
