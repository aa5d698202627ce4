"""Whole Part 10 instances and single frames, made on the fly from a header and a frame index.

Nothing here needs a DICOM library: at serving time only byte ranges are put in order. Memory stays flat at
any size, and the length is known before the first byte is sent.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import NotFound
from hemalum.kernel.geometry import PixelSize

type FrameDecoder = Callable[[FrameLevel, bytes], bytes]
"""Turns a stored stream into little-endian samples, for levels that DICOM cannot hold as they are."""

_CHUNK_BYTES = 512 << 10
_ITEM = b"\xfe\xff\x00\xe0"
_SEQUENCE_END = b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
_UNDEFINED = b"\xff\xff\xff\xff"
_BASIC_TABLE_LIMIT = 1 << 32


@dataclass(frozen=True, slots=True)
class InstanceForm:
    """All that is needed, besides the frames, to write an instance."""

    head: bytes
    """Part 10 up to the pixel data (`wsi_header.header_bytes`)."""
    encapsulated: bool
    decoded: bool
    """The stored frames are decoded first; the instance is uncompressed."""
    blank: bytes
    """The frame for places that were never scanned."""


def one_frame_level(size: PixelSize, length: int) -> FrameLevel:
    """The level of a label or overview: one JPEG frame of `length` bytes, alone in its source."""
    one = (1, 1, 1, 1)
    return FrameLevel(
        size=size,
        tile=size,
        downsample=1.0,
        codec=Codec.JPEG,
        pixel=PixelFormat(3, "uint8"),
        colour=Colour.YCBCR,
        objects=np.zeros(one, np.uint16),
        offsets=np.zeros(one, np.uint64),
        lengths=np.full(one, length, np.uint32),
    )


def frames_in_order(level: FrameLevel) -> NDArray[np.int64]:
    """For each frame number (from 0) the flat position in the index arrays.

    DICOM runs through columns first, then rows, planes and optical paths (PS3.3 C.7.6.17.3); the index has
    planes outermost.
    """
    positions = np.arange(level.lengths.size, dtype=np.int64).reshape(level.lengths.shape)
    return positions.transpose(1, 0, 2, 3).ravel()


def frame_lengths(form: InstanceForm, level: FrameLevel) -> NDArray[np.int64]:
    """Length in bytes of every frame as handed out, in DICOM order, without padding."""
    if form.decoded or not form.encapsulated:
        size = level.tile.width_px * level.tile.height_px * level.pixel.bytes_per_pixel
        return np.full(level.lengths.size, size, np.int64)
    stored = level.lengths.ravel()[frames_in_order(level)].astype(np.int64)
    return np.where(stored == 0, len(form.blank), stored + len(level.prefix) - level.skip)


def frame_bytes(
    form: InstanceForm,
    level: FrameLevel,
    sources: list[ByteSource],
    frame_number: int,
    decoder: FrameDecoder | None = None,
) -> bytes:
    """Frame `frame_number`, counted from 1 as DICOM does.

    Raises:
        NotFound: there is no such frame.
    """
    channels, planes, rows, columns = level.channels, level.planes, level.rows, level.columns
    if not 1 <= frame_number <= channels * planes * rows * columns:
        raise NotFound(
            "There is no frame {number}; the instance has {count}.",
            number=frame_number,
            count=level.lengths.size,
        )
    rest, column = divmod(frame_number - 1, columns)
    rest, row = divmod(rest, rows)
    channel, plane = divmod(rest, planes)
    found = level.find(plane, channel, row, column)
    if found is None:
        return form.blank
    stream = level.standalone(sources[found.object_number].read(found.offset, found.length))
    if not form.decoded:
        return stream
    assert decoder is not None, "this level is only handed out decoded"
    return decoder(level, stream)


def instance_length(form: InstanceForm, level: FrameLevel) -> int:
    """Length in bytes of the whole instance."""
    lengths = frame_lengths(form, level)
    return len(form.head) + len(_pixel_data_head(form, level, lengths)) + _body_length(form, lengths)


def instance_chunks(
    form: InstanceForm,
    level: FrameLevel,
    sources: list[ByteSource],
    decoder: FrameDecoder | None = None,
) -> Iterator[bytes]:
    """The whole instance in chunks of about half a megabyte."""
    lengths = frame_lengths(form, level)
    pending = [form.head, _pixel_data_head(form, level, lengths)]
    size = sum(map(len, pending))
    for number in range(1, len(lengths) + 1):
        frame = frame_bytes(form, level, sources, number, decoder)
        if form.encapsulated:
            odd = len(frame) % 2
            pending.append(_ITEM + struct.pack("<I", len(frame) + odd))
            pending.append(frame + b"\x00" if odd else frame)
            size += 8 + odd
        else:
            pending.append(frame)
        size += len(frame)
        if size >= _CHUNK_BYTES:
            yield b"".join(pending)
            pending, size = [], 0
    if form.encapsulated:
        pending.append(_SEQUENCE_END)
    elif int(lengths.sum()) % 2:
        pending.append(b"\x00")
    yield b"".join(pending)


def _padded(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return lengths + lengths % 2


def _even(length: int) -> int:
    return length + length % 2


def _body_length(form: InstanceForm, lengths: NDArray[np.int64]) -> int:
    if not form.encapsulated:
        return _even(int(lengths.sum()))
    return int(_padded(lengths).sum()) + 8 * len(lengths) + len(_SEQUENCE_END)


def _pixel_data_head(form: InstanceForm, level: FrameLevel, lengths: NDArray[np.int64]) -> bytes:
    """The pixel data element up to its first frame.

    Encapsulated frames get a Basic Offset Table, which all readers know, while 32 bits reach; an Extended one
    otherwise (PS3.3 C.7.6.3.1.8), with the basic one left empty as it must be.
    """
    if not form.encapsulated:
        vr = b"OB" if level.pixel.dtype == "uint8" else b"OW"
        total = struct.pack("<I", _even(int(lengths.sum())))
        return b"\xe0\x7f\x10\x00" + vr + b"\x00\x00" + total
    pixel_data = b"\xe0\x7f\x10\x00OB\x00\x00" + _UNDEFINED
    padded = _padded(lengths)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(padded + 8)[:-1]])
    if int(offsets[-1]) < _BASIC_TABLE_LIMIT:
        table = offsets.astype("<u4").tobytes()
        return pixel_data + _ITEM + struct.pack("<I", len(table)) + table
    extended = b"".join(
        tag + b"OV\x00\x00" + struct.pack("<I", 8 * len(lengths)) + values.astype("<u8").tobytes()
        for tag, values in ((b"\xe0\x7f\x01\x00", offsets), (b"\xe0\x7f\x02\x00", padded))
    )
    return extended + pixel_data + _ITEM + struct.pack("<I", 0)
