"""Just enough of the formats that are recognised and not read: sections 3, 4, 6 and 7 of the note.

Each writer puts down what a reader can know the format by, and no picture that it could show in full.
"""

import zipfile
from pathlib import Path
from typing import Literal

from hemalum.testing.domestic_writers.sdpc import HEADER_BYTES, write_sdpc
from hemalum.testing.domestic_writers.written import packed, small_stream
from hemalum.testing.samples import picture

_SECTOR_BYTES = 512
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NO_ENTRY = _FREE


def write_tmap(path: Path, version: Literal["06", "07"]) -> None:
    """The header of a TMAP (UNIC) and no tile."""
    magic = (0x00, "6s", f"TMAP{version}".encode())
    if version == "06":
        header = packed(
            192,
            magic,
            (0x06, "4B", (1, 0, 1, 3)),
            (0x0C, "B", 2),
            (0x10, "f", 0.0001376),
            (0x18, "H", 40),
            (0x24, "2H", (256, 256)),
            (0x30, "2I", (20_000, 15_000)),
        )
    else:
        header = packed(
            1072,
            magic,
            (0x08, "5B", (0, 70, 1, 40, 255)),
            (0x10, "f", 0.0001376),
            (0x18, "I", 1),
            (0x230, "I", 0),
            (0x234, "f", 1.0),
            (0x238, "4I", (20_000, 15_000, 59, 79)),
        )
    path.write_bytes(header)


def write_tron(path: Path, version: int = 4) -> None:
    """A TRON (InteMedic): a ZIP of one tile and of a `.tron` entry of a version, encrypted from 4 on.

    The entry's digest, salt, vector and body are zeros: nothing in it can be decrypted.
    """
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(".tron", b"TRON" + version.to_bytes(4, "little") + bytes(32 + 16 + 16 + 64))
        for name in ("label", "macro", "0\\1\\0\\0.jpg"):
            archive.writestr(name, small_stream(256))


def write_mds(path: Path) -> None:
    """An MDS (Motic): an OLE2 compound file with the stream `DSI0/1/0_0`, one tile.

    Microsoft's MS-CFB, version 3: header, one sector of allocation table, one of directory, the stream.
    """
    stream = small_stream(256)
    assert len(stream) >= 4096  # shorter ones belong into a table of small sectors
    sectors = -(-len(stream) // _SECTOR_BYTES)
    header = packed(
        _SECTOR_BYTES,
        (0x00, "8s", bytes.fromhex("D0CF11E0A1B11AE1")),
        (0x18, "5H", (0x3E, 3, 0xFFFE, 9, 6)),
        (0x2C, "2I", (1, 1)),
        (0x38, "5I", (4096, _END, 0, _END, 0)),
        (0x4C, "109I", (0, *[_FREE] * 108)),
    )
    chain = (_TABLE, _END, *range(3, sectors + 2), _END)
    allocation = packed(_SECTOR_BYTES, (0, "128I", chain + (_FREE,) * (128 - len(chain))))
    directory = (
        _directory_entry("Root Entry", 5, child=1)
        + _directory_entry("DSI0", 1, child=2)
        + _directory_entry("1", 1, child=3)
        + _directory_entry("0_0", 2, first_sector=2, size_bytes=len(stream))
    )
    path.write_bytes(header + allocation + directory + stream.ljust(sectors * _SECTOR_BYTES, b"\0"))


def _directory_entry(
    name: str, kind: int, *, child: int = _NO_ENTRY, first_sector: int = 0, size_bytes: int = 0
) -> bytes:
    encoded = name.encode("utf-16-le")
    return bytes(
        packed(
            128,
            (0x00, "64s", encoded),
            (0x40, "H", len(encoded) + 2),
            (0x42, "2B", (kind, 1)),
            (0x44, "3I", (_NO_ENTRY, _NO_ENTRY, child)),
            (0x74, "I", first_sector or (_END if kind == 5 else 0)),
            (0x78, "Q", size_bytes),
        )
    )


def write_sdpc_of_unknown_blocks(path: Path) -> None:
    """An SDPC whose chain comes at once to a block of a flag that bright field has not.

    The layout of fluorescence and of several planes is not public: this is how a reader would meet it.
    """
    write_sdpc(path, picture(), person=None)
    with path.open("r+b") as file:
        file.seek(HEADER_BYTES)
        file.write(b"FL")
