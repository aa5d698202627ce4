"""TIFF files of no particular vendor: tiled pyramids, sub-IFD pyramids, pages as channels, ImageJ stacks."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.model import Channel, FocalPlane, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.tiff import Tag, TiffContainer, TiffDirectory
from hemalum.formats.wsi.tiff_image import PALETTE, TiffImage, lut_colour, read_image
from hemalum.formats.wsi.tiff_slide import Cell, make_tiff_slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import SpacingUm
from hemalum.kernel.sentence import Sentence

PLAUSIBLE_UM = (0.01, 15.0)
"""Scales that a microscope can have; print defaults (72 to 1,200 dots per inch) lie above."""

_UNIT_UM = {2: 25_400.0, 3: 10_000.0}
_IMAGEJ_UM = {"micron": 1.0, "microns": 1.0, "um": 1.0, "µm": 1.0, "\\u00B5m": 1.0, "nm": 1e-3, "mm": 1e3}
_RATIO_SLACK_PX = 1.0


def open_generic_tiff(tiff: TiffContainer) -> Slide:
    """The largest image of the file with its smaller versions; single-channel pages of its size are channels.

    Raises:
        UnreadableSlide: no image in it can be read.
    """
    warnings: list[Sentence] = []
    images = _readable_images(tiff, warnings)
    base = max(images, key=lambda image: (image.tiled, image.size.width_px * image.size.height_px))
    imagej = _imagej(tiff.directories[0].text(Tag.IMAGE_DESCRIPTION))
    pages = _pages(images, base, warnings)
    grid = _grid(pages, imagej, warnings)
    layout = [grid, *_coarser(tiff, images, grid, base)]
    palette = None if imagej or len(pages) > 1 else _palette(base)
    return make_tiff_slide(
        tiff.source,
        _describe(base, imagej, grid, warnings),
        layout,
        {},
        palette=palette,
    )


def resolution_um(directory: TiffDirectory, warnings: list[Sentence]) -> SpacingUm | None:
    """The scale of the resolution tags, where they state one that a microscope can have."""
    unit = _UNIT_UM.get(directory.integer(Tag.RESOLUTION_UNIT, 2))
    x, y = directory.number(Tag.X_RESOLUTION), directory.number(Tag.Y_RESOLUTION)
    if unit is None or not x or not y or x < 0 or y < 0:
        return None
    spacing = SpacingUm(unit / x, unit / y)
    if all(PLAUSIBLE_UM[0] <= value <= PLAUSIBLE_UM[1] for value in (spacing.x_um, spacing.y_um)):
        return spacing
    warnings.append(
        Sentence(
            "The resolution tags say {spacing_um} um per pixel, which is a default of print and no scale.",
            {"spacing_um": spacing.x_um},
        )
    )
    return None


def moment_of(directory: TiffDirectory) -> str | None:
    """The DateTime tag as ISO 8601."""
    try:
        text = directory.text(Tag.DATE_TIME).strip()
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007 - TIFF states no zone
    except ValueError:
        return None


def _readable_images(tiff: TiffContainer, warnings: list[Sentence]) -> list[TiffImage]:
    """All images of the main chain that can be read.

    Raises:
        UnreadableSlide: the first, or one larger than all others, is not among them.
    """
    images: list[TiffImage] = []
    left_out: list[tuple[int, UnreadableSlide]] = []
    for directory in tiff.directories:
        try:
            images.append(read_image(directory, tiff.source, big_endian=tiff.order == "big"))
        except UnreadableSlide as error:
            left_out.append((_claimed_pixels(directory), error))
            if not images:
                raise
    largest = max(image.size.width_px * image.size.height_px for image in images)
    for pixels, reason in left_out:
        if pixels > largest:
            raise reason
        warnings.append(Sentence("One image of the file is left out: {reason}", {"reason": reason.sentence}))
    return images


def _claimed_pixels(directory: TiffDirectory) -> int:
    return directory.integer(Tag.IMAGE_WIDTH, 0) * directory.integer(Tag.IMAGE_LENGTH, 0)


def _pages(images: Sequence[TiffImage], base: TiffImage, warnings: list[Sentence]) -> list[TiffImage]:
    same = [
        image
        for image in images
        if image.size == base.size
        and (image.samples, image.dtype, image.is_rgb) == (base.samples, base.dtype, base.is_rgb)
        and not image.directory.is_reduced
    ]
    if base not in same:
        same = [base]
    if base.is_rgb and len(same) > 1:
        warnings.append(
            Sentence("The file holds {count} images of one size; the first is shown.", {"count": len(same)})
        )
        return same[:1]
    return same


def _grid(
    pages: Sequence[TiffImage], imagej: Mapping[str, str], warnings: list[Sentence]
) -> list[list[Cell]]:
    """Cells by [plane][channel]."""
    if pages[0].is_rgb:
        return [[Cell(pages[0])]]
    if pages[0].samples > 1:
        return [[Cell(pages[0], sample) for sample in range(pages[0].samples)]]
    cells = [Cell(page) for page in pages]
    channels = _count(imagej.get("channels"))
    slices = _count(imagej.get("slices"))
    frames = _count(imagej.get("frames"))
    if not imagej or channels * slices * frames != len(cells):
        return [cells]
    if frames > 1:
        warnings.append(
            Sentence("Of {frames} moments of a time series the first is shown.", {"frames": frames})
        )
    return [cells[z * channels : (z + 1) * channels] for z in range(slices)]


def _coarser(
    tiff: TiffContainer, images: Sequence[TiffImage], grid: list[list[Cell]], base: TiffImage
) -> list[list[list[Cell]]]:
    subs = [[cell.image.directory.sub_directories() for cell in plane] for plane in grid]
    depth = min(len(found) for plane in subs for found in plane)
    big_endian = tiff.order == "big"
    if depth:
        return [
            [
                [
                    Cell(read_image(found[number], tiff.source, big_endian=big_endian), cell.sample)
                    for cell, found in zip(cells, plane, strict=True)
                ]
                for cells, plane in zip(grid, subs, strict=True)
            ]
            for number in range(depth)
        ]
    if len(grid) != 1:
        return []
    smaller = [image for image in images if _is_smaller(image, base)]
    by_size: dict[tuple[int, int], list[TiffImage]] = {}
    for image in smaller:
        by_size.setdefault((image.size.width_px, image.size.height_px), []).append(image)
    levels = []
    for _, group in sorted(by_size.items(), reverse=True):
        if base.samples > 1:
            levels.append([[Cell(group[0], cell.sample) for cell in grid[0]]])
        elif len(group) == len(grid[0]):
            levels.append([[Cell(image) for image in group]])
    return levels


def _is_smaller(image: TiffImage, base: TiffImage) -> bool:
    """A reduced version of the base: the same pixels and shape, and tiled where the base is."""
    if (image.samples, image.dtype, image.is_rgb, image.tiled) != (
        base.samples,
        base.dtype,
        base.is_rgb,
        base.tiled,
    ):
        return False
    if image.size.width_px >= base.size.width_px:
        return False
    ratio = base.size.width_px / image.size.width_px
    # The width is rounded to whole pixels, and a tall image multiplies that error.
    slack = _RATIO_SLACK_PX + image.size.height_px / image.size.width_px
    return abs(base.size.height_px / ratio - image.size.height_px) <= slack


def _palette(image: TiffImage) -> NDArray[np.uint8] | None:
    if image.photometric != PALETTE or image.dtype not in ("uint8", "uint16"):
        return None
    entries = image.directory.integers(Tag.COLOUR_MAP)
    if entries.size % 3 or not entries.size:
        raise UnreadableSlide("The TIFF has indexed colours without a colour map.")
    return np.ascontiguousarray((entries.reshape(3, -1).T >> np.uint64(8)).astype(np.uint8))


def _imagej(text: str) -> dict[str, str]:
    if not text.startswith("ImageJ="):
        return {}
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip()}


def _count(text: str | None) -> int:
    return int(text) if text is not None and re.fullmatch(r"[1-9]\d{0,5}", text) else 1


def _describe(
    base: TiffImage, imagej: Mapping[str, str], grid: Sequence[Sequence[Cell]], warnings: list[Sentence]
) -> SlideDescription:
    directory = base.directory
    tag = "XResolution"
    if imagej:
        spacing, tag = _imagej_spacing(directory, imagej), "ImageJ unit"
    else:
        spacing = resolution_um(directory, warnings)
    step = _number(imagej.get("spacing")) * _IMAGEJ_UM.get(imagej.get("unit", ""), 0.0)
    software = directory.text(Tag.SOFTWARE).strip() or None
    fields = {
        "vendor": ("Make", directory.text(Tag.MAKE).strip() or None),
        "scanner_model": ("Model", directory.text(Tag.MODEL).strip() or None),
        "software": ("Software", software),
        "acquired_at": ("DateTime", moment_of(directory)),
    }
    text = directory.text(Tag.IMAGE_DESCRIPTION)
    return SlideDescription(
        format="generic-tiff",
        levels=(Level(base.size, 1.0),),
        pixel=PixelFormat(1, "uint8"),
        spacing_um=spacing,
        planes=tuple(FocalPlane(number * step) for number in range(len(grid))),
        channels=_channels(base, grid[0]),
        icc_profile=directory.raw(Tag.ICC_PROFILE),
        vendor=fields["vendor"][1],
        scanner_model=fields["scanner_model"][1],
        software=software,
        acquired_at=fields["acquired_at"][1],
        properties={"tiff.ImageDescription": text[:65_536]} if text else {},
        sources={name: f"tiff.{source}" for name, (source, value) in fields.items() if value}
        | ({"spacing_um": f"tiff.{tag}"} if spacing else {}),
        warnings=tuple(warnings),
    )


def _imagej_spacing(directory: TiffDirectory, imagej: Mapping[str, str]) -> SpacingUm | None:
    """ImageJ keeps pixels per unit in the resolution tags and names the unit in its description."""
    unit = _IMAGEJ_UM.get(imagej.get("unit", ""))
    x, y = directory.number(Tag.X_RESOLUTION), directory.number(Tag.Y_RESOLUTION)
    if unit is None or not x or not y or x < 0 or y < 0:
        return None
    return SpacingUm(unit / x, unit / y)


def _number(text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        return 0.0
    return value if 0 < value < float("inf") else 0.0


def _channels(base: TiffImage, row: Sequence[Cell]) -> tuple[Channel, ...]:
    if len(row) == 1:
        is_colour = base.is_rgb or base.photometric == PALETTE
        return (Channel("brightfield" if is_colour else "grey"),)
    return tuple(Channel(f"Channel {number + 1}", lut_colour(cell.image)) for number, cell in enumerate(row))
