"""How the frames of a level go into DICOM: as they are stored, or as uncompressed samples.

PS3.5 section 8.2 and annex A say which codecs a transfer syntax carries and what its photometric
interpretation must then be.
"""

from dataclasses import dataclass

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from hemalum.formats.dicom import syntaxes
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.jpeg import read_head
from hemalum.formats.wsi.model import Codec, Colour
from hemalum.formats.wsi.source import ByteSource
from hemalum.kernel.errors import Invalid, UnreadableSlide

_HEAD_BYTES = 65536
_NATIVE_LIMIT = 0xFFFFFFFE
_METHODS = {
    Codec.JPEG: "ISO_10918_1",
    Codec.JPEG_LS: "ISO_14495_1",
    Codec.JPEG2000: "ISO_15444_1",
    Codec.HTJ2K: "ISO_15444_15",
    Codec.JPEG_XL: "ISO_18181_1",
    Codec.HEVC: "ISO_23008_2",
}


@dataclass(frozen=True, slots=True)
class StoredForm:
    """What the frames of one level are in DICOM."""

    transfer_syntax: str
    photometric: str
    lossy_method: str | None
    """Lossy Image Compression Method (0028,2114); None when nothing was lost."""
    decoded: bool
    """Frames must be decoded before they are handed out: the codec is none of DICOM's."""
    blank: bytes
    """A frame of this form for places that were never scanned."""
    bits_stored: int

    @property
    def encapsulated(self) -> bool:
        return self.transfer_syntax not in syntaxes.NATIVE


def stored_form(level: FrameLevel, sources: list[ByteSource]) -> StoredForm:
    """Choose transfer syntax and photometric interpretation, from the index and one stream of the level.

    Raises:
        Invalid: the samples are floating point, which whole slide imaging cannot hold.
        UnreadableSlide: the first stream is damaged.
    """
    if level.pixel.dtype not in ("uint8", "uint16"):
        raise Invalid("Images with floating point samples cannot be given as DICOM whole slide images.")
    stream = _first_stream(level, sources)
    if level.codec is Codec.JPEG and not level.cropped_edges:
        return _jpeg(level, stream)
    if level.codec in (Codec.JPEG2000, Codec.HTJ2K):
        return _jpeg2000(level, stream)
    bits = 8 * np.dtype(level.pixel.dtype).itemsize
    if level.codec is Codec.JPEG_LS:
        near = _near_lossless(stream)
        syntax = syntaxes.JPEG_LS_NEAR_LOSSLESS if near else syntaxes.JPEG_LS_LOSSLESS
        blank = bytes(imagecodecs.jpegls_encode(_blank(level)))
        method = _METHODS[Codec.JPEG_LS] if near else None
        return StoredForm(syntax, _photometric(level.colour), method, False, blank, bits)
    if level.codec is Codec.DICOM_RLE and level.lengths.all():
        # There is no RLE encoder at hand for blank frames; a level with some is given uncompressed.
        return StoredForm(syntaxes.RLE_LOSSLESS, _photometric(level.colour), None, False, b"", bits)
    plain = level.codec is Codec.RAW and not level.big_endian and not level.predictor
    if plain and level.colour is not Colour.YCBCR:
        blank = _blank(level).tobytes()
        return StoredForm(_uncompressed(level), _photometric(level.colour), None, False, blank, bits)
    # Cropped frames and HEVC (DICOM has it for video only) go out decoded as well.
    lossy = level.codec in (Codec.JPEG, Codec.WEBP, Codec.JPEG_XL, Codec.HEVC)
    photometric = "MONOCHROME2" if level.pixel.samples == 1 else "RGB"
    return StoredForm(
        _uncompressed(level),
        photometric,
        _METHODS.get(level.codec, "ISO_10918_1") if lossy else None,
        True,
        _blank(level).tobytes(),
        bits,
    )


def _uncompressed(level: FrameLevel) -> str:
    """Native pixel data end at 4 GiB, where their length field does; larger ones are encapsulated."""
    frame_bytes = level.tile.width_px * level.tile.height_px * level.pixel.bytes_per_pixel
    fits = frame_bytes * level.lengths.size < _NATIVE_LIMIT
    return syntaxes.EXPLICIT_LITTLE_ENDIAN if fits else syntaxes.ENCAPSULATED_UNCOMPRESSED


def _first_stream(level: FrameLevel, sources: list[ByteSource]) -> bytes:
    """The first frame that is there, or nothing when the whole level is blank."""
    present = np.flatnonzero(level.lengths)
    if not len(present):
        return b""
    plane, channel, row, column = (int(i) for i in np.unravel_index(present[0], level.lengths.shape))
    found = level.find(plane, channel, row, column)
    assert found is not None
    stored = sources[found.object_number].read(found.offset, min(found.length, _HEAD_BYTES))
    return level.standalone(stored)


