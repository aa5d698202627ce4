"""The bare frame route, without a server around it."""

import asyncio
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.kernel.errors import NotFound
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.ids import ImageId, PersonId, new_id
from hemalum.runtime.frames import (
    EncodedTile,
    LocalObject,
    OpenImage,
    OpenImages,
    OriginalChanged,
    TileAddress,
    TileServer,
)
from hemalum.runtime.reads import TileReads
from hemalum.runtime.tickets import Tickets, holder_of
from hemalum.runtime.tile_forms import SAMPLES, TileForm

ROWS, COLUMNS, PLANES = 3, 4, 2
PREFIX, SKIP = b"\xff\xd8TABLES", 2


class Answer:
    """What a bare application sent."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def receive(self) -> Any:
        raise AssertionError("nothing is read from the request")

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message["body"]


def stored(plane: int, row: int, column: int) -> bytes:
    return b"\xff\xd8" + random.Random(f"{plane} {row} {column}").randbytes(200 + 37 * row + column)


def make_image(folder: Path, name: str = "image", codec: Codec = Codec.JPEG) -> OpenImage:
    """Frames in an order of their own, one of them blank."""
    shape = (PLANES, 1, ROWS, COLUMNS)
    offsets, lengths = np.zeros(shape, np.uint64), np.zeros(shape, np.uint32)
    path = folder / f"{name}.bin"
    places = [(p, r, c) for p in range(PLANES) for r in range(ROWS) for c in range(COLUMNS)]
    random.Random(1).shuffle(places)
    with path.open("wb") as out:
        for plane, row, column in places:
            if (plane, row, column) == (1, 2, 3):
                continue
            offsets[plane, 0, row, column] = out.tell()
            lengths[plane, 0, row, column] = out.write(stored(plane, row, column))
    level = FrameLevel(
        PixelSize(1000, 700),
        PixelSize(256, 256),
        1.0,
        codec,
        PixelFormat(3, "uint8"),
        Colour.YCBCR,
        np.zeros(shape, np.uint16),
        offsets,
        lengths,
        PREFIX,
        SKIP,
    )
    status = path.stat()
    index = FrameIndex.from_buffer(FrameIndex((level,)).to_bytes())
    return OpenImage(ImageId(name), "v1", index, [LocalObject(path, status.st_size, status.st_mtime_ns)])


async def no_transcode(
    image: OpenImage, address: TileAddress, query: str, form: TileForm
) -> EncodedTile | None:
    raise AssertionError("this tile needs no decoding")


class Node:
    """A tile server over images made on demand, and one ticket for each."""

    def __init__(self, opener: Callable[[ImageId], OpenImage], capacity: int = 4) -> None:
        self.tickets = Tickets(b"k" * 32)
        self.images = OpenImages(opener, capacity)
        self.transcode: Any = no_transcode
        self.reads = TileReads()

    async def get(
        self, tail: str, image: str = "image", method: str = "GET", query: str = "", known: str | None = None
    ) -> Answer:
        ticket = self.tickets.issue(ImageId(image), PersonId("p"), "s", may_view_label=False)[0]
        headers = [] if known is None else [(b"if-none-match", known.encode())]
        return await self.ask(f"/tiles/{ticket}/{tail}", method, query, headers)

    async def ask(self, path: str, method: str = "GET", query: str = "", headers: Any = ()) -> Answer:
        answer = Answer()
        scope = {"path": path, "method": method, "query_string": query.encode(), "headers": list(headers)}
        await self.server(scope, answer.receive, answer.send)
        return answer

    @property
    def server(self) -> TileServer:
        return TileServer(self.tickets, self.images, self.transcode, self.reads)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(lambda image_id: make_image(tmp_path, image_id))


def test_every_stored_frame_comes_with_its_tables(node: Node) -> None:
    async def look() -> None:
        for plane in range(PLANES):
            for row in range(ROWS):
                for column in range(COLUMNS):
                    answer = await node.get(f"0/{plane}/0/{row}/{column}")
                    if (plane, row, column) == (1, 2, 3):
                        assert (answer.status, answer.body) == (204, b"")
                        continue
                    assert answer.status == 200
                    assert answer.body == PREFIX + stored(plane, row, column)[SKIP:]
                    assert answer.headers["content-type"] == "image/jpeg"
                    assert int(answer.headers["content-length"]) == len(answer.body)
                    assert answer.headers["cache-control"].startswith("private")

    asyncio.run(look())
    node.images.close()


def test_head_and_known_etag_answer_without_a_body(node: Node) -> None:
    async def look() -> None:
        whole = await node.get("0/0/0/1/1")
        head = await node.get("0/0/0/1/1", method="HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers == whole.headers
        etag = whole.headers["etag"]
        for known in (etag, f'"other", W/{etag}', "*"):
            answer = await node.get("0/0/0/1/1", known=known)
            assert (answer.status, answer.body) == (304, b"")
        assert (await node.get("0/0/0/1/2", known=etag)).status == 200

    asyncio.run(look())
    node.images.close()


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        ("1/0/0/0/0", 404),
        ("-1/0/0/0/0", 404),
        ("0/2/0/0/0", 404),
        ("0/0/1/0/0", 404),
        ("0/0/0/3/0", 404),
        ("0/0/0/0/4", 404),
        ("0/0/0/0/-1", 404),
        ("0/0/0/0", 404),
        ("0/0/0/0/0/0", 404),
        ("0/0/0/x/0", 422),
        ("0/0/0/0/1\r\nset-cookie: a=b", 422),
    ],
)
def test_what_is_not_a_tile_is_refused(node: Node, tail: str, status: int) -> None:
    answer = asyncio.run(node.get(tail))
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    node.images.close()


def test_a_run_brings_the_frames_that_its_tiles_have(node: Node) -> None:
    async def look() -> None:
        for row in range(ROWS):
            run = await node.get(f"0/1/0/{row}/0-{COLUMNS - 1}")
            tiles = [await node.get(f"0/1/0/{row}/{column}") for column in range(COLUMNS)]
            assert run.status == 200
            assert run.body == b"".join(tile.body for tile in tiles)
            assert run.headers["x-hemalum-lengths"] == ",".join(str(len(tile.body)) for tile in tiles)
            assert run.headers["content-type"] == "application/octet-stream"
            assert run.headers["cache-control"] == (await node.get(f"0/1/0/{row}/0")).headers["cache-control"]
        head = await node.get("0/0/0/1/1-2", method="HEAD")
        whole = await node.get("0/0/0/1/1-2")
        assert (head.status, head.body, head.headers) == (200, b"", whole.headers)

    asyncio.run(look())
    node.images.close()


@pytest.mark.parametrize(
    ("tail", "query"),
    [
        ("0/0/0/0/0-4", ""),
        ("0/0/0/0/1-1", ""),
        ("0/0/0/0/2-1", ""),
        ("0/0/0/0/0-32", ""),
        ("0/0/0/3/0-1", ""),
        ("0/0/0/0/-1-1", ""),
        ("0/extended-depth/0/0/0-1", ""),
        ("0/0/composite/0/0-1", "c=0"),
        ("0/0/0/0/0-1", "reduced=1"),
        ("0/0/0/0/0-x", ""),
        ("0/0/0/0/0-1-2", ""),
    ],
)
def test_what_is_not_a_run_of_stored_frames_is_refused(node: Node, tail: str, query: str) -> None:
    answer = asyncio.run(node.get(tail, query=query))
    assert answer.status in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    node.images.close()


def test_no_run_of_frames_that_a_browser_cannot_show(tmp_path: Path) -> None:
    node = Node(lambda image_id: make_image(tmp_path, image_id, Codec.JPEG2000))
    assert asyncio.run(node.get("0/0/0/0/0-1")).status == 404
    node.images.close()


def test_other_methods_and_bad_tickets_are_refused(node: Node) -> None:
    assert asyncio.run(node.get("0/0/0/0/0", method="POST")).status == 405
    refused = asyncio.run(node.ask("/tiles/nonsense/0/0/0/0/0"))
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer"


def test_what_a_browser_cannot_show_is_transcoded(tmp_path: Path) -> None:
    node = Node(lambda image_id: make_image(tmp_path, image_id, Codec.JPEG2000))
    asked = []

    async def transcode(
        image: OpenImage, address: TileAddress, query: str, form: TileForm
    ) -> EncodedTile | None:
        asked.append((address, query))
        return None if address.row == 2 else EncodedTile("image/png", b"pixels")

    async def look() -> None:
        node.transcode = transcode
        made = await node.get("0/1/0/1/1")
        assert (made.status, made.headers["content-type"], made.body) == (200, "image/png", b"pixels")
        assert (await node.get("0/1/0/2/1")).status == 204
        mixed = await node.get("0/0/composite/0/0", query="c=0-ff0000-0-255")
        other = await node.get("0/0/composite/0/0", query="c=0-00ff00-0-255")
        assert mixed.headers["etag"] != other.headers["etag"]
        assert asked[-2] == (TileAddress(0, 0, None, 0, 0), "c=0-ff0000-0-255")

    asyncio.run(look())
    node.images.close()


def test_samples_are_asked_for_by_what_is_accepted(tmp_path: Path) -> None:
    node = Node(lambda image_id: make_image(tmp_path, image_id))
    asked: list[TileForm] = []

    async def transcode(
        image: OpenImage, address: TileAddress, query: str, form: TileForm
    ) -> EncodedTile | None:
        asked.append(form)
        encoding = "gzip" if form is TileForm.PACKED_SAMPLES else None
        return EncodedTile(SAMPLES, form.value.encode(), encoding)

    async def look() -> None:
        node.transcode = transcode
        ticket = node.tickets.issue(ImageId("image"), PersonId("p"), "s", may_view_label=False)[0]
        path = f"/tiles/{ticket}/0/0/0/0/0"
        wants = (b"accept", SAMPLES.encode())
        plain = await node.ask(path, headers=[wants])
        packed = await node.ask(path, headers=[wants, (b"accept-encoding", b"gzip, br")])
        picture = await node.ask(path, headers=[(b"accept", b"*/*"), (b"accept-encoding", b"gzip")])
        assert asked == [TileForm.SAMPLES, TileForm.PACKED_SAMPLES]
        assert (plain.body, packed.body) == (b"samples", b"packed-samples")
        assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
        assert picture.headers["content-type"] == "image/jpeg"
        answers = (plain, packed, picture)
        assert len({each.headers["etag"] for each in answers}) == 3
        assert all(each.headers["vary"] == "accept, accept-encoding" for each in answers)
        again = await node.ask(path, headers=[wants, (b"if-none-match", plain.headers["etag"].encode())])
        assert again.status == 304
        assert node.server.answer_now(path.encode(), [wants]) is None
        assert node.server.answer_now(path.encode(), []) is not None

    asyncio.run(look())
    node.images.close()


def test_images_are_evicted_while_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing reads a closed file, whatever the order of opening, reading and closing; and all get closed."""
    monkeypatch.setattr(LocalObject, "read_now", lambda *_: None)
    made: list[OpenImage] = []

    def opener(image_id: ImageId) -> OpenImage:
        # Each in a folder of its own: nobody may write to files that others have open.
        folder = tmp_path / new_id()
        folder.mkdir()
        made.append(make_image(folder, image_id))
        return made[-1]

    node = Node(opener, capacity=2)

    async def look(number: int) -> None:
        chance = random.Random(number)
        for _ in range(12):
            row, column = chance.randrange(ROWS), chance.randrange(COLUMNS)
            answer = await node.get(f"0/0/0/{row}/{column}", image=f"image{chance.randrange(6)}")
            assert answer.body == PREFIX + stored(0, row, column)[SKIP:]

    async def look_together() -> None:
        await asyncio.gather(*(look(number) for number in range(16)))

    asyncio.run(look_together())
    assert len(made) > 6
    assert sum(bool(image.objects) for image in made) == 2
    node.images.close()
    assert not any(image.objects for image in made)


