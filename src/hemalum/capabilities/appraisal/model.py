"""What is told of a scan, and why nothing is. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median

from hemalum.analysis.stain import Colouring, Rejected
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.kernel.sentence import Sentence

METHOD = 3
"""Version of the method: the same scan and version give the same figures."""
BLURRED_ABOVE = 0.63
"""A place above counts as out of focus; `training/blur_trial.py` chose it (docs/benchmarks.md)."""
HAEMATOXYLIN_EOSIN = "he"
"""In the table of stains of the profile."""

NO_TISSUE = Sentence("No tissue stands out from the glass.")
ONLY_INK = Sentence("Only pen ink stands out on this slide.")
NOT_BRIGHTFIELD = Sentence("Scans are judged in brightfield only.")


class AppraisalState(StrEnum):
    """Where the appraisal of a scan stands."""

    WAITING = "waiting"
    """It was not looked at yet, or is looked at anew."""
    DONE = "done"
    NOT_JUDGED = "not_judged"
    """There is nothing that figures could be told of; the reason says what."""
    FAILED = "failed"
    """The pixels could not be read."""


@dataclass(frozen=True, slots=True)
class Place:
    """A square of a slide in level-0 pixels, and how blurred it is."""

    x_px: float
    y_px: float
    side_px: float
    blur: float | None
    """From 0 (sharp) to 1; None where there is no detail to tell it by."""


@dataclass(frozen=True, slots=True)
class Stain:
    """One stain of a slide, as its pixels tell."""

    density_rgb: tuple[float, float, float]
    """Optical density in red, green and blue, of length 1."""
    strength: float
    """Density that 99 of 100 stained pixels stay below."""
    degrees: float
    """Between its colour and that of the book (Ruifrok and Johnston 2001)."""


@dataclass(frozen=True, slots=True)
class Staining:
    """How the tissue of a scan is coloured, told by pixels of its places."""

    haematoxylin: Stain | None
    """None unless the stain is haematoxylin and eosin, and both could be told."""
    eosin: Stain | None
    condition: float | None
    """Of the matrix of both."""
    rejected: Rejected | None
    """Why haematoxylin and eosin could not be told."""
    colouring: Colouring | None
    """None with too little tissue."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of a scan. Shares are of 1."""

    tissue_mm2: float
    tissue_share: float
    """Of the whole picture."""
    ink_share: float | None
    """Under pen ink, of what stands out from the glass; None unless the stain is haematoxylin and eosin."""
    fold_share: float | None
    """In folds, of the tissue; None unless the stain is haematoxylin and eosin."""
    edge_share: float
    """Under long colourless lines, such as edges of coverslips and bubbles, of the whole picture."""
    overview_um: float
    """um per pixel of the picture that the shares were told of."""
    place_um: float
    """um per pixel of the places."""
    places: tuple[Place, ...]
    staining: Staining

    @property
    def blurred_places(self) -> int:
        """How many places count as out of focus."""
        return sum(each.blur is not None and each.blur > BLURRED_ABOVE for each in self.places)

    @property
    def median_blur(self) -> float | None:
        """Of the places that have any detail."""
        told = [each.blur for each in self.places if each.blur is not None]
        return median(told) if told else None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What one version of the method tells of one scan."""

    image_id: ImageId
    basis: str
    """Of what it was told: another scan, scale, stain or method has another."""
    method: int
    state: AppraisalState
    reason: Sentence | None
    figures: Figures | None
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a scan, as far as it is stated; empty where it is not."""

    organisation_id: OrganisationId
    vendor: str
    scanner_model: str
    scanner_serial: str
    stain: str
    """Ids of the profile's stains joined by "+", else the words for them."""
    laboratory: str
    scanned_at: datetime
    """When the scan came in, where no believable time is stated."""


class Measure(StrEnum):
    """What drift is told of."""

    HAEMATOXYLIN_STRENGTH = "haematoxylin_strength"
    EOSIN_STRENGTH = "eosin_strength"
    HAEMATOXYLIN_DEGREES = "haematoxylin_degrees"
    """Between the colour of the stain and that of the book."""
    EOSIN_DEGREES = "eosin_degrees"
    BLUR = "blur"
    """Median of the places of a scan."""


@dataclass(frozen=True, slots=True)
class MeasuredScan:
    """One scan as drift is told from it."""

    image_id: ImageId
    made: Provenance
    rejected: Rejected | None
    values: Mapping[Measure, float]
    """Without those that could not be told."""
