"""Signing in by way of an institution, and the settings of institutions."""

import base64
import binascii
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from hemalum.capabilities.access.model import GroupRule, Provider
from hemalum.capabilities.access.openid import Journey
from hemalum.capabilities.access.register import new_secret
from hemalum.capabilities.access.routes import answers
from hemalum.capabilities.access.routes.parts import Door, From, NodeAdministrator, set_session, take_turn
from hemalum.kernel.errors import HemalumError, NotFound
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime.http import base_of, cookie_name

router = APIRouter()

_COOKIE = "hemalum_journey"
_JOURNEY_LASTS_S = 600
_BACK = "/api/access/institutions/callback"


@router.get("/institutions")
def list_institutions(access: Door) -> list[answers.Institution]:
    """The institutions that people may sign in by."""
    return [answers.Institution(id=each.id, name=each.name) for each in access.institutions.open_ways()]


@router.get(
    "/institutions/{provider_id}/start", response_class=RedirectResponse, dependencies=[Depends(take_turn)]
)
def start_at_institution(
    provider_id: str,
    request: Request,
    access: Door,
    to: Annotated[str, Query(max_length=2000)] = "/",
) -> Response:
    """Send the browser to an institution; it comes back, and goes on to `to`."""
    secret = new_secret()
    try:
        there = access.institutions.way_there(provider_id, Journey(secret), base_of(request) + _BACK)
    except HemalumError as error:
        return _turned_down(error)
    response = RedirectResponse(there, status_code=303, headers={"cache-control": "no-store"})
    response.set_cookie(
        cookie_name(request, _COOKIE),
        f"{provider_id}.{secret}.{base64.urlsafe_b64encode(to.encode()).decode().rstrip('=')}",
        max_age=_JOURNEY_LASTS_S,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/institutions/callback", response_class=RedirectResponse, dependencies=[Depends(take_turn)])
def come_back_from_institution(
    request: Request,
    access: Door,
    origin: From,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Where an institution sends the browser back to, with a code when all is well."""
    name = cookie_name(request, _COOKIE)
    try:
        provider_id, secret, to = _journey(request.cookies.get(name, ""))
        back = base_of(request) + _BACK
        outcome = access.institutions.come_back(provider_id, Journey(secret), state, code, back, origin)
    except HemalumError as error:
        response = _turned_down(error)
    else:
        response = RedirectResponse(to, status_code=303)
        set_session(request, response, access, outcome.secret)
    response.delete_cookie(
        name, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return response


@router.post("/institutions/{provider_id}/back-channel", status_code=204)
def back_channel_logout(
    provider_id: str, access: Door, logout_token: Annotated[str, Form(max_length=20_000)]
) -> Response:
    """An institution says that somebody signed out there (Back-Channel Logout 1.0)."""
    access.institutions.signed_out(provider_id, logout_token)
    return Response(status_code=204, headers={"cache-control": "no-store"})


@router.get("/providers")
def list_providers(actor: NodeAdministrator, access: Door) -> list[answers.ProviderShown]:  # noqa: ARG001 - must be allowed
    """All institutions with their settings, but their secrets."""
    return [answers.provider_of(each) for each in access.institutions.list_providers()]


@router.post("/providers", status_code=201)
def add_provider(
    asked: answers.ProviderAsked, actor: NodeAdministrator, access: Door
) -> answers.ProviderShown:
    """Add an institution."""
    return answers.provider_of(
        access.institutions.put_provider(actor, _provider(new_id(), asked), asked.client_secret)
    )


@router.put("/providers/{provider_id}")
def change_provider(
    provider_id: str, asked: answers.ProviderAsked, actor: NodeAdministrator, access: Door
) -> answers.ProviderShown:
    """Change the settings of an institution."""
    if provider_id not in [each.id for each in access.institutions.list_providers()]:
        raise NotFound("There is no such institution.")
    return answers.provider_of(
        access.institutions.put_provider(actor, _provider(provider_id, asked), asked.client_secret)
    )


@router.delete("/providers/{provider_id}", status_code=204)
def remove_provider(provider_id: str, actor: NodeAdministrator, access: Door) -> Response:
    """Do without an institution; the roles that its groups gave end."""
    access.institutions.remove_provider(actor, provider_id)
    return Response(status_code=204)


@router.post("/providers/{provider_id}/test", status_code=204)
def test_provider(provider_id: str, actor: NodeAdministrator, access: Door) -> Response:  # noqa: ARG001 - must be allowed
    """Try an institution as far as that goes without a person; the problem says what is wrong."""
    access.institutions.check(provider_id)
    return Response(status_code=204)


def _provider(provider_id: str, asked: answers.ProviderAsked) -> Provider:
    return Provider(
        provider_id,
        asked.name,
        asked.issuer,
        asked.client_id,
        scopes=asked.scopes,
        groups_claim=asked.groups_claim,
        is_strong=asked.is_strong,
        is_enabled=asked.is_enabled,
        rules=tuple(
            GroupRule(each.group, OrganisationId(each.organisation_id), each.role) for each in asked.rules
        ),
    )


def _journey(cookie: str) -> tuple[str, str, str]:
    """Institution, secret and where to go in the end, as the browser kept them; empty when it did not."""
    provider_id, _, rest = cookie.partition(".")
    secret, _, to = rest.partition(".")
    try:
        path = base64.urlsafe_b64decode(to + "=" * (-len(to) % 4)).decode()
    except (binascii.Error, ValueError):
        path = "/"
    # A path of this node and nothing else: `//host` and `/\host` lead elsewhere.
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return provider_id, secret, path if is_own else "/"


def _turned_down(error: HemalumError) -> Response:
    return RedirectResponse(
        f"/sign-in?refused={quote(error.code)}", status_code=303, headers={"cache-control": "no-store"}
    )
