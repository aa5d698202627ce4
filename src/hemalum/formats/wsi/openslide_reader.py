"""Whatever OpenSlide reads and this package does not read in place."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openslide
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.model import AssociatedKind, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.slide import MAX_REGION_PIXELS, Pixels, Slide, blank
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, PixelSize, SpacingUm

_ASSOCIATED = {kind.value: kind for kind in AssociatedKind}
_MODEL_TAGS = (
    "hamamatsu.Product",
    "leica.device-model",
    "philips.DICOM_MANUFACTURERS_MODEL_NAME",
    "ventana.ScannerModel",
)
_SERIAL_TAGS = ("hamamatsu.NDP.S/N", "philips.DICOM_DEVICE_SERIAL_NUMBER", "ventana.UnitNumber")
_TIME_TAGS = (
    "hamamatsu.Created",
    "leica.creation-date",
    "philips.DICOM_ACQUISITION_DATETIME",
    "mirax.GENERAL.SLIDE_CREATIONDATETIME",
    "tiff.DateTime",
)
_BARCODE_TAGS = ("leica.barcode", "philips.PIM_DP_UFS_BARCODE", "ventana.BarCode1")
_TIME_FORMS = (
    "%Y:%m:%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y%m%d%H%M%S.%f",
    "%d/%m/%Y %H:%M:%S",
)


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

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            UnreadableSlide: OpenSlide does not read it; the sentence carries OpenSlide's reason.
        """
        self._closed = False
        try:
            self._slide = openslide.OpenSlide(path)
            self.description = _describe(self._slide)
        except openslide.OpenSlideUnsupportedFormatError as error:
            raise UnreadableSlide(
                "{name} is not a slide in any format OpenSlide knows.", name=path.name
            ) from error
        except (openslide.OpenSlideError, OSError, KeyError, ValueError) as error:
            # On a handle in error OpenSlide has lost its properties, which comes out as KeyError.
            raise UnreadableSlide(
                "OpenSlide cannot read {name}: {reason}.", name=path.name, reason=str(error)
            ) from error

    @property
    def frame_index(self) -> FrameIndex | None:
        return None

    def read_level(self, level: int, region: PixelRegion, *, plane: int = 0, channel: int = 0) -> Pixels:
        self.check_request(level, region, plane, channel)
        size = self.description.levels[level].size
        left, top = max(0, region.x_px), max(0, region.y_px)
        right = min(size.width_px, region.x_px + region.width_px)
        bottom = min(size.height_px, region.y_px + region.height_px)
        out = blank(self.description, region.height_px, region.width_px)
        if right <= left or bottom <= top:
            return out
        # OpenSlide takes level-0 coordinates and truncates them on the level; the nearest whole level-0
        # pixel at or above the wanted place is the one that truncates to it.
        downsample = self._slide.level_downsamples[level]
        origin = (int(np.ceil(left * downsample - 1e-6)), int(np.ceil(top * downsample - 1e-6)))
        try:
            image = self._slide.read_region(origin, level, (right - left, bottom - top))
        except openslide.OpenSlideError as error:
            raise UnreadableSlide(
                "OpenSlide cannot decode this region: {reason}.", reason=str(error)
            ) from error
        out[top - region.y_px : bottom - region.y_px, left - region.x_px : right - region.x_px] = _on_white(
            image
        )
        return out

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
                "The {kind} image does not decode: {reason}.", kind=kind.words, reason=str(error)
            ) from error

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._slide.close()


def _describe(slide: openslide.OpenSlide) -> SlideDescription:
    properties = dict(slide.properties)
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}

    def take(field: str, tags: tuple[str, ...]) -> None:
        for tag in tags:
            if properties.get(tag, "").strip():
                found[field], sources[field] = properties[tag].strip(), tag
                return

    take("scanner_model", _MODEL_TAGS)
    take("scanner_serial", _SERIAL_TAGS)
    take("barcode", _BARCODE_TAGS)
    take("acquired_at", _TIME_TAGS)
    if "acquired_at" in found:
        found["acquired_at"] = _moment(found["acquired_at"])
    spacing = _spacing(properties)
    if spacing is not None:
        sources["spacing_um"] = openslide.PROPERTY_NAME_MPP_X
    objective = _number(properties.get(openslide.PROPERTY_NAME_OBJECTIVE_POWER))
    if objective is not None:
        sources["objective_power"] = openslide.PROPERTY_NAME_OBJECTIVE_POWER
    vendor = properties.get(openslide.PROPERTY_NAME_VENDOR)
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
        vendor=vendor,
        objective_power=objective,
        properties=properties,
        sources=sources,
        **found,
    )


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


def _moment(text: str) -> str | None:
    if re.match(r"\d{4}-\d\d-\d\dT", text):
        return text
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(text, form).isoformat()  # noqa: DTZ007 - the file states no zone
        except ValueError:
            continue
    return None


def _on_white(image: Image.Image) -> NDArray[np.uint8]:
    rgba = np.asarray(image.convert("RGBA"))
    alpha = rgba[:, :, 3]
    if (alpha == 255).all():
        return np.ascontiguousarray(rgba[:, :, :3])
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    white.alpha_composite(image.convert("RGBA"))
    return np.asarray(white.convert("RGB"))
