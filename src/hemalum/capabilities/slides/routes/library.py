"""The library: finding images, what is known of them, opening them, and their pixels by the micrometre."""

import asyncio
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from hemalum.analysis.histograms import HIGH_PERCENT, LOW_PERCENT
from hemalum.capabilities.slides import metadata, model, policy
from hemalum.capabilities.slides.model import (
    Image,
    ImageStatus,
    LibraryQuery,
    ObjectKind,
)
from hemalum.capabilities.slides.openings import Permitted
from hemalum.capabilities.slides.originals import check_taking
from hemalum.capabilities.slides.routes import answers
from hemalum.capabilities.slides.routes.bytes import range_asked, stream_object
from hemalum.capabilities.slides.routes.parts import (
    Available,
    ClinicalReader,
    Describer,
    Exporter,
    Ingester,
    LabelViewer,
    Pixels,
    Viewer,
    etag_of,
    is_fresh,
    looked_at,
    not_modified,
    pixels_answer,
)
from hemalum.capabilities.slides.service import Slides
from hemalum.capabilities.slides.serving import mix_of
from hemalum.formats.wsi.model import AssociatedKind
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Invalid, NotFound, NotPermitted
from hemalum.kernel.geometry import PixelSize
from hemalum.runtime.http import KEPT_NOWHERE, Limit, Offset, secret_of
from hemalum.runtime.tickets import holder_of

MOST_UM = 1e9
LEAST_SPACING_UM = 0.001
MOST_NUMBER = 10_000
"""Of a plane or channel that anybody would ask for."""

router = APIRouter(prefix="/images", tags=["slides"])


async def slides_of(request: Request) -> Slides:
    """The slides of this node."""
    slides: Slides = request.app.state.slides
    return slides


Library = Annotated[Slides, Depends(slides_of)]


@router.get("")
def list_images(
    library: Library,
    actor: Viewer,
    q: Annotated[str, Query(max_length=200)] = "",
    status: ImageStatus | None = None,
    sort: Literal["newest", "oldest", "name", "size"] = "newest",
    offset: Offset = 0,
    limit: Limit = 100,
) -> answers.LibraryPage:
    """A part of the library: what one could open for the purpose of the request."""
    return answers.page_of(library.list_images(actor, LibraryQuery(q, status, sort, offset, limit)))


revision_router = APIRouter(tags=["slides"])


@revision_router.get("/revision")
def read_revision(library: Library, actor: Viewer) -> answers.Revision:  # noqa: ARG001 - must be signed in
    """A number that grows whenever the library changes."""
    return answers.Revision(revision=library.revision())


@revision_router.get("/purposes")
def list_purposes(library: Library, actor: Viewer) -> list[Purpose]:
    """The purposes for which one may look at slides; the first is taken where none is stated."""
    return list(library.gate.purposes(actor, library.clock()))


@router.get("/{image_id}")
async def show_image(image_id: str, actor: Viewer, library: Library, pixels: Pixels) -> answers.ImageDetail:
    """All that is known of an image, in any state."""
    image = await asyncio.to_thread(library.get_image, actor, image_id)
    return await _detail(image, pixels)


@router.patch("/{image_id}/metadata")
async def describe_image(
    image_id: str,
    stated: Annotated[dict[str, Any], Body()],
    actor: Describer,
    library: Library,
    pixels: Pixels,
) -> answers.ImageDetail:
    """State elements of the metadata; null takes a stated value back."""
    image = await asyncio.to_thread(library.describe, actor, image_id, stated)
    return await _detail(image, pixels)


@router.post("/{image_id}/retry", status_code=202)
def retry_image(image_id: str, actor: Ingester, library: Library) -> Response:
    """Take a quarantined image through ingest again."""
    library.retry(actor, image_id)
    return Response(status_code=202)


@router.post("/{image_id}/cancel", status_code=202)
def cancel_image(image_id: str, actor: Ingester, library: Library) -> Response:
    """Stop taking in an image; it is quarantined, and can be tried again."""
    library.cancel(actor, image_id)
    return Response(status_code=202)


