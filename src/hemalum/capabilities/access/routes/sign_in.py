"""Signing in and out, and who I am."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from hemalum.capabilities.access.model import DEMO_SESSION
from hemalum.capabilities.access.routes import answers
from hemalum.capabilities.access.routes.parts import (
    Door,
    From,
    Here,
    Me,
    drop_session,
    set_session,
    sign_in_allowed,
)
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.access.sign_in import Outcomes, SignedIn
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import base_of

router = APIRouter()
entrance = APIRouter(include_in_schema=False)
_allowed = [Depends(sign_in_allowed)]


@router.get("/me")
def me(actor: Me, access: Door) -> answers.Me:
    """Who is signed in, and what they may do."""
    return me_of(actor, access)


def me_of(actor: Actor, access: Access) -> answers.Me:
    """Who this is."""
    person, places = access.account.whereabouts(actor)
    home = next(each for each in places if each.id == actor.organisation_id)
    return answers.Me(
        person_id=actor.person_id,
        name=actor.name,
        display_name=person.display_name,
        organisation_id=actor.organisation_id,
        organisation_name=home.name,
        organisations=[answers.Place(id=each.id, name=each.name) for each in places],
        roles=sorted(actor.roles),
        groups=sorted(actor.groups),
        permissions=sorted(actor.permissions),
        is_strong=actor.is_strong,
        needs_second_factor=not actor.permissions and home.requires_second_factor and not actor.is_strong,
        demo=actor.session_id == DEMO_SESSION,
    )


@router.post("/sign-in/password", dependencies=_allowed)
def sign_in_by_password(
    shown: answers.PasswordShown, request: Request, response: Response, access: Door, origin: From
) -> answers.SignInAnswer:
    """Sign in; a ticket in the answer means that a second factor has to follow."""
    outcome = access.sign_in.by_password(shown.name, shown.password, origin)
    return _answer(request, response, access, outcome)


@router.post("/sign-in/second-factor", dependencies=_allowed)
def sign_in_by_second_factor(
    shown: answers.CodeShown, request: Request, response: Response, access: Door, origin: From
) -> answers.SignInAnswer:
    """Finish a sign-in by the code of an authenticator app, or a recovery code."""
    outcome = access.sign_in.by_second_factor(shown.ticket, shown.code, origin)
    return _answer(request, response, access, outcome)


@router.post("/sign-in/link", dependencies=_allowed)
def sign_in_by_link(
    shown: answers.LinkShown, request: Request, response: Response, access: Door, origin: From
) -> answers.SignInAnswer:
    """Spend a one-time link."""
    return _answer(request, response, access, access.sign_in.by_link(shown.code, origin))


@router.post("/sign-in/passkey/options", dependencies=_allowed)
def begin_sign_in_by_passkey(access: Door, site: Here) -> answers.Ceremony:
    """What to ask the browser for."""
    ticket, options = access.sign_in.begin_passkey(site)
    return answers.Ceremony(ticket=ticket, options=options)


@router.post("/sign-in/passkey", dependencies=_allowed)
def sign_in_by_passkey(
    shown: answers.PasskeyShown,
    request: Request,
    response: Response,
    access: Door,
    site: Here,
    origin: From,
) -> answers.SignInAnswer:
    """Sign in by a passkey; no name is needed."""
    outcome = access.sign_in.by_passkey(shown.ticket, shown.credential, site, origin)
    return _answer(request, response, access, outcome)


@router.post("/sign-out")
def sign_out(request: Request, response: Response, actor: Me, access: Door) -> answers.SignedOut:
    """End this session and every opening made in it."""
    continue_at = access.institutions.way_out(actor, f"{base_of(request)}/")
    access.sign_out(actor)
    drop_session(request, response)
    return answers.SignedOut(continue_at=continue_at)


@entrance.get("/enter/{code}")
def enter(code: str, request: Request, access: Door, origin: From) -> Response:
    """Spend a one-time link of the machine's operator."""
    outcome = access.sign_in.by_link(code, origin)
    response = RedirectResponse("/", status_code=303)
    response.headers["referrer-policy"] = "no-referrer"
    _answer(request, response, access, outcome)
    return response


def _answer(request: Request, response: Response, access: Access, outcome: Outcomes) -> answers.SignInAnswer:
    response.headers["cache-control"] = "no-store"
    if not isinstance(outcome, SignedIn):
        return answers.SignInAnswer(ticket=outcome.ticket)
    set_session(request, response, access, outcome.secret)
    return answers.SignInAnswer(purpose=outcome.purpose)
