"""Whatever OpenSlide reads and this package does not read in place."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openslide
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.model import AssociatedKind, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.openslide_properties import SEVERAL_PLANES, VENDORS, has_several_planes, read_tags
from hemalum.formats.wsi.slide import MAX_REGION_PIXELS, Pixels, Slide, blank
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, PixelSize, SpacingUm

_ASSOCIATED = {kind.value: kind for kind in AssociatedKind}
_MAX_REASON_LENGTH = 200
_REGION = ("x", "y", "width", "height")


def find_vendor(path: Path) -> str | None:
    """OpenSlide's name for the format of this file, or None when it knows none."""
    try:
        vendor: str | None = openslide.OpenSlide.detect_format(path)
    except (openslide.OpenSlideError, OSError, ValueError):
        return None
    return vendor


class OpenSlideSlide(Slide):
    """A slide read through OpenSlide: 8-bit RGB, one plane, no frame index.

    OpenSlide premultiplies alpha; what was not scanned is laid on white.
    """

    def __init__(self, path: Path, *, several_planes: bool = False) -> None:
        """Open a file. `several_planes` says that it is known to hold more than the one that is shown.

        Raises:
            UnreadableSlide: OpenSlide does not read it; the sentence carries OpenSlide's reason.
        """
        self._closed = False
        self._folder = f"{path.parent}/"
        try:
            self._slide = openslide.OpenSlide(path)
            self.description = _describe(self._slide, several_planes)
        except openslide.OpenSlideUnsupportedFormatError as error:
            raise UnreadableSlide(
                "{name} is not a slide in any format OpenSlide knows.", name=path.name
            ) from error
        except (openslide.OpenSlideError, OSError, KeyError, ValueError) as error:
            # On a handle in error OpenSlide has lost its properties, which comes out as KeyError.
            raise UnreadableSlide(
                "OpenSlide cannot read {name}: {reason}.", name=path.name, reason=self._reason(error)
            ) from error
        self._scanned = _scanned_regions(self.description)

    @property
    def frame_index(self) -> FrameIndex | None:
        return None

    def read_level(self, level: int, region: PixelRegion, *, plane: int = 0, channel: int = 0) -> Pixels:
        self.check_request(level, region, plane, channel)
        out = blank(self.description, region.height_px, region.width_px)
        for part in self._scanned:
            self._read_part(out, level, region, part)
        return out

    def _read_part(self, out: Pixels, level: int, region: PixelRegion, part: PixelRegion) -> None:
        """Put into `out`, which covers `region` of the level, what was scanned in `part` of level 0.

        What begins left of or above a scanned part OpenSlide 4.0.1 may show displaced by a pixel of the level
        (Leica SCN: it rounds towards zero), so it is only asked for what lies in one.
        """
        size, downsample = self.description.levels[level].size, self._slide.level_downsamples[level]
        left = max(region.x_px, int(part.x_px / downsample))
        top = max(region.y_px, int(part.y_px / downsample))
        right = min(region.x_px + region.width_px, size.width_px, _end(part.x_px + part.width_px, downsample))
        bottom = min(
            region.y_px + region.height_px, size.height_px, _end(part.y_px + part.height_px, downsample)
        )
        if right <= left or bottom <= top:
            return
        # OpenSlide takes level-0 coordinates and truncates them on the level; the nearest whole level-0
        # pixel at or above the wanted place is the one that truncates to it.
        origin = (int(np.ceil(left * downsample - 1e-6)), int(np.ceil(top * downsample - 1e-6)))
        try:
            image = self._slide.read_region(origin, level, (right - left, bottom - top))
        except openslide.OpenSlideError as error:
            raise UnreadableSlide(
                "OpenSlide cannot decode this region: {reason}.", reason=self._reason(error)
            ) from error
        rows = slice(top - region.y_px, bottom - region.y_px)
        out[rows, left - region.x_px : right - region.x_px] = _on_white(image)

    def read_associated(self, kind: AssociatedKind) -> NDArray[np.uint8]:
        if kind not in self.description.associated:
            raise Invalid("This slide has no {kind} image.", kind=kind.words)
        width, height = (
            _number(self._slide.properties.get(f"openslide.associated.{kind.value}.{side}")) or 0
            for side in ("width", "height")
        )
        if width * height > MAX_REGION_PIXELS:
            raise UnreadableSlide(
                "The {kind} image claims {width} x {height} pixels.",
                kind=kind.words,
                width=round(width),
                height=round(height),
            )
        try:
            return _on_white(self._slide.associated_images[kind.value])
        except openslide.OpenSlideError as error:
            raise UnreadableSlide(
                "The {kind} image does not decode: {reason}.", kind=kind.words, reason=self._reason(error)
            ) from error

    def _reason(self, error: Exception) -> str:
        """What OpenSlide says, in one line and without the folder of the files that it names."""
        return " ".join(str(error).replace(self._folder, "").split())[:_MAX_REASON_LENGTH].rstrip(".")

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._slide.close()


