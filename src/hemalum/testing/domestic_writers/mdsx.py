"""MDSX (Motic): shared/research/domestic_formats.md, section 5.

A table of sections and levels, the first section with its places of XML and pictures, both XML texts,
pictures, tiles, and an index for each level. Not told by the note, and chosen here: ids as hexadecimal
numbers, positions in the first section counted from the start of the file, and how the elements of the XML
are nested.
"""

import base64
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO, Literal

import numpy as np

from hemalum.testing.domestic_writers.written import (
    HUGE_SIDE_PX,
    NOTHING_MISSING,
    Array,
    HugeTable,
    Picture,
    TilePlace,
    WrittenLevel,
    WrittenSlide,
    decode_jpeg,
    encode_jpeg,
    halvings,
    levels_to_one_tile,
    packed,
    pyramid,
    size_of,
    small_stream,
    write_level,
)

type TextForm = Literal["utf-8", "utf-16-le", "utf-8 in base64", "utf-16-le in base64"]
type Words = Literal["zero", "equal", "varied"]
"""The u16 before each tile: 0, the same number, or a different number in each."""

TILE_PX = 256
ENTRIES_AT, LEVELS_AT = 0x54, 0xA4
SECTIONS, FIRST_SECTION_ID, FIRST_LEVEL_ID = 5, 0x64, 0x6900
FIRST_SECTION_BYTES, STEP_BYTES = 0x46, 14
INDEX_ENTRY = np.dtype([("word", "<u2"), ("offset", "<u4"), ("length", "<u4")])
BELOW_4_GIB = (4 << 30) - (256 << 20)
_TRAILING_ZEROS = 6


