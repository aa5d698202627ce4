"""ZYP 1.10 and 2.01 (WinMedic): shared/research/domestic_formats.md, section 8.

JPEG streams first, then a text index, then the places of its four marker pairs and of the version string. Not
told by the note, and chosen here: what a marker pair holds (an option), the name of the fluorescence item,
level sizes rounded down, and that x and y of a tile count tiles of the whole glass.
"""

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Literal

import numpy as np

from hemalum.testing.domestic_writers.written import (
    HUGE_SIDE_PX,
    NOTHING_MISSING,
    PAST_4_GIB,
    Array,
    HugeTable,
    Picture,
    TilePlace,
    WrittenLevel,
    WrittenSlide,
    decode_jpeg,
    encode_jpeg,
    halvings,
    pyramid,
    size_of,
    small_stream,
    write_level,
)

type Version = Literal["1.10", "2.01"]
type StringForm = Literal["marked", "bare_utf16", "bare_ascii"]
"""`FF FE FF`, length, UTF-16LE; or without these three bytes, by either reading of that: MFC's is ASCII."""
type SizeForm = Literal["W×H", "WxH", "apart"]
"""One field, with either sign between the numbers, or two fields."""

TILE_PX, LEVELS = 256, 10
ROI_UNIT_PX = 1 << (LEVELS - 1)
"""Pixels of level 0 in one of the coarsest level, in which the region is given."""
MARKER_PAIR = bytes.fromhex("0100000001000000")
CHANNEL = 3
"""The LocationChannelId written in 2.01, not 0 lest a reader forget it."""
_STRING_MARK = b"\xff\xfe\xff"


def write_zyp(
    path: Path,
    picture: Picture,
    *,
    spacing_um: float = 0.25,
    objective: int = 40,
    label: Array | None = None,
    macro: Array | None = None,
    thumbnail: Array | None = None,
    version: Version = "1.10",
    corner: tuple[int, int] = (3, 5),
    size_form: SizeForm = "W×H",
    label_item: Literal["Barcode", "Label"] = "Barcode",
    channel_item: Literal["SliceInfo", "Fluorescence"] = "SliceInfo",
    version_form: StringForm = "marked",
    value_form: StringForm = "marked",
    marker_pair: bytes = MARKER_PAIR,
    remark: str = "",
    with_others: bool = False,
    missing: Collection[TilePlace] = NOTHING_MISSING,
) -> WrittenSlide:
    """A ZYP of one picture (its levels are made) or of all its ten levels, and what a reader should find.

    `corner` is where the picture begins on the glass, in pixels of the coarsest level: tiles are those of the
    glass, so on most levels the picture begins inside a tile. `missing` counts rows and columns from the tile
    that this corner is in. `with_others` adds tiles of another flat, and in 2.01 of another channel, with
    inverted colours, which a reader must not take; `channel_item` tells the channel to take. A `remark` of
    255 characters or more needs the longer form of length.
    """
    levels = pyramid(picture, halvings(size_of(picture), LEVELS))
    pictures = {"thumbnail": thumbnail, "label": label, "macro": macro}
    with path.open("wb") as file:
        images = {kind: _write_image(file, pixels) for kind, pixels in pictures.items()}
        inverted = [255 - pixels for pixels in levels if with_others]
        others = [_write_level(file, n, pixels, corner, missing) for n, pixels in enumerate(inverted)]
        written = [_write_level(file, n, pixels, corner, missing) for n, pixels in enumerate(levels)]
        index = _Index(file, value_form, marker_pair)
        index.add("Preview", images["thumbnail"])
        told = _slice_info(size_of(picture), spacing_um, objective, corner, size_form, remark)
        channel = {"LocationChannelId": str(CHANNEL)} if version == "2.01" else {}
        index.add("SliceInfo", told | (channel if channel_item == "SliceInfo" else {}))
        index.add(label_item, images["label"])
        index.add("OriginalPreview", images["macro"])
        if version == "2.01":
            index.add("Fluorescence", channel if channel_item == "Fluorescence" else {})
        index.add_pair()
        index.add_tiles(others, version, corner, flat=1)
        if version == "2.01":
            index.add_tiles(others, version, corner, channel=CHANNEL + 1)
        index.add_tiles(written, version, corner)
        index.add_pair()
        index.add("视野信息段", {"Count": "0"})
        index.add_pair()
        index.add("Remarks", {"Text": "synthetic"})
        index.add_pair()
        index.end(version, version_form)
    return WrittenSlide(
        path,
        tuple(written),
        spacing_um,
        objective,
        255,
        {kind: decode_jpeg(encode_jpeg(p)) for kind, p in pictures.items() if p is not None},
        {"version": version, "corner": corner, "remark": remark},
    )


