"""The baseline of every classifier here: a logistic regression of a histogram of colours."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from hemalum.analysis.basins import Labels
from hemalum.analysis.calibration import softmax

type Features = NDArray[np.floating[Any]]
type Probabilities = NDArray[np.float64]

_LEVELS = 8
_PENALTY = 2e-3
_LEAST_SPREAD = 0.02
"""Added to that of each feature, as a share of the largest: what hardly ever varies is not blown up."""


def histograms(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of pixels in each of 8 x 8 x 8 colours, roots taken: (n, 512) of pictures (n, h, w, 3)."""
    flat = _bins(rgb).reshape(len(rgb), -1)
    return np.sqrt(np.stack([np.bincount(row, minlength=_LEVELS**3) / len(row) for row in flat]))


def histograms_within(labels: Labels, rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The same of the pixels of each instance of a picture (h, w, 3), numbered from 1 without gaps."""
    inside, count = labels > 0, int(labels.max(initial=0))
    own = (labels[inside] - 1).astype(np.int64)
    pairs = np.bincount(own * _LEVELS**3 + _bins(rgb[inside]), minlength=count * _LEVELS**3)
    return np.sqrt(pairs.reshape(count, _LEVELS**3) / np.bincount(own, minlength=count)[:, None])


def _bins(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The number of each colour among 8 x 8 x 8."""
    bins = (rgb // (256 // _LEVELS)).astype(np.int64)
    return np.asarray((bins[..., 0] * _LEVELS + bins[..., 1]) * _LEVELS + bins[..., 2])


@dataclass(frozen=True, slots=True)
class Logistic:
    """A multinomial logistic regression."""

    weights: NDArray[np.float64]
    """(features, classes)"""
    offset: NDArray[np.float64]
    """(classes,)"""

    def __call__(self, features: Features) -> Probabilities:
        """Probabilities (n, classes)."""
        return softmax(features @ self.weights + self.offset)


def fit_logistic(features: Features, labels: NDArray[np.int64], classes: int) -> Logistic:
    """The regression of features (n, d) with a penalty on its weights."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread = spread + _LEAST_SPREAD * spread.max()
    scaled, truth = (features - mean) / spread, np.eye(classes)[labels]
    shape = (features.shape[1] + 1, classes)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape)
        likely = softmax(scaled @ weights[:-1] + weights[-1])
        value = -np.log(np.maximum((likely * truth).sum(axis=1), 1e-300)).mean()
        wrong = (likely - truth) / len(truth)
        slope = np.vstack([scaled.T @ wrong + 2 * _PENALTY * weights[:-1], wrong.sum(axis=0)])
        return float(value + _PENALTY * (weights[:-1] ** 2).sum()), slope.ravel()

    found = optimize.minimize(
        loss, np.zeros(shape[0] * classes), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    )
    weights = found.x.reshape(shape)
    unscaled = weights[:-1] / spread[:, None]
    return Logistic(unscaled, weights[-1] - mean @ unscaled)
