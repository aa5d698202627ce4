"""An anonymous structural fingerprint of a file: what a hospital can send of one that is not read.

Counts, sizes, positions and marks; no pixels, no names, no texts of the file, no serial numbers, no times.
"""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi import kfb, mdsx, sdpc, zyp
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.jpeg import SOI, read_head
from hemalum.formats.wsi.opening import open_files
from hemalum.formats.wsi.readings import first_middle_last, judge_seams
from hemalum.formats.wsi.source import ByteSource, FileSource
from hemalum.kernel.errors import UnreadableSlide

_HEAD_BYTES = 4096
_MAGIC_BYTES = 8
_MAX_BLOCKS = 64
_NEXT_BLOCK = {b"PI": 0x1988, b"MI": 0x2B, b"IF": 0x1E}
_FEW = 8
_ZYP_ITEMS = ("Preview", "SliceInfo", "Barcode", "Label", "OriginalPreview")

type Facts = dict[str, Any]


def fingerprint(path: str) -> Facts:
    """What can be told of a file without telling whose it is, as plain values for JSON.

    Never raises for a file that is not read: `reason` says why it is not, in the words of the refusal.
    """
    file = Path(path)
    with FileSource(file) as source:
        head = source.read(0, min(_HEAD_BYTES, source.size))
        name, structure = _known(source, head)
        facts: Facts = {
            "fingerprint": 1,
            "bytes": source.size,
            "magic": head[:_MAGIC_BYTES].hex(),
            "structure_of": name,
            "structure": _without_failing(lambda: structure(source)),
        }
    return facts | _without_failing(lambda: _opened(file), file.name)


def _known(source: ByteSource, head: bytes) -> tuple[str | None, Callable[[ByteSource], Facts]]:
    if kfb.is_kfb(head):
        return "kfb", _kfb
    if sdpc.is_sdpc(head):
        return "sdpc", _sdpc
    if mdsx.is_mdsx(head):
        return "mdsx", _mdsx
    if zyp.is_zyp(source):
        return "zyp", _zyp
    return None, lambda _: {}


def _without_failing(look: Callable[[], Facts], name: str = "") -> Facts:
    try:
        return look()
    except UnreadableSlide as error:
        said = str(error).replace(name, "the file") if name else str(error)
        return {"reason": said}


def _opened(file: Path) -> Facts:
    with open_files([file]) as slide:
        described = slide.description
        readings = {
            key: value for key, value in described.properties.items() if key.endswith((".reading", ".seams"))
        }
        levels = slide.frame_index.levels if slide.frame_index is not None else ()
        facts: Facts = {
            "reason": None,
            "format": described.format,
            "levels": [[level.size.width_px, level.size.height_px] for level in described.levels],
            "tiles": [[int((level.lengths > 0).sum()), level.lengths.size] for level in levels],
            "planes": len(described.planes),
            "channels": len(described.channels),
            "associated": [kind.value for kind in described.associated],
            "scale_trust": described.scale_trust.value,
            "um": None if described.spacing_um is None else described.spacing_um.x_um,
            "objective": described.objective_power,
            "readings": readings,
            "warnings": len(described.warnings),
        }
        if isinstance(slide, IndexedSlide) and levels and len(slide.sources) == 1:
            facts |= _pixels_told(levels[0], slide.sources[0])
        return facts


def _pixels_told(level: FrameLevel, source: ByteSource) -> Facts:
    """How tiles are compressed and fit each other: figures of them, never what they show."""
    found = [level.find(*place) for place in first_middle_last(level)]
    streams = [source.read(one.offset, min(one.length, _HEAD_BYTES)) for one in found if one is not None]
    seams = judge_seams(level, source) if level.planes == 1 else None
    return {
        "codec": level.codec.value,
        "heads": [_jpeg_told(stream) for stream in streams],
        "seams": None
        if seams is None
        else [round(seams.inside, 1), round(seams.across, 1), round(seams.apart, 1)],
    }


def _jpeg_told(stream: bytes) -> Facts:
    if not stream.startswith(SOI):
        return {"start": stream[:4].hex()}
    head = read_head(stream)
    return {
        "process": head.frame.process,
        "size": [head.frame.width_px, head.frame.height_px],
        "components": list(head.frame.component_ids),
        "sampling": [list(pair) for pair in head.frame.sampling],
        "markers": [segment.marker for segment in head.segments],
        "adobe": head.adobe_transform,
    }


