"""What a writer says it wrote, and what all of them are made of: pyramids, grids, streams, packed records.

Pixels are uint8, (height, width, samples), RGB or grey. The pixels told of are decoded again from the very
streams in the file, so that a reader can be held to them almost exactly.
"""

import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from hemalum.testing.samples import SampleSlide, halved, picture

type Array = NDArray[Any]
type Picture = Array | Sequence[Array]
"""Level 0, or all levels, finest first."""
type TilePlace = tuple[int, int, int]
"""Level, row, column."""
type EdgeTiles = Literal["cropped", "padded"]
"""Whether tiles at the right and bottom end with the picture, or are filled up to the size of the others."""

NOTHING_MISSING: frozenset[TilePlace] = frozenset()
HUGE_SIDE_PX = 131_072
"""Of the slides with huge tables: 512 by 512 tiles of 256 pixels at level 0, 349,525 in all ten levels."""
PAST_4_GIB = 5 << 30
_SAME_PICTURE = 0.5
"""Mean difference, of 255, that two decoders of one stream may have by rounding."""


@dataclass(frozen=True, slots=True)
class WrittenTile:
    """One tile, as the index of the file tells of it."""

    row: int
    column: int
    x_px: int
    y_px: int
    """Of its first pixel, in the level; negative where the picture begins inside the tile."""
    width_px: int
    height_px: int
    streams: tuple[tuple[int, int], ...]
    """(position from the start of the file, length in bytes) of the tile of each channel."""


@dataclass(frozen=True, eq=False, slots=True)
class WrittenLevel:
    """One level; tiles in the order of the file's index, without those left out."""

    width_px: int
    height_px: int
    tile_width_px: int
    tile_height_px: int
    tiles: tuple[WrittenTile, ...]
    pixels: Array
    """(planes, channels, height, width, samples), as `SampleSlide` has them."""


@dataclass(frozen=True, slots=True)
class WrittenChannel:
    """A fluorescence channel."""

    name: str
    colour: tuple[int, int, int]
    exposure: float
    """In the unit of the file, which is not known."""
    gamma: float


@dataclass(frozen=True, eq=False, slots=True)
class WrittenSlide:
    """All that a reader should find in a file."""

    path: Path
    levels: tuple[WrittenLevel, ...]
    spacing_um: float
    """As it is stored: rounded where the file has a float32."""
    objective: int
    background: int
    """Of every sample where a tile is missing."""
    associated: Mapping[str, Array]
    """"label", "macro" and "thumbnail", decoded."""
    properties: Mapping[str, Any]
    """What else the file states, by the names of its format."""
    channels: tuple[WrittenChannel, ...] = ()

    def as_sample(self) -> SampleSlide:
        """The same for the conformance suite."""
        levels = tuple(level.pixels for level in self.levels)
        return SampleSlide((self.path,), levels, _SAME_PICTURE, self.spacing_um)


@dataclass(frozen=True, slots=True)
class HugeTable:
    """A file with very many tiles of very few bytes: for benchmarks and limits."""

    path: Path
    sizes_px: tuple[tuple[int, int], ...]
    """(width, height) of each level."""
    tile_px: int
    tiles: int
    """In all levels."""
    positions: tuple[int, ...]
    """Where the streams lie that the tiles share, if they share any."""
    stream: bytes
    """What every tile holds, apart from zeros that may follow."""


def encode_jpeg(pixels: Array, subsampling: str = "422", quality: int = 90) -> bytes:
    """A complete baseline JPEG stream; grey if there is one sample."""
    contiguous = np.ascontiguousarray(pixels)
    if pixels.shape[2] == 1:
        return bytes(simplejpeg.encode_jpeg(contiguous, quality, "GRAY", "Gray"))
    return bytes(simplejpeg.encode_jpeg(contiguous, quality, "RGB", subsampling))


def decode_jpeg(stream: bytes) -> Array:
    """What is in a stream: RGB, or grey with one sample."""
    _, _, colour, _ = simplejpeg.decode_jpeg_header(stream)
    decoded: Array = simplejpeg.decode_jpeg(stream, "GRAY" if colour == "Gray" else "RGB")
    return decoded


def encode_hevc(pixels: Array) -> bytes:
    """One picture as an H.265 stream by itself: YUV 4:2:0, BT.601 of limited range. Needs PyAV."""
    av, reformatter = import_module("av"), import_module("av.video.reformatter")
    encoder = av.CodecContext.create("libx265", "w")
    encoder.height, encoder.width = pixels.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 25)
    encoder.options = {"x265-params": "log-level=none:keyint=1", "crf": "8"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=reformatter.Colorspace.ITU601,
        dst_color_range=reformatter.ColorRange.MPEG,
    )
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def decode_hevc(stream: bytes) -> Array:
    """RGB of an H.265 stream of one picture, BT.601 of limited range. Needs PyAV."""
    av, reformatter = import_module("av"), import_module("av.video.reformatter")
    decoder = av.CodecContext.create("hevc", "r")
    packets = [*decoder.parse(stream), *decoder.parse(b"")]
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    decoded: Array = (
        frames[0]
        .reformat(
            format="rgb24",
            src_colorspace=reformatter.Colorspace.ITU601,
            src_color_range=reformatter.ColorRange.MPEG,
        )
        .to_ndarray()
    )
    return decoded


