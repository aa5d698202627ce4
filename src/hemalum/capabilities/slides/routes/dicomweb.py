"""DICOMweb: QIDO-RS and WADO-RS (PS3.18 chapters 8 and 10). STOW-RS is in `stow.py`."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse

from hemalum.capabilities.slides.dicom_groups import MOST_COUNTED, Target
from hemalum.capabilities.slides.dicomweb import DicomWeb, FoundInstance, FrameForm, transfer_syntax_of
from hemalum.capabilities.slides.routes.frames import KEPT, frame_answer, part_head, request_key
from hemalum.capabilities.slides.routes.negotiation import (
    DICOM,
    check_json,
    choose_frames,
    choose_image,
    choose_instances,
)
from hemalum.capabilities.slides.routes.parts import Exporter, Pixels, Viewer
from hemalum.formats.dicom.multipart import multipart_content_type
from hemalum.formats.dicom.qido import parse_query
from hemalum.kernel.errors import Invalid
from hemalum.runtime.http import KEPT_NOWHERE
from hemalum.runtime.http_errors import BadRequest

DICOM_JSON = "application/dicom+json"
MAX_FRAMES = 4096
_MOST_PX = 1e9
_WHOLE = re.compile(r"[0-9]{1,9}")

router = APIRouter(prefix="/dicomweb", tags=["dicomweb"])

_LITERAL_ONLY = (
    '299 hemalum "The fuzzymatching parameter is not supported. Only literal matching has been performed."'
)
_UID = Path(pattern=r"^[0-9.]{1,64}$")

Uid = Annotated[str, _UID]


async def dicomweb_of(request: Request) -> DicomWeb:
    """The DICOM face of this node."""
    dicomweb: DicomWeb = request.app.state.dicomweb
    return dicomweb


Dicom = Annotated[DicomWeb, Depends(dicomweb_of)]


def accept_of(request: Request) -> str | None:
    """What the client accepts: a query parameter for those that cannot set headers (PS3.18 8.3.3.1)."""
    return request.query_params.get("accept") or request.headers.get("accept")


# Search -------------------------------------------------------------------------------------------------


@router.get("/studies")
def search_studies(actor: Viewer, dicom: Dicom, request: Request) -> Response:
    """Studies that match."""
    return _search(dicom, actor, request, Target.STUDIES)


@router.get("/series")
def search_series(actor: Viewer, dicom: Dicom, request: Request) -> Response:
    """Series of all studies that match."""
    return _search(dicom, actor, request, Target.SERIES)


@router.get("/instances")
def search_instances(actor: Viewer, dicom: Dicom, request: Request) -> Response:
    """Instances of all studies that match."""
    return _search(dicom, actor, request, Target.INSTANCES)


@router.get("/studies/{study}/series")
def search_series_of_study(study: Uid, actor: Viewer, dicom: Dicom, request: Request) -> Response:
    """Series of a study that match."""
    return _search(dicom, actor, request, Target.SERIES, study)


@router.get("/studies/{study}/instances")
def search_instances_of_study(study: Uid, actor: Viewer, dicom: Dicom, request: Request) -> Response:
    """Instances of a study that match."""
    return _search(dicom, actor, request, Target.INSTANCES, study)


@router.get("/studies/{study}/series/{series}/instances")
def search_instances_of_series(
    study: Uid, series: Uid, actor: Viewer, dicom: Dicom, request: Request
) -> Response:
    """Instances of a series that match."""
    return _search(dicom, actor, request, Target.INSTANCES, study, series)


def _search(
    dicom: DicomWeb,
    actor: Viewer,
    request: Request,
    target: Target,
    study: str | None = None,
    series: str | None = None,
) -> Response:
    check_json(accept_of(request))
    try:
        query = parse_query(_joined(request.query_params.multi_items()))
    except Invalid as error:
        raise BadRequest.saying(error.sentence) from error
    found = dicom.search(actor, target, query, _base_url(request), study, series)
    answer = Response(msgspec.json.encode(found.items), media_type=DICOM_JSON, headers=KEPT_NOWHERE)
    if query.fuzzy_asked:
        answer.headers.append("warning", _LITERAL_ONLY)
    if found.remaining:
        more = f"more than {MOST_COUNTED}" if found.remaining > MOST_COUNTED else str(found.remaining)
        text = f'299 hemalum "There are {more} additional results that can be requested"'
        answer.headers.append("warning", text)
    return answer


def _joined(parameters: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Clients repeat a parameter to ask for one of several UIDs; the standard has them in one list."""
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        if name.lower() not in ("accept", "charset"):
            values.setdefault(name, []).append(value)
    return [(name, ",".join(several)) for name, several in values.items()]


