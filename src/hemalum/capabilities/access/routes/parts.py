"""What the route files of access share: who is asking, from where, and the session cookie."""

from typing import Annotated

from fastapi import Depends, Request, Response

from hemalum.capabilities.access.model import SESSION_LASTS, Origin
from hemalum.capabilities.access.passkeys import Site
from hemalum.capabilities.access.service import Access
from hemalum.kernel.actor import Actor
from hemalum.runtime.addresses import source_of
from hemalum.runtime.http import (
    SESSION_COOKIE,
    RateLimit,
    actor_of,
    address_of,
    base_of,
    check_own_page,
    cookie_name,
    require,
)

_sign_ins = RateLimit(at_once=20, per_second=0.5)
"""Of one address: a hospital may share one, and its people begin to work at the same time."""


async def access_of(request: Request) -> Access:
    """Access of this node."""
    access: Access = request.app.state.access
    return access


async def origin_of(request: Request) -> Origin:
    """Where a request comes from."""
    return Origin(address_of(request), request.headers.get("user-agent", ""))


async def site_of(request: Request) -> Site:
    """The node as the browser knows it."""
    return Site(base_of(request))


async def take_turn(request: Request) -> None:
    """Raise TooMany when an address tries to sign in too often."""
    _sign_ins.take(source_of(address_of(request)))


async def sign_in_allowed(request: Request) -> None:
    """The same, and NotPermitted when a foreign page may be trying."""
    check_own_page(request)
    await take_turn(request)


Door = Annotated[Access, Depends(access_of)]
Me = Annotated[Actor, Depends(actor_of)]
Administrator = Annotated[Actor, Depends(require("access.administer"))]
NodeAdministrator = Annotated[Actor, Depends(require("access.administer_node"))]
From = Annotated[Origin, Depends(origin_of)]
Here = Annotated[Site, Depends(site_of)]


def set_session(request: Request, response: Response, access: Access, secret: str) -> None:
    """Give the browser its new session; one that it held before ends."""
    name = cookie_name(request, SESSION_COOKIE)
    before = request.cookies.get(name)
    if before:
        access.end_session_of(before)
    response.headers["cache-control"] = "no-store"
    response.set_cookie(
        name,
        secret,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def drop_session(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    name = cookie_name(request, SESSION_COOKIE)
    response.delete_cookie(
        name, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
