"""KFB (KFBio), bright field: shared/research/domestic_formats.md, section 1.

Header and tags, macro, label, tiles, tile table, preview. Not told by the note, and chosen here: which of the
two markers an image record bears (02 for macro and label, 03 for the preview), and zeros for unknown bytes.
"""

from collections.abc import Collection
from pathlib import Path
from typing import IO, Literal

import numpy as np

from hemalum.testing.domestic_writers.written import (
    HUGE_SIDE_PX,
    NOTHING_MISSING,
    PAST_4_GIB,
    Array,
    EdgeTiles,
    HugeTable,
    Picture,
    TilePlace,
    WrittenLevel,
    WrittenSlide,
    decode_jpeg,
    encode_jpeg,
    float32,
    halvings,
    levels_to_one_tile,
    packed,
    pyramid,
    size_of,
    small_stream,
    write_level,
)

type OffsetBase = Literal["table", "entry"]
"""What the offset of a tile is counted from: the start of the table, or of the tile's own entry."""

BLOCK_START, BLOCK_END = bytes.fromhex("F101EEEE"), bytes.fromhex("FF01EEEE")
TAGS_POSITION = 0x5C
RECORD_BYTES = 52
TILE_PX = 256
_MACRO_OR_LABEL, _PREVIEW = 2, 3

ENTRY = np.dtype(
    {
        "names": ["start", "x", "y", "width", "height", "scale", "length", "offset", "end"],
        "offsets": [0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x20, 0x24, 0x3C],
        "formats": ["V4", "<u4", "<u4", "<u4", "<u4", "<f4", "<u4", "<i8", "V4"],
        "itemsize": 64,
    }
)


def level_sizes(size_px: tuple[int, int], tile_px: int = TILE_PX) -> list[tuple[int, int]]:
    """(width, height) of each level: halved and rounded down, to the first that is a single tile."""
    return halvings(size_px, levels_to_one_tile(size_px, tile_px))


