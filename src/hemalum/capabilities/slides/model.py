"""Images, their states and their parts. No I/O."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from hemalum.formats.wsi.model import SlideDescription
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Conflict
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId, UploadId
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed


class ImageStatus(StrEnum):
    """Where an image is on its way in."""

    RECEIVING = "receiving"
    HASHED = "hashed"
    QUARANTINED = "quarantined"
    AVAILABLE = "available"


_LEGAL = {
    ImageStatus.RECEIVING: {ImageStatus.HASHED, ImageStatus.QUARANTINED},
    ImageStatus.HASHED: {ImageStatus.HASHED, ImageStatus.AVAILABLE, ImageStatus.QUARANTINED},
    ImageStatus.QUARANTINED: {ImageStatus.RECEIVING, ImageStatus.HASHED},
    ImageStatus.AVAILABLE: {ImageStatus.HASHED, ImageStatus.AVAILABLE, ImageStatus.QUARANTINED},
}
"""An available image is read again when another file of its DICOM series arrives."""


def check_transition(now: ImageStatus, then: ImageStatus) -> None:
    """Raise Conflict unless an image may go from one status to the other."""
    if then not in _LEGAL[now]:
        raise Conflict("The image is {now} and cannot become {then}.", now=now.value, then=then.value)


class ObjectKind(StrEnum):
    """Where the bytes of an object lie, and whose they are."""

    LINKED = "linked"
    """A file of somebody else, read where it lies; `location` is an absolute path."""
    INCOMING = "incoming"
    """An original that has just arrived here; `location` is the absolute path of an `IncomingFile`."""
    STORED = "stored"
    """An original that we keep; `location` is a blob key."""
    DERIVED = "derived"
    """Levels that we computed; `location` is a blob key."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the current stage of ingest has come."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ImageObject:
    """One file or blob of an image. The frame index refers to it by `number`."""

    number: int
    kind: ObjectKind
    location: str
    name: str
    size: int
    sha256: str | None
    mtime_ns: int | None = None
    """Of a linked file when it was hashed: a later difference means that the original was changed."""
    sop_instance_uid: str | None = None


SHOWING_LABEL = frozenset(("LABEL", "OVERVIEW", "LOCALIZER"))
"""Values of Image Type (0008,0008), PS3.3 C.8.12.4.1.1; the last is a retired name of the second."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One level of an image, its label or its overview, as a DICOM instance."""

    sop_instance_uid: str
    image_id: ImageId
    study_uid: str
    series_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    instance_number: int
    image_type: tuple[str, ...]
    rows: int
    columns: int
    number_of_frames: int
    level: int | None
    """Level of the frame index, or None for an instance that is not part of the pyramid (a label)."""
    object_number: int | None
    """The object that is this instance, for originals that are DICOM; None when it is synthesised."""
    header_key: str
    """Blob with the instance as a Part 10 file up to its pixel data; an original's without what it says of
    each frame."""
    json_key: str
    """Blob with the whole data set in the DICOM JSON model (PS3.18 annex F)."""
    search_json: str | None = None
    """The short elements of that, which searches look at. Left out when instances are listed."""

    @property
    def may_show_label(self) -> bool:
        """Whether it may show the label of the glass, on which a patient's name can stand.

        True of everything that is no part of the pyramid, whatever it calls itself.
        """
        return self.level is None or not SHOWING_LABEL.isdisjoint(part.upper() for part in self.image_type)


class Problem(StrEnum):
    """What is wrong with an element of the metadata."""

    MISSING = "missing"
    CONTRADICTORY = "contradictory"
    IMPLAUSIBLE = "implausible"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about the metadata that a person should look at."""

    element: str
    problem: Problem
    message: Sentence


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the metadata record with its value."""

    name: str
    value: Any
    """Text, a number, or None. The physical scale is a number, or text as "0.25 x 0.26" (across, down)."""
    source: str | None
    """The vendor tag, `person`, or None when the value is missing."""
    required: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A value that a person stated for an element, or took back (`value` None)."""

    element: str
    value: Any
    """As `metadata.check_statement` gives it; None takes the element back."""
    person_id: PersonId
    person_name: str
    stated_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelLook:
    """How a channel is shown."""

    number: int
    colour: str
    """RRGGBB, lower case."""
    low: float
    """The sample that is shown as black, and the one that is shown in full."""
    high: float
    gamma: float
    visible: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What readers of an image of several channels see first, until they choose otherwise."""

    channels: tuple[ChannelLook, ...]
    person_id: PersonId
    person_name: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """A row of the library."""

    id: ImageId
    organisation_id: OrganisationId
    name: str
    status: ImageStatus
    reason: Sentence | None
    progress: Progress | None
    created_at: datetime
    available_at: datetime | None
    size_bytes: int | None
    sha256: str | None
    format: str | None
    vendor: str | None
    scanner_model: str | None
    width_px: int | None
    height_px: int | None
    spacing_x_um: float | None
    spacing_y_um: float | None
    objective_power: float | None
    stain: str | None
    organ: str | None
    specimen: str | None
    planes: int | None
    channels: int | None
    findings: int
    has_label: bool
    has_macro: bool
    has_clinical: bool
    """Whether the file says something of the patient."""
    study_uid: str | None
    series_uid: str | None


