"""What every HTTP answer of the node shares: problem documents, who is asking, what it may do."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query, Request, Response
from msgspec import to_builtins
from pydantic import BaseModel
from starlette.requests import cookie_parser

from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.errors import HemalumError, Invalid, NotPermitted, NotSignedIn, TooMany
from hemalum.kernel.sentence import Sentence, Value
from hemalum.runtime.addresses import LOOPBACK_HOSTS
from hemalum.runtime.http_errors import TooLarge, TooSlow
from hemalum.runtime.policy import check_permission
from hemalum.runtime.tickets import holder_of

SESSION_COOKIE = "hemalum_session"
SECURE_PREFIX = "__Host-"
"""Of cookies over https: browsers then take them from this very host only (RFC 6265bis, 4.1.3.2)."""
SESSION_COOKIES = (SECURE_PREFIX + SESSION_COOKIE, SESSION_COOKIE)
CSRF_HEADER = "x-hemalum"
PURPOSE_HEADER = "x-hemalum-purpose"
UNATTENDED_HEADER = "x-hemalum-unattended"
"""With `1`: the page asks by itself, and nobody has touched anything for a while."""
PROBLEM_MEDIA_TYPE = "application/problem+json"

_STATUSES = frozenset(int(status) for status in HTTPStatus)
_OWN_SITES = frozenset({"same-origin", "none"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Headers = Iterable[tuple[bytes, bytes]]
"""Of an ASGI request, names in lower case."""
type BareApp = Callable[[Scope, Receive, Send], Awaitable[None]]


Offset = Annotated[int, Query(ge=0, le=1_000_000_000)]
"""How many items of a list to leave out."""
Limit = Annotated[int, Query(ge=1, le=500)]
"""How many items of a list to answer at most."""

type Authenticate = Callable[[str, bool], Actor | None]
"""Who holds this secret (session or token), or None when it is no longer good; also told whether somebody is
there who uses it. May use the database."""


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    title: str
    status: int
    detail: str
    """One sentence for a person."""
    code: str
    """A stable name for programs."""
    template: str
    """`detail` with {named} fields, by which it is found in another language."""
    values: dict[str, Value]
    """What fills the fields."""


def problem(status: int, code: str, sentence: Sentence) -> dict[str, Any]:
    """A problem document (RFC 9457)."""
    # Some protocols have statuses of their own, such as 460 of tus.
    title = HTTPStatus(status).phrase if status in _STATUSES else code.replace("-", " ").capitalize()
    said = {"template": sentence.template, "values": to_builtins(sentence.values)}
    return {"title": title, "status": status, "detail": str(sentence), "code": code} | said


def problem_headers(status: int, sentence: Sentence) -> dict[str, str]:
    """Headers that go with a problem of this status."""
    headers = {"cache-control": "no-store"}
    if "wait_s" in sentence.values:
        headers["retry-after"] = str(sentence.values["wait_s"])
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "1"
    return headers


async def send_problem(send: Send, error: HemalumError) -> None:
    """Answer a bare ASGI request with a problem document."""
    body = json.dumps(problem(error.status, error.code, error.sentence), ensure_ascii=False).encode()
    headers = [
        (b"content-type", PROBLEM_MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    more = problem_headers(error.status, error.sentence)
    headers += [(name.encode(), value.encode()) for name, value in more.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def secret_of(request: Request) -> str | None:
    """The bearer token or session secret a request carries.

    Raises:
        NotPermitted: it would change something, came with a cookie, and lacks the header `X-Hemalum: 1`,
            which a form on a foreign page cannot send.
    """
    secret = secret_in(request.headers.raw, by_https=request.url.scheme == "https")
    is_from_cookie = secret is not None and secret in map(request.cookies.get, SESSION_COOKIES)
    if is_from_cookie and request.method not in _SAFE_METHODS:
        check_own_page(request)
    return secret


def secret_in(headers: Headers, *, by_https: bool = False) -> str | None:
    """The bearer token in the headers of a request, else the session secret in its cookies.

    By HTTPS only the cookie counts that no other host and no unencrypted page can have set (RFC 6265bis,
    prefix `__Host-`): somebody else's session could be slipped in by the plain one.
    """
    cookies = ""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer" and token.strip():
                return token.strip()
        elif name == b"cookie":
            cookies = f"{cookies}; {value.decode('latin-1')}"
    held = cookie_parser(cookies)
    names = SESSION_COOKIES[:1] if by_https else SESSION_COOKIES
    return next((held[name] for name in names if held.get(name)), None)


def check_own_page(request: Request) -> None:
    """Raise NotPermitted unless the request has the header that a form on a foreign page cannot send.

    A browser that says where its request comes from (Fetch Metadata, W3C) must say: from a page of the node.
    """
    if request.headers.get(CSRF_HEADER) != "1":
        raise NotPermitted("A request that changes something needs the header X-Hemalum: 1.")
    if request.headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        raise NotPermitted("A request that changes something must come from a page of this node.")


def cookie_name(request: Request, name: str) -> str:
    """What a cookie of ours is called, which depends on whether the browser came by https."""
    return SECURE_PREFIX + name if request.url.scheme == "https" else name


def base_of(request: Request) -> str:
    """Scheme, host and port of the node: the setting `public_url`, or what the browser used."""
    stated: str = request.app.state.settings.public_url
    return stated.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def address_of(request: Request) -> str:
    """The network address that a request came from; a proxy on this machine is believed about it."""
    return request.client.host if request.client is not None else ""


def actor_of(request: Request) -> Actor:
    """Who is asking. A plain function, so that the framework runs it in a thread and it may use the database.

    The application state lends `authenticate`, and on a demo node `demo_visitor`: who a request without
    credentials acts for.

    Raises:
        NotSignedIn: nobody, or with credentials that are no longer good.
    """
    return actor_by(request.app.state.authenticate, request)


def actor_by(authenticate: Authenticate, request: Request) -> Actor:
    """The same, where secrets are known otherwise. Raises as `actor_of`."""
    secret = secret_of(request)
    is_attended = request.headers.get(UNATTENDED_HEADER) != "1"
    actor = authenticate(secret, is_attended) if secret is not None else None
    if actor is not None:
        request.state.is_signed_in = True
        return _as_asked(actor, request)
    visitor: Actor | None = getattr(request.app.state, "demo_visitor", None)
    if visitor is not None and is_from_own_page(request):
        return _as_asked(visitor, request)
    raise NotSignedIn("This sign-in has ended; sign in again.") if secret else NotSignedIn("Sign in first.")


def _as_asked(actor: Actor, request: Request) -> Actor:
    """The actor with the purpose that the request states, in a header or, where none can be sent, a query."""
    address = address_of(request)
    stated = request.headers.get(PURPOSE_HEADER) or request.query_params.get("purpose")
    if stated is None:
        return replace(actor, address=address)
    if stated not in Purpose:
        raise Invalid("The purpose must be one of {purposes}.", purposes=", ".join(Purpose))
    return replace(actor, address=address, purpose=Purpose(stated))


def is_from_own_page(request: Request) -> bool:
    """Whether a request names a loopback host and, if it changes something, cannot be a foreign page's form.

    Naming the host keeps out pages whose own name was made to resolve to this machine (DNS rebinding).
    """
    if request.url.hostname not in LOOPBACK_HOSTS:
        return False
    return request.method in _SAFE_METHODS or request.headers.get(CSRF_HEADER) == "1"


KEPT_NOWHERE = {"cache-control": "private, no-store"}
"""For a route that makes its Response itself: what `kept_nowhere` sets does not reach such a one."""


async def kept_nowhere(response: Response) -> None:
    """Tell browsers and proxies to keep nothing of an answer."""
    response.headers.update(KEPT_NOWHERE)


def require(permission: str) -> Callable[[Request], Actor]:
    """A dependency that gives the actor, who holds `permission`.

    Raises:
        NotSignedIn: nobody is signed in.
        NotPermitted: the actor lacks the permission.
    """

    def permitted(request: Request) -> Actor:
        actor = actor_of(request)
        check_permission(actor, permission)
        return actor

    return permitted


class RateLimit:
    """A bucket of tokens for each key: so many at once, so many a second in the long run, in this process."""

    _MOST_KEYS = 10_000

    def __init__(self, at_once: int, per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Take one token.

        Raises:
            TooMany: there is none left.
        """
        now = self._now()
        with self._lock:
            left, at = self._buckets.pop(key, (float(self._at_once), now))
            left = min(self._at_once, left + (now - at) * self._per_second)
            # Dictionaries keep the order of insertion: the first is the one not asked for longest.
            self._buckets[key] = (max(left - 1, 0) if left >= 1 else left, now)
            if len(self._buckets) > self._MOST_KEYS:
                del self._buckets[next(iter(self._buckets))]
        if left < 1:
            wait_s = int((1 - left) / self._per_second) + 1
            raise TooMany("Too many requests. Wait {wait_s} s and try again.", wait_s=wait_s)


