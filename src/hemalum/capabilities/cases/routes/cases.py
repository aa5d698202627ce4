"""Lists of cases, cases, and their material. What may name a patient stands in bodies only."""

import io
from collections.abc import Sequence

from fastapi import APIRouter, Depends, Response

from hemalum.capabilities.cases import model
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.labels import Label, LabelForm, as_pdf, as_zpl, draw_code
from hemalum.capabilities.cases.routes.answers import (
    AccessionAsked,
    AssignmentAsked,
    CaseDetail,
    CaseEventShown,
    CasePage,
    CaseReader,
    LabelsAsked,
    MaterialAsked,
    QueueCounts,
    RequestShown,
    SearchAsked,
    StageAsked,
    StatusAsked,
    TriageAsked,
    detail_of,
    identity_of,
    numbers_of,
    row_of,
)
from hemalum.capabilities.cases.routes.parts import (
    Accessioner,
    Assigner,
    Desk,
    PatientViewer,
    Processor,
    Viewer,
)
from hemalum.kernel.clock import utc_now
from hemalum.runtime.http import KEPT_NOWHERE, kept_nowhere
from hemalum.runtime.text_index import MOST_FOUND

_CODE_BORDER = 2
_MEDIA_TYPES = {LabelForm.PDF: "application/pdf", LabelForm.ZPL: "application/zpl"}

router = APIRouter(tags=["cases"], dependencies=[Depends(kept_nowhere)])


# Lists --------------------------------------------------------------------------------------------------


@router.get("/queues")
def count_queues(actor: Viewer, desk: Desk) -> QueueCounts:
    """How many cases lie in each queue, for a worklist that wants to know whether anything changed."""
    revision, counts = desk.count_queues(actor)
    return QueueCounts(revision=revision, counts=counts)


@router.post("/search")
def search_cases(asked: SearchAsked, actor: Viewer, desk: Desk) -> CasePage:
    """A part of a list of cases: the most pressing first, then what models say so of, then what is due
    first."""
    query = model.CaseQuery(
        asked.queue,
        asked.text,
        asked.subspecialty,
        asked.priority,
        asked.offset,
        asked.limit,
        asked.by_band,
    )
    total, items = desk.list_cases(actor, query)
    more = bool(asked.text.strip()) and total > MOST_FOUND
    rows = [row_of(each) for each in items]
    return CasePage(total=MOST_FOUND if more else total, more=more, offset=asked.offset, items=rows)


@router.get("/readers")
def list_readers(actor: Viewer, desk: Desk) -> list[CaseReader]:
    """Whom a case can be given to, by name."""
    return [CaseReader(id=each.id, name=each.name) for each in desk.assigning.list_readers(actor)]


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
        None if asked.patient is None else identity_of(asked.patient),
        None if request == model.Request() else request,
        asked.priority,
        asked.subspecialty,
        asked.received_at,
        numbers_of(asked.foreign_numbers),
    )
    return detail_of(desk.accession(actor, accession))


@router.get("/cases/{case_id}")
def show_case(case_id: str, actor: Viewer, desk: Desk) -> CaseDetail:
    """A case with all its material."""
    return detail_of(desk.get_case(actor, case_id))


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
    return detail_of(
        desk.triage(
            actor, case_id, priority=asked.priority, subspecialty=asked.subspecialty, due=asked.due_at
        )
    )


@router.post("/cases/{case_id}/assignment")
def assign_case(case_id: str, asked: AssignmentAsked, actor: Viewer, desk: Desk) -> CaseDetail:
    """Give a case to somebody, hand it over, or let nobody have it."""
    return detail_of(desk.assigning.assign(actor, case_id, asked.person_id, asked.reason))


@router.post("/cases/{case_id}/status")
def move_case(case_id: str, asked: StatusAsked, actor: Viewer, desk: Desk) -> CaseDetail:
    """Bring a case on, or back."""
    return detail_of(desk.move_case(actor, case_id, asked.status, asked.reason))


@router.post("/cases/{case_id}/material", status_code=201)
def add_material(case_id: str, asked: MaterialAsked, actor: Processor, desk: Desk) -> CaseDetail:
    """Another part, block or slide."""
    shown, _ = desk.add_material(
        actor, case_id, asked.parent_id, asked.description, asked.organ, is_smear=asked.is_smear
    )
    return detail_of(shown)


@router.post("/material/{material_id}/stage")
def move_material(material_id: str, asked: StageAsked, actor: Processor, desk: Desk) -> CaseDetail:
    """Say where a part, block or slide is now."""
    return detail_of(desk.move_material(actor, material_id, asked.stage, asked.reason, asked.occurred_at))


@router.post("/cases/{case_id}/labels", response_class=Response)
def print_labels(case_id: str, asked: LabelsAsked, actor: Processor, desk: Desk) -> Response:
    """Labels of parts, blocks and slides, a file for a printer; what was planned is labelled from then on."""
    form = asked.form

    def make(labels: Sequence[Label]) -> bytes:
        return as_zpl(labels, asked.dpi) if form is LabelForm.ZPL else as_pdf(labels, utc_now())

    number, made = desk.labelling.print(actor, case_id, asked.material_ids, make)
    headers = KEPT_NOWHERE | {"content-disposition": f'attachment; filename="{number}-labels.{form.value}"'}
    return Response(made, media_type=_MEDIA_TYPES[form], headers=headers)


@router.get("/material/{material_id}/code", response_class=Response)
def show_code(material_id: str, actor: Viewer, desk: Desk) -> Response:
    """The two-dimensional code for the label, as SVG: a QR code of the identifier and of nothing else."""
    picture = io.BytesIO()
    code = draw_code(desk.get_material(actor, material_id).identifier)
    code.save(picture, kind="svg", border=_CODE_BORDER, xmldecl=False)
    return Response(picture.getvalue(), media_type="image/svg+xml", headers=KEPT_NOWHERE)
