"""Scanners' formats that are recognised and not read: what they are called, and what to do with them."""

import zlib
from pathlib import Path

from hemalum.kernel.sentence import Sentence

_BY_HEAD = (
    (b"TMAP", "TMAP", "UNIC 优纳"),
    (b"DmetrixN", "DMETRIX", "DMETRIX"),
    (b"DPTWSI", "DYJ", "DPT"),
    (b"MEDIC", "CSP", "MEDIC"),
)
"""(how the file begins, format, maker)."""
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE2_STREAM = "DSI0".encode("utf-16-le")
_OLE2_DIRECTORY_AT, _OLE2_DIRECTORY_BYTES = 0x30, 4096
_ZIP, _ZIP_ENTRY = b"PK\x03\x04", b"PK\x01\x02"
_ZIP_TAIL_BYTES, _ZIP_ENTRY_BYTES, _ZIP_LOCAL_BYTES = 32 << 20, 46, 30
_TRON = b".tron"


def name_unread(path: Path, head: bytes) -> Sentence | None:
    """What a file is and what to do, to stand after "NAME is"; None for what is not recognised here."""
    for magic, name, maker in _BY_HEAD:
        if head.startswith(magic):
            return _unread(name, maker)
    if b"DPUfsImport" in head:
        return _unread("iSyntax", "Philips")
    if head.startswith(_OLE2) and _has_motic_streams(path, head):
        return _unread("MDS", "Motic 麦克奥迪")
    if head.startswith(_ZIP):
        version = _tron_version(path)
        if version is not None:
            return _unread(f"TRON {version}", "InteMedic")
    return None


def _unread(name: str, maker: str) -> Sentence:
    return Sentence(
        "a {name} file of a {maker} scanner, which is not read; export it as DICOM, SVS or TIFF with the"
        " scanner's software",
        {"name": name, "maker": maker},
    )


def _has_motic_streams(path: Path, head: bytes) -> bool:
    """Whether the directory of a compound file (MS-CFB 2.2, 2.6) names the storage of Motic's tiles."""
    sector_bytes = 1 << min(16, int.from_bytes(head[0x1E:0x20], "little"))
    sector = int.from_bytes(head[_OLE2_DIRECTORY_AT : _OLE2_DIRECTORY_AT + 4], "little")
    at = (sector + 1) * sector_bytes
    if at >= path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(at)
        return _OLE2_STREAM in file.read(_OLE2_DIRECTORY_BYTES)


def _tron_version(path: Path) -> str | None:
    """The version in the entry .tron of a ZIP archive; None when there is none, "?" when it is hidden.

    Looks at the last 32 MiB, where the directory of an archive lies (APPNOTE.TXT 4.3.12).
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _ZIP_TAIL_BYTES))
        tail = file.read()
        at = -1
        while (at := tail.find(_TRON, at + 1)) >= 0:
            entry = tail[max(0, at - _ZIP_ENTRY_BYTES) : at]
            if entry[:4] == _ZIP_ENTRY and int.from_bytes(entry[28:30], "little") == len(_TRON):
                break
        if at < 0:
            return None
        file.seek(int.from_bytes(entry[42:46], "little"))
        local = file.read(_ZIP_LOCAL_BYTES)
        if local[:4] != _ZIP:
            return "?"
        file.seek(sum(int.from_bytes(local[n : n + 2], "little") for n in (26, 28)), 1)
        content = file.read(256)
    if entry[10:12] != b"\x00\x00":
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, 8)
        except zlib.error:
            return "?"
    return str(int.from_bytes(content[4:8], "little")) if content[:4] == b"TRON" else "?"
