"""MDSX as written for tests, read back by offsets taken from the note and from nothing else."""

import base64
import re
import struct
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import simplejpeg

from hemalum.testing.domestic_writers import mdsx
from hemalum.testing.samples import picture

LABEL, MACRO = picture(90, 70, 1), picture(60, 180, 2)
FORMS: list[mdsx.TextForm] = ["utf-8", "utf-16-le", "utf-8 in base64", "utf-16-le in base64"]


def section(data: bytes, at: int) -> bytes:
    """What a place of the first section leads to; nothing where its offset is 0."""
    start = struct.unpack_from("<4I", data, 0x54)[2]
    offset, length = struct.unpack_from("<2I", data, start + at)
    return data[offset : offset + length] if offset else b""


def text(content: bytes) -> str:
    if not content.startswith(b"<"):
        content = base64.b64decode(content)
    encoding = "utf-16-le" if content[1] == 0 else "utf-8"
    return content.decode(encoding).rstrip("\0")


def value(xml: str, name: str) -> str:
    found = re.search(rf'<{name} value="([^"]*)"', xml)
    assert found, name
    return found[1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rounding", ["down", "up"])
def test_mdsx_reads_back(tmp_path: Path, form: mdsx.TextForm, rounding: Literal["down", "up"]) -> None:
    missing = {(0, 1, 2)}
    finest = picture(437, 613)
    written = mdsx.write_mdsx(
        tmp_path / "a.mdsx",
        finest,
        label=LABEL,
        macro=MACRO,
        text_form=form,
        rounding=rounding,
        missing=missing,
    )
    data = written.path.read_bytes()
    assert data[:4] == b"BKIO"
    properties, matrix = text(section(data, 0x14)), text(section(data, 0x3E))
    np.testing.assert_array_equal(simplejpeg.decode_jpeg(section(data, 0x22)), written.associated["macro"])
    np.testing.assert_array_equal(simplejpeg.decode_jpeg(section(data, 0x30)), written.associated["label"])
    assert (float(value(properties, "Scale")), value(properties, "ScanObjective")) == (0.2621, "40")
    sizes = [value(matrix, name) for name in ("Width", "Height", "CellWidth", "CellHeight", "LayerCount")]
    assert sizes == ["613", "437", "256", "256", "3"]
    second = written.levels[1]
    assert (second.width_px, second.height_px) == ((306, 218) if rounding == "down" else (307, 219))
    for n, level in enumerate(written.levels):
        layer = matrix[matrix.index(f"<Layer{n}>") :]
        rows, columns = int(value(layer, "Rows")), int(value(layer, "Cols"))
        _, _, offset, length = struct.unpack_from("<4I", data, 0xA4 + 16 * n)
        assert (length - 4) // 10 == rows * columns == struct.unpack_from("<I", data, offset)[0]
        canvas = np.full((rows * 256, columns * 256, 3), 255, np.uint8)
        for k in range(rows * columns):
            word, position, size = struct.unpack_from("<HII", data, offset + 4 + 10 * k)
            row, column = divmod(k, columns)
            assert word == 0
            assert (position == 0) == (size == 0) == ((n, row, column) in missing)
            if size:
                tile = simplejpeg.decode_jpeg(data[position : position + size])
                canvas[256 * row :, 256 * column :][:256, :256] = tile
        np.testing.assert_array_equal(canvas[: level.height_px, : level.width_px], level.pixels[0, 0])
    assert np.abs(written.levels[0].pixels[0, 0, :256] - finest[:256].astype(float)).mean() < 3


def test_mdsx_without_images_flat_and_with_a_path_that_breaks_parsers(tmp_path: Path) -> None:
    written = mdsx.write_mdsx(
        tmp_path / "a.mdsx", picture(), text_form="utf-8", nested=False, broken_path=True
    )
    data = written.path.read_bytes()
    assert section(data, 0x22) == section(data, 0x30) == b""
    assert "ImageMatrix" not in text(section(data, 0x3E))
    assert "& more" in text(section(data, 0x14))


@pytest.mark.parametrize(
    ("words", "distinct"), [("zero", {0}), ("equal", {0x6901}), ("varied", {0, 1, 2, 3, 4})]
)
def test_mdsx_words_before_tiles(tmp_path: Path, words: mdsx.Words, distinct: set[int]) -> None:
    data = mdsx.write_mdsx(tmp_path / "a.mdsx", picture(), words=words).path.read_bytes()
    offset = struct.unpack_from("<4I", data, 0xA4)[2]
    assert {struct.unpack_from("<H", data, offset + 4 + 10 * k)[0] for k in range(6)} == distinct


def test_huge_mdsx_has_offsets_between_2_and_4_gib(tmp_path: Path) -> None:
    huge = mdsx.write_huge_mdsx(tmp_path / "a.mdsx")
    assert huge.path.stat().st_size < 1 << 32
    assert huge.path.stat().st_blocks * 512 < 20 << 20
    tiles = 0
    with huge.path.open("rb") as file:
        head = file.read(0xA4 + 16 * len(huge.sizes_px))
        for n in range(len(huge.sizes_px)):
            _, _, offset, length = struct.unpack_from("<4I", head, 0xA4 + 16 * n)
            assert offset > 1 << 31
            file.seek(offset)
            index = file.read(length)
            count = struct.unpack_from("<I", index)[0]
            assert count == (length - 4) // 10
            tiles += count
            _, position, size = struct.unpack_from("<HII", index, 4 + 10 * (count - 1))
            file.seek(position)
            assert file.read(size) == huge.stream
    assert tiles == huge.tiles == 349_525
    assert huge.positions[1] > 1 << 31
