"""KFB and KFBF as written for tests, read back by offsets taken from the note and from nothing else."""

import struct
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import simplejpeg

from hemalum.testing.domestic_writers import kfb, kfbf
from hemalum.testing.domestic_writers.written import WrittenSlide
from hemalum.testing.samples import picture

LABEL, MACRO = picture(90, 70, 1), picture(60, 180, 2)
GREYS = [picture(seed=seed)[..., :1] for seed in range(3)]


def number(data: bytes, form: str, at: int) -> Any:
    return struct.unpack_from("<" + form, data, at)[0]


def entries(data: bytes) -> list[int]:
    """Positions of the tile entries; their markers are looked at."""
    count, table = number(data, "I", 0x10), number(data, "Q", 0x44)
    found = [table + 64 * k for k in range(count)]
    for at in found:
        assert (data[at : at + 4], data[at + 60 : at + 64]) == (b"\xf1\x04\xee\xee", b"\xff\x04\xee\xee")
    return found


def tags(data: bytes) -> dict[int, bytes]:
    assert data[0x5C:0x60] == b"\xff\x01\xee\xee"
    found, at = {}, 0x64
    for _ in range(number(data, "I", 0x60)):
        tag, length = struct.unpack_from("<II", data, at)
        found[tag] = data[at + 8 : at + 8 + length]
        at += 8 + length
    return found


def image(data: bytes, at: int) -> np.ndarray:
    assert data[at : at + 1] + data[at + 2 : at + 4] == b"\xf1\xee\xee"
    height, width, samples = struct.unpack_from("<3I", data, at + 8)
    length, payload = struct.unpack_from("<2I", data, at + 0x14)
    decoded = simplejpeg.decode_jpeg(data[at + payload : at + payload + length])
    assert decoded.shape == (height, width, samples)
    return decoded


def places(written: WrittenSlide) -> list[tuple[int, ...]]:
    return [
        (n, tile.x_px, tile.y_px, tile.width_px, tile.height_px)
        for n, level in enumerate(written.levels)
        for tile in level.tiles
    ]


@pytest.mark.parametrize("base", ["table", "entry"])
def test_kfb_reads_back(tmp_path: Path, base: kfb.OffsetBase) -> None:
    missing = {(0, 1, 1), (1, 0, 0)}
    written = kfb.write_kfb(
        tmp_path / "a.kfb", picture(), label=LABEL, macro=MACRO, offset_base=base, missing=missing
    )
    data = written.path.read_bytes()
    assert data[:8] == b"\xf1\x01\xee\xeeKFB\0"
    assert number(data, "f", 0x0C) == pytest.approx(1.6)
    assert struct.unpack_from("<3I", data, 0x14) == (436, 612, 20)
    assert data[0x20:0x24] == b"JPEG"
    assert number(data, "f", 0x4C) == written.spacing_um == pytest.approx(0.484105)
    assert number(data, "I", 0x58) == 256
    assert tags(data) == {29: b"KFB-SYN-0001"}
    for kind, at in (("macro", 0x34), ("label", 0x38), ("thumbnail", 0x3C)):
        np.testing.assert_array_equal(image(data, number(data, "I", at)), written.associated[kind])
    assert number(data, "Q", 0x3C) == number(data, "Q", 0x44) + 64 * number(data, "I", 0x10)
    levels = [np.full_like(level.pixels[0, 0], 255) for level in written.levels]
    found = []
    for at in entries(data):
        x, y, w, h = struct.unpack_from("<4I", data, at + 4)
        n = round(np.log2(20 / number(data, "f", at + 0x14)))
        offset = number(data, "q", at + 0x24)
        assert offset < 0
        position = offset + (number(data, "Q", 0x44) if base == "table" else at)
        tile = simplejpeg.decode_jpeg(data[position : position + number(data, "I", at + 0x20)])
        assert tile.shape == (h, w, 3)
        levels[n][y : y + h, x : x + w] = tile
        found.append((n, x, y, w, h))
    assert found == places(written)
    assert len(found) == 9 - len(missing)
    assert (0, 512, 256, 100, 180) in found
    for level, expected in zip(levels, written.levels, strict=True):
        np.testing.assert_array_equal(level, expected.pixels[0, 0])
    assert np.abs(written.levels[0].pixels[0, 0, :256] - picture()[:256].astype(float)).mean() < 3


