"""Photographs with their scale, and what was put into cassettes. No I/O."""

import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from hemalum.capabilities.cases.model import CaseId, MaterialId, PatientId
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import OrganisationId

PhotographId = NewType("PhotographId", str)

MOST_OF_A_CASE = 200
MOST_BYTES = 40 << 20
PRINTED_PX = 900
"""Longer side of what a report prints."""
_MOST_MM = 1000.0
MOST_TEXT = 2000
MOST_PIECES = 999
_MM_PER_CM = 10.0


class EnteredInError(Conflict):
    """The photograph was withdrawn."""

    code = "entered-in-error"


class DescribedMeanwhile(Conflict):
    """A cassette was described by somebody else meanwhile."""

    code = "described-meanwhile"


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


# Cassettes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contents:
    """What was put into a cassette, as it was looked at with the naked eye. Personal: sealed at rest."""

    text: str = ""
    """What it is, in the words of whoever grossed it."""
    pieces: int | None = None
    """How many; None where nobody counted."""
    dimensions_mm: tuple[float, ...] = ()
    """Of the piece, or of the largest of several: one to three, the greatest first."""

    @property
    def is_empty(self) -> bool:
        return not self.text and self.pieces is None and not self.dimensions_mm


@dataclass(frozen=True, slots=True)
class Cassette:
    """A block of a case with what was put into it."""

    material_id: MaterialId
    identifier: str
    version: int
    """How often it was described; 0 where nobody did."""
    contents: Contents
    """Empty where nobody described it, and where the patient was erased."""
    at: datetime | None = None
    by_name: str = ""


def check_contents(contents: Contents) -> Contents:
    """The contents in the form that they are kept in.

    Raises:
        Invalid: a text is too long or cannot be kept, a number of pieces or a measure can be none.
    """
    text = unicodedata.normalize("NFC", contents.text.strip())
    if len(text) > MOST_TEXT:
        raise Invalid("The description of a cassette has at most {most} characters.", most=MOST_TEXT)
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in text):
        raise Invalid("A text holds a character that cannot be kept.")
    if contents.pieces is not None and not 0 < contents.pieces <= MOST_PIECES:
        raise Invalid("A cassette holds 1 to {most} pieces.", most=MOST_PIECES)
    measures = contents.dimensions_mm
    if len(measures) > 3 or not all(0 < one <= _MOST_MM for one in measures):
        raise Invalid(
            "A piece has up to three dimensions, each more than 0 and at most {most} mm.", most=int(_MOST_MM)
        )
    return Contents(text, contents.pieces, tuple(sorted(measures, reverse=True)))


def describe_cassette(cassette: Cassette) -> tuple[str, str]:
    """A cassette as a line of a gross description, in English and in Chinese; both empty where it was not
    described. As in "A1: 2 pieces, 0.5 × 0.3 cm, tip of the polyp."; the words of people stay as they are.
    """
    contents = cassette.contents
    if contents.is_empty:
        return "", ""
    label = label_of_cassette(cassette.identifier)
    size = " × ".join(f"{one / _MM_PER_CM:g}" for one in contents.dimensions_mm)
    size = f"{size} cm" if size else ""
    pieces = contents.pieces
    counted_en = "" if pieces is None else "1 piece" if pieces == 1 else f"{pieces} pieces"
    counted_zh = "" if pieces is None else f"{pieces} 块"
    text = " ".join(contents.text.split()).rstrip(".。")
    english = ", ".join(one for one in (counted_en, size, text) if one)
    chinese = "，".join(one for one in (counted_zh, size, text) if one)
    return f"{label}: {english}.", f"{label}：{chinese}。"


def label_of_cassette(identifier: str) -> str:
    """Part and block as people say them: A1."""
    return "".join(identifier.split("/")[1:])
