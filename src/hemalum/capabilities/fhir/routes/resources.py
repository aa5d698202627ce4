"""FHIR R4 over HTTP (3.1.0). It describes itself at `/fhir/R4/metadata`, so OpenAPI does not."""

import base64
from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from hemalum.capabilities.fhir.batches import ROOT, Batches, kind_named, searchset_of
from hemalum.capabilities.fhir.finding import Position
from hemalum.capabilities.fhir.metadata import capability_statement
from hemalum.capabilities.fhir.model import Kind
from hemalum.capabilities.fhir.people import practitioner
from hemalum.capabilities.fhir.policy import as_reader_of_documents
from hemalum.capabilities.fhir.routes.parts import (
    JSON_ONLY,
    Asking,
    Creator,
    Face,
    OutcomeRoute,
    Reader,
    Viewer,
    body_of,
)
from hemalum.capabilities.fhir.service import Fhir
from hemalum.capabilities.fhir.updating import Updating
from hemalum.capabilities.reports.service import make_pdf
from hemalum.formats.fhir.bundles import history
from hemalum.formats.fhir.values import MEDIA_TYPE, Resource
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound
from hemalum.runtime.http import KEPT_NOWHERE, base_of
from hemalum.runtime.http_errors import BadRequest, MethodNotAllowed, UnsupportedMediaType

_FORM = "application/x-www-form-urlencoded"
_PDF = "application/pdf"
_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


router = APIRouter(prefix=ROOT, tags=["fhir"], route_class=OutcomeRoute, include_in_schema=False)


# What there is ------------------------------------------------------------------------------------------


@router.get("/metadata", dependencies=JSON_ONLY)
def metadata(request: Request) -> Response:
    """What this node can do; for everybody."""
    statement = capability_statement(base_of(request), request.app.version)
    return Response(msgspec.json.encode(statement), media_type=MEDIA_TYPE)


# Reading ------------------------------------------------------------------------------------------------


@router.get("/Binary/{document_id}")
async def read_binary(document_id: str, actor: Reader, fhir: Face, request: Request) -> Response:
    """The PDF of a signed version; as Binary for who asks for JSON."""
    case_id, _, number = document_id.partition(".")
    if not number.isascii() or not number.isdigit() or len(number) > len("1000"):
        raise NotFound("There is no {kind} of this id.", kind="Binary")
    # Only what is signed leaves this way.
    reader = as_reader_of_documents(actor)
    await run_in_threadpool(fhir.read, reader, Kind.DOCUMENT_REFERENCE, document_id, base_of(request))
    state = request.app.state
    _, pdf = await make_pdf(state.reports, state.serving, actor, case_id, int(number))
    accepted = request.headers.get("accept", "")
    if MEDIA_TYPE in accepted or "application/json" in accepted:
        data = base64.b64encode(pdf).decode()
        made = {"resourceType": "Binary", "id": document_id, "contentType": _PDF, "data": data}
        return Response(msgspec.json.encode(made), media_type=MEDIA_TYPE, headers=KEPT_NOWHERE)
    return Response(pdf, media_type=_PDF, headers=KEPT_NOWHERE)


@router.get("/Practitioner/{person_id}", dependencies=JSON_ONLY)
def read_practitioner(person_id: str, actor: Asking) -> Response:
    """Who is asking (`fhirUser`)."""
    found = practitioner(actor, person_id)
    return Response(msgspec.json.encode(found), media_type=MEDIA_TYPE, headers=KEPT_NOWHERE)


@router.get("/{kind}/{resource_id}", dependencies=JSON_ONLY)
def read(kind: str, resource_id: str, actor: Viewer, fhir: Face, request: Request) -> Response:
    """One resource."""
    return _resource(fhir.read(actor, kind_named(kind), resource_id, base_of(request)), request)


@router.get("/{kind}/{resource_id}/_history", dependencies=JSON_ONLY)
def list_versions(kind: str, resource_id: str, actor: Viewer, fhir: Face, request: Request) -> Response:
    """One resource in all versions that are kept."""
    base = base_of(request)
    versions = fhir.list_versions(actor, kind_named(kind), resource_id, base)
    bundle = history(versions, f"{base}{ROOT}", f"{base}{request.url.path}")
    return Response(msgspec.json.encode(bundle), media_type=MEDIA_TYPE, headers=KEPT_NOWHERE)


