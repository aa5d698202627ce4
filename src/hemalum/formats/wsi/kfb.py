"""KFB and KFBF of KFBIO (江丰) scanners: bright field (1.x), and fluorescence in version 2.1 of the format.

No specification is public and no file was seen; docs/formats.md says what this reader rests on. Integers are
little-endian, offsets from the start of the file.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.embedded import Pictures, moment, zero_ended
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import AssociatedKind, Channel, Colour, Level, SlideDescription
from hemalum.formats.wsi.placed_tiles import (
    TileTable,
    checked_levels,
    gather,
    halved,
    head_at,
    jpeg_form,
    placed_level,
)
from hemalum.formats.wsi.readings import Chosen, Reading, choose
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.sentence import Sentence

MAGIC = b"\xf1\x01\xee\xee"
_KFB, _KFBF = b"KFB\x00", b"KFBF"

_HEADER = struct.Struct("<4s4sIfIIII4s4xIqIIQQf8xI")
_TAGS_START, _TAGS_MARK = 0x5C, b"\xff\x01\xee\xee"
_MAX_TAGS, _MAX_TAG_BYTES = 4096, 1 << 16
_RECORD = struct.Struct("<4s4xIIIII")
_ENTRY = np.dtype(
    {
        "names": ["start", "x", "y", "width", "height", "scale", "length", "where", "lengths_at", "end"],
        "formats": ["<u4", "<u4", "<u4", "<u4", "<u4", "<f4", "<u4", "<i8", "<u8", "<u4"],
        "offsets": [0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x20, 0x24, 0x2C, 0x3C],
        "itemsize": 64,
    }
)
_ENTRY_START, _ENTRY_END = 0xEEEE04F1, 0xEEEE04FF
_SERIAL, _CHANNELS, _NAMES, _COLOURS, _EXPOSURES, _GAMMAS = 29, 75, 77, 79, 84, 87
_NAME_BYTES, _MAX_CHANNELS = 40, 12
_PLAUSIBLE_UM = (0.01, 50.0)
_TILE_SIDES = range(16, 4097)
_FLUORESCENCE_VERSION = 2.1
_FIRST_PADDED = 4
"""KFBF levels from this on reach past the edge of the picture: 4 to 8 are stored as whole cells of 256 finest
pixels, the rest as halves of level 8."""


@dataclass(frozen=True)
class KfbHeader:
    """The block at the start of the file."""

    fluorescence: bool
    version: float
    tiles: int
    sides: tuple[int, int]
    """The two sides of level 0 as they stand at 0x14 and 0x18: height, then width."""
    objective: int
    codec: bytes
    scan_seconds: int
    scanned_at: int
    macro_at: int
    label_at: int
    preview_at: int
    table_at: int
    spacing_um: float
    tile_px: int
    tags: Mapping[int, bytes]

    @property
    def size(self) -> PixelSize:
        return PixelSize(self.sides[1], self.sides[0])


def is_kfb(head: bytes) -> bool:
    """Whether a file that starts so is a KFB or KFBF."""
    return head[:4] == MAGIC and head[4:8] in (_KFB, _KFBF)


def open_kfb(source: ByteSource) -> Slide:
    """A KFB or KFBF slide, in place.

    Raises:
        UnreadableSlide: it is damaged, of another version, or fits no reading of the format.
    """
    header = read_header(source)
    entries = read_entries(source, header)
    channels: tuple[Channel, ...] = (Channel("brightfield"),)
    properties: dict[str, str] = {}
    if header.fluorescence:
        channels, properties = _channels(source, header)
        chosen = _fluorescence(source, header, entries, len(channels))
    else:
        chosen = _bright_field(source, header, entries)
    properties |= {"kfb.reading": chosen.name, "kfb.seams": chosen.seams}
    pictures = _pictures(source, header)
    description = _describe(header, chosen.levels, channels, properties, pictures)
    return IndexedSlide(description, FrameIndex(chosen.levels), [source], pictures.found)


def read_header(source: ByteSource) -> KfbHeader:
    """The header, as far as it can be true.

    Raises:
        UnreadableSlide: it cannot.
    """
    block = _HEADER.unpack(source.read(0, _HEADER.size))
    (_, kind, _, version, tiles, height, width, objective, codec, seconds, scanned) = block[:11]
    header = KfbHeader(
        fluorescence=kind == _KFBF,
        version=round(version, 4),
        tiles=tiles,
        sides=(height, width),
        objective=objective,
        codec=codec,
        scan_seconds=seconds,
        scanned_at=scanned & 0xFFFFFFFF if kind == _KFBF else scanned,
        macro_at=block[11],
        label_at=block[12],
        preview_at=block[13],
        table_at=block[14],
        spacing_um=block[15],
        tile_px=block[16],
        tags=_read_tags(source),
    )
    name = "KFBF" if header.fluorescence else "KFB"
    known = header.version == _FLUORESCENCE_VERSION if header.fluorescence else 1 <= header.version < 2
    if not known:
        raise UnreadableSlide(
            "This {name} file is of version {version}, which is not known.", name=name, version=header.version
        )
    if codec.rstrip(b"\x00 ") not in (b"JPEG", b"JPG"):
        raise UnreadableSlide("The tiles of this {name} file are in a coding that is not known.", name=name)
    if height == 0 or width == 0 or tiles == 0 or header.tile_px not in _TILE_SIDES:
        raise UnreadableSlide("The header of this {name} file is damaged: it states no picture.", name=name)
    return header


def read_entries(source: ByteSource, header: KfbHeader) -> NDArray[Any]:
    """The table of tiles, all levels.

    Raises:
        UnreadableSlide: it does not lie inside the file, or is damaged.
    """
    block = source.read(header.table_at, header.tiles * _ENTRY.itemsize)
    entries = np.frombuffer(block, _ENTRY)
    damaged = (entries["start"] != _ENTRY_START) | (entries["end"] != _ENTRY_END)
    if damaged.any():
        raise UnreadableSlide(
            "The table of tiles is damaged: {count} of {total} entries have no marks.",
            count=int(damaged.sum()),
            total=entries.size,
        )
    return entries


def level_steps(entries: NDArray[Any]) -> NDArray[np.int64]:
    """For each entry how often its level halves the finest.

    The field holds objective / 2^level as a float.

    Raises:
        UnreadableSlide: levels do not lie by halves.
    """
    scale = entries["scale"].astype(np.float64)
    if not np.isfinite(scale).all() or (scale <= 0).any():
        raise UnreadableSlide("The table of tiles is damaged: a level has no scale.")
    steps = np.log2(scale.max() / scale)
    whole = np.rint(steps).astype(np.int64)
    if np.abs(steps - whole).max() > 0.01 or whole.max() > 32:
        raise UnreadableSlide("The levels of this slide are not halves of each other.")
    return whole


# Bright field -------------------------------------------------------------------------------------------


def _bright_field(source: ByteSource, header: KfbHeader, entries: NDArray[Any]) -> Chosen:
    """Whether offsets count from the start of the table or of their own entry; sources differ."""
    from_table = np.full(entries.size, header.table_at, np.int64)
    from_entry = from_table + np.arange(entries.size, dtype=np.int64) * _ENTRY.itemsize
    bases = {"offsets from the table": from_table, "offsets from the entry": from_entry}
    readings = [
        Reading(name, partial(_bright_levels, source, header, entries, base)) for name, base in bases.items()
    ]
    return choose(Sentence("offsets of the tiles"), readings, source)


def _bright_levels(
    source: ByteSource, header: KfbHeader, entries: NDArray[Any], base: NDArray[np.int64]
) -> tuple[FrameLevel, ...]:
    offsets = base + entries["where"]
    for at in {0, min(1, entries.size - 1), entries.size - 1}:
        head = head_at(source, int(offsets[at]), int(entries["length"][at]))
    tile = PixelSize(header.tile_px, header.tile_px)
    form = jpeg_form(tile, head)
    if form.colour is Colour.GREY:
        raise UnreadableSlide(
            "The tiles of this {name} file are grey, so it is no bright-field scan.", name="KFB"
        )
    steps = level_steps(entries)
    levels = []
    for number, step in enumerate(np.unique(steps).tolist()):
        own = steps == step
        size = halved(header.size, step)
        placed = _placed(entries[own]["x"], entries[own]["y"], offsets[own], entries[own]["length"], tile)
        cropped = _is_cropped(entries[own], size, tile, number)
        levels.append(placed_level(number, size, 2.0**step, replace(form, cropped_edges=cropped), placed))
        if levels[-1].rows * levels[-1].columns == 1:
            break  # what lies beyond is one tile made smaller and smaller
    return checked_levels(levels, source)


def _is_cropped(entries: NDArray[Any], size: PixelSize, tile: PixelSize, number: int) -> bool:
    """Whether tiles at the right and bottom edge end with the picture, by the sizes that entries record."""
    width, height = entries["width"].astype(np.int64), entries["height"].astype(np.int64)
    if (width == tile.width_px).all() and (height == tile.height_px).all():
        return False
    left_x = np.minimum(tile.width_px, size.width_px - entries["x"].astype(np.int64))
    left_y = np.minimum(tile.height_px, size.height_px - entries["y"].astype(np.int64))
    if (width == left_x).all() and (height == left_y).all():
        return True
    raise UnreadableSlide("Tiles of level {number} have sizes that do not fill the picture.", number=number)


# Fluorescence -------------------------------------------------------------------------------------------


def _fluorescence(source: ByteSource, header: KfbHeader, entries: NDArray[Any], channels: int) -> Chosen:
    """Whether the header has height before width and entries x before y, or the other way round."""
    offsets = _block_values(source, entries["where"], channels)
    lengths = _block_values(source, entries["lengths_at"].astype(np.int64), channels)
    readings = [
        Reading(name, partial(_grey_levels, source, header, entries, offsets, lengths, turned))
        for name, turned in (("height first, x first", False), ("width first, y first", True))
    ]
    return choose(Sentence("orientation"), readings, source)


def _block_values(source: ByteSource, at: NDArray[np.int64], channels: int) -> NDArray[np.int64]:
    """The first values of a block for each tile: (tiles, channels). What follows belongs to the next tile."""
    return gather(source, at, 8 * channels).view("<i8")


def _grey_levels(
    source: ByteSource,
    header: KfbHeader,
    entries: NDArray[Any],
    offsets: NDArray[np.int64],
    lengths: NDArray[np.int64],
    turned: bool,
) -> tuple[FrameLevel, ...]:
    size = PixelSize(*header.sides) if turned else header.size
    across, down = ("y", "x") if turned else ("x", "y")
    tile = PixelSize(header.tile_px, header.tile_px)
    present = np.argwhere(lengths > 0)
    if not present.size:
        raise UnreadableSlide("The file holds no pixels: its tables list no tile.")
    first = tuple(present[0])
    form = jpeg_form(tile, head_at(source, int(offsets[first]), int(lengths[first])))
    if form.colour is not Colour.GREY:
        raise UnreadableSlide("The tiles of this KFBF file are in colour, so they are not of one channel.")
    steps = level_steps(entries)
    levels: list[FrameLevel] = []
    for number, step in enumerate(np.unique(steps).tolist()):
        own = steps == step
        level_size = halved(size, step)
        # What reaches past the picture, as levels 4 and on do, is no part of it.
        if step >= _FIRST_PADDED:
            own &= (entries[across] < level_size.width_px) & (entries[down] < level_size.height_px)
        cropped = bool(
            (entries[own]["width"] < header.tile_px).any() | (entries[own]["height"] < header.tile_px).any()
        )
        placed = _placed(entries[own][across], entries[own][down], offsets[own], lengths[own], tile)
        levels.append(
            placed_level(number, level_size, 2.0**step, replace(form, cropped_edges=cropped), placed)
        )
        if levels[-1].rows * levels[-1].columns == 1:
            break
    return checked_levels(levels, source)


def _channels(source: ByteSource, header: KfbHeader) -> tuple[tuple[Channel, ...], dict[str, str]]:
    """The channels, and how they were exposed."""
    count = _tag_number(header, _CHANNELS)
    if not 1 <= count <= _MAX_CHANNELS:
        raise UnreadableSlide(
            "The KFBF file claims {count} channels; it has room for {most}.", count=count, most=_MAX_CHANNELS
        )
    names = _tag_block(source, header, _NAMES, count * _NAME_BYTES)
    colours = np.frombuffer(_tag_block(source, header, _COLOURS, count * 12), "<u4").reshape(-1, 3)
    channels = []
    for at in range(count):
        name = zero_ended(names[at * _NAME_BYTES : (at + 1) * _NAME_BYTES], "utf-8")
        colour = "#" + "".join(f"{min(255, part):02x}" for part in colours[at].tolist())
        channels.append(Channel(name or f"Channel {at + 1}", colour if colours[at].any() else None))
    properties: dict[str, str] = {}
    for name, tag in (("exposure", _EXPOSURES), ("gamma", _GAMMAS)):
        values = np.frombuffer(_tag_block(source, header, tag, count * 8), "<f8")
        if values.any():
            properties |= {f"kfb.{name}[{at}]": f"{value:g}" for at, value in enumerate(values.tolist())}
    return tuple(channels), properties


def _tag_number(header: KfbHeader, tag: int) -> int:
    return int.from_bytes(header.tags.get(tag, b"")[:8], "little")


def _tag_block(source: ByteSource, header: KfbHeader, tag: int, length: int) -> bytes:
    """The block that a tag points to; zeros when the file has no such tag."""
    at = _tag_number(header, tag)
    return source.read(at, length) if at else bytes(length)


# Both ---------------------------------------------------------------------------------------------------


def _placed(
    x: NDArray[Any], y: NDArray[Any], offsets: NDArray[np.int64], lengths: NDArray[Any], tile: PixelSize
) -> TileTable:
    x, y = x.astype(np.int64), y.astype(np.int64)
    if (x % tile.width_px).any() or (y % tile.height_px).any():
        raise UnreadableSlide("The table of tiles is damaged: tiles do not lie on a grid.")
    return TileTable(y // tile.height_px, x // tile.width_px, offsets, lengths.astype(np.int64))


def _read_tags(source: ByteSource) -> dict[int, bytes]:
    """The list of tags after the header; what is damaged ends it."""
    tags: dict[int, bytes] = {}
    at = _TAGS_START + 8
    if source.size < at or source.read(_TAGS_START, 4) != _TAGS_MARK:
        return tags
    count = int.from_bytes(source.read(_TAGS_START + 4, 4), "little")
    for _ in range(min(count, _MAX_TAGS)):
        if at + 8 > source.size:
            break
        tag, length = struct.unpack("<II", source.read(at, 8))
        if length > _MAX_TAG_BYTES or at + 8 + length > source.size:
            break
        tags[tag] = source.read(at + 8, length)
        at += 8 + length
    return tags


def _pictures(source: ByteSource, header: KfbHeader) -> Pictures:
    """Macro and label, by the pointers of the header: the marks of the records are used in other ways too."""
    pictures = Pictures(source)
    for kind, at in ((AssociatedKind.MACRO, header.macro_at), (AssociatedKind.LABEL, header.label_at)):
        if at == 0:
            continue
        if at + _RECORD.size > source.size:
            pictures.leave_out(kind)
            continue
        mark, _height, _width, _samples, length, payload = _RECORD.unpack(source.read(at, _RECORD.size))
        if mark[:1] == MAGIC[:1] and mark[2:] == MAGIC[2:]:
            pictures.add(kind, at + payload, length)
        else:
            pictures.leave_out(kind)
    return pictures


def _describe(
    header: KfbHeader,
    levels: tuple[FrameLevel, ...],
    channels: tuple[Channel, ...],
    properties: dict[str, str],
    pictures: Pictures,
) -> SlideDescription:
    warnings = pictures.warnings
    spacing = header.spacing_um if _PLAUSIBLE_UM[0] <= header.spacing_um <= _PLAUSIBLE_UM[1] else None
    if spacing is None:
        warnings.append(Sentence("The scale that the file states is not a plausible one and is not used."))
    else:
        spacing = float(f"{spacing:.7g}")  # of a float32, no more digits are meant
    serial = zero_ended(header.tags.get(_SERIAL, b"")) or None
    acquired = moment(header.scanned_at)
    values = {
        "spacing_um": ("header 0x4C", spacing),
        "objective_power": ("header 0x1C", header.objective or None),
        "scanner_serial": (f"tag {_SERIAL}", serial),
        "acquired_at": ("header 0x2C", acquired),
    }
    return SlideDescription(
        format="kfbf" if header.fluorescence else "kfb",
        levels=tuple(Level(level.size, level.downsample) for level in levels),
        pixel=levels[0].pixel,
        spacing_um=None if spacing is None else SpacingUm(spacing, spacing),
        channels=channels,
        associated=tuple(pictures.found),
        vendor="KFBIO",
        scanner_serial=serial,
        objective_power=float(header.objective) if header.objective else None,
        acquired_at=acquired,
        properties=properties
        | {
            "kfb.version": f"{header.version:g}",
            "kfb.tiles": str(header.tiles),
            "kfb.tile_px": str(header.tile_px),
            "kfb.scan_duration": str(header.scan_seconds),
        },
        sources={name: f"kfb.{tag}" for name, (tag, value) in values.items() if value is not None},
        warnings=tuple(warnings),
    )
