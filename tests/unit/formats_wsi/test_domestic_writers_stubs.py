"""What formats that are recognised and not read are known by; and that every maker makes."""

import struct
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import simplejpeg

from hemalum.testing.domestic_writers import stubs
from hemalum.testing.domestic_writers.makers import MAKERS, STUBS


@pytest.mark.parametrize(("version", "size"), [("06", 192), ("07", 1072)])
def test_tmap_is_its_header(tmp_path: Path, version: Literal["06", "07"], size: int) -> None:
    path = tmp_path / "a.tmap"
    stubs.write_tmap(path, version)
    data = path.read_bytes()
    assert len(data) == size
    assert data[:6] == f"TMAP{version}".encode()
    assert struct.unpack_from("<f", data, 0x10)[0] == pytest.approx(0.0001376)
    assert struct.unpack_from("<2I", data, 0x30 if version == "06" else 0x238) == (20_000, 15_000)


@pytest.mark.parametrize("version", [3, 4])
def test_tron_is_a_zip_with_its_version(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.tron"
    stubs.write_tron(path, version)
    with zipfile.ZipFile(path) as archive:
        assert archive.read(".tron")[:8] == b"TRON" + struct.pack("<I", version)
        assert "0\\1\\0\\0.jpg" in archive.namelist()


def test_mds_is_a_compound_file_with_its_tile(tmp_path: Path) -> None:
    path = tmp_path / "a.mds"
    stubs.write_mds(path)
    data = path.read_bytes()
    assert data[:4] == b"\xd0\xcf\x11\xe0"
    (directory_sector,) = struct.unpack_from("<I", data, 0x30)
    (table_sector,) = struct.unpack_from("<I", data, 0x4C)
    table = struct.unpack_from("<128I", data, 512 * (table_sector + 1))
    directory = [data[512 * (directory_sector + 1) + 128 * k :][:128] for k in range(4)]
    names = [entry[: struct.unpack_from("<H", entry, 0x40)[0] - 2].decode("utf-16-le") for entry in directory]
    assert names == ["Root Entry", "DSI0", "1", "0_0"]
    assert [struct.unpack_from("<I", entry, 0x4C)[0] for entry in directory[:3]] == [1, 2, 3]
    sector, size = struct.unpack_from("<IQ", directory[3], 0x74)
    stream = b""
    while sector != 0xFFFFFFFE:
        stream += data[512 * (sector + 1) : 512 * (sector + 2)]
        sector = table[sector]
    assert simplejpeg.decode_jpeg(stream[:size]).shape == (256, 256, 3)


def test_unknown_sdpc_has_a_block_of_another_flag(tmp_path: Path) -> None:
    path = tmp_path / "a.sdpc"
    stubs.write_sdpc_of_unknown_blocks(path)
    data = path.read_bytes()
    assert (data[:2], data[153:155]) == (b"SQ", b"FL")


def test_makers_make_what_they_say(tmp_path: Path) -> None:
    written = [make(tmp_path) for make in MAKERS]
    assert len({slide.path for slide in written}) == len(MAKERS)
    for slide in written:
        sample = slide.as_sample()
        assert sample.path.stat().st_size < 1 << 20
        assert sample.levels[0].shape[2:4] == (436, 612)
        for level in slide.levels:
            assert level.pixels.shape[2:4] == (level.height_px, level.width_px)
            assert level.pixels.dtype == np.uint8
    for name, write in STUBS:
        write(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
