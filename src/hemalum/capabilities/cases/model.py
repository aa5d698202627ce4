"""Cases, their material, their patients; states and the legal ways between them. No I/O."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, NewType

from hemalum.capabilities.cases.marks import UNMARKED_ORDER as UNMARKED_ORDER
from hemalum.capabilities.cases.marks import CaseBand as CaseBand
from hemalum.capabilities.cases.marks import Mark as Mark
from hemalum.capabilities.cases.words import word_of as word_of
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId

CaseId = NewType("CaseId", str)
PatientId = NewType("PatientId", str)
MaterialId = NewType("MaterialId", str)

MOST_PARTS = 60
MOST_PIECES = 500
"""Blocks and slides of one case that are made at once."""


class IllegalMove(Conflict):
    """Nothing goes from where it is to where it was said to be."""

    code = "illegal-move"


class ByCustody(Conflict):
    """What is lent or discarded is so by an act of its own."""

    code = "by-custody"


class OtherPatient(Conflict):
    """An identifier is known here and belongs to somebody who is described otherwise."""

    code = "other-patient"


class LinkedElsewhere(Conflict):
    """The image is linked to another slide."""

    code = "linked-elsewhere"


# The case -----------------------------------------------------------------------------------------------


class CaseStatus(StrEnum):
    """How far a case is on its way to a signed report (IHE PaLM DPOW, with the laboratory's steps before)."""

    REGISTERED = "registered"
    """Ordered; nothing of it has come yet."""
    ACCESSIONED = "accessioned"
    IN_PROCESS = "in_process"
    READY = "ready"
    """To be read."""
    ASSIGNED = "assigned"
    DRAFT = "draft"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    """Being changed after it was final."""
    ENDED = "ended"


_CASE_MOVES = {
    CaseStatus.REGISTERED: {CaseStatus.ACCESSIONED, CaseStatus.ENDED},
    CaseStatus.ACCESSIONED: {CaseStatus.IN_PROCESS, CaseStatus.READY, CaseStatus.ENDED},
    CaseStatus.IN_PROCESS: {CaseStatus.READY, CaseStatus.ENDED},
    CaseStatus.READY: {CaseStatus.IN_PROCESS, CaseStatus.ASSIGNED},
    CaseStatus.ASSIGNED: {CaseStatus.READY, CaseStatus.DRAFT},
    CaseStatus.DRAFT: {CaseStatus.ASSIGNED, CaseStatus.PRELIMINARY, CaseStatus.FINAL},
    CaseStatus.PRELIMINARY: {CaseStatus.DRAFT, CaseStatus.FINAL},
    CaseStatus.FINAL: {CaseStatus.AMENDED, CaseStatus.ENDED},
    CaseStatus.AMENDED: {CaseStatus.FINAL},
    CaseStatus.ENDED: set[CaseStatus](),
}

CLOSED = frozenset({CaseStatus.FINAL, CaseStatus.ENDED})
"""Nobody has to do anything any more."""
ON_THE_BENCH = frozenset({CaseStatus.REGISTERED, CaseStatus.ACCESSIONED, CaseStatus.IN_PROCESS})
EXPLAINED = frozenset({CaseStatus.FINAL, CaseStatus.AMENDED, CaseStatus.ENDED})
"""Who moves a case there says why, or where the signed report is."""


def next_statuses(now: CaseStatus) -> frozenset[CaseStatus]:
    """Where a case may go from here."""
    return frozenset(_CASE_MOVES[now])


def check_case_move(now: CaseStatus, then: CaseStatus) -> None:
    """Raise IllegalMove unless a case may go from one status to the other."""
    if then not in _CASE_MOVES[now]:
        raise IllegalMove("A case that is {now} cannot become {then}.", now=word_of(now), then=word_of(then))


class Priority(StrEnum):
    """How soon a case is wanted."""

    ROUTINE = "routine"
    URGENT = "urgent"
    INTRAOPERATIVE = "intraoperative"
    """The patient lies in theatre."""

    @property
    def rank(self) -> int:
        """The lower, the sooner."""
        return len(Priority) - 1 - list(Priority).index(self)


_INTRAOPERATIVE_TARGET = timedelta(minutes=20)
"""CAP ANP.11820: 90 % of single-block frozen sections within 20 minutes."""
_URGENT_TARGET = timedelta(hours=24)
_ROUTINE_WORKING_DAYS = 2
"""Routine biopsies: Zarbo et al., Arch Pathol Lab Med 1996;120:234 (two working days)."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """On which days an organisation works: Mondays to Fridays, but for its holidays."""

    zone: tzinfo = UTC
    holidays: frozenset[date] = frozenset()

    def is_working(self, at: datetime) -> bool:
        """Whether a moment lies on a working day there."""
        day = at.astimezone(self.zone).date()
        return day.weekday() < _SATURDAY and day not in self.holidays


ANYWHERE = WorkCalendar()


def due_at(priority: Priority, received_at: datetime, calendar: WorkCalendar = ANYWHERE) -> datetime:
    """When a case should be done, unless somebody states another time."""
    if priority is Priority.INTRAOPERATIVE:
        return received_at + _INTRAOPERATIVE_TARGET
    if priority is Priority.URGENT:
        return received_at + _URGENT_TARGET
    due, left = received_at, _ROUTINE_WORKING_DAYS
    while left:
        due += timedelta(days=1)
        left -= calendar.is_working(due)
    return due


class Subspecialty(StrEnum):
    """The field of whoever should read it."""

    GENERAL = "general"
    GASTROINTESTINAL = "gastrointestinal"
    BREAST = "breast"
    GYNAECOLOGY = "gynaecology"
    UROLOGY = "urology"
    THORACIC = "thoracic"
    HEAD_AND_NECK = "head_and_neck"
    SKIN = "skin"
    SOFT_TISSUE = "soft_tissue"
    HAEMATOLOGY = "haematology"
    NEUROPATHOLOGY = "neuropathology"
    KIDNEY = "kidney"
    CYTOLOGY = "cytology"


# Its material -------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What a piece of material is."""

    PART = "part"
    BLOCK = "block"
    SLIDE = "slide"


class Stage(StrEnum):
    """Where a piece of material is on the bench."""

    EXPECTED = "expected"
    COLLECTED = "collected"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    GROSSED = "grossed"
    STORED = "stored"
    DISPOSED = "disposed"

    PLANNED = "planned"
    PRINTED = "printed"
    FILLED = "filled"
    PROCESSED = "processed"
    EMBEDDED = "embedded"
    CUT = "cut"
    FILED = "filed"
    ON_LOAN = "on_loan"

    LABELLED = "labelled"
    SECTIONED = "sectioned"
    STAINED = "stained"
    COVERSLIPPED = "coverslipped"
    QC_PASSED = "qc_passed"
    QC_FAILED = "qc_failed"
    RACKED = "racked"
    SCANNED = "scanned"
    LOST = "lost"
    BROKEN = "broken"
    CANCELLED = "cancelled"
    """Was planned, and will not be made."""


_S = Stage
_PATH = {
    Kind.PART: (
        _S.EXPECTED,
        _S.COLLECTED,
        _S.IN_TRANSIT,
        _S.RECEIVED,
        _S.ACCEPTED,
        _S.GROSSED,
        _S.STORED,
        _S.DISPOSED,
    ),
    Kind.BLOCK: (
        _S.PLANNED,
        _S.PRINTED,
        _S.FILLED,
        _S.PROCESSED,
        _S.EMBEDDED,
        _S.CUT,
        _S.FILED,
        _S.DISPOSED,
    ),
    Kind.SLIDE: (
        _S.PLANNED,
        _S.LABELLED,
        _S.SECTIONED,
        _S.STAINED,
        _S.COVERSLIPPED,
        _S.QC_PASSED,
        _S.RACKED,
        _S.SCANNED,
        _S.FILED,
        _S.DISPOSED,
    ),
}
"""The usual way. A laboratory need not tell of every stage: what is further on was further back before."""
_ASIDE = {
    Kind.PART: {(_S.RECEIVED, _S.REJECTED), (_S.REJECTED, _S.ACCEPTED), (_S.REJECTED, _S.DISPOSED)},
    Kind.BLOCK: {(_S.FILED, _S.ON_LOAN), (_S.ON_LOAN, _S.FILED), (_S.FILED, _S.CUT)},
    Kind.SLIDE: {
        (_S.COVERSLIPPED, _S.QC_FAILED),
        (_S.QC_FAILED, _S.STAINED),
        (_S.QC_FAILED, _S.QC_PASSED),
        (_S.SCANNED, _S.RACKED),
        (_S.FILED, _S.RACKED),
        (_S.FILED, _S.ON_LOAN),
        (_S.ON_LOAN, _S.FILED),
    },
}
MISHAPS = (_S.LOST, _S.BROKEN)
"""They befall a piece anywhere, as long as there is one."""
_NO_PIECE = {_S.EXPECTED, _S.PLANNED, _S.PRINTED, _S.CANCELLED, _S.BROKEN, _S.DISPOSED}
FIRST_STAGE = {Kind.PART: _S.RECEIVED, Kind.BLOCK: _S.PLANNED, Kind.SLIDE: _S.PLANNED}
"""Of what is written down when a case is accessioned."""
_NOT_MADE_YET = {Kind.BLOCK: {_S.PLANNED, _S.PRINTED}, Kind.SLIDE: {_S.PLANNED, _S.LABELLED}}
GONE = frozenset({_S.LOST, _S.BROKEN, _S.DISPOSED, _S.REJECTED, _S.CANCELLED})
"""Nobody waits for the scan of such a slide."""
BY_CUSTODY = frozenset({_S.DISPOSED, _S.ON_LOAN, *MISHAPS})
"""What stands in the chain of custody: who borrowed a piece, that two people discarded it, that it was lost
or broke."""


def next_stages(kind: Kind, now: Stage) -> tuple[Stage, ...]:
    """Where a piece may go from here, in the order of the bench."""
    return tuple(then for then in Stage if is_legal(kind, now, then))


def comes_before(kind: Kind, one: Stage, other: Stage) -> bool:
    """Whether both stages are on the usual way of such a piece, the one before the other."""
    path = _PATH[kind]
    return one in path and other in path and path.index(one) < path.index(other)


def stages_before(kind: Kind, stage: Stage) -> tuple[Stage, ...]:
    """All stages of the usual way before one of them."""
    return tuple(one for one in _PATH[kind] if comes_before(kind, one, stage))


def is_legal(kind: Kind, now: Stage, then: Stage) -> bool:
    """Whether a piece of this kind may go from one stage to the other."""
    path = _PATH[kind]
    if now in path and then in path:
        return path.index(now) < path.index(then) or (now, then) in _ASIDE[kind]
    if then is _S.CANCELLED:
        return now in _NOT_MADE_YET.get(kind, ())
    if then in MISHAPS:
        return now is not then and _is_there(kind, now)
    return (now, then) in _ASIDE[kind]


def _is_there(kind: Kind, stage: Stage) -> bool:
    """Whether there is a piece of this kind, wherever it is, at a stage."""
    aside = {each for move in _ASIDE[kind] for each in move}
    return stage in {*_PATH[kind], *aside, _S.LOST} - _NO_PIECE


def check_stage_move(kind: Kind, now: Stage, then: Stage, *, is_found: bool = False) -> None:
    """Raise IllegalMove unless a piece of this kind may go from one stage to the other, or, found again
    after it was lost, may turn out to be there."""
    may_be_found = now is _S.LOST and then is not _S.LOST and _is_there(kind, then)
    if not (may_be_found if is_found else is_legal(kind, now, then)):
        raise IllegalMove(
            "A {kind} that is {now} cannot become {then}.",
            kind=word_of(kind),
            now=word_of(now),
            then=word_of(then),
        )


@dataclass(frozen=True, slots=True)
class Material:
    """A part, block or slide."""

    id: MaterialId
    case_id: CaseId
    parent_id: MaterialId | None
    kind: Kind
    label: str
    """Its own letter or number; `identifier` holds those of what it was made of, too."""
    identifier: str
    stage: Stage
    description: str = ""
    """Of a part what it is, of a slide its stain."""
    organ: str = ""
    image_ids: tuple[ImageId, ...] = ()
    """Scans of a slide, the newest last."""


# Patients -----------------------------------------------------------------------------------------------


class Sex(StrEnum):
    """As orders state it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PatientIdentifier:
    """A number by which somebody knows a patient."""

    issuer: str
    """Who gave it, such as a hospital's register."""
    value: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a patient is: all of it personal, none of it ever in clear text in the database, the log or an
    address."""

    name: str
    sex: Sex = Sex.UNKNOWN
    birth_date: date | None = None
    identifiers: tuple[PatientIdentifier, ...] = ()
    age_years: int | None = None
    """Stated on `age_on`, where nobody stated a date of birth."""
    age_on: date | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What whoever asked for the examination wrote; kept sealed with the patient."""

    department: str = ""
    clinician: str = ""
    history: str = ""
    """What is known and asked."""


def normal_text(text: str) -> str:
    """Names and numbers in the one form that they are compared in: width, letter case and spaces mean
    nothing."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def check_identity(identity: Identity, today: date) -> None:
    """Raise Invalid unless this can be a person."""
    if not identity.name.strip():
        raise Invalid("A patient needs a name.")
    if identity.birth_date is not None and not date(1880, 1, 1) <= identity.birth_date <= today + timedelta(
        days=1
    ):
        raise Invalid("Nobody can be born on {date}.", date=identity.birth_date.isoformat())
    for one in identity.identifiers:
        if not one.issuer.strip() or not normal_text(one.value):
            raise Invalid("A number of a patient needs whoever issued it, and the number itself.")
    known = {(normal_text(one.issuer), normal_text(one.value)) for one in identity.identifiers}
    if len(known) != len(identity.identifiers):
        raise Invalid("The same number of a patient stands twice.")


def contradiction(known: Identity, stated: Identity) -> str | None:
    """What speaks against two descriptions being of one person: name, sex or date of birth; None for
    nothing."""
    if normal_text(known.name) != normal_text(stated.name):
        return "name"
    if Sex.UNKNOWN not in (known.sex, stated.sex) and known.sex is not stated.sex:
        return "sex"
    if None not in (known.birth_date, stated.birth_date) and known.birth_date != stated.birth_date:
        return "birth_date"
    return None


# What is written down -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its organisation keeps it. Who the patient is is not in it."""

    id: CaseId
    organisation_id: OrganisationId
    number: str
    status: CaseStatus
    priority: Priority
    subspecialty: Subspecialty
    received_at: datetime
    due_at: datetime
    patient_id: PatientId | None
    assignee_id: PersonId | None
    assignee_name: str | None
    specimen: str
    """What came in, in few words."""
    stains: tuple[str, ...]
    slides_total: int
    """Slides that there are or will be, without those that were lost or broken."""
    slides_scanned: int
    foreign_numbers: tuple[PatientIdentifier, ...]
    """Numbers that others gave the case."""
    has_request: bool
    changed_at: datetime
    mark: Mark | None = None
    """None where no model of the organisation says anything of such cases."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an image is the scan of, as the node itself knows it."""

    case: Case
    slide: Material
    part: Material | None
    request: Request | None
    """What was asked; None where nothing was, or the patient was erased. Personal."""


class LinkWay(StrEnum):
    """How an image found its slide."""

    CODE = "code"
    """By the identifier in its barcode or file name."""
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened to a case; never changed and never removed."""

    number: int
    case_id: CaseId
    subject: str
    """`case`, or the identifier of the piece."""
    action: str
    before: str | None
    after: str | None
    actor_id: PersonId | None
    """None for what the node did by itself."""
    actor_name: str | None
    at: datetime
    """When this node heard of it."""
    occurred_at: datetime
    """When it happened, by whoever told."""
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


class Queue(StrEnum):
    """Lists that people work from."""

    OPEN = "open"
    MINE = "mine"
    URGENT = "urgent"
    INTRAOPERATIVE = "intraoperative"
    AWAITING_SCAN = "awaiting_scan"
    UNASSIGNED = "unassigned"
    TO_SIGN = "to_sign"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """What to list: the most pressing first, then what is due first."""

    queue: Queue = Queue.OPEN
    text: str = ""
    subspecialty: Subspecialty | None = None
    priority: Priority | None = None
    offset: int = 0
    limit: int = 100
    by_band: bool = True
    """Whether, among cases of the same priority, those come first of which models say so."""


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """What another system looks for: all that is stated has to fit."""

    ids: tuple[str, ...] | None = None
    patient_ids: tuple[str, ...] | None = None
    """They, and all who are the same persons by now."""
    texts: tuple[str, ...] | None = None
    """One of them stands in the number of the case, one that others gave it, or on a label of it."""
    material_ids: tuple[str, ...] | None = None
    image_ids: tuple[str, ...] | None = None
    statuses: frozenset[CaseStatus] | None = None
    changed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseWasAccessioned(Event):
    """A case began."""

    case_id: CaseId
    organisation_id: OrganisationId
    number: str


@dataclass(frozen=True, slots=True)
class CaseStatusChanged(Event):
    """A case went on, or back."""

    case_id: CaseId
    organisation_id: OrganisationId
    before: CaseStatus
    after: CaseStatus


@dataclass(frozen=True, slots=True)
class RequestWasChanged(Event):
    """What was asked of a case is known otherwise than before."""

    case_id: CaseId
    organisation_id: OrganisationId


@dataclass(frozen=True, slots=True)
class MaterialMoved(Event):
    """A piece of material went on, or turned out to be where it was before."""

    material_id: MaterialId
    organisation_id: OrganisationId
    case_id: CaseId
    before: Stage
    after: Stage
    happened_at: datetime
    """By whoever told of it."""
    is_correction: bool


@dataclass(frozen=True, slots=True)
class ImageWasLinked(Event):
    """An image found the slide that it is the scan of."""

    image_id: ImageId
    organisation_id: OrganisationId
    case_id: CaseId
    identifier: str


@dataclass(frozen=True, slots=True)
class ImageWasUnlinked(Event):
    """An image turned out not to be of that slide."""

    image_id: ImageId
    organisation_id: OrganisationId
    case_id: CaseId
    identifier: str