@dataclass(frozen=True)
class Image:
    """An image with all that is known of it."""

    summary: ImageSummary
    created_by: PersonId | None
    description: SlideDescription | None
    """As served: what the file says, levels completed, with what people stated put in."""
    index_key: str | None
    thumbnail_key: str | None
    label_key: str | None
    macro_key: str | None
    clinical_key: str | None
    generation: str | None
    """Changes whenever index, levels or headers are built anew; caches may key on it."""
    objects: tuple[ImageObject, ...]
    findings: tuple[Finding, ...]
    statements: tuple[Statement, ...]
    file_description: SlideDescription | None = None
    """What the file itself says, before statements."""

    @property
    def id(self) -> ImageId:
        return self.summary.id

    @property
    def status(self) -> ImageStatus:
        return self.summary.status


@dataclass(frozen=True, slots=True)
class Terms:
    """What policy asks of a slide: whose it is, and how it may be used."""

    organisation_id: OrganisationId
    restricted: bool = False
    """Of a person whom staff may be curious about: opened by breaking the glass only."""
    blinded: bool = False
    """Part of a blinded read."""
    consented: frozenset[Purpose] = frozenset()
    """Purposes the patient agreed to."""
    refused: frozenset[Purpose] = frozenset()
    """Purposes the patient objected to."""
    held_back: bool = False
    """Its metadata are refused: it stays on the node, and out of research, until somebody mends them."""

    @property
    def id(self) -> str:
        """The same for the same terms, so that slides under equal terms are decided together."""
        parts = [self.organisation_id, f"{self.restricted:d}{self.blinded:d}"]
        parts += [",".join(sorted(self.consented)), ",".join(sorted(self.refused))]
        parts += ["held back"] * self.held_back
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


class Relation(StrEnum):
    """How a slide relates to somebody."""

    OWN = "own"
    """It belongs to the organisation where they act."""
    SENT = "sent"
    """It was sent to that organisation, and the time for reading it has not run out."""
    RELEASED = "released"
    """It was sent with a legal basis for leaving its jurisdiction."""
    GLASS = "glass"
    """They broke the glass for it, a few hours ago at most."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a slide stands to somebody: all that policy is decided by."""

    terms: Terms
    relation: frozenset[Relation]


@dataclass(frozen=True, slots=True)
class Share:
    """A slide sent to another organisation to be read there."""

    image_id: ImageId
    organisation_id: OrganisationId
    """Who may read it."""
    shared_by: PersonId
    shared_at: datetime
    until: datetime
    legal_basis: str | None
    """Why it may be seen from another jurisdiction; None when it may not."""


GLASS_LASTS = timedelta(hours=4)


class Verdict(StrEnum):
    """What a reviewer found of a broken glass."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """Somebody opened a slide that policy keeps from them, in an emergency, and said why."""

    id: str
    image_id: ImageId
    image_name: str
    organisation_id: OrganisationId
    """Whose slide it is: where it is reviewed."""
    person_id: PersonId
    person_name: str
    reason: str
    broken_at: datetime
    until: datetime
    verdict: Verdict | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    remark: str | None = None


class UploadState(StrEnum):
    """Where an upload is."""

    OPEN = "open"
    COMPLETE = "complete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in from a browser."""

    id: UploadId
    organisation_id: OrganisationId
    created_by: PersonId
    filename: str
    length: int
    offset: int
    """Bytes that are safely on disk; the only truth about how far the upload is."""
    sha256: str | None
    """Of the whole file: as expected by the sender while open, as received when complete."""
    expires_at: datetime
    state: UploadState
    image_id: ImageId | None = None


@dataclass(frozen=True, slots=True)
class SlideBecameAvailable(Event):
    """An image can be opened."""

    image_id: ImageId
    organisation_id: OrganisationId


@dataclass(frozen=True, slots=True)
class SlideWasQuarantined(Event):
    """An image could not be taken in."""

    image_id: ImageId
    organisation_id: OrganisationId
    reason: Sentence


@dataclass(frozen=True, slots=True)
class SlideWasDescribed(Event):
    """Somebody stated elements of the metadata of an image, or took some back."""

    image_id: ImageId
    organisation_id: OrganisationId


@dataclass(frozen=True, slots=True)
class GlassWasBroken(Event):
    """Somebody opened a slide in an emergency; it is to be reviewed."""

    image_id: ImageId
    organisation_id: OrganisationId
    person_id: PersonId


def description_to_builtins(description: SlideDescription) -> dict[str, Any]:
    """The description as plain values for JSON (the ICC profile in base64)."""
    plain: dict[str, Any] = msgspec.to_builtins(description)
    return plain


def description_from_builtins(plain: Mapping[str, Any]) -> SlideDescription:
    """The description from plain values.

    Raises:
        msgspec.ValidationError: the values are not those of a description.
    """
    return typed(plain, SlideDescription)


def instance_from_builtins(plain: Mapping[str, Any]) -> Instance:
    """The instance with these values by name, as a child process and the database give them.

    Raises:
        msgspec.ValidationError: the values are not those of an instance.
    """
    return typed(plain, Instance)


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """What to list. `text` matches every word; see docs/reference/http.md."""

    text: str = ""
    status: ImageStatus | None = None
    sort: str = "newest"
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """A part of the library, as of one revision."""

    total: int
    offset: int
    revision: int
    items: tuple[ImageSummary, ...] = field(default_factory=tuple)
    is_more: bool = False
    """Whether a search finds more than `total`, which are not listed."""