@router.get("/{kind}/{resource_id}/_history/{version_id}", dependencies=JSON_ONLY)
def read_version(
    kind: str, resource_id: str, version_id: str, actor: Viewer, fhir: Face, request: Request
) -> Response:
    """One resource in one version."""
    found = fhir.read_version(actor, kind_named(kind), resource_id, version_id, base_of(request))
    return _resource(found, request)


# Searching ----------------------------------------------------------------------------------------------


@router.get("/{kind}", dependencies=JSON_ONLY)
def search(kind: str, actor: Viewer, fhir: Face, request: Request) -> Response:
    """What a search finds, or the next part of it. Numbers of patients are better sent to `_search`."""
    named, stated = kind_named(kind), request.query_params.multi_items()
    page = request.query_params.get("_page")
    own = None if page is not None else f"{base_of(request)}{request.url.path}?{urlencode(stated)}"
    position = Position(named.value, tuple(stated)) if page is None else fhir.pages.read(page)
    if position.kind != named.value:
        raise BadRequest("This is no page of a search on this node.")
    return _page(fhir, actor, position, request, own)


@router.post("/{kind}/_search", dependencies=JSON_ONLY)
async def search_by_form(kind: str, actor: Viewer, fhir: Face, request: Request) -> Response:
    """The same, with what is looked for in the body, where no address keeps it."""
    named = kind_named(kind)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise UnsupportedMediaType("A search is sent as {media_type}.", media_type=_FORM)
    try:
        stated = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise BadRequest("The request cannot be understood.") from error
    position = Position(named.value, (*request.query_params.multi_items(), *stated))
    return await run_in_threadpool(_page, fhir, actor, position, request, None)


def _page(fhir: Fhir, actor: Actor, position: Position, request: Request, own: str | None) -> Response:
    base = base_of(request)
    page = fhir.search(actor, position, base)
    bundle = searchset_of(page, Kind(position.kind), base, own)
    return Response(msgspec.json.encode(bundle), media_type=MEDIA_TYPE, headers=KEPT_NOWHERE)


# Creating -----------------------------------------------------------------------------------------------


@router.post("", dependencies=JSON_ONLY)
async def answer_bundle(actor: Viewer, fhir: Face, request: Request) -> Response:
    """A transaction or a batch; what an entry creates needs the permission of that."""
    bundle = await body_of(request)
    batches = Batches(fhir, actor, base_of(request))
    answered = await run_in_threadpool(batches.answer, bundle)
    return Response(msgspec.json.encode(answered), media_type=MEDIA_TYPE, headers=KEPT_NOWHERE)


@router.post("/{kind}", dependencies=JSON_ONLY)
async def create(kind: str, actor: Creator, fhir: Face, request: Request) -> Response:
    """A patient or an order. What is known already by its numbers is answered as it is, with 200."""
    named, resource = kind_named(kind), await body_of(request)
    batches = Batches(fhir, actor, base_of(request))
    condition = request.headers.get("if-none-exist")
    placed, made = await run_in_threadpool(batches.create, named, resource, condition)
    answer = _resource(made, request, 201 if placed.is_new else 200)
    version = made["meta"]["versionId"]
    answer.headers["location"] = f"{batches.base}{ROOT}/{named.value}/{placed.id}/_history/{version}"
    return answer


@router.put("/{kind}/{resource_id}", dependencies=JSON_ONLY)
async def update(kind: str, resource_id: str, actor: Creator, fhir: Face, request: Request) -> Response:
    """The status of an order, changed by whoever names the version that they know (If-Match)."""
    named, resource = kind_named(kind), await body_of(request)
    updating, known = Updating(fhir, base_of(request)), request.headers.get("if-match")
    changed = await run_in_threadpool(updating.update, actor, named, resource_id, resource, known)
    return _resource(changed, request)


@router.api_route("", methods=_ALL_METHODS)
@router.api_route("/{rest:path}", methods=_ALL_METHODS)
def not_here(rest: str = "") -> Response:
    """Whatever else somebody tries."""
    if rest.partition("/")[0] in set(Kind) or not rest:
        raise MethodNotAllowed("This resource does not know that method.")
    raise NotFound("There is nothing at this address.")


# Parts --------------------------------------------------------------------------------------------------


def _resource(resource: Resource, request: Request, status: int = 200) -> Response:
    etag = f'W/"{resource["meta"]["versionId"]}"'
    headers = {**KEPT_NOWHERE, "etag": etag}
    known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if request.method == "GET" and known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(msgspec.json.encode(resource), status_code=status, media_type=MEDIA_TYPE, headers=headers)
