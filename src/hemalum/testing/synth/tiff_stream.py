"""Writing tiled TIFF files tile by tile, in any order, in flat memory."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from hemalum.testing.synth.noise import Array

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _LONG8 = 1, 2, 3, 4, 5, 7, 16
_CODE = {_SHORT: "H", _LONG: "I", _LONG8: "Q"}
_SIZE = {_BYTE: 1, _ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8, _UNDEFINED: 1, _LONG8: 8}

COMPRESSION = {"raw": 1, "lzw": 5, "jpeg": 7, "deflate": 8}
PHOTOMETRIC = {"grey": 1, "rgb": 2, "ycbcr": 6}


@dataclass
class Page:
    """One image of the file. `tile_px` None means that the whole image is one strip.

    Tile offsets and lengths are filled while writing, row by row; a tile may point at bytes another one uses.
    """

    width_px: int
    height_px: int
    tile_px: int | None
    samples: int = 3
    bits: int = 8
    compression: str = "jpeg"
    photometric: str = "ycbcr"
    subsampling: tuple[int, int] = (2, 1)
    tables: bytes | None = None
    description: str | None = None
    icc_profile: bytes | None = None
    spacing_um: float | None = None
    software: str | None = None
    made_at: str | None = None
    subfile: int = 0
    """NewSubfileType: 0 full resolution, 1 reduced; Aperio marks labels 1 and macros 9."""
    children: list["Page"] = field(default_factory=list)
    """Levels of the pyramid kept as SubIFDs, finest first."""

    def __post_init__(self) -> None:
        count = self.rows * self.columns
        self.offsets = np.zeros(count, np.uint64)
        self.lengths = np.zeros(count, np.uint64)

    @property
    def rows(self) -> int:
        return 1 if self.tile_px is None else -(-self.height_px // self.tile_px)

    @property
    def columns(self) -> int:
        return 1 if self.tile_px is None else -(-self.width_px // self.tile_px)


class TiffStream:
    """A TIFF file under construction: append tiles, then `finish` with the pages in their order.

    TIFF 6.0 (Adobe, 1992), BigTIFF, JPEG-in-TIFF by Technical Note 2 (1995), SubIFDs by Supplement 1.
    """

    def __init__(self, path: Path, *, big: bool) -> None:
        self._file = path.open("wb")
        self._big = big
        header = b"II" + (struct.pack("<HHHQ", 43, 8, 0, 0) if big else struct.pack("<HI", 42, 0))
        self._file.write(header)
        self._end = len(header)

    def append(self, encoded: bytes) -> tuple[int, int]:
        """Write bytes; answers their offset and length."""
        if self._end % 2:
            self._file.write(b"\0")
            self._end += 1
        offset = self._end
        self._file.write(encoded)
        self._end += len(encoded)
        return offset, len(encoded)

    def put(self, page: Page, row: int, column: int, encoded: bytes) -> None:
        """Write one tile of a page."""
        self.place(page, row, column, self.append(encoded))

    def place(self, page: Page, row: int, column: int, where: tuple[int, int]) -> None:
        """Point one tile of a page at bytes that are already written."""
        index = row * page.columns + column
        page.offsets[index], page.lengths[index] = where

    def finish(self, pages: Sequence[Page]) -> None:
        """Write the directories and close the file."""
        link_at = 8 if self._big else 4
        for page in pages:
            children = [self._directory(child, [])[0] for child in page.children]
            offset, next_at = self._directory(page, children)
            self._patch(link_at, offset)
            link_at = next_at
        self._file.close()

    def _patch(self, at: int, offset: int) -> None:
        self._file.seek(at)
        self._file.write(struct.pack("<Q" if self._big else "<I", offset))
        self._file.seek(0, 2)

    def _directory(self, page: Page, children: list[int]) -> tuple[int, int]:
        """Write one directory; answers its offset and where its link to the next one lies."""
        entries = sorted(self._entries(page, children))
        inline = 8 if self._big else 4
        rows: list[bytes] = []
        for tag, kind, count, value in entries:
            if len(value) > inline:
                value = struct.pack("<Q" if self._big else "<I", self.append(value)[0])
            layout = "<HHQ" if self._big else "<HHI"
            rows.append(struct.pack(layout, tag, kind, count) + value.ljust(inline, b"\0"))
        head = struct.pack("<Q" if self._big else "<H", len(rows))
        body = head + b"".join(rows)
        offset, length = self.append(body + b"\0" * inline)
        return offset, offset + length - inline

    def _entries(self, page: Page, children: list[int]) -> list[tuple[int, int, int, bytes]]:
        word = _LONG8 if self._big else _LONG
        table = [
            _numbers(254, _LONG, [page.subfile]),
            _numbers(256, _LONG, [page.width_px]),
            _numbers(257, _LONG, [page.height_px]),
            _numbers(258, _SHORT, [page.bits] * page.samples),
            _numbers(259, _SHORT, [COMPRESSION[page.compression]]),
            _numbers(262, _SHORT, [PHOTOMETRIC[page.photometric]]),
            _numbers(277, _SHORT, [page.samples]),
            _numbers(284, _SHORT, [1]),
        ]
        if page.tile_px is None:
            table += [_numbers(278, _LONG, [page.height_px])]
            table += [_numbers(273, word, page.offsets), _numbers(279, word, page.lengths)]
        else:
            table += [_numbers(322, _SHORT, [page.tile_px]), _numbers(323, _SHORT, [page.tile_px])]
            table += [_numbers(324, word, page.offsets), _numbers(325, word, page.lengths)]
        if page.photometric == "ycbcr":
            table.append(_numbers(530, _SHORT, page.subsampling))
            black_white = [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1]
            table.append((532, _RATIONAL, 6, struct.pack("<12I", *black_white)))
        if page.tables:
            table.append((347, _UNDEFINED, len(page.tables), page.tables))
        if page.icc_profile:
            table.append((34675, _UNDEFINED, len(page.icc_profile), page.icc_profile))
        for tag, text in ((270, page.description), (305, page.software), (306, page.made_at)):
            if text is not None:
                raw = text.encode("utf-8") + b"\0"
                table.append((tag, _ASCII, len(raw), raw))
        if page.spacing_um:
            per_cm = struct.pack("<2I", round(1e7 / page.spacing_um), 1000)
            table += [(282, _RATIONAL, 1, per_cm), (283, _RATIONAL, 1, per_cm), _numbers(296, _SHORT, [3])]
        if children:
            table.append(_numbers(330, word, children))
        return table

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _numbers(tag: int, kind: int, values: Sequence[int] | Array) -> tuple[int, int, int, bytes]:
    code = {_SHORT: "<u2", _LONG: "<u4", _LONG8: "<u8"}[kind]
    return tag, kind, len(values), np.asarray(values).astype(code).tobytes()


def split_jpeg(encoded: bytes, *, keep_adobe: bool) -> tuple[bytes, bytes]:
    """A JPEG stream as (tables, frame without tables), both abbreviated streams of ITU-T T.81 annex B.

    JFIF markers are dropped; the Adobe marker (APP14), which says how colour is coded, is kept on demand.
    """
    tables, frame = bytearray(b"\xff\xd8"), bytearray(b"\xff\xd8")
    at = 2
    while True:
        marker = encoded[at + 1]
        length = int.from_bytes(encoded[at + 2 : at + 4], "big")
        segment = encoded[at : at + 2 + length]
        if marker == 0xDA:
            frame += encoded[at:]
            return bytes(tables + b"\xff\xd9"), bytes(frame)
        if marker in (0xDB, 0xC4):
            tables += segment
        elif not 0xE0 <= marker <= 0xEF or (marker == 0xEE and keep_adobe):
            frame += segment
        at += 2 + length
