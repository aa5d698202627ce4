"""DeepZoom for viewers that know nothing else: a .dzi file and its tiles, made from the frame index."""

import math
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from hemalum.capabilities.slides.model import Image
from hemalum.capabilities.slides.routes.parts import (
    Available,
    Pixels,
    etag_of,
    is_fresh,
    looked_at,
    not_modified,
    pixels_answer,
    size_of,
)
from hemalum.kernel.errors import NotFound
from hemalum.kernel.geometry import PixelSize

TILE_PX = 254
OVERLAP_PX = 1

router = APIRouter(prefix="/deepzoom", tags=["deepzoom"])

_DZI = """<?xml version="1.0" encoding="UTF-8"?>
<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpeg" Overlap="{overlap}" TileSize="{tile}">
  <Size Width="{width}" Height="{height}"/>
</Image>
"""


@router.get("/{image_id}.dzi")
def describe(image: Available) -> Response:
    """The DeepZoom description of an image."""
    size = size_of(image)
    content = _DZI.format(overlap=OVERLAP_PX, tile=TILE_PX, width=size.width_px, height=size.height_px)
    return Response(content, media_type="application/xml")


@router.get("/{image_id}_files/{level}/{column}_{row}.{form}")
async def tile(
    level: int,
    column: int,
    row: int,
    form: Literal["jpeg", "jpg", "png"],
    image: Annotated[Image, Depends(looked_at("deepzoom"))],
    pixels: Pixels,
    request: Request,
) -> Response:
    """One DeepZoom tile."""
    etag = etag_of(image, request)
    if is_fresh(request, etag):
        return not_modified(etag)
    box, size = place_of(size_of(image), level, column, row)
    made = await pixels.render(image, box, size, media="png" if form == "png" else "jpeg")
    return pixels_answer(made, etag)


def place_of(
    full: PixelSize, level: int, column: int, row: int
) -> tuple[tuple[float, float, float, float], PixelSize]:
    """Where a tile lies in level-0 pixels (left, top, width, height), and its size.

    The last level is the image itself; each one before has half of it, rounded up.

    Raises:
        NotFound: there is no such tile.
    """
    last = math.ceil(math.log2(max(full.width_px, full.height_px, 1)))
    if not 0 <= level <= last:
        raise NotFound("There is no such tile.")
    scale = 1 << (last - level)
    width, height = -(-full.width_px // scale), -(-full.height_px // scale)
    if not (0 <= column < math.ceil(width / TILE_PX) and 0 <= row < math.ceil(height / TILE_PX)):
        raise NotFound("There is no such tile.")
    x0, y0 = max(0, column * TILE_PX - OVERLAP_PX), max(0, row * TILE_PX - OVERLAP_PX)
    x1 = min(width, (column + 1) * TILE_PX + OVERLAP_PX)
    y1 = min(height, (row + 1) * TILE_PX + OVERLAP_PX)
    # The level as a whole shows the whole image, even where its size was rounded up.
    fx, fy = full.width_px / width, full.height_px / height
    return (x0 * fx, y0 * fy, (x1 - x0) * fx, (y1 - y0) * fy), PixelSize(x1 - x0, y1 - y0)
