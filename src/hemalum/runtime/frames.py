"""Frames over HTTP at the cost of a byte range: a bare ASGI application beside the API framework.

`/tiles/TICKET/LEVEL/PLANE/CHANNEL/ROW/COLUMN` answers the stored frame as it lies in the original file. No
routing, no database and no decoding happen on this path; frames that a browser cannot show are handed to
`Transcode`, which works in another process. Who accepts `application/octet-stream` gets the samples instead.
For PLANE, `best-focus` and `extended-depth` name what is computed from all planes. With `?reduced=1` a
picture, or samples, are half as wide and high, for links over which the frame itself would take too long;
the answer says so in `x-hemalum-reduced`. With FIRST-LAST in the place of COLUMN the stored frames of a row
from one column to a later one come in one answer, one behind the other; `x-hemalum-lengths` says how many
bytes each of them has, 0 for a blank one.
"""

import asyncio
import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.kernel.errors import Conflict, HemalumError, Invalid, NotFound, NotSignedIn
from hemalum.kernel.ids import ImageId
from hemalum.runtime.codings import takes_gzip
from hemalum.runtime.http import Headers, Receive, Scope, Send, secret_in, send_problem
from hemalum.runtime.http_errors import MethodNotAllowed
from hemalum.runtime.reads import TileReads
from hemalum.runtime.tickets import Ticket, Tickets, holder_of
from hemalum.runtime.tile_forms import COMPUTED_PLANES, SAMPLES, TileForm

COMPOSITE = "composite"
"""In place of a channel number: all channels named in the query, mixed."""
REDUCED = "reduced=1"
"""The last or only parameter of the query of a tile that need not have its full resolution."""

# The address holds the ticket, so a tile kept longer than a ticket lasts would never be asked for again.
_CACHE_CONTROL = (b"cache-control", b"private, max-age=900, immutable")
_VARY = (b"vary", b"accept, accept-encoding")
_BLANK = {"type": "http.response.start", "status": 204, "headers": [_CACHE_CONTROL, _VARY]}
_EMPTY_BODY = {"type": "http.response.body", "body": b""}
_PATH_PARTS = 8
_RUN_LENGTHS = b"x-hemalum-lengths"
_LONGEST_RUN = 32
_SAMPLES_WANTED = SAMPLES.encode()
_CHECKED_EVERY_S = 2.0
_SECRETS = frozenset({b"cookie", b"authorization"})
_MAX_HOLDERS = 4096


class OriginalChanged(Conflict):
    """The bytes under a linked image are no longer those that were taken in."""

    code = "original-changed"


class ObjectReader(Protocol):
    """One stored object of an image, read by range from the event loop."""

    def read_now(self, offset: int, length: int) -> bytes | None:
        """The bytes, if they can be had without waiting, else None."""

    async def read(self, offset: int, length: int) -> bytes:
        """The bytes, however long it takes.

        Raises:
            OriginalChanged: the range cannot be read.
            Damaged: it is not what was stored.
        """

    def is_unchanged(self) -> bool:
        """Whether the bytes are still those that were taken in, as far as can be told at once.

        Raises:
            HemalumError: they may not be read any more.
        """

    def close(self) -> None: ...


