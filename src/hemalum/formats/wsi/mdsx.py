"""MDSX (.mdsx, .msdx, .mdss) of Motic (麦克奥迪) scanners, in place.

No specification is public and no file was seen; all that is known has one origin. docs/formats.md says what
this reader rests on. Integers are little-endian, positions 32 bit and unsigned.
"""

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from hemalum.formats.wsi.embedded import Pictures
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import AssociatedKind, Colour, Level, SlideDescription
from hemalum.formats.wsi.placed_tiles import (
    LevelForm,
    TileTable,
    checked_levels,
    halved,
    head_at,
    jpeg_form,
    placed_level,
)
from hemalum.formats.wsi.readings import Reading, choose
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.sentence import Sentence

MAGIC = b"BKIO"
_LIMIT = 1 << 32
_SECTIONS_AT, _LEVELS_AT = 0x54, 0xA4
_SECTION = struct.Struct("<4xIII")
_PLACE = struct.Struct("<II")
_PROPERTIES_AT, _PREVIEW_AT, _LABEL_AT, _MATRIX_AT = 0x14, 0x22, 0x30, 0x3E
ENTRY = np.dtype([("unknown", "<u2"), ("offset", "<u4"), ("length", "<u4")])
_MAX_XML, _MAX_LEVELS = 4 << 20, 32
_TILE_SIDES = range(16, 4097)
_PLAUSIBLE_UM = (0.01, 50.0)
_SHOWN = ("Scale", "ScanObjective", "CompressQuality", "BackgroundColor")
"""Of the property document only these are put into `properties`: others may be of the patient."""


@dataclass(frozen=True)
class Layout:
    """What the section table and the matrix document say."""

    size: PixelSize
    tile_px: int
    grids: tuple[tuple[int, int], ...]
    """(rows, columns) of each level, finest first."""
    tables: tuple[tuple[int, int], ...]
    """(position, length) of the tile table of each level, finest first."""
    properties: Mapping[str, str]
    preview: tuple[int, int]
    label: tuple[int, int]


def is_mdsx(head: bytes) -> bool:
    """Whether a file that starts so is an MDSX."""
    return head.startswith(MAGIC)


def open_mdsx(source: ByteSource) -> Slide:
    """An MDSX slide, in place.

    Raises:
        UnreadableSlide: it is damaged, larger than its positions reach, or fits no reading of the format.
    """
    layout = read_layout(source)
    readings = [
        Reading(name, partial(_levels, source, layout, rounded_up, exact))
        for name, rounded_up, exact in (
            ("levels rounded down", False, True),
            ("levels rounded up", True, True),
            ("tables reach past the picture", False, False),
        )
    ]
    chosen = choose(Sentence("sizes of the levels"), readings, source)
    pictures = Pictures(source)
    for kind, (at, length) in ((AssociatedKind.LABEL, layout.label), (AssociatedKind.MACRO, layout.preview)):
        if at:
            pictures.add(kind, at, length)
    properties = {"mdsx.reading": chosen.name, "mdsx.seams": chosen.seams}
    description = _describe(layout, chosen.levels, pictures, properties)
    return IndexedSlide(description, FrameIndex(chosen.levels), [source], pictures.found)


