"""What audit lends to the application."""

from fastapi import APIRouter

from hemalum.capabilities.audit.model import ERASE, EXPORT, READ, REVIEW
from hemalum.capabilities.audit.routes import entries, fhir, flags, public
from hemalum.kernel.capability import Capability
from hemalum.runtime.policy import in_own_organisation


def _router() -> APIRouter:
    router = APIRouter()
    for each in (entries, flags, fhir):
        router.include_router(each.router)
    return router


capability = Capability(
    name="audit",
    router=_router(),
    pages=public.router,
    permissions={action: in_own_organisation(action) for action in (READ, EXPORT, REVIEW, ERASE)},
)
