"""Pixels of available images, for everyone who shows them: tiles, regions, thumbnails, DICOM frames.

Original bytes go out as they are. Whatever must be decoded is decoded in child processes (`rendering.py`), a
bounded number at a time; the server itself never looks inside a frame.
"""

import asyncio
import math
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
from numpy.typing import NDArray

from hemalum.capabilities.slides import look_store, policy, store
from hemalum.capabilities.slides.model import Image, ImageObject, ImageStatus, Look, ObjectKind
from hemalum.capabilities.slides.openings import OPEN, Openings, Permitted
from hemalum.capabilities.slides.recipes import recipe_of
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.wsi.display import FIRST_SHOWN, display_colour
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError, Invalid, NotFound, NotPermitted
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.ids import ImageId
from hemalum.runtime.db import reading
from hemalum.runtime.frames import (
    REDUCED,
    EncodedTile,
    LocalObject,
    ObjectReader,
    OpenImage,
    OpenImages,
    TileAddress,
    is_reduced,
    read_stored,
)
from hemalum.runtime.sandbox import Workers
from hemalum.runtime.stored_objects import open_stored
from hemalum.runtime.tickets import Ticket, Tickets
from hemalum.runtime.tile_forms import TileForm

JPEG_QUALITY = 90
REDUCTION = 2
"""Of tiles for slow links: of a quarter of the pixels."""
REDUCED_QUALITY = 70
TISSUE_PX = 512

_RENDERING = "hemalum.capabilities.slides.rendering:"
_CACHE_BYTES = 64 << 20
_MAX_WAITING = 256
_MOST_KNOWN = 1024
"""Images of which what was found in them is remembered."""
_NUMBER = r"-?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?"
_CHANNEL = re.compile(
    rf"(\d{{1,4}})-([0-9A-Fa-f]{{6}})-({_NUMBER})-({_NUMBER})(?:-(\d{{1,2}}(?:\.\d{{1,6}})?))?"
)


type Mix = list[float]
"""Red, green, blue at full signal; the samples shown as black and as full; gamma."""


class Busy(HemalumError):
    """More is asked to be decoded than the node can do soon."""

    status = 503
    code = "busy"


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """A channel as it is first shown."""

    name: str
    colour: str
    window: tuple[float, float]


@dataclass(frozen=True)
class Opening:
    """What a viewer needs to show an image."""

    ticket: str
    terms: Ticket
    actor: Actor
    """With the purpose of the opening."""
    image: Image
    levels: tuple[FrameLevel, ...]
    channels: tuple[ShownChannel, ...]
    is_composite: bool
    held_back: bool
    """Whether its metadata are refused, so that it does not leave the node."""
    look: Look | None
    """What its readers see first, where somebody said so."""


