"""How often each sample value occurs, and the range that shows most of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 256
LOW_PERCENT, HIGH_PERCENT = 1.0, 99.8
"""Of the samples, below what is shown as black and as full. Signal is rare on a dark ground, so the upper one
is near the end, and leaves out single hot pixels."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of samples in bins of one width."""

    counts: NDArray[np.int64]
    first: float
    """Lower end of the first bin."""
    width: float
    """Of a bin; a whole number for whole samples, so that every count is exact."""
    least: float
    most: float
    auto_low: float
    """The least sample with `LOW_PERCENT` of all at or below it."""
    auto_high: float
    """The same for `HIGH_PERCENT`; more than `auto_low`."""


def histogram(samples: NDArray[Any]) -> Histogram:
    """The histogram of finite samples of any shape and real type, in at most `BINS` bins.

    The percentiles are nearest-rank: samples that occur, by definition 1 of Hyndman and Fan (The American
    Statistician 50, 1996). Without a sample all counts are zero.
    """
    values = samples.reshape(-1)
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    if not values.size:
        return Histogram(np.zeros(1, np.int64), 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    least, most = values.min(), values.max()
    if values.dtype.kind == "f":
        width = float(most - least) / BINS or 1.0
        counts, _ = np.histogram(values, BINS, (float(least), float(least) + BINS * width))
    else:
        width = float(-(-(int(most) - int(least) + 1) // BINS))
        counts = np.bincount((values.astype(np.int64) - int(least)) // int(width))
    low, high = np.percentile(values, (LOW_PERCENT, HIGH_PERCENT), method="inverted_cdf")
    return Histogram(
        counts.astype(np.int64),
        float(least),
        width,
        float(least),
        float(most),
        float(low),
        float(high if high > low else low + width),
    )
