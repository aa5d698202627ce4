"""IIIF Image API 3.0, level 2 (https://iiif.io/api/image/3.0/)."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

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
from hemalum.kernel.geometry import PixelRegion, PixelSize
from hemalum.runtime.http_errors import BadRequest, NotImplementedHere

MAX_AREA = 16_777_216
MAX_SIDE = 16_384
TILE_PX = 512

router = APIRouter(prefix="/iiif/3", tags=["iiif"])

_CONTEXT = "http://iiif.io/api/image/3/context.json"
_PROFILE_LINK = '<http://iiif.io/api/image/3/level2.json>;rel="profile"'
_MEDIA = {"jpg": "jpeg", "png": "png"}
_QUALITIES = ("default", "color", "gray", "bitonal")
_WHOLE = r"\d{1,9}"
_NUMBER = rf"{_WHOLE}(?:\.\d{{1,20}})?"
_PIXELS = re.compile(rf"({_WHOLE}),({_WHOLE}),({_WHOLE}),({_WHOLE})")
_PERCENT = re.compile(rf"pct:({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER})")
_SIZE = re.compile(rf"(\^?)(?:(max)|pct:({_NUMBER})|(!?)({_WHOLE})?,({_WHOLE})?)")
_ROTATION = re.compile(rf"(!?)({_NUMBER})")


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """An image request, understood."""

    region: PixelRegion
    size: PixelSize
    turn: int
    """Clockwise quarters."""
    mirror: bool
    quality: str
    form: str
    canonical: str
    """The canonical path of the request, after the image's identifier."""


@router.get("/{image_id}")
def base(image_id: str, image: Available) -> Response:  # noqa: ARG001 - the image must be there
    """The image as a service redirects to what describes it."""
    return RedirectResponse(f"{image_id}/info.json", status_code=303)


@router.get("/{image_id}/info.json")
def describe(image_id: str, image: Available, request: Request) -> Response:
    """The image information document."""
    asked = request.headers.get("accept", "")
    media_type = "application/json"
    if "application/ld+json" in asked:
        media_type = f'application/ld+json;profile="{_CONTEXT}"'
    return JSONResponse(
        information(size_of(image), f"{request.base_url}iiif/3/{image_id}", _levels(image)),
        media_type=media_type,
        headers={"link": _PROFILE_LINK, "cache-control": "private, max-age=3600"},
    )


@router.get("/{image_id}/{region}/{size}/{rotation}/{quality}.{form}")
async def show(
    image_id: str,
    region: str,
    size: str,
    rotation: str,
    quality: str,
    form: str,
    image: Annotated[Image, Depends(looked_at("iiif"))],
    pixels: Pixels,
    request: Request,
) -> Response:
    """A region of the image as asked. `?icc=srgb` converts the colours with the scanner's profile."""
    asked = understand(size_of(image), region, size, rotation, quality, form)
    etag = etag_of(image, request)
    if is_fresh(request, etag):
        return not_modified(etag)
    made = await pixels.render(
        image,
        (asked.region.x_px, asked.region.y_px, asked.region.width_px, asked.region.height_px),
        asked.size,
        to_srgb=request.query_params.get("icc") == "srgb",
        media=_MEDIA[asked.form],
        turn=asked.turn,
        mirror=asked.mirror,
        tone=asked.quality,
    )
    canonical = f'<{request.base_url}iiif/3/{image_id}/{asked.canonical}>;rel="canonical"'
    return pixels_answer(made, etag, {"link": f"{canonical},{_PROFILE_LINK}"})


def information(full: PixelSize, identifier: str, levels: list[PixelSize]) -> dict[str, Any]:
    """The image information document (section 5)."""
    largest = max(full.width_px, full.height_px)
    factors = [1 << power for power in range(max(1, math.ceil(math.log2(largest / TILE_PX)) + 1))]
    shown = [level for level in levels if level.width_px * level.height_px <= MAX_AREA]
    return {
        "@context": _CONTEXT,
        "id": identifier,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": full.width_px,
        "height": full.height_px,
        "maxArea": MAX_AREA,
        "maxWidth": MAX_SIDE,
        "maxHeight": MAX_SIDE,
        "sizes": [{"width": level.width_px, "height": level.height_px} for level in reversed(shown)],
        "tiles": [{"width": TILE_PX, "height": TILE_PX, "scaleFactors": factors}],
        "preferredFormats": ["jpg", "png"],
        "extraQualities": list(_QUALITIES[1:]),
        "extraFeatures": [
            "baseUriRedirect",
            "canonicalLinkHeader",
            "jsonldMediaType",
            "mirroring",
            "profileLinkHeader",
            "regionSquare",
            "sizeUpscaling",
        ],
    }