def read_layout(source: ByteSource) -> Layout:
    """Sections and documents of the file.

    Raises:
        UnreadableSlide: they are damaged, or the file is larger than they can describe.
    """
    if source.size > _LIMIT:
        raise UnreadableSlide(
            "This MDSX file is larger than 4 GiB, which its positions cannot reach; export it as DICOM, SVS"
            " or TIFF with the scanner's software."
        )
    start, _ = _places(source, _SECTIONS_AT, 1)[0]
    matrix = _document(source, *_place(source, start + _MATRIX_AT))
    layers = _number(matrix, "LayerCount")
    size = PixelSize(_number(matrix, "Width"), _number(matrix, "Height"))
    tile_px = _number(matrix, "CellWidth")
    if not 1 <= layers <= _MAX_LEVELS or 0 in (size.width_px, size.height_px):
        raise UnreadableSlide("The MDSX file is damaged: it states no picture.")
    if tile_px not in _TILE_SIDES or _number(matrix, "CellHeight") != tile_px:
        raise UnreadableSlide("The tiles of this MDSX file are not square, or of no size that can be.")
    grids = [_grid(matrix, number) for number in range(layers)]
    tables = _places(source, _LEVELS_AT, layers)
    order = sorted(range(layers), key=lambda number: -grids[number][0] * grids[number][1])
    at, length = _place(source, start + _PROPERTIES_AT)
    return Layout(
        size=size,
        tile_px=tile_px,
        grids=tuple(grids[number] for number in order),
        tables=tuple(tables[number] for number in order),
        properties=_values(_document(source, at, length)) if at else {},
        preview=_place(source, start + _PREVIEW_AT),
        label=_place(source, start + _LABEL_AT),
    )


def read_sections(source: ByteSource) -> list[tuple[int, int, int, int]]:
    """The five sections: id, a number of unknown meaning, position, length.

    Raises:
        UnreadableSlide: the file ends before them.
    """
    return list(struct.iter_unpack("<IIII", source.read(_SECTIONS_AT, _LEVELS_AT - _SECTIONS_AT)))


def _places(source: ByteSource, at: int, count: int) -> list[tuple[int, int]]:
    """(position, length) of entries of the section table."""
    found = _SECTION.iter_unpack(source.read(at, count * _SECTION.size))
    return [(offset, length) for _, offset, length in found]


def _place(source: ByteSource, at: int) -> tuple[int, int]:
    offset, length = _PLACE.unpack(source.read(at, _PLACE.size))
    return offset, length


