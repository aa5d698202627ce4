"""Cases in the words of the interface: what is asked and what is answered."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from hemalum.capabilities.cases import model
from hemalum.capabilities.cases.comparing import Agreement, Compared, FileField
from hemalum.capabilities.cases.labels import LabelForm
from hemalum.capabilities.cases.ledger import MOST_REASON, ListedCase, ShownCase
from hemalum.capabilities.cases.model import (
    BY_CUSTODY,
    MOST_PARTS,
    MOST_PIECES,
    CaseBand,
    CaseStatus,
    Kind,
    Priority,
    Queue,
    Sex,
    Stage,
    Subspecialty,
    next_stages,
    next_statuses,
)
from hemalum.capabilities.cases.patients import ShownPatient
from hemalum.kernel.sentence import Sentence

Word = Annotated[str, Field(max_length=200)]
Named = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(max_length=MOST_REASON)]
Identifying = Annotated[str, Field(max_length=100)]


# Answers ------------------------------------------------------------------------------------------------


class PatientNumber(BaseModel):
    """A number by which somebody knows a patient or a case."""

    issuer: Named
    value: Named


class PatientIdentity(BaseModel):
    """Who a patient is."""

    name: Named
    sex: Sex = Sex.UNKNOWN
    birth_date: date | None = None
    identifiers: list[PatientNumber] = Field(default=[], max_length=20)
    age_years: int | None = Field(default=None, ge=0, le=150)
    """Stated on `age_on`, where nobody stated a date of birth."""
    age_on: date | None = None


class CaseRow(BaseModel):
    """A case in a list."""

    id: str
    number: str
    foreign_numbers: list[PatientNumber]
    """What others call it, such as the number of an order."""
    status: CaseStatus
    priority: Priority
    subspecialty: Subspecialty
    received_at: datetime
    due_at: datetime
    patient_id: str | None
    patient: PatientIdentity | None
    patient_withheld: bool
    """Whether there is a patient whom one may not know."""
    assignee_id: str | None
    assignee_name: str | None
    specimen: str
    stains: list[str]
    slides_total: int
    slides_scanned: int
    band: CaseBand | None
    """What models say of it; null where none says anything of such cases."""
    band_reason: Sentence | None
    first_image_id: str | None
    """The newest scan of the first slide of which one may see any."""


class MaterialShown(BaseModel):
    """A part, block or slide."""

    id: str
    parent_id: str | None
    kind: Kind
    label: str
    identifier: str
    """What stands on its label and in its code."""
    stage: Stage
    next_stages: list[Stage]
    description: str
    organ: str
    image_ids: list[str]


class CaseDetail(CaseRow):
    """A case with all its material."""

    next_statuses: list[CaseStatus]
    has_request: bool
    material: list[MaterialShown]


class CasePage(BaseModel):
    """A part of a list of cases."""

    total: int
    more: bool
    """Whether a search finds more than `total`, which are not listed."""
    offset: int
    items: list[CaseRow]


class QueueCounts(BaseModel):
    """How many cases lie in each queue."""

    revision: int
    """Grows whenever a case changes."""
    counts: dict[Queue, int]


class CaseReader(BaseModel):
    """Somebody whom a case can be given to."""

    id: str
    name: str


class CaseEventShown(BaseModel):
    """One thing that happened to a case."""

    number: int
    subject: str
    """`case`, or the identifier of the piece."""
    action: str
    before: str | None
    after: str | None
    actor_id: str | None
    actor_name: str | None
    """Null for what the node did by itself."""
    at: datetime
    occurred_at: datetime
    reason: str


class RequestShown(BaseModel):
    """What whoever asked for the examination wrote."""

    department: Word = ""
    clinician: Word = ""
    history: str = Field(default="", max_length=10_000)


class ImageCase(BaseModel):
    """Which slide of which case an image is the scan of."""

    case: CaseDetail | None
    """Null for an image that is linked to no slide."""
    identifier: str | None
    claim: str | None
    """`waiting` where the image names a slide that is not written down yet, `contradictory` where several."""
    claimed: str | None


class FieldCompared(BaseModel):
    """A field of the file beside that of the case."""

    field: FileField
    in_file: str
    in_case: str
    agreement: Agreement
    may_take_over: bool


class PatientKnown(BaseModel):
    """A patient with their cases."""

    id: str
    patient: PatientIdentity | None
    """Null where the patient was erased."""
    merged_into: str | None
    case_ids: list[str]


# Requests -----------------------------------------------------------------------------------------------


class SearchAsked(BaseModel):
    """What to list. The text stands in the body, since it may be the number of a patient."""

    queue: Queue = Queue.OPEN
    text: str = Field(default="", max_length=200)
    subspecialty: Subspecialty | None = None
    priority: Priority | None = None
    offset: int = Field(default=0, ge=0, le=1_000_000_000)
    limit: int = Field(default=100, ge=1, le=200)
    by_band: bool = True
    """Whether models order cases of the same priority."""


class PartOrdered(BaseModel):
    """A part that came in, and what is to be made of it."""

    description: Word = ""
    organ: Word = ""
    blocks: list[Annotated[list[Named], Field(max_length=30)]] = Field(default=[], max_length=100)
    """For each block the stains of its slides."""
    smears: list[Named] = Field(default=[], max_length=100)
    """Stains of slides that are made straight from the part."""


class AccessionAsked(BaseModel):
    """An order as it was typed in."""

    parts: list[PartOrdered] = Field(min_length=1, max_length=MOST_PARTS)
    patient: PatientIdentity | None = None
    request: RequestShown | None = None
    priority: Priority = Priority.ROUTINE
    subspecialty: Subspecialty = Subspecialty.GENERAL
    received_at: datetime | None = None
    foreign_numbers: list[PatientNumber] = Field(default=[], max_length=20)


class TriageAsked(BaseModel):
    """How soon a case is wanted, by whom it should be read, until when; what is null stays."""

    priority: Priority | None = None
    subspecialty: Subspecialty | None = None
    due_at: datetime | None = None


class AssignmentAsked(BaseModel):
    """Who is to read a case; null for nobody."""

    person_id: str | None = Field(max_length=40)
    reason: Reason = ""


class StatusAsked(BaseModel):
    """Where a case is to go."""

    status: CaseStatus
    reason: Reason = ""


class MaterialAsked(BaseModel):
    """Another piece: a part without a parent, a block of a part, a slide of a block."""

    parent_id: str | None = Field(default=None, max_length=40)
    description: Word = ""
    organ: Word = ""
    is_smear: bool = False
    """A slide that is made straight from its part."""


class StageAsked(BaseModel):
    """Where a piece is now."""

    stage: Stage
    reason: Reason = ""
    occurred_at: datetime | None = None


class LabelsAsked(BaseModel):
    """Which pieces of a case get a label, and for what printer."""

    material_ids: list[str] = Field(min_length=1, max_length=MOST_PIECES)
    form: LabelForm = LabelForm.PDF
    dpi: Literal[203, 300, 600] = 300
    """Dots per inch of a printer that speaks ZPL."""


class LinkAsked(BaseModel):
    """The slide that an image is the scan of, by what stands on its label."""

    identifier: Identifying


class ReasonGiven(BaseModel):
    """Why."""

    reason: Reason


class TakeOverAsked(BaseModel):
    """Fields of the file that the case is to have."""

    fields: list[FileField] = Field(min_length=1, max_length=len(FileField))


class PatientSearch(BaseModel):
    """A number of a patient, with or without whoever issued it."""

    value: Identifying
    issuer: Identifying | None = None


class CorrectionAsked(BaseModel):
    """A patient stated anew, and why."""

    patient: PatientIdentity
    reason: Reason


class MergeAsked(BaseModel):
    """Into whom a patient is to be merged, and why."""

    into: str = Field(max_length=40)
    reason: Reason


# Between the two ------------------------------------------------------------------------------------


def row_of(shown: ListedCase) -> CaseRow:
    """A case in a list."""
    return CaseRow(**_row_values(shown))


def detail_of(shown: ShownCase) -> CaseDetail:
    """A case with all its material."""
    return CaseDetail(
        **_row_values(shown),
        next_statuses=sorted(next_statuses(shown.case.status), key=list(CaseStatus).index),
        has_request=shown.case.has_request,
        material=[
            MaterialShown(
                id=piece.id,
                parent_id=piece.parent_id,
                kind=piece.kind,
                label=piece.label,
                identifier=piece.identifier,
                stage=piece.stage,
                next_stages=[then for then in next_stages(piece.kind, piece.stage) if then not in BY_CUSTODY],
                description=piece.description,
                organ=piece.organ,
                image_ids=list(piece.image_ids),
            )
            for piece in shown.material
        ],
    )


def _row_values(shown: ListedCase) -> dict[str, Any]:
    case = shown.case
    return {
        "id": case.id,
        "number": case.number,
        "foreign_numbers": [
            PatientNumber(issuer=one.issuer, value=one.value) for one in case.foreign_numbers
        ],
        "status": case.status,
        "priority": case.priority,
        "subspecialty": case.subspecialty,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "patient_id": None if shown.is_withheld else case.patient_id,
        "patient": None if shown.identity is None else patient_of(shown.identity),
        "patient_withheld": shown.is_withheld,
        "assignee_id": case.assignee_id,
        "assignee_name": case.assignee_name,
        "specimen": case.specimen,
        "stains": list(case.stains),
        "slides_total": case.slides_total,
        "slides_scanned": case.slides_scanned,
        "band": None if case.mark is None else case.mark.band,
        "band_reason": None if case.mark is None else case.mark.reason,
        "first_image_id": shown.first_image_id,
    }


def patient_of(identity: model.Identity) -> PatientIdentity:
    """Who a patient is."""
    return PatientIdentity(
        name=identity.name,
        sex=identity.sex,
        birth_date=identity.birth_date,
        identifiers=[PatientNumber(issuer=one.issuer, value=one.value) for one in identity.identifiers],
        age_years=identity.age_years,
        age_on=identity.age_on,
    )


def identity_of(stated: PatientIdentity) -> model.Identity:
    """Who a patient is, as somebody stated it."""
    return model.Identity(
        stated.name.strip(),
        stated.sex,
        stated.birth_date,
        numbers_of(stated.identifiers),
        stated.age_years,
        stated.age_on,
    )


def numbers_of(stated: list[PatientNumber]) -> tuple[model.PatientIdentifier, ...]:
    """Numbers, as somebody stated them."""
    return tuple(model.PatientIdentifier(one.issuer.strip(), one.value.strip()) for one in stated)


def known_of(shown: ShownPatient) -> PatientKnown:
    """A patient with their cases."""
    return PatientKnown(
        id=shown.id,
        patient=None if shown.identity is None else patient_of(shown.identity),
        merged_into=shown.merged_into,
        case_ids=list(shown.case_ids),
    )


def compared_of(fields: tuple[Compared, ...]) -> list[FieldCompared]:
    """A file beside its case."""
    return [
        FieldCompared(
            field=one.field,
            in_file=one.in_file,
            in_case=one.in_case,
            agreement=one.agreement,
            may_take_over=one.may_take_over,
        )
        for one in fields
    ]