def tile_count(sizes_px: list[tuple[int, int]], tile_px: int = TILE_PX) -> int:
    """Tiles of all levels, none missing."""
    return sum(-(-width // tile_px) * -(-height // tile_px) for width, height in sizes_px)


def write_kfb(
    path: Path,
    picture: Picture,
    *,
    spacing_um: float = 0.484105,
    objective: int = 20,
    label: Array | None = None,
    macro: Array | None = None,
    serial: str = "KFB-SYN-0001",
    scan_time_s: int = 1_650_000_000,
    scan_duration_s: int = 95,
    version: float = 1.6,
    codec: bytes = b"JPEG",
    tile_px: int = TILE_PX,
    offset_base: OffsetBase = "table",
    edge_tiles: EdgeTiles = "cropped",
    missing: Collection[TilePlace] = NOTHING_MISSING,
) -> WrittenSlide:
    """A KFB of one picture (its levels are made) or of all its levels, and what a reader should find in it.

    `offset_base` writes either reading of the doubt; `codec` may be b"JPG" too. The preview is made from the
    coarsest level.
    """
    levels = pyramid(picture, level_sizes(size_of(picture), tile_px))
    with path.open("wb") as file:
        tags = tag_block([(29, serial.encode("ascii"))])
        file.write(bytes(TAGS_POSITION) + tags)
        macro_at = write_image(file, macro, _MACRO_OR_LABEL)
        label_at = write_image(file, label, _MACRO_OR_LABEL)
        written = [
            write_level(file, n, [level], (tile_px, tile_px), edge_tiles=edge_tiles, missing=missing)
            for n, level in enumerate(levels)
        ]
        table_at = file.tell()
        table = _table(written, objective, table_at, offset_base)
        file.write(table.tobytes())
        preview_at = write_image(file, levels[-1], _PREVIEW)
        file.seek(0)
        file.write(
            header(
                b"KFB\0",
                version,
                len(table),
                size_of(picture),
                objective,
                codec=codec,
                scan=(scan_duration_s, scan_time_s),
                pointers=(macro_at, label_at, preview_at, table_at),
                spacing_um=spacing_um,
                tile_px=tile_px,
            )
        )
    pictures = {"macro": macro, "label": label, "thumbnail": levels[-1]}
    return WrittenSlide(
        path,
        tuple(written),
        float32(spacing_um),
        objective,
        255,
        {kind: decode_jpeg(encode_jpeg(p)) for kind, p in pictures.items() if p is not None},
        {"serial": serial, "scan_time_s": scan_time_s, "version": float32(version), "tile_count": len(table)},
    )


def write_huge_kfb(path: Path, *, side_px: int = HUGE_SIDE_PX, gap_bytes: int = PAST_4_GIB) -> HugeTable:
    """Hundreds of thousands of tiles on two JPEG streams, with a hole of `gap_bytes` between these two.

    Tiles take them in turn, so with the default half of the offsets need more than 32 bits. About 0.1 s and
    25 MB of disk. `side_px` is a power of two.
    """
    sizes, stream = level_sizes((side_px, side_px)), small_stream(TILE_PX)
    with path.open("wb") as file:
        first = file.seek(4096)
        file.write(stream)
        second = file.seek(gap_bytes, 1)
        table_at = second + len(stream)
        file.write(stream)
        count = tile_count(sizes)
        table = blank_table(count)
        table["width"] = table["height"] = TILE_PX
        table["length"] = len(stream)
        table["offset"] = np.where(np.arange(count) % 2, second, first) - table_at
        place_tiles(table, sizes, 40)
        file.write(table.tobytes())
        preview_at = write_image(file, decode_jpeg(stream), _PREVIEW)
        file.seek(0)
        pointers = (0, 0, preview_at, table_at)
        file.write(header(b"KFB\0", 1.6, count, (side_px, side_px), 40, pointers=pointers, spacing_um=0.25))
        file.write(tag_block([]))
    return HugeTable(path, tuple(sizes), TILE_PX, count, (first, second), stream)


def header(
    magic: bytes,
    version: float,
    tiles: int,
    size_px: tuple[int, int],
    objective: int,
    *,
    codec: bytes = b"JPEG",
    scan: tuple[int, int] = (0, 0),
    pointers: tuple[int, int, int, int],
    spacing_um: float,
    tile_px: int = TILE_PX,
) -> bytes:
    """The bytes before the tags. `scan` is duration and time; `pointers` macro, label, preview, table."""
    width, height = size_px
    macro, label, preview, table = pointers
    return bytes(
        packed(
            TAGS_POSITION,
            (0x00, "4s", BLOCK_START),
            (0x04, "4s", magic),
            (0x0C, "f", version),
            (0x10, "I", tiles),
            (0x14, "2I", (height, width)),
            (0x1C, "I", objective),
            (0x20, "4s", codec),
            (0x28, "I", scan[0]),
            (0x2C, "q", scan[1]),
            (0x34, "2I", (macro, label)),
            (0x3C, "Q", preview),
            (0x44, "Q", table),
            (0x4C, "f", spacing_um),
            (0x58, "I", tile_px),
        )
    )


def tag_block(tags: list[tuple[int, bytes]]) -> bytes:
    """The list that ends the header."""
    listed = b"".join(packed(8, (0, "2I", (tag, len(value)))) + value for tag, value in tags)
    return bytes(packed(8, (0, "4s", BLOCK_END), (4, "I", len(tags))) + listed)


def write_image(file: IO[bytes], pixels: Array | None, marker: int) -> int:
    """An image record with its JPEG right behind; its position, or 0 if there is no picture."""
    if pixels is None:
        return 0
    position, stream = file.tell(), encode_jpeg(pixels)
    file.write(image_record(pixels, marker, len(stream)) + stream)
    return position


def image_record(pixels: Array, marker: int, length: int) -> bytes:
    """The 52 bytes that tell of an associated image."""
    return bytes(
        packed(
            RECORD_BYTES,
            (0x00, "4B", (0xF1, marker, 0xEE, 0xEE)),
            (0x08, "3I", pixels.shape),
            (0x14, "I", length),
            (0x18, "I", RECORD_BYTES),
        )
    )


def blank_table(count: int, entry: np.dtype[np.void] = ENTRY) -> Array:
    """Entries that have only their markers."""
    table = np.zeros(count, entry)
    table["start"], table["end"] = np.void(bytes.fromhex("F104EEEE")), np.void(bytes.fromhex("FF04EEEE"))
    return table


def place_tiles(table: Array, sizes_px: list[tuple[int, int]], objective: int) -> None:
    """Place and scale of every tile of a huge table, quickly."""
    begin = 0
    for n, (width, height) in enumerate(sizes_px):
        y, x = np.mgrid[0:height:TILE_PX, 0:width:TILE_PX]
        level = table[begin : begin + x.size]
        level["x"], level["y"], level["scale"] = x.ravel(), y.ravel(), objective / 2**n
        begin += x.size


def _table(levels: list[WrittenLevel], objective: int, table_at: int, base: OffsetBase) -> Array:
    tiles = [(n, tile) for n, level in enumerate(levels) for tile in level.tiles]
    table = blank_table(len(tiles))
    for k, (n, tile) in enumerate(tiles):
        entry = table[k]
        position, entry["length"] = tile.streams[0]
        entry["x"], entry["y"] = tile.x_px, tile.y_px
        entry["width"], entry["height"] = tile.width_px, tile.height_px
        entry["scale"] = objective / 2**n
        entry["offset"] = position - table_at - (ENTRY.itemsize * k if base == "entry" else 0)
    return table