def write_huge_zyp(
    path: Path, *, side_px: int = HUGE_SIDE_PX, version: Version = "1.10", gap_bytes: int = PAST_4_GIB
) -> HugeTable:
    """Hundreds of thousands of tiles on two JPEG streams, with a hole of `gap_bytes` between these two.

    Tiles take them in turn. About 3 s and 40 MB of disk. `side_px` is a power of two and at least
    131,072, so that each of the ten levels is whole tiles.
    """
    stream = small_stream(TILE_PX)
    sizes = halvings((side_px, side_px), LEVELS)
    with path.open("wb") as file:
        file.write(stream)
        second = file.seek(gap_bytes, 1)
        file.write(stream)
        places = [_where(position, len(stream)) for position in (0, second)]
        index = _Index(file, "marked", MARKER_PAIR)
        index.add("Preview", places[0])
        told = _slice_info(sizes[0], 0.25, 40, (0, 0), "W×H", "")
        index.add("SliceInfo", told | {"LocationChannelId": str(CHANNEL)})
        index.add("Barcode", {})
        index.add("OriginalPreview", {})
        if version == "2.01":
            index.add("Fluorescence", {})
        index.add_pair()
        tiles = 0
        for n, (width, height) in enumerate(sizes):
            for y in range(height // TILE_PX):
                for x in range(width // TILE_PX):
                    index.add(_name(version, n, x, y), places[tiles % 2])
                    tiles += 1
        for _ in range(3):
            index.add_pair()
        index.end(version, "marked")
    return HugeTable(path, tuple(sizes), TILE_PX, tiles, (0, second), stream)


class _Index:
    """The text at the end of the file."""

    def __init__(self, file: IO[bytes], value_form: StringForm, marker_pair: bytes) -> None:
        self._file = file
        self._value_form = value_form
        self._marker_pair = marker_pair
        self._pairs_at: list[int] = []

    def add(self, name: str, fields: Mapping[str, str]) -> None:
        """An item."""
        self._file.write(_string(name) + len(fields).to_bytes(4, "little"))
        for key, value in fields.items():
            self._file.write(_string(key) + _string(value, self._value_form))

    def add_tiles(
        self,
        levels: Sequence[WrittenLevel],
        version: Version,
        corner: tuple[int, int],
        *,
        flat: int = 0,
        channel: int = CHANNEL,
    ) -> None:
        """The items of all tiles, finest level first."""
        for n, level in enumerate(levels):
            x, y = (start // TILE_PX for start in _origin(corner, n))
            for tile in level.tiles:
                name = _name(version, n, x + tile.column, y + tile.row, flat, channel)
                self.add(name, _where(*tile.streams[0]))

    def add_pair(self) -> None:
        """The next marker pair."""
        self._pairs_at.append(self._file.tell())
        self._file.write(self._marker_pair)

    def end(self, version: str, form: StringForm) -> None:
        """The version string and the trailer that leads to it and to the pairs."""
        version_at = self._file.tell()
        self._file.write(_string(version, form) + struct.pack("<5Q", *self._pairs_at, version_at))


def _string(text: str, form: StringForm = "marked") -> bytes:
    """MFC's form: lengths from 255 on are FF and a u16."""
    count = len(text)
    length = bytes([count]) if count < 0xFF else b"\xff" + count.to_bytes(2, "little")
    if form == "bare_ascii":
        return length + text.encode("ascii")
    return (_STRING_MARK if form == "marked" else b"") + length + text.encode("utf-16-le")


def _name(version: Version, level: int, x: int, y: int, flat: int = 0, channel: int = CHANNEL) -> str:
    return f"{flat},{level},{x},{y}" if version == "1.10" else f"{channel},{flat},{level},{x},{y}"


def _where(position: int, length: int) -> dict[str, str]:
    return {"StartPosition": str(position), "DataLength": str(length)}


def _origin(corner: tuple[int, int], level: int) -> tuple[int, int]:
    """Where the picture begins on the glass, in pixels of a level."""
    return corner[0] << (LEVELS - 1 - level), corner[1] << (LEVELS - 1 - level)


def _slice_info(
    size_px: tuple[int, int],
    spacing_um: float,
    objective: int,
    corner: tuple[int, int],
    size_form: SizeForm,
    remark: str,
) -> dict[str, str]:
    (width, height), (left, top) = size_px, corner
    size = {"SliceSize": size_form.replace("W", str(width)).replace("H", str(height))}
    if size_form == "apart":
        size = {"SliceWidth": str(width), "SliceHeight": str(height)}
    return {
        "MicrometersPerPixel": str(spacing_um),
        "ScanZoom": str(objective),
        "ScanMode": "0",
        "ROILeft": str(left),
        "ROITop": str(top),
        "ROIRight": str(left - -width // ROI_UNIT_PX),
        "ROIBottom": str(top - -height // ROI_UNIT_PX),
        **size,
        "Remark": remark,
    }


def _write_image(file: IO[bytes], pixels: Array | None) -> dict[str, str]:
    """The fields of an image's item: none if there is no picture."""
    if pixels is None:
        return {}
    position, stream = file.tell(), encode_jpeg(pixels)
    file.write(stream)
    return _where(position, len(stream))


def _write_level(
    file: IO[bytes], number: int, pixels: Array, corner: tuple[int, int], missing: Collection[TilePlace]
) -> WrittenLevel:
    """The tiles of the glass that the picture touches, white around it."""
    left, top = (start % TILE_PX for start in _origin(corner, number))
    height, width = pixels.shape[:2]
    on_glass = np.pad(pixels, ((top, 0), (left, 0), (0, 0)), constant_values=255)
    level = write_level(file, number, [on_glass], (TILE_PX, TILE_PX), missing=missing)
    tiles = tuple(replace(tile, x_px=tile.x_px - left, y_px=tile.y_px - top) for tile in level.tiles)
    picture = level.pixels[:, :, top:, left:]
    return replace(level, width_px=width, height_px=height, tiles=tiles, pixels=picture)
