"""MDSX, from bytes laid out by hand after the tables of docs/formats.md."""

import base64
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray

from hemalum.formats.wsi import AssociatedKind, open_slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, SpacingUm
from hemalum.testing.samples import halved, picture

TILE, WIDTH, HEIGHT = 128, 500, 300


def jpeg(pixels: NDArray[Any]) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=95, colorsubsampling="422"))


def write_mdsx(
    path: Path,
    *,
    wide: bool = True,
    coded: bool = True,
    extra_column: bool = False,
    mark: int = 0,
    **said: Any,
) -> list[NDArray[np.uint8]]:
    levels = [picture(HEIGHT, WIDTH), halved(picture(HEIGHT, WIDTH))]
    out = bytearray(0xA4 + 16 * len(levels) + 0x50)
    section_at = 0xA4 + 16 * len(levels)
    layers = ""
    for number, level in enumerate(levels):
        rows, columns = -(-level.shape[0] // TILE), -(-level.shape[1] // TILE) + extra_column
        layers += f'<Layer{number}><Rows value="{rows}"/><Cols value="{columns}"/></Layer{number}>'
        entries = []
        for row, column in np.ndindex(rows, columns):
            tile = np.full((TILE, TILE, 3), 255, np.uint8)
            part = level[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
            tile[: part.shape[0], : part.shape[1]] = part
            stream = jpeg(tile)
            entries.append(struct.pack("<HII", mark * row, len(out), len(stream)))
            out += stream
        table = struct.pack("<I", len(entries)) + b"".join(entries)
        struct.pack_into("<IIII", out, 0xA4 + 16 * number, 6900 + number, 0, len(out), len(table))
        out += table
    values = {"Width": WIDTH, "Height": HEIGHT, "LayerCount": 2, "CellWidth": TILE, "CellHeight": TILE} | said
    matrix = "".join(f'<{name} value="{value}"/>' for name, value in values.items())
    properties = '<Scale value="0.26"/><ScanObjective value="20"/><Patient value="WANG"/>'
    documents = (
        (0x14, f'<?xml version="1.0" encoding="utf-16"?><P><ScanPath value="D:\\<a>"/>{properties}</P>'),
        (0x3E, f"<S><ImageMatrix>{matrix}{layers}</ImageMatrix></S>"),
    )
    stored = [(at, text.encode("utf-16-le" if wide else "utf-8")) for at, text in documents]
    pictures = [(0x22, jpeg(picture(60, 160))), (0x30, jpeg(picture(60, 80)))]
    for at, content in [(at, base64.b64encode(one) if coded else one) for at, one in stored] + pictures:
        struct.pack_into("<II", out, section_at + at, len(out), len(content))
        out += content + (b"" if (at, content) in pictures else b"\x00\x00")
    struct.pack_into("<IIII", out, 0x54, 64, 0, section_at, 0x50)
    out[:4] = b"BKIO"
    path.write_bytes(out)
    return levels


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("coded", [True, False])
def test_mdsx_is_read(tmp_path: Path, wide: bool, coded: bool) -> None:
    levels = write_mdsx(tmp_path / "x.mdsx", wide=wide, coded=coded)
    with open_slide(tmp_path / "x.mdsx") as slide:
        for number, level in enumerate(levels):
            height, width = level.shape[:2]
            read = slide.read_level(number, PixelRegion(0, 0, width, height))
            assert np.abs(read.astype(float) - level).mean() < 4
        description = slide.description
        assert slide.read_associated(AssociatedKind.LABEL).shape == (60, 80, 3)
        assert slide.read_associated(AssociatedKind.MACRO).shape == (60, 160, 3)
    assert description.spacing_um == SpacingUm(0.26, 0.26)
    assert description.objective_power == 20
    assert "WANG" not in repr(description)
    assert description.properties["mdsx.reading"] == "levels rounded down"


def test_tables_that_reach_past_the_picture_are_read_as_far_as_needed(tmp_path: Path) -> None:
    levels = write_mdsx(tmp_path / "x.mdsx", extra_column=True)
    with open_slide(tmp_path / "x.mdsx") as slide:
        assert slide.description.properties["mdsx.reading"] == "tables reach past the picture"
        read = slide.read_level(0, PixelRegion(0, 0, WIDTH, HEIGHT))
    assert np.abs(read.astype(float) - levels[0]).mean() < 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"Width": 0}, "states no picture"),
        ({"Width": "many"}, "states no Width"),
        ({"LayerCount": 1 << 20}, "states no picture"),
        ({"LayerCount": 3}, "does not describe level 2"),
        ({"CellWidth": 1 << 20}, "not square, or of no size"),
        ({"CellHeight": 64}, "not square"),
        ({"Width": 5000}, "has 4 x 3 tiles and needs 40 x 3"),
        ({"mark": 1}, "not known, and it varies"),
    ],
)
def test_damaged_mdsx_is_refused_with_one_sentence(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    write_mdsx(tmp_path / "x.mdsx", **change)
    with pytest.raises(UnreadableSlide, match=sentence) as refusal:
        open_slide(tmp_path / "x.mdsx")
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) <= 400


def test_files_beyond_its_positions_are_refused(tmp_path: Path) -> None:
    write_mdsx(tmp_path / "x.mdsx")
    with (tmp_path / "x.mdsx").open("r+b") as file:
        file.truncate((1 << 32) + 1)
    with pytest.raises(UnreadableSlide, match="larger than 4 GiB"):
        open_slide(tmp_path / "x.mdsx")
