"""The frame index: where every tile of an image lies, so that serving one is a byte range and no decoding.

For each level it keeps, by (plane, channel, row, column), the object, offset and length of the stored frame,
and once per level what turns stored bytes into a stream that stands alone: `skip` bytes dropped from the
front, then `prefix` (JPEG SOI, tables and colour marker) put before the rest.

File form ("HFIX", version 1): 8 bytes magic `b"HFIX\\x00\\x00\\x00\\x01"`, 8 bytes little-endian header
length, header as JSON, zero padding to a multiple of 64, then for each level the arrays objects (uint16),
offsets (uint64) and lengths (uint32), each C-ordered (plane, channel, row, column), little-endian and each
padded to a multiple of 64. A reader maps the file and copies nothing.
"""

import base64
import json
import struct
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize

_MAGIC = b"HFIX\x00\x00\x00\x01"
_ALIGNMENT = 64
_MAX_HEADER_BYTES = 16 << 20

BROWSER_MEDIA_TYPES = {Codec.JPEG: "image/jpeg", Codec.PNG: "image/png", Codec.WEBP: "image/webp"}
"""Codecs that every browser decodes by itself, for 8-bit frames."""


class FrameRange(NamedTuple):
    """Where one stored frame lies."""

    object_number: int
    offset: int
    length: int


@dataclass(frozen=True, eq=False)
class FrameLevel:
    """One level of the index."""

    size: PixelSize
    tile: PixelSize
    """Every frame has this size; those at the right and bottom edge reach past the level (but see
    `cropped_edges`)."""
    downsample: float
    codec: Codec
    pixel: PixelFormat
    colour: Colour
    """What the samples mean. For JPEG, the stream made by `prefix` and `skip` says the same to a decoder that
    trusts only the stream (Adobe APP14 or component ids): the colour trap is closed when the index is
    made."""
    objects: NDArray[np.uint16]
    offsets: NDArray[np.uint64]
    lengths: NDArray[np.uint32]
    """0 marks a frame that the scanner left out: blank."""
    prefix: bytes = b""
    skip: int = 0
    derived: bool = False
    """True for levels that Hemalum computed because the file lacks them. Never used for measurement."""
    predictor: bool = False
    """TIFF differencing must be undone after decompression: horizontal (TIFF 6.0 section 14) for integers,
    the floating point predictor (TIFF Technical Note 3) for float32."""
    big_endian: bool = False
    """Byte order of 16 and 32 bit samples in RAW, LZW, DEFLATE, ZSTD and PACKBITS frames."""
    shown_by_browsers: bool = True
    """False for kinds of JPEG that browsers do not decode, such as lossless JPEG; found out by the colour
    gate."""
    cropped_edges: bool = False
    """True when the frames of the last column and row end with the level instead of reaching past it. So
    some scanners store them; ingest fills them up (`derive`)."""

    @property
    def edge(self) -> PixelSize:
        """What the level holds of the tile in its last column and row."""
        width, height = self.tile.width_px, self.tile.height_px
        return PixelSize(self.size.width_px % width or width, self.size.height_px % height or height)

    @property
    def planes(self) -> int:
        return int(self.objects.shape[0])

    @property
    def channels(self) -> int:
        return int(self.objects.shape[1])

    @property
    def rows(self) -> int:
        return int(self.objects.shape[2])

    @property
    def columns(self) -> int:
        return int(self.objects.shape[3])

    @property
    def media_type(self) -> str | None:
        """Media type of a frame as served, or None when a browser cannot show it as it is stored."""
        if self.pixel.dtype != "uint8" or not self.shown_by_browsers:
            return None
        return BROWSER_MEDIA_TYPES.get(self.codec)

    def find(self, plane: int, channel: int, row: int, column: int) -> FrameRange | None:
        """Where the frame is stored, or None when it is blank.

        Raises:
            IndexError: there is no such tile.
        """
        if plane < 0 or channel < 0 or row < 0 or column < 0:
            raise IndexError("tile indices are not negative")
        length = int(self.lengths[plane, channel, row, column])
        if length == 0:
            return None
        where = (plane, channel, row, column)
        return FrameRange(int(self.objects[where]), int(self.offsets[where]), length)

    def standalone(self, stored: bytes) -> bytes:
        """The stored bytes made into a stream that decodes on its own."""
        if self.prefix or self.skip:
            return self.prefix + stored[self.skip :]
        return stored


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """All levels of one image, finest first."""

    levels: tuple[FrameLevel, ...]

    @property
    def frame_count(self) -> int:
        return sum(level.objects.size for level in self.levels)

    def check_ranges(self, object_sizes: list[int]) -> None:
        """See that every frame lies inside its object.

        Raises:
            UnreadableSlide: a frame reaches past the end of its object, or names one that is not there.
        """
        for number, level in enumerate(self.levels):
            present = level.lengths > 0
            if not present.any():
                continue
            if int(level.objects[present].max()) >= len(object_sizes):
                raise UnreadableSlide(
                    "Level {number} names a file that is not part of the slide.", number=number
                )
            sizes = np.asarray(object_sizes, dtype=np.uint64)[level.objects[present]]
            offsets, lengths = level.offsets[present], level.lengths[present].astype(np.uint64)
            beyond = (offsets > sizes) | (lengths > sizes - np.minimum(offsets, sizes))
            if beyond.any():
                raise UnreadableSlide(
                    "The file is truncated: {count} of {total} tiles of level {number} lie past its end.",
                    count=int(beyond.sum()),
                    total=beyond.size,
                    number=number,
                )

    def to_bytes(self) -> bytes:
        """The index in its file form."""
        header = json.dumps({"levels": [_level_header(level) for level in self.levels]}).encode()
        parts = [_MAGIC, struct.pack("<Q", len(header)), header]
        length = sum(map(len, parts))
        for pad_before, array in [(True, None), *((False, a) for lv in self.levels for a in _arrays(lv))]:
            if not pad_before:
                assert array is not None
                parts.append(array.tobytes())
                length += len(parts[-1])
            parts.append(b"\x00" * (-length % _ALIGNMENT))
            length += len(parts[-1])
        return b"".join(parts)

    @classmethod
    def from_buffer(cls, buffer: bytes | memoryview) -> Self:
        """Read the file form without copying the arrays; `buffer` must outlive the index.

        Raises:
            UnreadableSlide: the buffer is not a complete frame index.
        """
        view = memoryview(buffer)
        if len(view) < 16 or bytes(view[:8]) != _MAGIC:
            raise UnreadableSlide("The frame index is not one of version 1.")
        (header_length,) = struct.unpack("<Q", view[8:16])
        if header_length > min(_MAX_HEADER_BYTES, len(view) - 16):
            raise UnreadableSlide("The frame index is truncated.")
        header = json.loads(bytes(view[16 : 16 + header_length]))
        offset = _aligned(16 + header_length)
        levels = []
        for entry in header["levels"]:
            level, offset = _read_level(entry, view, offset)
            levels.append(level)
        return cls(tuple(levels))


