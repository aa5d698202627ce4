"""Images as DICOM: instances, their frames and their metadata (PS3.18 chapters 8, 10).

An original that is DICOM goes out as its own bytes. For every other image each level is an instance whose
header was made at ingest; its frames come from the frame index. Labels and overviews, which may carry a
patient's name, are seen only by those who may see labels.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa

from hemalum.capabilities.slides import originals, policy, store
from hemalum.capabilities.slides.blob_source import BlobSource
from hemalum.capabilities.slides.dicom_groups import Groups, Target, seen_by, wanted_by
from hemalum.capabilities.slides.dicom_search import SearchResult, search
from hemalum.capabilities.slides.model import Image, ImageObject, Instance, ObjectKind
from hemalum.capabilities.slides.openings import Permitted
from hemalum.capabilities.slides.recipes import recipe_of
from hemalum.capabilities.slides.service import Slides
from hemalum.capabilities.slides.serving import Serving, is_composite, level_facts, mix_of
from hemalum.capabilities.slides.viewports import LONGEST_PICTURE_PX, Viewport, fitted, shown_part
from hemalum.formats.dicom.bulk_data import with_whole_addresses
from hemalum.formats.dicom.clinical import ClinicalHeader, add_to_header, add_to_json
from hemalum.formats.dicom.part10 import (
    InstanceForm,
    instance_chunks,
    instance_length,
    one_frame_level,
)
from hemalum.formats.dicom.patient import is_of_patient, without_patient
from hemalum.formats.dicom.qido import Filter
from hemalum.formats.dicom.syntaxes import CODECS, EXPLICIT_LITTLE_ENDIAN, MEDIA_TYPES, NATIVE
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.source import ByteSource, FileSource, close_all
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import reading
from hemalum.runtime.frames import EncodedTile, OpenImage, TileAddress, read_stored
from hemalum.runtime.http_errors import NotAcceptable

_REMEMBERED = 512
_PIECE_BYTES = 1 << 20
_MOMENT_S = 2.0
type ClinicalOf = Callable[[Actor, Image], ClinicalHeader | None]
_NO_BULK_DATA = Sentence("There is no bulk data at this address.")
_NO_INSTANCE = Sentence("There is no such study, series or instance.")


@dataclass(frozen=True, slots=True)
class FoundInstance:
    """An instance and the image it belongs to."""

    instance: Instance
    image: Image
    good_until: float = 0.0
    """Until when, on the monotonic clock, nobody need ask again whether the actor may see it."""
    clinical: ClinicalHeader | None = None
    """What is known of the patient, in whole headers for who may know them; originals stay as they are."""
    names_patient: bool = False
    """Whether whoever asks may read what an original says of the patient."""

    @property
    def original(self) -> ImageObject | None:
        """The file that is this instance, for originals that are DICOM."""
        number = self.instance.object_number
        return next((held for held in self.image.objects if held.number == number), None)

    @property
    def media_type(self) -> str:
        """Media type of one frame as it is stored."""
        codec = CODECS.get(self.instance.transfer_syntax_uid)
        return "application/octet-stream" if codec is None else MEDIA_TYPES[codec]


@dataclass(frozen=True, slots=True)
class LevelForm:
    """How the frames of a level go into DICOM (`stored_form` says why)."""

    decoded: bool
    """Frames are decoded before they go out: their codec is none of DICOM's."""
    blank: bytes


@dataclass(frozen=True, slots=True)
class FrameForm:
    """In which form a client gets the frames of an instance that it may see."""

    found: FoundInstance
    session_id: str
    media_type: str
    transfer_syntax: str
    multipart: bool
    decoded: bool


