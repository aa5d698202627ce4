"""Cases over HTTP. Who a patient is goes into bodies only, never into addresses, and is kept by no cache."""

import io
from datetime import date, datetime
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.cases import model, policy
from hemalum.capabilities.cases.comparing import Agreement, Compared, FileField
from hemalum.capabilities.cases.ledger import MOST_REASON, ShownCase
from hemalum.capabilities.cases.model import (
    MOST_PARTS,
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
from hemalum.capabilities.cases.service import Accession, Cases, PartAsked
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import require

_CODE_BORDER = 2


def _kept_nowhere(response: Response) -> None:
    response.headers["cache-control"] = "private, no-store"


router = APIRouter(tags=["cases"], dependencies=[Depends(_kept_nowhere)])

Viewer = Annotated[Actor, Depends(require(policy.VIEW))]
Accessioner = Annotated[Actor, Depends(require(policy.ACCESSION))]
Processor = Annotated[Actor, Depends(require(policy.PROCESS))]
Assigner = Annotated[Actor, Depends(require(policy.ASSIGN))]
PatientViewer = Annotated[Actor, Depends(require(policy.VIEW_PATIENT))]
Taker = Annotated[Actor, Depends(require(policy.TAKE_OVER_PATIENT))]
Merger = Annotated[Actor, Depends(require(policy.MERGE_PATIENTS))]

Word = Annotated[str, Field(max_length=200)]
Named = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(max_length=MOST_REASON)]
Identifying = Annotated[str, Field(max_length=100)]


def cases_of(request: Request) -> Cases:
    """The cases of this node."""
    cases: Cases = request.app.state.cases
    return cases


Desk = Annotated[Cases, Depends(cases_of)]


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
    first_image_id: str | None
    """The first scan of its first slide that one may see."""


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
    foreign_numbers: list[PatientNumber]
    has_request: bool
    material: list[MaterialShown]


class CasePage(BaseModel):
    """A part of a list of cases."""

    total: int
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


class StageAsked(BaseModel):
    """Where a piece is now."""

    stage: Stage
    reason: Reason = ""
    occurred_at: datetime | None = None


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


# Lists --------------------------------------------------------------------------------------------------


@router.get("/queues")
def count_queues(actor: Viewer, desk: Desk) -> QueueCounts:
    """How many cases lie in each queue, for a worklist that wants to know whether anything changed."""
    revision, counts = desk.count_queues(actor)
    return QueueCounts(revision=revision, counts=counts)


@router.post("/search")
def search_cases(asked: SearchAsked, actor: Viewer, desk: Desk) -> CasePage:
    """A part of a list of cases: the most pressing first, then what is due first."""
    query = model.CaseQuery(
        asked.queue, asked.text, asked.subspecialty, asked.priority, asked.offset, asked.limit
    )
    total, items = desk.list_cases(actor, query)
    return CasePage(total=total, offset=asked.offset, items=[_row(each) for each in items])


@router.get("/readers")
def list_readers(actor: Viewer, desk: Desk) -> list[CaseReader]:
    """Whom a case can be given to, by name."""
    return [CaseReader(id=each.id, name=each.name) for each in desk.list_readers(actor)]


# Cases --------------------------------------------------------------------------------------------------


@router.post("/cases", status_code=201)
def accession_case(asked: AccessionAsked, actor: Accessioner, desk: Desk) -> CaseDetail:
    """Begin a case from an order that was typed in."""
    parts = tuple(
        PartAsked(each.description, each.organ, tuple(map(tuple, each.blocks)), tuple(each.smears))
        for each in asked.parts
    )
    request = None if asked.request is None else model.Request(**asked.request.model_dump())
    accession = Accession(
        parts,
        None if asked.patient is None else _identity(asked.patient),
        None if request == model.Request() else request,
        asked.priority,
        asked.subspecialty,
        asked.received_at,
        _numbers(asked.foreign_numbers),
    )
    return _detail(desk.accession(actor, accession))


@router.get("/cases/{case_id}")
def show_case(case_id: str, actor: Viewer, desk: Desk) -> CaseDetail:
    """A case with all its material."""
    return _detail(desk.get_case(actor, case_id))


@router.get("/cases/{case_id}/request")
def show_request(case_id: str, actor: PatientViewer, desk: Desk) -> RequestShown:
    """What was asked; empty where nothing was."""
    found = desk.read_request(actor, case_id) or model.Request()
    return RequestShown(department=found.department, clinician=found.clinician, history=found.history)


