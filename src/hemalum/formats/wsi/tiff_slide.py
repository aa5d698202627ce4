"""From TIFF images, laid out by level, plane and channel, to a slide."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import AssociatedReader, IndexedSlide
from hemalum.formats.wsi.model import AssociatedKind, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.slide import Pixels, Slide, blank
from hemalum.formats.wsi.source import ByteSource
from hemalum.formats.wsi.tiff_image import (
    WHITE_IS_ZERO,
    TiffImage,
    frame_level,
    read_chunk,
)
from hemalum.kernel.errors import Invalid, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, PixelSize

_CACHE_BYTES = 192 << 20
_MAX_ASSOCIATED_PIXELS = 64_000_000


@dataclass(frozen=True, eq=False)
class Cell:
    """The image that holds one plane and channel of a level."""

    image: TiffImage
    sample: int | None = None
    """Which of its samples is the channel; None for RGB and for images of one sample."""


type Layout = Sequence[Sequence[Sequence[Cell]]]
"""Cells by [level][plane][channel], finest level first."""


def make_tiff_slide(
    source: ByteSource,
    description: SlideDescription,
    layout: Layout,
    associated: Mapping[AssociatedKind, AssociatedReader],
    *,
    palette: NDArray[np.uint8] | None = None,
) -> Slide:
    """A slide over a TIFF file: through a frame index where all tiles stand alone, else chunk by chunk.

    `levels` and `pixel` of the description are set here. `palette` (entries, 3) makes RGB of indexed colours.

    Raises:
        UnreadableSlide: the images do not fit each other, or reach past the end of the file.
    """
    layout = _strictly_coarser(layout)
    _check_layout(layout)
    base = layout[0][0][0].image
    description = replace(
        description,
        pixel=_served_format(layout[0][0][0], palette is not None),
        associated=tuple(associated),
    )
    if palette is None:
        found = _indexed_levels(layout, source)
        if found:
            levels = _levels(base, [level.size for level in found])
            indexed = [replace(f, downsample=lv.downsample) for f, lv in zip(found, levels, strict=True)]
            return IndexedSlide(
                replace(description, levels=levels), FrameIndex(tuple(indexed)), [source], associated
            )
    levels = _levels(base, [level[0][0].image.size for level in layout])
    return ChunkedTiffSlide(replace(description, levels=levels), source, layout, associated, palette)


def image_as_rgb(image: TiffImage, source: ByteSource) -> NDArray[np.uint8]:
    """A whole small image (label, macro, thumbnail) as RGB uint8.

    Raises:
        UnreadableSlide: too large, or it does not decode.
    """
    size = image.size
    if size.width_px * size.height_px > _MAX_ASSOCIATED_PIXELS:
        raise UnreadableSlide(
            "An associated image of {width} x {height} px is too large.",
            width=size.width_px,
            height=size.height_px,
        )
    cell = Cell(image, None if image.is_rgb or image.samples == 1 else 0)
    pixel = _served_format(cell, False)
    description = SlideDescription("tiff", (Level(size, 1.0),), pixel, None)
    slide = ChunkedTiffSlide(description, source, [[[cell]]], {}, None)
    pixels = slide.read_level(0, PixelRegion(0, 0, size.width_px, size.height_px))
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise UnreadableSlide("An associated image has floating point samples.")
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


class ChunkedTiffSlide(Slide):
    """A TIFF whose chunks cannot be served as they lie: strips, planar RGB, alpha, palettes.

    Numbers other than uint8, uint16 and float32 are given as float32. Decoded chunks are kept up to 192 MiB.
    """

    def __init__(
        self,
        description: SlideDescription,
        source: ByteSource,
        layout: Layout,
        associated: Mapping[AssociatedKind, AssociatedReader],
        palette: NDArray[np.uint8] | None,
    ) -> None:
        self.description = description
        self._source = source
        self._layout = layout
        self._associated = dict(associated)
        self._palette = palette
        self._cache: OrderedDict[tuple[int, int, int, int], Pixels | None] = OrderedDict()
        self._cached_bytes = 0
        self._lock = Lock()

    @property
    def frame_index(self) -> FrameIndex | None:
        return None

    def read_level(self, level: int, region: PixelRegion, *, plane: int = 0, channel: int = 0) -> Pixels:
        self.check_request(level, region, plane, channel)
        cell = self._layout[level][plane][channel]
        image, chunk = cell.image, cell.image.chunk
        out = blank(self.description, region.height_px, region.width_px)
        left, top = max(0, region.x_px), max(0, region.y_px)
        right = min(image.size.width_px, region.x_px + region.width_px)
        bottom = min(image.size.height_px, region.y_px + region.height_px)
        if right <= left or bottom <= top:
            return out
        for row in range(top // chunk.height_px, (bottom - 1) // chunk.height_px + 1):
            for column in range(left // chunk.width_px, (right - 1) // chunk.width_px + 1):
                pixels = self._pixels(cell, row, column)
                if pixels is None:
                    continue
                x, y = column * chunk.width_px, row * chunk.height_px
                x0, y0 = max(left, x), max(top, y)
                x1, y1 = min(right, x + chunk.width_px), min(bottom, y + chunk.height_px)
                out[y0 - region.y_px : y1 - region.y_px, x0 - region.x_px : x1 - region.x_px] = pixels[
                    y0 - y : y1 - y, x0 - x : x1 - x
                ]
        return out

    def read_associated(self, kind: AssociatedKind) -> NDArray[np.uint8]:
        reader = self._associated.get(kind)
        if reader is None:
            raise Invalid("This slide has no {kind} image.", kind=kind.words)
        return reader()

    def close(self) -> None:
        self._source.close()

    def _pixels(self, cell: Cell, row: int, column: int) -> Pixels | None:
        """One chunk as the description promises it."""
        image = cell.image
        if cell.sample is None and image.separate:
            parts = [self._chunk(image, part, row, column) for part in range(min(3, image.samples))]
            missing = any(part is None for part in parts)
            return None if missing else self._promised(np.concatenate([p for p in parts if p is not None], 2))
        part = cell.sample if image.separate and cell.sample is not None else 0
        pixels = self._chunk(image, part, row, column)
        if pixels is None:
            return None
        if self._palette is not None:
            return self._palette[np.minimum(pixels[:, :, 0], len(self._palette) - 1)]
        if image.is_rgb and image.samples == 4:
            pixels = _alpha_on_white(pixels)
        elif cell.sample is not None and not image.separate:
            pixels = pixels[:, :, cell.sample : cell.sample + 1]
        else:
            pixels = pixels[:, :, : self.description.pixel.samples]
        if image.photometric == WHITE_IS_ZERO and pixels.dtype.kind == "u":
            pixels = np.iinfo(pixels.dtype).max - pixels
        return self._promised(pixels)

    def _promised(self, pixels: Pixels) -> Pixels:
        return pixels.astype(self.description.pixel.dtype, copy=False)

    def _chunk(self, image: TiffImage, part: int, row: int, column: int) -> Pixels | None:
        key = (image.directory.offset, part, row, column)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        pixels = read_chunk(image, self._source, part, row, column)
        with self._lock:
            if key not in self._cache:
                self._cache[key] = pixels
                self._cached_bytes += 0 if pixels is None else pixels.nbytes
            while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
                _, dropped = self._cache.popitem(last=False)
                self._cached_bytes -= 0 if dropped is None else dropped.nbytes
        return pixels


def associated_reader(image: TiffImage, source: ByteSource) -> Callable[[], NDArray[np.uint8]]:
    """Reads the image when it is asked for."""
    return lambda: image_as_rgb(image, source)


def _strictly_coarser(layout: Layout) -> Layout:
    kept = [layout[0]]
    for level in layout[1:]:
        size, finer = level[0][0].image.size, kept[-1][0][0].image.size
        if size.width_px < finer.width_px and size.height_px <= finer.height_px:
            kept.append(level)
    return kept


def _check_layout(layout: Layout) -> None:
    for level in layout:
        size = level[0][0].image.size
        if any(cell.image.size != size for plane in level for cell in plane):
            raise UnreadableSlide("The planes or channels of the TIFF differ in size.")
    cells = [cell for level in layout for plane in level for cell in plane]
    first = cells[0].image
    if any((cell.image.dtype, cell.image.is_rgb) != (first.dtype, first.is_rgb) for cell in cells):
        raise UnreadableSlide("The planes or channels of the TIFF differ in their kind of pixels.")


def _indexed_levels(layout: Layout, source: ByteSource) -> list[FrameLevel]:
    """Index levels for as many of the levels as can be had; none when the finest cannot."""
    found: list[FrameLevel] = []
    for number, level in enumerate(layout):
        indexed = _indexed_level(level, source)
        if indexed is None and number == 0:
            return []
        # A coarser level that cannot be indexed is left out: ingest derives it anew.
        if indexed is not None:
            found.append(indexed)
    return found


def _indexed_level(level: Sequence[Sequence[Cell]], source: ByteSource) -> FrameLevel | None:
    if any(cell.sample is not None and not cell.image.separate for plane in level for cell in plane):
        return None
    return frame_level([[(cell.image, cell.sample or 0) for cell in plane] for plane in level], source, 1.0)


def _levels(base: TiffImage, sizes: Sequence[PixelSize]) -> tuple[Level, ...]:
    return tuple(
        Level(
            size,
            (base.size.width_px / size.width_px + base.size.height_px / size.height_px) / 2,
        )
        for size in sizes
    )


def _served_format(cell: Cell, has_palette: bool) -> PixelFormat:
    if has_palette:
        return PixelFormat(3, "uint8")
    dtype = cell.image.dtype if cell.image.dtype in ("uint8", "uint16", "float32") else "float32"
    return PixelFormat(3 if cell.image.is_rgb and cell.sample is None else 1, dtype)


def _alpha_on_white(pixels: Pixels) -> Pixels:
    top = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1.0
    alpha = pixels[:, :, 3:].astype(np.float32) / top
    laid: Pixels = np.rint(pixels[:, :, :3] * alpha + top * (1 - alpha)).astype(pixels.dtype)
    return laid