@router.post("/{image_id}/openings", status_code=201)
async def open_image(
    image_id: str, asked: answers.OpeningAsked, actor: Viewer, pixels: Pixels, request: Request
) -> answers.OpeningMade:
    """Open an image: a ticket for its tiles, and what to know to show them. It stands in the log first.

    The ticket is good with the session or token of this request only.
    """
    if asked.purpose is not None:
        actor = replace(actor, purpose=asked.purpose)
    secret = secret_of(request)
    holder = "" if secret is None else holder_of(secret)
    opening = await pixels.open_for(actor, image_id, holder=holder, continues=asked.continues)
    return answers.opening_of(opening)


@router.get("/{image_id}/thumbnail", response_class=Response)
async def show_thumbnail(
    image_id: str,
    actor: Viewer,
    pixels: Pixels,
    request: Request,
    width: Annotated[int, Query(ge=64, le=1024)] = 256,
) -> Response:
    """The whole image as sRGB JPEG, its longer side `width`."""
    permitted = await asyncio.to_thread(pixels.permit, actor, image_id)
    image = permitted.image
    etag = etag_of(image, request)
    if is_fresh(request, etag):
        return not_modified(etag)
    await asyncio.to_thread(pixels.openings.glanced, permitted)
    content = await pixels.thumbnail(image, width)
    headers = {"etag": etag, "cache-control": "private, max-age=3600"}
    return Response(content, media_type="image/jpeg", headers=headers)


@router.get("/{image_id}/label", response_class=Response)
def show_label(image_id: str, actor: LabelViewer, pixels: Pixels) -> Response:
    """The glass label, which may carry a patient's name."""
    return _associated(pixels, pixels.permit(actor, image_id, policy.VIEW_LABEL), AssociatedKind.LABEL)


@router.get("/{image_id}/macro", response_class=Response)
def show_macro(image_id: str, actor: LabelViewer, pixels: Pixels) -> Response:
    """The photograph of the whole glass, which may show the label."""
    return _associated(pixels, pixels.permit(actor, image_id, policy.VIEW_LABEL), AssociatedKind.MACRO)


@router.get("/{image_id}/clinical")
def show_clinical(
    image_id: str, actor: ClinicalReader, pixels: Pixels, response: Response
) -> answers.Clinical:
    """What the file says of the patient and the case, as its scanner was told."""
    permitted = pixels.permit(actor, image_id, policy.VIEW_CLINICAL)
    key = permitted.image.clinical_key
    if key is None:
        raise NotFound("The file of this image says nothing of the patient.")
    pixels.openings.clinical_seen(permitted)
    response.headers.update(KEPT_NOWHERE)
    return answers.Clinical(fields=msgspec.json.decode(pixels.read_blob(key), type=dict[str, str]))


@router.get("/{image_id}/region", response_class=Response)
async def show_region(
    image: Annotated[Image, Depends(looked_at("region"))],
    pixels: Pixels,
    x_um: Annotated[float, Query(ge=-MOST_UM, le=MOST_UM)],
    y_um: Annotated[float, Query(ge=-MOST_UM, le=MOST_UM)],
    width_um: Annotated[float, Query(gt=0, le=MOST_UM)],
    height_um: Annotated[float, Query(gt=0, le=MOST_UM)],
    spacing_um: Annotated[float, Query(ge=LEAST_SPACING_UM, le=MOST_UM)],
    plane: Annotated[int, Query(ge=0)] = 0,
    channel: Annotated[int | None, Query(ge=0)] = None,
    form: Annotated[Literal["png", "jpeg"], Query(alias="format")] = "jpeg",
    icc: Literal["none", "srgb"] = "none",
) -> Response:
    """Pixels of a rectangle on the tissue, `spacing_um` apart.

    Without `channel`, the channels of a fluorescence image are mixed as they are first shown. With it, PNG
    carries the samples themselves, JPEG the samples within the channel's window.
    """
    description = image.description
    assert description is not None
    native = description.get_measurable_um()
    if plane >= len(description.planes) or (channel or 0) >= len(description.channels):
        raise Invalid("The image has no such plane or channel.")
    options: dict[str, Any] = {"plane": plane, "media": form, "to_srgb": icc == "srgb"}
    if channel is not None:
        if form == "jpeg" and description.pixel.dtype != "uint8":
            shown = await pixels.channels_of(image)
            options["mixes"] = [
                [255.0, 255.0, 255.0, *mix_of(each)[3:]] if number == channel else None
                for number, each in enumerate(shown)
            ]
        else:
            options["channel"] = channel
    size = PixelSize(max(1, round(width_um / spacing_um)), max(1, round(height_um / spacing_um)))
    box = (
        x_um / native.x_um,
        y_um / native.y_um,
        width_um / native.x_um,
        height_um / native.y_um,
    )
    return pixels_answer(await pixels.render(image, box, size, **options), f'"{image.generation}"')


