"""What the route files of slides share: dependencies and answers that carry pixels."""

import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Response

from hemalum.capabilities.slides.model import Image
from hemalum.capabilities.slides.serving import Serving
from hemalum.kernel.actor import Actor
from hemalum.kernel.geometry import PixelSize
from hemalum.runtime.frames import EncodedTile
from hemalum.runtime.http import require

Viewer = Annotated[Actor, Depends(require("slides.view"))]
LabelViewer = Annotated[Actor, Depends(require("slides.view_label"))]
ClinicalReader = Annotated[Actor, Depends(require("slides.view_clinical"))]
Describer = Annotated[Actor, Depends(require("slides.describe"))]
Ingester = Annotated[Actor, Depends(require("slides.ingest"))]
Administrator = Annotated[Actor, Depends(require("access.administer"))]
Exporter = Annotated[Actor, Depends(require("slides.export"))]


async def serving_of(request: Request) -> Serving:
    """The pixels of this node."""
    serving: Serving = request.app.state.serving
    return serving


Pixels = Annotated[Serving, Depends(serving_of)]


def image_of(image_id: str, actor: Viewer, pixels: Pixels) -> Image:
    """The available image that the path names, if the actor may see it."""
    return pixels.permit(actor, image_id).image


Available = Annotated[Image, Depends(image_of)]


def looked_at(via: str) -> Callable[..., Image]:
    """A dependency as `image_of`, for pixels: that somebody looks at them stands in the log first."""

    def look(image_id: str, actor: Viewer, pixels: Pixels) -> Image:
        permitted = pixels.permit(actor, image_id)
        pixels.openings.ensure(permitted, via)
        return permitted.image

    return look


def size_of(image: Image) -> PixelSize:
    """The size of an available image."""
    assert image.description is not None
    return image.description.size


def is_fresh(request: Request, etag: str) -> bool:
    """Whether the client holds this very answer already."""
    known = request.headers.get("if-none-match", "")
    return etag in [one.strip().removeprefix("W/") for one in known.split(",")]


def etag_of(image: Image, request: Request) -> str:
    """Names the answer to this request for as long as the image is not built anew."""
    # Header values are latin-1; paths and queries may hold anything.
    text = f"{image.generation}:{request.url.path}?{request.url.query}"
    return '"' + hashlib.sha256(text.encode()).hexdigest()[:32] + '"'


def pixels_answer(tile: EncodedTile, etag: str, headers: dict[str, str] | None = None) -> Response:
    """An encoded image that a browser may keep."""
    kept = {"etag": etag, "cache-control": "private, max-age=3600"}
    return Response(tile.content, media_type=tile.media_type, headers=kept | (headers or {}))


def not_modified(etag: str) -> Response:
    """The client holds it already."""
    return Response(status_code=304, headers={"etag": etag})
