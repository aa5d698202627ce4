"""Directories of TIFF files: read as tifffile reads them, and bounded whatever they claim."""

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.source import MemorySource
from hemalum.formats.wsi.tiff import MAX_DIRECTORIES, Tag, TiffContainer
from hemalum.formats.wsi.tiff_image import MAX_CHUNKS, read_image
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion

SHORT, LONG, LONG8 = 3, 4, 16
_CODES = {SHORT: "H", LONG: "I", LONG8: "Q"}


def directory(entries: dict[int, tuple[int, int, int]], following: int = 0, *, big: bool = False) -> bytes:
    """A little-endian directory of tag -> (kind, count, value or offset)."""
    count, entry, link = ("<Q", "<HHQ", "<Q") if big else ("<H", "<HHI", "<I")
    width = 8 if big else 4
    body = b""
    for tag, (kind, items, value) in sorted(entries.items()):
        body += struct.pack(entry, tag, kind, items)
        body += (
            struct.pack("<" + _CODES[kind], value).ljust(width, b"\x00")
            if items == 1
            else value.to_bytes(width, "little")
        )
    return struct.pack(count, len(entries)) + body + struct.pack(link, following)


def tiled(
    width: int, height: int, tile: int = 256, count: int = 1, **more: int
) -> dict[int, tuple[int, int, int]]:
    """Tags of an 8-bit grey image."""
    tags = {
        Tag.IMAGE_WIDTH: width,
        Tag.IMAGE_LENGTH: height,
        Tag.TILE_WIDTH: tile,
        Tag.TILE_LENGTH: tile,
        Tag.BITS_PER_SAMPLE: 8,
        Tag.COMPRESSION: 1,
        Tag.PHOTOMETRIC: 1,
    }
    entries = {int(tag): (LONG, 1, value) for tag, value in tags.items()}
    entries[Tag.TILE_OFFSETS] = (LONG, count, more.get("offset", 8))
    entries[Tag.TILE_BYTE_COUNTS] = (LONG, count, more.get("length", 8))
    return entries


def classic(*parts: bytes, first: int = 8) -> MemorySource:
    return MemorySource(b"II*\x00" + struct.pack("<I", first) + b"".join(parts), "x.tiff")


@given(
    big=st.booleans(),
    byteorder=st.sampled_from("<>"),
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    tile=st.sampled_from([16, 64, 128]),
)
@settings(max_examples=25)
def test_tables_are_those_of_tifffile(
    tmp_path_factory: pytest.TempPathFactory, big: bool, byteorder: str, width: int, height: int, tile: int
) -> None:
    path = tmp_path_factory.mktemp("tiff") / "x.tiff"
    pixels = np.arange(width * height, dtype=np.uint16).reshape(height, width)
    tifffile.imwrite(path, pixels, bigtiff=big, byteorder=byteorder, tile=(tile, tile), description="one")
    source = MemorySource(path.read_bytes())
    container = TiffContainer(source)
    assert container.is_big is big
    image = read_image(container.directories[0], source, big_endian=container.order == "big")
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages[0]
        assert image.offsets.reshape(-1).tolist() == list(page.dataoffsets)
        assert image.lengths.reshape(-1).tolist() == list(page.databytecounts)
    assert (image.size.width_px, image.size.height_px) == (width, height)
    assert container.directories[0].text(Tag.IMAGE_DESCRIPTION) == "one"


def test_a_loop_of_directories_is_refused() -> None:
    one = directory(tiled(256, 256), following=8)
    with pytest.raises(UnreadableSlide, match="form a loop"):
        TiffContainer(classic(one))
    length = len(directory(tiled(256, 256)))
    two = directory(tiled(256, 256), 8 + length) + directory(tiled(256, 256), 8)
    with pytest.raises(UnreadableSlide, match="form a loop"):
        TiffContainer(classic(two))


