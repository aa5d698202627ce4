"""Hamamatsu: NDPI, a TIFF of its own kind, and VMS, a text with JPEGs beside it."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from hemalum.formats.wsi.model import AssociatedKind
from hemalum.testing.samples import SPACING_UM, halved, picture
from hemalum.testing.vendors.sample import BARCODE, OBJECTIVE, VendorSample, jpeg, pyramid


def hamamatsu_ndpi(folder: Path) -> VendorSample:
    """Hamamatsu NDPI: a level is one JPEG with restart markers; classic TIFF with links of 64 bits.

    OpenSlide makes levels of its own of it, by decoding at a half, a fourth and an eighth of the size.
    """
    path = folder / "hamamatsu.ndpi"
    finest, macro = picture(512, 640), picture(80, 200, seed=8)
    shared: list[_Tag] = [
        _ascii(271, "Hamamatsu"),
        _ascii(272, "C13220-01"),
        _ascii(305, "NDP.scan 3.2.12"),
        _ascii(306, "2026:03:14 09:26:53"),
        (65420, 4, struct.pack("<I", 1)),
        (65422, 9, struct.pack("<i", 1_250_000)),
        (65423, 9, struct.pack("<i", -730_000)),
        (65424, 9, struct.pack("<i", 0)),
        _ascii(65427, BARCODE),
        _ascii(65449, "Created=2026/03/14\r\nUpdated=2026/03/14\r\nNDP.S/N=190042\r\n"),
    ]
    pages = [
        (finest, float(OBJECTIVE), SPACING_UM, 8),
        (halved(finest), OBJECTIVE / 2, SPACING_UM * 2, 4),
        (macro, -1.0, 25.0, 0),
    ]
    content = bytearray(struct.pack("<2sHQ", b"II", 42, 0))
    link = 4
    for pixels, lens, spacing_um, interval in pages:
        height, width = pixels.shape[:2]
        stream = jpeg(pixels, subsampling="4:2:2", restart_marker_blocks=interval)
        tags = [
            *((tag, 4, struct.pack("<I", value)) for tag, value in ((256, width), (257, height))),
            (258, 3, struct.pack("<3H", 8, 8, 8)),
            *((tag, 3, struct.pack("<H", value)) for tag, value in ((259, 7), (262, 6), (277, 3), (296, 3))),
            (273, 4, struct.pack("<I", len(content))),
            (278, 4, struct.pack("<I", height)),
            (279, 4, struct.pack("<I", len(stream))),
            *((tag, 5, struct.pack("<2I", round(1e7 / spacing_um), 1000)) for tag in (282, 283)),
            (65421, 11, struct.pack("<f", lens)),
            *([(65426, 4, _restarts(stream))] if interval else []),
            *shared,
        ]
        content += stream
        struct.pack_into("<Q", content, link, len(content) + len(content) % 2)
        content += bytes(len(content) % 2)
        link = _append_directory(content, tags)
    path.write_bytes(content)
    return VendorSample(
        (path,),
        pyramid(finest, *(halved(finest, 2**n) for n in range(1, 5))),
        vendor="hamamatsu",
        associated={AssociatedKind.MACRO: macro},
    )


def hamamatsu_vms(folder: Path) -> VendorSample:
    """Hamamatsu VMS: an index in text, and beside it JPEGs that lie side by side, a map, and a macro."""
    path = folder / "hamamatsu.vms"
    finest, macro = picture(512, 1024), picture(80, 200, seed=9)
    halves, overview = np.split(finest, 2, axis=1), halved(finest, 4)
    names = ["hamamatsu.jpg", "hamamatsu(1,0).jpg", "hamamatsu_map2.jpg", "hamamatsu_macro.jpg"]
    for name, pixels in zip(names, [*halves, overview], strict=False):
        (folder / name).write_bytes(jpeg(pixels, subsampling="4:2:2", restart_marker_blocks=4))
    (folder / names[3]).write_bytes(jpeg(macro))
    (folder / "hamamatsu.opt").write_bytes(b"".join(_optimisation(folder / name) for name in names[:2]))
    nanometres = [round(side * SPACING_UM * 1000) for side in (finest.shape[1], finest.shape[0])]
    path.write_text(
        "[Virtual Microscope Specimen]\n"
        "NoLayers=1\nNoJpegColumns=2\nNoJpegRows=1\n"
        f"ImageFile={names[0]}\nImageFile(1,0)={names[1]}\nMapFile={names[2]}\nMacroImage={names[3]}\n"
        "OptimisationFile=hamamatsu.opt\n"
        f"PhysicalWidth={nanometres[0]}\nPhysicalHeight={nanometres[1]}\nSourceLens={OBJECTIVE}\n"
        f"Reference={BARCODE}\n"
    )
    return VendorSample(
        (path, *(folder / name for name in sorted([*names, "hamamatsu.opt"]))),
        pyramid(finest, *(halved(finest, 2**n) for n in range(1, 6))),
        vendor="hamamatsu",
        associated={AssociatedKind.MACRO: macro},
    )


type _Tag = tuple[int, int, bytes]
"""Number, type and value of a TIFF tag."""


def _ascii(number: int, text: str) -> _Tag:
    return number, 2, text.encode() + b"\0"


def _append_directory(content: bytearray, tags: Sequence[_Tag]) -> int:
    """Add a TIFF directory with a link of 64 bits; returns where the link is."""
    sizes = {2: 1, 3: 2, 4: 4, 5: 8, 9: 4, 11: 4}
    values = len(content) + 2 + 12 * len(tags) + 8
    tail = bytearray()
    content += struct.pack("<H", len(tags))
    for number, kind, value in sorted(tags):
        content += struct.pack("<HHI", number, kind, len(value) // sizes[kind])
        if len(value) > 4:
            content += struct.pack("<I", values + len(tail))
            tail += value + bytes(len(value) % 2)
        else:
            content += value.ljust(4, b"\0")
    content += bytes(8) + tail
    return values - 8


def _restart_offsets(stream: bytes) -> list[int]:
    """Where the runs of a JPEG begin: after its head, and after each restart marker."""
    scan = stream.index(b"\xff\xda")
    first = scan + 2 + struct.unpack_from(">H", stream, scan + 2)[0]
    markers = [
        at for at in range(first, len(stream) - 1) if stream[at] == 0xFF and 0xD0 <= stream[at + 1] <= 0xD7
    ]
    return [first, *(at + 2 for at in markers)]


def _restarts(stream: bytes) -> bytes:
    offsets = _restart_offsets(stream)
    return struct.pack(f"<{len(offsets)}I", *offsets)


def _optimisation(path: Path) -> bytes:
    """The part of a VMS optimisation file for one JPEG: where each row of its tiles begins."""
    stream = path.read_bytes()
    with Image.open(path) as image:
        rows = image.height // 8
    offsets = _restart_offsets(stream)
    return b"".join(struct.pack("<q32x", at) for at in offsets[:: len(offsets) // rows])
