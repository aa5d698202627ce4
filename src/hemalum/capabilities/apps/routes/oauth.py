"""OAuth 2.0 for apps, and what they read first (SMART App Launch 2.0, section 2.1)."""

import base64
import binascii
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from hemalum.capabilities.apps.authorising import Turned
from hemalum.capabilities.apps.exchanging import Shown, shown_in
from hemalum.capabilities.apps.model import FHIR_ROOT, ROOT, InvalidClient, OAuthRefusal, UnknownApp
from hemalum.capabilities.apps.service import Apps
from hemalum.capabilities.apps.signing import ALGORITHMS
from hemalum.formats.fhir.scopes import PLAIN
from hemalum.kernel.errors import NotFound
from hemalum.runtime.addresses import source_of
from hemalum.runtime.http import RateLimit, address_of, base_of

_FORM = "application/x-www-form-urlencoded"
_KEPT_NOWHERE = {"cache-control": "no-store", "pragma": "no-cache"}
_exchanges = RateLimit(at_once=60, per_second=2)
"""Of one address: many apps of a hospital may come by the same one."""


class OAuthRoute(APIRoute):
    """A route whose refusals are those of OAuth (RFC 6749, 5.2)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except OAuthRefusal as refusal:
                told = {"error": refusal.code, "error_description": str(refusal)}
                headers = dict(_KEPT_NOWHERE)
                if isinstance(refusal, InvalidClient):
                    headers["www-authenticate"] = "Basic"
                return JSONResponse(told, status_code=refusal.status, headers=headers)

        return answered


async def apps_of(request: Request) -> Apps:
    """The apps of this node."""
    apps: Apps = request.app.state.apps
    return apps


async def take_turn(request: Request) -> None:
    """Raise TooMany when an address asks too often."""
    _exchanges.take(source_of(address_of(request)))


Office = Annotated[Apps, Depends(apps_of)]
router = APIRouter(tags=["apps"], include_in_schema=False)
exchange = APIRouter(
    prefix=ROOT,
    tags=["apps"],
    include_in_schema=False,
    route_class=OAuthRoute,
    dependencies=[Depends(take_turn)],
)


@router.get(f"{FHIR_ROOT}/.well-known/smart-configuration")
def smart_configuration(request: Request) -> Response:
    """What apps can do here, and where; for everybody."""
    base = base_of(request)
    return JSONResponse(
        {
            **_endpoints(base),
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "capabilities": [
                "launch-ehr",
                "launch-standalone",
                "authorize-post",
                "client-public",
                "client-confidential-symmetric",
                "client-confidential-asymmetric",
                "context-ehr-patient",
                "context-standalone-patient",
                "permission-patient",
                "permission-user",
                "permission-offline",
                "permission-online",
                "permission-v1",
                "permission-v2",
                "sso-openid-connect",
            ],
        }
    )


@router.get("/.well-known/openid-configuration")
def openid_configuration(request: Request) -> Response:
    """The same for who only wants to know who somebody is (OpenID Connect Discovery 1.0)."""
    more = {"subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}
    return JSONResponse(_endpoints(base_of(request)) | more)


def _endpoints(base: str) -> dict[str, Any]:
    return {
        "issuer": base,
        "jwks_uri": f"{base}{ROOT}/keys",
        "authorization_endpoint": f"{base}{ROOT}/authorize",
        "token_endpoint": f"{base}{ROOT}/token",
        "revocation_endpoint": f"{base}{ROOT}/revoke",
        "introspection_endpoint": f"{base}{ROOT}/introspect",
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": [*PLAIN, "patient/*.rs", "user/*.rs", "user/*.crs", "system/*.rs"],
        "response_types_supported": ["code"],
    }


@router.get(f"{ROOT}/keys")
def keys(apps: Office) -> Response:
    """By which what the node signs is checked."""
    return JSONResponse(apps.exchanging.signing.public_keys(), headers={"cache-control": "max-age=600"})


@router.get(f"{ROOT}/authorize")
def authorize(apps: Office, request: Request) -> Response:
    """Where an app sends a browser: from here to the page on which the person says yes or no."""
    return _begin(apps, request.query_params.multi_items(), request)


@router.post(f"{ROOT}/authorize")
async def authorize_by_form(apps: Office, request: Request) -> Response:
    """The same, with what is asked for in the body."""
    return await run_in_threadpool(_begin, apps, await _form(request), request)


def _begin(apps: Apps, stated: list[tuple[str, str]], request: Request) -> Response:
    try:
        ticket = apps.authorising.begin(stated, base_of(request))
    except Turned as turned:
        where = turned.address
    except UnknownApp as error:
        where = f"/authorise?{urlencode({'refused': error.code})}"
    else:
        where = f"/authorise?{urlencode({'request': ticket})}"
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(where, status_code=303, headers=headers)


@exchange.post("/token")
async def token(apps: Office, request: Request) -> Response:
    """Tokens for a code, a refresh token, or of a service."""
    form, shown = await _shown(request)
    answer = await run_in_threadpool(apps.exchanging.exchange, form, shown, base_of(request))
    return JSONResponse(answer, headers=_KEPT_NOWHERE)


@exchange.post("/revoke")
async def revoke(apps: Office, request: Request) -> Response:
    """End a token."""
    form, shown = await _shown(request)
    app = await run_in_threadpool(apps.exchanging.authenticate_app, shown, base_of(request))
    await run_in_threadpool(apps.exchanging.revoke, app, form.get("token", ""))
    return Response(status_code=200, headers=_KEPT_NOWHERE)


@exchange.post("/introspect")
async def introspect(apps: Office, request: Request) -> Response:
    """What a token is good for now."""
    form, shown = await _shown(request)
    base = base_of(request)
    app = await run_in_threadpool(apps.exchanging.authenticate_app, shown, base)
    told = await run_in_threadpool(apps.exchanging.introspect, app, form.get("token", ""), base)
    return JSONResponse(told, headers=_KEPT_NOWHERE)


@router.api_route(f"{ROOT}/{{rest:path}}", methods=["GET", "POST"])
def not_here(rest: str) -> Response:  # noqa: ARG001 - whatever it is
    """Whatever else somebody tries."""
    raise NotFound("There is nothing at this address.")


# Parts --------------------------------------------------------------------------------------------------


async def _shown(request: Request) -> tuple[dict[str, str], Shown]:
    """What a form states, and by what its sender shows who it is."""
    stated = await _form(request)
    form = dict(stated)
    if len(form) != len(stated):
        raise OAuthRefusal("A parameter is stated twice.")
    return form, shown_in(form, _basic(request))


async def _form(request: Request) -> list[tuple[str, str]]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise OAuthRefusal("Parameters are sent as {media_type}.", media_type=_FORM)
    try:
        return parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise OAuthRefusal("The request cannot be understood.") from error


def _basic(request: Request) -> tuple[str, str] | None:
    """Name and secret of an app as Basic credentials (RFC 6749, 2.3.1)."""
    scheme, _, content = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    try:
        if scheme.lower() != "basic":
            raise ValueError
        name, found, secret = base64.b64decode(content, validate=True).decode().partition(":")
        if not found:
            raise ValueError
    except (binascii.Error, ValueError) as error:
        raise InvalidClient("The credentials of the application cannot be read.") from error
    return unquote_plus(name), unquote_plus(secret)
