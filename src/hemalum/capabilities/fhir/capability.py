"""What FHIR lends to the application."""

from typing import Any

from hemalum.capabilities.cases.model import CaseStatusChanged, CaseWasAccessioned
from hemalum.capabilities.fhir.jobs import NOTIFY_JOB
from hemalum.capabilities.fhir.policy import EXPORT, SUBSCRIBE
from hemalum.capabilities.reports.model import ReportSigned
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _pages() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.fhir.routes import bulk, resources, subscriptions

    pages = APIRouter()
    # Resources take whatever address is left.
    for each in (bulk, subscriptions, resources):
        pages.include_router(each.router)
    return pages


capability = Capability(
    name="fhir",
    pages=_pages,
    subscribers=dict.fromkeys((ReportSigned, CaseWasAccessioned, CaseStatusChanged), (NOTIFY_JOB,)),
    permissions={action: in_own_organisation(action) for action in (EXPORT, SUBSCRIBE)},
)