class LocalObject:
    """A local file. What lies in the page cache is read at once; a cold disk is waited for in a thread."""

    def __init__(self, path: Path, size: int, mtime_ns: int | None) -> None:
        """Open the file and see that it is still the one that was taken in.

        Raises:
            OriginalChanged: it is gone, or its size or time of change differ.
        """
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise OriginalChanged(
                "The original file {name} can no longer be read.", name=path.name
            ) from error
        self._size, self._mtime_ns = size, mtime_ns
        self._waits = False
        self._name = path.name
        if not self.is_unchanged():
            os.close(self._fd)
            raise OriginalChanged(
                "The original file {name} was changed after it was taken in.", name=path.name
            )

    def read_now(self, offset: int, length: int) -> bytes | None:
        buffer = self.read_into_now(offset, length)
        return None if buffer is None else bytes(buffer)

    def read_into_now(self, offset: int, length: int) -> bytearray | None:
        """The same, without a copy: for what is opened before it is handed on."""
        if self._waits:
            return None
        buffer = bytearray(length)
        try:
            count = os.preadv(self._fd, (buffer,), offset, os.RWF_NOWAIT)
        except BlockingIOError:
            return None
        except OSError:
            # This file system knows no reads without waiting.
            self._waits = True
            return None
        return buffer if count == length else None

    def is_unchanged(self) -> bool:
        found = os.fstat(self._fd)
        return found.st_size == self._size and self._mtime_ns in (None, found.st_mtime_ns)

    async def read(self, offset: int, length: int) -> bytes:
        try:
            content = await asyncio.to_thread(os.pread, self._fd, length, offset)
        except OSError as error:
            raise OriginalChanged(
                "The original file {name} can no longer be read.", name=self._name
            ) from error
        if len(content) != length:
            raise OriginalChanged(
                "The original file {name} was changed after it was taken in.", name=self._name
            )
        return content

    def close(self) -> None:
        os.close(self._fd)


class ServedLevel:
    """A level of the frame index, laid out for the fastest look-up of one frame."""

    __slots__ = (
        "channels",
        "columns",
        "content_type",
        "lengths",
        "objects",
        "offsets",
        "planes",
        "prefix",
        "rows",
        "skip",
    )

    def __init__(self, level: FrameLevel) -> None:
        self.planes, self.channels = level.planes, level.channels
        self.rows, self.columns = level.rows, level.columns
        # Items of a memoryview come out as int, several times faster than numpy scalars.
        self.objects = memoryview(level.objects.reshape(-1))
        self.offsets = memoryview(level.offsets.reshape(-1))
        self.lengths = memoryview(level.lengths.reshape(-1))
        self.prefix, self.skip = level.prefix, level.skip
        media_type = level.media_type
        self.content_type = None if media_type is None else (b"content-type", media_type.encode())


class OpenImage:
    """An image with its index mapped and its objects open. Closes when evicted and no longer in use."""

    def __init__(
        self, image_id: ImageId, version: str, index: FrameIndex, objects: list[ObjectReader]
    ) -> None:
        self.image_id = image_id
        self.version = version.encode()
        """Changes whenever the index does; part of the ETag."""
        self.index = index
        self.levels = [ServedLevel(level) for level in index.levels]
        self.objects = objects
        self.checked_at = 0.0
        """When the objects were last seen to be unchanged, on the monotonic clock."""
        self._users = 0
        self._evicted = False

    def __enter__(self) -> "OpenImage":
        self._users += 1
        return self

    def __exit__(self, *_error: object) -> None:
        self._users -= 1
        self._close_when_free()

    def evict(self) -> None:
        """Close the objects now, or when the last request that reads them ends."""
        self._evicted = True
        self._close_when_free()

    def _close_when_free(self) -> None:
        if self._evicted and self._users == 0:
            for held in self.objects:
                held.close()
            self.objects = []


