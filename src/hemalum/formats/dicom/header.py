"""A DICOM Part 10 file up to its pixel data, read over byte ranges and within bounds.

The header becomes a pydicom Dataset, except for the per-frame functional groups: those of a large sparse
image run to many megabytes and are kept as bytes, to be walked in place.
"""

import io
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from hemalum.formats.dicom.elements import (
    UNDEFINED,
    Element,
    Incomplete,
    element_at,
    element_end,
)
from hemalum.formats.dicom.syntaxes import IMPLICIT_LITTLE_ENDIAN, UNREADABLE
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide

PER_FRAME_FUNCTIONAL_GROUPS = 0x52009230
EXTENDED_OFFSET_TABLE = 0x7FE00001
EXTENDED_OFFSET_TABLE_LENGTHS = 0x7FE00002
PIXEL_DATA = 0x7FE00010

_FIRST_READ_BYTES = 64 << 10
_MAX_HEADER_BYTES = 192 << 20
_MAX_FRAMES = 50_000_000


@dataclass(frozen=True, eq=False)
class PixelDataPlace:
    """Where the pixel data of an instance lie."""

    offset: int
    """First byte of the value."""
    length: int
    """Of the value, or UNDEFINED when it is encapsulated."""
    frame_offsets: NDArray[np.uint64] | None = None
    """Extended Offset Table (7FE0,0001), from the first fragment's item tag."""
    frame_lengths: NDArray[np.uint64] | None = None

    @property
    def encapsulated(self) -> bool:
        return self.length == UNDEFINED


@dataclass(frozen=True, eq=False)
class Header:
    """What an instance says before its pixels."""

    dataset: Any
    """pydicom Dataset with file_meta, without per-frame functional groups and pixel data."""
    transfer_syntax: str
    pixel_data: PixelDataPlace | None
    length: int
    """Bytes of the file before its pixel data group (7FE0): preamble, meta information, data set."""
    per_frame: bytes
    """The element PerFrameFunctionalGroupsSequence as it lies in the file; empty when there is none."""
    per_frame_start: int
    """Where that lies; `length` when there is none."""

    @property
    def explicit(self) -> bool:
        return self.transfer_syntax != IMPLICIT_LITTLE_ENDIAN


def recognises(head: bytes) -> bool:
    """Whether a file that starts with `head` (132 bytes or more) is a DICOM Part 10 file."""
    return head[128:132] == b"DICM"


def read_header(source: ByteSource) -> Header:
    """Read everything before the pixel data.

    Raises:
        UnreadableSlide: not Part 10, damaged, larger than any real header, or in a transfer syntax whose
            header cannot be walked (deflated, big endian).
    """
    size = min(source.size, _FIRST_READ_BYTES)
    while True:
        data = source.read(0, size)
        if not recognises(data):
            raise UnreadableSlide("{name} is not a DICOM file.", name=source.name)
        try:
            return _parse(source, data)
        except Incomplete as more:
            if more.needed > source.size:
                raise UnreadableSlide(
                    "{name} is truncated: its DICOM header is incomplete.", name=source.name
                ) from None
            if more.needed > _MAX_HEADER_BYTES:
                raise UnreadableSlide(
                    "{name} has a DICOM header that is too large to read.", name=source.name
                ) from None
            size = min(source.size, max(more.needed, size * 4), _MAX_HEADER_BYTES)


def _parse(source: ByteSource, data: bytes) -> Header:
    position, syntax = _file_meta(source, data)
    explicit = syntax != IMPLICIT_LITTLE_ENDIAN
    per_frame: Element | None = None
    per_frame_end = position
    while position < source.size:
        element = element_at(data, position, explicit=explicit)
        if element.tag >> 16 >= 0x7FE0:
            break
        end = element_end(data, element, explicit=explicit)
        if element.tag == PER_FRAME_FUNCTIONAL_GROUPS:
            per_frame, per_frame_end = element, end
        position = end
    kept = data[:position]
    groups, start = b"", position
    if per_frame is not None:
        start = per_frame.start
        groups = data[start:per_frame_end]
        kept = data[:start] + data[per_frame_end:position]
    pixels = _pixel_data(source, position, explicit)
    return Header(_dataset(source, kept), syntax, pixels, position, groups, start)


def _file_meta(source: ByteSource, data: bytes) -> tuple[int, str]:
    """Where the data set starts, and its transfer syntax (PS3.10 section 7.1)."""
    position, syntax = 132, ""
    while position < len(data):
        element = element_at(data, position, explicit=True)
        if element.tag >> 16 != 2:
            break
        end = element_end(data, element, explicit=True)
        if element.tag == 0x00020010:
            syntax = data[element.value : end].rstrip(b"\x00 ").decode("ascii", "replace")
        position = end
    if not syntax:
        raise UnreadableSlide("{name} does not say its DICOM transfer syntax.", name=source.name)
    if syntax in UNREADABLE:
        raise UnreadableSlide("{name} is {what}.", name=source.name, what=UNREADABLE[syntax])
    return position, syntax


def _dataset(source: ByteSource, data: bytes) -> Any:
    """Parse bytes that were already walked. pydicom raises many kinds of error on damaged values."""
    try:
        with pydicom.config.disable_value_validation():
            dataset = pydicom.dcmread(io.BytesIO(data), force=True)
            dataset.get("SOPClassUID")
        return dataset
    except Exception as error:
        raise UnreadableSlide("{name} has a damaged DICOM header.", name=source.name) from error


def _pixel_data(source: ByteSource, position: int, explicit: bool) -> PixelDataPlace | None:
    tables: dict[int, NDArray[np.uint64]] = {}
    while position + 8 <= source.size:
        head = source.read(position, min(12, source.size - position))
        try:
            element = element_at(head, 0, explicit=explicit)
        except Incomplete as more:
            raise Incomplete(position + more.needed) from None
        value = position + element.value
        if element.tag == PIXEL_DATA:
            return PixelDataPlace(
                value,
                element.length,
                tables.get(EXTENDED_OFFSET_TABLE),
                tables.get(EXTENDED_OFFSET_TABLE_LENGTHS),
            )
        if element.tag >> 16 != 0x7FE0 or element.length == UNDEFINED:
            return None
        if element.tag in (EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS):
            if element.length % 8 or element.length > 8 * _MAX_FRAMES:
                raise UnreadableSlide("{name} has a damaged extended offset table.", name=source.name)
            tables[element.tag] = np.frombuffer(source.read(value, element.length), "<u8")
        position = value + element.length
    return None


def frame_count(dataset: Any) -> int:
    """Number of Frames (0028,0008), 1 when absent.

    Raises:
        UnreadableSlide: the number makes no sense.
    """
    try:
        count = int(dataset.get("NumberOfFrames") or 1)
    except (TypeError, ValueError, struct.error) as error:
        raise UnreadableSlide("The DICOM header has a damaged number of frames.") from error
    if not 0 < count <= _MAX_FRAMES:
        raise UnreadableSlide("The DICOM header claims {count} frames.", count=count)
    return count