def level_sizes(
    size_px: tuple[int, int], rounding: Literal["down", "up"] = "down", tile_px: int = TILE_PX
) -> list[tuple[int, int]]:
    """(width, height) of each level: halved, to the first that is a single tile."""
    if rounding == "down":
        return halvings(size_px, levels_to_one_tile(size_px, tile_px))
    sizes = [size_px]
    while max(sizes[-1]) > tile_px:
        width, height = sizes[-1]
        sizes.append((-(-width // 2), -(-height // 2)))
    return sizes


def write_mdsx(
    path: Path,
    picture: Picture,
    *,
    spacing_um: float = 0.2621,
    objective: int = 40,
    label: Array | None = None,
    macro: Array | None = None,
    tile_px: int = TILE_PX,
    text_form: TextForm = "utf-16-le in base64",
    nested: bool = True,
    broken_path: bool = False,
    words: Words = "zero",
    rounding: Literal["down", "up"] = "down",
    missing: Collection[TilePlace] = NOTHING_MISSING,
) -> WrittenSlide:
    """An MDSX of one picture (its levels are made) or of all its levels, and what a reader should find in it.

    `nested` puts what the matrix XML tells under ImageMatrix; `broken_path` adds a ScanPath that no XML
    parser takes. Words of tiles that are "varied" are to be refused. Missing tiles have offset and length 0.
    """
    levels = pyramid(picture, level_sizes(size_of(picture), rounding, tile_px))
    with path.open("wb") as file:
        file.write(bytes(LEVELS_AT + 16 * len(levels)))
        section_at = file.tell()
        file.write(bytes(FIRST_SECTION_BYTES))
        preview_at, label_at = _write_bytes(file, _jpeg(macro)), _write_bytes(file, _jpeg(label))
        written, indexes = [], []
        for n, pixels in enumerate(levels):
            level = write_level(file, n, [pixels], (tile_px, tile_px), missing=missing)
            written.append(level)
            indexes.append(_write_bytes(file, _index(level, words)))
        grids = [_grid((level.width_px, level.height_px), tile_px) for level in written]
        properties = _property_xml(spacing_um, objective, broken_path)
        matrix = _matrix_xml(size_of(picture), tile_px, grids, nested)
        properties_at = _write_bytes(file, _as_text(properties, text_form))
        matrix_at = _write_bytes(file, _as_text(matrix, text_form))
        file.seek(0)
        file.write(_head(section_at, indexes))
        file.seek(section_at)
        file.write(_first_section([properties_at, preview_at, label_at, matrix_at]))
    pictures = {"label": label, "macro": macro}
    return WrittenSlide(
        path,
        tuple(written),
        spacing_um,
        objective,
        255,
        {kind: decode_jpeg(encode_jpeg(p)) for kind, p in pictures.items() if p is not None},
        {"grids": grids, "quality": 90, "background": 255},
    )


def write_huge_mdsx(path: Path, *, side_px: int = HUGE_SIDE_PX, gap_bytes: int = BELOW_4_GIB) -> HugeTable:
    """Hundreds of thousands of tiles on two JPEG streams, with a hole of `gap_bytes` between these two.

    Tiles take them in turn; all offsets stay below 4 GiB, the second stream's and the indexes' are above 2
    GiB by default. About 0.1 s and 4 MB of disk. `side_px` is a power of two.
    """
    sizes, stream = level_sizes((side_px, side_px)), small_stream(TILE_PX)
    grids = [_grid(size, TILE_PX) for size in sizes]
    with path.open("wb") as file:
        file.write(bytes(LEVELS_AT + 16 * len(sizes)))
        section_at = file.tell()
        file.write(bytes(FIRST_SECTION_BYTES))
        first = file.tell()
        file.write(stream)
        second = file.seek(gap_bytes, 1)
        file.write(stream)
        indexes = []
        for rows, columns in grids:
            table = np.zeros(rows * columns, INDEX_ENTRY)
            table["offset"] = np.where(np.arange(len(table)) % 2, second, first)
            table["length"] = len(stream)
            indexes.append(_write_bytes(file, len(table).to_bytes(4, "little") + table.tobytes()))
        properties_at = _write_bytes(file, _as_text(_property_xml(0.25, 40, False), "utf-8"))
        matrix = _matrix_xml(sizes[0], TILE_PX, grids, nested=True)
        matrix_at = _write_bytes(file, _as_text(matrix, "utf-8"))
        file.seek(0)
        file.write(_head(section_at, indexes))
        file.seek(section_at)
        file.write(_first_section([properties_at, (first, len(stream)), (0, 0), matrix_at]))
    tiles = sum(rows * columns for rows, columns in grids)
    return HugeTable(path, tuple(sizes), TILE_PX, tiles, (first, second), stream)


def _write_bytes(file: IO[bytes], content: bytes) -> tuple[int, int]:
    """Offset and length of what is written; (0, 0) for nothing."""
    if not content:
        return 0, 0
    position = file.tell()
    file.write(content)
    return position, len(content)


def _jpeg(pixels: Array | None) -> bytes:
    return b"" if pixels is None else encode_jpeg(pixels)


def _grid(size_px: tuple[int, int], tile_px: int) -> tuple[int, int]:
    """Rows and columns."""
    return -(-size_px[1] // tile_px), -(-size_px[0] // tile_px)


def _head(section_at: int, indexes: Sequence[tuple[int, int]]) -> bytes:
    """Magic, five sections of which only the first has anything in it, and one entry for each level."""
    entries = [(FIRST_SECTION_ID, section_at, FIRST_SECTION_BYTES)]
    entries += [(FIRST_SECTION_ID + n, 0, 0) for n in range(1, SECTIONS)]
    entries += [(FIRST_LEVEL_ID + n, offset, length) for n, (offset, length) in enumerate(indexes)]
    listed = [
        (ENTRIES_AT + 16 * k, "4I", (identity, 0, offset, length))
        for k, (identity, offset, length) in enumerate(entries)
    ]
    return bytes(packed(LEVELS_AT + 16 * len(indexes), (0, "4s", b"BKIO"), *listed))


def _first_section(places: Sequence[tuple[int, int]]) -> bytes:
    """Property XML, preview, label, matrix XML: six bytes of tag, offset and length each."""
    listed = [(STEP_BYTES * (k + 1) + 6, "2I", place) for k, place in enumerate(places)]
    return bytes(packed(FIRST_SECTION_BYTES, *listed))


def _index(level: WrittenLevel, words: Words) -> bytes:
    """Count, then every place of the grid, row by row."""
    rows, columns = _grid((level.width_px, level.height_px), level.tile_width_px)
    table = np.zeros((rows, columns), INDEX_ENTRY)
    for tile in level.tiles:
        table[tile.row, tile.column] = (0, *tile.streams[0])
    if words == "equal":
        table["word"] = 0x6901
    if words == "varied":
        table["word"] = np.arange(table.size).reshape(table.shape) % 5
    return table.size.to_bytes(4, "little") + table.tobytes()


def _property_xml(spacing_um: float, objective: int, broken_path: bool) -> str:
    path = '<ScanPath value="D:\\scans & more\\<1>"/>' if broken_path else ""
    return (
        f'<Property><Scale value="{spacing_um}"/><ScanObjective value="{objective}"/>{path}'
        '<CompressQuality value="90"/><BackgroundColor value="255"/></Property>'
    )


def _matrix_xml(
    size_px: tuple[int, int], tile_px: int, grids: Sequence[tuple[int, int]], nested: bool
) -> str:
    layers = "".join(
        f'<Layer{n}><Rows value="{rows}"/><Cols value="{columns}"/></Layer{n}>'
        for n, (rows, columns) in enumerate(grids)
    )
    told = (
        f'<Width value="{size_px[0]}"/><Height value="{size_px[1]}"/><LayerCount value="{len(grids)}"/>'
        f'<CellWidth value="{tile_px}"/><CellHeight value="{tile_px}"/>{layers}'
    )
    return f"<Image><ImageMatrix>{told}</ImageMatrix></Image>" if nested else f"<Image>{told}</Image>"


def _as_text(xml: str, form: TextForm) -> bytes:
    """With the zeros that follow it in a file."""
    encoding, _, wrapped = form.partition(" in ")
    encoded = xml.encode(encoding) + bytes(_TRAILING_ZEROS)
    return base64.b64encode(encoded) if wrapped else encoded
