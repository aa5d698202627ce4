"""TIFF and BigTIFF directories (TIFF 6.0; BigTIFF as in libtiff 4), read by range and with bounds.

Nothing here trusts the file: chains may loop, counts may be absurd, arrays may lie past the end. Every such
thing is an UnreadableSlide with one sentence. Arrays are read with numpy, so a directory of a million
tiles costs two reads.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide

MAX_DIRECTORIES = 8_192
MAX_TAGS = 512
MAX_TAGS_IN_FILE = 400_000
MAX_TAG_BYTES = 64 << 20
"""Largest value of one tag. Tile offsets of 4 million tiles are 32 MiB."""


class Tag(IntEnum):
    """The tags that are read."""

    NEW_SUBFILE_TYPE = 254
    IMAGE_WIDTH = 256
    IMAGE_LENGTH = 257
    BITS_PER_SAMPLE = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    IMAGE_DESCRIPTION = 270
    MAKE = 271
    MODEL = 272
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES_PER_PIXEL = 277
    ROWS_PER_STRIP = 278
    STRIP_BYTE_COUNTS = 279
    X_RESOLUTION = 282
    Y_RESOLUTION = 283
    PLANAR_CONFIGURATION = 284
    RESOLUTION_UNIT = 296
    SOFTWARE = 305
    DATE_TIME = 306
    PREDICTOR = 317
    COLOUR_MAP = 320
    TILE_WIDTH = 322
    TILE_LENGTH = 323
    TILE_OFFSETS = 324
    TILE_BYTE_COUNTS = 325
    SUB_IFDS = 330
    SAMPLE_FORMAT = 339
    JPEG_TABLES = 347
    YCBCR_SUBSAMPLING = 530
    ICC_PROFILE = 34675


_ITEM_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ITEM_BYTES |= {16: 8, 17: 8, 18: 8}
_NUMPY = {1: "u1", 3: "u2", 4: "u4", 6: "i1", 7: "u1", 8: "i2", 9: "i4", 11: "f4", 12: "f8", 13: "u4"}
_NUMPY |= {16: "u8", 17: "i8", 18: "u8"}
_RATIONALS = {5: "u4", 10: "i4"}


@dataclass(frozen=True, slots=True)
class TiffEntry:
    """One tag of a directory, its value not yet read."""

    kind: int
    count: int
    inline: bytes
    """The value field: the value itself when it fits, else its offset."""


class TiffDirectory:
    """One image file directory. Values are read when asked for."""

    def __init__(self, tiff: "TiffContainer", offset: int, entries: Mapping[int, TiffEntry]) -> None:
        self.offset = offset
        self._tiff = tiff
        self._entries = entries

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def raw(self, tag: int) -> bytes | None:
        """The bytes of a value in file order, or None without the tag.

        Raises:
            UnreadableSlide: the value lies outside the file or is absurdly large.
        """
        entry = self._entries.get(tag)
        if entry is None:
            return None
        length = entry.count * _ITEM_BYTES.get(entry.kind, 1)
        if length <= len(entry.inline):
            return entry.inline[:length]
        source = self._tiff.source
        if length > MAX_TAG_BYTES:
            raise UnreadableSlide(
                "The TIFF tag {tag} claims {length} bytes, which cannot be.", tag=tag, length=length
            )
        return source.read(int.from_bytes(entry.inline, self._tiff.order), length)

    def array(self, tag: int) -> NDArray[np.generic]:
        """All numbers of a tag; empty without it. Rationals become float64."""
        raw = self.raw(tag)
        if raw is None:
            return np.empty(0, np.uint64)
        kind = self._entries[tag].kind
        mark = "<" if self._tiff.order == "little" else ">"
        if kind in _RATIONALS:
            pairs = np.frombuffer(raw, mark + _RATIONALS[kind]).reshape(-1, 2).astype(np.float64)
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(pairs[:, 0] / pairs[:, 1])
        if kind not in _NUMPY:
            raise UnreadableSlide("The TIFF tag {tag} does not hold numbers.", tag=tag)
        return np.frombuffer(raw, mark + _NUMPY[kind])

    def integers(self, tag: int) -> NDArray[np.uint64]:
        """All values of a tag as uint64.

        Raises:
            UnreadableSlide: they are not whole positive numbers.
        """
        values = self.array(tag)
        if values.dtype.kind not in "u":
            raise UnreadableSlide("The TIFF tag {tag} does not hold whole numbers.", tag=tag)
        return values.astype(np.uint64)

    def integer(self, tag: int, default: int | None = None) -> int:
        """The first value of a tag.

        Raises:
            UnreadableSlide: the tag is missing and there is no default.
        """
        entry = self._entries.get(tag)
        if entry is None or entry.count == 0:
            if default is None:
                raise UnreadableSlide("The TIFF lacks the tag {tag} that every image needs.", tag=tag)
            return default
        size = _ITEM_BYTES.get(entry.kind, 1)
        if entry.kind in (1, 3, 4, 13, 16, 18) and entry.count == 1 and size <= len(entry.inline):
            return int.from_bytes(entry.inline[:size], self._tiff.order)
        return int(self.integers(tag)[0])

    def number(self, tag: int) -> float | None:
        """The first value of a tag as a finite number, or None."""
        values = self.array(tag) if tag in self else np.empty(0)
        if values.size == 0 or not np.isfinite(np.float64(values.flat[0])):
            return None
        return float(np.float64(values.flat[0]))

    def text(self, tag: int) -> str:
        """A text tag up to its NUL; empty without it. UTF-8, else Latin-1."""
        raw = (self.raw(tag) or b"").split(b"\x00", 1)[0]
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")

    @property
    def is_tiled(self) -> bool:
        return Tag.TILE_WIDTH in self or Tag.TILE_OFFSETS in self

    @property
    def is_reduced(self) -> bool:
        """NewSubfileType bit 0: a smaller version of another image."""
        return bool(self.integer(Tag.NEW_SUBFILE_TYPE, 0) & 1)

    def sub_directories(self) -> tuple["TiffDirectory", ...]:
        """The directories of tag 330, in order.

        Raises:
            UnreadableSlide: there are too many, or they do not parse.
        """
        if Tag.SUB_IFDS not in self:
            return ()
        offsets = self.integers(Tag.SUB_IFDS)
        if offsets.size > 64:
            raise UnreadableSlide("A TIFF directory claims {count} sub-directories.", count=offsets.size)
        return tuple(self._tiff.read_directory(int(offset))[0] for offset in offsets)


class TiffContainer:
    """The header and the main chain of directories of one TIFF file."""

    def __init__(self, source: ByteSource) -> None:
        """Parse the header and the chain.

        Raises:
            UnreadableSlide: not a TIFF, or one whose directories loop, have no end or lie outside the file.
        """
        self.source = source
        head = source.read(0, min(16, source.size))
        if head[:2] not in (b"II", b"MM") or len(head) < 8:
            raise UnreadableSlide("{name} is not a TIFF file.", name=source.name)
        self.order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
        self._mark = "<" if head[:2] == b"II" else ">"
        version = int.from_bytes(head[2:4], self.order)
        if version not in (42, 43):
            raise UnreadableSlide("{name} is not a TIFF file.", name=source.name)
        self.is_big = version == 43
        if self.is_big and (len(head) < 16 or int.from_bytes(head[4:6], self.order) != 8):
            raise UnreadableSlide("{name} has a damaged BigTIFF header.", name=source.name)
        self._tags = 0
        first = int.from_bytes(head[8:16] if self.is_big else head[4:8], self.order)
        self.directories = tuple(self._chain(first))
        if not self.directories:
            raise UnreadableSlide("{name} is a TIFF file without an image.", name=source.name)

    def read_directory(self, offset: int) -> tuple[TiffDirectory, int]:
        """The directory at `offset` and where the next one lies (0: nowhere)."""
        source, big = self.source, self.is_big
        count_bytes, entry_bytes, next_bytes = (8, 20, 8) if big else (2, 12, 4)
        if offset < 8 or offset + count_bytes > source.size:
            raise UnreadableSlide("A TIFF directory lies outside the file.")
        count = int.from_bytes(source.read(offset, count_bytes), self.order)
        if count == 0 or count > MAX_TAGS:
            raise UnreadableSlide("A TIFF directory claims {count} tags.", count=count)
        self._tags += count
        if self._tags > MAX_TAGS_IN_FILE:
            raise UnreadableSlide("The TIFF has more tags than any scanner writes.")
        length = count * entry_bytes
        if offset + count_bytes + length > source.size:
            raise UnreadableSlide("The file is truncated: a TIFF directory reaches past its end.")
        # Some writers leave out the last link when a directory ends the file.
        tail = min(next_bytes, source.size - offset - count_bytes - length)
        body = source.read(offset + count_bytes, length + tail)
        layout = struct.Struct(self._mark + ("HHQ8s" if big else "HHI4s"))
        entries: dict[int, TiffEntry] = {}
        for tag, kind, items, inline in layout.iter_unpack(body[:length]):
            if items * _ITEM_BYTES.get(kind, 0) > source.size:
                raise UnreadableSlide(
                    "The TIFF tag {tag} claims {items} values, which cannot be.", tag=tag, items=items
                )
            # Of a tag that stands twice the first holds, as in libtiff.
            entries.setdefault(tag, TiffEntry(kind, items, inline))
        following = int.from_bytes(body[length:], self.order) if tail == next_bytes else 0
        return TiffDirectory(self, offset, entries), following

    def _chain(self, offset: int) -> Iterator[TiffDirectory]:
        seen: set[int] = set()
        while offset:
            if offset in seen:
                raise UnreadableSlide("The TIFF directories form a loop.")
            if len(seen) >= MAX_DIRECTORIES:
                raise UnreadableSlide("The TIFF has more than {most} directories.", most=MAX_DIRECTORIES)
            seen.add(offset)
            directory, offset = self.read_directory(offset)
            yield directory
