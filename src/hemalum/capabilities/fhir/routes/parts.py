"""What the routes of FHIR share: who asks, in what form, and errors as OperationOutcome."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from hemalum.capabilities.apps.service import Apps
from hemalum.capabilities.fhir import policy
from hemalum.capabilities.fhir.service import Fhir
from hemalum.formats.fhir.outcomes import outcome_of
from hemalum.formats.fhir.values import MEDIA_TYPE, Resource
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.http import actor_by, problem_headers
from hemalum.runtime.http_errors import BadRequest, NotAcceptable, UnsupportedMediaType
from hemalum.runtime.policy import check_permission

JSON_TYPES = frozenset({MEDIA_TYPE, "application/json", "text/json", "application/json+fhir"})
_JSON_FORMATS = JSON_TYPES | {"json"}


class OutcomeRoute(APIRoute):
    """A route whose errors are OperationOutcomes, whatever raised them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except HemalumError as error:
                return refusal(error)
            except RequestValidationError:
                return refusal(BadRequest("The request cannot be understood."))

        return answered


async def fhir_of(request: Request) -> Fhir:
    """The FHIR face of this node."""
    fhir: Fhir = request.app.state.fhir
    return fhir


async def check_accept(request: Request) -> None:
    """Raise NotAcceptable unless the client takes JSON (3.1.0.1.11)."""
    stated = request.query_params.get("_format")
    if stated is not None:
        if stated.partition(";")[0].strip() not in _JSON_FORMATS:
            raise NotAcceptable("Resources are given as {media_type}.", media_type=MEDIA_TYPE)
        return
    accepted = {
        one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "*/*").split(",")
    }
    if not accepted & (JSON_TYPES | {"*/*", "application/*", ""}):
        raise NotAcceptable("Resources are given as {media_type}.", media_type=MEDIA_TYPE)


def asking(request: Request) -> Actor:
    """Who is asking: somebody by themselves, or an application for somebody, which is recorded.

    Raises:
        NotSignedIn: nobody, or with credentials that are no longer good.
    """
    state = request.app.state
    apps: Apps = state.apps

    def found(secret: str, is_attended: bool) -> Actor | None:
        return apps.authenticate(secret) or state.authenticate(secret, is_attended)

    actor = actor_by(found, request)
    if actor.delegation is not None:
        apps.note_use(actor, request.method, request.url.path)
    return actor


def require(permission: str) -> Callable[[Request], Actor]:
    """A dependency that gives the actor, who holds `permission`; raises as `asking`, and NotPermitted."""

    def permitted(request: Request) -> Actor:
        actor = asking(request)
        check_permission(actor, permission)
        return actor

    return permitted


Asking = Annotated[Actor, Depends(asking)]
Viewer = Annotated[Actor, Depends(require(policy.VIEW))]
Creator = Annotated[Actor, Depends(require(policy.ACCESSION))]
Reader = Annotated[Actor, Depends(require(policy.VIEW_PATIENT))]
Exporter = Annotated[Actor, Depends(require(policy.EXPORT))]
Subscriber = Annotated[Actor, Depends(require(policy.SUBSCRIBE))]
Face = Annotated[Fhir, Depends(fhir_of)]
JSON_ONLY = [Depends(check_accept)]


def refusal(error: HemalumError) -> Response:
    return Response(
        msgspec.json.encode(outcome_of(error)),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers=problem_headers(error.status, error.sentence),
    )


async def body_of(request: Request) -> Resource:
    """The resource that a request brings.

    Raises:
        UnsupportedMediaType: it is sent as something else.
        BadRequest: it is none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in JSON_TYPES:
        raise UnsupportedMediaType("A resource is sent as {media_type}.", media_type=MEDIA_TYPE)
    try:
        content = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The body is no JSON.") from error
    if not isinstance(content, dict):
        raise BadRequest("The body is no resource.")
    return content
