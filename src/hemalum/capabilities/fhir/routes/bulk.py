"""Exports in bulk over HTTP (FHIR Bulk Data Access 1.0.1, and the asynchronous pattern of R4 3.1.0.1.16)."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from hemalum.capabilities.fhir.batches import ROOT
from hemalum.capabilities.fhir.exporting import KEPT_FOR, Exporting, kinds_of
from hemalum.capabilities.fhir.model import ExportState
from hemalum.capabilities.fhir.routes.parts import JSON_ONLY, Exporter, OutcomeRoute, refusal
from hemalum.formats.fhir.outcomes import BadResource
from hemalum.formats.fhir.searching import parse_query
from hemalum.formats.fhir.values import instant
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.runtime.http import KEPT_NOWHERE, base_of
from hemalum.runtime.http_errors import BadRequest

NDJSON = "application/fhir+ndjson"
_FORMATS = {NDJSON, "application/ndjson", "ndjson"}
_ASKED = {"_type", "_since", "_outputFormat", "purpose"}

router = APIRouter(prefix=ROOT, tags=["fhir"], route_class=OutcomeRoute, include_in_schema=False)


async def exporting_of(request: Request) -> Exporting:
    """The exports of this node."""
    exporting: Exporting = request.app.state.fhir_exports
    return exporting


Exports = Annotated[Exporting, Depends(exporting_of)]


@router.get("/$export", dependencies=JSON_ONLY)
def export_all(actor: Exporter, exports: Exports, request: Request) -> Response:
    """Begin to export all that there is."""
    return _begin(actor, exports, request, is_of_patients=False)


@router.get("/Patient/$export", dependencies=JSON_ONLY)
def export_patients(actor: Exporter, exports: Exports, request: Request) -> Response:
    """Begin to export all that is about patients."""
    return _begin(actor, exports, request, is_of_patients=True)


@router.get("/$export/{export_id}")
def show_export(export_id: str, actor: Exporter, exports: Exports, request: Request) -> Response:
    """How far an export is; where its files are, once it is done."""
    export = exports.get(actor, export_id)
    if export.state is ExportState.RUNNING:
        return Response(
            status_code=202, headers={**KEPT_NOWHERE, "retry-after": "1", "x-progress": "in progress"}
        )
    if export.state is ExportState.FAILED:
        assert export.failure is not None
        error = Invalid.saying(export.failure)
        error.status = 500
        return refusal(error)
    at = f"{base_of(request)}{ROOT}/$export/{export.id}/"
    manifest = {
        "transactionTime": instant(export.begun_at),
        "request": export.request,
        "requiresAccessToken": True,
        "output": [
            {"type": part.kind, "url": f"{at}{number}", "count": part.count}
            for number, part in enumerate(export.parts)
        ],
        "error": [],
    }
    expires = (export.begun_at + KEPT_FOR).strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = {**KEPT_NOWHERE, "expires": expires}
    return Response(msgspec.json.encode(manifest), media_type="application/json", headers=headers)


@router.delete("/$export/{export_id}")
def cancel_export(export_id: str, actor: Exporter, exports: Exports) -> Response:
    """Stop an export, and remove what was written."""
    exports.cancel(actor, export_id)
    return Response(status_code=202, headers=KEPT_NOWHERE)


@router.get("/$export/{export_id}/{number}")
def read_part(export_id: str, number: int, actor: Exporter, exports: Exports) -> Response:
    """A file of an export."""
    pieces = exports.read_part(actor, export_id, number)
    return StreamingResponse(pieces, media_type=NDJSON, headers=KEPT_NOWHERE)


def _begin(actor: Actor, exports: Exporting, request: Request, *, is_of_patients: bool) -> Response:
    if "respond-async" not in request.headers.get("prefer", ""):
        raise BadRequest("An export is asked for with the header Prefer: respond-async.")
    stated = request.query_params
    unknown = sorted(set(stated) - _ASKED)
    if unknown:
        raise BadRequest("An export knows no parameter {name}.", name=unknown[0])
    if stated.get("_outputFormat", NDJSON) not in _FORMATS:
        raise BadRequest("An export is given as {media_type}.", media_type=NDJSON)
    kinds = kinds_of(stated.get("_type"), is_of_patients=is_of_patients)
    since = _since(stated.get("_since"))
    address = f"{base_of(request)}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
    export = exports.begin(actor, kinds, since, address, is_of_patients=is_of_patients)
    where = f"{base_of(request)}{ROOT}/$export/{export.id}"
    return Response(status_code=202, headers={**KEPT_NOWHERE, "content-location": where})


def _since(stated: str | None) -> datetime | None:
    if stated is None:
        return None
    try:
        return parse_query("Task", [("_lastUpdated", f"ge{stated}")]).since("_lastUpdated")
    except BadResource as error:
        raise BadRequest.saying(error.sentence) from error