class Serving:
    """Access to the pixels of a node's available images."""

    def __init__(self, slides: Slides, workers: Workers, tickets: Tickets, decoders: int) -> None:
        self.openings = Openings(slides.record)
        self._slides = slides
        self._blobs = slides.blobs
        self._workers = workers
        self._threads = ThreadPoolExecutor(decoders, thread_name_prefix="decode")
        self._waiting = 0
        self._cache = _ByteCache(_CACHE_BYTES)
        self._windows: dict[str, list[list[float]]] = {}
        self._histograms: dict[str, dict[str, Any]] = {}
        self._tissue: dict[str, dict[str, Any]] = {}
        self.tickets = tickets
        self.images = OpenImages(self._open)

    def close(self) -> None:
        """Close images, stop decoding, and record what was read in the openings that stand."""
        self.openings.write_all()
        self.images.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._workers.close()

    # Who may see what ----------------------------------------------------------------------------------

    def permit(self, actor: Actor, image_id: str, action: str = policy.VIEW) -> Permitted:
        """An image that can be shown, for what the actor wants to do. Raises as `Slides.permit` does.

        Raises:
            NotFound: it cannot be shown yet.
        """
        permitted = self._slides.permit(actor, image_id, action)
        if permitted.image.status is not ImageStatus.AVAILABLE:
            raise NotFound("This image is not available yet.")
        return permitted

    async def open_for(
        self, actor: Actor, image_id: str, *, holder: str, continues: str | None = None
    ) -> Opening:
        """Open an image for a viewer, once that stands in the log. Raises as `permit` does.

        `holder` is what the ticket must come with (`tickets.holder_of`), `continues` the opening that this
        one goes on with.

        Raises:
            OriginalChanged: its bytes are not those that were taken in.
            LogFailed: the opening cannot be recorded.
        """
        permitted, opening_id, look = await asyncio.to_thread(self._begin, actor, image_id, continues)
        image = permitted.image
        index = (await self.opened(image)).index
        channels = await self.channels_of(image)
        self.openings.watch(opening_id, permitted)
        await self.openings.write_ended()
        ticket, terms = self.tickets.issue(
            image.id,
            actor.person_id,
            actor.session_id,
            may_view_label=permitted.may_view_label,
            opening_id=opening_id,
            holder=holder,
            until=math.inf if permitted.until is None else permitted.until.timestamp(),
        )
        return Opening(
            ticket,
            terms,
            permitted.actor,
            image,
            index.levels,
            channels,
            is_composite(image),
            permitted.held_back,
            look,
        )

    def _begin(
        self, actor: Actor, image_id: str, continues: str | None
    ) -> tuple[Permitted, str, Look | None]:
        try:
            permitted = self.permit(actor, image_id)
        except (NotFound, NotPermitted) as error:
            self.openings.refused(actor, image_id, OPEN, error)
            raise
        look = None
        if is_composite(permitted.image):
            with reading(self._slides.database) as connection:
                look = look_store.find_look(connection, image_id)
        return permitted, self.openings.begin(permitted, "viewer", continues), look

    # Bytes ----------------------------------------------------------------------------------------------

    async def opened(self, image: Image) -> OpenImage:
        """The image with its index and objects open, as of its present generation.

        Enter it before waiting for anything.
        """
        held = await self.images.get(image.id)
        if held.version != (image.generation or "").encode():
            self.images.forget(image.id)
            held = await self.images.get(image.id)
        return held

    def read_blob(self, key: str) -> bytes:
        """A small blob of an image: a header, a thumbnail."""
        return self._blobs.get(key)

    def open_object(self, held: ImageObject) -> ObjectReader:
        """An object to read by range.

        Raises:
            OriginalChanged: it is gone or is another file than was taken in.
            Damaged: it is not what was stored.
        """
        if held.kind is ObjectKind.LINKED:
            return LocalObject(Path(held.location), held.size, held.mtime_ns)
        return open_stored(self._blobs, held.location, held.size)

    def _open(self, image_id: ImageId) -> OpenImage:
        with reading(self._slides.database) as connection:
            image = store.get_image(connection, image_id)
        if image.status is not ImageStatus.AVAILABLE or image.index_key is None:
            raise NotFound("There is no such image.")
        objects: list[ObjectReader] = []
        try:
            # One after the other, so that those that were opened can be closed when one fails.
            for held in sorted(image.objects, key=lambda each: each.number):
                objects.append(self.open_object(held))  # noqa: PERF401
            index = self._index(image.index_key)
        except BaseException:
            for opened in objects:
                opened.close()
            raise
        return OpenImage(image.id, image.generation or "", index, objects)

    def _index(self, key: str) -> FrameIndex:
        path = self._blobs.plain_path(key)
        if path is None:
            return FrameIndex.from_buffer(self._blobs.get(key))
        return FrameIndex.from_buffer(memoryview(np.memmap(path, np.uint8, mode="r")))

    # Pixels ---------------------------------------------------------------------------------------------

    async def transcode(
        self, opened: OpenImage, address: TileAddress, query: str, form: TileForm
    ) -> EncodedTile | None:
        """The tile in a form for a browser, or None when it is blank. See `frames.Transcode`."""
        reduced = is_reduced(query)
        asked = query if address.channel is None else f"{form.value}/{reduced}"
        key = f"{opened.image_id}/{opened.version!r}/{address}/{asked}"
        known = self._cache.find(key)
        if known is not None:
            return known
        if reduced:
            half = await self._reduced(opened, address, query, form)
            if half is not None:
                self._cache.put(key, half)
            return half
        facts = level_facts(opened.index.levels[address.level])
        if address.plane < 0:
            made = await self._computed(opened, address, query, form)
        elif address.channel is None:
            made = await self._mixed(opened, address, facts, query)
        else:
            stream = await read_stored(opened, address)
            if stream is None:
                return None
            made = await self.decode("transcode_tile", level=facts, stream=stream, form=form.value)
        tile = EncodedTile(made["media_type"], made["content"], made.get("encoding"))
        self._cache.put(key, tile)
        return tile

    async def _reduced(
        self, opened: OpenImage, address: TileAddress, query: str, form: TileForm
    ) -> EncodedTile | None:
        """The tile at half its resolution, where that can be made; else as it is."""
        level = opened.index.levels[address.level]
        unreduced = query.removesuffix(REDUCED).removesuffix("&")
        if form is not TileForm.PICTURE:
            samples = await self.transcode(opened, address, unreduced, TileForm.SAMPLES)
            return None if samples is None else await self._halved(level, samples, form)
        if address.channel is None or address.plane < 0:
            whole = await self.transcode(opened, address, unreduced, form)
        else:
            whole = await self._whole(opened, address, level)
        if whole is None or (address.channel is not None and level.pixel.dtype != "uint8"):
            return whole
        longest = max(level.tile.width_px, level.tile.height_px) // REDUCTION
        made = await self.decode(
            "resize_image", content=whole.content, longest_px=longest, quality=REDUCED_QUALITY
        )
        return EncodedTile(made["media_type"], made["content"], reduction=REDUCTION)

    async def _halved(self, level: FrameLevel, samples: EncodedTile, form: TileForm) -> EncodedTile:
        made = await self.decode(
            "halve_samples", level=level_facts(level), content=samples.content, form=form.value
        )
        return EncodedTile(made["media_type"], made["content"], made.get("encoding"), REDUCTION)

    async def _whole(self, opened: OpenImage, address: TileAddress, level: FrameLevel) -> EncodedTile | None:
        """A stored tile as a lossless picture."""
        stream = await read_stored(opened, address)
        if stream is None:
            return None
        made = await self.decode(
            "transcode_tile", level=level_facts(level), stream=stream, form=TileForm.PICTURE.value
        )
        return EncodedTile(made["media_type"], made["content"])

    async def _mixed(
        self, opened: OpenImage, address: TileAddress, facts: Mapping[str, Any], query: str
    ) -> dict[str, Any]:
        mixes, media = _parse_mixes(query, opened.levels[address.level].channels)
        streams = [await read_stored(opened, address._replace(channel=number)) for number, _ in mixes]
        made: dict[str, Any] = await self.decode(
            "mix_tile",
            level=facts,
            streams=streams,
            mixes=[mix for _, mix in mixes],
            media=media,
            quality=JPEG_QUALITY,
        )
        return made

    async def _computed(
        self, opened: OpenImage, address: TileAddress, query: str, form: TileForm
    ) -> dict[str, Any]:
        """A tile that all planes give together. Costs a decoding process about a second."""
        channels = [] if address.channel is None else [address.channel]
        options: dict[str, Any] = {"form": form.value}
        if address.channel is None:
            mixes, media = _parse_mixes(query, opened.levels[address.level].channels)
            channels = [number for number, _ in mixes]
            options = {"mixes": [mix for _, mix in mixes], "media": media}
        recipe = await asyncio.to_thread(self._recipe_of, opened.image_id)
        made: dict[str, Any] = await self.decode(
            "computed_tile",
            recipe=recipe,
            level=address.level,
            plane=int(address.plane),
            place=[address.row, address.column],
            channels=channels,
            quality=JPEG_QUALITY,
            **options,
        )
        return made

    def _recipe_of(self, image_id: ImageId) -> dict[str, Any]:
        with reading(self._slides.database) as connection:
            image = store.get_image(connection, image_id)
        return recipe_of(self._blobs, image)

    async def render(
        self,
        image: Image,
        box: Sequence[float],
        size: PixelSize,
        *,
        mixes: Sequence[Mix | None] | None = None,
        to_srgb: bool = False,
        **options: Any,
    ) -> EncodedTile:
        """A rectangle (left, top, width, height in level-0 pixels) scaled to `size`; see `rendering.render`.

        Images of several channels are mixed as they are first shown, unless `mixes` or a channel is given.

        Raises:
            Invalid: the result is too large or has no form in the media type asked for.
            Busy: too many are waiting already.
        """
        if mixes is None and "channel" not in options and is_composite(image):
            channels = await self.channels_of(image)
            mixes = [mix_of(each) if number < FIRST_SHOWN else None for number, each in enumerate(channels)]
        recipe = await asyncio.to_thread(recipe_of, self._blobs, image, with_profile=to_srgb)
        made = await self.decode(
            "render",
            recipe=recipe,
            box=list(box),
            size=[size.width_px, size.height_px],
            mixes=None if mixes is None else list(mixes),
            **options,
        )
        return EncodedTile(made["media_type"], made["content"])

    async def thumbnail(self, image: Image, longest_px: int) -> bytes:
        """The whole image as sRGB JPEG.

        Raises:
            NotFound: none was made.
        """
        if image.thumbnail_key is None:
            raise NotFound("This image has no thumbnail yet.")
        key = f"{image.id}/{image.generation}/thumbnail/{longest_px}"
        known = self._cache.find(key)
        if known is None:
            stored = await asyncio.to_thread(self._blobs.get, image.thumbnail_key)
            made = await self.decode("resize_image", content=stored, longest_px=longest_px)
            known = EncodedTile(made["media_type"], made["content"])
            self._cache.put(key, known)
        return known.content

    async def tissue(self, image: Image) -> NDArray[np.bool_]:
        """Where the tissue is, on a picture of the whole image with `TISSUE_PX` on its longer side.

        Raises:
            NotFound: the image has no thumbnail to look for it.
        """
        if image.thumbnail_key is None:
            raise NotFound("This image has no thumbnail yet.")
        key = f"{image.id}/{image.generation}"
        found = self._tissue.get(key)
        if found is None:
            stored = await asyncio.to_thread(self._blobs.get, image.thumbnail_key)
            found = await self.decode(
                "find_tissue", content=stored, longest_px=TISSUE_PX, on_dark=is_composite(image)
            )
            self._tissue[key] = found
            if len(self._tissue) > _MOST_KNOWN:
                del self._tissue[next(iter(self._tissue))]
        shape = (found["rows"], found["columns"])
        bits = np.unpackbits(np.frombuffer(found["bits"], np.uint8), count=shape[0] * shape[1])
        return bits.reshape(shape).astype(bool)

    async def channels_of(self, image: Image) -> tuple[ShownChannel, ...]:
        """The channels as they are first shown; what the file does not propose comes from its samples."""
        description = image.description
        if description is None:
            raise NotFound("This image is not available yet.")
        found: list[list[float]] = []
        if is_composite(image) and any(channel.window is None for channel in description.channels):
            found = await self._found_windows(image)
        shown = []
        for number, channel in enumerate(description.channels):
            window = channel.window or (tuple(found[number]) if found else (0.0, 255.0))
            shown.append(
                ShownChannel(
                    channel.name,
                    display_colour(channel.colour, number, len(description.channels)),
                    (window[0], window[1]),
                )
            )
        return tuple(shown)

    async def _found_windows(self, image: Image) -> list[list[float]]:
        key = f"{image.id}/{image.generation}"
        if key not in self._windows:
            recipe = await asyncio.to_thread(recipe_of, self._blobs, image)
            self._windows[key] = await self.decode("find_windows", recipe=recipe)
            if len(self._windows) > _MOST_KNOWN:
                del self._windows[next(iter(self._windows))]
        return self._windows[key]

    async def histogram(self, image: Image, plane: int, channel: int) -> dict[str, Any]:
        """How often each sample of a channel occurs; see `rendering.count_samples`.

        Raises:
            Invalid: the image has no such plane or channel.
        """
        description = image.description
        assert description is not None
        if plane >= len(description.planes) or channel >= len(description.channels):
            raise Invalid("The image has no such plane or channel.")
        key = f"{image.id}/{image.generation}/{plane}/{channel}"
        found = self._histograms.get(key)
        if found is None:
            recipe = await asyncio.to_thread(recipe_of, self._blobs, image)
            found = await self.decode("count_samples", recipe=recipe, plane=plane, channel=channel)
            self._histograms[key] = found
            if len(self._histograms) > _MOST_KNOWN:
                del self._histograms[next(iter(self._histograms))]
        return found

    async def decode(self, function: str, **arguments: Any) -> Any:
        """Run a function of `rendering` in a child process.

        Raises:
            Busy: too many are waiting already.
            UnreadableSlide: the bytes do not decode, or the child died of them.
        """
        if self._waiting >= _MAX_WAITING:
            raise Busy("The node is decoding as much as it can; try again in a moment.")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._threads, self._workers.call, _RENDERING + function, arguments
            )
        finally:
            self._waiting -= 1

    def decode_now(self, level: FrameLevel, stream: bytes) -> bytes:
        """The samples of a frame, for callers in threads. See `part10.FrameDecoder`."""
        arguments = {"level": level_facts(level), "stream": stream}
        samples: bytes = self._workers.call(_RENDERING + "native_frame", arguments)
        return samples