class OpenImages:
    """The images being looked at, the least recently used closed first. Used from the event loop only."""

    def __init__(self, opener: Callable[[ImageId], OpenImage], capacity: int = 128) -> None:
        """`opener` runs in a thread; it may use the database and wait for disks."""
        self._opener = opener
        self._capacity = capacity
        self._open: OrderedDict[ImageId, OpenImage] = OrderedDict()
        self._opening: dict[ImageId, asyncio.Task[None]] = {}

    async def get(self, image_id: ImageId) -> OpenImage:
        """The open image; enter it before the next await.

        Raises:
            NotFound: there is no such image to be shown.
            OriginalChanged: its bytes are not those that were taken in.
        """
        while True:
            image = self._open.get(image_id)
            if image is not None:
                self._open.move_to_end(image_id)
                self._check(image)
                return image
            task = self._opening.get(image_id)
            if task is None:
                task = asyncio.create_task(self._open_once(image_id))
                self._opening[image_id] = task
            # One viewer that goes away must not stop the opening that others wait for. Look again
            # afterwards: other images may have evicted this one before this task had its turn.
            await asyncio.shield(task)

    def find_checked(self, image_id: ImageId) -> OpenImage | None:
        """The image, if it is open and was seen to be unchanged a moment ago."""
        image = self._open.get(image_id)
        if image is None or time.monotonic() - image.checked_at >= _CHECKED_EVERY_S:
            return None
        self._open.move_to_end(image_id)
        return image

    def _check(self, image: OpenImage) -> None:
        """Now and then, see that nobody writes into the originals while they are shown."""
        now = time.monotonic()
        if now - image.checked_at < _CHECKED_EVERY_S:
            return
        try:
            unchanged = all(held.is_unchanged() for held in image.objects)
        except HemalumError:
            self.forget(image.image_id)
            raise
        if not unchanged:
            self.forget(image.image_id)
            raise OriginalChanged("The original file of this image was changed after it was taken in.")
        image.checked_at = now

    def forget(self, image_id: ImageId) -> None:
        """Close an image whose index or objects are being replaced."""
        image = self._open.pop(image_id, None)
        if image is not None:
            image.evict()

    def close(self) -> None:
        """Close all."""
        for image_id in list(self._open):
            self.forget(image_id)

    async def _open_once(self, image_id: ImageId) -> None:
        try:
            image = await asyncio.to_thread(self._opener, image_id)
        finally:
            del self._opening[image_id]
        self._open[image_id] = image
        while len(self._open) > self._capacity:
            _, oldest = self._open.popitem(last=False)
            oldest.evict()


class TileAddress(NamedTuple):
    """One tile of one image; `channel` is None for a mix of channels, `plane` may be a `ComputedPlane`."""

    level: int
    plane: int
    channel: int | None
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class EncodedTile:
    """A tile made for showing."""

    media_type: str
    content: bytes
    encoding: str | None = None
    """Of the content (RFC 9110 section 8.4), if it is packed."""
    reduction: int = 1
    """How many pixels of the frame lie along one of these."""


type Transcode = Callable[[OpenImage, TileAddress, str, TileForm], Awaitable[EncodedTile | None]]
"""Decodes a tile and gives it in a form for a browser; the text is the query. None means blank."""


