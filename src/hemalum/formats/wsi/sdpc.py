"""SDPC and DYQX of Sqray (生强) scanners, bright field: JPEG tiles in place, HEVC tiles by the decode path.

A chain of blocks, each with a two-letter flag and the position of the next. No specification is public and
no file was seen; docs/formats.md says what this reader rests on. Integers are little-endian.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from hemalum.formats.wsi.clinical import SDPC
from hemalum.formats.wsi.embedded import Pictures, zero_ended
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import AssociatedKind, Codec, Colour, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.placed_tiles import (
    MAX_CELLS,
    LevelForm,
    TileTable,
    checked_levels,
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

_HEADER = struct.Struct("<2s16sIQIIIIIIIIIBBIfdIqqB")
_MAX_HEADER_BYTES = 4096
_PERSON_BYTES, _PERSON_NEXT = 6808, 0x1988
_MACRO, _MACRO_BYTES = struct.Struct("<2s8xIIIIQQBq"), 123
_IMAGE = struct.Struct("<2sIIIIIqqfdIIB")
_EXTRA, _EXTRA_BYTES = struct.Struct("<2s12x20s28x36x32sI20x32s"), 768
_CODECS = {0: Codec.JPEG, 2: Codec.PNG, 4: Codec.HEVC}
_MAX_MACROS, _MAX_LEVELS = 16, 32
_TILE_SIDES = range(16, 4097)
_PLAUSIBLE_UM = (0.01, 50.0)
_SAME_SCALE = 0.01
_MOMENT_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S")


@dataclass(frozen=True)
class SdpcHeader:
    """The picture header."""

    version: str
    block_bytes: int
    macros: int
    has_person: bool
    levels: int
    size: PixelSize
    tile: PixelSize
    bits_per_pixel: int
    quality: int
    level_ratio: float
    spacing_um: float
    scan_rate: int
    extra_at: int
    codec: int


@dataclass(frozen=True)
class ImageBlock:
    """The head of one level (or of the thumbnail); its data follow."""

    at: int
    head_bytes: int
    tiles: int
    across: int
    down: int
    data_bytes: int
    next_at: int
    scale: float
    spacing_um: float
    padding_px: tuple[int, int]
    """Of the last column and of the last row."""


@dataclass(frozen=True)
class Chain:
    """All blocks of a file."""

    header: SdpcHeader
    person_at: int | None
    macros: tuple[tuple[int, int], ...]
    """(position, length) of the JPEG of each macro image; the first is the label."""
    levels: tuple[ImageBlock, ...]


def is_sdpc(head: bytes) -> bool:
    """Whether a file that starts so is an SDPC or DYQX; SQLite files start with the same two letters."""
    return head[:2] == b"SQ" and head[2:3].isdigit()


def open_sdpc(source: ByteSource) -> Slide:
    """An SDPC or DYQX slide, in place.

    Raises:
        UnreadableSlide: it is damaged, of an unknown version, or laid out in a way that is not public.
    """
    chain = read_chain(source)
    chosen = choose(
        Sentence("order of the tiles"), [Reading("row by row", lambda: _levels(source, chain))], source
    )
    pictures = Pictures(source)
    for kind, (at, length) in zip((AssociatedKind.LABEL, AssociatedKind.MACRO), chain.macros, strict=False):
        pictures.add(kind, at, length)
    description = _describe(source, chain, chosen.levels, pictures, {"sdpc.seams": chosen.seams})
    return IndexedSlide(description, FrameIndex(chosen.levels), [source], pictures.found)


def read_header(source: ByteSource) -> SdpcHeader:
    """The picture header, as far as it can be true.

    Raises:
        UnreadableSlide: it cannot.
    """
    block = _HEADER.unpack(source.read(0, _HEADER.size))
    (_, version, block_bytes, _, macros, person, levels, width, height, tile_width, tile_height) = block[:11]
    header = SdpcHeader(
        version=zero_ended(version),
        block_bytes=block_bytes,
        macros=macros,
        has_person=person != 0,
        levels=levels,
        size=PixelSize(width, height),
        tile=PixelSize(tile_width, tile_height),
        bits_per_pixel=block[13],
        quality=block[14],
        level_ratio=block[16],
        spacing_um=block[17],
        scan_rate=block[18],
        extra_at=block[19],
        codec=block[21],
    )
    if not header.version.startswith("1."):
        raise UnreadableSlide(
            "This {name} file is of version {version}, which is not known.",
            name="SDPC",
            version=header.version,
        )
    if not _HEADER.size <= block_bytes <= _MAX_HEADER_BYTES or macros > _MAX_MACROS:
        raise UnreadableSlide("The header of this SDPC file is damaged: it counts what no file holds.")
    if 0 in (width, height) or not 1 <= levels <= _MAX_LEVELS:
        raise UnreadableSlide("The header of this {name} file is damaged: it states no picture.", name="SDPC")
    if tile_width not in _TILE_SIDES or tile_height not in _TILE_SIDES:
        raise UnreadableSlide(
            "This SDPC file claims tiles of {width} x {height} pixels.", width=tile_width, height=tile_height
        )
    if header.codec not in _CODECS:
        raise UnreadableSlide(
            "The tiles of this SDPC file are in coding {number}, which is not read.", number=header.codec
        )
    return header


def read_chain(source: ByteSource) -> Chain:
    """Follow the chain from the header to the last level.

    Raises:
        UnreadableSlide: a block is not what it should be, or the chain leads backwards or out of the file.
    """
    header = read_header(source)
    at = header.block_bytes
    person_at = None
    if header.has_person:
        block = _block(source, at, b"PI", _PERSON_BYTES)
        person_at, at = at, _next(source, at, *struct.unpack_from("<q", block, _PERSON_NEXT))
    macros = []
    for _ in range(header.macros):
        *_, length, _, following = _MACRO.unpack_from(_block(source, at, b"MI", _MACRO_BYTES))
        macros.append((at + _MACRO_BYTES, length))
        at = _next(source, at, following)
    thumbnail = _image_block(source, at)
    at = _next(source, at, thumbnail.next_at)
    levels = []
    for number in range(header.levels):
        levels.append(_image_block(source, at))
        if number + 1 < header.levels:
            at = _next(source, at, levels[-1].next_at)
    return Chain(header, person_at, tuple(macros), tuple(levels))


def _block(source: ByteSource, at: int, flag: bytes, length: int) -> bytes:
    block = source.read(at, length)
    if block[:2] != flag:
        raise UnreadableSlide(
            "This SDPC file is laid out in a way that is not public (fluorescence, several focal planes or a"
            " newer version); export it as DICOM, SVS or TIFF with the scanner's software."
        )
    return block


def _next(source: ByteSource, at: int, following: int) -> int:
    if not at < following < source.size:
        raise UnreadableSlide(
            "The SDPC file is damaged: its chain of blocks leads backwards or past its end."
        )
    return following


def _image_block(source: ByteSource, at: int) -> ImageBlock:
    (_, head_bytes, _, tiles, across, down, data_bytes, following, scale, spacing, right, below, _) = (
        _IMAGE.unpack(_block(source, at, b"IF", _IMAGE.size))
    )
    if not _IMAGE.size <= head_bytes <= _MAX_HEADER_BYTES:
        raise UnreadableSlide("The SDPC file is damaged: the head of a level has no size that can be.")
    return ImageBlock(
        at, head_bytes, tiles, across, down, data_bytes, following, scale, spacing, (right, below)
    )


def _levels(source: ByteSource, chain: Chain) -> tuple[FrameLevel, ...]:
    if chain.levels[0].scale != 1.0:
        raise UnreadableSlide("The first level of this SDPC file is not its finest.")
    levels: list[FrameLevel] = []
    form: LevelForm | None = None
    for number, block in enumerate(chain.levels):
        size = _level_size(chain.header, block, number)
        table = _table(source, block)
        if form is None:
            form = _form(source, chain.header, table)
        levels.append(placed_level(number, size, 1 / block.scale, form, table))
        if levels[-1].rows * levels[-1].columns == 1:
            break
    return checked_levels(levels, source)


def _level_size(header: SdpcHeader, block: ImageBlock, number: int) -> PixelSize:
    """The size of the picture times the scale of the level; its grid of tiles must be what that calls for."""
    if not 0 < block.scale <= 1 or (number and block.scale == 1):
        raise UnreadableSlide("Level {number} of this SDPC file has no scale that can be.", number=number)
    size = PixelSize(
        max(1, int(header.size.width_px * block.scale)), max(1, int(header.size.height_px * block.scale))
    )
    tile = header.tile
    grid = (-(-size.width_px // tile.width_px), -(-size.height_px // tile.height_px))
    if (block.across, block.down) != grid or block.tiles != block.across * block.down:
        raise UnreadableSlide(
            "Level {number} has {across} x {down} tiles and needs {needed_across} x {needed_down}.",
            number=number,
            across=block.across,
            down=block.down,
            needed_across=grid[0],
            needed_down=grid[1],
        )
    return size


def _table(source: ByteSource, block: ImageBlock) -> TileTable:
    """Lengths row by row, then the tiles back to back in the same order."""
    if block.tiles > MAX_CELLS:
        raise UnreadableSlide("The file claims {count} tiles in one level.", count=block.tiles)
    start = block.at + block.head_bytes
    lengths = np.frombuffer(source.read(start, 4 * block.tiles), "<i4").astype(np.int64)
    if (lengths < 0).any():
        raise UnreadableSlide("The table of tiles is damaged: a tile has a negative length.")
    ends = np.cumsum(lengths) + start + 4 * block.tiles
    rows, columns = np.divmod(np.arange(block.tiles, dtype=np.int64), block.across)
    return TileTable(rows, columns, ends - lengths, lengths)


def _form(source: ByteSource, header: SdpcHeader, table: TileTable) -> LevelForm:
    codec = _CODECS[header.codec]
    present = np.flatnonzero(table.lengths)
    if codec is not Codec.JPEG or not present.size:
        return LevelForm(header.tile, codec, PixelFormat(3, "uint8"), Colour.RGB)
    first = int(present[0])
    form = jpeg_form(header.tile, head_at(source, int(table.offsets[first]), int(table.lengths[first])))
    if form.colour is Colour.GREY:
        raise UnreadableSlide(
            "The tiles of this SDPC file are grey, and its fluorescence is not read; export it as DICOM"
            " or TIFF with the scanner's software."
        )
    return form


def _describe(
    source: ByteSource,
    chain: Chain,
    levels: tuple[FrameLevel, ...],
    pictures: Pictures,
    properties: Mapping[str, str],
) -> SlideDescription:
    header, warnings = chain.header, pictures.warnings
    spacing = header.spacing_um if _PLAUSIBLE_UM[0] <= header.spacing_um <= _PLAUSIBLE_UM[1] else None
    contradicted = False
    if spacing is None:
        warnings.append(Sentence("The scale that the file states is not a plausible one and is not used."))
    else:
        contradicted = abs(chain.levels[0].spacing_um / spacing - 1) > _SAME_SCALE
        if contradicted:
            warnings.append(Sentence("The header and the first level of the file state different scales."))
    extra = _extra(source, header)
    camera, moment, serial = extra.get("camera"), extra.get("moment"), extra.get("serial")
    values = {
        "spacing_um": ("header 0x4C", spacing),
        "objective_power": ("header 0x54", header.scan_rate or None),
        "scanner_serial": ("EI 0x9A", serial),
        "acquired_at": ("EI 0x62", _moment(moment)),
    }
    own = {
        "sdpc.version": header.version,
        "sdpc.codec": _CODECS[header.codec].value,
        "sdpc.quality": str(header.quality),
        "sdpc.camera": camera,
        "sdpc.scanned_at": moment,
    }
    return SlideDescription(
        format="sdpc",
        levels=tuple(Level(level.size, level.downsample) for level in levels),
        pixel=levels[0].pixel,
        spacing_um=None if spacing is None else SpacingUm(spacing, spacing),
        scale_is_unverified=contradicted,
        associated=tuple(pictures.found),
        vendor="Sqray",
        scanner_serial=serial,
        objective_power=float(header.scan_rate) if header.scan_rate else None,
        acquired_at=_moment(moment),
        properties={**properties, **{name: value for name, value in own.items() if value}},
        clinical=_clinical(source, chain),
        sources={name: f"sdpc.{tag}" for name, (tag, value) in values.items() if value is not None},
        warnings=tuple(warnings),
    )


def _extra(source: ByteSource, header: SdpcHeader) -> dict[str, str | None]:
    """Camera, time and serial number of the extra block; empty when the file has none."""
    if not 0 < header.extra_at <= source.size - _EXTRA_BYTES:
        return {}
    flag, camera, moment, _, serial = _EXTRA.unpack(source.read(header.extra_at, _EXTRA.size))
    if flag != b"EI":
        return {}
    texts = {"camera": zero_ended(camera), "moment": zero_ended(moment), "serial": zero_ended(serial)}
    return {name: text or None for name, text in texts.items()}


def _clinical(source: ByteSource, chain: Chain) -> dict[str, str]:
    starts = {b"PI": chain.person_at, b"EI": chain.header.extra_at or None}
    found: dict[str, Any] = {}
    for field in SDPC:
        start = starts[field.block.encode()]
        if start is None or start < 0 or start + field.offset + field.length > source.size:
            continue
        if source.read(start, 2) != field.block.encode():
            continue
        stored = source.read(start + field.offset, field.length)
        if field.encoding is None:
            found[field.tag] = str(int.from_bytes(stored, "little"))
        else:
            found[field.tag] = zero_ended(stored, field.encoding)
    return {tag: value for tag, value in found.items() if value}


def _moment(text: str | None) -> str | None:
    for form in _MOMENT_FORMS:
        try:
            return datetime.strptime(text or "", form).isoformat()  # noqa: DTZ007 - the file states no zone
        except ValueError:
            continue
    return None
