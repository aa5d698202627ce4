"""ZYP, from bytes laid out by hand after the tables of docs/formats.md."""

import struct
from collections.abc import Mapping
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

TILE, WIDTH, HEIGHT = 256, 1000, 600
LEFT, TOP = 3, 5
"""Of the region scanned, in pixels of level 9: level-0 tile column 6, row 10."""


def jpeg(pixels: NDArray[Any]) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=95, colorsubsampling="422"))


def string(text: str, *, marked: bool = True) -> bytes:
    length = bytes([len(text)]) if len(text) < 255 else b"\xff" + struct.pack("<H", len(text))
    return (b"\xff\xfe\xff" if marked else b"") + length + text.encode("utf-16-le")


def item(name: str, fields: Mapping[str, Any], *, marked: bool = True) -> bytes:
    pairs = b"".join(
        string(key, marked=marked) + string(str(value), marked=marked) for key, value in fields.items()
    )
    return string(name, marked=marked) + struct.pack("<I", len(fields)) + pairs


def write_zyp(
    path: Path,
    *,
    version: str = "1.10",
    channels: int = 1,
    flats: int = 1,
    more: bool = False,
    gap: int = 0,
    **said: Any,
) -> list[NDArray[np.uint8]]:
    levels = [picture(HEIGHT, WIDTH), halved(picture(HEIGHT, WIDTH)), halved(picture(HEIGHT, WIDTH), 4)]
    out, tiles = bytearray(jpeg(picture(8, 8))), b""
    pictures = {}
    for name, shape in (("Preview", (40, 60)), ("Barcode", (60, 80)), ("OriginalPreview", (60, 160))):
        stream = jpeg(picture(*shape))
        pictures[name] = {"StartPosition": gap + len(out), "DataLength": len(stream)}
        out += stream
    for number, level in enumerate(levels):
        x0, y0 = (LEFT << 9) >> number, (TOP << 9) >> number
        glass = np.full((y0 % TILE + level.shape[0], x0 % TILE + level.shape[1], 3), 255, np.uint8)
        glass[y0 % TILE :, x0 % TILE :] = level
        for row, column in np.ndindex(-(-glass.shape[0] // TILE), -(-glass.shape[1] // TILE)):
            tile = np.full((TILE, TILE, 3), 255, np.uint8)
            part = glass[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
            tile[: part.shape[0], : part.shape[1]] = part
            for channel, flat in np.ndindex(channels, flats):
                stream = jpeg(tile)
                place = f"{flat},{number},{x0 // TILE + column},{y0 // TILE + row}"
                fields = {"StartPosition": gap + len(out), "DataLength": len(stream)} | (
                    {"Focus": 7} if more else {}
                )
                tiles += item(place if version == "1.10" else f"{channel},{place}", fields)
                out += stream
    region = {"ROILeft": LEFT, "ROITop": TOP, "ROIRight": LEFT + 2, "ROIBottom": TOP + 1}
    info = {
        "MicrometersPerPixel": "0.25",
        "ScanZoom": 40,
        "SliceSize": f"{WIDTH}×{HEIGHT}",
        "Patient": "WANG",
    }
    out += item("Preview", pictures["Preview"]) + item("SliceInfo", info | region | said, marked=not more)
    out += item("Barcode", pictures["Barcode"]) + item("OriginalPreview", pictures["OriginalPreview"])
    marks = []
    for part in (tiles, item("视野信息段", {}), item("Free", {"Note": "x" * 300}), b""):
        marks.append(gap + len(out))
        out += string("#") + string("pair") + part
    at = gap + len(out)
    out += string(version) + struct.pack("<5Q", *marks, at)
    with path.open("wb") as file:
        file.seek(gap)
        file.write(out)
    return levels


@pytest.mark.parametrize(
    ("version", "more"), [("1.10", False), ("2.01", False), ("1.10", True), ("2.01", True)]
)
def test_zyp_is_read(tmp_path: Path, version: str, more: bool) -> None:
    levels = write_zyp(tmp_path / "x.zyp", version=version, more=more)
    with open_slide(tmp_path / "x.zyp") as slide:
        description = slide.description
        assert slide.read_associated(AssociatedKind.LABEL).shape == (60, 80, 3)
        assert slide.read_associated(AssociatedKind.MACRO).shape == (60, 160, 3)
        # Tiles of level 2 begin elsewhere than the picture does.
        assert len(description.levels) == 2
        for number, level in enumerate(levels[:2]):
            height, width = level.shape[:2]
            read = slide.read_level(number, PixelRegion(0, 0, width, height))
            assert np.abs(read.astype(float) - level).mean() < 4
    assert description.spacing_um == SpacingUm(0.25, 0.25)
    assert description.objective_power == 40
    assert description.properties["zyp.reading"] == "corner from the region scanned"
    assert "WANG" not in repr(description)


def test_without_a_region_the_picture_begins_at_the_first_tile(tmp_path: Path) -> None:
    write_zyp(tmp_path / "x.zyp", ROIRight=9000)
    with open_slide(tmp_path / "x.zyp") as slide:
        assert slide.description.properties["zyp.reading"] == "corner from the first tile"


def test_a_label_past_a_gigabyte_is_read(tmp_path: Path) -> None:
    write_zyp(tmp_path / "x.zyp", gap=1_100_000_000)
    with open_slide(tmp_path / "x.zyp") as slide:
        assert slide.read_associated(AssociatedKind.LABEL).shape == (60, 80, 3)


def test_the_first_of_several_planes_is_shown(tmp_path: Path) -> None:
    write_zyp(tmp_path / "x.zyp", flats=2)
    with open_slide(tmp_path / "x.zyp") as slide:
        assert list(map(str, slide.description.warnings)) == [
            "The file holds several focal planes; the first is shown."
        ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": "2.01", "channels": 2}, "several channels"),
        ({"version": "3.00"}, "of a version that is not known"),
        ({"SliceSize": "wide"}, "states no size"),
        ({"SliceSize": "4000000000×4000000000"}, "states no size"),
        ({"SliceSize": "900000000×900000000"}, "No reading of the corner"),
        ({"SliceSize": "200×200"}, "lie outside of the picture"),
    ],
)
def test_damaged_zyp_is_refused_with_one_sentence(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    write_zyp(tmp_path / "x.zyp", **change)
    with pytest.raises(UnreadableSlide, match=sentence) as refusal:
        open_slide(tmp_path / "x.zyp")
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) <= 400


@pytest.mark.parametrize(("cut", "has_end"), [(1, False), (40, False), (2000, False), (2000, True)])
def test_a_cut_zyp_is_not_taken_for_the_jpeg_that_it_begins_with(
    tmp_path: Path, cut: int, has_end: bool
) -> None:
    write_zyp(tmp_path / "x.zyp")
    content = (tmp_path / "x.zyp").read_bytes()
    (tmp_path / "x.zyp").write_bytes(content[:-cut] + content[-40:] * has_end)
    with pytest.raises(UnreadableSlide, match="ZYP"):
        open_slide(tmp_path / "x.zyp")
