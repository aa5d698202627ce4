"""The one HTTP server of a node: API, tiles, other viewers' interfaces, and the web app."""

import asyncio
import gc
import importlib.metadata
import logging
import re
import resource
import signal
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from hemalum.app.assets import KEPT_FOR_GOOD, Assets
from hemalum.app.node import Node
from hemalum.app.registry import CAPABILITIES
from hemalum.kernel.errors import HemalumError, Invalid, NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.frames import TileServer
from hemalum.runtime.heap import share_heaps
from hemalum.runtime.http import (
    PROBLEM_MEDIA_TYPE,
    AddedHeaders,
    BareApp,
    HeadAsGet,
    LimitedBody,
    LimitedRate,
    Message,
    Problem,
    RateLimit,
    ReadableElsewhere,
    Receive,
    Scope,
    Send,
    problem,
    problem_headers,
)
from hemalum.runtime.settings import Settings
from hemalum.runtime.tile_protocol import tile_protocol
from hemalum.runtime.tls import Certificate

VERSION = importlib.metadata.version("hemalum")
TILES = "/tiles/"
WEB_APP = Path(__file__).parent / "web"

_BODY_WITHIN_S = 60.0
"""Of what a form sends; files have their own ways and times."""
_MAX_BODY_BYTES = 1 << 20
_MAX_DRAWN_BYTES = 64 << 20
_MAX_MODEL_BYTES = 2_000_000_000
"""Of an archive with a model; larger ones are added by the command."""
_MAX_PHOTOGRAPH_BYTES = 40 << 20
_MAX_RECORDING_BYTES = 16 << 20
_SECONDS_AT_ONCE = 5
"""For so long nobody is held back who asked for nothing before."""
_THREADS = 32
_SWITCHED_AFTER_S = 0.001
"""So long a thread keeps the interpreter while others want it. A request is handed over several times, and
Python's 5 ms for each of them are what people wait for while a job computes."""
_NO_PAGES = frozenset(
    {
        "api",
        "tiles",
        "layer-tiles",
        "dicomweb",
        "iiif",
        "deepzoom",
        "enter",
        "assets",
        "log",
        "fhir",
        "oauth",
        ".well-known",
    }
)
"""First path segments under which an unknown path is an error and not a state of the web app."""
_SLIDE_PAGES = ("slides/", "compare/")
"""Addresses whose page begins with what shows slides."""
_UPLOADS = ("/api/slides/uploads",)
"""These know HEAD themselves, and come in many pieces."""
_INTERFACES = (
    *("/iiif/", "/deepzoom/", "/dicomweb/", "/fhir/"),
    *("/.well-known/", "/oauth/token", "/oauth/keys", "/oauth/revoke", "/oauth/introspect"),
)
_DRAWN = "/api/annotations/images/"
"""Commands and imports, in which outlines have up to a million corners."""
_MODEL_ARCHIVES = "/api/models/archives"
_PHOTOGRAPHED = re.compile("/api/grossing/material/[^/]+/photographs")
_RECORDED = re.compile("/api/reports/cases/[^/]+/dictation")
_STREAMED = ("/api/slides/uploads", "/dicomweb/studies")
"""Resources that take large bodies piece by piece and keep their own limits."""