def understand(
    full: PixelSize, region: str, size: str, rotation: str, quality: str, form: str
) -> ImageRequest:
    """An image request from its five parts (section 4).

    Raises:
        BadRequest: a part is malformed or asks for nothing.
        NotImplementedHere: a rotation that is not by quarters.
    """
    if quality not in _QUALITIES:
        raise BadRequest("The quality is one of {qualities}.", qualities=", ".join(_QUALITIES))
    if form not in _MEDIA:
        raise BadRequest("The format is jpg or png.")
    wanted = _region(full, region)
    scaled, upscaled = _scaled(wanted, size)
    mirror, turn = _rotation(rotation)
    is_whole = wanted == PixelRegion(0, 0, full.width_px, full.height_px)
    where = "full" if is_whole else f"{wanted.x_px},{wanted.y_px},{wanted.width_px},{wanted.height_px}"
    how_large = "max" if scaled == largest_size(wanted) else f"{scaled.width_px},{scaled.height_px}"
    if upscaled:
        how_large = f"^{scaled.width_px},{scaled.height_px}"
    canonical = f"{where}/{how_large}/{'!' if mirror else ''}{turn * 90}/{quality}.{form}"
    return ImageRequest(wanted, scaled, turn, mirror, quality, form, canonical)


def largest_size(region: PixelRegion) -> PixelSize:
    """The largest size in which a region is given without enlarging it."""
    return _limited(region.width_px, region.height_px)


def _limited(width: float, height: float) -> PixelSize:
    scale = min(1.0, MAX_SIDE / width, MAX_SIDE / height, math.sqrt(MAX_AREA / (width * height)))
    if scale == 1.0:
        return PixelSize(round(width), round(height))
    return PixelSize(max(1, math.floor(width * scale)), max(1, math.floor(height * scale)))


def _region(full: PixelSize, text: str) -> PixelRegion:
    width, height = full.width_px, full.height_px
    if text == "full":
        return PixelRegion(0, 0, width, height)
    if text == "square":
        side = min(width, height)
        return PixelRegion((width - side) // 2, (height - side) // 2, side, side)
    if found := _PIXELS.fullmatch(text):
        left, top, wide, high = (int(value) for value in found.groups())
    elif found := _PERCENT.fullmatch(text):
        shares = [float(value) / 100 for value in found.groups()]
        left, top = round(shares[0] * width), round(shares[1] * height)
        wide, high = round(shares[2] * width), round(shares[3] * height)
    else:
        raise BadRequest("The region is full, square, x,y,w,h or pct:x,y,w,h.")
    wide, high = min(wide, width - left), min(high, height - top)
    if wide <= 0 or high <= 0:
        raise BadRequest("The region is empty or lies outside the image.")
    return PixelRegion(left, top, wide, high)


def _scaled(region: PixelRegion, text: str) -> tuple[PixelSize, bool]:
    """The size asked for, and whether it enlarges the region."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise BadRequest("The size is max, w,h, w, or ,h or !w,h or pct:n, with ^ in front to enlarge.")
    caret, is_max, percent, confined, width, height = found.groups()
    may_enlarge = caret == "^"
    if is_max:
        size = _enlarged(region) if may_enlarge else largest_size(region)
    elif percent:
        share = float(percent) / 100
        size = PixelSize(round(region.width_px * share), round(region.height_px * share))
    else:
        size = _stated(region, bool(confined), width, height, may_enlarge)
    enlarges = size.width_px > region.width_px or size.height_px > region.height_px
    if size.width_px < 1 or size.height_px < 1:
        raise BadRequest("The image asked for would have no pixels.")
    if enlarges and not may_enlarge:
        raise BadRequest("The size is larger than the region; put ^ in front to enlarge.")
    if max(size.width_px, size.height_px) > MAX_SIDE or size.width_px * size.height_px > MAX_AREA:
        raise BadRequest("The image asked for has more than {most} pixels.", most=MAX_AREA)
    return size, enlarges


def _stated(region: PixelRegion, confined: bool, width: str, height: str, may_enlarge: bool) -> PixelSize:
    if not width and not height:
        raise BadRequest("The size states neither width nor height.")
    ratio = region.width_px / region.height_px
    if not height:
        return PixelSize(int(width), round(int(width) / ratio))
    if not width:
        return PixelSize(round(int(height) * ratio), int(height))
    if not confined:
        return PixelSize(int(width), int(height))
    scale = min(int(width) / region.width_px, int(height) / region.height_px)
    if not may_enlarge:
        scale = min(1.0, scale)
    return PixelSize(round(region.width_px * scale), round(region.height_px * scale))


def _enlarged(region: PixelRegion) -> PixelSize:
    scale = min(
        MAX_SIDE / region.width_px,
        MAX_SIDE / region.height_px,
        math.sqrt(MAX_AREA / (region.width_px * region.height_px)),
    )
    return PixelSize(
        max(1, math.floor(region.width_px * scale)), max(1, math.floor(region.height_px * scale))
    )


def _rotation(text: str) -> tuple[bool, int]:
    found = _ROTATION.fullmatch(text)
    if found is None or float(found[2]) > 360:
        raise BadRequest("The rotation is 0 to 360, with ! in front to mirror.")
    turn, rest = divmod(float(found[2]), 90)
    if rest:
        raise NotImplementedHere("Rotation is offered by 90, 180 and 270 degrees.")
    return found[1] == "!", int(turn) % 4


def _levels(image: Image) -> list[PixelSize]:
    assert image.description is not None
    return [level.size for level in image.description.levels]