def _kfb(source: ByteSource) -> Facts:
    header = kfb.read_header(source)
    entries = kfb.read_entries(source, header)
    tail = np.frombuffer(source.read(header.table_at, 64 * header.tiles), np.uint8).reshape(-1, 64)[
        :, 0x2C:0x3C
    ]
    positions = {
        "table": int(entries["where"][0]) + header.table_at,
        "file": int(entries["where"][0]),
    }
    return {
        "version": header.version,
        "tiles": header.tiles,
        "sides": list(header.sides),
        "objective": header.objective,
        "um": header.spacing_um,
        "tile": header.tile_px,
        "positions": [header.macro_at, header.label_at, header.preview_at, header.table_at],
        "tags": [[tag, len(value)] for tag, value in header.tags.items()],
        "levels": [
            _kfb_level(entries[entries["scale"] == scale]) for scale in np.unique(entries["scale"])[::-1]
        ],
        "offsets": _range(entries["where"]),
        "lengths": _range(entries["length"]),
        "starts": {name: _bytes_at(source, at) for name, at in positions.items()},
        "unknown": {"distinct": len(np.unique(tail, axis=0)), "first": tail[0].tobytes().hex()},
    }


def _kfb_level(entries: NDArray[Any]) -> Facts:
    return {
        "scale": float(entries["scale"][0]),
        "tiles": len(entries),
        "x": _range(entries["x"]),
        "y": _range(entries["y"]),
        "widths": np.unique(entries["width"])[:_FEW].tolist(),
        "heights": np.unique(entries["height"])[:_FEW].tolist(),
    }


def _sdpc(source: ByteSource) -> Facts:
    header = sdpc.read_header(source)
    facts: Facts = {
        "version": header.version,
        "header_bytes": header.block_bytes,
        "counts": [header.macros, int(header.has_person), header.levels],
        "size": [header.size.width_px, header.size.height_px],
        "tile": [header.tile.width_px, header.tile.height_px],
        "bits": header.bits_per_pixel,
        "quality": header.quality,
        "ratio": header.level_ratio,
        "um": header.spacing_um,
        "rate": header.scan_rate,
        "codec": header.codec,
        "extra_at": header.extra_at,
        "blocks": _sdpc_blocks(source, header.block_bytes),
    }
    return facts | _without_failing(
        lambda: {"levels": [_sdpc_level(one) for one in sdpc.read_chain(source).levels]}
    )


def _sdpc_blocks(source: ByteSource, at: int) -> list[list[Any]]:
    """(flag, position) along the chain, as far as its flags are known."""
    blocks: list[list[Any]] = []
    while 0 < at <= source.size - 2 and len(blocks) < _MAX_BLOCKS:
        flag = source.read(at, 2)
        blocks.append([flag.hex(), at])
        pointer = at + _NEXT_BLOCK.get(flag, source.size)
        if pointer + 8 > source.size:
            break
        (following,) = struct.unpack("<q", source.read(pointer, 8))
        if following <= at:
            break
        at = following
    return blocks


def _sdpc_level(block: sdpc.ImageBlock) -> Facts:
    return {
        "at": block.at,
        "tiles": [block.tiles, block.across, block.down],
        "bytes": block.data_bytes,
        "scale": block.scale,
        "um": block.spacing_um,
        "padding": list(block.padding_px),
    }


def _mdsx(source: ByteSource) -> Facts:
    facts: Facts = {"sections": [list(one) for one in mdsx.read_sections(source)]}
    layout = mdsx.read_layout(source)
    marks = [
        np.frombuffer(source.read(at + 4, length - 4), mdsx.ENTRY)["unknown"] for at, length in layout.tables
    ]
    return facts | {
        "size": [layout.size.width_px, layout.size.height_px],
        "tile": layout.tile_px,
        "grids": [list(grid) for grid in layout.grids],
        "tables": [list(table) for table in layout.tables],
        "unknown": np.unique(np.concatenate(marks))[:_FEW].tolist(),
        "pictures": [list(layout.label), list(layout.preview)],
    }


def _zyp(source: ByteSource) -> Facts:
    index = zyp.read_index(source)
    tiles = index.tiles
    kinds, counts = np.unique(tiles[:, :3], axis=0, return_counts=True)
    return {
        "version": index.version,
        "marks": list(index.marks),
        "at_marks": [_bytes_at(source, at) for at in index.marks],
        "items": [[name if name in _ZYP_ITEMS else "other", len(index.items[name])] for name in index.items],
        "slice": _shown(index.items.get("SliceInfo", {})),
        "tiles": [[*kind, count] for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)][
            :_MAX_BLOCKS
        ],
        "columns": _range(tiles[tiles[:, 2] == 0, 3]),
        "rows": _range(tiles[tiles[:, 2] == 0, 4]),
    }


def _shown(fields: Mapping[str, str]) -> Mapping[str, str]:
    return {name: fields[name][:32] for name in zyp.SHOWN if name in fields}


def _range(values: NDArray[Any]) -> list[int] | None:
    return [int(values.min()), int(values.max())] if values.size else None


def _bytes_at(source: ByteSource, at: int) -> str | None:
    return source.read(at, 4).hex() if 0 <= at <= source.size - 4 else None