class LimitedRate:
    """Middleware that answers 429 to whoever asks too often.

    Whoever is signed in has a bucket of their own. Everybody else has that of their address, so that secrets
    made up for each request are no way around it.
    """

    _MOST_KNOWN = 10_000

    def __init__(self, app: BareApp, limit: RateLimit, except_under: tuple[str, ...]) -> None:
        """`except_under` are prefixes of paths that are not counted."""
        self._app = app
        self._limit = limit
        self._except_under = except_under
        self._known: dict[str, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._except_under):
            await self._app(scope, receive, send)
            return
        secret = secret_in(scope["headers"], by_https=scope.get("scheme") == "https")
        holder = "" if secret is None else holder_of(secret)
        address = scope["client"][0] if scope["client"] else ""
        try:
            self._limit.take(holder if holder in self._known else address)
        except TooMany as error:
            await send_problem(send, error)
            return
        state = scope.setdefault("state", {})
        await self._app(scope, receive, send)
        if holder not in self._known and state.get("is_signed_in"):
            if len(self._known) >= self._MOST_KNOWN:
                self._known.clear()
            self._known[holder] = None


class LimitedBody:
    """Middleware that ends a request whose body is larger than its resource takes, or too slow to come."""

    _SLOWEST_BYTES_S = 100_000

    def __init__(self, app: BareApp, limit_of: Callable[[str], int | None], patience_s: float) -> None:
        """`limit_of` gives the limit in bytes for a path, None where the resource keeps its own.

        A body has `patience_s` to come, and the time that the largest one takes at 100 kB/s.
        """
        self._app = app
        self._limit_of = limit_of
        self._patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._limit_of(scope["path"]) if scope["type"] == "http" else None
        if limit is None:
            await self._app(scope, receive, send)
            return
        too_large = TooLarge("The request is larger than {limit_kib} KiB.", limit_kib=limit >> 10)
        for name, value in scope["headers"]:
            if name == b"content-length" and (not value.isdigit() or int(value) > limit):
                await send_problem(send, too_large)
                return
        received, is_whole = 0, False
        end = asyncio.get_running_loop().time() + self._patience_s + limit / self._SLOWEST_BYTES_S
        ended_by: HemalumError | None = None

        async def limited() -> Message:
            nonlocal received, is_whole, ended_by
            try:
                # Once the body is here, what comes next is that the client hangs up: that may take any time.
                async with asyncio.timeout_at(None if is_whole else end):
                    message = await receive()
            except TimeoutError:
                ended_by = TooSlow("The rest of the request did not come in time.")
                raise ended_by from None
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if received > limit:
                ended_by = too_large
                raise ended_by
            return message

        async def answered(message: Message) -> None:
            # The framework makes an answer of its own of an error while reading; this is the right one.
            if ended_by is None:
                await send(message)
            elif message["type"] == "http.response.start":
                await send_problem(send, ended_by)

        await self._app(scope, limited, answered)


