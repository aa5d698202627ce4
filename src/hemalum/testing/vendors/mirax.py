"""3DHISTECH MIRAX: photos of a camera in data files, an index of where they lie, and a text about both."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hemalum.formats.wsi.model import AssociatedKind
from hemalum.testing.samples import SPACING_UM, halved, picture
from hemalum.testing.vendors.sample import BARCODE, OBJECTIVE, Pixels, VendorSample, jpeg, pyramid

_IMAGE_PX = 64
_ID = "5A1DE0000000000000000000DEADBEEF"


def mirax_mrxs(folder: Path) -> VendorSample:
    """MIRAX: a file that shows a preview, and the slide in a folder of its name.

    The camera took 3 x 2 photos, cut into 2 x 2 images each, of which one column lies 4 px off; the coarsest
    level has images that span several photos.
    """
    path, data = folder / "mirax.mrxs", folder / "mirax"
    data.mkdir()
    whole = picture(4 * _IMAGE_PX - 8, 6 * _IMAGE_PX - 16)
    label, macro, thumbnail = (picture(60, 80, seed=seed) for seed in (11, 12, 13))
    places = {(x, y): (120 * x - 4 * (x == 1), 120 * y) for x in range(3) for y in range(2)}
    photos = {at: whole[y : y + 128, x : x + 128] for at, (x, y) in places.items()}
    stored = _MiraxData(data)
    levels = [_mirax_images(photos, 2**number) for number in range(3)]
    pages = [[(at, *stored.add(jpeg(pixels))) for at, pixels in level.items()] for level in levels]
    positions = b"".join(struct.pack("<Bii", 0, *places[x, y]) for y in range(2) for x in range(3))
    records = [stored.add(jpeg(one)) for one in (macro, label, thumbnail)] + [stored.add(positions)]
    (data / "Index.dat").write_bytes(_mirax_index(pages, records))
    (data / "Slidedat.ini").write_text(_mirax_text(len(levels), stored.close()), encoding="utf-8-sig")
    path.write_bytes(jpeg(thumbnail))
    return VendorSample(
        (path, *sorted(data.iterdir())),
        pyramid(whole, halved(whole), halved(whole, 4)),
        vendor="mirax",
        associated={
            AssociatedKind.LABEL: label,
            AssociatedKind.MACRO: macro,
            AssociatedKind.THUMBNAIL: thumbnail,
        },
    )


class _MiraxData:
    """Data files of a MIRAX slide; every few pieces a new one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[bytearray] = [bytearray()]

    def add(self, piece: bytes) -> tuple[int, int, int]:
        """Keep a piece; returns its offset, its length and the number of its file."""
        if len(self._files[-1]) > 40_000:
            self._files.append(bytearray())
        offset = len(self._files[-1])
        self._files[-1] += piece
        return offset, len(piece), len(self._files) - 1

    def close(self) -> list[str]:
        """Write the files; returns their names."""
        names = [f"Data{number:04}.dat" for number in range(len(self._files))]
        for name, content in zip(names, self._files, strict=True):
            (self._folder / name).write_bytes(content)
        return names


