"""SDPC and DYQX (Sqray), bright field: shared/research/domestic_formats.md, section 3.

A chain of blocks: header, person, label and macro, thumbnail, levels, extra. A DYQX is the same bytes under
another extension. Not told by the note, and chosen here: zeros for unknown bytes, 0 as the next block of the
last level, a level's own um/px in its head, and which bytes the data size of a level counts.
"""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from PIL import Image

from hemalum.testing.domestic_writers.written import (
    HEVC,
    JPEG,
    NOTHING_MISSING,
    Array,
    HugeTable,
    Picture,
    TilePlace,
    WrittenLevel,
    WrittenSlide,
    decode_jpeg,
    encode_jpeg,
    packed,
    pyramid,
    shrunk,
    size_of,
    small_stream,
    write_level,
)

TILE_PX = 288
HEADER_BYTES, PERSON_BYTES, MACRO_BYTES, LEVEL_BYTES, EXTRA_BYTES = 153, 6808, 123, 122, 768
PERSON_NEXT = 0x1988
PERSON_TEXTS = (
    ("pathology_number", 64),
    ("name", 64),
    ("sex", 1),
    ("age", 1),
    ("department", 64),
    ("hospital", 64),
    ("specimen", 1024),
    ("clinical_diagnosis", 2048),
    ("pathological_diagnosis", 2048),
    ("report_date", 64),
    ("doctor", 64),
    ("remark", 1024),
)
"""Fields of the person block from its byte 6 on, with their sizes; sex (1 = male) and age are numbers."""
SAMPLE_PERSON: Mapping[str, str | int] = {
    "pathology_number": "H26-01234",
    "name": "张伟(虚构)",
    "sex": 1,
    "age": 57,
    "department": "消化内科",
    "hospital": "合成医院",
    "specimen": "胃窦活检",
    "clinical_diagnosis": "慢性胃炎?",
    "pathological_diagnosis": "慢性萎缩性胃炎",
    "report_date": "2026-01-02",
    "doctor": "李娜(虚构)",
    "remark": "synthetic",
}
"""Nobody's, in every field."""
COLOUR_MATRIX = (1.5, -0.3, -0.2, -0.1, 1.3, -0.2, 0.0, -0.4, 1.4)
VERSION = "1.0.3.1010"
_CODECS = {"jpeg": 0, "hevc": 4}
_BMP = 1
_THUMBNAIL_SIDE_PX = 300
_NEXT_OF_HEAD = 0x1E