@router.get("/cases/{case_id}/events")
def list_case_events(case_id: str, actor: Viewer, desk: Desk) -> list[CaseEventShown]:
    """What happened to a case, oldest first."""
    return [
        CaseEventShown(
            number=each.number,
            subject=each.subject,
            action=each.action,
            before=each.before,
            after=each.after,
            actor_id=each.actor_id,
            actor_name=each.actor_name,
            at=each.at,
            occurred_at=each.occurred_at,
            reason=each.reason,
        )
        for each in desk.list_events(actor, case_id)
    ]


@router.patch("/cases/{case_id}")
def triage_case(case_id: str, asked: TriageAsked, actor: Assigner, desk: Desk) -> CaseDetail:
    """State priority, subspecialty and target."""
    return _detail(
        desk.triage(
            actor, case_id, priority=asked.priority, subspecialty=asked.subspecialty, due=asked.due_at
        )
    )


@router.post("/cases/{case_id}/assignment")
def assign_case(case_id: str, asked: AssignmentAsked, actor: Viewer, desk: Desk) -> CaseDetail:
    """Give a case to somebody, hand it over, or let nobody have it."""
    return _detail(desk.assign(actor, case_id, asked.person_id, asked.reason))


@router.post("/cases/{case_id}/status")
def move_case(case_id: str, asked: StatusAsked, actor: Viewer, desk: Desk) -> CaseDetail:
    """Bring a case on, or back."""
    return _detail(desk.move_case(actor, case_id, asked.status, asked.reason))


@router.post("/cases/{case_id}/material", status_code=201)
def add_material(case_id: str, asked: MaterialAsked, actor: Processor, desk: Desk) -> CaseDetail:
    """Another part, block or slide."""
    shown, _ = desk.add_material(actor, case_id, asked.parent_id, asked.description, asked.organ)
    return _detail(shown)


@router.post("/material/{material_id}/stage")
def move_material(material_id: str, asked: StageAsked, actor: Processor, desk: Desk) -> CaseDetail:
    """Say where a part, block or slide is now."""
    return _detail(desk.move_material(actor, material_id, asked.stage, asked.reason, asked.occurred_at))


@router.get("/material/{material_id}/code", response_class=Response)
def show_code(material_id: str, actor: Viewer, desk: Desk) -> Response:
    """The two-dimensional code for the label, as SVG: a QR code of the identifier and of nothing else."""
    picture = io.BytesIO()
    segno.make(desk.get_material(actor, material_id).identifier, error="m", micro=False).save(
        picture, kind="svg", border=_CODE_BORDER, xmldecl=False
    )
    headers = {"cache-control": "private, no-store"}
    return Response(picture.getvalue(), media_type="image/svg+xml", headers=headers)


# Images -------------------------------------------------------------------------------------------------


@router.get("/images/{image_id}")
def show_case_of_image(image_id: str, actor: Viewer, desk: Desk) -> ImageCase:
    """Which slide of which case an image is the scan of."""
    found = desk.linking.find_case_of(actor, image_id)
    if found is not None:
        shown, piece = found
        return ImageCase(case=_detail(shown), identifier=piece.identifier, claim=None, claimed=None)
    state, claimed = desk.linking.find_claim(image_id) or (None, None)
    return ImageCase(case=None, identifier=None, claim=state, claimed=claimed)


@router.put("/images/{image_id}")
def link_image(image_id: str, asked: LinkAsked, actor: Processor, desk: Desk) -> CaseDetail:
    """Say which slide an image is the scan of."""
    return _detail(desk.linking.link(actor, image_id, asked.identifier))


@router.post("/images/{image_id}/unlink", status_code=204)
def unlink_image(image_id: str, asked: ReasonGiven, actor: Processor, desk: Desk) -> Response:
    """Say that an image is not of the slide that it is linked to."""
    desk.linking.unlink(actor, image_id, asked.reason)
    return Response(status_code=204)


@router.get("/images/{image_id}/comparison")
def compare_image(image_id: str, actor: PatientViewer, desk: Desk) -> list[FieldCompared]:
    """What the file of an image says of the patient, beside what its case says."""
    return _compared(desk.comparing.compare(actor, image_id))


@router.post("/images/{image_id}/take-over")
def take_over(image_id: str, asked: TakeOverAsked, actor: Taker, desk: Desk) -> list[FieldCompared]:
    """Let the case have fields that only the file states."""
    return _compared(desk.comparing.take_over(actor, image_id, asked.fields))


