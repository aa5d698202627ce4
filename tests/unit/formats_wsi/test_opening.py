"""The reader is chosen by what is in a file; what is no slide is called by its name."""

import gzip
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from hemalum.formats.wsi import open_slide
from hemalum.kernel.errors import UnreadableSlide


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("slide.svs", b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.svs is empty"),
        (zipped(), "a ZIP archive; unpack it first"),
        (gzip.compress(b"II*\x00", mtime=0), "a gzip archive; unpack it first"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        ("患者，年龄\n".encode() * 2000, "a text file"),
        ("患者，年龄".encode(), "a text file"),
        (b"a,b\n1,2\n", "a text file"),
        (b"\x00" * 9000, "a file of zeros"),
        (b"\x89HDF\r\n\x1a\n\x00", "an HDF5 file"),
        (bytes(range(256)) * 10, "in no format that is known"),
        (b"\xff\xd8\xff\xe0 and no more", "damaged or is not a picture"),
        (b"II*\x00", "not a TIFF file"),
    ],
)
def test_what_is_no_slide_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "x.svs"
    path.write_bytes(content)
    with pytest.raises(UnreadableSlide) as refusal:
        open_slide(path)
    assert sentence in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)
    assert str(refusal.value).count("\n") == 0


@pytest.mark.parametrize("side", [13_000, 100_000])
def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path: Path, side: int) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + header
        + struct.pack(">I", zlib.crc32(header))
        + struct.pack(">I", 4)
        + b"IDAT"
        + b"\x00" * 8
    )
    with pytest.raises(UnreadableSlide, match="without tiles"):
        open_slide(path)


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    pixels = np.full((64, 64, 3), 200, np.uint8)
    tifffile.imwrite(tmp_path / "slide.png", pixels, tile=(64, 64), photometric="rgb")
    Image.fromarray(pixels).save(tmp_path / "picture.svs", format="PNG")
    with open_slide(tmp_path / "slide.png") as slide:
        assert slide.description.format == "generic-tiff"
    with open_slide(str(tmp_path / "picture.svs")) as slide:
        assert slide.description.format == "plain-png"


def test_folders_missing_files_and_mixtures_are_refused(tmp_path: Path) -> None:
    for paths, sentence in [
        (tmp_path, "is not a file"),
        (tmp_path / "missing.svs", "missing.svs is not a file"),
        ([], "no file to open"),
    ]:
        with pytest.raises(UnreadableSlide, match=sentence):
            open_slide(paths)
    for name in ("a.tif", "b.tif"):
        tifffile.imwrite(tmp_path / name, np.zeros((8, 8), np.uint8))
    with pytest.raises(UnreadableSlide, match="only when all of them are DICOM"):
        open_slide([tmp_path / "a.tif", tmp_path / "b.tif"])


def test_a_refused_file_is_not_left_open(tmp_path: Path) -> None:
    path = tmp_path / "x.tif"
    path.write_bytes(b"II*\x00\x08\x00\x00\x00\xff\xff")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(UnreadableSlide):
            open_slide(path)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_the_index_comes_without_the_readers() -> None:
    """The server maps an index and must not pay for imagecodecs, OpenSlide, pydicom and the like."""
    heavy = "imagecodecs openslide pydicom tifffile PIL simplejpeg defusedxml scipy"
    code = (
        "import sys; import hemalum.formats.wsi.frame_index, hemalum.formats.wsi.source;"
        f"print(*(n for n in {heavy.split()!r} if n in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
