"""KFBF 2.1 (KFBio), fluorescence: shared/research/domestic_formats.md, section 2.

Header and tags, what the tags point to, overview, label, tiles, pointer and length blocks, tile table, and a
52-byte record of the thumbnail at the very end. The note does not tell how that record leads to its JPEG, so
none is written. Tag numbers are taken as decimal, as the tag list of KFB has them.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from hemalum.testing.domestic_writers import kfb
from hemalum.testing.domestic_writers.written import (
    HUGE_SIDE_PX,
    NOTHING_MISSING,
    PAST_4_GIB,
    Array,
    EdgeTiles,
    HugeTable,
    TilePlace,
    WrittenChannel,
    WrittenLevel,
    WrittenSlide,
    decode_jpeg,
    encode_jpeg,
    float32,
    packed,
    shrunk,
    size_of,
    small_stream,
    write_level,
)

type Orientation = Literal["height_first", "width_first"]
"""Header and place of a tile as in KFB, (height, width) and (x, y), or each pair the other way round."""

MAGIC, VERSION = b"KFBF", 2.1
POINTER_BLOCK_WORDS = 12
"""What a reader of six channels takes at once; all but the first n are the next tile's, or nothing."""
_NAME_BYTES = 40
_OVERVIEW_OR_LABEL, _THUMBNAIL = 2, 3

ENTRY = np.dtype(
    {
        "names": ["start", "x", "y", "width", "height", "scale", "length", "pointers", "lengths", "end"],
        "offsets": [0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x20, 0x24, 0x2C, 0x3C],
        "formats": ["V4", "<u4", "<u4", "<u4", "<u4", "<f4", "<u4", "<u8", "<u8", "V4"],
        "itemsize": 64,
    }
)
CHANNELS = tuple(
    WrittenChannel(name, colour, exposure, gamma)
    for name, colour, exposure, gamma in (
        ("DAPI", (0, 0, 255), 12.5, 1.0),
        ("Opal 520", (0, 255, 0), 40.0, 1.0),
        ("Opal 570", (255, 255, 0), 55.0, 1.2),
        ("Opal 620", (255, 128, 0), 80.0, 1.0),
        ("Opal 690", (255, 0, 0), 125.0, 0.8),
        ("自发荧光", (128, 128, 128), 200.0, 1.0),
    )
)


def level_sizes(size_px: tuple[int, int], count: int | None = None) -> list[tuple[int, int]]:
    """(width, height) of each level, to the first of one pixel, or `count` of them.

    Levels 1 to 3 are halved and rounded down, 4 to 8 are whole tiles of level 0 divided by powers of two, the
    rest is halved from level 8 and rounded down.
    """
    sizes = [size_px]
    while len(sizes) < count if count else sizes[-1] != (1, 1):
        sizes.append((_side(size_px[0], len(sizes)), _side(size_px[1], len(sizes))))
    return sizes


