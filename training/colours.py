"""The baseline of the network of artefacts: what a pixel is, by its colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from artefacts_data import Windows

_LEVELS = 16
_SMOOTHED = 1.0
"""Standard deviation, in bins: colours that never occurred go with their neighbours."""


@dataclass(frozen=True, slots=True)
class ColourClasses:
    """The likeliest class of each of 16 x 16 x 16 colours, all classes taken as equally frequent.

    Histograms of colours as models of classes: M. J. Swain and D. H. Ballard, IJCV 7, 1991.
    """

    classes: NDArray[np.uint8]
    """(16, 16, 16)"""

    @staticmethod
    def counted(sets: Sequence[Windows], classes: int) -> "ColourClasses":
        shares = []
        for number in range(classes):
            count = sum(
                np.bincount(_bins(some.rgb[some.classes == number]), minlength=_LEVELS**3) for some in sets
            )
            smooth = ndimage.gaussian_filter(np.reshape(count, (_LEVELS,) * 3).astype(np.float64), _SMOOTHED)
            shares.append(smooth / max(1.0, float(smooth.sum())))
        return ColourClasses(np.argmax(shares, axis=0).astype(np.uint8))

    def of(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The class of each pixel of a picture (h, w, 3)."""
        return np.asarray(self.classes.reshape(-1)[_bins(rgb)])


def _bins(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    bins = (rgb // (256 // _LEVELS)).astype(np.int64)
    return np.asarray((bins[..., 0] * _LEVELS + bins[..., 1]) * _LEVELS + bins[..., 2])
