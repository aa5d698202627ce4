"""Images and their cases, and patients. What may name a patient stands in bodies only."""

from fastapi import APIRouter, Depends, Response

from hemalum.capabilities.cases.routes.answers import (
    CaseDetail,
    CorrectionAsked,
    FieldCompared,
    ImageCase,
    LinkAsked,
    MergeAsked,
    PatientKnown,
    PatientSearch,
    ReasonGiven,
    TakeOverAsked,
    compared_of,
    detail_of,
    identity_of,
    known_of,
)
from hemalum.capabilities.cases.routes.parts import (
    Accessioner,
    Desk,
    Merger,
    PatientViewer,
    Processor,
    Taker,
    Viewer,
)
from hemalum.runtime.http import kept_nowhere

router = APIRouter(tags=["cases"], dependencies=[Depends(kept_nowhere)])


# Images -------------------------------------------------------------------------------------------------


@router.get("/images/{image_id}")
def show_case_of_image(image_id: str, actor: Viewer, desk: Desk) -> ImageCase:
    """Which slide of which case an image is the scan of."""
    found = desk.linking.find_case_of(actor, image_id)
    if found is not None:
        shown, piece = found
        return ImageCase(case=detail_of(shown), identifier=piece.identifier, claim=None, claimed=None)
    state, claimed = desk.linking.find_claim(image_id) or (None, None)
    return ImageCase(case=None, identifier=None, claim=state, claimed=claimed)


@router.put("/images/{image_id}")
def link_image(image_id: str, asked: LinkAsked, actor: Processor, desk: Desk) -> CaseDetail:
    """Say which slide an image is the scan of."""
    return detail_of(desk.linking.link(actor, image_id, asked.identifier))


@router.post("/images/{image_id}/unlink", status_code=204)
def unlink_image(image_id: str, asked: ReasonGiven, actor: Processor, desk: Desk) -> Response:
    """Say that an image is not of the slide that it is linked to."""
    desk.linking.unlink(actor, image_id, asked.reason)
    return Response(status_code=204)


@router.get("/images/{image_id}/comparison")
def compare_image(image_id: str, actor: PatientViewer, desk: Desk) -> list[FieldCompared]:
    """What the file of an image says of the patient, beside what its case says."""
    return compared_of(desk.comparing.compare(actor, image_id))


@router.post("/images/{image_id}/take-over")
def take_over(image_id: str, asked: TakeOverAsked, actor: Taker, desk: Desk) -> list[FieldCompared]:
    """Let the case have fields that only the file states."""
    return compared_of(desk.comparing.take_over(actor, image_id, asked.fields))


# Patients -----------------------------------------------------------------------------------------------


@router.post("/patients/search")
def find_patients(asked: PatientSearch, actor: PatientViewer, desk: Desk) -> list[PatientKnown]:
    """Whom a number belongs to."""
    return [known_of(each) for each in desk.patients.find(actor, asked.value, asked.issuer)]


@router.get("/patients/{patient_id}")
def show_patient(patient_id: str, actor: PatientViewer, desk: Desk) -> PatientKnown:
    """One patient."""
    return known_of(desk.patients.get(actor, patient_id))


@router.put("/patients/{patient_id}")
def correct_patient(patient_id: str, asked: CorrectionAsked, actor: Accessioner, desk: Desk) -> PatientKnown:
    """State anew who a patient is."""
    return known_of(desk.patients.correct(actor, patient_id, identity_of(asked.patient), asked.reason))


@router.post("/patients/{patient_id}/merge")
def merge_patients(patient_id: str, asked: MergeAsked, actor: Merger, desk: Desk) -> PatientKnown:
    """Say that a patient is the same person as another one, who is answered."""
    return known_of(desk.patients.merge(actor, patient_id, asked.into, asked.reason))


@router.post("/patients/{patient_id}/unmerge")
def unmerge_patients(patient_id: str, asked: ReasonGiven, actor: Merger, desk: Desk) -> PatientKnown:
    """Take a merger back."""
    return known_of(desk.patients.unmerge(actor, patient_id, asked.reason))