class _ByteCache:
    """Encoded tiles, the least recently used dropped first, bounded by their bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._held: OrderedDict[str, EncodedTile] = OrderedDict()

    def find(self, key: str) -> EncodedTile | None:
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def put(self, key: str, tile: EncodedTile) -> None:
        replaced = self._held.pop(key, None)
        self._size += len(tile.content) - (len(replaced.content) if replaced else 0)
        self._held[key] = tile
        while self._size > self._capacity:
            _, dropped = self._held.popitem(last=False)
            self._size -= len(dropped.content)


def is_composite(image: Image) -> bool:
    """Whether the image is shown as a mix of channels, not as the colours that were scanned."""
    description = image.description
    return description is not None and not (description.is_brightfield or _is_plain_grey(image))


def _is_plain_grey(image: Image) -> bool:
    description = image.description
    assert description is not None
    return len(description.channels) == 1 and description.pixel.dtype == "uint8"


def level_facts(level: FrameLevel) -> dict[str, Any]:
    """What decoding a frame of this level takes, as plain values."""
    return {
        "size": [level.size.width_px, level.size.height_px],
        "tile": [level.tile.width_px, level.tile.height_px],
        "codec": level.codec.value,
        "samples": level.pixel.samples,
        "dtype": level.pixel.dtype,
        "colour": level.colour.value,
        "predictor": level.predictor,
    }


def parse_channel(text: str) -> tuple[int, Mix]:
    """A channel number and its mix from `NUMBER-RRGGBB-LOW-HIGH`, or with `-GAMMA` after that.

    Raises:
        Invalid: the text is not of this form.
    """
    found = _CHANNEL.fullmatch(text)
    if found is None:
        raise Invalid("A channel is written NUMBER-RRGGBB-LOW-HIGH, as in 0-0072b2-0-4095.")
    number, colour, low, high, gamma = found.groups()
    return int(number), [*_rgb(colour), float(low), float(high), float(gamma or 1)]


def _parse_mixes(query: str, count: int) -> tuple[list[tuple[int, Mix]], str]:
    """Channels with their mixes, of `count`, and the form of the picture."""
    asked = parse_qs(query)
    mixes = [parse_channel(text) for text in asked.get("c", [])]
    if not mixes or any(number >= count for number, _ in mixes):
        raise Invalid("Name at least one of the channels of the image as c=NUMBER-RRGGBB-LOW-HIGH.")
    media = asked.get("f", ["jpeg"])[0]
    if media not in ("jpeg", "png"):
        raise Invalid("A mix of channels is made as jpeg or png.")
    return mixes, media


def mix_of(channel: ShownChannel) -> Mix:
    """The mix that shows a channel as it is first shown."""
    return [*_rgb(channel.colour.removeprefix("#")), *channel.window, 1.0]


def _rgb(colour: str) -> list[float]:
    return [float(value) for value in bytes.fromhex(colour)]