class HeadAsGet:
    """Middleware that answers HEAD wherever GET is answered, with the same headers and no body."""

    def __init__(self, app: BareApp, except_under: tuple[str, ...]) -> None:
        """`except_under` are prefixes of paths whose resources know HEAD themselves."""
        self._app = app
        self._except_under = except_under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not is_head or scope["path"].startswith(self._except_under):
            await self._app(scope, receive, send)
            return
        answered = asyncio.Event()

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif not answered.is_set():
                answered.set()
                await send({"type": "http.response.body", "body": b""})

        async def gone() -> Message:
            # Whoever streams a large body stops as if the client had left.
            await answered.wait()
            return {"type": "http.disconnect"}

        await self._app({**scope, "method": "GET"}, gone, without_body)


class AddedHeaders:
    """Middleware that puts headers on every answer that does not set them itself."""

    def __init__(self, app: BareApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                missing = [header for header in self._headers if header[0] not in own]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self._app(scope, receive, with_headers)


class ReadableElsewhere:
    """Middleware that lets pages of any origin use standard interfaces, by token only (CORS, Fetch standard).

    The origin is not named, so a browser sends no cookies along: a foreign page sees nothing that it does not
    hold a token for.
    """

    _ANSWER = (
        (b"access-control-allow-origin", b"*"),
        (
            b"access-control-expose-headers",
            b"etag, link, location, content-location, content-range, warning, www-authenticate",
        ),
        (b"cross-origin-resource-policy", b"cross-origin"),
    )
    _PREFLIGHT = (
        (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
        (
            b"access-control-allow-headers",
            b"authorization, accept, content-type, if-none-match, if-none-exist, prefer, range",
        ),
        (b"access-control-max-age", b"86400"),
    )

    def __init__(self, app: BareApp, prefixes: tuple[str, ...]) -> None:
        self._app = app
        self._prefixes = prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            headers = [*self._ANSWER, *self._PREFLIGHT]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._ANSWER]
            await send(message)

        await self._app(scope, receive, readable)