# Metadata -----------------------------------------------------------------------------------------------


@router.get("/studies/{study}/metadata")
def study_metadata(study: Uid, actor: Viewer, dicom: Dicom, request: Request) -> Response:
    """Data sets of a study without bulk data."""
    return _metadata(dicom, dicom.told(actor, dicom.list_instances(actor, study)), request)


@router.get("/studies/{study}/series/{series}/metadata")
def series_metadata(study: Uid, series: Uid, actor: Viewer, dicom: Dicom, request: Request) -> Response:
    """Data sets of a series without bulk data."""
    return _metadata(dicom, dicom.told(actor, dicom.list_instances(actor, study, series)), request)


@router.get("/studies/{study}/series/{series}/instances/{instance}/metadata")
def instance_metadata(
    study: Uid, series: Uid, instance: Uid, actor: Viewer, dicom: Dicom, request: Request
) -> Response:
    """Data set of an instance without bulk data."""
    return _metadata(dicom, dicom.told(actor, dicom.list_instances(actor, study, series, instance)), request)


def _metadata(dicom: DicomWeb, found: list[FoundInstance], request: Request) -> Response:
    check_json(accept_of(request))
    told = dicom.metadata(found, _base_url(request))
    return StreamingResponse(told, media_type=DICOM_JSON, headers=KEPT_NOWHERE)


def _base_url(request: Request) -> str:
    return f"{request.base_url}dicomweb"


# Instances ----------------------------------------------------------------------------------------------


@router.get("/studies/{study}")
async def retrieve_study(study: Uid, actor: Exporter, dicom: Dicom, request: Request) -> Response:
    """All instances of a study."""
    found = await asyncio.to_thread(dicom.list_exported, actor, study)
    return await _retrieve(dicom, await asyncio.to_thread(dicom.told, actor, found), request)


@router.get("/studies/{study}/series/{series}")
async def retrieve_series(
    study: Uid, series: Uid, actor: Exporter, dicom: Dicom, request: Request
) -> Response:
    """All instances of a series."""
    found = await asyncio.to_thread(dicom.list_exported, actor, study, series)
    return await _retrieve(dicom, await asyncio.to_thread(dicom.told, actor, found), request)


@router.get("/studies/{study}/series/{series}/instances/{instance}")
async def retrieve_instance(
    study: Uid, series: Uid, instance: Uid, actor: Exporter, dicom: Dicom, request: Request
) -> Response:
    """One instance."""
    found = await asyncio.to_thread(dicom.list_exported, actor, study, series, instance)
    return await _retrieve(dicom, await asyncio.to_thread(dicom.told, actor, found), request)


async def _retrieve(dicom: DicomWeb, found: list[FoundInstance], request: Request) -> Response:
    syntaxes = {each.instance.transfer_syntax_uid for each in found}
    multipart = choose_instances(accept_of(request), syntaxes, len(found))
    if not multipart:
        headers = KEPT_NOWHERE | {"content-length": str(await dicom.instance_size(found[0]))}
        return StreamingResponse(dicom.instance_bytes(found[0]), media_type=DICOM, headers=headers)
    boundary = secrets.token_hex(16)

    async def parts() -> AsyncIterator[bytes]:
        for each in found:
            syntax = each.instance.transfer_syntax_uid
            yield part_head(boundary, f"{DICOM}; transfer-syntax={syntax}")
            async for chunk in dicom.instance_bytes(each):
                yield chunk
            yield b"\r\n"
        yield f"--{boundary}--\r\n".encode()

    media_type = multipart_content_type(DICOM, boundary)
    return StreamingResponse(parts(), media_type=media_type, headers=KEPT_NOWHERE)


