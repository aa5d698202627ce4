"""Signing in by a one-time link, signing out, and who I am."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from hemalum.capabilities.access.model import SESSION_LASTS
from hemalum.capabilities.access.service import Access
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import SESSION_COOKIE, actor_of

router = APIRouter(tags=["access"])
entrance = APIRouter(include_in_schema=False)


class Me(BaseModel):
    """Who is signed in."""

    person_id: str
    name: str
    organisation_id: str
    organisation_name: str
    permissions: list[str]
    demo: bool


def access_of(request: Request) -> Access:
    """Access of this node."""
    access: Access = request.app.state.access
    return access


@router.get("/me")
def me(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    access: Annotated[Access, Depends(access_of)],
) -> Me:
    """Who is signed in, and what they may do."""
    home = access.get_organisation(actor.organisation_id)
    return Me(
        person_id=actor.person_id,
        name=actor.name,
        organisation_id=actor.organisation_id,
        organisation_name=home.name,
        permissions=sorted(actor.permissions),
        demo=actor == getattr(request.app.state, "demo_visitor", None),
    )


@router.post("/sign-out", status_code=204)
def sign_out(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    access: Annotated[Access, Depends(access_of)],
) -> Response:
    """End this session and every opening made in it."""
    access.sign_out(actor.session_id)
    request.app.state.tickets.revoke(actor.session_id)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@entrance.get("/enter/{code}")
def enter(code: str, request: Request, access: Annotated[Access, Depends(access_of)]) -> Response:
    """Spend a one-time link."""
    response = RedirectResponse("/", status_code=303)
    response.headers["cache-control"] = "no-store"
    response.headers["referrer-policy"] = "no-referrer"
    response.set_cookie(
        SESSION_COOKIE,
        access.sign_in(code),
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response
