"""Transforms between slides. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hemalum.analysis.registration import Affine, Landmark
from hemalum.kernel.errors import Conflict
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId

MOST_LANDMARKS = 500
LANDMARKS = "landmarks"
"""The method of a person who marked the same places on both slides."""


class SavedMeanwhile(Conflict):
    """Somebody else saved a transform between these slides. Nothing was done."""

    code = "changed-meanwhile"


class TransformKind(StrEnum):
    """What the matrix of a transform may do."""

    RIGID = "rigid"
    """Turn, shift, mirror."""
    SIMILARITY = "similarity"
    """The same, and scale."""
    AFFINE = "affine"
    """The same, stretch and shear."""


@dataclass(frozen=True, slots=True)
class TransformDraft:
    """What somebody says of a transform before it is kept."""

    kind: TransformKind
    matrix: Affine
    landmarks: tuple[Landmark, ...]
    method: str
    displacements: bytes | None = None
    """A grid as `hemalum.formats.displacements` writes it."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A transform between two slides as it is kept. Never changed, only replaced."""

    id: str
    from_image_id: ImageId
    to_image_id: ImageId
    from_scan: str
    """Which scan in which scale it was made on; see `scan_of`."""
    to_scan: str
    kind: TransformKind
    matrix: Affine
    method: str
    landmarks: tuple[Landmark, ...]
    residual_um: float | None
    """Root mean square distance at the landmarks, on the slide it goes to; None where there are none."""
    has_displacements: bool
    created_at: datetime
    created_by: PersonId
    created_by_name: str

    def other_than(self, image_id: str) -> ImageId:
        """The other slide of the two."""
        return self.to_image_id if image_id == self.from_image_id else self.from_image_id


@dataclass(frozen=True, slots=True)
class SlidesWereRegistered(Event):
    """There is a new transform between two slides, in the place of any other."""

    transform_id: str
    from_image_id: ImageId
    to_image_id: ImageId
    organisation_id: OrganisationId


@dataclass(frozen=True, slots=True)
class RegistrationWasRemoved(Event):
    """There is no transform between two slides any more."""

    from_image_id: ImageId
    to_image_id: ImageId
    organisation_id: OrganisationId


def pair_of(image_id: str, other_id: str) -> str:
    """The same for both directions."""
    return "/".join(sorted((image_id, other_id)))