def test_an_image_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    tries = []

    def opener(image_id: ImageId) -> OpenImage:
        tries.append(image_id)
        if len(tries) == 1:
            raise NotFound("There is no such image.")
        return make_image(tmp_path, image_id)

    node = Node(opener)
    assert asyncio.run(node.get("0/0/0/0/0")).status == 404
    assert asyncio.run(node.get("0/0/0/0/0")).status == 200
    node.images.close()


def test_an_original_written_to_while_it_is_shown_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hemalum.runtime.frames._CHECKED_EVERY_S", 0.0)
    image = make_image(tmp_path)
    node = Node(lambda _: image)
    assert asyncio.run(node.get("0/0/0/0/0")).status == 200
    os.utime(tmp_path / "image.bin", ns=(0, 0))
    answer = asyncio.run(node.get("0/0/0/0/0"))
    assert (answer.status, "original-changed" in answer.body.decode()) == (409, True)
    assert not image.objects


def test_a_changed_original_is_noticed(tmp_path: Path) -> None:
    image = make_image(tmp_path)
    path = tmp_path / "image.bin"
    size, mtime = path.stat().st_size, path.stat().st_mtime_ns
    with pytest.raises(OriginalChanged):
        LocalObject(path, size + 1, mtime)
    with pytest.raises(OriginalChanged):
        LocalObject(path, size, mtime + 1)
    with pytest.raises(OriginalChanged):
        LocalObject(tmp_path / "gone", size, mtime)
    node = Node(lambda _: image)
    path.write_bytes(b"short")
    answer = asyncio.run(node.get("0/0/0/2/3"))
    assert (answer.status, "original-changed" in answer.body.decode()) == (409, True)
    node.images.close()