@dataclass(frozen=True, slots=True)
class Codec:
    """How tiles become streams, and streams pixels."""

    encode: Callable[[Array], bytes]
    decode: Callable[[bytes], Array]


JPEG = Codec(encode_jpeg, decode_jpeg)
HEVC = Codec(encode_hevc, decode_hevc)


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of a grid of tiles."""

    row: int
    column: int
    x_px: int
    y_px: int
    width_px: int
    height_px: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Of the level's pixels; numpy ends it at the picture's edge."""
        return (
            slice(self.y_px, self.y_px + self.height_px),
            slice(self.x_px, self.x_px + self.width_px),
        )


def grid(size_px: tuple[int, int], tile_px: tuple[int, int], edge_tiles: EdgeTiles) -> Iterator[Cell]:
    """Cells row by row. Sizes are (width, height)."""
    (width, height), (tile_width, tile_height) = size_px, tile_px
    for row, y in enumerate(range(0, height, tile_height)):
        for column, x in enumerate(range(0, width, tile_width)):
            w, h = tile_width, tile_height
            if edge_tiles == "cropped":
                w, h = min(w, width - x), min(h, height - y)
            yield Cell(row, column, x, y, w, h)


def write_level(
    file: IO[bytes],
    number: int,
    channels: Sequence[Array],
    tile_px: tuple[int, int],
    *,
    codec: Codec = JPEG,
    edge_tiles: EdgeTiles = "padded",
    background: int = 255,
    missing: Collection[TilePlace] = NOTHING_MISSING,
) -> WrittenLevel:
    """The streams of a level one after the other, row by row, each tile's channels together."""
    height, width = channels[0].shape[:2]
    canvases = [np.full_like(pixels, background) for pixels in channels]
    tiles = []
    for cell in grid((width, height), tile_px, edge_tiles):
        if (number, cell.row, cell.column) in missing:
            continue
        streams = []
        for pixels, canvas in zip(channels, canvases, strict=True):
            stream = codec.encode(_cut(pixels, cell, background))
            streams.append((file.tell(), len(stream)))
            file.write(stream)
            _paste(canvas, cell, codec.decode(stream))
        place = (cell.row, cell.column, cell.x_px, cell.y_px, cell.width_px, cell.height_px)
        tiles.append(WrittenTile(*place, tuple(streams)))
    return WrittenLevel(width, height, *tile_px, tuple(tiles), np.stack(canvases)[np.newaxis])


def _cut(pixels: Array, cell: Cell, fill: int) -> Array:
    """The pixels of a cell, filled up where it reaches past the picture."""
    inside = pixels[cell.window]
    padding = ((0, cell.height_px - inside.shape[0]), (0, cell.width_px - inside.shape[1]), (0, 0))
    return np.pad(inside, padding, constant_values=fill)


def _paste(canvas: Array, cell: Cell, tile: Array) -> None:
    """A tile into a level's pixels; what reaches past them is dropped."""
    target = canvas[cell.window]
    target[...] = tile[: target.shape[0], : target.shape[1]]


def halvings(size_px: tuple[int, int], count: int) -> list[tuple[int, int]]:
    """Sizes of `count` levels: level 0 divided by 2 to the n, rounded down, never below one pixel."""
    return [(max(1, size_px[0] >> n), max(1, size_px[1] >> n)) for n in range(count)]


def levels_to_one_tile(size_px: tuple[int, int], tile_px: int) -> int:
    """How many levels there are if halving stops at the first that is a single tile."""
    count = 1
    while max(size_px) >> (count - 1) > tile_px:
        count += 1
    return count


def pyramid(picture: Picture, sizes_px: Sequence[tuple[int, int]], ratio: int = 2) -> list[Array]:
    """The levels as given, or box means of the one picture given, of these sizes."""
    if not isinstance(picture, np.ndarray):
        assert [(level.shape[1], level.shape[0]) for level in picture] == list(sizes_px)
        return list(picture)
    return [shrunk(picture, size, ratio**n) for n, size in enumerate(sizes_px)]


def shrunk(pixels: Array, size_px: tuple[int, int], factor: int) -> Array:
    """The box mean by a factor, of this size; where the picture ends before, its edge is repeated."""
    width, height = size_px
    short = (max(0, factor * height - pixels.shape[0]), max(0, factor * width - pixels.shape[1]))
    filled = np.pad(pixels, ((0, short[0]), (0, short[1]), (0, 0)), mode="edge")
    return halved(filled, factor)[:height, :width]


def size_of(picture: Picture) -> tuple[int, int]:
    """(width, height) of level 0."""
    finest = picture if isinstance(picture, np.ndarray) else picture[0]
    return finest.shape[1], finest.shape[0]


def packed(size_bytes: int, *fields: tuple[int, str, Any]) -> bytearray:
    """A record of zeros with little-endian values in it: (offset, struct format, value or values)."""
    record = bytearray(size_bytes)
    for offset, form, value in fields:
        values = value if isinstance(value, tuple) else (value,)
        struct.pack_into(f"<{form}", record, offset, *values)
    return record


def float32(value: float) -> float:
    """The number that is left of it in a float32."""
    return float(np.float32(value))


def small_stream(side_px: int, samples: int = 3, quality: int = 50) -> bytes:
    """A JPEG of tissue for tiles that are all the same, a few kilobytes long."""
    return encode_jpeg(picture(side_px, side_px, 7)[..., :samples], "420", quality)
