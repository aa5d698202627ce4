"""Parts of the web app, answered before the framework looks through all of its routes for them.

A page asks for dozens of them before it shows anything. Their names carry a hash of their content, so that
what was read once holds as long as the node runs.
"""

import asyncio
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from hemalum.runtime.codings import takes_gzip
from hemalum.runtime.http import BareApp, Receive, Scope, Send

ASSETS = "/assets/"
PACKED = ".gz"
"""What the build puts after the name of a file for the same packed by gzip (RFC 1952)."""
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _Asset:
    body: bytes
    headers: list[tuple[bytes, bytes]]


class Assets:
    """Middleware that answers `GET /assets/NAME` for the files that were in a folder when it was made.

    Packed where the client takes that and the build made it. Whatever else is asked goes on to `app`.
    """

    def __init__(self, app: BareApp, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._names = frozenset(path.name for path in folder.glob("*"))
        self._read: dict[str, _Asset] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = self._asked(scope)
        asset = None if name is None else await self._find(name)
        if asset is None:
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": asset.headers})
        await send({"type": "http.response.body", "body": asset.body})

    def _asked(self, scope: Scope) -> str | None:
        """The name of the file to answer with, or None when this is nothing of ours."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(ASSETS):
            return None
        name: str = scope["path"][len(ASSETS) :]
        if name not in self._names:
            return None
        packed = name + PACKED
        return packed if packed in self._names and takes_gzip(scope["headers"]) else name

    async def _find(self, name: str) -> _Asset | None:
        found = self._read.get(name)
        if found is None:
            try:
                body = await asyncio.to_thread((self._folder / name).read_bytes)
            except OSError:
                # A newer build was put in its place; the page that wants it is told so.
                return None
            found = self._read[name] = _Asset(body, _headers(name, len(body)))
        return found


def _headers(name: str, length: int) -> list[tuple[bytes, bytes]]:
    shown = name.removesuffix(PACKED)
    kind = mimetypes.guess_type(shown)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    headers = [
        (b"content-type", f"{kind}{charset}".encode()),
        (b"content-length", b"%d" % length),
        (b"cache-control", KEPT_FOR_GOOD.encode()),
        (b"vary", b"accept-encoding"),
    ]
    return headers if shown == name else [*headers, (b"content-encoding", b"gzip")]