def _describe(slide: openslide.OpenSlide, several_planes: bool) -> SlideDescription:
    properties = dict(slide.properties)
    values, sources = read_tags(properties)
    spacing = _spacing(properties)
    if spacing is not None:
        sources["spacing_um"] = openslide.PROPERTY_NAME_MPP_X
    objective = _number(properties.get(openslide.PROPERTY_NAME_OBJECTIVE_POWER))
    if objective is not None:
        sources["objective_power"] = openslide.PROPERTY_NAME_OBJECTIVE_POWER
    vendor = properties.get(openslide.PROPERTY_NAME_VENDOR, "")
    return SlideDescription(
        format=vendor or "openslide",
        levels=tuple(
            Level(PixelSize(*size), downsample)
            for size, downsample in zip(slide.level_dimensions, slide.level_downsamples, strict=True)
        ),
        pixel=PixelFormat(3, "uint8"),
        spacing_um=spacing,
        # `in` on the mapping itself would decode the image.
        associated=tuple(kind for name, kind in _ASSOCIATED.items() if name in set(slide.associated_images)),
        icc_profile=_icc(slide),
        vendor=VENDORS.get(vendor),
        objective_power=objective,
        properties=properties,
        sources=sources,
        warnings=(SEVERAL_PLANES,) if several_planes or has_several_planes(properties) else (),
        scanner_model=values.get("scanner_model"),
        scanner_serial=values.get("scanner_serial"),
        software=values.get("software"),
        barcode=values.get("barcode"),
        acquired_at=values.get("acquired_at"),
    )


def _scanned_regions(description: SlideDescription) -> list[PixelRegion]:
    """The parts of level 0 that hold pixels, if the file tells of all of them; else all of it."""
    properties = description.properties
    regions: list[PixelRegion] = []
    while (name := f"openslide.region[{len(regions)}]") + ".x" in properties:
        texts = [properties.get(f"{name}.{side}", "") for side in _REGION]
        if not all(re.fullmatch(r"[0-9]{1,12}", text) for text in texts):
            regions.clear()
            break
        regions.append(PixelRegion(*map(int, texts)))
    return regions or [PixelRegion(0, 0, description.size.width_px, description.size.height_px)]


def _end(level0_px: int, downsample: float) -> int:
    """The first pixel of a level that lies wholly past a place on level 0."""
    return int(np.ceil(level0_px / downsample))


def _spacing(properties: Mapping[str, str]) -> SpacingUm | None:
    x = _number(properties.get(openslide.PROPERTY_NAME_MPP_X))
    y = _number(properties.get(openslide.PROPERTY_NAME_MPP_Y))
    return SpacingUm(x, y) if x is not None and y is not None else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if np.isfinite(value) and value > 0 else None


def _icc(slide: openslide.OpenSlide) -> bytes | None:
    profile = slide.color_profile
    return None if profile is None else bytes(profile.tobytes())


def _on_white(image: Image.Image) -> NDArray[np.uint8]:
    rgba = np.asarray(image.convert("RGBA"))
    alpha = rgba[:, :, 3]
    if (alpha == 255).all():
        return np.ascontiguousarray(rgba[:, :, :3])
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    white.alpha_composite(image.convert("RGBA"))
    return np.asarray(white.convert("RGB"))
