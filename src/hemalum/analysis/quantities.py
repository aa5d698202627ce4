"""Measured numbers, and the scale that they are measured by. Loads no numpy: commands start with it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hemalum.kernel.geometry import SpacingUm


class Provenance(StrEnum):
    """Where the um/px comes from."""

    STORED = "stored"
    """The scanner wrote it."""
    STATED = "stated"
    """A person stated it."""


SCALE_HALF_WIDTHS: Mapping[Provenance, float] = {Provenance.STORED: 0.01, Provenance.STATED: 0.02}
"""Relative half-widths of the um/px (Type B, GUM 4.3.8: bounds from experience). No standard for slide
scanners states one. 2 % is where the node calls a stated scale contradictory to that of the file; half of
that is supposed of a scanner, which makers calibrate against a stage micrometer."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Micrometres for each level-0 pixel, and who says so."""

    spacing: SpacingUm
    provenance: Provenance

    @property
    def relative_uncertainty(self) -> float:
        """Standard uncertainty of the um/px, as a part of it."""
        return SCALE_HALF_WIDTHS[self.provenance] / math.sqrt(3)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number. The unit stands in the name of what holds it."""

    value: float
    uncertainty: float
    """Half-width of the interval of about 95 % (k = 2)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What can be measured of a geometry; None for what it does not have."""

    area_um2: Quantity | None = None
    perimeter_um: Quantity | None = None
    """The length of all outlines, those of holes included."""
    length_um: Quantity | None = None
