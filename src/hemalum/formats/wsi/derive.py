"""What a scan lacks for being shown: levels in between and at the top, and tiles where the file has none.

Levels are derived by halving, tile by tile and depth first: a tile is made of the four below it as soon as
they exist, so that memory stays flat at any size and nothing is decoded twice. All derived tiles go into one
flat file that the frame index points into like into any other object.
"""

import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import imagecodecs
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel, read_frame
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import Codec, Colour, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.slide import Pixels, Slide, blank
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, PixelSize

TILE_PX = 512
"""Side of a derived tile of a slide without tiles, and the size that the coarsest level must fit into."""

_TAKEN_OVER_PX = range(128, 1025)
"""Sides of a slide's own square tiles that derived ones take over: some readers want all levels alike."""

MAX_LEVEL_RATIO = 4.0
"""A level this much coarser than the one before it needs nothing in between."""

_JPEG_QUALITY = 95
_LOSSY = {Codec.JPEG, Codec.JPEG2000, Codec.HTJ2K, Codec.JPEG_XL, Codec.WEBP, Codec.HEVC}
_RATIO_SLACK = 1.05
"""Levels are rounded to whole pixels, so that a ratio of 4 may come out a little larger."""

type OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Completed:
    """A scan with every level it needs."""

    description: SlideDescription
    index: FrameIndex
    derived_bytes: int
    """Length of the derived object; 0 when nothing was derived and there is none."""


def complete_levels(
    slide: Slide, derived: Path, object_number: int, *, lossy: bool = True, progress: OnProgress
) -> Completed:
    """See that a slide has tiles at every level a viewer needs; derive what is missing into `derived`.

    `object_number` is the number that the derived object gets in the index. `lossy` says, for a slide
    without a frame index, whether its pixels were compressed with loss before. Derived tiles are JPEG
    (quality 95, 4:4:4) then, PNG for other 8-bit images, and deflated samples for everything else. Memory is
    flat, below 200 MB at any size. `progress` gets ("levels", tiles done, tiles in all).
    """
    index = slide.frame_index
    runs = _runs(slide, index)
    own = index.levels if index is not None else ()
    total = sum(run.tile_count for run in runs) * _stacks(slide.description)
    total += sum(int(_cropped(level).sum()) for level in own)
    with derived.open("wb") as file:
        writer = _Writer(file, object_number, lambda done: progress("levels", done, total))
        levels = [_with_full_edges(level, slide, writer) for level in own]
        for run in runs:
            levels.extend(_derive(slide, run, writer, _is_lossy(index, run, lossy)))
        file.flush()
        os.fsync(file.fileno())
    if writer.position == 0:
        derived.unlink()
    levels.sort(key=lambda level: level.downsample)
    description = replace(
        slide.description, levels=tuple(Level(level.size, level.downsample) for level in levels)
    )
    return Completed(description, FrameIndex(tuple(levels)), writer.position)