class Holders:
    """Remembers whose secrets requests come with, for a look-up a request."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, ...], str] = {}

    def check(self, ticket: Ticket, headers: Headers) -> None:
        """Raise NotSignedIn unless the request comes from the session that the ticket was issued to."""
        if not ticket.holder:
            return
        # A list made at once costs half of what a generator does.
        held = tuple([value for name, value in headers if name in _SECRETS])
        holder = self._known.get(held)
        if holder is None:
            secret = secret_in(headers)
            holder = holder_of(secret) if secret else "nobody"
            if len(self._known) >= _MAX_HOLDERS:
                self._known.clear()
            self._known[held] = holder
        if holder != ticket.holder:
            raise NotSignedIn("This address belongs to another sign-in; open the slide yourself.")


class TileServer:
    """The ASGI application behind `/tiles/`."""

    def __init__(self, tickets: Tickets, images: OpenImages, transcode: Transcode, reads: TileReads) -> None:
        self._tickets = tickets
        self._images = images
        self._transcode = transcode
        self._reads = reads
        self._holders = Holders()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, send)
        except HemalumError as error:
            await send_problem(send, error)

    def answer_now(self, path: bytes, headers: Headers) -> bytes | None:
        """The whole HTTP answer to a plain GET of a stored tile that can be had without waiting, else None.

        What is wrong with a request, and all that is rare, is told by the ASGI application.
        """
        try:
            parts = path.decode("ascii").split("/")
            if len(parts) != _PATH_PARTS:
                return None
            ticket = self._tickets.check(parts[2])
            self._check_holder(ticket, headers)
            image = self._images.find_checked(ticket.image_id)
            if image is None:
                return None
            address = _address(parts)
            level = _check(image, address)
        except (HemalumError, UnicodeDecodeError):
            return None
        if level.content_type is None or address.channel is None:
            return None
        if address.plane < 0 or _form(headers, address) is not TileForm.PICTURE:
            return None
        place = _place(image, level, address, level.skip)
        content = None if place is None else place[0].read_now(*place[1:])
        if content is None:
            return None
        self._note(ticket, level, address)
        length = len(level.prefix) + len(content)
        head = _head(level.content_type[1], length, _etag(image, address, b""))
        return b"".join((head, level.prefix, content))

    async def _answer(self, scope: Scope, send: Send) -> None:
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            raise MethodNotAllowed("Tiles can only be read.")
        parts = scope["path"].split("/")
        if len(parts) != _PATH_PARTS:
            raise NotFound("There is no such tile.")
        ticket = self._tickets.check(parts[2])
        self._check_holder(ticket, scope["headers"])
        run = _run(parts)
        if run is not None:
            await self._answer_run(ticket, run, scope, send)
            return
        address = _address(parts)
        image = await self._images.get(ticket.image_id)
        level = _check(image, address)
        form = _form(scope["headers"], address)
        etag = _etag(image, address, scope["query_string"], form)
        if _is_known(scope["headers"], etag):
            await send(
                {
                    "type": "http.response.start",
                    "status": 304,
                    "headers": [(b"etag", etag), _CACHE_CONTROL, _VARY],
                }
            )
            await send(_EMPTY_BODY)
            return
        content_type = level.content_type
        body: bytes | None
        headers = [(b"etag", etag), _CACHE_CONTROL, _VARY]
        is_stored = content_type is not None and address.channel is not None and address.plane >= 0
        if is_stored and form is TileForm.PICTURE and not is_reduced(scope["query_string"]):
            body = await read_stored(image, address)
        else:
            made = await self._made(image, address, scope["query_string"], form)
            body = None if made is None else made.content
            if made is not None:
                content_type = (b"content-type", made.media_type.encode())
                if made.encoding is not None:
                    headers.append((b"content-encoding", made.encoding.encode()))
                if made.reduction > 1:
                    headers.append((b"x-hemalum-reduced", b"%d" % made.reduction))
        self._note(ticket, level, address)
        if body is None or content_type is None:
            await send(_BLANK)
            await send(_EMPTY_BODY)
            return
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [content_type, (b"content-length", b"%d" % len(body)), *headers],
            }
        )
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})

    async def _answer_run(self, ticket: Ticket, run: list[TileAddress], scope: Scope, send: Send) -> None:
        with await self._images.get(ticket.image_id) as image:
            level = _check(image, run[0])
            _check(image, run[-1])
            is_stored = level.content_type is not None and run[0].channel is not None and run[0].plane >= 0
            if not is_stored or scope["query_string"]:
                raise NotFound("There is no such tile.")
            tiles = [await read_stored(image, address) or b"" for address in run]
        for address in run:
            self._note(ticket, level, address)
        body = b"".join(tiles)
        headers = [
            (b"content-type", b"application/octet-stream"),
            (b"content-length", b"%d" % len(body)),
            (_RUN_LENGTHS, b",".join(b"%d" % len(tile) for tile in tiles)),
            _CACHE_CONTROL,
            _VARY,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _note(self, ticket: Ticket, level: ServedLevel, address: TileAddress) -> None:
        self._reads.note(ticket.opening_id, address.level, address.row * level.columns + address.column)

    def _check_holder(self, ticket: Ticket, headers: Headers) -> None:
        self._holders.check(ticket, headers)

    async def _made(
        self, image: OpenImage, address: TileAddress, query: bytes, form: TileForm
    ) -> EncodedTile | None:
        with image:
            return await self._transcode(image, address, query.decode("latin-1"), form)


async def read_stored(image: OpenImage, address: TileAddress, *, as_it_lies: bool = False) -> bytes | None:
    """The stored frame at an address that exists; None when it is blank.

    It is made into a stream that decodes on its own, unless wanted as it lies in the object.

    Raises:
        OriginalChanged: the bytes can no longer be read.
    """
    level = image.levels[address.level]
    place = _place(image, level, address, 0 if as_it_lies else level.skip)
    if place is None:
        return None
    held, offset, length = place
    content = held.read_now(offset, length)
    if content is None:
        with image:
            content = await held.read(offset, length)
    return level.prefix + content if level.prefix and not as_it_lies else content


def _place(
    image: OpenImage, level: ServedLevel, address: TileAddress, skip: int
) -> tuple[ObjectReader, int, int] | None:
    """Object, offset and length of the stored frame after its first `skip` bytes; None when it is blank."""
    _, plane, channel, row, column = address
    at = ((plane * level.channels + (channel or 0)) * level.rows + row) * level.columns + column
    length = level.lengths[at] - skip
    if length <= 0:
        return None
    return image.objects[level.objects[at]], level.offsets[at] + skip, length


def _head(media_type: bytes, length: int, etag: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n"
        b"etag: %s\r\n%s: %s\r\n%s: %s\r\n\r\n" % (media_type, length, etag, *_CACHE_CONTROL, *_VARY)
    )


def _etag(image: OpenImage, address: TileAddress, query: bytes, form: TileForm = TileForm.PICTURE) -> bytes:
    named = b"%s.%d.%d.%s.%d.%d" % (image.version, *_named(address, query))
    return b'"%s"' % named if form is TileForm.PICTURE else b'"%s.%s"' % (named, form.value.encode())


def _form(headers: Headers, address: TileAddress) -> TileForm:
    """A mix of channels is always a picture."""
    accepts = any(name == b"accept" and _SAMPLES_WANTED in value for name, value in headers)
    if not accepts or address.channel is None:
        return TileForm.PICTURE
    return TileForm.PACKED_SAMPLES if takes_gzip(headers) else TileForm.SAMPLES


def _address(parts: list[str]) -> TileAddress:
    try:
        channel = None if parts[5] == COMPOSITE else int(parts[5])
        computed = COMPUTED_PLANES.get(parts[4])
        plane = int(parts[4]) if computed is None else computed
        if computed is None and plane < 0:
            raise NotFound("There is no such tile.")
        return TileAddress(int(parts[3]), plane, channel, int(parts[6]), int(parts[7]))
    except ValueError as error:
        raise Invalid("Level, plane, channel, row and column must be whole numbers.") from error


def _run(parts: list[str]) -> list[TileAddress] | None:
    """The neighbours that an address with FIRST-LAST in the place of the column names; None for one tile."""
    first, dash, last = parts[-1].partition("-")
    if not first or not dash:
        return None
    start, end = _address([*parts[:-1], first]), _address([*parts[:-1], last])
    if not 0 < end.column - start.column < _LONGEST_RUN:
        raise NotFound("There is no such tile.")
    return [start._replace(column=column) for column in range(start.column, end.column + 1)]


def _check(image: OpenImage, address: TileAddress) -> ServedLevel:
    number, plane, channel, row, column = address
    if not 0 <= number < len(image.levels):
        raise NotFound("There is no such tile.")
    level = image.levels[number]
    if (
        0 <= row < level.rows
        and 0 <= column < level.columns
        and (plane < level.planes if plane >= 0 else level.planes > 1)
        and (channel is None or 0 <= channel < level.channels)
    ):
        return level
    raise NotFound("There is no such tile.")


def is_reduced(query: bytes | str) -> bool:
    """Whether a tile is asked for at half its resolution."""
    text = query if isinstance(query, str) else query.decode("latin-1")
    return text == REDUCED or text.endswith("&" + REDUCED)


def _named(address: TileAddress, query: bytes) -> tuple[int, int, bytes, int, int]:
    """What tells one answer about an image from another, for its ETag."""
    level, plane, channel, row, column = address
    if channel is not None:
        return level, plane, b"%dr" % channel if is_reduced(query) else b"%d" % channel, row, column
    return level, plane, hashlib.sha256(query).hexdigest()[:16].encode(), row, column


def _is_known(headers: list[tuple[bytes, bytes]], etag: bytes) -> bool:
    for name, value in headers:
        if name == b"if-none-match":
            return value == b"*" or etag in [known.strip().removeprefix(b"W/") for known in value.split(b",")]
    return False