class DicomWeb:
    """Instances of a node's available images."""

    def __init__(self, slides: Slides, serving: Serving, clinical_of: ClinicalOf = lambda *_: None) -> None:
        self._slides, self._clinical_of = slides, clinical_of
        self._database = slides.database
        self._blobs = slides.blobs
        self._serving = serving
        self._forms: OrderedDict[tuple[str, str | None, int], LevelForm] = OrderedDict()
        self._recent: OrderedDict[tuple[Any, ...], FoundInstance] = OrderedDict()
        self._frame_forms: OrderedDict[Hashable, FrameForm] = OrderedDict()
        self._orders: OrderedDict[tuple[str, str | None, str], Any] = OrderedDict()

    def list_instances(
        self,
        actor: Actor,
        study: str,
        series: str | None = None,
        instance: str | None = None,
        action: str = policy.VIEW,
    ) -> list[FoundInstance]:
        """Instances with which the actor may do this, by series and number.

        Raises:
            NotFound: there is none.
        """
        with reading(self._database) as connection:
            listed = store.list_instances(
                connection,
                self._slides.visible(connection, actor, action).condition,
                study_uid=study,
                series_uid=series,
                sop_instance_uid=instance,
            )
            seen = self._without_labels(connection, actor, listed)
            images: dict[str, Image] = {}
            for each in seen:
                if each.image_id not in images:
                    images[each.image_id] = store.get_image(connection, each.image_id)
        if not seen:
            raise NotFound.saying(_NO_INSTANCE)
        return [FoundInstance(each, images[each.image_id]) for each in seen]

    def list_exported(
        self, actor: Actor, study: str, series: str | None = None, instance: str | None = None
    ) -> list[FoundInstance]:
        """Instances that the actor is about to take away whole; that stands in the log first.

        Raises:
            NotFound: there is none that the actor may export.
            NotPermitted: an original names a patient whom the actor may not know.
        """
        found = self.list_instances(actor, study, series, instance, policy.EXPORT)
        for image in {each.image.id: each.image for each in found if each.original is not None}.values():
            originals.check_taking(self._slides, actor, image)
        for permitted in self._permit(actor, found, policy.EXPORT):
            self._serving.openings.exported(permitted, "dicom")
        return found

    def _permit(self, actor: Actor, found: Sequence[FoundInstance], action: str) -> list[Permitted]:
        images = dict.fromkeys(each.image.id for each in found)
        return [self._slides.permit(actor, image_id, action) for image_id in images]

    def _without_labels(
        self, connection: sa.Connection, actor: Actor, listed: list[Instance]
    ) -> list[Instance]:
        """The instances without those that may show a label that the actor may not see."""
        labelled = {each.image_id for each in listed if each.may_show_label}
        if not labelled:
            return listed
        (with_label,) = self._slides.narrow(connection, actor, labelled, policy.VIEW_LABEL)
        return [each for each in listed if not each.may_show_label or each.image_id in with_label]

    async def get_instance(self, actor: Actor, study: str, series: str, instance: str) -> FoundInstance:
        """One instance that the actor may see. Remembered for a moment: viewers ask frame by frame.

        Raises:
            NotFound: there is none.
        """
        key = (actor.session_id, actor.organisation_id, actor.purpose, study, series, instance)
        now = time.monotonic()
        known = self._recent.get(key)
        if known is not None and known.good_until > now:
            return known
        (found, *_) = await asyncio.to_thread(self._looked_at, actor, study, series, instance)
        found = replace(found, good_until=now + _MOMENT_S)
        _remember(self._recent, key, found)
        return found

    def remember_form(self, request: Hashable, form: FrameForm) -> None:
        """Remember how a request was answered, for as long as nobody need ask again."""
        _remember(self._frame_forms, request, form)

    def find_form(self, request: Hashable) -> FrameForm | None:
        """How such a request was answered a moment ago."""
        form = self._frame_forms.get(request)
        return None if form is None or form.found.good_until <= time.monotonic() else form

    def _looked_at(self, actor: Actor, study: str, series: str, instance: str) -> list[FoundInstance]:
        """Instances whose pixels the actor is about to get; that stands in the log first."""
        found = self.list_instances(actor, study, series, instance)
        labelled = {each.image.id for each in found if each.instance.may_show_label}
        for permitted in self._permit(actor, found, policy.VIEW):
            self._serving.openings.ensure(permitted, "dicomweb")
            if permitted.image.id in labelled:
                self._serving.openings.label_told(permitted, "dicomweb")
        return found

    def glanced_at(self, actor: Actor, study: str, series: str | None = None) -> FoundInstance:
        """The first instance, of whose image the actor is about to get a small picture: recorded first.

        Raises:
            NotFound: there is none.
        """
        (found, *_) = self.list_instances(actor, study, series)
        (permitted,) = self._permit(actor, [found], policy.VIEW)
        self._serving.openings.glanced(permitted)
        return found

    def search(
        self,
        actor: Actor,
        target: Target,
        query: Filter,
        base_url: str,
        study: str | None = None,
        series: str | None = None,
    ) -> SearchResult:
        """What the actor may see and matches; nothing found is an empty answer."""
        with reading(self._database) as connection:
            groups = Groups(
                connection,
                target,
                seen_by(
                    self._slides.visible(connection, actor).condition,
                    self._slides.visible(connection, actor, policy.VIEW_LABEL).condition,
                ),
                wanted_by(connection, query, study, series),
                partial(self._without_labels, connection, actor),
            )
            across = study is None if target is Target.SERIES else series is None
            read = partial(self._searched, connection, actor, base_url)
            found = search(groups, query, read, base_url, whole_paths=across)
        originals.tell_found(self._slides, self._serving.openings, actor, found.items)
        return found

    def _searched(
        self,
        connection: sa.Connection,
        actor: Actor,
        base_url: str,
        instances: Sequence[Instance],
    ) -> list[dict[str, Any]]:
        """What searches look at of these instances, in the DICOM JSON model; without the patient but of those
        whom the actor may know, so that nobody learns by asking for a name, either."""
        models: list[dict[str, Any]] = []
        known = originals.known_among(self._slides, connection, actor, instances)
        data_sets = originals.list_data_sets(self._slides, connection, instances)
        for instance, encoded in zip(instances, data_sets, strict=True):
            if instance.object_number is not None and instance.image_id not in known:
                encoded = without_patient(encoded)
            whole = with_whole_addresses([encoded], instance_url(base_url, instance))
            models.append(msgspec.json.decode(b"".join(whole)))
        return models

    # Metadata -------------------------------------------------------------------------------------------

    def told(self, actor: Actor, found: list[FoundInstance]) -> list[FoundInstance]:
        """The instances with what the actor may know of the patient: from the case, on nodes that tell it in
        headers, and from an original. That it is told stands in the log first."""
        images = {each.image.id: each.image for each in found}
        clinical = {name: self._clinical_of(actor, image) for name, image in images.items()}
        known = frozenset[str]()
        files = [each.instance for each in found if each.original is not None]
        if files:
            with reading(self._database) as connection:
                known = originals.known_among(self._slides, connection, actor, files)
            originals.tell_read(self._slides, self._serving.openings, actor, files, known)
        return [
            replace(each, clinical=clinical[each.image.id], names_patient=each.image.id in known)
            for each in found
        ]

    def metadata(self, found: list[FoundInstance], base_url: str) -> Iterator[bytes]:
        """The data sets without bulk data, as one DICOM JSON array in pieces."""
        for number, each in enumerate(found):
            yield b"," if number else b"["
            stored = self._pieces(each.instance.json_key)
            if each.clinical is not None and each.original is None:
                stored = iter([add_to_json(b"".join(stored), each.clinical)])
            elif each.original is not None and not each.names_patient:
                stored = iter([without_patient(b"".join(stored))])
            yield from with_whole_addresses(stored, instance_url(base_url, each.instance))
        yield b"]"

    def _pieces(self, key: str) -> Iterator[bytes]:
        """A blob piece by piece; a small one at once."""
        first = self._blobs.get_range(key, 0, _PIECE_BYTES)
        yield first
        if len(first) == _PIECE_BYTES:
            for offset in range(_PIECE_BYTES, self._blobs.size(key), _PIECE_BYTES):
                yield self._blobs.get_range(key, offset, _PIECE_BYTES)

    async def bulk_value(self, actor: Actor, found: FoundInstance, path: tuple[str, ...]) -> bytes:
        """A large value of the data set, by tags and item numbers.

        Raises:
            NotFound: there is no binary value at this path that the actor may read.
        """
        if found.original is not None and is_of_patient(path[0]):
            (told,) = await asyncio.to_thread(self.told, actor, [found])
            if not told.names_patient:
                raise NotFound.saying(_NO_BULK_DATA)
        head = await asyncio.to_thread(self._blobs.get, found.instance.header_key)
        value: bytes | None = await self._serving.decode("bulk_data", head=head, path=list(path))
        if value is None:
            raise NotFound.saying(_NO_BULK_DATA)
        return value

    # Rendered pictures ----------------------------------------------------------------------------------

    async def rendered(
        self,
        found: FoundInstance,
        frame: int | None,
        *,
        viewport: Viewport | None,
        media: str,
        quality: int,
        to_srgb: bool,
    ) -> EncodedTile:
        """An instance, or one frame of it, as a picture."""
        if found.instance.level is None:
            return await self._rendered_label(found, viewport, media, quality)
        opened = await self._serving.opened(found.image)
        level = opened.index.levels[found.instance.level]
        left, top, size = 0, 0, level.size
        plane, channel = level.planes // 2, 0
        if frame is not None:
            address = await self.address(found, opened, frame)
            if address is None:
                raise NotFound.saying(_NO_INSTANCE)
            size, plane, channel = level.tile, address.plane, address.channel or 0
            left, top = address.column * size.width_px, address.row * size.height_px
        x, y, width, height = shown_part(viewport, size)
        target = fitted(width, height, viewport)
        full = opened.index.levels[0].size
        fx, fy = full.width_px / level.size.width_px, full.height_px / level.size.height_px
        options: dict[str, Any] = {}
        if is_composite(found.image) and frame is not None:
            shown = await self._serving.channels_of(found.image)
            options["mixes"] = [
                mix_of(each) if number == channel else None for number, each in enumerate(shown)
            ]
        return await self._serving.render(
            found.image,
            ((left + x) * fx, (top + y) * fy, width * fx, height * fy),
            target,
            plane=plane,
            media=media,
            quality=quality,
            to_srgb=to_srgb,
            **options,
        )

    async def _rendered_label(
        self, found: FoundInstance, viewport: Viewport | None, media: str, quality: int
    ) -> EncodedTile:
        content = await asyncio.to_thread(self._blobs.get, self._associated_key(found))
        longest = int(max(viewport[:2])) if viewport else LONGEST_PICTURE_PX
        made = await self._serving.decode(
            "resize_image", content=content, longest_px=longest, media=media, quality=quality
        )
        return EncodedTile(made["media_type"], made["content"])

    # Whole instances ------------------------------------------------------------------------------------

    async def instance_size(self, found: FoundInstance) -> int:
        """Length of the instance in bytes."""
        if found.original is not None:
            return found.original.size
        level = await self._level(found)
        return instance_length(await self._instance_form(found), level)

    async def instance_bytes(self, found: FoundInstance) -> AsyncIterator[bytes]:
        """The instance as a Part 10 file, in chunks and flat memory."""
        form = None if found.original is not None else await self._instance_form(found)
        level = None if form is None else await self._level(found)
        sources = await asyncio.to_thread(self._sources, found)
        try:
            if form is None or level is None:
                assert found.original is not None
                chunks = _chunks(sources[found.original.number])
            else:
                chunks = instance_chunks(form, level, sources, self._serving.decode_now)
            while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                yield chunk
        finally:
            close_all(sources)

    # Frames ---------------------------------------------------------------------------------------------

    def check_frames(self, found: FoundInstance, numbers: list[int]) -> None:
        """Raise NotFound unless all these frames, counted from 1, are there."""
        count = found.instance.number_of_frames
        for number in numbers:
            if not 1 <= number <= count:
                raise NotFound(
                    "There is no frame {number}; the instance has {count}.", number=number, count=count
                )

    async def frame(self, found: FoundInstance, number: int, *, decoded: bool) -> bytes:
        """Frame `number`, counted from 1: as the transfer syntax of the instance says, or as samples."""
        opened = await self._serving.opened(found.image)
        with opened:
            if found.instance.level is None:
                return await self._single_frame(found, decoded=decoded)
            level = opened.index.levels[found.instance.level]
            address = await self.address(found, opened, number)
            if address is None:
                return await self._blank(found, level, decoded=decoded)
            if found.original is not None and not decoded:
                stream = await read_stored(opened, address, as_it_lies=True)
            else:
                stream = await read_stored(opened, address)
            if stream is None:
                return await self._blank(found, level, decoded=decoded)
            if not decoded and (found.original is not None or not (await self._form(found)).decoded):
                return stream
            samples: bytes = await self._serving.decode(
                "native_frame", level=level_facts(level), stream=stream
            )
            return samples

    async def address(self, found: FoundInstance, opened: OpenImage, number: int) -> TileAddress | None:
        """Where frame `number` lies in the frame index, or None when an original leaves it out."""
        assert found.instance.level is not None
        level = opened.index.levels[found.instance.level]
        if found.original is None:
            rest, column = divmod(number - 1, level.columns)
            rest, row = divmod(rest, level.rows)
            channel, plane = divmod(rest, level.planes)
            return TileAddress(found.instance.level, plane, channel, row, column)
        order = self._order(found, level)
        if number > len(order):
            return None
        at = int(order[number - 1])
        rest, column = divmod(at, level.columns)
        rest, row = divmod(rest, level.rows)
        plane, channel = divmod(rest, level.channels)
        return TileAddress(found.instance.level, plane, channel, row, column)

    def _order(self, found: FoundInstance, level: FrameLevel) -> Any:
        """Flat positions in the index of the frames of one original, in the order of its frame numbers.

        Frames lie in a file in the order of their numbers (PS3.5 annex A.4), wherever each belongs.
        """
        key = (found.image.id, found.image.generation, found.instance.sop_instance_uid)
        order = self._orders.get(key)
        if order is None:
            own = (level.objects == found.instance.object_number) & (level.lengths > 0)
            positions = np.flatnonzero(own)
            order = positions[np.argsort(level.offsets.reshape(-1)[positions], kind="stable")]
            _remember(self._orders, key, order)
        return order

    async def _blank(self, found: FoundInstance, level: FrameLevel, *, decoded: bool) -> bytes:
        if not decoded:
            return (await self._form(found)).blank
        samples: bytes = await self._serving.decode("native_frame", level=level_facts(level), stream=None)
        return samples

    async def _single_frame(self, found: FoundInstance, *, decoded: bool) -> bytes:
        """The frame of a label or overview.

        Raises:
            NotAcceptable: an original is to be decoded.
        """
        if found.original is not None:
            if decoded:
                raise NotAcceptable("This instance is given only as it is stored.")
            recipe = await asyncio.to_thread(recipe_of, self._blobs, found.image)
            number = found.original.number
            stored: bytes = await self._serving.decode("original_frame", recipe=recipe, object_number=number)
            return stored
        stream = await asyncio.to_thread(self._blobs.get, self._associated_key(found))
        if not decoded:
            return stream
        samples: bytes = await self._serving.decode("image_samples", content=stream)
        return samples

    def _associated_key(self, found: FoundInstance) -> str:
        keys = {
            "LABEL": found.image.label_key,
            "OVERVIEW": found.image.macro_key,
            "THUMBNAIL": found.image.thumbnail_key,
        }
        kind = found.instance.image_type[2] if len(found.instance.image_type) > 2 else ""
        key = keys.get(kind)
        if key is None:
            raise NotFound.saying(_NO_INSTANCE)
        return key

    # Forms ----------------------------------------------------------------------------------------------

    async def _form(self, found: FoundInstance) -> LevelForm:
        assert found.instance.level is not None
        key = (found.image.id, found.image.generation, found.instance.level)
        form = self._forms.get(key)
        if form is None:
            recipe = await asyncio.to_thread(recipe_of, self._blobs, found.image)
            made = await self._serving.decode("dicom_form", recipe=recipe, level=found.instance.level)
            form = LevelForm(made["decoded"], made["blank"])
            _remember(self._forms, key, form)
        return form

    async def _instance_form(self, found: FoundInstance) -> InstanceForm:
        head = await asyncio.to_thread(self._blobs.get, found.instance.header_key)
        head = head if found.clinical is None else add_to_header(head, found.clinical)
        syntax = found.instance.transfer_syntax_uid
        if found.instance.level is None:
            return InstanceForm(head, True, False, b"")
        form = await self._form(found)
        return InstanceForm(head, syntax not in NATIVE, form.decoded, form.blank)

    async def _level(self, found: FoundInstance) -> FrameLevel:
        """The frames of an instance that we make."""
        if found.instance.level is None:
            size = PixelSize(found.instance.columns, found.instance.rows)
            length = await asyncio.to_thread(self._blobs.size, self._associated_key(found))
            return one_frame_level(size, length)
        opened = await self._serving.opened(found.image)
        return opened.index.levels[found.instance.level]

    def _sources(self, found: FoundInstance) -> list[ByteSource]:
        """What the frames lie in, open for reading from threads: the objects of the image by number."""
        if found.original is None and found.instance.level is None:
            key = self._associated_key(found)
            return [BlobSource(self._blobs, key, self._blobs.size(key))]
        sources: list[ByteSource] = []
        try:
            for held in sorted(found.image.objects, key=lambda each: each.number):
                sources.append(self._source(held))  # noqa: PERF401 - opened ones are closed on failure
        except BaseException:
            close_all(sources)
            raise
        return sources

    def _source(self, held: ImageObject) -> ByteSource:
        self._serving.open_object(held).close()
        if held.kind is ObjectKind.LINKED:
            return FileSource(Path(held.location))
        return BlobSource(self._blobs, held.location, held.size)


def transfer_syntax_of(found: FoundInstance, *, decoded: bool) -> str:
    """The transfer syntax in which frames go out."""
    return EXPLICIT_LITTLE_ENDIAN if decoded else found.instance.transfer_syntax_uid


def instance_url(base_url: str, instance: Instance) -> str:
    """Where an instance is found under the address of the service."""
    return (
        f"{base_url}/studies/{instance.study_uid}/series/{instance.series_uid}"
        f"/instances/{instance.sop_instance_uid}"
    )


def _chunks(source: ByteSource) -> Iterator[bytes]:
    for offset in range(0, source.size, _PIECE_BYTES):
        yield source.read(offset, min(_PIECE_BYTES, source.size - offset))


def _remember[Key, Value](held: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > _REMEMBERED:
        held.popitem(last=False)