# Frames -------------------------------------------------------------------------------------------------


@router.get("/studies/{study}/series/{series}/instances/{instance}/frames/{frames}")
async def retrieve_frames(
    study: Uid,
    series: Uid,
    instance: Uid,
    frames: str,
    actor: Viewer,
    dicom: Dicom,
    request: Request,
) -> Response:
    """Frames by number, counted from 1 and separated by commas."""
    numbers = _frame_numbers(frames)
    found = await dicom.get_instance(actor, study, series, instance)
    dicom.check_frames(found, numbers)
    stored = found.instance.transfer_syntax_uid
    chosen = choose_frames(accept_of(request), found.media_type, stored, len(numbers))
    syntax = transfer_syntax_of(found, decoded=chosen.decoded)
    form = FrameForm(found, actor.session_id, chosen.media_type, syntax, chosen.multipart, chosen.decoded)
    if len(numbers) == 1:
        content_type, body = await frame_answer(dicom, form, numbers[0])
        if not found.instance.may_show_label:
            dicom.remember_form(request_key(request.scope), form)
        return Response(body, media_type=content_type, headers=_kept(found))
    # The first frame is read before the answer starts, so that its errors still have a status.
    first = await dicom.frame(found, numbers[0], decoded=chosen.decoded)
    boundary = secrets.token_hex(16)

    async def parts() -> AsyncIterator[bytes]:
        for position, number in enumerate(numbers):
            content = first if position == 0 else await dicom.frame(found, number, decoded=chosen.decoded)
            head = part_head(boundary, f"{chosen.media_type}; transfer-syntax={syntax}")
            yield head + content + b"\r\n"
        yield f"--{boundary}--\r\n".encode()

    media_type = multipart_content_type(chosen.media_type, boundary, syntax)
    return StreamingResponse(parts(), media_type=media_type, headers=_kept(found))


def _kept(found: FoundInstance) -> dict[str, str]:
    """How long pixels are kept: those of a label, which may name the patient, not at all."""
    return KEPT_NOWHERE if found.instance.may_show_label else KEPT


# Rendered -----------------------------------------------------------------------------------------------


@router.get("/studies/{study}/series/{series}/instances/{instance}/rendered")
async def render_instance(
    study: Uid, series: Uid, instance: Uid, actor: Viewer, dicom: Dicom, request: Request
) -> Response:
    """An instance as one picture."""
    found = await dicom.get_instance(actor, study, series, instance)
    return await _rendered(dicom, found, None, request)


@router.get("/studies/{study}/series/{series}/instances/{instance}/frames/{frame}/rendered")
async def render_frame(
    study: Uid, series: Uid, instance: Uid, frame: int, actor: Viewer, dicom: Dicom, request: Request
) -> Response:
    """One frame as a picture."""
    found = await dicom.get_instance(actor, study, series, instance)
    dicom.check_frames(found, [frame])
    return await _rendered(dicom, found, frame, request)


async def _rendered(dicom: DicomWeb, found: FoundInstance, frame: int | None, request: Request) -> Response:
    media = choose_image(accept_of(request))
    asked = request.query_params
    quality = _in_range(asked.get("quality", "90"), 1, 100, "quality")
    profile = asked.get("iccprofile", "no")
    if profile not in ("no", "srgb"):
        raise BadRequest("The colour profile of rendered pictures is no or srgb.")
    made = await dicom.rendered(
        found,
        frame,
        viewport=_viewport(asked.get("viewport")),
        media=media,
        quality=quality,
        to_srgb=profile == "srgb",
    )
    return Response(made.content, media_type=made.media_type, headers=_kept(found))


