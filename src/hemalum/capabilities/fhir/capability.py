"""What FHIR lends to the application."""

from typing import Any

from hemalum.capabilities.fhir.policy import EXPORT
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _pages() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.fhir.routes import bulk, resources

    pages = APIRouter()
    # Resources take whatever address is left.
    for each in (bulk, resources):
        pages.include_router(each.router)
    return pages


capability = Capability(name="fhir", pages=_pages, permissions={EXPORT: in_own_organisation(EXPORT)})
