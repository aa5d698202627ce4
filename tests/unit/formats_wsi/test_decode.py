"""Frames decode to what was stored, by the declared colour, or are refused in one sentence."""

import io
import struct

import imagecodecs
import numpy as np
import pytest
import simplejpeg
import tifffile
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.decode import decode_frame, mean_of_squares, stream_decodes_as, ycbcr_to_rgb
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.jpeg import read_head, recoloured
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize
from hemalum.testing import samples

SIDE = 64


def picture(dtype: str = "uint8", samples: int = 3) -> NDArray[np.generic]:
    y, x = np.mgrid[:SIDE, :SIDE]
    bands = [200 + x // 4 - y // 8, 80 + y, 140 + x // 2 + y // 4][:samples]
    return np.stack(bands, axis=2).astype(dtype)


def level(
    codec: Codec,
    samples: int = 3,
    dtype: str = "uint8",
    colour: Colour = Colour.RGB,
    *,
    side: int = SIDE,
    predictor: bool = False,
    big_endian: bool = False,
) -> FrameLevel:
    nothing = np.zeros((1, 1, 1, 1))
    return FrameLevel(
        PixelSize(side, side),
        PixelSize(side, side),
        1.0,
        codec,
        PixelFormat(samples, dtype),
        colour,
        nothing.astype(np.uint16),
        nothing.astype(np.uint64),
        nothing.astype(np.uint32),
        predictor=predictor,
        big_endian=big_endian,
    )


def jpeg(stored: str, subsampling: str = "444") -> bytes:
    return bytes(
        imagecodecs.jpeg8_encode(
            picture(), level=95, colorspace="rgb", outcolorspace=stored, subsampling=subsampling
        )
    )


@pytest.mark.parametrize("stored", ["rgb", "ycbcr"])
def test_the_declared_colour_wins_over_the_stream(stored: str) -> None:
    stream = jpeg(stored)
    declared = Colour(stored)
    lying = recoloured(stream, Colour.YCBCR if declared is Colour.RGB else Colour.RGB)
    assert np.abs(stream_decodes_as(lying).astype(int) - picture()).mean() > 20
    for candidate in (stream, lying):
        pixels = decode_frame(level(Codec.JPEG, colour=declared), candidate)
        assert np.abs(pixels.astype(int) - picture()).mean() < 2


@pytest.mark.parametrize("subsampling", ["444", "422", "420"])
def test_jpeg_decodes_as_a_browser_shows_it(subsampling: str) -> None:
    stream = jpeg("ycbcr", subsampling)
    pixels = decode_frame(level(Codec.JPEG, colour=Colour.YCBCR), stream)
    assert np.array_equal(pixels, stream_decodes_as(stream))


def test_jpeg_of_twelve_bits_and_lossless() -> None:
    deep = np.ascontiguousarray(picture("uint16", 1)[:, :, 0]) * 16
    twelve = bytes(imagecodecs.jpeg8_encode(deep, level=98, bitspersample=12))
    pixels = decode_frame(level(Codec.JPEG, 1, "uint16", Colour.GREY), twelve)
    assert pixels.dtype == np.uint16
    assert np.abs(pixels[:, :, 0].astype(int) - deep).mean() < 16
    exact = bytes(imagecodecs.jpeg8_encode(picture(), lossless=True, colorspace="rgb", outcolorspace="rgb"))
    assert np.array_equal(decode_frame(level(Codec.JPEG), exact), picture())


@pytest.mark.parametrize(
    ("codec", "stream"),
    [
        (Codec.JPEG2000, imagecodecs.jpeg2k_encode(picture(), level=0, codecformat="j2k", mct=True)),
        (Codec.HTJ2K, imagecodecs.htj2k_encode(picture())),
        (Codec.JPEG_LS, imagecodecs.jpegls_encode(picture())),
        (Codec.JPEG_XL, imagecodecs.jpegxl_encode(picture(), lossless=True)),
        (Codec.PNG, imagecodecs.png_encode(picture())),
        (Codec.WEBP, imagecodecs.webp_encode(picture(), lossless=True)),
        (Codec.RAW, picture().tobytes()),
    ],
)
def test_lossless_codecs_give_back_what_was_stored(codec: Codec, stream: bytes) -> None:
    assert np.array_equal(decode_frame(level(codec), bytes(stream)), picture())
    with pytest.raises(UnreadableSlide):
        decode_frame(level(codec, side=SIDE * 2), bytes(stream))
    with pytest.raises(UnreadableSlide):
        decode_frame(level(codec), bytes(stream)[: len(stream) // 3])


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "zstd", "packbits"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("samples", [1, 3])
def test_tiff_codecs_with_and_without_predictor(
    compression: str, dtype: str, byteorder: str, samples: int
) -> None:
    pixels = picture(dtype, samples)
    for predictor in (False, True):
        if predictor and compression in ("none", "packbits"):
            continue
        stored, found = _tiff_tile(pixels, compression, byteorder, predictor)
        assert found is predictor
        frames = level(
            Codec("raw" if compression == "none" else compression),
            samples,
            dtype,
            Colour.RGB if samples == 3 else Colour.GREY,
            predictor=predictor,
            big_endian=byteorder == ">",
        )
        assert np.array_equal(decode_frame(frames, stored), pixels)


def _tiff_tile(
    pixels: NDArray[np.generic], compression: str, byteorder: str, predictor: bool
) -> tuple[bytes, bool]:
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        pixels if pixels.shape[2] == 3 else pixels[:, :, 0],
        tile=(SIDE, SIDE),
        photometric="rgb" if pixels.shape[2] == 3 else "minisblack",
        compression=None if compression == "none" else compression,
        predictor=predictor or None,
        byteorder=byteorder,
    )
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages[0]
        file.seek(page.dataoffsets[0])
        return file.read(page.databytecounts[0]), page.predictor != 1


def rle_encode_frame(pixels: NDArray[np.generic]) -> bytes:
    """DICOM PS3.5 annex G: one segment for each byte of each sample, most significant first."""
    samples = [pixels[:, :, number].astype(pixels.dtype.newbyteorder(">")) for number in range(3)]
    bands = [s.view(np.uint8).reshape(-1, s.itemsize)[:, byte] for s in samples for byte in range(s.itemsize)]
    rows = [band.reshape(pixels.shape[0], -1) for band in bands]
    segments = [b"".join(imagecodecs.packbits_encode(row.tobytes()) for row in band) for band in rows]
    segments = [segment + b"\x00" * (len(segment) % 2) for segment in segments]
    offsets = [64 + sum(map(len, segments[:number])) for number in range(len(segments))]
    return struct.pack("<16I", len(segments), *offsets, *[0] * (15 - len(offsets))) + b"".join(segments)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_dicom_rle_keeps_samples_and_bytes_apart(dtype: str) -> None:
    pixels = picture(dtype)
    stream = rle_encode_frame(pixels)
    assert np.array_equal(decode_frame(level(Codec.DICOM_RLE, dtype=dtype), stream), pixels)


def test_jpeg2000_of_ycbcr_components_is_made_rgb() -> None:
    ycbcr = np.dstack([picture()[:, :, 0], np.full((SIDE, SIDE), 100), np.full((SIDE, SIDE), 150)])
    stream = imagecodecs.jpeg2k_encode(ycbcr.astype(np.uint8), level=0, codecformat="j2k", mct=False)
    pixels = decode_frame(level(Codec.JPEG2000, colour=Colour.YCBCR), bytes(stream))
    assert np.array_equal(pixels, ycbcr_to_rgb(ycbcr))


def test_ycbcr_of_grey_and_pure_colours() -> None:
    # ITU-T T.871 section 7: grey stays grey, and red is (76, 85, 255).
    assert ycbcr_to_rgb(np.array([[[77, 128, 128]]])).tolist() == [[[77, 77, 77]]]
    assert np.abs(ycbcr_to_rgb(np.array([[[76, 85, 255]]])).astype(int) - [254, 0, 0]).max() <= 1


def test_alpha_is_laid_on_white() -> None:
    pixels = np.dstack([picture(), np.zeros((SIDE, SIDE), np.uint8)])
    pixels[:8, :, 3] = 255
    shown = decode_frame(level(Codec.PNG), bytes(imagecodecs.png_encode(pixels)))
    assert np.array_equal(shown[:8], picture()[:8])
    assert (shown[8:] == 255).all()


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize(("subsampling", "most"), [("444", 0.6), ("422", 1.2), ("420", 1.2)])
def test_jpeg_shrunk_while_it_is_decoded_is_the_mean_of_squares(
    factor: int, subsampling: str, most: float
) -> None:
    tissue = samples.picture(256, 256, seed=3)
    stream = simplejpeg.encode_jpeg(tissue, quality=80, colorsubsampling=subsampling)
    frames = level(Codec.JPEG, colour=Colour.YCBCR, side=256)
    shrunk = decode_frame(frames, stream, factor).astype(int)
    mean = mean_of_squares(decode_frame(frames, stream), factor).astype(int)
    assert shrunk.shape == (256 // factor, 256 // factor, 3)
    assert np.abs(shrunk - mean).mean() < most
    assert abs((shrunk - mean).mean()) < 0.6
    # Against the pixels before they were compressed it is as near as the mean, and nearer than Lanczos.
    truth = samples.halved(tissue, factor).astype(int)
    small = Image.fromarray(decode_frame(frames, stream)).resize(shrunk.shape[:2], Image.Resampling.LANCZOS)
    off, off_mean, off_lanczos = (
        np.abs(each.astype(int) - truth).mean() for each in (shrunk, mean, np.asarray(small))
    )
    assert off < off_mean + 0.25
    assert off < off_lanczos
    assert decode_frame(frames, stream, factor).tobytes() == shrunk.astype(np.uint8).tobytes()


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_shrunk_pixels_are_not_shifted(factor: int) -> None:
    across = np.broadcast_to(np.linspace(20, 220, 64)[None, :, None], (64, 64, 3))
    stream = simplejpeg.encode_jpeg(np.ascontiguousarray(across.astype(np.uint8)), quality=98)
    frames = level(Codec.JPEG, colour=Colour.YCBCR)
    off = decode_frame(frames, stream, factor).astype(float) - samples.halved(across, factor)
    # A shift by half of a stored pixel is 1.6 of 255 here.
    assert abs(off.mean()) < 0.6


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_frames_of_other_codecs_are_shrunk_to_means(dtype: str, factor: int) -> None:
    frames = level(Codec.RAW, dtype=dtype, side=SIDE)
    pixels = picture(dtype)
    if SIDE % factor:
        pixels = pixels[: SIDE // factor * factor, : SIDE // factor * factor]
        frames = level(Codec.RAW, dtype=dtype, side=pixels.shape[0])
    found = decode_frame(frames, pixels.tobytes(), factor)
    assert found.dtype == dtype
    assert np.abs(found.astype(float) - samples.halved(pixels, factor).astype(float)).max() <= 1


def test_jpeg_of_twelve_bits_is_shrunk_to_means() -> None:
    twelve = picture("uint16", 1) * 16
    stream = bytes(imagecodecs.jpeg8_encode(twelve[:, :, 0], level=95, bitspersample=12))
    frames = level(Codec.JPEG, 1, "uint16", Colour.GREY)
    mean = mean_of_squares(decode_frame(frames, stream), 2)
    assert np.array_equal(decode_frame(frames, stream, 2), mean)


def test_a_stream_with_another_head_than_the_last_one_is_read_anew() -> None:
    frames = level(Codec.JPEG, colour=Colour.YCBCR)
    first, other = jpeg("ycbcr"), jpeg("ycbcr", "420")
    whole = simplejpeg.encode_jpeg(np.zeros((32, 32, 3), np.uint8))
    assert read_head(first) == read_head(first)
    assert read_head(other).frame.sampling != read_head(first).frame.sampling
    decode_frame(frames, first)
    with pytest.raises(UnreadableSlide, match="32 x 32"):
        decode_frame(frames, whole)
    assert np.array_equal(decode_frame(frames, first), decode_frame(frames, bytes(first)))


def test_damaged_jpeg_is_refused_in_a_sentence() -> None:
    stream = jpeg("ycbcr")
    with pytest.raises(UnreadableSlide, match="does not decode: Premature end"):
        decode_frame(level(Codec.JPEG, colour=Colour.YCBCR), stream[:-40])
    with pytest.raises(UnreadableSlide, match="claims 64 x 64 pixels where the slide promises 128 x 128"):
        decode_frame(level(Codec.JPEG, colour=Colour.YCBCR, side=128), stream)
    with pytest.raises(UnreadableSlide, match="3 components where the slide promises 1"):
        decode_frame(level(Codec.JPEG, 1, colour=Colour.GREY), stream)
    with pytest.raises(UnreadableSlide, match="too large"):
        decode_frame(level(Codec.RAW, side=10_000), b"")


def test_what_a_browser_cannot_show_is_said() -> None:
    with pytest.raises(UnreadableSlide, match="cannot be shown as it is stored"):
        stream_decodes_as(bytes(imagecodecs.jpegls_encode(picture())))
