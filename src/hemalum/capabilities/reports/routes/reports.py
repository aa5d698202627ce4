"""Templates, and the reports of cases. What names or describes a patient stands in bodies only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from hemalum.capabilities.reports import amending
from hemalum.capabilities.reports.routes.answers import (
    ReportCheck,
    ReportCosignature,
    ReportDifference,
    ReportShown,
    ReportVersionRow,
    ReportVersionShown,
    TemplateRow,
    TemplateShown,
)
from hemalum.capabilities.reports.routes.parts import Desk, Reader, Signer, Viewer, Writer
from hemalum.capabilities.reports.routes.questions import (
    AmendmentAsked,
    AmendmentWithdrawal,
    CheckAsked,
    DraftAsked,
    HandOverAsked,
    SignatureAsked,
)
from hemalum.runtime.http import kept_nowhere

router = APIRouter(tags=["reports"], dependencies=[Depends(kept_nowhere)])

TemplateDigest = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")]


# Templates ----------------------------------------------------------------------------------------------


@router.get("/templates")
def list_templates(_: Viewer, desk: Desk) -> list[TemplateRow]:
    """The templates that reports can be filled into."""
    found = desk.shelf.templates().values()
    return [TemplateRow.of(each, each.template) for each in found if each.template is not None]


@router.get("/templates/{template_id}")
def show_template(template_id: str, _: Viewer, desk: Desk, digest: TemplateDigest = None) -> TemplateShown:
    """A template with all that it asks; of a digest, the very one that reports were filled into."""
    if digest is not None:
        return TemplateShown.of(desk.rereading.get_template(template_id, digest))
    return TemplateShown.of(desk.shelf.get(template_id))


# Reports ------------------------------------------------------------------------------------------------


@router.get("/cases/{case_id}")
def show_report(case_id: str, actor: Reader, desk: Desk) -> ReportShown:
    """The report of a case, of which there may be no version yet. That it was read is recorded."""
    return ReportShown.of(desk.show(actor, case_id))


@router.post("/cases/{case_id}/check")
def check_report(case_id: str, asked: CheckAsked, actor: Writer, desk: Desk) -> ReportCheck:
    """What a content amounts to, without keeping it."""
    return ReportCheck.of(desk.check(actor, case_id, asked.content.stated()))


@router.post("/cases/{case_id}/versions", status_code=201)
def write_report(case_id: str, asked: DraftAsked, actor: Writer, desk: Desk) -> ReportVersionShown:
    """Keep a draft as the next version; the same once more answers the version that there is."""
    return ReportVersionShown.of(desk.write(actor, case_id, asked.stated()))


@router.get("/cases/{case_id}/versions/{number}")
def show_report_version(case_id: str, number: int, actor: Reader, desk: Desk) -> ReportVersionShown:
    """One version with what it says."""
    return ReportVersionShown.of(desk.get_version(actor, case_id, number)[1])


@router.get("/cases/{case_id}/difference")
def compare_report_versions(
    case_id: str, before: int, after: int, actor: Reader, desk: Desk
) -> ReportDifference:
    """What a version says otherwise than another, answer by answer and word by word."""
    return ReportDifference.of(desk.compare(actor, case_id, before, after))


@router.post("/cases/{case_id}/preliminary", status_code=201)
def hand_over_report(case_id: str, asked: HandOverAsked, actor: Writer, desk: Desk) -> ReportVersionRow:
    """Make a draft preliminary, for a pathologist to sign."""
    version = desk.hand_over(actor, case_id, asked.version, asked.sha256, asked.reason)
    return ReportVersionRow.of(version)


@router.post("/cases/{case_id}/sign", status_code=201)
def sign_report(case_id: str, asked: SignatureAsked, actor: Signer, desk: Desk) -> ReportVersionRow:
    """Sign a version: the case is final with it."""
    return ReportVersionRow.of(desk.sign(actor, case_id, asked.version, asked.sha256, asked.password))


@router.post("/cases/{case_id}/amend", status_code=201)
def amend_report(case_id: str, asked: AmendmentAsked, actor: Signer, desk: Desk) -> ReportVersionShown:
    """Begin to change a signed report, by a new draft."""
    return ReportVersionShown.of(desk.reopen(actor, case_id, asked.kind, asked.reason))


@router.post("/cases/{case_id}/amendment/withdraw", status_code=201)
def withdraw_amendment(
    case_id: str, asked: AmendmentWithdrawal, actor: Signer, desk: Desk
) -> ReportVersionRow:
    """Give up an amendment that is not signed: what was signed before stands again."""
    version = amending.withdraw_amendment(desk, actor, case_id, asked.version, asked.sha256, asked.reason)
    return ReportVersionRow.of(version)


@router.post("/cases/{case_id}/cosign", status_code=201)
def cosign_report(case_id: str, asked: SignatureAsked, actor: Signer, desk: Desk) -> ReportCosignature:
    """Agree with a signed version as a second pathologist."""
    return ReportCosignature.of(desk.cosign(actor, case_id, asked.version, asked.sha256, asked.password))
