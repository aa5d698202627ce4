"""Where each frame lies in the pixel data of an instance (PS3.5 annex A.4, native and encapsulated)."""

import struct

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.dicom.elements import ITEM, SEQUENCE_END
from hemalum.formats.dicom.header import PixelDataPlace
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide

type Offsets = NDArray[np.uint64]
type Lengths = NDArray[np.uint32]

_ITEM_HEAD = struct.Struct("<HHI")
_WINDOW_BYTES = 16 << 10
_CHECKED_FRAMES = 64


def native_frames(place: PixelDataPlace, frames: int, frame_bytes: int, name: str) -> tuple[Offsets, Lengths]:
    """Ranges of uncompressed frames, which follow each other without gaps.

    Raises:
        UnreadableSlide: the pixel data are shorter than the frames.
    """
    if frame_bytes >= 1 << 32:
        raise UnreadableSlide("{name} has frames larger than 4 GiB.", name=name)
    if place.length < frames * frame_bytes:
        raise UnreadableSlide(
            "{name} is truncated: its pixel data hold {count} of {frames} frames.",
            name=name,
            count=place.length // frame_bytes,
            frames=frames,
        )
    offsets = np.uint64(place.offset) + np.arange(frames, dtype=np.uint64) * np.uint64(frame_bytes)
    return offsets, np.full(frames, frame_bytes, np.uint32)


def encapsulated_frames(source: ByteSource, place: PixelDataPlace, frames: int) -> tuple[Offsets, Lengths]:
    """Ranges of compressed frames, one fragment each.

    Uses the Extended Offset Table when there is one; otherwise walks the item heads, so the Basic Offset
    Table (32 bit, often empty, sometimes wrong) is never needed.

    Raises:
        UnreadableSlide: truncated, damaged, or with frames split into several fragments.
    """
    first = _first_fragment(source, place.offset)
    if place.frame_offsets is not None and place.frame_lengths is not None:
        return _from_extended_table(source, place, first, frames)
    offsets, lengths = _walk(source, first, frames + 1)
    if len(offsets) > frames:
        raise UnreadableSlide(
            "{name} splits its frames into several fragments, so they cannot be read in place.",
            name=source.name,
        )
    if len(offsets) < frames:
        raise UnreadableSlide(
            "{name} is truncated: it holds {count} of {frames} frames.",
            name=source.name,
            count=len(offsets),
            frames=frames,
        )
    return offsets, lengths


def single_frame(source: ByteSource, place: PixelDataPlace) -> bytes:
    """The only frame of a small instance, its fragments joined."""
    offsets, lengths = _walk(source, _first_fragment(source, place.offset), 100_000)
    return b"".join(source.read(int(o), int(n)) for o, n in zip(offsets, lengths, strict=True))


def _first_fragment(source: ByteSource, position: int) -> int:
    """The item tag after the Basic Offset Table, which is always there though often empty."""
    group, number, length = _ITEM_HEAD.unpack(source.read(position, 8))
    if group << 16 | number != ITEM or length % 4:
        raise UnreadableSlide("{name} has damaged encapsulated pixel data.", name=source.name)
    return position + 8 + int(length)


def _from_extended_table(
    source: ByteSource, place: PixelDataPlace, first: int, frames: int
) -> tuple[Offsets, Lengths]:
    assert place.frame_offsets is not None
    assert place.frame_lengths is not None
    damaged = UnreadableSlide(
        "{name} has an extended offset table that does not fit its frames.", name=source.name
    )
    if len(place.frame_offsets) != frames or len(place.frame_lengths) != frames:
        raise damaged
    limit = np.uint64(source.size)
    if (place.frame_offsets > limit).any() or (place.frame_lengths >= np.uint64(1 << 32)).any():
        raise damaged
    offsets = place.frame_offsets + np.uint64(first + 8)
    lengths = place.frame_lengths.astype(np.uint32)
    if (offsets + lengths > limit).any():
        raise UnreadableSlide("{name} is truncated: frames lie past its end.", name=source.name)
    for number in np.unique(np.linspace(0, frames - 1, min(frames, _CHECKED_FRAMES)).astype(int)):
        group, element, length = _ITEM_HEAD.unpack(source.read(int(offsets[number]) - 8, 8))
        # An item has even length, so it may be one byte longer than its frame.
        if group << 16 | element != ITEM or length - int(lengths[number]) not in (0, 1):
            raise damaged
    return offsets, lengths


def _walk(source: ByteSource, position: int, most: int) -> tuple[Offsets, Lengths]:
    """Value ranges of the fragments from `position` on, `most` at the most.

    Heads are read through a small window: large frames then cost one short read each, small ones share it.
    """
    offsets: list[int] = []
    lengths: list[int] = []
    size, window, start = source.size, b"", position
    unpack = _ITEM_HEAD.unpack_from
    while len(offsets) < most and position + 8 <= size:
        inside = position - start
        if inside + 8 > len(window):
            start, inside = position, 0
            window = source.read(position, min(_WINDOW_BYTES, size - position))
        group, number, length = unpack(window, inside)
        tag = group << 16 | number
        if tag == SEQUENCE_END:
            break
        if tag != ITEM:
            raise UnreadableSlide("{name} has damaged encapsulated pixel data.", name=source.name)
        if position + 8 + length > size:
            raise UnreadableSlide(
                "{name} is truncated: it ends inside frame {number}.",
                name=source.name,
                number=len(offsets) + 1,
            )
        offsets.append(position + 8)
        lengths.append(length)
        position += 8 + length
    return np.array(offsets, np.uint64), np.array(lengths, np.uint32)
