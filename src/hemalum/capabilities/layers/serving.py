"""Parts of layers over HTTP by ticket: `/layer-tiles/TICKET/LAYER/PART`, a bare ASGI application.

The ticket is that of the opening of the slide (`runtime.tickets`), so a part costs no policy and, after the
first, no database. Parts lie gzipped in their pack and go out as they lie.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from hemalum.capabilities.layers.model import Layer
from hemalum.capabilities.layers.service import Layers
from hemalum.formats.layers.pack import Pack, unpacked
from hemalum.kernel.errors import HemalumError, NotFound
from hemalum.kernel.ids import ImageId
from hemalum.runtime.codings import takes_gzip
from hemalum.runtime.http import Headers, Receive, Scope, Send, send_problem
from hemalum.runtime.http_errors import MethodNotAllowed
from hemalum.runtime.tickets import Ticket, Tickets

PREFIX = "/layer-tiles/"

_MOST_OPEN = 64
_CACHED = (b"cache-control", b"private, max-age=900, immutable")
_VARIES = (b"vary", b"accept-encoding")


@dataclass(frozen=True, slots=True)
class _Held:
    layer: Layer
    pack: Pack


class LayerServer:
    """The ASGI application behind `/layer-tiles/`."""

    def __init__(
        self, layers: Layers, tickets: Tickets, check_holder: Callable[[Ticket, Headers], None]
    ) -> None:
        self._layers = layers
        self._tickets = tickets
        self._check_holder = check_holder
        self._open: OrderedDict[tuple[ImageId, str], _Held] = OrderedDict()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, send)
        except HemalumError as error:
            await send_problem(send, error)

    async def _answer(self, scope: Scope, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed("Tiles can only be read.")
        parts = scope["path"].removeprefix(PREFIX).split("/", 2)
        if len(parts) != 3:
            raise NotFound("There is no such tile.")
        text, layer_id, name = parts
        ticket = self._tickets.check(text)
        self._check_holder(ticket, scope["headers"])
        held = await self._held(ticket.image_id, layer_id)
        place = held.pack.place(name)
        if place is None:
            raise NotFound("There is no such tile.")
        etag = f'"{layer_id}.{place[0]}"'.encode()
        headers = [(b"etag", etag), _CACHED, _VARIES]
        if _header(scope["headers"], b"if-none-match") == etag:
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        body = await self._layers.slides.blobs.get_range_async(held.layer.blob_key, *place)
        if takes_gzip(scope["headers"]):
            headers.append((b"content-encoding", b"gzip"))
        else:
            body = await asyncio.to_thread(unpacked, body)
        headers += [
            (b"content-type", b"application/octet-stream"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _held(self, image_id: ImageId, layer_id: str) -> _Held:
        """The layer, which must be one of the image that the ticket is for."""
        key = (image_id, layer_id)
        found = self._open.get(key)
        if found is None:
            found = await asyncio.to_thread(self._opened, image_id, layer_id)
            self._open[key] = found
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        return found

    def _opened(self, image_id: ImageId, layer_id: str) -> _Held:
        layer = self._layers.get_layer_of(image_id, layer_id)
        return _Held(layer, self._layers.open_pack(layer))


def _header(headers: Headers, wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")