@router.get("/studies/{study}/thumbnail")
async def study_thumbnail(
    study: Uid, actor: Viewer, dicom: Dicom, pixels: Pixels, request: Request
) -> Response:
    """A small picture of the first image of a study."""
    found = await asyncio.to_thread(dicom.glanced_at, actor, study)
    return await _thumbnail(found, pixels, request)


@router.get("/studies/{study}/series/{series}/thumbnail")
async def series_thumbnail(
    study: Uid, series: Uid, actor: Viewer, dicom: Dicom, pixels: Pixels, request: Request
) -> Response:
    """A small picture of a series."""
    found = await asyncio.to_thread(dicom.glanced_at, actor, study, series)
    return await _thumbnail(found, pixels, request)


@router.get("/studies/{study}/series/{series}/instances/{instance}/thumbnail")
async def instance_thumbnail(
    study: Uid, series: Uid, instance: Uid, actor: Viewer, dicom: Dicom, pixels: Pixels, request: Request
) -> Response:
    """A small picture of an instance."""
    found = await dicom.get_instance(actor, study, series, instance)
    if found.instance.level is not None:
        return await _thumbnail(found, pixels, request)
    longest = _thumbnail_px(request)
    made = await dicom.rendered(
        found, None, viewport=(longest, longest), media="jpeg", quality=90, to_srgb=False
    )
    return Response(made.content, media_type=made.media_type, headers=_kept(found))


async def _thumbnail(found: FoundInstance, pixels: Pixels, request: Request) -> Response:
    content = await pixels.thumbnail(found.image, _thumbnail_px(request))
    return Response(content, media_type="image/jpeg", headers=KEPT)


def _thumbnail_px(request: Request) -> int:
    viewport = _viewport(request.query_params.get("viewport"))
    return 256 if viewport is None else int(min(1024, max(16, *viewport[:2])))


# Bulk data ----------------------------------------------------------------------------------------------


@router.get("/studies/{study}/series/{series}/instances/{instance}/bulkdata/{path:path}")
async def retrieve_bulk_data(
    study: Uid, series: Uid, instance: Uid, path: str, actor: Viewer, dicom: Dicom
) -> Response:
    """A large value that the metadata name by its address, such as a colour profile."""
    found = await dicom.get_instance(actor, study, series, instance)
    content = await dicom.bulk_value(actor, found, tuple(path.split("/")))
    boundary = secrets.token_hex(16)
    body = part_head(boundary, "application/octet-stream") + content + f"\r\n--{boundary}--\r\n".encode()
    media_type = multipart_content_type("application/octet-stream", boundary)
    return Response(body, media_type=media_type, headers=KEPT_NOWHERE)


def _frame_numbers(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > MAX_FRAMES or not all(_WHOLE.fullmatch(part) for part in parts):
        raise BadRequest("Frames are numbers separated by commas, {most} at most.", most=MAX_FRAMES)
    return [int(part) for part in parts]


def _viewport(text: str | None) -> tuple[float, ...] | None:
    """vw, vh and optionally sx, sy, sw, sh (PS3.18 section 8.3.5.1.4)."""
    if not text:
        return None
    try:
        numbers = [float(part) if part.strip() else 0.0 for part in text.split(",")]
    except ValueError as error:
        raise BadRequest("The viewport is vw,vh or vw,vh,sx,sy,sw,sh.") from error
    are_usable = all(abs(number) < _MOST_PX for number in numbers)
    if not are_usable or len(numbers) not in (2, 6) or numbers[0] < 1 or numbers[1] < 1:
        raise BadRequest("The viewport is vw,vh or vw,vh,sx,sy,sw,sh.")
    return tuple(numbers)


def _in_range(text: str, low: int, high: int, name: str) -> int:
    if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
        raise BadRequest("The {name} is a number from {low} to {high}.", name=name, low=low, high=high)
    return int(text)