SECURITY_HEADERS = {
    # React Aria writes style elements; tiles and workers come from blobs; decoders are WebAssembly.
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' blob: data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
        "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    # Reports are dictated; nothing else of the machine is ever asked for.
    "permissions-policy": (
        "microphone=(self), camera=(), display-capture=(), geolocation=(), usb=(), serial=()"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

HTTPS_HEADERS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Hemalum</title>
<h1>The web app is not built</h1>
<p>The node runs, and its API answers. Run <code>scripts/setup</code> in the source folder to build the
screens, then reload this page.</p></html>
"""

_log = logging.getLogger(__name__)


def create_app(settings: Settings, *, demo: bool = False) -> "Dispatcher":
    """The node as one ASGI application. The database is opened when it starts up, not before.

    With `demo`, a request from this machine without credentials acts for the demo visitor.
    """
    node = Node(settings, demo=demo)
    return Dispatcher(node, _framework(node))


class Dispatcher:
    """Sends tiles straight to their bare application and everything else through the framework."""

    def __init__(self, node: Node, framework: FastAPI) -> None:
        self.node = node
        self.framework = framework
        inner = Assets(framework, WEB_APP / "assets")
        outer: BareApp = HeadAsGet(LimitedBody(inner, _body_limit, _BODY_WITHIN_S), _UPLOADS)
        per_second = node.settings.requests_per_second
        outer = LimitedRate(outer, RateLimit(_SECONDS_AT_ONCE * per_second, per_second), _UPLOADS)
        for capability in CAPABILITIES:
            if capability.shortcut is not None:
                outer = capability.shortcut(outer, framework.state)
        if not node.demo:
            # The visitors of a demo node hold no token, so foreign pages would see all that they see.
            outer = ReadableElsewhere(outer, _INTERFACES)
        headers = SECURITY_HEADERS | (HTTPS_HEADERS if node.speaks_https else {})
        self._rest = AddedHeaders(outer, headers)

    def answer_tile_now(self, path: bytes, headers: list[tuple[bytes, bytes]]) -> bytes | None:
        """The answer to a plain GET of a stored tile, if it can be had without waiting."""
        for prefix, app in self.node.mounts:
            if prefix == TILES and isinstance(app, TileServer):
                return app.answer_now(path, headers)
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            for prefix, app in self.node.mounts:
                if path.startswith(prefix):
                    await app(scope, receive, send)
                    return
        if scope["type"] == "lifespan":
            send = _in_one_sentence(send)
        await self._rest(scope, receive, send)


def _in_one_sentence(send: Send) -> Send:
    """The framework tells a failed start as a traceback; what a node says itself is one sentence."""

    async def tell(message: Message) -> None:
        error = sys.exception()
        if message["type"] == "lifespan.startup.failed" and isinstance(error, HemalumError):
            message = {**message, "message": str(error)}
        await send(message)

    return tell


def serve(settings: Settings, host: str, port: int, *, demo: bool = False) -> None:
    """Serve until the process is told to stop (SIGINT or SIGTERM). Prints one line when ready.

    As long as the administrator never signed in, a second line is a one-time link for that. Requests in
    flight get ten seconds to end.
    """
    share_heaps()
    _raise_file_limit()
    sys.setswitchinterval(_SWITCHED_AFTER_S)
    certificate = _certificate(settings)
    app = create_app(settings, demo=demo)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=tile_protocol(TILES.encode(), app.answer_tile_now),
        ws="none",
        ssl_context_factory=None if certificate is None else lambda *_: certificate.context,
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
    )
    server = _Announcing(config, app.node, certificate)
    server.run()
    if not server.started:
        sys.exit(1)


def _certificate(settings: Settings) -> Certificate | None:
    if not settings.tls_certificate and not settings.tls_key:
        return None
    if not settings.tls_certificate or not settings.tls_key:
        raise Invalid("HTTPS needs both tls_certificate and tls_key.")
    return Certificate(Path(settings.tls_certificate), Path(settings.tls_key))


class _Announcing(uvicorn.Server):
    """Says where it serves once it does."""

    def __init__(self, config: uvicorn.Config, node: Node, certificate: Certificate | None) -> None:
        super().__init__(config)
        self._node = node
        self._certificate = certificate
        self._renewing: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in order, and then leave with exit code 0: to be told to stop is no failure."""
        del frame
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        scheme = "http"
        if self._certificate is not None:
            self._renewing = asyncio.create_task(self._certificate.keep_renewed())
            scheme = "https"
        port = self.servers[0].sockets[0].getsockname()[1]
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        kind = "demo node" if self._node.demo else "node"
        lines = [f"Hemalum {kind} ready at {scheme}://{host}:{port}/"]
        if self._node.first_link is not None:
            link = f"{scheme}://{host}:{port}/welcome#{self._node.first_link}"
            lines.append(f"Nobody has signed in as administrator yet. Set the node up within an hour: {link}")
        print("\n".join(lines), flush=True)  # noqa: T201 - what the operator waits for


def _framework(node: Node) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Cold disks are waited for in threads; a handful would let one slow disk stop all viewers.
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="wait")
        asyncio.get_running_loop().set_default_executor(threads)
        await asyncio.to_thread(node.start, app.state)
        # What was loaded stays: the collector need not look through it again while tiles are served.
        gc.collect()
        gc.freeze()
        tasks = [asyncio.create_task(node.tend()), asyncio.create_task(node.hear())]
        try:
            async with node.exchanging():
                with node.answering():
                    yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.to_thread(node.stop)

    app = FastAPI(
        title="Hemalum",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
        generate_unique_id_function=_operation_name,
        responses={"4XX": {"model": Problem, "content": {PROBLEM_MEDIA_TYPE: {}}}},
    )
    app.state.demo_visitor = None
    app.add_exception_handler(HemalumError, _domain_error)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _fault)
    for capability in CAPABILITIES:
        if capability.router is not None:
            app.include_router(capability.router(), prefix=f"/api/{capability.name}")
        if capability.pages is not None:
            app.include_router(capability.pages())
    app.add_api_route("/api/health", _health, methods=["GET"], include_in_schema=False)
    app.add_api_route("/{path:path}", _page, methods=["GET"], include_in_schema=False)
    return app