async def ask_both_ways(node: Node, address: str, headers: list[tuple[bytes, bytes]]) -> tuple[bool, int]:
    """Whether the protocol answers at once, and what the application answers."""
    answer = await node.ask(address, headers=headers)
    return node.server.answer_now(address.encode(), headers) is not None, answer.status


def test_a_ticket_is_good_with_its_own_session_only(node: Node) -> None:
    """An address copied out of somebody's browser shows nothing to anybody else."""
    ticket = node.tickets.issue(
        ImageId("image"), PersonId("p"), "s", may_view_label=False, holder=holder_of("li's secret")
    )[0]
    address = f"/tiles/{ticket}/0/0/0/0/0"

    async def look() -> None:
        for headers in (
            [(b"cookie", b"a=b; hemalum_session=li's secret")],
            [(b"authorization", b"Bearer li's secret")],
        ):
            await ask_both_ways(node, address, headers)
            assert await ask_both_ways(node, address, headers) == (True, 200)
        for headers in (
            [],
            [(b"cookie", b"hemalum_session=wang's secret")],
            [(b"authorization", b"Bearer wang's secret")],
            [(b"cookie", b"other=li's secret")],
        ):
            assert await ask_both_ways(node, address, headers) == (False, 401)

    asyncio.run(look())


def test_what_was_read_is_known_by_opening(node: Node) -> None:
    ticket = node.tickets.issue(ImageId("image"), PersonId("p"), "s", may_view_label=False, opening_id="o")[0]
    node.reads.begin("o", "about")

    async def look() -> None:
        for row, column in ((0, 0), (2, 3), (2, 3)):
            await node.ask(f"/tiles/{ticket}/0/0/0/{row}/{column}")
        assert node.server.answer_now(f"/tiles/{ticket}/0/0/0/1/1".encode(), []) is not None
        await node.ask(f"/tiles/{ticket}/0/0/0/1/1-2")
        await node.ask(f"/tiles/{ticket}/0/0/0/99/99")
        await node.ask(f"/tiles/{ticket}/0/0/0/0/2-99")

    asyncio.run(look())
    [read] = node.reads.take_all()
    assert read.about == "about"
    assert read.tiles == {0: 6}
    assert read.distinct == {0: 4}
    bits = int.from_bytes(read.bitmaps[0], "little")
    assert [number for number in range(64) if bits >> number & 1] == [
        0,
        COLUMNS + 1,
        COLUMNS + 2,
        2 * COLUMNS + 3,
    ]
    assert node.reads.take_all() == []


def test_an_opening_ends_a_minute_after_its_ticket() -> None:
    now = 0.0
    reads = TileReads(lambda: now)
    reads.begin("looked at", 1)
    reads.begin("never looked at", 2)
    reads.note("looked at", 3, 17)
    reads.note("unknown", 3, 17)
    assert reads.take_ended() == []
    now = 15 * 60 + 60.0
    assert [read.opening_id for read in reads.take_ended()] == ["looked at"]
    assert reads.take_all() == []
