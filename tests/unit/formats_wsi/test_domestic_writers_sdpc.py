"""SDPC as written for tests, read back by offsets taken from the note and from nothing else."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from hemalum.testing.domestic_writers import sdpc
from hemalum.testing.domestic_writers.written import decode_hevc, encode_hevc
from hemalum.testing.samples import picture

LABEL, MACRO = picture(90, 70, 1), picture(60, 180, 2)
NEXT_POINTERS = {b"PI": 0x1988, b"MI": 0x2B, b"IF": 0x1E}


def number(data: bytes, form: str, at: int) -> Any:
    return struct.unpack_from("<" + form, data, at)[0]


def chain(data: bytes) -> Iterator[tuple[bytes, int]]:
    """(flag, position) of the blocks behind the header."""
    at = number(data, "I", 0x12)
    while at:
        flag = data[at : at + 2]
        yield flag, at
        at = number(data, "q", at + NEXT_POINTERS[flag])


def text(data: bytes, at: int, size: int) -> str:
    return data[at : at + size].rstrip(b"\0").decode("gbk")


@pytest.mark.parametrize("header_bytes", [153, 156])
@pytest.mark.parametrize("level_scale", [0.5, 0.25])
def test_sdpc_reads_back(tmp_path: Path, header_bytes: int, level_scale: float) -> None:
    missing = {(0, 1, 1)}
    written = sdpc.write_sdpc(
        tmp_path / "a.sdpc",
        picture(),
        label=LABEL,
        macro=MACRO,
        header_bytes=header_bytes,
        level_scale=level_scale,
        missing=missing,
    )
    data = written.path.read_bytes()
    assert data[:12] == b"SQ1.0.3.1010"
    assert number(data, "Q", 0x16) == len(data)
    assert struct.unpack_from("<3I", data, 0x1E) == (2, 1, len(written.levels))
    assert struct.unpack_from("<4I", data, 0x2A) == (612, 436, 288, 288)
    assert struct.unpack_from("<fdI", data, 0x48) == (level_scale, written.spacing_um, 40)
    assert data[0x68] == 0
    blocks = list(chain(data))
    assert [flag for flag, _ in blocks] == [b"PI", b"MI", b"MI", b"IF"] + [b"IF"] * len(written.levels)
    positions = [at for _, at in blocks]
    assert positions[0] == header_bytes
    assert positions[1] - positions[0] == 6808
    _check_person(data, positions[0])
    for at, kind in zip(positions[1:3], ("label", "macro"), strict=True):
        width, height = struct.unpack_from("<2I", data, at + 0x0A)
        decoded = simplejpeg.decode_jpeg(data[at + 123 :][: number(data, "Q", at + 0x22)])
        assert decoded.shape == (height, width, 3)
        np.testing.assert_array_equal(decoded, written.associated[kind])
    _check_thumbnail(data, positions[3], written.associated["thumbnail"])
    for n, (at, level) in enumerate(zip(positions[4:], written.levels, strict=True)):
        size = (int(612 * level_scale**n), int(436 * level_scale**n))
        assert (level.width_px, level.height_px) == size
        assert number(data, "f", at + 0x26) == level_scale**n
        np.testing.assert_array_equal(
            _level(data, at, size, missing if n == 0 else set()), level.pixels[0, 0]
        )
    _check_extra(data)
    assert np.abs(written.levels[0].pixels[0, 0, :288] - picture()[:288].astype(float)).mean() < 3


def _level(data: bytes, at: int, size: tuple[int, int], missing: set[tuple[int, int, int]]) -> np.ndarray:
    tiles, across, down = struct.unpack_from("<3I", data, at + 0x0A)
    right, bottom = struct.unpack_from("<2I", data, at + 0x32)
    assert (across * 288 - right, down * 288 - bottom) == size
    assert tiles == across * down
    lengths = struct.unpack_from(f"<{tiles}i", data, at + 122)
    assert number(data, "q", at + 0x16) == sum(lengths)
    canvas = np.full((down * 288, across * 288, 3), 255, np.uint8)
    position = at + 122 + 4 * tiles
    for k, length in enumerate(lengths):
        row, column = divmod(k, across)
        assert (length == 0) == ((0, row, column) in missing)
        if length:
            tile = simplejpeg.decode_jpeg(data[position : position + length])
            canvas[row * 288 :, column * 288 :][:288, :288] = tile
        position += length
    return canvas[: size[1], : size[0]]


def _check_person(data: bytes, at: int) -> None:
    assert data[at : at + 2] == b"PI"
    assert number(data, "I", at + 2) == 6808
    person = sdpc.SAMPLE_PERSON
    assert text(data, at + 6, 64) == person["pathology_number"]
    assert text(data, at + 70, 64) == person["name"]
    assert (data[at + 134], data[at + 135]) == (person["sex"], person["age"])
    sizes = [64, 64, 1024, 2048, 2048, 64, 64, 1024]
    begin = at + 136
    for field, size in zip(list(person)[4:], sizes, strict=True):
        assert text(data, begin, size) == person[field]
        begin += size
    assert begin - at == 0x1988


def _check_thumbnail(data: bytes, at: int, expected: np.ndarray) -> None:
    height, width = expected.shape[:2]
    assert struct.unpack_from("<2I", data, 0x3A) == (width, height)
    assert max(width, height) <= 300
    length = number(data, "q", at + 0x16)
    assert length == 54 + 4 * width * height
    bitmap = data[at + 122 : at + 122 + length]
    assert number(bitmap, "I", 10) == 54
    assert number(bitmap, "H", 28) == 32
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(bitmap)).convert("RGB")), expected)


def _check_extra(data: bytes) -> None:
    at = number(data, "q", 0x58)
    assert data[at : at + 2] == b"EI"
    assert len(data) - at == 768
    assert struct.unpack_from("<9f", data, at + 0x3E) == pytest.approx(sdpc.COLOUR_MATRIX)
    assert text(data, at + 0x62, 32) == "2026-01-02 03:04:05"
    assert text(data, at + 0x9A, 32) == "SQS-SYN-0001"
    assert text(data, at + 0xC3, 128) == "H26-01234-A1"


def test_sdpc_may_have_neither_person_nor_images_nor_extra(tmp_path: Path) -> None:
    written = sdpc.write_sdpc(tmp_path / "a.dyqx", picture(), person=None, with_extra=False)
    data = written.path.read_bytes()
    assert struct.unpack_from("<2I", data, 0x1E) == (0, 0)
    assert [flag for flag, _ in chain(data)] == [b"IF"] * 4
    assert number(data, "q", 0x58) == 0


def test_sdpc_level_size_may_count_the_table(tmp_path: Path) -> None:
    data, counted = (
        sdpc.write_sdpc(tmp_path / "a.sdpc", picture(), size_counts_table=counts).path.read_bytes()
        for counts in (False, True)
    )
    at = [at for _, at in chain(data)][2]
    assert number(counted, "q", at + 0x16) - number(data, "q", at + 0x16) == 4 * 6


def test_sdpc_tiles_may_be_hevc(tmp_path: Path) -> None:
    pytest.importorskip("av")
    written = sdpc.write_sdpc(tmp_path / "a.sdpc", picture(), codec="hevc", person=None)
    data = written.path.read_bytes()
    assert data[0x68] == 4
    at = [at for _, at in chain(data)][1]
    position, length = at + 122 + 4 * 6, number(data, "i", at + 122)
    assert data[position : position + 4] == b"\0\0\0\1"
    tile = decode_hevc(data[position : position + length])
    np.testing.assert_array_equal(tile, written.levels[0].pixels[0, 0, :288, :288])
    assert np.abs(tile - picture()[:288, :288].astype(float)).mean() < 3


def test_hevc_white_is_limited_range() -> None:
    pytest.importorskip("av")
    white = decode_hevc(encode_hevc(np.full((288, 288, 3), 255, np.uint8)))
    assert white.min() >= 253


def test_huge_sdpc_reaches_past_4_gib(tmp_path: Path) -> None:
    huge = sdpc.write_huge_sdpc(tmp_path / "a.sdpc", side_tiles=64, stored_bytes=1 << 20)
    assert huge.path.stat().st_size > 1 << 32
    assert huge.path.stat().st_blocks * 512 < 40 << 20
    assert huge.tiles == 5461
    with huge.path.open("rb") as file:
        head = file.read(0x99 + 122)
        assert number(head, "Q", 0x16) == huge.path.stat().st_size
        at = number(head, "q", 0x99 + 0x1E)
        for tiles in (4**n for n in range(6, -1, -1)):
            file.seek(at)
            head = file.read(122 + 4 * tiles)
            assert number(head, "I", 0x0A) == tiles
            lengths = np.frombuffer(head, "<i4", offset=122)
            assert number(head, "q", 0x16) == lengths.sum(dtype=np.int64)
            for k in (0, tiles // 2, tiles - 1):
                file.seek(at + len(head) + int(lengths[:k].sum(dtype=np.int64)))
                assert file.read(int(lengths[k]))[: len(huge.stream)] == huge.stream
            at = number(head, "q", 0x1E)
        assert at == 0


def test_huge_sdpc_tiles_lie_back_to_back(tmp_path: Path) -> None:
    huge = sdpc.write_huge_sdpc(tmp_path / "a.sdpc", side_tiles=4)
    data = huge.path.read_bytes()
    assert [number(data, "I", at + 0x0A) for _, at in chain(data)] == [1, 16, 4, 1]
    assert data.count(huge.stream) == huge.tiles == 21