def _health() -> dict[str, str]:
    return {"status": "ok", "version": VERSION}


def _page(path: str) -> Response:
    """A file of the web app, or the app itself: it reads its state from the URL."""
    if path.partition("/")[0] in _NO_PAGES - {"assets"}:
        raise NotFound("There is nothing at this address.")
    if not (WEB_APP / "index.html").is_file():
        return HTMLResponse(_NOT_BUILT, status_code=503)
    found = _find_file(path)
    if found is not None:
        # The names of built assets carry a hash of their content.
        is_hashed = path.startswith("assets/")
        kept = KEPT_FOR_GOOD if is_hashed else "no-cache"
        return FileResponse(found, headers={"cache-control": kept})
    if path.startswith("assets/"):
        raise NotFound("There is nothing at this address.")
    page = "slide.html" if path.startswith(_SLIDE_PAGES) else "index.html"
    return FileResponse(WEB_APP / page, headers={"cache-control": "no-cache"})


def _find_file(path: str) -> Path | None:
    """The file of the web app with this path, if there is one."""
    try:
        found = (WEB_APP / path).resolve()
        return found if found.is_relative_to(WEB_APP.resolve()) and found.is_file() else None
    except (OSError, ValueError):
        # The path is too long to be one, or holds a NUL.
        return None


def _body_limit(path: str) -> int | None:
    if path.startswith(_STREAMED):
        return None
    if path == _MODEL_ARCHIVES:
        return _MAX_MODEL_BYTES
    if path.startswith(_DRAWN):
        return _MAX_DRAWN_BYTES
    if _PHOTOGRAPHED.fullmatch(path):
        return _MAX_PHOTOGRAPH_BYTES
    return _MAX_RECORDING_BYTES if _RECORDED.fullmatch(path) else _MAX_BODY_BYTES


def _domain_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HemalumError)
    return _problem(error.status, error.code, error.sentence)


def _malformed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    complaint = str(first["msg"]).rstrip(".")
    sentence = Sentence(
        "The value of {where} cannot be used: {complaint}.", {"where": where, "complaint": complaint}
    )
    return _problem(422, "invalid", sentence)


def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentences = {
        404: ("not-found", Sentence("There is nothing at this address.")),
        405: ("method-not-allowed", Sentence("This resource does not know that method.")),
    }
    other = Sentence("The request cannot be answered: {complaint}.", {"complaint": error.detail})
    code, sentence = sentences.get(error.status_code, ("error", other))
    answer = _problem(error.status_code, code, sentence)
    answer.headers.update(error.headers or {})
    return answer


def _fault(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    sentence = Sentence("Something went wrong in the node; the fault was written to its log.")
    return _problem(500, "error", sentence)


def _problem(status: int, code: str, sentence: Sentence) -> Response:
    return JSONResponse(
        problem(status, code, sentence),
        status_code=status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=problem_headers(status, sentence),
    )


def _operation_name(route: APIRoute) -> str:
    """A name for an operation that is unique and lasts: generated clients are built on it."""
    if route.methods == {"OPTIONS"}:
        return "options" + re.sub(r"\W+", "_", route.path_format)
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def _raise_file_limit() -> None:
    """Every open slide holds a few files, and every connection one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
