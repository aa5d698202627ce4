"""KFB and KFBF, from bytes laid out by hand after the tables of docs/formats.md."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray

from hemalum.formats.wsi import AssociatedKind, open_slide
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.inspection import inspect, read_description, read_index
from hemalum.formats.wsi.source import FileSource
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, SpacingUm
from hemalum.testing.samples import halved, picture

TILE, WIDTH, HEIGHT = 128, 500, 300
TABLE_AT_ENTRY, TABLE_AT_START = "offsets from the entry", "offsets from the table"


def jpeg(pixels: NDArray[Any]) -> bytes:
    space = "GRAY" if pixels.shape[2] == 1 else "RGB"
    sampling = "Gray" if space == "GRAY" else "422"
    return bytes(
        simplejpeg.encode_jpeg(
            np.ascontiguousarray(pixels), quality=95, colorspace=space, colorsubsampling=sampling
        )
    )


def header(kind: bytes, **values: Any) -> bytes:
    """The 92 bytes before the tags."""
    said = {
        "version": 1.6,
        "tiles": 0,
        "height": HEIGHT,
        "width": WIDTH,
        "objective": 40,
        "codec": b"JPEG",
        "seconds": 62,
        "at": 1_700_000_000,
        "macro": 0,
        "label": 0,
        "preview": 0,
        "table": 0,
        "um": 0.25,
        "tile": TILE,
    } | values
    return struct.pack(
        "<4s4sIfIIII4sIIqIIQQfQI",
        *(b"\xf1\x01\xee\xee", kind, 0, said["version"], said["tiles"], said["height"], said["width"]),
        *(said["objective"], said["codec"], 0, said["seconds"], said["at"], said["macro"], said["label"]),
        *(said["preview"], said["table"], said["um"], 0, said["tile"]),
    )


def tags(**values: bytes) -> bytes:
    listed = b"".join(struct.pack("<II", int(name[1:]), len(value)) + value for name, value in values.items())
    return b"\xff\x01\xee\xee" + struct.pack("<I", len(values)) + listed


def record(kind: int, stream: bytes, width: int, height: int) -> bytes:
    head = struct.pack("<4sIIIIII", bytes([0xF1, kind, 0xEE, 0xEE]), 0, height, width, 3, len(stream), 52)
    return head.ljust(52, b"\x00") + stream


def entry(
    x: int, y: int, width: int, height: int, scale: float, length: int, where: int, more: int = 0
) -> bytes:
    return struct.pack(
        "<4sIIIIfIIIqQII4s",
        *(b"\xf1\x04\xee\xee", x, y, width, height, scale, 0, 0, length, where, more, 0, 0),
        b"\xff\x04\xee\xee",
    )


def write_kfb(
    path: Path,
    *,
    base: str = TABLE_AT_START,
    change: Callable[[bytearray, int], None] | None = None,
    **said: Any,
) -> list[NDArray[np.uint8]]:
    """A KFB of three levels with a sparse first one; returns the levels as they should be read."""
    levels = [picture(HEIGHT, WIDTH), halved(picture(HEIGHT, WIDTH)), halved(picture(HEIGHT, WIDTH), 4)]
    front = tags(t29=b"KF-PRO-0042", t33=b"WANG XIAOMING")
    label = record(2, jpeg(picture(60, 80)), 80, 60)
    macro = record(3, jpeg(picture(60, 160)), 160, 60)
    label_at, macro_at = 92 + len(front), 92 + len(front) + len(label)
    body, placed, at = b"", [], macro_at + len(macro)
    for number, level in enumerate(levels):
        for y in range(0, level.shape[0], TILE):
            for x in range(0, level.shape[1], TILE):
                if (number, x, y) == (0, TILE, 0):
                    level[y : y + TILE, x : x + TILE] = 255
                    continue
                tile = level[y : y + TILE, x : x + TILE]
                stream = jpeg(tile)
                placed.append(
                    (x, y, tile.shape[1], tile.shape[0], 40 / 2**number, len(stream), at + len(body))
                )
                body += stream
    table_at = at + len(body)
    bases = [table_at + 64 * n * (base == TABLE_AT_ENTRY) for n in range(len(placed))]
    table = bytearray(b"".join(entry(*p[:6], p[6] - start) for p, start in zip(placed, bases, strict=True)))
    if change is not None:
        change(table, table_at)
    values = {"tiles": len(placed), "table": table_at, "macro": macro_at, "label": label_at} | said
    path.write_bytes(header(b"KFB\x00", **values) + front + label + macro + body + table)
    return levels


def write_kfbf(
    path: Path, *, turned: bool = False, channels: int = 3, **said: Any
) -> list[list[NDArray[Any]]]:
    """A KFBF of two levels; returns the channels of each. `turned` swaps x and y, width and height."""
    finest = picture(HEIGHT, WIDTH)[:, :, :, np.newaxis]
    grey = [np.roll(255 - finest[:, :, n % 3], 40 * n, axis=1) for n in range(channels)]
    levels = [grey, [halved(one) for one in grey]]
    body, at, placed = b"", 4096, []
    for number, level in enumerate(levels):
        height, width = level[0].shape[:2]
        for y in range(0, height, TILE):
            for x in range(0, width, TILE):
                offsets, lengths = [], []
                for channel in level:
                    full = np.zeros((TILE, TILE, 1), np.uint8)
                    part = channel[y : y + TILE, x : x + TILE]
                    full[: part.shape[0], : part.shape[1]] = part
                    stream = jpeg(full)
                    offsets.append(at + len(body))
                    lengths.append(len(stream))
                    body += stream
                blocks = at + len(body)
                body += struct.pack(f"<{2 * channels}Q", *offsets, *lengths)
                corner = (y, x) if turned else (x, y)
                placed.append(
                    entry(*corner, TILE, TILE, 20 / 2**number, lengths[0], blocks, blocks + 8 * channels)
                )
    names_at = at + len(body)
    body += b"".join(name.encode().ljust(40, b"\x00") for name in ("DAPI", "CD3 标记", "")[:channels])
    colours_at = at + len(body)
    body += struct.pack("<9I", 0, 0, 255, 255, 0, 0, 0, 0, 0)
    exposures_at = at + len(body)
    body += struct.pack(f"<{channels}d", *(10.5 * n for n in range(channels)))
    pointers = {75: struct.pack("<I", channels), 77: names_at, 79: colours_at, 84: exposures_at}
    front = tags(
        **{
            f"t{tag}": value if isinstance(value, bytes) else struct.pack("<Q", value)
            for tag, value in pointers.items()
        }
    )
    sides = {"height": WIDTH, "width": HEIGHT} if turned else {}
    values = {"version": 2.1, "tiles": len(placed), "table": at + len(body), "objective": 20} | sides | said
    path.write_bytes((header(b"KFBF", **values) + front).ljust(at, b"\x00") + body + b"".join(placed))
    return levels


def read_all(path: Path, channel: int = 0) -> list[NDArray[Any]]:
    with open_slide(path) as slide:
        return [
            slide.read_level(n, PixelRegion(0, 0, level.size.width_px, level.size.height_px), channel=channel)
            for n, level in enumerate(slide.description.levels)
        ]


def difference(one: NDArray[Any], two: NDArray[Any]) -> float:
    assert one.shape == two.shape
    return float(np.abs(one.astype(float) - two).mean())


@pytest.mark.parametrize("base", [TABLE_AT_START, TABLE_AT_ENTRY])
def test_kfb_is_read_whatever_its_offsets_count_from(tmp_path: Path, base: str) -> None:
    levels = write_kfb(tmp_path / "x.kfb", base=base)
    read = read_all(tmp_path / "x.kfb")
    assert len(read) == 3
    assert max(difference(*pair) for pair in zip(read, levels, strict=True)) < 4
    with open_slide(tmp_path / "x.kfb") as slide:
        assert slide.description.properties["kfb.reading"] == base
        assert slide.description.properties["kfb.seams"] == "agree"


def test_kfb_says_what_it_is(tmp_path: Path) -> None:
    write_kfb(tmp_path / "x.kfb")
    with open_slide(tmp_path / "x.kfb") as slide:
        description = slide.description
        label, macro = (
            slide.read_associated(AssociatedKind.LABEL),
            slide.read_associated(AssociatedKind.MACRO),
        )
    assert description.format == "kfb"
    assert description.spacing_um == SpacingUm(0.25, 0.25)
    assert description.scale_trust == "stored"
    assert description.objective_power == 40
    assert description.scanner_serial == "KF-PRO-0042"
    assert description.acquired_at == "2023-11-14T22:13:20+00:00"
    assert (label.shape, macro.shape) == ((60, 80, 3), (60, 160, 3))
    assert "WANG" not in repr(description)
    assert description.warnings == ()


def test_inner_tiles_are_served_as_they_lie_and_cropped_ones_filled_up(tmp_path: Path) -> None:
    levels = write_kfb(tmp_path / "x.kfb")
    with open_slide(tmp_path / "x.kfb") as slide:
        index = slide.frame_index
        assert index is not None
        assert all(level.cropped_edges for level in index.levels[:2])
    inspect([str(tmp_path / "x.kfb")], str(tmp_path), lambda *_: None)
    completed = read_index(tmp_path / "index.hfi")
    assert not any(level.cropped_edges for level in completed.levels)
    first, last = completed.levels[0].find(0, 0, 0, 0), completed.levels[0].find(0, 0, 2, 3)
    assert first is not None
    assert last is not None
    assert (first.object_number, last.object_number) == (0, 1)
    described = read_description(tmp_path / "description.json")
    sources = [FileSource(tmp_path / "x.kfb"), FileSource(tmp_path / "derived.bin")]
    with IndexedSlide(described, completed, list(sources)) as slide:
        whole = slide.read_level(0, PixelRegion(0, 0, WIDTH, HEIGHT))
    assert difference(whole, levels[0]) < 4


def test_kfbf_is_read_in_channels(tmp_path: Path) -> None:
    levels = write_kfbf(tmp_path / "x.kfbf")
    for channel in range(3):
        read = read_all(tmp_path / "x.kfbf", channel)
        assert max(difference(one, level[channel]) for one, level in zip(read, levels, strict=True)) < 4
    with open_slide(tmp_path / "x.kfbf") as slide:
        description = slide.description
    assert description.format == "kfbf"
    assert [(one.name, one.colour) for one in description.channels] == [
        ("DAPI", "#0000ff"),
        ("CD3 标记", "#ff0000"),
        ("Channel 3", None),
    ]
    assert description.properties["kfb.exposure[1]"] == "10.5"
    assert description.properties["kfb.reading"] == "height first, x first"
    assert not description.is_brightfield


def test_kfbf_that_is_turned_is_told_by_its_seams(tmp_path: Path) -> None:
    levels = write_kfbf(tmp_path / "x.kfbf", turned=True)
    assert difference(read_all(tmp_path / "x.kfbf", 1)[0], levels[0][1]) < 4
    with open_slide(tmp_path / "x.kfbf") as slide:
        assert slide.description.properties["kfb.reading"] == "width first, y first"


def set_entry(at: int, offset: int, form: str, value: float) -> Callable[[bytearray, int], None]:
    return lambda table, _: struct.pack_into(form, table, 64 * at + offset, value)


def shuffle(table: bytearray, _: int) -> None:
    """The whole tiles of the finest level, each in the place of another."""
    places = [0, 5, 3, 1, 4]
    stored = [bytes(table[64 * at + 0x20 : 64 * at + 0x2C]) for at in places]
    for at, other in zip(places, stored[1:] + stored[:1], strict=True):
        table[64 * at + 0x20 : 64 * at + 0x2C] = other


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 3.0}, "version 3, which is not known"),
        ({"codec": b"HEVC"}, "in a coding that is not known"),
        ({"width": 0}, "states no picture"),
        ({"tiles": 1 << 31}, "truncated"),
        ({"table": 1 << 62}, "truncated"),
        ({"tile": 0}, "states no picture"),
        ({"tile": 100}, "do not lie on a grid"),
        ({"width": 0xFFFFFFFF, "height": 0xFFFFFFFF}, "sizes that do not fill the picture"),
        ({"width": WIDTH - TILE}, "sizes that do not fill the picture|outside"),
        ({"change": set_entry(0, 0x00, "<I", 7)}, "1 of 16 entries have no marks"),
        ({"change": set_entry(2, 0x14, "<f", float("nan"))}, "has no scale"),
        ({"change": set_entry(2, 0x14, "<f", 33.0)}, "not halves"),
        ({"change": set_entry(2, 0x04, "<I", 0)}, "two tiles .* same place|sizes that do not"),
        ({"change": set_entry(2, 0x24, "<q", 1 << 62)}, "past|truncated"),
        ({"change": set_entry(2, 0x24, "<q", -(1 << 62))}, "where no file has bytes"),
        ({"change": set_entry(2, 0x20, "<I", 1 << 31)}, "truncated|past"),
        ({"change": shuffle}, "neighbouring tiles do not fit"),
    ],
)
def test_damaged_kfb_is_refused_with_one_sentence(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    write_kfb(tmp_path / "x.kfb", **change)
    with pytest.raises(UnreadableSlide, match=f"(?i){sentence}") as refusal:
        open_slide(tmp_path / "x.kfb")
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) <= 400


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 2.2}, "version 2.2, which is not known"),
        ({"channels": 3, "tiles": 1 << 31}, "truncated"),
    ],
)
def test_damaged_kfbf_is_refused_with_one_sentence(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    write_kfbf(tmp_path / "x.kfbf", **change)
    with pytest.raises(UnreadableSlide, match=sentence):
        open_slide(tmp_path / "x.kfbf")


def test_a_damaged_label_does_not_keep_the_slide_out(tmp_path: Path) -> None:
    write_kfb(tmp_path / "x.kfb", label=1 << 31, macro=95)
    with open_slide(tmp_path / "x.kfb") as slide:
        assert slide.description.associated == ()
        assert len(slide.description.warnings) == 2