def _blank(level: FrameLevel) -> NDArray[np.uint8] | NDArray[np.uint16]:
    shape: tuple[int, ...] = (level.tile.height_px, level.tile.width_px)
    if level.pixel.samples == 3:
        return np.full((*shape, 3), 255, level.pixel.dtype)
    return np.zeros(shape, level.pixel.dtype)


def _photometric(colour: Colour) -> str:
    return {Colour.GREY: "MONOCHROME2", Colour.RGB: "RGB", Colour.YCBCR: "YBR_FULL"}[colour]


def _jpeg(level: FrameLevel, stream: bytes) -> StoredForm:
    """8-bit JPEG with YCbCr is called YBR_FULL_422 whatever its subsampling (PS3.5 8.2.1)."""
    pixels = _blank(level)
    space = {Colour.GREY: "gray", Colour.RGB: "rgb", Colour.YCBCR: "ycbcr"}[level.colour]
    given = "gray" if level.colour is Colour.GREY else "rgb"
    photometric = "YBR_FULL_422" if level.colour is Colour.YCBCR else _photometric(level.colour)
    bits = 8 * np.dtype(level.pixel.dtype).itemsize
    frame = read_head(stream).frame if stream else None
    if frame is not None and frame.is_lossless:
        blank = bytes(
            imagecodecs.jpeg8_encode(
                pixels, colorspace=given, outcolorspace=space, lossless=True, bitspersample=frame.precision
            )
        )
        return StoredForm(syntaxes.JPEG_LOSSLESS, photometric, None, False, blank, frame.precision)
    if frame is not None and frame.process == 0xC2:
        # Progressive JPEG is none of DICOM's processes.
        pixels_raw = pixels.tobytes()
        plain = "MONOCHROME2" if level.pixel.samples == 1 else "RGB"
        return StoredForm(_uncompressed(level), plain, _METHODS[Codec.JPEG], True, pixels_raw, bits)
    twelve = bits == 16
    blank = bytes(
        imagecodecs.jpeg8_encode(
            pixels, 90, colorspace=given, outcolorspace=space, bitspersample=12 if twelve else 8
        )
    )
    extended = twelve or (frame is not None and frame.process == 0xC1)
    syntax = syntaxes.JPEG_EXTENDED if extended else syntaxes.JPEG_BASELINE
    return StoredForm(syntax, photometric, _METHODS[Codec.JPEG], False, blank, 12 if twelve else 8)


def _jpeg2000(level: FrameLevel, stream: bytes) -> StoredForm:
    """The codestream tells whether it is reversible and transforms its components (PS3.5 8.2.4)."""
    bits = 8 * np.dtype(level.pixel.dtype).itemsize
    transformed, reversible = _coding_style(stream)
    if level.colour is Colour.GREY:
        photometric = "MONOCHROME2"
    elif level.colour is Colour.YCBCR:
        photometric = "YBR_FULL_422"
    elif transformed:
        photometric = "YBR_RCT" if reversible else "YBR_ICT"
    else:
        photometric = "RGB"
    high_throughput = level.codec is Codec.HTJ2K
    if high_throughput:
        syntax = syntaxes.HTJ2K_LOSSLESS if reversible else syntaxes.HTJ2K
    else:
        syntax = syntaxes.JPEG_2000_LOSSLESS if reversible else syntaxes.JPEG_2000
    pixels = _blank(level)
    if level.colour is Colour.YCBCR:
        pixels = pixels.copy()
        pixels[..., 1:] = 128
    blank = b""
    if not level.lengths.all():
        blank = (
            bytes(imagecodecs.htj2k_encode(pixels, reversible=reversible))
            if high_throughput
            else bytes(
                imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", mct=transformed, reversible=reversible)
            )
        )
    return StoredForm(syntax, photometric, None if reversible else _METHODS[level.codec], False, blank, bits)


def _coding_style(stream: bytes) -> tuple[bool, bool]:
    """(component transform used, reversible wavelet) of the COD segment (ISO/IEC 15444-1 A.6.1)."""
    position = stream.find(b"\xff\x4f\xff\x51")
    if not stream:
        return False, False
    if position < 0:
        raise UnreadableSlide("A tile is not a JPEG 2000 stream.")
    position += 2
    while position + 14 <= len(stream):
        marker = int.from_bytes(stream[position : position + 2], "big")
        if marker == 0xFF52:
            return stream[position + 8] == 1, stream[position + 13] == 1
        position += 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
    raise UnreadableSlide("A JPEG 2000 tile has a damaged head.")


def _near_lossless(stream: bytes) -> bool:
    """Whether the scan header (SOS) of a JPEG-LS stream allows for a difference (ISO/IEC 14495-1 C.2.3)."""
    if not stream:
        return False
    scan = read_head(stream).segments[-1]
    components = stream[scan.start + 4]
    return stream[scan.start + 5 + 2 * components] != 0
