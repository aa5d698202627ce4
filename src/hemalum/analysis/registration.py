"""How well a transform lays one slide over another, and whether it can be one at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.displacements import DisplacementGrid
from hemalum.kernel.errors import Invalid

MOST_STRETCH = 20.0
MOST_SHIFT_UM = 1e6
_SLACK = 1e-3
"""By which share the two scales of what is said not to stretch may differ."""

type Array = NDArray[Any]
type Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Affine:
    """x' = a x + c y + e, y' = b x + d y + f, in um from the top left corner of each slide."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    @property
    def linear(self) -> Array:
        """What it does to differences, (2, 2)."""
        return np.array([[self.a, self.c], [self.b, self.d]])

    def apply(self, places: Array) -> Array:
        """Places (n, 2) on the other slide."""
        moved: Array = places @ self.linear.T + (self.e, self.f)
        return moved


@dataclass(frozen=True, slots=True)
class Landmark:
    """The same place on both slides, um."""

    start: Place
    end: Place


def residual_um(matrix: Affine, grid: DisplacementGrid | None, landmarks: Sequence[Landmark]) -> float:
    """Root mean square distance between where landmarks come to lie and where they should, um."""
    starts = np.array([each.start for each in landmarks])
    moved = matrix.apply(starts)
    if grid is not None:
        moved = moved + grid.at(starts)
    away = moved - np.array([each.end for each in landmarks])
    return float(np.sqrt((away**2).sum(axis=1).mean()))


def check_affine(matrix: Affine, kind: str) -> None:
    """Refuse a matrix that lays nothing over a slide, or does more than its kind: rigid, similarity, affine.

    Raises:
        Invalid: what is wrong.
    """
    figures = np.array([matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f])
    if not np.isfinite(figures).all():
        raise Invalid("A transform is made of numbers.")
    if np.abs(figures[4:]).max() > MOST_SHIFT_UM:
        raise Invalid("A transform shifts by at most {most} um.", most=MOST_SHIFT_UM)
    if np.abs(figures[:4]).max() > MOST_STRETCH:
        raise Invalid("A transform stretches or shrinks by at most {most} times.", most=MOST_STRETCH)
    large, small = np.linalg.svd(matrix.linear, compute_uv=False)
    if small < 1 / MOST_STRETCH or large > MOST_STRETCH:
        raise Invalid("A transform stretches or shrinks by at most {most} times.", most=MOST_STRETCH)
    is_even = large - small <= _SLACK * large
    if (kind != "affine" and not is_even) or (kind == "rigid" and abs(large - 1) > _SLACK):
        raise Invalid("The matrix does more than a {kind} transform may.", kind=kind)


def check_bending(matrix: Affine, grid: DisplacementGrid) -> None:
    """Refuse displacements that fold the tissue: two places would come to lie on each other.

    Between nodes displacements are linear along either axis, so the area that a corner of a cell comes to
    has to keep the sign of the matrix at all four corners.

    Raises:
        Invalid: it folds.
    """
    values = grid.values.astype(np.float64)
    across = np.diff(values, axis=1) / grid.step_x_um
    down = np.diff(values, axis=0) / grid.step_y_um
    sign = np.sign(np.linalg.det(matrix.linear))
    for by_x in (across[:-1], across[1:]):
        for by_y in (down[:, :-1], down[:, 1:]):
            area = (matrix.a + by_x[..., 0]) * (matrix.d + by_y[..., 1]) - (matrix.c + by_y[..., 0]) * (
                matrix.b + by_x[..., 1]
            )
            if (area * sign <= 0).any():
                raise Invalid("The displacements fold the tissue over itself.")