def _side(finest_px: int, level: int) -> int:
    if level <= 3:
        return max(1, finest_px >> level)
    columns = -(-finest_px // kfb.TILE_PX)
    return columns << (8 - level) if level <= 8 else max(1, columns >> (level - 8))


def write_kfbf(
    path: Path,
    channels: Sequence[Array],
    *,
    described: Sequence[WrittenChannel] = CHANNELS,
    spacing_um: float = 0.325,
    objective: int = 20,
    label: Array | None = None,
    overview: Array | None = None,
    serial: str = "KFBF-SYN-0001",
    scan_time_s: int = 1_700_000_000,
    version: float = VERSION,
    orientation: Orientation = "height_first",
    edge_tiles: EdgeTiles = "cropped",
    blocks: Literal["packed", "whole"] = "packed",
    level_count: int | None = None,
    missing: Collection[TilePlace] = NOTHING_MISSING,
) -> WrittenSlide:
    """A KFBF of grey channels, each (height, width, 1), and what a reader should find in it.

    `described` tells of the first, second, ... channel. Pointer blocks are "packed", so that a reader of 96
    bytes sees the next tile's too, or "whole": 96 bytes each. `edge_tiles` "padded" is the reading by which
    every JPEG has 256 x 256 pixels. Missing tiles are black.
    """
    described = tuple(described[: len(channels)])
    assert len(described) == len(channels) <= POINTER_BLOCK_WORDS
    size = size_of(channels)
    sizes = level_sizes(size, level_count)
    with path.open("wb") as file:
        pointed = _channel_tables(described)
        tags = _tags(serial, described, 0)
        at = kfb.TAGS_POSITION + len(tags)
        file.write(bytes(kfb.TAGS_POSITION) + _tags(serial, described, at) + pointed)
        overview_at = kfb.write_image(file, overview, _OVERVIEW_OR_LABEL)
        label_at = kfb.write_image(file, label, _OVERVIEW_OR_LABEL)
        levels = [_pyramid(channel, sizes) for channel in channels]
        written = [
            write_level(
                file,
                n,
                of_channels,
                (kfb.TILE_PX, kfb.TILE_PX),
                edge_tiles=edge_tiles,
                background=0,
                missing=missing,
            )
            for n, of_channels in enumerate(zip(*levels, strict=True))
        ]
        streams = np.array([tile.streams for level in written for tile in level.tiles], np.uint64)
        words = len(channels) if blocks == "packed" else POINTER_BLOCK_WORDS
        positions = np.zeros((len(streams), words), np.uint64)
        positions[:, : len(channels)] = streams[:, :, 0]
        lengths_at = file.tell()
        file.write(np.ascontiguousarray(streams[:, :, 1]).tobytes())
        pointers_at = file.tell()
        file.write(positions.tobytes() + bytes(8 * (POINTER_BLOCK_WORDS - len(channels))))
        table_at = file.tell()
        table = _table(written, objective, orientation)
        table["pointers"] = pointers_at + 8 * words * np.arange(len(table))
        table["lengths"] = lengths_at + 8 * len(channels) * np.arange(len(table))
        file.write(table.tobytes())
        end = file.tell()
        file.write(_thumbnail_record(sizes[-1]))
        file.seek(0)
        file.write(
            kfb.header(
                MAGIC,
                version,
                len(table),
                size if orientation == "height_first" else size[::-1],
                objective,
                scan=(0, scan_time_s),
                pointers=(overview_at, label_at, end, table_at),
                spacing_um=spacing_um,
            )
        )
    pictures = {"macro": overview, "label": label}
    return WrittenSlide(
        path,
        tuple(written),
        float32(spacing_um),
        objective,
        0,
        {kind: decode_jpeg(encode_jpeg(p)) for kind, p in pictures.items() if p is not None},
        {"serial": serial, "scan_time_s": scan_time_s, "version": float32(version), "tile_count": len(table)},
        described,
    )


def write_huge_kfbf(
    path: Path, *, side_px: int = HUGE_SIDE_PX, channels: int = 6, gap_bytes: int = PAST_4_GIB
) -> HugeTable:
    """Hundreds of thousands of tiles on two JPEG streams, with a hole of `gap_bytes` between these two.

    Tiles take them in turn; all else, pointer blocks too, lies behind the second. About 0.3 s and 55 MB of
    disk with six channels. `side_px` is a power of two; levels end at the first that is a single tile.
    """
    sizes, stream = kfb.level_sizes((side_px, side_px)), small_stream(kfb.TILE_PX, 1)
    described, count = CHANNELS[:channels], kfb.tile_count(sizes)
    with path.open("wb") as file:
        tags_at = kfb.TAGS_POSITION + len(_tags("HUGE", described, 0))
        file.write(bytes(kfb.TAGS_POSITION) + _tags("HUGE", described, tags_at) + _channel_tables(described))
        first = file.tell()
        file.write(stream)
        second = file.seek(gap_bytes, 1)
        file.write(stream)
        lengths_at = file.tell()
        file.write(np.full((count, channels), len(stream), np.uint64).tobytes())
        pointers_at = file.tell()
        alternate = np.where(np.arange(count) % 2, second, first).astype(np.uint64)
        file.write(np.repeat(alternate, channels).tobytes() + bytes(8 * (POINTER_BLOCK_WORDS - channels)))
        table_at = file.tell()
        table = kfb.blank_table(count, ENTRY)
        table["width"] = table["height"] = kfb.TILE_PX
        table["length"] = len(stream)
        table["pointers"] = pointers_at + 8 * channels * np.arange(count)
        table["lengths"] = lengths_at + 8 * channels * np.arange(count)
        kfb.place_tiles(table, sizes, 20)
        file.write(table.tobytes())
        end = file.tell()
        file.write(_thumbnail_record(sizes[-1]))
        file.seek(0)
        pointers = (0, 0, end, table_at)
        file.write(
            kfb.header(MAGIC, VERSION, count, (side_px, side_px), 20, pointers=pointers, spacing_um=0.325)
        )
    return HugeTable(path, tuple(sizes), kfb.TILE_PX, count, (first, second), stream)


def _pyramid(channel: Array, sizes_px: list[tuple[int, int]]) -> list[Array]:
    """Coarser levels are means over whole tiles of level 0, black where these reach past the picture."""
    height, width = channel.shape[:2]
    padding = ((0, -height % kfb.TILE_PX), (0, -width % kfb.TILE_PX), (0, 0))
    whole = np.pad(channel, padding)
    return [channel, *(shrunk(whole, size, 2**n) for n, size in enumerate(sizes_px) if n)]


def _tags(serial: str, channels: Sequence[WrittenChannel], at: int) -> bytes:
    """The tag list, where what it points to lies at `at` in the order of `_channel_tables`."""
    n = len(channels)
    names, colours = at, at + _NAME_BYTES * n
    exposures = colours + 12 * n
    gammas = exposures + 8 * n
    pointers = ((77, names), (79, colours), (84, exposures), (87, gammas))
    return kfb.tag_block(
        [
            (29, serial.encode("ascii")),
            (75, n.to_bytes(4, "little")),
            *((tag, position.to_bytes(8, "little")) for tag, position in pointers),
        ]
    )


def _channel_tables(channels: Sequence[WrittenChannel]) -> bytes:
    names = b"".join(channel.name.encode().ljust(_NAME_BYTES, b"\0") for channel in channels)
    colours = np.array([channel.colour for channel in channels], "<u4").tobytes()
    numbers = np.array([[c.exposure for c in channels], [c.gamma for c in channels]], "<f8").tobytes()
    return names + colours + numbers


def _thumbnail_record(size_px: tuple[int, int]) -> bytes:
    width, height = size_px
    return bytes(
        packed(
            kfb.RECORD_BYTES, (0x00, "4B", (0xF1, _THUMBNAIL, 0xEE, 0xEE)), (0x08, "3I", (height, width, 1))
        )
    )


def _table(levels: list[WrittenLevel], objective: int, orientation: Orientation) -> Array:
    tiles = [(n, tile) for n, level in enumerate(levels) for tile in level.tiles]
    table = kfb.blank_table(len(tiles), ENTRY)
    for entry, (n, tile) in zip(table, tiles, strict=True):
        x, y = (tile.x_px, tile.y_px) if orientation == "height_first" else (tile.y_px, tile.x_px)
        entry["x"], entry["y"] = x, y
        entry["width"], entry["height"] = tile.width_px, tile.height_px
        entry["scale"], entry["length"] = objective / 2**n, tile.streams[0][1]
    return table
