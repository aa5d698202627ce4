"""What audit lends to the application."""

from typing import Any

from hemalum.capabilities.audit.model import ERASE, EXPORT, READ, REVIEW
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> Any:
    from fastapi import APIRouter

    from hemalum.capabilities.audit.routes import entries, fhir, flags

    router = APIRouter()
    for each in (entries, flags, fhir):
        router.include_router(each.router)
    return router


def _pages() -> Any:
    from hemalum.capabilities.audit.routes import public

    return public.router


capability = Capability(
    name="audit",
    router=_router,
    pages=_pages,
    permissions={action: in_own_organisation(action) for action in (READ, EXPORT, REVIEW, ERASE)},
)
