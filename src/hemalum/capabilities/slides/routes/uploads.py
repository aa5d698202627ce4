"""Uploads over HTTP: tus 1.0.0 (docs/reference/http.md)."""

import base64
import binascii
from collections.abc import AsyncIterator
from datetime import UTC
from email.utils import format_datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from hemalum.capabilities.slides.model import Upload, UploadState
from hemalum.capabilities.slides.routes.parts import Ingester
from hemalum.capabilities.slides.uploads import CHECKSUM_ALGORITHMS, Checksum, Uploads
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.runtime.http import PROBLEM_MEDIA_TYPE

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,expiration,termination"

_OFFSET_MEDIA_TYPE = "application/offset+octet-stream"
_MAX_METADATA_LENGTH = 8192


class WrongVersion(HemalumError):
    """The client speaks another version of tus."""

    status = 412
    code = "wrong-version"


class WrongMediaType(HemalumError):
    """The body is not a piece of a file."""

    status = 415
    code = "wrong-media-type"


class UploadAnswer(BaseModel):
    """An upload as JSON."""

    id: str
    filename: str
    length: int
    offset: int
    sha256: str | None
    image_id: str | None
    status: str


async def uploads_of(request: Request) -> Uploads:
    """The uploads of this node: one object for each running node, since it remembers hashes."""
    state = request.app.state
    uploads: Uploads | None = getattr(state, "uploads", None)
    if uploads is None:
        uploads = state.uploads = Uploads(state.slides)
    return uploads


async def check_version(request: Request) -> None:
    """Raise WrongVersion unless the client speaks tus 1.0.0."""
    if request.headers.get("tus-resumable") != VERSION:
        raise WrongVersion("Uploads are tus 1.0.0; the header Tus-Resumable must say so.")


Held = Annotated[Uploads, Depends(uploads_of)]
_tus = [Depends(check_version)]

router = APIRouter(prefix="/uploads", tags=["uploads"])


@router.options("", status_code=204)
@router.options("/{upload_id}", status_code=204)
def show_abilities(request: Request, upload_id: str = "") -> Response:  # noqa: ARG001 - the same for all
    """What this server can do."""
    headers = {
        "tus-version": VERSION,
        "tus-extension": EXTENSIONS,
        "tus-max-size": str(request.app.state.settings.max_upload_bytes),
        "tus-checksum-algorithm": ",".join(CHECKSUM_ALGORITHMS),
    }
    return Response(status_code=204, headers=headers | _common())


@router.post("", status_code=201, dependencies=_tus)
def create(request: Request, actor: Ingester, uploads: Held) -> Response:
    """Begin an upload; the answer names it in Location."""
    length = _whole_number(request, "upload-length")
    metadata = _metadata(request.headers.get("upload-metadata", ""))
    filename = metadata.get("filename") or metadata.get("name") or "slide"
    upload = uploads.create(actor, filename, length, metadata.get("sha256") or None)
    location = f"{request.url.path.rstrip('/')}/{upload.id}"
    return Response(status_code=201, headers={"location": location} | _headers(upload))


@router.head("/{upload_id}", dependencies=_tus)
def show_offset(upload_id: str, actor: Ingester, uploads: Held) -> Response:
    """How far an upload is."""
    upload = uploads.get(actor, upload_id)
    return Response(status_code=200, headers=_headers(upload) | {"upload-length": str(upload.length)})


@router.get("/{upload_id}")
def show(upload_id: str, actor: Ingester, uploads: Held) -> UploadAnswer:
    """An upload, and the image it became."""
    upload, status = uploads.describe(actor, upload_id)
    return UploadAnswer(
        id=upload.id,
        filename=upload.filename,
        length=upload.length,
        offset=upload.offset,
        sha256=upload.sha256,
        image_id=upload.image_id,
        status=upload.state.value if status is None else status.value,
    )


@router.patch("/{upload_id}", status_code=204, dependencies=_tus)
async def append(upload_id: str, request: Request, actor: Ingester, uploads: Held) -> Response:
    """Add bytes at the offset where the upload is."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != _OFFSET_MEDIA_TYPE:
        raise WrongMediaType("A piece of a file is sent as {media_type}.", media_type=_OFFSET_MEDIA_TYPE)
    offset = _whole_number(request, "upload-offset")
    checksum = _checksum(request.headers.get("upload-checksum"))
    sha256 = request.headers.get("upload-sha256")
    try:
        upload = await uploads.append(
            actor, upload_id, offset, _body(request), checksum=checksum, sha256=sha256
        )
    except HemalumError as error:
        return _problem(error)
    return Response(status_code=204, headers=_headers(upload))


@router.delete("/{upload_id}", status_code=204, dependencies=_tus)
def terminate(upload_id: str, actor: Ingester, uploads: Held) -> Response:
    """Drop an upload and its bytes."""
    uploads.terminate(actor, upload_id)
    return Response(status_code=204, headers=_common())


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for piece in request.stream():
        yield piece


def _common() -> dict[str, str]:
    return {"tus-resumable": VERSION, "cache-control": "no-store"}


def _headers(upload: Upload) -> dict[str, str]:
    headers = _common() | {"upload-offset": str(upload.offset)}
    if upload.state is UploadState.OPEN:
        headers["upload-expires"] = format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)
    return headers


def _problem(error: HemalumError) -> Response:
    """A problem document with a status that HTTP itself does not know (460)."""
    titles = {460: "Checksum Mismatch"}
    body: dict[str, Any] = {
        "title": titles.get(error.status, type(error).__name__),
        "status": error.status,
        "detail": str(error),
        "code": error.code,
    } | msgspec.to_builtins(error.sentence)
    return JSONResponse(body, error.status, _common(), PROBLEM_MEDIA_TYPE)


def _whole_number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid("The header {header} must be a whole number.", header=header.title())
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Upload-Metadata: comma separated pairs of key and base64 value."""
    if len(header) > _MAX_METADATA_LENGTH:
        raise Invalid("The header Upload-Metadata is too long.")
    found = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Invalid("A value in Upload-Metadata is not base64 of text.") from error
    return found


def _checksum(header: str | None) -> Checksum | None:
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        raise Invalid("Checksums are {algorithms}.", algorithms=" or ".join(CHECKSUM_ALGORITHMS))
    try:
        return Checksum(algorithm, base64.b64decode(value.strip(), validate=True))
    except binascii.Error as error:
        raise Invalid("The checksum is not base64.") from error
