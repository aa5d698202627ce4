"""What is no photograph, or too large for one, is refused in one sentence."""

import struct
import zlib

import pytest

from hemalum.formats.photographs import clean
from hemalum.kernel.errors import Invalid


def png_of(width_px: int, height_px: int) -> bytes:
    """A picture that says how large it is, and holds nothing."""
    chunks = (b"IHDR" + struct.pack(">2I5B", width_px, height_px, 8, 0, 0, 0, 0), b"IDAT")
    framed = (
        struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("width_px", [12_100, 20_000, 2**31 - 1])
def test_a_picture_that_is_too_large_is_said_to_be(width_px: int) -> None:
    with pytest.raises(Invalid, match="at most 120 million pixels"):
        clean(png_of(width_px, 10_000), 1000)


@pytest.mark.parametrize("content", [b"", b"text", png_of(10, 10), b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="or it is damaged"):
        clean(content, 1000)