def test_kfb_tiles_are_baseline_422(tmp_path: Path) -> None:
    written = kfb.write_kfb(tmp_path / "a.kfb", picture())
    position, length = written.levels[0].tiles[0].streams[0]
    stream = written.path.read_bytes()[position : position + length]
    assert simplejpeg.decode_jpeg_header(stream)[2:] == ("YCbCr", "422")
    assert b"\xff\xc0" in stream
    assert b"\xff\xc2" not in stream


def test_kfb_without_images_and_with_full_edges(tmp_path: Path) -> None:
    written = kfb.write_kfb(tmp_path / "a.kfb", picture(), edge_tiles="padded", codec=b"JPG")
    data = written.path.read_bytes()
    assert struct.unpack_from("<2I", data, 0x34) == (0, 0)
    assert data[0x20:0x24] == b"JPG\0"
    assert {struct.unpack_from("<2I", data, at + 0x0C) for at in entries(data)} == {(256, 256)}


def test_kfb_takes_levels_as_they_are(tmp_path: Path) -> None:
    """Levels that are not each other's means, so that a reader cannot take one for another."""
    levels = [picture(436, 612, 1), picture(218, 306, 2), picture(109, 153, 3)]
    written = kfb.write_kfb(tmp_path / "a.kfb", levels)
    for level, expected in zip(written.levels, levels, strict=True):
        assert np.abs(level.pixels[0, 0] - expected.astype(float)).mean() < 3


