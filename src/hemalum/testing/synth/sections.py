"""Serial sections: where a place of section k lies in section 0, exactly and both ways."""

import math
from dataclasses import dataclass

import numpy as np

from hemalum.testing.synth.noise import Array, Grid, Points, Where, noise, uniform


@dataclass(frozen=True, slots=True)
class Deformation:
    """A smooth invertible map of the glass: turn and shift as a whole, then stretch locally.

    `to_first` takes places of this section (um) to section 0; `from_first` is its inverse. Displacements of
    the local part stay below 0.08 of their wavelength, which keeps the map free of folds.
    """

    section: int
    centre_x_um: float
    centre_y_um: float
    angle: float
    shift_x_um: float
    shift_y_um: float
    local_um: float
    wavelength_um: float
    seed: int

    def to_first(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Section-k places to section 0, um; x and y have one shape."""
        dx, dy = self._local(Points(np.ravel(x), np.ravel(y)))
        return self._rigid(x + dx.reshape(np.shape(x)), y + dy.reshape(np.shape(y)))

    def on_grid(self, grid: Grid) -> tuple[Array, Array]:
        """Section-0 places of all pixel centres of a grid of this section, (h, w) each."""
        dx, dy = self._local(grid)
        return self._rigid(grid.x + dx, grid.y + dy)

    def from_first(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Section-0 places to section k, um, by fixed-point iteration to below 0.01 um."""
        c, s = math.cos(-self.angle), math.sin(-self.angle)
        px, py = x - self.centre_x_um - self.shift_x_um, y - self.centre_y_um - self.shift_y_um
        bx, by = self.centre_x_um + px * c - py * s, self.centre_y_um + px * s + py * c
        qx, qy = bx, by
        for _ in range(14):
            dx, dy = self._local(Points(np.ravel(qx), np.ravel(qy)))
            qx, qy = bx - dx.reshape(np.shape(bx)), by - dy.reshape(np.shape(by))
        return qx, qy

    def _rigid(self, x: Array, y: Array) -> tuple[Array, Array]:
        c, s = math.cos(self.angle), math.sin(self.angle)
        px, py = x - self.centre_x_um, y - self.centre_y_um
        return (
            self.centre_x_um + self.shift_x_um + px * c - py * s,
            self.centre_y_um + self.shift_y_um + px * s + py * c,
        )

    def _local(self, where: Where) -> tuple[Array, Array]:
        size = self.local_um * 0.5
        wave = self.wavelength_um
        return (
            noise(where, wave, self.seed + 1).astype(np.float64) * size,
            noise(where, wave, self.seed + 2).astype(np.float64) * size,
        )


def deformation(section: int, width_um: float, height_um: float, seed: int) -> Deformation | None:
    """The map of section `section`; None for section 0, which is the reference."""
    if section == 0:
        return None
    key = seed * 211 + 7001 * section
    r = [uniform(key, k) - 0.5 for k in range(4)]
    small = min(width_um, height_um)
    wave = small * 0.45
    return Deformation(
        section=section,
        centre_x_um=width_um / 2,
        centre_y_um=height_um / 2,
        angle=r[0] * math.radians(8),
        shift_x_um=r[1] * small * 0.04,
        shift_y_um=r[2] * small * 0.04,
        local_um=min(160.0, wave * 0.06),
        wavelength_um=wave,
        seed=key,
    )