@dataclass(frozen=True, slots=True)
class _Level:
    """What the head of a level block tells."""

    number: int
    size_px: tuple[int, int]
    tile_px: tuple[int, int]
    scale: float
    spacing_um: float
    codec: int

    @property
    def across(self) -> int:
        return -(-self.size_px[0] // self.tile_px[0])

    @property
    def down(self) -> int:
        return -(-self.size_px[1] // self.tile_px[1])


def level_sizes(
    size_px: tuple[int, int], level_scale: float = 0.5, tile_px: tuple[int, int] = (TILE_PX, TILE_PX)
) -> list[tuple[int, int]]:
    """(width, height) of each level: level 0 times the scale, rounded down, to the first that is one tile."""
    sizes = [size_px]
    while sizes[-1][0] > tile_px[0] or sizes[-1][1] > tile_px[1]:
        scale = level_scale ** len(sizes)
        sizes.append((max(1, int(size_px[0] * scale)), max(1, int(size_px[1] * scale))))
    return sizes


def write_sdpc(
    path: Path,
    picture: Picture,
    *,
    spacing_um: float = 0.2068,
    objective: int = 40,
    label: Array | None = None,
    macro: Array | None = None,
    person: Mapping[str, str | int] | None = SAMPLE_PERSON,
    barcode: str = "H26-01234-A1",
    serial: str = "SQS-SYN-0001",
    scan_moment: str = "2026-01-02 03:04:05",
    with_extra: bool = True,
    tile_px: tuple[int, int] = (TILE_PX, TILE_PX),
    level_scale: float = 0.5,
    codec: Literal["jpeg", "hevc"] = "jpeg",
    header_bytes: int = HEADER_BYTES,
    size_counts_table: bool = False,
    missing: Collection[TilePlace] = NOTHING_MISSING,
) -> WrittenSlide:
    """An SDPC of one picture (its levels are made) or of all its levels, and what a reader should find in it.

    `person` None leaves its block out; a `macro` needs a `label`, as the two are told apart by their order.
    `level_scale` is 0.5 or 0.25, `header_bytes` 153 or 156, as sources differ; `size_counts_table` lets a
    level's data size count the table of lengths too. "hevc" needs PyAV. The colour matrix in the extra block
    is not applied to the pixels.
    """
    assert macro is None or label is not None
    sizes = level_sizes(size_of(picture), level_scale, tile_px)
    levels = pyramid(picture, sizes, round(1 / level_scale))
    thumbnail = _thumbnail(levels[0])
    with path.open("wb") as file:
        file.write(bytes(header_bytes))
        chain = _Chain(file)
        if person is not None:
            chain.add(_person_block(person), PERSON_NEXT)
        images = [image for image in (label, macro) if image is not None]
        for image in images:
            stream = encode_jpeg(image)
            chain.add(_macro_head(image, len(stream)), 0x2B)
            file.write(stream)
        _add_thumbnail(chain, thumbnail)
        written = []
        for n, pixels in enumerate(levels):
            scale = level_scale**n
            head = _Level(n, sizes[n], tile_px, scale, spacing_um / scale, _CODECS[codec])
            written.append(_add_level(chain, head, pixels, missing, size_counts_table))
        extra_at = file.tell() if with_extra else 0
        if with_extra:
            file.write(_extra_block(serial, scan_moment, barcode))
        file_bytes = file.tell()
        file.seek(0)
        file.write(
            _header(
                header_bytes,
                file_bytes,
                images=len(images),
                has_person=person is not None,
                sizes=sizes,
                tile_px=tile_px,
                thumbnail_px=(thumbnail.shape[1], thumbnail.shape[0]),
                level_scale=level_scale,
                spacing_um=spacing_um,
                objective=objective,
                extra_at=extra_at,
                codec=_CODECS[codec],
            )
        )
    pictures = {"label": label, "macro": macro}
    associated = {kind: decode_jpeg(encode_jpeg(p)) for kind, p in pictures.items() if p is not None}
    extra = {"barcode": barcode, "serial": serial, "scan_moment": scan_moment, "colour_matrix": COLOUR_MATRIX}
    return WrittenSlide(
        path,
        tuple(written),
        spacing_um,
        objective,
        255,
        associated | {"thumbnail": thumbnail},
        {"person": person, "version": VERSION, **(extra if with_extra else {})},
    )


def write_huge_sdpc(path: Path, *, side_tiles: int = 512, stored_bytes: int | None = None) -> HugeTable:
    """Hundreds of thousands of tiles, each its own bytes: positions are sums in an SDPC, so none is shared.

    With `stored_bytes` every tile takes that many, zeros behind its stream; a few thousand tiles then reach
    past 4 GiB in a sparse file. `side_tiles` is a power of two. About 0.4 s and 1 GB of disk by default, and
    4 kB of disk for each tile of a sparse one.
    """
    stream = small_stream(TILE_PX, quality=5)
    stored = stored_bytes or len(stream)
    sizes = [(TILE_PX * side_tiles >> n,) * 2 for n in range(side_tiles.bit_length())]
    with path.open("wb") as file:
        file.write(bytes(HEADER_BYTES))
        chain = _Chain(file)
        thumbnail = decode_jpeg(stream)
        _add_thumbnail(chain, thumbnail)
        for n, size in enumerate(sizes):
            head = _Level(n, size, (TILE_PX, TILE_PX), 0.5**n, 0.25 * 2**n, _CODECS["jpeg"])
            count = head.across * head.down
            chain.add(_level_head(head, stored * count), _NEXT_OF_HEAD)
            file.write(np.full(count, stored, "<i4").tobytes())
            for _ in range(head.down):
                _write_spaced(file, stream, stored, head.across)
        file_bytes = file.tell()
        file.truncate()
        file.seek(0)
        file.write(
            _header(
                HEADER_BYTES,
                file_bytes,
                images=0,
                has_person=False,
                sizes=sizes,
                tile_px=(TILE_PX, TILE_PX),
                thumbnail_px=(TILE_PX, TILE_PX),
                level_scale=0.5,
                spacing_um=0.25,
                objective=40,
                extra_at=0,
                codec=_CODECS["jpeg"],
            )
        )
    tiles = sum(4**n for n in range(len(sizes)))
    return HugeTable(path, tuple(sizes), TILE_PX, tiles, (), stream)


class _Chain:
    """Blocks that each tell where the next one is."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._pointer_at: int | None = None

    def add(self, block: bytes, pointer_offset: int) -> None:
        """Write a block here, tell the one before, and remember where this one has its pointer."""
        position = self.file.tell()
        if self._pointer_at is not None:
            self.file.seek(self._pointer_at)
            self.file.write(position.to_bytes(8, "little"))
            self.file.seek(position)
        self.file.write(block)
        self._pointer_at = position + pointer_offset


def _add_thumbnail(chain: _Chain, pixels: Array) -> None:
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("RGBA").save(buffer, "BMP")
    height, width = pixels.shape[:2]
    head = _Level(0, (width, height), (width, height), 1.0, 0.0, _BMP)
    chain.add(_level_head(head, len(buffer.getvalue())), _NEXT_OF_HEAD)
    chain.file.write(buffer.getvalue())


def _add_level(
    chain: _Chain, head: _Level, pixels: Array, missing: Collection[TilePlace], size_counts_table: bool
) -> WrittenLevel:
    """Head, lengths of all tiles (0 where one is missing), tiles."""
    file, lengths = chain.file, np.zeros((head.down, head.across), "<i4")
    head_at = file.tell()
    chain.add(bytes(LEVEL_BYTES), _NEXT_OF_HEAD)  # of zeros until the lengths are known
    file.write(lengths.tobytes())
    codec = HEVC if head.codec == _CODECS["hevc"] else JPEG
    written = write_level(file, head.number, [pixels], head.tile_px, codec=codec, missing=missing)
    end = file.tell()
    for tile in written.tiles:
        lengths[tile.row, tile.column] = tile.streams[0][1]
    file.seek(head_at)
    file.write(_level_head(head, int(lengths.sum()) + lengths.nbytes * size_counts_table))
    file.write(lengths.tobytes())
    file.seek(end)
    return written


def _write_spaced(file: IO[bytes], stream: bytes, stored: int, count: int) -> None:
    """A stream so many times, holes between them if it takes less than `stored` bytes."""
    if stored == len(stream):
        file.write(stream * count)
        return
    for _ in range(count):
        file.write(stream)
        file.seek(stored - len(stream), 1)


def _header(
    header_bytes: int,
    file_bytes: int,
    *,
    images: int,
    has_person: bool,
    sizes: list[tuple[int, int]],
    tile_px: tuple[int, int],
    thumbnail_px: tuple[int, int],
    level_scale: float,
    spacing_um: float,
    objective: int,
    extra_at: int,
    codec: int,
) -> bytes:
    return bytes(
        packed(
            header_bytes,
            (0x00, "2s", b"SQ"),
            (0x02, "16s", VERSION.encode()),
            (0x12, "I", header_bytes),
            (0x16, "Q", file_bytes),
            (0x1E, "I", images),
            (0x22, "I", has_person),
            (0x26, "I", len(sizes)),
            (0x2A, "2I", sizes[0]),
            (0x32, "2I", tile_px),
            (0x3A, "2I", thumbnail_px),
            (0x42, "B", 24),
            (0x43, "B", 90),
            (0x48, "f", level_scale),
            (0x4C, "d", spacing_um),
            (0x54, "I", objective),
            (0x58, "q", extra_at),
            (0x68, "B", codec),
        )
    )


def _person_block(person: Mapping[str, str | int]) -> bytes:
    fields: list[tuple[int, str, Any]] = [(0x00, "2s", b"PI"), (0x02, "I", PERSON_BYTES)]
    offset = 6
    for name, size in PERSON_TEXTS:
        value = person[name]
        fields.append((offset, "B", value) if size == 1 else (offset, f"{size}s", str(value).encode("gbk")))
        offset += size
    return bytes(packed(PERSON_BYTES, *fields))


def _macro_head(pixels: Array, length: int) -> bytes:
    height, width, samples = pixels.shape
    return bytes(
        packed(
            MACRO_BYTES,
            (0x00, "2s", b"MI"),
            (0x02, "I", MACRO_BYTES),
            (0x0A, "2I", (width, height)),
            (0x12, "I", samples),
            (0x16, "I", width * samples),
            (0x1A, "Q", pixels.size),
            (0x22, "Q", length),
            (0x2A, "B", 90),
        )
    )


def _level_head(level: _Level, data_bytes: int) -> bytes:
    """Of a level or of the thumbnail; the pointer to the next block is set by the chain."""
    padding = (
        level.across * level.tile_px[0] - level.size_px[0],
        level.down * level.tile_px[1] - level.size_px[1],
    )
    return bytes(
        packed(
            LEVEL_BYTES,
            (0x00, "2s", b"IF"),
            (0x02, "I", LEVEL_BYTES),
            (0x06, "I", level.number),
            (0x0A, "3I", (level.across * level.down, level.across, level.down)),
            (0x16, "q", data_bytes),
            (0x26, "f", level.scale),
            (0x2A, "d", level.spacing_um),
            (0x32, "2I", padding),
            (0x3A, "B", level.codec),
        )
    )


def _extra_block(serial: str, scan_moment: str, barcode: str) -> bytes:
    return bytes(
        packed(
            EXTRA_BYTES,
            (0x00, "2s", b"EI"),
            (0x02, "I", EXTRA_BYTES),
            (0x0E, "20s", b"SYN-CAM"),
            (0x22, "f", 1.0),
            (0x26, "3f", (1.0, 1.0, 1.0)),
            (0x32, "3f", (1.0, 1.0, 1.0)),
            (0x3E, "9f", COLOUR_MATRIX),
            (0x62, "32s", scan_moment.encode()),
            (0x82, "I", 120),
            (0x9A, "32s", serial.encode()),
            (0xBA, "B", 1),
            (0xC3, "128s", barcode.encode()),
            (0x143, "3f", (1.0, 0.5, 1.0)),
        )
    )


def _thumbnail(pixels: Array) -> Array:
    """The picture in a square of 300 pixels."""
    height, width = pixels.shape[:2]
    factor = -(-max(height, width) // _THUMBNAIL_SIDE_PX)
    return shrunk(pixels, (max(1, width // factor), max(1, height // factor)), factor)
