"""How much nuclei of a slide vary in size and form, with how sure that is.

The standard deviation of the area of nuclei is what anisokaryosis, judged by eye with poor agreement, was
replaced by in A. Haghofer et al. (Nuclear pleomorphism in canine cutaneous mast cell tumors: comparison of
reproducibility and prognostic relevance between estimates, manual morphometry, and algorithmic morphometry,
Veterinary Pathology 2024; not verified); the coefficient of variation is the same by the mean.

Neighbours are alike, so that a slide with a million nuclei does not tell a million times as much as one:
intervals are of clusters. Each statistic is a function of the means of x and x^2; its variance is that of its
linear part, summed up over the nuclei of each square of the slide (W. G. Cochran, Sampling Techniques, 1977,
on ratios of clusters; K.-Y. Liang and S. L. Zeger, Longitudinal data analysis using generalized linear
models, Biometrika 73, 1986), and the quantile is Student's with as many degrees of freedom as squares, less
one.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_NUCLEI = 30
"""Fewer nuclei than this say nothing about what is usual on a slide."""
SQUARE_UM = 512.0
"""Side of the squares whose nuclei count as one cluster."""
LEAST_SQUARES = 5
"""Fewer do not tell how much squares differ: there is no interval then."""
_Z = 1.959964
"""Of a 95 % interval."""

type Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval; no limits where these are not known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """One measure of many nuclei, as sums that can be added up over chunks and slides."""

    count: int = 0
    total: float = 0.0
    total_squared: float = 0.0
    squares: int = 0
    """Of the slides, with nuclei in them."""
    products: tuple[float, float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    """Summed over squares, of the sums n, x, x^2 in each: nn, nx, nx^2, xx, xx^2, x^2x^2."""

    def __add__(self, other: "Spread") -> "Spread":
        """Of both together, which have no square in common."""
        added = np.add(self.products, other.products).tolist()
        return Spread(
            self.count + other.count,
            self.total + other.total,
            self.total_squared + other.total_squared,
            self.squares + other.squares,
            (added[0], added[1], added[2], added[3], added[4], added[5]),
        )

    @property
    def mean(self) -> Estimate:
        """Of all; there has to be one."""
        mean = self.total / self.count
        return self._estimate(mean, (-mean, 1.0, 0.0))

    @property
    def sd(self) -> Estimate:
        """Standard deviation."""
        mean, sd = self._moments()
        if sd == 0:
            return Estimate(0.0)
        return self._estimate(sd, _linear(mean, sd, -mean / sd, 1 / (2 * sd)))

    @property
    def cv(self) -> Estimate:
        """Standard deviation by the mean; of measures that are above 0."""
        mean, sd = self._moments()
        if sd == 0:
            return Estimate(0.0)
        return self._estimate(
            sd / mean, _linear(mean, sd, -1 / sd - sd / mean**2, 1 / (2 * sd * mean)), least=0.0
        )

    def _moments(self) -> tuple[float, float]:
        mean = self.total / self.count
        return mean, math.sqrt(max(self.total_squared / self.count - mean**2, 0.0))

    def _estimate(
        self, value: float, linear: tuple[float, float, float], *, least: float = -math.inf
    ) -> Estimate:
        """With the interval by the linear part: its sum over a square is a product with (n, x, x^2)."""
        if self.squares < LEAST_SQUARES:
            return Estimate(value)
        a, b, c = linear
        nn, nx, ny, xx, xy, yy = self.products
        variance = a * a * nn + b * b * xx + c * c * yy + 2 * (a * b * nx + a * c * ny + b * c * xy)
        variance *= self.squares / (self.squares - 1) / self.count**2
        half = _student(self.squares - 1) * math.sqrt(max(variance, 0.0))
        return Estimate(value, max(value - half, least), value + half)


def spread_of(values: Column, x_um: Column, y_um: Column) -> Spread:
    """The spread of one measure of the nuclei of a slide; places are from its corner."""
    if not len(values):
        return Spread()
    values = values.astype(np.float64)
    rows, columns = (y_um // SQUARE_UM).astype(np.int64), (x_um // SQUARE_UM).astype(np.int64)
    _, square = np.unique(np.stack([rows, columns]), axis=1, return_inverse=True)
    square = square.ravel()
    return of_sums(np.bincount(square), np.bincount(square, values), np.bincount(square, values**2))


def of_sums(counts: NDArray[np.integer] | Column, totals: Column, totals_squared: Column) -> Spread:
    """The spread of nuclei of which the sums n, x and x^2 in each square are known."""
    sums = np.stack([each.ravel() for each in (counts, totals, totals_squared)]).astype(np.float64)
    sums = sums[:, sums[0] > 0]
    products = sums @ sums.T
    n, x, y = sums.sum(axis=1).tolist()
    upper = products[np.triu_indices(3)].tolist()
    return Spread(int(n), x, y, sums.shape[1], (upper[0], upper[1], upper[2], upper[3], upper[4], upper[5]))


def _linear(mean: float, sd: float, by_mean: float, by_square: float) -> tuple[float, float, float]:
    """Coefficients of (n, x, x^2) in the sum over nuclei of the linear part of a statistic."""
    return -by_mean * mean - by_square * (sd**2 + mean**2), by_mean, by_square


def _student(freedom: int) -> float:
    """Quantile of Student's t for 95 %: M. Abramowitz and I. A. Stegun, Handbook, 1964, 26.7.5."""
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, 1))