def _mirax_images(photos: Mapping[tuple[int, int], Pixels], factor: int) -> dict[int, Pixels]:
    """Images of a level, made of `factor` x `factor` of the finest, by the index of the first of these."""
    across, down = 6, 4
    images = {}
    for top in range(0, down, factor):
        for left in range(0, across, factor):
            image = np.full((_IMAGE_PX, _IMAGE_PX, 3), 255, np.uint8)
            side = _IMAGE_PX // factor
            for y in range(top, min(top + factor, down)):
                for x in range(left, min(left + factor, across)):
                    photo = photos[x // 2, y // 2]
                    row, column = y % 2 * _IMAGE_PX, x % 2 * _IMAGE_PX
                    part = photo[row : row + _IMAGE_PX, column : column + _IMAGE_PX]
                    at = np.s_[(y - top) * side :, (x - left) * side :]
                    image[at][:side, :side] = halved(part, factor)
            images[top * across + left] = image
    return images


def _mirax_index(
    levels: Sequence[Sequence[tuple[int, int, int, int]]], records: Sequence[tuple[int, int, int]]
) -> bytes:
    """Index.dat: where the images of each level and the other records lie."""
    content = bytearray(b"01.02" + _ID.encode() + bytes(8))
    roots = len(content) - 8

    def page(header: Sequence[int], entries: bytes) -> int:
        """A list of one page; returns where it begins."""
        at = len(content)
        content.extend(struct.pack("<ii", 0, at + 8) + struct.pack(f"<{len(header)}i", *header) + entries)
        return at

    images = [page([len(level), 0], b"".join(struct.pack("<4i", *one) for one in level)) for level in levels]
    others = [page([1, 0, 0, 0], struct.pack("<3i", *one)) for one in records]
    for number, lists in enumerate((images, others)):
        struct.pack_into("<i", content, roots + 4 * number, len(content))
        content += struct.pack(f"<{len(lists)}i", *lists)
    return bytes(content)


def _mirax_text(levels: int, files: Sequence[str]) -> str:
    """Slidedat.ini."""
    sections: dict[str, dict[str, Any]] = {
        "GENERAL": {
            "SLIDE_VERSION": "01.02",
            "SLIDE_ID": _ID,
            "SLIDE_NAME": BARCODE,
            "SLIDE_CREATIONDATETIME": "14/03/2026 09:26:53",
            "CURRENT_SLIDE_VERSION": "2.2",
            "IMAGENUMBER_X": 6,
            "IMAGENUMBER_Y": 4,
            "OBJECTIVE_MAGNIFICATION": OBJECTIVE,
            "OBJECTIVE_NAME": "Plan-Apochromat",
            "CameraImageDivisionsPerSide": 2,
        },
        "HIERARCHICAL": {
            "INDEXFILE": "Index.dat",
            "HIER_COUNT": 1,
            "NONHIER_COUNT": 2,
            "HIER_0_NAME": "Slide zoom level",
            "HIER_0_COUNT": levels,
            **{f"HIER_0_VAL_{n}": f"ZoomLevel_{n}" for n in range(levels)},
            **{f"HIER_0_VAL_{n}_SECTION": f"LAYER_0_LEVEL_{n}_SECTION" for n in range(levels)},
            "NONHIER_0_NAME": "Scan data layer",
            "NONHIER_0_COUNT": 3,
            "NONHIER_0_SECTION": "NONHIERLAYER_0_SECTION",
            "NONHIER_1_NAME": "VIMSLIDE_POSITION_BUFFER",
            "NONHIER_1_COUNT": 1,
            "NONHIER_1_VAL_0": "default",
            "NONHIER_1_VAL_0_SECTION": "NONHIERLAYER_1_LEVEL_0_SECTION",
        },
        "NONHIERLAYER_0_SECTION": {
            "SCANNER_HARDWARE_VERSION": "Pannoramic 250 Flash III",
            "SCANNER_HARDWARE_ID": "MAN1D_000042",
            "SCANNER_SOFTWARE_VERSION": "3.0.3",
        },
        "NONHIERLAYER_1_LEVEL_0_SECTION": {"VIMSLIDE_POSITION_DATA_FORMAT_VERSION": 257},
        "DATAFILE": {"FILE_COUNT": len(files), **{f"FILE_{n}": name for n, name in enumerate(files)}},
    }
    for number, (value, key) in enumerate(
        [("SlideThumbnail", "THUMBNAIL"), ("SlideBarcode", "BARCODE"), ("SlidePreview", "PREVIEW")]
    ):
        section = f"NONHIERLAYER_0_LEVEL_{number}_SECTION"
        sections["HIERARCHICAL"][f"NONHIER_0_VAL_{number}"] = f"ScanDataLayer_{value}"
        sections["HIERARCHICAL"][f"NONHIER_0_VAL_{number}_SECTION"] = section
        sections[section] = {f"{key}_IMAGE_TYPE": "JPEG"}
    for number in range(levels):
        sections[f"LAYER_0_LEVEL_{number}_SECTION"] = {
            "OVERLAP_X": 8 / 2**number,
            "OVERLAP_Y": 8 / 2**number,
            "MICROMETER_PER_PIXEL_X": SPACING_UM * 2**number,
            "MICROMETER_PER_PIXEL_Y": SPACING_UM * 2**number,
            "IMAGE_FORMAT": "JPEG",
            "IMAGE_FILL_COLOR_BGR": 0xFFFFFF,
            "DIGITIZER_WIDTH": _IMAGE_PX,
            "DIGITIZER_HEIGHT": _IMAGE_PX,
            "IMAGE_CONCAT_FACTOR": 1 if number else 0,
        }
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
        for name, keys in sections.items()
    )
