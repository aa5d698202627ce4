"""The log for programs that speak FHIR (R4): `GET /api/audit/fhir/AuditEvent`."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from hemalum.capabilities.audit import fhir
from hemalum.capabilities.audit.model import EXPORT
from hemalum.capabilities.audit.routes.entries import Index
from hemalum.capabilities.audit.routes.parts import Audited, Exporter

MOST_EVENTS = 200

router = APIRouter(prefix="/fhir/AuditEvent", tags=["audit"], include_in_schema=False)


@router.get("")
def search(
    request: Request,
    actor: Exporter,
    audit: Audited,
    count: Annotated[int, Query(alias="_count", ge=1, le=MOST_EVENTS)] = 50,
    cursor: Annotated[int | None, Query(ge=0, lt=1 << 63)] = None,
) -> JSONResponse:
    """Search by `date`, `agent`, `entity`, `outcome`, `subtype` (our action); newest first."""
    asked = request.query_params.multi_items()
    page = audit.list_entries(actor, fhir.filter_of(asked), cursor, count, EXPORT)
    own = request.url.path
    following = None
    if page.next_before is not None:
        kept = [(name, value) for name, value in asked if name != "cursor"]
        following = f"{own}?{urlencode([*kept, ('cursor', page.next_before)])}"
    answer = fhir.bundle(page, audit.log.key.name, f"{own}?{urlencode(asked)}", following)
    return _resource(answer)


@router.get("/{index}")
def read(index: Index, actor: Exporter, audit: Audited) -> JSONResponse:
    """One entry."""
    return _resource(fhir.audit_event(audit.get(actor, index), audit.log.key.name))


def _resource(resource: fhir.Resource) -> JSONResponse:
    return JSONResponse(resource, media_type=fhir.MEDIA_TYPE, headers={"cache-control": "no-store"})