def _document(source: ByteSource, at: int, length: int) -> Any:
    """An XML document: plain or in Base64, in UTF-8 or UTF-16, with zeros behind."""
    if length > _MAX_XML:
        raise UnreadableSlide("A document in the MDSX file is too large.")
    stored = source.read(at, length)
    try:
        if not stored.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").startswith(b"<"):
            stored = base64.b64decode(stored.replace(b"\x00", b"") + b"==")
        wide = stored[:2] == b"\xff\xfe" or stored[1:2] == b"\x00"
        stored = stored[: len(stored) // 2 * 2] if wide else stored
        text = stored.decode("utf-16-le" if wide else "utf-8").strip("\ufeff\x00 \r\n\t")
        # The declaration states an encoding that is undone here; ScanPath holds what is no XML.
        text = re.sub(r"^<\?xml[^>]*\?>", "", text)
        text = re.sub(r"<ScanPath\b.*?(?:/>|</ScanPath>)", "", text, flags=re.S)
        return ElementTree.fromstring(text, forbid_dtd=True)
    except (ValueError, binascii.Error, ElementTree.ParseError, DefusedXmlException, RecursionError) as error:
        raise UnreadableSlide("A document in the MDSX file is damaged.") from error


def _values(document: Any) -> dict[str, str]:
    return {element.tag: element.get("value") for element in document.iter() if element.get("value")}


def _number(parent: Any, name: str) -> int:
    element = next(iter(parent.iter(name)), None)
    text = "" if element is None else (element.get("value") or "")
    if not re.fullmatch(r"\d{1,9}", text):
        raise UnreadableSlide("The MDSX file states no {name}.", name=name)
    return int(text)


def _grid(matrix: Any, number: int) -> tuple[int, int]:
    layer = next(iter(matrix.iter(f"Layer{number}")), None)
    if layer is None:
        raise UnreadableSlide("The MDSX file does not describe level {number}.", number=number)
    return _number(layer, "Rows"), _number(layer, "Cols")


def _levels(source: ByteSource, layout: Layout, rounded_up: bool, exact: bool) -> tuple[FrameLevel, ...]:
    tile = PixelSize(layout.tile_px, layout.tile_px)
    form: LevelForm | None = None
    levels: list[FrameLevel] = []
    unknown: set[int] = set()
    for number, (grid, place) in enumerate(zip(layout.grids, layout.tables, strict=True)):
        size = halved(layout.size, number)
        if rounded_up:
            size = PixelSize(-(-layout.size.width_px >> number), -(-layout.size.height_px >> number))
        needed = (-(-size.height_px // tile.height_px), -(-size.width_px // tile.width_px))
        if needed != grid and (exact or needed[0] > grid[0] or needed[1] > grid[1]):
            raise UnreadableSlide(
                "Level {number} has {across} x {down} tiles and needs {needed_across} x {needed_down}.",
                number=number,
                across=grid[1],
                down=grid[0],
                needed_across=needed[1],
                needed_down=needed[0],
            )
        table, marks = _table(source, grid, needed, *place)
        unknown |= marks
        if form is None:
            form = _form(source, tile, table)
        levels.append(placed_level(number, size, 2.0**number, form, table))
        if needed == (1, 1):
            break
    if len(unknown) > 1:
        raise UnreadableSlide("The table of tiles holds a number whose meaning is not known, and it varies.")
    return checked_levels(levels, source)


def _table(
    source: ByteSource, grid: tuple[int, int], needed: tuple[int, int], at: int, length: int
) -> tuple[TileTable, set[int]]:
    """The tiles of a level, row by row, that its picture needs, and the values of the unknown field."""
    rows, columns = grid
    count = rows * columns
    if length != 4 + count * ENTRY.itemsize or int.from_bytes(source.read(at, 4), "little") != count:
        raise UnreadableSlide("A table of tiles does not hold the {count} tiles of its level.", count=count)
    entries = np.frombuffer(source.read(at + 4, count * ENTRY.itemsize), ENTRY)
    row, column = np.divmod(np.arange(count, dtype=np.int64), columns)
    inside = (row < needed[0]) & (column < needed[1])
    offsets, lengths = (entries[name][inside].astype(np.int64) for name in ("offset", "length"))
    table = TileTable(row[inside], column[inside], offsets, lengths)
    return table, set(np.unique(entries["unknown"]).tolist())


def _form(source: ByteSource, tile: PixelSize, table: TileTable) -> LevelForm:
    present = np.flatnonzero(table.lengths)
    if not present.size:
        raise UnreadableSlide("The file holds no pixels: its tables list no tile.")
    first = int(present[0])
    form = jpeg_form(tile, head_at(source, int(table.offsets[first]), int(table.lengths[first])))
    if form.colour is Colour.GREY:
        raise UnreadableSlide(
            "The tiles of this {name} file are grey, so it is no bright-field scan.", name="MDSX"
        )
    return form


def _describe(
    layout: Layout, levels: tuple[FrameLevel, ...], pictures: Pictures, properties: Mapping[str, str]
) -> SlideDescription:
    warnings = pictures.warnings
    spacing = _positive(layout.properties.get("Scale"))
    if spacing is not None and not _PLAUSIBLE_UM[0] <= spacing <= _PLAUSIBLE_UM[1]:
        warnings.append(Sentence("The scale that the file states is not a plausible one and is not used."))
        spacing = None
    power = _positive(layout.properties.get("ScanObjective"))
    shown = {f"mdsx.{name}": layout.properties[name] for name in _SHOWN if name in layout.properties}
    values = {"spacing_um": ("Scale", spacing), "objective_power": ("ScanObjective", power)}
    return SlideDescription(
        format="mdsx",
        levels=tuple(Level(level.size, level.downsample) for level in levels),
        pixel=levels[0].pixel,
        spacing_um=None if spacing is None else SpacingUm(spacing, spacing),
        associated=tuple(pictures.found),
        vendor="Motic",
        objective_power=power,
        properties={**shown, **properties},
        sources={name: f"mdsx.{tag}" for name, (tag, value) in values.items() if value is not None},
        warnings=tuple(warnings),
    )


def _positive(text: str | None) -> float | None:
    """A number in text such as 0.26 or 20x; None for what is none."""
    found = re.match(r"\s*(\d{1,6}(?:\.\d{1,12})?)", text or "")
    value = float(found[1]) if found else 0.0
    return value or None
