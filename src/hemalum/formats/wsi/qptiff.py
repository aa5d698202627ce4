"""Akoya (PerkinElmer) QPTIFF and inForm component files: one page a channel, each with its own XML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from hemalum.formats.wsi.generic_tiff import moment_of, resolution_um
from hemalum.formats.wsi.indexed import AssociatedReader
from hemalum.formats.wsi.model import AssociatedKind, Channel, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.tiff import Tag, TiffContainer, TiffDirectory
from hemalum.formats.wsi.tiff_image import TiffImage, read_image
from hemalum.formats.wsi.tiff_slide import Cell, associated_reader, make_tiff_slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.sentence import Sentence

_MAX_XML = 4 << 20
_ASSOCIATED = {
    "Label": AssociatedKind.LABEL,
    "Overview": AssociatedKind.MACRO,
    "Thumbnail": AssociatedKind.THUMBNAIL,
}


@dataclass(frozen=True, eq=False)
class _Page:
    image: TiffImage
    kind: str
    """FullResolution, ReducedResolution, Thumbnail, Overview or Label."""
    fields: dict[str, str]
    """The simple elements of the page's XML."""


def is_qptiff(tiff: TiffContainer) -> bool:
    """Whether the first directory carries a PerkinElmer-QPI image description."""
    return "<PerkinElmer-QPI-ImageDescription>" in tiff.directories[0].text(Tag.IMAGE_DESCRIPTION)[:1024]


def open_qptiff(tiff: TiffContainer) -> Slide:
    """A QPTIFF: full-resolution pages are channels (or one RGB page), reduced pages are levels.

    Raises:
        UnreadableSlide: a page's XML is damaged, or pages do not fit each other.
    """
    pages = [_page(tiff, directory) for directory in tiff.directories]
    full = [page for page in pages if page.kind == "FullResolution"]
    if not full:
        raise UnreadableSlide("The QPTIFF has no full-resolution image.")
    associated: dict[AssociatedKind, AssociatedReader] = {}
    for page in pages:
        kind = _ASSOCIATED.get(page.kind)
        if kind is not None and kind not in associated:
            associated[kind] = associated_reader(page.image, tiff.source)
    reduced: dict[int, list[_Page]] = {}
    for page in pages:
        if page.kind == "ReducedResolution":
            reduced.setdefault(page.image.size.width_px, []).append(page)
    levels = [full, *(group for _, group in sorted(reduced.items(), reverse=True) if len(group) == len(full))]
    layout = [[[Cell(page.image) for page in level]] for level in levels]
    return make_tiff_slide(tiff.source, _describe(full), layout, associated)


def _page(tiff: TiffContainer, directory: TiffDirectory) -> _Page:
    text = directory.text(Tag.IMAGE_DESCRIPTION)
    root: Any = None
    if text.strip():
        if len(text) > _MAX_XML:
            raise UnreadableSlide("The XML of a QPTIFF page is too large.")
        try:
            # The declaration says utf-16 while the tag holds 8-bit text.
            root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), forbid_dtd=True)
        except (ElementTree.ParseError, DefusedXmlException, ValueError, RecursionError) as error:
            raise UnreadableSlide("The XML of a QPTIFF page is damaged.") from error
    fields = {} if root is None else {c.tag: c.text.strip() for c in root if c.text and c.text.strip()}
    image = read_image(directory, tiff.source, big_endian=tiff.order == "big")
    return _Page(image, fields.get("ImageType", ""), fields)


def _describe(full: Sequence[_Page]) -> SlideDescription:
    first = full[0]
    directory = first.image.directory
    warnings: list[Sentence] = []
    spacing = resolution_um(directory, warnings)
    power = re.match(r"(\d+(?:\.\d+)?)x", first.fields.get("Objective", ""))
    values = {
        "spacing_um": ("tiff.XResolution", spacing),
        "objective_power": ("qpi.Objective", float(power[1]) if power else None),
        "barcode": ("qpi.Barcode", first.fields.get("Barcode")),
        "specimen": ("qpi.SlideID", first.fields.get("SlideID")),
        "software": ("qpi.AcquisitionSoftware", first.fields.get("AcquisitionSoftware")),
        "acquired_at": ("tiff.DateTime", moment_of(directory)),
    }
    properties = {f"qpi.{name}": value for name, value in first.fields.items()}
    for number, page in enumerate(full):
        if "ExposureTime" in page.fields:
            properties[f"qpi.ExposureTime[{number}]"] = page.fields["ExposureTime"]
    return SlideDescription(
        format="qptiff",
        levels=(Level(first.image.size, 1.0),),
        pixel=PixelFormat(1, "uint8"),
        spacing_um=spacing,
        channels=tuple(_channel(number, page) for number, page in enumerate(full)),
        icc_profile=directory.raw(Tag.ICC_PROFILE),
        vendor="Akoya Biosciences",
        software=first.fields.get("AcquisitionSoftware"),
        objective_power=float(power[1]) if power else None,
        acquired_at=moment_of(directory),
        barcode=first.fields.get("Barcode"),
        specimen=first.fields.get("SlideID"),
        properties=properties,
        sources={name: tag for name, (tag, value) in values.items() if value is not None},
        warnings=tuple(warnings),
    )


def _channel(number: int, page: _Page) -> Channel:
    if page.image.is_rgb:
        return Channel("brightfield")
    rgb = re.fullmatch(r"(\d{1,3}),\s*(\d{1,3}),\s*(\d{1,3})", page.fields.get("Color", ""))
    colour = "#" + "".join(f"{min(255, int(part)):02x}" for part in rgb.groups()) if rgb else None
    return Channel(page.fields.get("Name") or f"Channel {number + 1}", colour)
