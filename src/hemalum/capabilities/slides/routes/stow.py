"""Storing DICOM instances over the web (STOW-RS, PS3.18 section 10.5).

Parts stream to files as they arrive. Whole series then go the way of every other slide; the answer waits for
them for a while and says what became of each instance.
"""

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from hemalum.capabilities.slides.incoming import Segment
from hemalum.capabilities.slides.intake import Candidate
from hemalum.capabilities.slides.model import ImageStatus
from hemalum.capabilities.slides.routes.dicomweb import DICOM_JSON, Dicom, Uid
from hemalum.capabilities.slides.routes.library import Library
from hemalum.capabilities.slides.routes.negotiation import DICOM
from hemalum.capabilities.slides.routes.parts import Ingester, Pixels
from hemalum.capabilities.slides.service import Slides
from hemalum.capabilities.slides.uploads import disk_errors
from hemalum.formats.dicom.multipart import (
    MultipartReader,
    PartData,
    PartStarted,
    boundary_of,
    content_type_parameters,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.kernel.ids import new_id
from hemalum.runtime.http_errors import BadRequest, TooLarge, UnsupportedMediaType
from hemalum.runtime.settings import Settings

router = APIRouter(prefix="/dicomweb", tags=["dicomweb"])

_WRITE_BYTES = 1 << 20
_WAIT_S = 120.0
_POLL_S = 0.2
_NOT_UNDERSTOOD = 0xC000
_OTHER_STUDY = 0xA900
_CLASS_NOT_SUPPORTED = 0x0122
_NOT_PROCESSED = 0x0110
_WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


@dataclass(slots=True)
class Arrived:
    """One instance that came in."""

    path: Path
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_uid: str = ""
    series_uid: str = ""
    name: str = ""
    failure: int | None = None
    """Failure Reason (0008,1197), PS3.18 table I.2-2."""


async def settings_of(request: Request) -> Settings:
    """The settings of this node."""
    settings: Settings = request.app.state.settings
    return settings


@router.post("/studies")
async def store_instances(
    actor: Ingester,
    library: Library,
    dicom: Dicom,
    pixels: Pixels,
    settings: Annotated[Settings, Depends(settings_of)],
    request: Request,
) -> Response:
    """Store instances of any study."""
    return await _Storing(actor, library, dicom, pixels, settings, None).run(request)


@router.post("/studies/{study}")
async def store_instances_of_study(
    study: Uid,
    actor: Ingester,
    library: Library,
    dicom: Dicom,
    pixels: Pixels,
    settings: Annotated[Settings, Depends(settings_of)],
    request: Request,
) -> Response:
    """Store instances of one study; those of others are refused."""
    return await _Storing(actor, library, dicom, pixels, settings, study).run(request)


@dataclass(frozen=True)
class _Storing:
    """One request that stores instances."""

    actor: Actor
    library: Slides
    dicom: Dicom
    pixels: Pixels
    settings: Settings
    study: str | None

    async def run(self, request: Request) -> Response:
        folder = self.settings.incoming / f"stow-{new_id()}"
        folder.mkdir(parents=True)
        try:
            files = _Files(folder, self.settings.max_upload_bytes, self.library)
            arrived = await _receive(request, files)
            for each in arrived:
                await self._identify(each)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        for each in arrived:
            if each.failure is not None:
                self.library.incoming_file(each.path).remove()
        await self._take_in([each for each in arrived if each.failure is None], folder)
        # Ingest has moved what it took in; what is still on its way keeps the folder.
        with suppress(OSError):
            folder.rmdir()
        return self._answer(arrived, f"{request.base_url}dicomweb")

    async def _identify(self, each: Arrived) -> None:
        try:
            place = self.library.incoming_file(each.path).place()
            told = await self.pixels.decode("identify_instance", place=place)
        except HemalumError:
            each.failure = _NOT_UNDERSTOOD
            return
        for name, value in told.items():
            setattr(each, name, value)
        if each.sop_class_uid != _WHOLE_SLIDE:
            each.failure = _CLASS_NOT_SUPPORTED
        elif self.study is not None and each.study_uid != self.study:
            each.failure = _OTHER_STUDY

    async def _take_in(self, good: list[Arrived], folder: Path) -> None:
        waiting = []
        for series in sorted({each.series_uid for each in good}):
            members = [each for each in good if each.series_uid == series]
            candidate = Candidate(members[0].name, tuple(each.path for each in members), folder)
            received = await asyncio.to_thread(
                self.library.receive,
                candidate,
                self.actor.organisation_id,
                self.actor.person_id,
                keep=True,
            )
            waiting.append((received.image_id, members))
        end = asyncio.get_running_loop().time() + _WAIT_S
        for image_id, members in waiting:
            status = await self._settled(image_id, end)
            if status is ImageStatus.QUARANTINED:
                for each in members:
                    each.failure = _NOT_PROCESSED

    async def _settled(self, image_id: str, end: float) -> ImageStatus | None:
        """What an image came to be; None when it was joined to another, or still is on its way."""
        while asyncio.get_running_loop().time() < end:
            summary = await asyncio.to_thread(self.library.find_summary, image_id)
            if summary is None:
                return None
            if summary.status in (ImageStatus.AVAILABLE, ImageStatus.QUARANTINED):
                return summary.status
            await asyncio.sleep(_POLL_S)
        return None

    def _answer(self, arrived: list[Arrived], base: str) -> Response:
        stored = [each for each in arrived if each.failure is None]
        failed = [each for each in arrived if each.failure is not None]
        model: dict[str, Any] = {}
        studies = {each.study_uid for each in stored}
        if len(studies) == 1:
            model["00081190"] = {"vr": "UR", "Value": [f"{base}/studies/{studies.pop()}"]}
        if failed:
            model["00081198"] = {"vr": "SQ", "Value": [_reference(each, base) for each in failed]}
        if stored:
            model["00081199"] = {"vr": "SQ", "Value": [_reference(each, base) for each in stored]}
        status = 200 if not failed else 202 if stored else 409
        return Response(msgspec.json.encode(model), status_code=status, media_type=DICOM_JSON)


def _reference(each: Arrived, base: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "00081150": {"vr": "UI", "Value": [each.sop_class_uid]} if each.sop_class_uid else {"vr": "UI"},
        "00081155": {"vr": "UI", "Value": [each.sop_instance_uid]} if each.sop_instance_uid else {"vr": "UI"},
    }
    if each.failure is not None:
        item["00081197"] = {"vr": "US", "Value": [each.failure]}
    else:
        url = f"{base}/studies/{each.study_uid}/series/{each.series_uid}/instances/{each.sop_instance_uid}"
        item["00081190"] = {"vr": "UR", "Value": [url]}
    return item


async def _receive(request: Request, files: "_Files") -> list[Arrived]:
    """Stream the parts of a request into files.

    Raises:
        UnsupportedMediaType: the parts are not application/dicom.
        BadRequest: the body is malformed or has no part.
        TooLarge: it is larger than the node takes.
        DiskFull: the disk is full.
    """
    content_type = request.headers.get("content-type", "")
    media_type, parameters = content_type_parameters(content_type)
    root = media_type if media_type != "multipart/related" else parameters.get("type", DICOM).lower()
    if root != DICOM:
        raise UnsupportedMediaType("Instances are stored as multipart/related; type=application/dicom.")
    try:
        if media_type == DICOM:
            files.start()
            async for chunk in request.stream():
                await files.write(chunk)
        else:
            await _receive_parts(request, boundary_of(content_type), files)
    except Invalid as error:
        if isinstance(error, TooLarge):
            raise
        raise BadRequest.saying(error.sentence) from error
    finally:
        await files.finish()
    if not files.arrived:
        raise BadRequest("The request holds no instance.")
    return files.arrived


async def _receive_parts(request: Request, boundary: str, files: "_Files") -> None:
    reader = MultipartReader(boundary)
    async for chunk in request.stream():
        for event in reader.feed(chunk):
            if isinstance(event, PartStarted):
                await files.finish()
                files.start()
            elif isinstance(event, PartData):
                await files.write(event.content)
    reader.close()


class _Files:
    """The files that parts are written to, one after the other, durably."""

    def __init__(self, folder: Path, limit: int, slides: Slides) -> None:
        self.arrived: list[Arrived] = []
        self._folder = folder
        self._left = limit
        self._slides = slides
        self._segment: Segment | None = None
        self._pending = bytearray()

    def start(self) -> None:
        file = self._slides.incoming_file(self._folder / f"{len(self.arrived)}.dcm")
        file.create()
        self._segment = file.begin(0)
        self.arrived.append(Arrived(file.folder))

    async def write(self, content: bytes) -> None:
        self._left -= len(content)
        if self._left < 0:
            raise TooLarge("The instances are larger than this node takes at once.")
        self._pending += content
        if len(self._pending) >= _WRITE_BYTES:
            await self._flush()

    async def finish(self) -> None:
        if self._segment is None:
            return
        await self._flush()
        segment, self._segment = self._segment, None
        with disk_errors():
            await asyncio.to_thread(segment.finish)

    async def _flush(self) -> None:
        content, self._pending = bytes(self._pending), bytearray()
        assert self._segment is not None
        with disk_errors():
            await asyncio.to_thread(self._segment.write, content)
