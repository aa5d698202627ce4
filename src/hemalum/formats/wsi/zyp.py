"""ZYP of WinMedic scanners, versions 1.10 and 2.01 (bright field), in place.

JPEG data first, a text index last, found from the end of the file. No specification is public and no file was
seen; docs/formats.md says what this reader rests on. Numbers are little-endian or decimal text.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.embedded import Pictures
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import AssociatedKind, Colour, Level, SlideDescription
from hemalum.formats.wsi.placed_tiles import (
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
from hemalum.kernel.geometry import PixelPoint, PixelSize, SpacingUm
from hemalum.kernel.sentence import Sentence

_TRAILER = struct.Struct("<4QQ")
_VERSIONS = ("1.10", "2.01")
_VERSION_BYTES, _TAIL_BYTES = 64, 1 << 16
_WIDE = b"\xff\xfe\xff"
_TILE_PX, _COARSEST = 256, 9
_MAX_INDEX_BYTES = 2 << 30
_MAX_FRONT_BYTES = 1 << 20
_MAX_FIELDS = 4096
_PLAUSIBLE_UM = (0.01, 50.0)
SHOWN = ("MicrometersPerPixel", "ScanZoom", "ScanMode", "SliceSize", "SliceWidth", "SliceHeight", "ROILeft",
          "ROITop", "ROIRight", "ROIBottom", "LocationChannelId")  # fmt: skip
"""Of SliceInfo only these are put into `properties`: others may be of the patient."""


_PICTURES = (
    ("Barcode", AssociatedKind.LABEL),
    ("Label", AssociatedKind.LABEL),
    ("OriginalPreview", AssociatedKind.MACRO),
)


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


_NAMES = {
    version: re.compile(rb"\xff\xfe\xff[\x07-\x2f]\d{1,9}(?:,\d{1,9}){%d}" % commas)
    for version, commas in (("1.10", 3), ("2.01", 4))
}
"""Name of a tile, without zero bytes: flat, level, column and row; in 2.01 after the channel."""
_TILES = {
    version: re.compile(
        rb"\xff\xfe\xff[\x07-\x2f](\d{1,9}(?:,\d{1,9}){%d})\x02"
        rb"\xff\xfe\xff\x0dStartPosition\xff\xfe\xff[\x01-\x12](\d{1,18})"
        rb"\xff\xfe\xff\x0aDataLength\xff\xfe\xff[\x01-\x12](\d{1,18})" % commas
    )
    for version, commas in (("1.10", 3), ("2.01", 4))
}
"""A tile as all known files write it, without zero bytes: name and two fields, in this order."""
_BETWEEN = len(
    b"\xff\xfe\xff.\x02\xff\xfe\xff.StartPosition\xff\xfe\xff.\xff\xfe\xff.DataLength\xff\xfe\xff."
)
"""Bytes of it that are no numbers."""

type Items = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class ZypIndex:
    """What the text index holds."""

    version: str
    marks: tuple[int, int, int, int]
    """Positions of the pairs that split the index."""
    items: Items
    """The items before the tiles."""
    tiles: NDArray[np.int64]
    """(tiles, 7): channel, flat, level, column, row, position, length."""


def is_zyp(source: ByteSource) -> bool:
    """Whether the file ends like a ZYP, even a cut one: it begins as a JPEG and must not pass for one."""
    tail = source.read(max(0, source.size - _TAIL_BYTES), min(source.size, _TAIL_BYTES))
    return _find_version(source) is not None or _WIDE + b"\x0d" + _wide("StartPosition") in tail


def open_zyp(source: ByteSource) -> Slide:
    """A ZYP slide, in place.

    Levels whose tiles do not begin at the corner of the picture are left out; ingest derives them.

    Raises:
        UnreadableSlide: it is damaged, holds fluorescence, or fits no reading of the format.
    """
    index = read_index(source)
    fields = index.items.get("SliceInfo", {})
    tiles, warnings = _shown_tiles(index)
    size = _size(fields)
    readings = [
        Reading("corner from the region scanned", partial(_levels, source, tiles, size, fields)),
        Reading("corner from the first tile", partial(_levels, source, tiles, size, None)),
    ]
    chosen = choose(Sentence("corner of the picture"), readings, source)
    pictures = _pictures(source, index)
    properties = {"zyp.version": index.version, "zyp.reading": chosen.name, "zyp.seams": chosen.seams}
    description = _describe(fields, chosen.levels, pictures, [*warnings, *pictures.warnings], properties)
    return IndexedSlide(description, FrameIndex(chosen.levels), [source], pictures.found)


def read_index(source: ByteSource) -> ZypIndex:
    """The whole index.

    Raises:
        UnreadableSlide: it is damaged or of another version.
    """
    version = _find_version(source)
    if version not in _VERSIONS:
        raise UnreadableSlide("This ZYP file is cut off, or of a version that is not known.")
    *marks, _ = _TRAILER.unpack(source.read(source.size - _TRAILER.size, _TRAILER.size))
    first, second, third, fourth = marks
    if not first < second <= third <= fourth < source.size or second - first > _MAX_INDEX_BYTES:
        raise UnreadableSlide("The index of this ZYP file is damaged: its parts do not follow each other.")
    return ZypIndex(
        version,
        (first, second, third, fourth),
        _front_items(source, first),
        _tile_numbers(source.read(first, second - first), version),
    )


def _find_version(source: ByteSource) -> str | None:
    """The version string that the last eight bytes point to; None when they do not."""
    if source.size < _TRAILER.size:
        return None
    at = int.from_bytes(source.read(source.size - 8, 8), "little")
    if not 0 < at < source.size:
        return None
    try:
        text, _ = _string(source.read(at, min(_VERSION_BYTES, source.size - at)), 0)
    except UnreadableSlide:
        return None
    return text if re.fullmatch(r"\d\.\d\d", text) else None


def _front_items(source: ByteSource, end: int) -> Items:
    """Items between the last JPEG and the tiles."""
    start = max(0, end - _MAX_FRONT_BYTES)
    block = source.read(start, end - start)
    at = block.rfind(b"\xff\xd9" + _WIDE)
    if at < 0:
        raise UnreadableSlide("The index of this ZYP file is damaged: its start is not found.")
    at += 2
    items: dict[str, dict[str, str]] = {}
    while at < len(block):
        name, fields, at = _item(block, at)
        items.setdefault(name, fields)
    return items


def _item(block: bytes, at: int) -> tuple[str, dict[str, str], int]:
    """An item (its name and fields), and where the next begins."""
    name, at = _string(block, at)
    count = int.from_bytes(block[at : at + 4], "little")
    if at + 4 > len(block) or count > _MAX_FIELDS:
        raise UnreadableSlide("The index of this ZYP file is damaged: an item claims too many fields.")
    at += 4
    fields = {}
    for _ in range(count):
        key, at = _string(block, at)
        fields[key], at = _string(block, at)
    return name, fields, at


def _string(block: bytes, at: int) -> tuple[str, int]:
    """A string of the MFC archive, and where it ends: UTF-16 after a mark, else either width."""
    wide = block[at : at + 3] == _WIDE
    at += 3 if wide else 0
    length, at = _length(block, at)
    if at + length > len(block):
        raise UnreadableSlide("The index of this ZYP file is damaged: a text reaches past its end.")
    if not wide and length and block[at + 1 : at + 2 * length : 2] == bytes(length):
        wide = True
    end = at + length * (2 if wide else 1)
    if end > len(block):
        raise UnreadableSlide("The index of this ZYP file is damaged: a text reaches past its end.")
    return block[at:end].decode("utf-16-le" if wide else "gbk", "replace"), end


def _length(block: bytes, at: int) -> tuple[int, int]:
    """Characters in a string: one byte, or FF and two, or FF FFFF and four."""
    for width in (1, 2, 4):
        length = int.from_bytes(block[at : at + width], "little")
        at += width
        if at > len(block):
            raise UnreadableSlide("The index of this ZYP file is damaged: it ends within a text.")
        if length < (1 << 8 * width) - 1:
            break
    return length, at


def _tile_numbers(block: bytes, version: str) -> NDArray[np.int64]:
    """All tiles of the index as numbers; see `ZypIndex.tiles`."""
    # Half of UTF-16 is zeros; without them the expressions run several times faster.
    narrow = block.replace(b"\x00", b"")
    first = _NAMES[version].search(narrow)
    if first is None:
        raise UnreadableSlide("The file holds no pixels: its tables list no tile.")
    found = _TILES[version].findall(narrow, first.start())
    text = b",".join(map(b",".join, found))
    # Three texts an item, and a comma between any two of all texts.
    covered = len(text) - (3 * len(found) - 1) + _BETWEEN * len(found)
    if covered == len(narrow) - first.start():
        flat = np.fromstring(text.decode("ascii"), np.int64, sep=",")
    else:
        flat = np.asarray(_slow_tile_numbers(block, version), np.int64)
    if version == "1.10":
        numbers = flat.reshape(-1, 6)
        return np.hstack([np.zeros((len(numbers), 1), np.int64), numbers])
    return flat.reshape(-1, 7)


def _slow_tile_numbers(block: bytes, version: str) -> list[int]:
    """The same from an index that keeps to the general form of items only."""
    parts = 4 if version == "1.10" else 5
    first = re.search(rb"\xff\xfe\xff.(?:\d\x00)+(?:,\x00(?:\d\x00)+){%d}" % (parts - 1), block, re.DOTALL)
    at = first.start() if first else len(block)
    numbers: list[int] = []
    while at < len(block):
        name, fields, at = _item(block, at)
        texts = [*name.split(","), fields.get("StartPosition", ""), fields.get("DataLength", "")]
        if len(texts) != parts + 2 or not all(re.fullmatch(r"\d{1,18}", text) for text in texts):
            raise UnreadableSlide("The index of this ZYP file is damaged: a tile has no place or position.")
        numbers.extend(int(text) for text in texts)
    return numbers


def _shown_tiles(index: ZypIndex) -> tuple[NDArray[np.int64], list[Sentence]]:
    """The tiles of the plane and channel that are shown, and what is left out."""
    tiles = index.tiles
    warnings: list[Sentence] = []
    channels = np.unique(tiles[:, 0])
    if channels.size > 1:
        stated = [
            fields["LocationChannelId"] for fields in index.items.values() if "LocationChannelId" in fields
        ]
        shown = tiles[:, 0] == (int(stated[0]) if stated and stated[0].isdecimal() else -1)
        if not shown.any():
            raise UnreadableSlide("This ZYP file holds several channels and does not say which to show.")
        tiles = tiles[shown]
        warnings.append(Sentence("The file holds several channels; the one for locating is shown."))
    if (tiles[:, 1] != 0).any():
        warnings.append(Sentence("The file holds several focal planes; the first is shown."))
        tiles = tiles[tiles[:, 1] == 0]
    return tiles[(tiles[:, 2] >= 0) & (tiles[:, 2] <= _COARSEST)], warnings


def _size(fields: Mapping[str, str]) -> PixelSize:
    """The size of the picture: "WxH" in one field, or in two."""
    found = re.fullmatch(r"\s*(\d{1,9})\s*[x×X*]\s*(\d{1,9})\s*", fields.get("SliceSize", ""))
    sides = found.groups() if found else (fields.get("SliceWidth", ""), fields.get("SliceHeight", ""))
    if not all(re.fullmatch(r"0*[1-9]\d{0,8}", side) for side in sides):
        raise UnreadableSlide("The ZYP file states no size of its picture.")
    return PixelSize(int(sides[0]), int(sides[1]))


def _levels(
    source: ByteSource, tiles: NDArray[np.int64], size: PixelSize, fields: Mapping[str, str] | None
) -> tuple[FrameLevel, ...]:
    """Levels from the region scanned that `fields` state, or, without them, from the first tile on."""
    finest = tiles[tiles[:, 2] == 0]
    if not finest.size:
        raise UnreadableSlide("The file holds no pixels: every tile of its finest level is left out.")
    corner = _first_tile(finest) if fields is None else _region_corner(fields, size)
    head = head_at(source, int(finest[0, 5]), int(finest[0, 6]))
    form = jpeg_form(PixelSize(_TILE_PX, _TILE_PX), head)
    if form.colour is Colour.GREY:
        raise UnreadableSlide(
            "The tiles of this {name} file are grey, so it is no bright-field scan.", name="ZYP"
        )
    levels: list[FrameLevel] = []
    for number in range(int(tiles[:, 2].max()) + 1):
        own = tiles[tiles[:, 2] == number]
        side = _TILE_PX << number
        if not own.size or corner.x_px % side or corner.y_px % side:
            break
        level_size = halved(size, number)
        columns, rows = own[:, 3] - corner.x_px // side, own[:, 4] - corner.y_px // side
        inside = (
            (columns >= 0)
            & (rows >= 0)
            & (columns * _TILE_PX < level_size.width_px)
            & (rows * _TILE_PX < level_size.height_px)
        )
        if number == 0 and not inside.all():
            raise UnreadableSlide(
                "{count} of {total} tiles of level {number} lie outside of the picture.",
                count=int((~inside).sum()),
                total=inside.size,
                number=number,
            )
        table = TileTable(rows[inside], columns[inside], own[inside, 5], own[inside, 6])
        levels.append(placed_level(number, level_size, 2.0**number, form, table))
        if levels[-1].rows * levels[-1].columns == 1:
            break
    if not levels:
        raise UnreadableSlide("The tiles do not begin at the corner of the picture.")
    return checked_levels(levels, source)


def _first_tile(finest: NDArray[np.int64]) -> PixelPoint:
    return PixelPoint(int(finest[:, 3].min()) * _TILE_PX, int(finest[:, 4].min()) * _TILE_PX)


def _region_corner(fields: Mapping[str, str], size: PixelSize) -> PixelPoint:
    """The corner in level-0 pixels of the glass; the region is stated in pixels of level 9."""
    scale = 1 << _COARSEST
    edges = [_number(fields.get(f"ROI{name}", "")) for name in ("Left", "Top", "Right", "Bottom")]
    if any(edge is None for edge in edges):
        raise UnreadableSlide("The file states no region that was scanned.")
    left, top, right, bottom = (edge or 0.0 for edge in edges)
    for stated, side in ((right - left, size.width_px), (bottom - top, size.height_px)):
        if abs(stated * scale - side) > 2 * scale:
            raise UnreadableSlide("The region that was scanned is not as large as the picture.")
    return PixelPoint(round(left * scale), round(top * scale))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", text) else None


def _pictures(source: ByteSource, index: ZypIndex) -> Pictures:
    pictures = Pictures(source)
    for name, kind in _PICTURES:
        fields = index.items.get(name, {})
        place = [fields.get(key, "") for key in ("StartPosition", "DataLength")]
        if all(re.fullmatch(r"\d{1,18}", text) for text in place):
            pictures.add(kind, int(place[0]), int(place[1]))
    return pictures


def _describe(
    fields: Mapping[str, str],
    levels: tuple[FrameLevel, ...],
    pictures: Pictures,
    warnings: list[Sentence],
    properties: Mapping[str, str],
) -> SlideDescription:
    spacing = _number(fields.get("MicrometersPerPixel", ""))
    if spacing is not None and not _PLAUSIBLE_UM[0] <= spacing <= _PLAUSIBLE_UM[1]:
        warnings.append(Sentence("The scale that the file states is not a plausible one and is not used."))
        spacing = None
    power = _number(fields.get("ScanZoom", "").rstrip("xX× ")) or None
    shown = {f"zyp.{name}": fields[name] for name in SHOWN if fields.get(name)}
    values = {"spacing_um": ("MicrometersPerPixel", spacing), "objective_power": ("ScanZoom", power)}
    return SlideDescription(
        format="zyp",
        levels=tuple(Level(level.size, level.downsample) for level in levels),
        pixel=levels[0].pixel,
        spacing_um=None if spacing is None else SpacingUm(spacing, spacing),
        associated=tuple(pictures.found),
        vendor="WinMedic",
        objective_power=power,
        properties={**shown, **properties},
        sources={name: f"zyp.{tag}" for name, (tag, value) in values.items() if value is not None},
        warnings=tuple(warnings),
    )