# Patients -----------------------------------------------------------------------------------------------


@router.post("/patients/search")
def find_patients(asked: PatientSearch, actor: PatientViewer, desk: Desk) -> list[PatientKnown]:
    """Whom a number belongs to."""
    return [_patient(each) for each in desk.patients.find(actor, asked.value, asked.issuer)]


@router.get("/patients/{patient_id}")
def show_patient(patient_id: str, actor: PatientViewer, desk: Desk) -> PatientKnown:
    """One patient."""
    return _patient(desk.patients.get(actor, patient_id))


@router.put("/patients/{patient_id}")
def correct_patient(patient_id: str, asked: CorrectionAsked, actor: Accessioner, desk: Desk) -> PatientKnown:
    """State anew who a patient is."""
    return _patient(desk.patients.correct(actor, patient_id, _identity(asked.patient), asked.reason))


@router.post("/patients/{patient_id}/merge")
def merge_patients(patient_id: str, asked: MergeAsked, actor: Merger, desk: Desk) -> PatientKnown:
    """Say that a patient is the same person as another one, who is answered."""
    return _patient(desk.patients.merge(actor, patient_id, asked.into, asked.reason))


@router.post("/patients/{patient_id}/unmerge")
def unmerge_patients(patient_id: str, asked: ReasonGiven, actor: Merger, desk: Desk) -> PatientKnown:
    """Take a merger back."""
    return _patient(desk.patients.unmerge(actor, patient_id, asked.reason))


# --------------------------------------------------------------------------------------------------------


def _row(shown: ShownCase) -> CaseRow:
    return CaseRow(**_row_values(shown))


def _detail(shown: ShownCase) -> CaseDetail:
    return CaseDetail(
        **_row_values(shown),
        next_statuses=sorted(next_statuses(shown.case.status), key=list(CaseStatus).index),
        foreign_numbers=[
            PatientNumber(issuer=one.issuer, value=one.value) for one in shown.case.foreign_numbers
        ],
        has_request=shown.case.has_request,
        material=[
            MaterialShown(
                id=piece.id,
                parent_id=piece.parent_id,
                kind=piece.kind,
                label=piece.label,
                identifier=piece.identifier,
                stage=piece.stage,
                next_stages=list(next_stages(piece.kind, piece.stage)),
                description=piece.description,
                organ=piece.organ,
                image_ids=list(piece.image_ids),
            )
            for piece in shown.material
        ],
    )


def _row_values(shown: ShownCase) -> dict[str, object]:
    case = shown.case
    images = [image for piece in shown.material for image in piece.image_ids[-1:]]
    return {
        "id": case.id,
        "number": case.number,
        "status": case.status,
        "priority": case.priority,
        "subspecialty": case.subspecialty,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "patient_id": None if shown.is_withheld else case.patient_id,
        "patient": None if shown.identity is None else _told(shown.identity),
        "patient_withheld": shown.is_withheld,
        "assignee_id": case.assignee_id,
        "assignee_name": case.assignee_name,
        "specimen": case.specimen,
        "stains": list(case.stains),
        "slides_total": case.slides_total,
        "slides_scanned": case.slides_scanned,
        "first_image_id": images[0] if images else None,
    }


def _told(identity: model.Identity) -> PatientIdentity:
    return PatientIdentity(
        name=identity.name,
        sex=identity.sex,
        birth_date=identity.birth_date,
        identifiers=[PatientNumber(issuer=one.issuer, value=one.value) for one in identity.identifiers],
        age_years=identity.age_years,
        age_on=identity.age_on,
    )


def _identity(stated: PatientIdentity) -> model.Identity:
    return model.Identity(
        stated.name.strip(),
        stated.sex,
        stated.birth_date,
        _numbers(stated.identifiers),
        stated.age_years,
        stated.age_on,
    )


def _numbers(stated: list[PatientNumber]) -> tuple[model.PatientIdentifier, ...]:
    return tuple(model.PatientIdentifier(one.issuer.strip(), one.value.strip()) for one in stated)


def _patient(shown: ShownPatient) -> PatientKnown:
    return PatientKnown(
        id=shown.id,
        patient=None if shown.identity is None else _told(shown.identity),
        merged_into=shown.merged_into,
        case_ids=list(shown.case_ids),
    )


def _compared(fields: tuple[Compared, ...]) -> list[FieldCompared]:
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