def read_frame(
    level: FrameLevel, sources: list[ByteSource], plane: int, channel: int, row: int, column: int
) -> bytes | None:
    """The frame as a stream that decodes on its own, or None when it is blank."""
    found = level.find(plane, channel, row, column)
    if found is None:
        return None
    return level.standalone(sources[found.object_number].read(found.offset, found.length))


def _aligned(offset: int) -> int:
    return offset + (-offset % _ALIGNMENT)


def _arrays(level: FrameLevel) -> tuple[NDArray[Any], ...]:
    return (
        np.ascontiguousarray(level.objects, "<u2"),
        np.ascontiguousarray(level.offsets, "<u8"),
        np.ascontiguousarray(level.lengths, "<u4"),
    )


def _level_header(level: FrameLevel) -> dict[str, Any]:
    return {
        "size": [level.size.width_px, level.size.height_px],
        "tile": [level.tile.width_px, level.tile.height_px],
        "downsample": level.downsample,
        "codec": level.codec.value,
        "samples": level.pixel.samples,
        "dtype": level.pixel.dtype,
        "colour": level.colour.value,
        "shape": list(level.objects.shape),
        "prefix": base64.b64encode(level.prefix).decode(),
        "skip": level.skip,
        "derived": level.derived,
        "predictor": level.predictor,
        "big_endian": level.big_endian,
        "shown_by_browsers": level.shown_by_browsers,
        "cropped_edges": level.cropped_edges,
    }


def _read_level(entry: dict[str, Any], view: memoryview, offset: int) -> tuple[FrameLevel, int]:
    shape = tuple(entry["shape"])
    count = int(np.prod(shape))
    arrays = []
    for dtype in ("<u2", "<u8", "<u4"):
        nbytes = count * np.dtype(dtype).itemsize
        if offset + nbytes > len(view):
            raise UnreadableSlide("The frame index is truncated.")
        arrays.append(np.frombuffer(view, dtype, count, offset).reshape(shape))
        offset = _aligned(offset + nbytes)
    level = FrameLevel(
        size=PixelSize(*entry["size"]),
        tile=PixelSize(*entry["tile"]),
        downsample=entry["downsample"],
        codec=Codec(entry["codec"]),
        pixel=PixelFormat(entry["samples"], entry["dtype"]),
        colour=Colour(entry["colour"]),
        objects=arrays[0],
        offsets=arrays[1],
        lengths=arrays[2],
        prefix=base64.b64decode(entry["prefix"]),
        skip=entry["skip"],
        derived=entry["derived"],
        predictor=entry["predictor"],
        big_endian=entry.get("big_endian", False),
        shown_by_browsers=entry.get("shown_by_browsers", True),
        cropped_edges=entry.get("cropped_edges", False),
    )
    return level, offset
