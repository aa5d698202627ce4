"""SDPC and DYQX, from bytes laid out by hand after the tables of docs/formats.md."""

import struct
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import simplejpeg
from numpy.typing import NDArray

from hemalum.formats.wsi import AssociatedKind, open_slide
from hemalum.formats.wsi.clinical import SDPC
from hemalum.formats.wsi.slide import Slide
from hemalum.kernel.errors import NoPhysicalScale, UnreadableSlide
from hemalum.kernel.geometry import PixelRegion, RegionUm, SpacingUm
from hemalum.testing.samples import halved, picture

TILE, WIDTH, HEIGHT = 128, 500, 300
HEADER_BYTES = 153


def jpeg(pixels: NDArray[Any]) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=95, colorsubsampling="422"))


def png(pixels: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.png_encode(pixels))


def hevc(pixels: NDArray[Any]) -> bytes:
    av = pytest.importorskip("av")
    encoder = av.CodecContext.create("libx265", "w")
    encoder.width = encoder.height = TILE
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 25)
    encoder.options = {"x265-params": "log-level=none:keyint=1", "crf": "8"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
    shown = frame.reformat(format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG")
    return b"".join(bytes(packet) for packet in [*encoder.encode(shown), *encoder.encode(None)])


ENCODERS = {0: jpeg, 2: png, 4: hevc}


def person() -> bytearray:
    block = bytearray(6808)
    block[:6] = b"PI" + struct.pack("<I", 6808)
    for at, text in ((6, "B2026-0042"), (70, "王小明"), (1288, "胃体肿物"), (5448, "李医生")):
        stored = text.encode("gbk")
        block[at : at + len(stored)] = stored
    block[134], block[135] = 1, 57
    return block


def write_sdpc(
    path: Path, *, codec: int = 0, um: float = 0.2068, level_um: float = 0.2068, **said: Any
) -> Any:
    """An SDPC of two levels, person, label, macro and extra block; returns the levels."""
    levels = [picture(HEIGHT, WIDTH), halved(picture(HEIGHT, WIDTH))]
    out = bytearray(HEADER_BYTES)
    block = person()
    struct.pack_into("<q", block, 0x1988, len(out) + len(block))
    out += block
    for stream, width, height in ((jpeg(picture(60, 80)), 80, 60), (jpeg(picture(60, 160)), 160, 60)):
        following = len(out) + 123 + len(stream)
        head = struct.pack("<2s8xIIIIQQBq", b"MI", width, height, 3, 0, 0, len(stream), 90, following)
        out += head.ljust(123, b"\x00") + stream
    thumbnail = b"BM" + bytes(52) + bytes(4 * 30 * 18)
    out += image(0, 0, 0, 0, len(thumbnail), len(out) + 122 + len(thumbnail), 0.0, 0.0) + thumbnail
    for number, level in enumerate(levels):
        down, across = -(-level.shape[0] // TILE), -(-level.shape[1] // TILE)
        lengths, data = [], b""
        for row, column in np.ndindex(down, across):
            tile = np.full((TILE, TILE, 3), 255, np.uint8)
            part = level[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
            tile[: part.shape[0], : part.shape[1]] = part
            empty = (number, row, column) == (0, 0, 1)
            if empty:
                part[:] = 255
            stream = b"" if empty else ENCODERS[codec](tile)
            lengths.append(len(stream))
            data += stream
        data = struct.pack(f"<{len(lengths)}i", *lengths) + data
        following = len(out) + 122 + len(data)
        out += image(
            number, down * across, across, down, len(data), following, 0.5**number, level_um / 0.5**number
        )
        out += data
    extra_at = len(out)
    extra = bytearray(768)
    extra[:2], extra[0x0E:0x14] = b"EI", b"CAM-01"
    extra[0x62:0x75], extra[0x9A:0xA2], extra[0xC3:0xCB] = b"2026-05-31 14:30:00", b"SQS-0042", b"P0004217"
    out += extra
    values = {
        "version": b"1.0.3.1010", "size": HEADER_BYTES, "macros": 2, "person": 1, "levels": 2, "width": WIDTH,
        "height": HEIGHT, "tile": TILE,
    } | said  # fmt: skip
    sides = (values["width"], values["height"], values["tile"], values["tile"], 30, 18)
    head = (b"SQ", values["version"], values["size"], len(out), values["macros"], values["person"])
    rest = (24, 90, 0, 0.5, um, 40, extra_at, 0, codec)
    struct.pack_into("<2s16sIQIIIIIIIIIBBIfdIqqB", out, 0, *head, values["levels"], *sides, *rest)
    path.write_bytes(out)
    return levels


def image(
    number: int, tiles: int, across: int, down: int, size: int, following: int, scale: float, um: float
) -> bytes:
    head = struct.pack(
        "<2sIIIIIqqfdIIB", b"IF", 122, number, tiles, across, down, size, following, scale, um, 0, 0, 0
    )
    return head.ljust(122, b"\x00")


def read(slide: Slide, number: int) -> NDArray[Any]:
    size = slide.description.levels[number].size
    return slide.read_level(number, PixelRegion(0, 0, size.width_px, size.height_px))


@pytest.mark.parametrize("codec", [0, 2, 4])
def test_sdpc_is_read(tmp_path: Path, codec: int) -> None:
    levels = write_sdpc(tmp_path / "x.dyqx", codec=codec)
    with open_slide(tmp_path / "x.dyqx") as slide:
        for number, level in enumerate(levels):
            assert np.abs(read(slide, number).astype(float) - level).mean() < 5
        index = slide.frame_index
        assert index is not None
        assert index.levels[0].media_type == {0: "image/jpeg", 2: "image/png", 4: None}[codec]
        assert slide.description.properties["sdpc.seams"] == "agree"


def test_what_it_says_of_the_patient_is_kept_apart(tmp_path: Path) -> None:
    write_sdpc(tmp_path / "x.sdpc")
    with open_slide(tmp_path / "x.sdpc") as slide:
        description = slide.description
        assert slide.read_associated(AssociatedKind.LABEL).shape == (60, 80, 3)
        assert slide.read_associated(AssociatedKind.MACRO).shape == (60, 160, 3)
    assert description.clinical == {
        "sdpc.pathology_number": "B2026-0042",
        "sdpc.name": "王小明",
        "sdpc.sex": "1",
        "sdpc.age": "57",
        "sdpc.clinical_diagnosis": "胃体肿物",
        "sdpc.doctor": "李医生",
        "sdpc.barcode": "P0004217",
    }
    assert set(description.clinical) <= {field.tag for field in SDPC}
    shown = repr((description.properties, description.sources, description.warnings, description.barcode))
    assert not any(value in shown for value in description.clinical.values() if len(value) > 2)
    assert description.scanner_serial == "SQS-0042"
    assert description.acquired_at == "2026-05-31T14:30:00"
    assert description.spacing_um == SpacingUm(0.2068, 0.2068)
    assert description.scale_trust == "stored"


def test_a_scale_that_the_file_contradicts_is_not_measured_with(tmp_path: Path) -> None:
    write_sdpc(tmp_path / "x.sdpc", level_um=0.4132)
    with open_slide(tmp_path / "x.sdpc") as slide:
        assert slide.description.scale_trust == "unverified"
        with pytest.raises(NoPhysicalScale, match="unverified"):
            slide.read_region(RegionUm(0, 0, 10, 10), 1.0)


def test_hevc_without_its_extra_is_opened_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sdpc(tmp_path / "x.sdpc", codec=4)
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr("hemalum.formats.wsi.decode.find_spec", lambda _: None)
    with open_slide(tmp_path / "x.sdpc") as slide:
        assert slide.description.size.width_px == WIDTH
        with pytest.raises(UnreadableSlide, match=r"pip install 'hemalum\[hevc\]'\.$"):
            read(slide, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": b"2.0"}, "version 2.0, which is not known"),
        ({"size": 1 << 31}, "damaged"),
        ({"macros": 1 << 31}, "damaged"),
        ({"macros": 3}, "not public"),
        ({"macros": 1}, "not public"),
        ({"levels": 1 << 31}, "states no picture"),
        ({"levels": 3}, "not public"),
        ({"width": 0}, "states no picture"),
        ({"width": WIDTH + TILE}, "has 4 x 3 tiles and needs 5 x 3"),
        ({"tile": 1 << 31}, "claims tiles of"),
        ({"person": 0}, "not public"),
    ],
)
def test_damaged_sdpc_is_refused_with_one_sentence(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    write_sdpc(tmp_path / "x.sdpc", **change)
    with pytest.raises(UnreadableSlide, match=sentence) as refusal:
        open_slide(tmp_path / "x.sdpc")
    assert str(refusal.value).endswith(".")


def test_codings_that_nobody_uses_and_loops_are_refused(tmp_path: Path) -> None:
    write_sdpc(tmp_path / "x.sdpc")
    content = bytearray((tmp_path / "x.sdpc").read_bytes())
    for at, form, value, sentence in (
        (0x68, "<B", 1, "coding 1, which is not read"),
        (HEADER_BYTES + 0x1988, "<q", HEADER_BYTES, "leads backwards"),
        (HEADER_BYTES + 0x1988, "<q", 1 << 62, "leads backwards or past"),
    ):
        damaged = bytearray(content)
        struct.pack_into(form, damaged, at, value)
        (tmp_path / "y.sdpc").write_bytes(damaged)
        with pytest.raises(UnreadableSlide, match=sentence):
            open_slide(tmp_path / "y.sdpc")