@router.get("/{image_id}/channels/{channel}/histogram")
async def show_histogram(
    image: Available,
    pixels: Pixels,
    request: Request,
    response: Response,
    channel: Annotated[int, Path(ge=0, le=MOST_NUMBER)],
    plane: Annotated[int, Query(ge=0, le=MOST_NUMBER)] = 0,
) -> answers.ChannelHistogram:
    """How often each sample of a channel occurs, counted over one level."""
    found = await pixels.histogram(image, plane, channel)
    response.headers["etag"] = etag_of(image, request)
    response.headers["cache-control"] = "private, max-age=3600"
    return answers.ChannelHistogram(**found, auto_percent=(LOW_PERCENT, HIGH_PERCENT))


@router.get("/{image_id}/original", response_class=Response)
def send_original(
    image_id: str,
    actor: Exporter,
    library: Library,
    pixels: Pixels,
    request: Request,
    number: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The bytes that were ingested; `number` chooses one of several files. Answers range requests.

    Who may not see the label, or what the file says of the patient, gets no original that holds it.
    """
    permitted = library.permit(actor, image_id, policy.EXPORT)
    image = permitted.image
    # What lies in a file that could not be read, or was not read yet, nobody knows.
    is_known = image.status is ImageStatus.AVAILABLE
    if image.clinical_key is not None or not is_known:
        library.permit(actor, image_id, policy.VIEW_CLINICAL)
    check_taking(library, actor, image)
    has_label = image.summary.has_label or image.summary.has_macro or not is_known
    if has_label and not permitted.may_view_label:
        raise NotPermitted("The original holds the label of the glass, which you may not see.")
    originals = [held for held in image.objects if held.kind in (ObjectKind.LINKED, ObjectKind.STORED)]
    held = next((each for each in originals if each.number == number), None)
    if held is None or held.sha256 is None:
        raise NotFound("There is no such file.")
    start, length, is_part = range_asked(request, held.size, held.sha256)
    pixels.openings.exported(permitted, f"original {held.sha256}")
    headers = {
        "accept-ranges": "bytes",
        "content-length": str(length),
        "content-disposition": _attachment(held.name),
        "etag": f'"{held.sha256}"',
        "cache-control": "private, no-cache",
    }
    if is_part:
        headers["content-range"] = f"bytes {start}-{start + length - 1}/{held.size}"
    return StreamingResponse(
        stream_object(pixels.open_object(held), start, length),
        status_code=206 if is_part else 200,
        media_type="application/octet-stream",
        headers=headers,
    )


async def _detail(image: Image, pixels: Pixels) -> answers.ImageDetail:
    record: tuple[model.Element, ...] = ()
    if image.file_description is not None:
        record = metadata.elements(image.file_description, image.statements)
    if image.status is not ImageStatus.AVAILABLE:
        return answers.detail_of(image, record, (), ())
    opened = await pixels.opened(image)
    return answers.detail_of(image, record, opened.index.levels, await pixels.channels_of(image))


def _associated(pixels: Pixels, permitted: Permitted, kind: AssociatedKind) -> Response:
    image = permitted.image
    key = image.label_key if kind is AssociatedKind.LABEL else image.macro_key
    if key is None:
        raise NotFound("This image has no {kind}.", kind=kind.words)
    pixels.openings.label_seen(permitted, kind.value)
    return Response(pixels.read_blob(key), media_type="image/jpeg", headers=KEPT_NOWHERE)


def _attachment(name: str) -> str:
    """A Content-Disposition that keeps any file name (RFC 6266, RFC 8187)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
