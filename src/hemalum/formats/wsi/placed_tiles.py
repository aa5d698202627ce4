"""From a scanner's table of placed tiles to levels of the frame index. By whole arrays: tables are long."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.jpeg import SOI, JpegHead, read_head
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize

MAX_CELLS = 8_388_608
"""Most places that one level may have, channels counted; a claim beyond it is damage, not a slide."""

_HEAD_BYTES = 4096
_RUN_BYTES = 16 << 20
_RUN_GAP_BYTES = 4096
_MAX_LENGTH = np.iinfo(np.uint32).max


@dataclass(frozen=True, eq=False)
class TileTable:
    """The tiles of one level, an entry each; the same order in every array."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    """Bytes from the start of the file: (tiles,), or (tiles, channels)."""
    lengths: NDArray[np.int64]
    """Shaped as `offsets`; 0 marks a tile that was left out."""


@dataclass(frozen=True, slots=True)
class LevelForm:
    """What all frames of a level have in common."""

    tile: PixelSize
    codec: Codec
    pixel: PixelFormat
    colour: Colour
    cropped_edges: bool = False


def placed_level(
    number: int, size: PixelSize, downsample: float, form: LevelForm, table: TileTable
) -> FrameLevel:
    """A level of the index whose frames lie where the table says; places without an entry are blank.

    Raises:
        UnreadableSlide: an entry lies outside of the picture, two claim one place, a length or offset cannot
            be, or there are more places than any slide has.
    """
    rows, columns = -(-size.height_px // form.tile.height_px), -(-size.width_px // form.tile.width_px)
    offsets, lengths = np.atleast_2d(table.offsets.T).T, np.atleast_2d(table.lengths.T).T
    channels = offsets.shape[1]
    if rows * columns * channels > MAX_CELLS:
        raise UnreadableSlide("The file claims {count} tiles in one level.", count=rows * columns * channels)
    outside = (table.rows < 0) | (table.rows >= rows) | (table.columns < 0) | (table.columns >= columns)
    if outside.any():
        raise UnreadableSlide(
            "{count} of {total} tiles of level {number} lie outside of the picture.",
            count=int(outside.sum()),
            total=outside.size,
            number=number,
        )
    if ((offsets < 0) | (lengths < 0) | (lengths > _MAX_LENGTH)).any():
        raise UnreadableSlide("A tile of level {number} lies where no file has bytes.", number=number)
    places = table.rows * columns + table.columns
    if np.bincount(places, minlength=1).max(initial=0) > 1:
        raise UnreadableSlide("Two tiles of level {number} claim the same place.", number=number)
    shape = (channels, rows * columns)
    all_offsets, all_lengths = np.zeros(shape, np.uint64), np.zeros(shape, np.uint32)
    all_offsets[:, places], all_lengths[:, places] = offsets.T, lengths.T
    grid = (1, channels, rows, columns)
    return FrameLevel(
        size=size,
        tile=form.tile,
        downsample=downsample,
        codec=form.codec,
        pixel=form.pixel,
        colour=form.colour,
        objects=np.zeros(grid, np.uint16),
        offsets=all_offsets.reshape(grid),
        lengths=all_lengths.reshape(grid),
        cropped_edges=form.cropped_edges,
    )


def checked_levels(levels: list[FrameLevel], source: ByteSource) -> tuple[FrameLevel, ...]:
    """The levels, once it is sure that every frame lies inside the file and none runs into another.

    Several places may share one frame, as blank ones do.

    Raises:
        UnreadableSlide: they do not.
    """
    FrameIndex(tuple(levels)).check_ranges([source.size])
    starts = np.concatenate([level.offsets[level.lengths > 0] for level in levels]).astype(np.int64)
    lengths = np.concatenate([level.lengths[level.lengths > 0] for level in levels]).astype(np.int64)
    if starts.size == 0:
        raise UnreadableSlide("The file holds no pixels: its tables list no tile.")
    order = np.lexsort((lengths, starts))
    starts, ends = starts[order], (starts + lengths)[order]
    shared = (starts[1:] == starts[:-1]) & (ends[1:] == ends[:-1])
    overlapping = (starts[1:] < ends[:-1]) & ~shared
    if overlapping.any():
        raise UnreadableSlide(
            "The table of tiles is damaged: {count} of {total} tiles overlap.",
            count=int(overlapping.sum()),
            total=starts.size,
        )
    return tuple(levels)


def halved(size: PixelSize, times: int) -> PixelSize:
    """The size after halving so many times, rounded down, one pixel at least."""
    return PixelSize(max(1, size.width_px >> times), max(1, size.height_px >> times))


def jpeg_form(tile: PixelSize, head: JpegHead) -> LevelForm:
    """How JPEG tiles with this head are stored: grey or colour, as the stream itself says.

    Raises:
        UnreadableSlide: it is no 8-bit JPEG of one or three components.
    """
    colour = head.assumed_colour
    if colour is None or head.frame.precision != 8 or head.frame.is_lossless:
        raise UnreadableSlide(
            "The JPEG tiles have {count} components of {bits} bits, which no scanner of this kind makes.",
            count=len(head.frame.component_ids),
            bits=head.frame.precision,
        )
    return LevelForm(tile, Codec.JPEG, PixelFormat(1 if colour is Colour.GREY else 3, "uint8"), colour)


def head_at(source: ByteSource, offset: int, length: int) -> JpegHead:
    """The head of the JPEG stream at a place of the file.

    Raises:
        UnreadableSlide: there is none.
    """
    if not 0 <= offset < source.size or length <= 0:
        raise UnreadableSlide("A tile lies past the end of the file.")
    start = source.read(offset, min(length, _HEAD_BYTES, source.size - offset))
    if not start.startswith(SOI + b"\xff"):
        raise UnreadableSlide("There is no JPEG stream at byte {offset}.", offset=offset)
    return read_head(start)


def gather(source: ByteSource, offsets: NDArray[np.int64], length: int) -> NDArray[np.uint8]:
    """`length` bytes from each of many offsets: (offsets, length). Neighbours are read together.

    Raises:
        UnreadableSlide: one of them lies outside of the file.
    """
    if offsets.size and (int(offsets.min()) < 0 or int(offsets.max()) > source.size - length):
        raise UnreadableSlide("A table of the file points past its end.")
    order = np.argsort(offsets, kind="stable")
    ordered = offsets[order]
    far = np.diff(ordered) > length + _RUN_GAP_BYTES
    another_piece = np.diff(ordered // _RUN_BYTES) > 0
    bounds = [0, *(np.flatnonzero(far | another_piece) + 1).tolist(), ordered.size]
    found = np.empty((offsets.size, length), np.uint8)
    for first, last in pairwise(bounds):
        if first == last:
            continue
        start, end = int(ordered[first]), int(ordered[last - 1]) + length
        run = np.frombuffer(source.read(start, end - start), np.uint8)
        windows = np.lib.stride_tricks.sliding_window_view(run, length)
        found[order[first:last]] = windows[ordered[first:last] - start]
    return found