def test_an_endless_chain_is_refused() -> None:
    entry = {int(Tag.IMAGE_WIDTH): (LONG, 1, 1)}
    length = len(directory(entry))
    chain = b"".join(directory(entry, 8 + (n + 1) * length) for n in range(MAX_DIRECTORIES + 2))
    with pytest.raises(UnreadableSlide, match="more than 8192 directories"):
        TiffContainer(classic(chain))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"II*\x00\x08\x00\x00\x00", "outside the file"),
        (b"II*\x00\x00\x00\x00\x00", "without an image"),
        (b"II*\x00\x08\x00\x00\x00\xff\xff", "claims 65535 tags"),
        (b"II*\x00\x08\x00\x00\x00\x08\x00", "reaches past its end"),
        (b"II+\x00\x08\x00\x00\x00", "damaged BigTIFF header"),
        (b"II", "not a TIFF"),
        (b"RIFFxxxxWAVE", "not a TIFF"),
    ],
)
def test_damaged_headers_are_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableSlide, match=sentence):
        TiffContainer(MemorySource(content, "x.tiff"))


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        (tiled(2**31, 2**31), "2147483648 x 2147483648 pixels, which no scanner makes"),
        (tiled(4_000_000, 4_000_000, 16), f"claims 62500000000 tiles in one image, more than {MAX_CHUNKS}"),
        (tiled(4_000_000, 4_000_000, 2_000_000), "are too large"),
        (tiled(512, 512), "lists 1 of the 4 parts"),
        (tiled(0, 512), "0 x 512 pixels"),
        (tiled(256, 256) | {Tag.SAMPLES_PER_PIXEL: (LONG, 1, 70_000)}, "70000 samples"),
        (tiled(256, 256) | {Tag.BITS_PER_SAMPLE: (LONG, 1, 7)}, "samples of 7 bits"),
        (tiled(256, 256) | {Tag.COMPRESSION: (LONG, 1, 4)}, "compression 4 is not supported"),
    ],
)
def test_absurd_images_are_refused(entries: dict[int, tuple[int, int, int]], sentence: str) -> None:
    source = classic(directory(entries))
    container = TiffContainer(source)
    with pytest.raises(UnreadableSlide, match=sentence):
        read_image(container.directories[0], source, big_endian=False)


def test_values_that_cannot_be_in_the_file_are_refused() -> None:
    entries = tiled(256, 256) | {int(Tag.TILE_OFFSETS): (LONG, 2**31, 8)}
    with pytest.raises(UnreadableSlide, match="claims 2147483648 values, which cannot be"):
        TiffContainer(classic(directory(entries)))


def test_tiles_past_the_end_are_told_as_truncation(tmp_path: Path) -> None:
    path = tmp_path / "cut.tiff"
    tifffile.imwrite(path, np.zeros((512, 512), np.uint8), tile=(128, 128))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 128 * 128 * 3])
    with pytest.raises(UnreadableSlide, match="truncated: 3 of 16 tiles"):
        open_slide(path)


@pytest.mark.parametrize("big", [False, True])
def test_three_hundred_thousand_tiles_are_indexed_from_two_reads(tmp_path: Path, big: bool) -> None:
    side, tile = 548 * 16, 16
    count = 548 * 548
    path = tmp_path / "many.tiff"
    kind = LONG8 if big else LONG
    header = 16 if big else 8
    entries = tiled(side, side, tile)
    entries[Tag.TILE_OFFSETS] = (kind, count, 4096)
    entries[Tag.TILE_BYTE_COUNTS] = (LONG, count, 4096 + count * (8 if big else 4))
    start = b"II+\x00\x08\x00\x00\x00" + struct.pack("<Q", 16) if big else b"II*\x00" + struct.pack("<I", 8)
    ifd = directory(entries, big=big)
    offsets = np.full(count, 4096, "<u8" if big else "<u4")
    lengths = np.full(count, tile * tile, "<u4")
    path.write_bytes((start + ifd).ljust(4096, b"\x00") + offsets.tobytes() + lengths.tobytes())
    assert len(start) == header
    with open_slide(path) as slide:
        assert slide.frame_index is not None
        assert slide.frame_index.frame_count == count
        assert slide.frame_index.levels[0].find(0, 0, 547, 547) == (0, 4096, tile * tile)


def test_tiles_beyond_four_gibibytes(tmp_path: Path) -> None:
    path = tmp_path / "large.tiff"
    pixels = np.arange(64 * 64, dtype=np.uint16).astype(np.uint8).reshape(64, 64)
    entries = tiled(64, 64, 64, length=4096)
    entries[Tag.TILE_OFFSETS] = (LONG8, 1, 5 << 30)
    with path.open("wb") as file:
        file.write(b"II+\x00\x08\x00\x00\x00" + struct.pack("<Q", 16) + directory(entries, big=True))
        file.seek(5 << 30)
        file.write(pixels.tobytes())
    with open_slide(path) as slide:
        assert np.array_equal(slide.read_level(0, PixelRegion(0, 0, 64, 64))[:, :, 0], pixels)