def test_huge_kfb_has_offsets_past_32_bits(tmp_path: Path) -> None:
    huge = kfb.write_huge_kfb(tmp_path / "a.kfb")
    assert huge.path.stat().st_blocks * 512 < 40 << 20
    with huge.path.open("rb") as file:
        head = file.read(0x5C)
        count, table_at = number(head, "I", 0x10), number(head, "Q", 0x44)
        assert count == huge.tiles == 349_525
        file.seek(table_at)
        table = file.read(64 * count)
        for k in (0, 1, count // 2, count - 1):
            offset, length = number(table, "q", 64 * k + 0x24), number(table, "I", 64 * k + 0x20)
            assert table_at + offset == huge.positions[k % 2]
            file.seek(table_at + offset)
            assert file.read(length) == huge.stream
    assert number(table, "q", 0x24) < -(1 << 32)
    scales = np.frombuffer(table, "<f4")[5::16]
    assert [int((scales == np.float32(40 / 2**n)).sum()) for n in range(10)] == [
        4**n for n in range(9, -1, -1)
    ]
    places = np.frombuffer(table, "<u4").reshape(-1, 16)[: 512 * 512, 1:3]
    assert len(np.unique(places, axis=0)) == 512 * 512
    assert places.max() == 511 * 256


@pytest.mark.parametrize("blocks", ["packed", "whole"])
@pytest.mark.parametrize("edge_tiles", ["cropped", "padded"])
def test_kfbf_reads_back(
    tmp_path: Path, blocks: Literal["packed", "whole"], edge_tiles: Literal["cropped", "padded"]
) -> None:
    missing = {(0, 1, 0), (0, 1, 1), (0, 1, 2), (2, 0, 0)}
    path = tmp_path / "a.kfbf"
    written = kfbf.write_kfbf(
        path, GREYS, label=LABEL, overview=MACRO, missing=missing, blocks=blocks, edge_tiles=edge_tiles
    )
    data = path.read_bytes()
    assert data[:8] == b"\xf1\x01\xee\xeeKFBF"
    assert number(data, "f", 0x0C) == pytest.approx(2.1)
    assert struct.unpack_from("<2I", data, 0x14) == (436, 612)
    # Of four real files: table offset + 64 x tiles + 52 = file size.
    assert number(data, "Q", 0x44) + 64 * number(data, "I", 0x10) + 52 == len(data)
    assert data[-52:-48] == b"\xf1\x03\xee\xee"
    for kind, at in (("macro", 0x34), ("label", 0x38)):
        np.testing.assert_array_equal(image(data, number(data, "I", at)), written.associated[kind])
    _check_channels(data, written)
    sizes = [(level.width_px, level.height_px) for level in written.levels]
    assert sizes[3:] == [(76, 54), (48, 32), (24, 16), (12, 8), (6, 4), (3, 2), (1, 1)]
    levels = [np.zeros_like(level.pixels[0]) for level in written.levels]
    found = []
    for at in entries(data):
        x, y, w, h = struct.unpack_from("<4I", data, at + 4)
        n = round(np.log2(20 / number(data, "f", at + 0x14)))
        positions = struct.unpack_from("<12Q", data, number(data, "Q", at + 0x24))[:3]
        lengths = struct.unpack_from("<3Q", data, number(data, "Q", at + 0x2C))
        assert lengths[0] == number(data, "I", at + 0x20)
        for channel, (position, length) in enumerate(zip(positions, lengths, strict=True)):
            tile = simplejpeg.decode_jpeg(data[position : position + length], "GRAY")
            assert tile.shape == (h, w, 1)
            target = levels[n][channel, y : y + h, x : x + w]
            target[...] = tile[: target.shape[0], : target.shape[1]]
        found.append((n, x, y, w, h))
    assert found == places(written)
    for level, expected in zip(levels, written.levels, strict=True):
        np.testing.assert_array_equal(level, expected.pixels[0])
    assert not written.levels[2].pixels.any()


def _check_channels(data: bytes, written: WrittenSlide) -> None:
    found = tags(data)
    assert found[75] == b"\3\0\0\0"
    names, colours, exposures, gammas = (number(found[tag], "Q", 0) for tag in (77, 79, 84, 87))
    for k, channel in enumerate(written.channels):
        assert data[names + 40 * k :][:40].rstrip(b"\0").decode() == channel.name
        assert struct.unpack_from("<3I", data, colours + 12 * k) == channel.colour
        assert number(data, "d", exposures + 8 * k) == channel.exposure
        assert number(data, "d", gammas + 8 * k) == channel.gamma


def test_kfbf_width_first_swaps_header_and_places(tmp_path: Path) -> None:
    usual, swapped = (
        kfbf.write_kfbf(tmp_path / name, GREYS, orientation=name).path.read_bytes()
        for name in ("height_first", "width_first")
    )
    assert struct.unpack_from("<2I", swapped, 0x14) == (612, 436)
    for one, other in zip(entries(usual), entries(swapped), strict=True):
        assert (
            struct.unpack_from("<2I", usual, one + 4) == struct.unpack_from("<2I", swapped, other + 4)[::-1]
        )


@pytest.mark.parametrize("channels", [1, 6])
def test_huge_kfbf_has_positions_past_32_bits(tmp_path: Path, channels: int) -> None:
    huge = kfbf.write_huge_kfbf(tmp_path / "a.kfbf", channels=channels)
    assert huge.path.stat().st_blocks * 512 < 80 << 20
    with huge.path.open("rb") as file:
        head = file.read(0x5C)
        count, table_at = number(head, "I", 0x10), number(head, "Q", 0x44)
        assert count == huge.tiles == 349_525
        for k in (0, 1, count - 1):
            file.seek(table_at + 64 * k)
            entry = file.read(64)
            for block, expected in ((0x24, huge.positions[k % 2]), (0x2C, len(huge.stream))):
                file.seek(number(entry, "Q", block))
                assert struct.unpack(f"<{channels}Q", file.read(8 * channels)) == (expected,) * channels
        file.seek(huge.positions[1])
        assert file.read(len(huge.stream)) == huge.stream
    assert huge.positions[1] > 1 << 32
