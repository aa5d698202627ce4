"""Photographs and their scale. No I/O."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from hemalum.capabilities.cases.model import CaseId, MaterialId, PatientId
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import OrganisationId

PhotographId = NewType("PhotographId", str)

MOST_OF_A_CASE = 200
MOST_BYTES = 40 << 20
_MOST_MM = 1000.0


class EnteredInError(Conflict):
    """The photograph was withdrawn."""

    code = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph of a part or block, without its pixels."""

    id: PhotographId
    organisation_id: OrganisationId
    case_id: CaseId
    material_id: MaterialId
    identifier: str
    """Of the piece that it shows."""
    patient_id: PatientId | None
    """Under whose key it is sealed."""
    sha256: str
    """Of the picture as it is kept."""
    width_px: int
    height_px: int
    taken_at: str | None
    """What the camera states, without a zone."""
    at: datetime
    """When it was handed in."""
    by_name: str
    um_per_px: float | None = None
    """By the ruler in it; None where nobody read one."""
    wrong_because: str | None = None
    """Why it was entered in error; None while it counts."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """Two places in a photograph, in its pixels, and how far apart they are on the ruler in it."""

    x1_px: float
    y1_px: float
    x2_px: float
    y2_px: float
    length_mm: float


def scale_of(ruler: Ruler, photograph: Photograph) -> float:
    """um for each pixel.

    Raises:
        Invalid: the places are the same or outside, or the distance can be none.
    """
    places = ((ruler.x1_px, ruler.y1_px), (ruler.x2_px, ruler.y2_px))
    if not all(0 <= x <= photograph.width_px and 0 <= y <= photograph.height_px for x, y in places):
        raise Invalid("A place of the ruler lies outside of the photograph.")
    if not 0 < ruler.length_mm <= _MOST_MM:
        raise Invalid("The distance on the ruler is more than 0 and at most {most} mm.", most=int(_MOST_MM))
    apart_px = math.dist(*places)
    if apart_px < 1:
        raise Invalid("The two places of the ruler are the same.")
    return ruler.length_mm * 1000 / apart_px