@dataclass(frozen=True, slots=True)
class _Run:
    """Levels that are derived one from another, starting from a level of the slide."""

    base: int
    """The level of the slide that is read."""
    keeps_base: bool
    """Whether the level read is itself written, because the slide has no tiles of its own."""
    sizes: tuple[PixelSize, ...]
    """Of the levels made by halving, finest first."""
    tile_px: int
    """Side of the derived tiles."""

    @property
    def tile_count(self) -> int:
        return sum(rows * columns for rows, columns in map(self.grid, self.sizes))

    def grid(self, size: PixelSize) -> tuple[int, int]:
        """Rows and columns of tiles that cover a level."""
        return -(-size.height_px // self.tile_px), -(-size.width_px // self.tile_px)


def _runs(slide: Slide, index: FrameIndex | None) -> list[_Run]:
    if index is None:
        size = slide.description.size
        return [_Run(0, True, (size, *_halvings(size, None)), TILE_PX)]
    own = index.levels[0].tile
    taken_over = own.width_px == own.height_px and own.width_px in _TAKEN_OVER_PX
    tile_px = own.width_px if taken_over else TILE_PX
    runs = []
    sizes = [level.size for level in index.levels]
    for number, size in enumerate(sizes):
        following = sizes[number + 1] if number + 1 < len(sizes) else None
        if halved := _halvings(size, following):
            runs.append(_Run(number, False, tuple(halved), tile_px))
    return runs


def _halvings(size: PixelSize, following: PixelSize | None) -> list[PixelSize]:
    """Sizes to derive below `size`: until the next level is near enough or, at the top, one tile will do."""
    sizes = []
    while _is_far(size, following):
        size = PixelSize((size.width_px + 1) // 2, (size.height_px + 1) // 2)
        sizes.append(size)
    return sizes


def _is_far(size: PixelSize, following: PixelSize | None) -> bool:
    longer = max(size.width_px, size.height_px)
    if following is None:
        return longer > TILE_PX
    return longer > MAX_LEVEL_RATIO * _RATIO_SLACK * max(following.width_px, following.height_px)


def _with_full_edges(level: FrameLevel, slide: Slide, writer: "_Writer") -> FrameLevel:
    """The level with frames of one size: those the scanner cropped are filled up and compressed once more.

    DICOM knows no other, and a few frames at the edge cost less than decoding all when they are asked for.

    Raises:
        UnreadableSlide: a frame at the edge is damaged, or of a colour that the new ones would not match.
    """
    if not level.cropped_edges:
        return level
    if level.prefix or level.colour is Colour.RGB:
        raise UnreadableSlide(
            "Tiles at the edge are cropped, and in a colour in which none can be filled up."
        )
    assert isinstance(slide, IndexedSlide)  # only an index tells of cropped frames
    encode = _jpeg_grey if level.colour is Colour.GREY else _jpeg
    full = replace(
        level,
        objects=level.objects.copy(),
        offsets=level.offsets.copy(),
        lengths=level.lengths.copy(),
        cropped_edges=False,
    )
    for at in np.argwhere(_cropped(level)):
        plane, channel, row, column = (int(number) for number in at)
        stream = read_frame(level, slide.sources, plane, channel, row, column)
        assert stream is not None  # blank ones were left out
        full.objects[plane, channel, row, column] = writer.object_number
        writer.write(full, (plane, channel, row, column), encode(decode_frame(level, stream)))
    return full


def _cropped(level: FrameLevel) -> NDArray[np.bool_]:
    """Which frames are stored cropped."""
    at_edge = np.zeros(level.lengths.shape, bool)
    if level.cropped_edges:
        at_edge[..., -1, :] = level.edge.height_px < level.tile.height_px
        at_edge[..., -1] |= level.edge.width_px < level.tile.width_px
    return at_edge & (level.lengths > 0)


def _is_lossy(index: FrameIndex | None, run: _Run, stated: bool) -> bool:
    return stated if index is None else index.levels[run.base].codec in _LOSSY


def _stacks(description: SlideDescription) -> int:
    return len(description.planes) * len(description.channels)


class _Writer:
    """Appends encoded tiles to the derived object."""

    def __init__(self, file: IO[bytes], object_number: int, on_tile: Callable[[int], None]) -> None:
        self.file = file
        self.object_number = object_number
        self.position = 0
        self._on_tile = on_tile
        self._tiles = 0

    def write(self, level: FrameLevel, place: tuple[int, int, int, int], frame: bytes | None) -> None:
        """Add the frame at (plane, channel, row, column); None leaves it blank."""
        if frame is not None:
            self.file.write(frame)
            level.offsets[place] = self.position
            level.lengths[place] = len(frame)
            self.position += len(frame)
        self._tiles += 1
        self._on_tile(self._tiles)


def _derive(slide: Slide, run: _Run, writer: _Writer, lossy: bool) -> list[FrameLevel]:
    description = slide.description
    encode, codec, colour = _encoder(description.pixel, lossy)
    levels = [_empty_level(description, run, size, codec, colour, writer.object_number) for size in run.sizes]
    if run.keeps_base:
        levels[0] = replace(levels[0], derived=False)
    top = levels[-1]
    for plane, channel in np.ndindex(top.planes, top.channels):
        pyramid = _Pyramid(slide, run, levels, writer, encode, plane, channel)
        for row, column in np.ndindex(top.rows, top.columns):
            pyramid.build(len(levels) - 1, row, column)
    return levels


def _empty_level(
    description: SlideDescription,
    run: _Run,
    size: PixelSize,
    codec: Codec,
    colour: Colour,
    object_number: int,
) -> FrameLevel:
    full = description.size
    stacks = (len(description.planes), len(description.channels))
    grid = (*stacks, *run.grid(size))
    return FrameLevel(
        size=size,
        tile=PixelSize(run.tile_px, run.tile_px),
        downsample=(full.width_px / size.width_px + full.height_px / size.height_px) / 2,
        codec=codec,
        pixel=description.pixel,
        colour=colour,
        objects=np.full(grid, object_number, np.uint16),
        offsets=np.zeros(grid, np.uint64),
        lengths=np.zeros(grid, np.uint32),
        derived=True,
    )


@dataclass(frozen=True)
class _Pyramid:
    """One plane and channel of a run, built depth first."""

    slide: Slide
    run: _Run
    levels: list[FrameLevel]
    writer: _Writer
    encode: Callable[[Pixels], bytes]
    plane: int
    channel: int

    def build(self, number: int, row: int, column: int) -> Pixels | None:
        """Write a tile and all below it; returns its pixels within the level, or None when it is blank."""
        level, side = self.levels[number], self.run.tile_px
        height = min(side, level.size.height_px - row * side)
        width = min(side, level.size.width_px - column * side)
        pixels = self._pixels(number, row, column, height, width)
        place = (self.plane, self.channel, row, column)
        self.writer.write(level, place, None if pixels is None else self.encode(_full_tile(pixels, side)))
        return pixels

    def _pixels(self, number: int, row: int, column: int, height: int, width: int) -> Pixels | None:
        if number > 0:
            return self._from_below(number, row, column, height, width)
        side = self.run.tile_px
        if self.run.keeps_base:
            pixels = self._read(row * side, column * side, height, width)
            return None if pixels is None or _is_blank(pixels, self.slide.description) else pixels
        base = self.slide.description.levels[self.run.base].size
        top, left = row * side * 2, column * side * 2
        pixels = self._read(
            top, left, min(2 * side, base.height_px - top), min(2 * side, base.width_px - left)
        )
        return None if pixels is None else halve(pixels)

    def _from_below(self, number: int, row: int, column: int, height: int, width: int) -> Pixels | None:
        below, side = self.levels[number - 1], self.run.tile_px
        parts = {
            (i, j): self.build(number - 1, 2 * row + i, 2 * column + j)
            for i, j in self._quadrants(below, row, column)
        }
        if all(part is None for part in parts.values()):
            return None
        rows = min(2 * side, below.size.height_px - 2 * row * side)
        columns = min(2 * side, below.size.width_px - 2 * column * side)
        whole = blank(self.slide.description, rows, columns)
        for (i, j), part in parts.items():
            if part is not None:
                y, x = i * side, j * side
                whole[y : y + part.shape[0], x : x + part.shape[1]] = part
        return halve(whole)[:height, :width]

    def _quadrants(self, below: FrameLevel, row: int, column: int) -> Iterator[tuple[int, int]]:
        for i, j in np.ndindex(2, 2):
            if 2 * row + i < below.rows and 2 * column + j < below.columns:
                yield i, j

    def _read(self, top: int, left: int, height: int, width: int) -> Pixels | None:
        if self._has_no_frames(top, left, height, width):
            return None
        region = PixelRegion(left, top, width, height)
        return self.slide.read_level(self.run.base, region, plane=self.plane, channel=self.channel)

    def _has_no_frames(self, top: int, left: int, height: int, width: int) -> bool:
        index = self.slide.frame_index
        if index is None:
            return False
        level = index.levels[self.run.base]
        rows = slice(top // level.tile.height_px, (top + height - 1) // level.tile.height_px + 1)
        columns = slice(left // level.tile.width_px, (left + width - 1) // level.tile.width_px + 1)
        return not level.lengths[self.plane, self.channel, rows, columns].any()


def halve(pixels: Pixels) -> Pixels:
    """Half the size, each pixel the mean of the up to four it covers; odd sizes are rounded up."""
    if pixels.dtype == np.uint8:
        image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])
        reduced = np.asarray(image.reduce(2))
        return reduced.reshape(reduced.shape[0], reduced.shape[1], pixels.shape[2])
    height, width = pixels.shape[:2]
    even = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge").astype(np.float32)
    mean = (even[0::2, 0::2] + even[1::2, 0::2] + even[0::2, 1::2] + even[1::2, 1::2]) / np.float32(4)
    return np.rint(mean).astype(np.uint16) if pixels.dtype == np.uint16 else mean


def _full_tile(pixels: Pixels, side_px: int) -> Pixels:
    """Filled up to the size of a tile by repeating the edge, which compresses well and shows nowhere."""
    height, width = pixels.shape[:2]
    if (height, width) == (side_px, side_px):
        return pixels
    padded: Pixels = np.pad(pixels, ((0, side_px - height), (0, side_px - width), (0, 0)), mode="edge")
    return padded


def _is_blank(pixels: Pixels, description: SlideDescription) -> bool:
    return bool((pixels == (255 if description.is_brightfield else 0)).all())


def _encoder(pixel: PixelFormat, lossy: bool) -> tuple[Callable[[Pixels], bytes], Codec, Colour]:
    grey = pixel.samples == 1
    if pixel.dtype != "uint8":
        return _deflate, Codec.DEFLATE, Colour.GREY if grey else Colour.RGB
    if lossy:
        return (_jpeg_grey, Codec.JPEG, Colour.GREY) if grey else (_jpeg, Codec.JPEG, Colour.YCBCR)
    return _png, Codec.PNG, Colour.GREY if grey else Colour.RGB


def _jpeg(pixels: Pixels) -> bytes:
    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=_JPEG_QUALITY, colorspace="RGB", colorsubsampling="444"
    )
    return encoded


def _jpeg_grey(pixels: Pixels) -> bytes:
    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=_JPEG_QUALITY, colorspace="GRAY", colorsubsampling="Gray"
    )
    return encoded


def _png(pixels: Pixels) -> bytes:
    return bytes(imagecodecs.png_encode(pixels if pixels.shape[2] == 3 else pixels[:, :, 0], level=4))


def _deflate(pixels: Pixels) -> bytes:
    little_endian = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    return zlib.compress(np.ascontiguousarray(little_endian).tobytes(), 3)
