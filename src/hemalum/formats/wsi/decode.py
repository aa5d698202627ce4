"""Stored frames to pixels.

`decode_frame` follows what the frame index says of colour and never the stream; `stream_decodes_as` shows
what a program sees that has only the stream, such as a browser. The colour gate compares the two.
"""

import io
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import imagecodecs
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.jpeg import EOI, read_head, recoloured
from hemalum.formats.wsi.model import Codec, Colour
from hemalum.formats.wsi.slide import Pixels
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize

MAX_TILE_PIXELS = 64_000_000
"""Largest frame that is decoded; a frame of a few pixels may not claim gigabytes."""

_SIZE_IN_STREAM = frozenset(
    {Codec.JPEG, Codec.JPEG2000, Codec.HTJ2K, Codec.JPEG_LS, Codec.JPEG_XL, Codec.PNG, Codec.WEBP}
)


def decode_frame(level: FrameLevel, stream: bytes, factor: int = 1) -> Pixels:
    """The pixels of one frame of `level`: (tile height, tile width, samples) in the level's dtype.

    With a `factor` that divides both sides of the tile, each pixel stands for `factor` x `factor`
    stored ones: their mean. Of an 8-bit JPEG and an even factor, libjpeg-turbo shrinks each block by 2 while
    it decodes, in two thirds of the time. That is 0.2 to 1.1 of 255 from the mean on average (tissue, quality
    80; 4:2:2 is furthest), as near to the pixels before compression as the mean is, and not shifted.

    `stream` stands alone (prefix and skip applied). Colour is converted to RGB by what the level says,
    whatever the stream says. For JPEG 2000, YCBCR means components that the codestream's own transform
    does not cover (Aperio 33003); DICOM's YBR_ICT and YBR_RCT are RGB here. Alpha is laid on white. A frame
    that was cropped at the edge of the level is filled up by repeating its edge.

    Raises:
        UnreadableSlide: the stream does not decode, or to another size or type than the level says.
    """
    width, height = level.tile.width_px, level.tile.height_px
    left = factor
    if width * height > MAX_TILE_PIXELS:
        raise UnreadableSlide("Tiles of {width} x {height} pixels are too large.", width=width, height=height)
    try:
        if level.codec is Codec.JPEG:
            pixels, left = _decode_jpeg(level, stream, factor)
        elif level.codec is Codec.HEVC:
            pixels = _decode_hevc(stream)
        elif level.codec in _SIZE_IN_STREAM:
            pixels = _decode_sized(level, stream)
        else:
            pixels = _decode_samples(level, stream)
    except UnreadableSlide:
        raise
    except MemoryError:
        raise
    except Exception as error:  # each codec library raises types of its own
        raise UnreadableSlide(
            "One of the {codec} tiles does not decode: {reason}.",
            codec=level.codec.value,
            reason=_first_line(error),
        ) from error
    promised = _as_promised(level, pixels, factor // left)
    return promised if left == 1 else mean_of_squares(promised, left)


def mean_of_squares(pixels: Pixels, factor: int) -> Pixels:
    """Each square of `factor` x `factor` pixels as their mean, rounded where samples are whole numbers.

    `pixels` is (height, width, samples); both sides are multiples of the factor.
    """
    height, width, samples = pixels.shape
    rows = pixels.reshape(height // factor, factor, width, samples)
    is_whole = np.issubdtype(pixels.dtype, np.integer)
    # One row after the other: numpy adds whole rows some times faster than along short axes.
    summed: Pixels = rows[:, 0].astype(np.uint32 if is_whole else np.float64)
    for row in range(1, factor):
        summed += rows[:, row]
    columns = summed.reshape(height // factor, width // factor, factor, samples)
    total: Pixels = columns[:, :, 0].copy()
    for column in range(1, factor):
        total += columns[:, :, column]
    squared = factor * factor
    mean = (total + squared // 2) // squared if is_whole else total / squared
    shrunk: Pixels = mean.astype(pixels.dtype)
    return shrunk


def can_decode(codec: Codec) -> bool:
    """Whether what decodes this codec is installed; all but HEVC always are."""
    return codec is not Codec.HEVC or find_spec("av") is not None


def stream_decodes_as(stream: bytes) -> Pixels:
    """What a browser shows for a stream that stands alone: (height, width, samples) uint8, RGB or grey.

    Raises:
        UnreadableSlide: it shows nothing.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(stream), formats=("JPEG", "PNG", "WEBP")) as image:
                if image.width * image.height > MAX_TILE_PIXELS:
                    raise UnreadableSlide("A tile is too large to be shown.")
                shown = np.asarray(image if image.mode == "L" else _on_white(image))
    except UnreadableSlide:
        raise
    except Exception as error:  # Pillow plugins raise types of their own
        raise UnreadableSlide(
            "A tile cannot be shown as it is stored: {reason}.", reason=_first_line(error)
        ) from error
    return shown[:, :, np.newaxis] if shown.ndim == 2 else shown


def decode_jpeg_ls(stream: bytes) -> NDArray[Any]:
    """The pixels of a JPEG-LS stream (ITU-T T.87), shaped as the codec library gives them.

    Raises whatever the library raises for a damaged stream.
    """
    # CharLS spends seconds on some streams that end without the marker EOI; one more does no harm.
    return np.asarray(imagecodecs.jpegls_decode(stream + EOI))


def _decode_jpeg(level: FrameLevel, stream: bytes, factor: int) -> tuple[NDArray[Any], int]:
    """The pixels, and by which factor they are still to be shrunk."""
    head = read_head(stream)
    _check_claim(level, head.frame.width_px, head.frame.height_px, len(head.frame.component_ids))
    if head.frame.precision != 8 or head.frame.is_lossless:
        space = {Colour.GREY: "gray", Colour.RGB: "rgb", Colour.YCBCR: "ycbcr"}[level.colour]
        target = "gray" if level.colour is Colour.GREY else "rgb"
        return np.asarray(imagecodecs.jpeg8_decode(stream, colorspace=space, outcolorspace=target)), factor
    if level.colour is not Colour.GREY and head.assumed_colour is not level.colour:
        stream = recoloured(stream, level.colour)
    is_whole = (head.frame.width_px, head.frame.height_px) == (level.tile.width_px, level.tile.height_px)
    # By 4 and 8 it could shrink as well, but then blurs the colours of 4:2:2 by as much again.
    by = 2 if factor % 2 == 0 and is_whole else 1
    return _turbo_decode(
        stream, "GRAY" if level.colour is Colour.GREY else "RGB", level.tile, by
    ), factor // by


def _turbo_decode(stream: bytes, space: str, tile: PixelSize, factor: int) -> NDArray[np.uint8]:
    least = {"min_height": tile.height_px // factor, "min_width": tile.width_px // factor}
    shrinking = least if factor > 1 else {}
    try:
        return np.asarray(simplejpeg.decode_jpeg(stream, space, **shrinking))
    except ValueError as error:
        # Stray bytes between segments harm nothing; all else that libjpeg warns of changes pixels.
        if "extraneous bytes" not in str(error):
            raise
        return np.asarray(simplejpeg.decode_jpeg(stream, space, strict=False, **shrinking))


def _decode_hevc(stream: bytes) -> NDArray[Any]:
    """One HEVC intra frame as RGB: BT.601 in limited range, as the scanners that use it mean it."""
    try:
        import av
    except ImportError as error:
        raise UnreadableSlide(
            "The tiles of this slide are HEVC, which the optional extra decodes: pip install 'hemalum[hevc]'."
        ) from error
    options = {"max_pixels": str(MAX_TILE_PIXELS)}
    decoder = av.CodecContext.create("hevc", "r")
    decoder.options, decoder.thread_count = options, 1
    frames = [*decoder.decode(av.Packet(stream)), *decoder.decode(None)]
    if len(frames) != 1:
        raise UnreadableSlide("An HEVC tile holds {count} pictures instead of one.", count=len(frames))
    rgb = frames[0].reformat(format="rgb24", src_colorspace="ITU601", src_color_range="MPEG")
    return np.asarray(rgb.to_ndarray())


def _decode_sized(level: FrameLevel, stream: bytes) -> NDArray[Any]:
    claimed = _claimed_size(level.codec, stream)
    if claimed is not None:
        _check_claim(level, *claimed, None)
    decoders: dict[Codec, Callable[[bytes], Any]] = {
        Codec.JPEG2000: imagecodecs.jpeg2k_decode,
        Codec.HTJ2K: imagecodecs.jpeg2k_decode,
        Codec.JPEG_LS: decode_jpeg_ls,
        Codec.PNG: imagecodecs.png_decode,
        Codec.WEBP: imagecodecs.webp_decode,
    }
    if level.codec is Codec.JPEG_XL:
        # Its size field is bit-packed; the decoder itself refuses when `out` has another shape.
        shape = (level.tile.height_px, level.tile.width_px, level.pixel.samples)
        out = np.empty(shape, level.pixel.dtype)
        return np.asarray(imagecodecs.jpegxl_decode(stream, out=out))
    pixels = np.asarray(decoders[level.codec](stream))
    if level.colour is Colour.YCBCR and pixels.ndim == 3:
        return ycbcr_to_rgb(pixels)
    return pixels


def _decode_samples(level: FrameLevel, stream: bytes) -> NDArray[Any]:
    """Codecs that know only bytes: their length must be that of the tile."""
    width, height, samples = level.tile.width_px, level.tile.height_px, level.pixel.samples
    expected = width * height * level.pixel.bytes_per_pixel
    stored = np.dtype(level.pixel.dtype).newbyteorder(">" if level.big_endian else "<")
    if level.codec is Codec.DICOM_RLE:
        planar = np.frombuffer(imagecodecs.dicomrle_decode(stream, np.dtype(level.pixel.dtype)), np.uint8)
        _check_length(planar.nbytes, expected)
        planes = planar[:expected].view(level.pixel.dtype).reshape(samples, height, width)
        return _maybe_rgb(level, planes.transpose(1, 2, 0))
    unpacked = stream if level.codec is Codec.RAW else _unpack(level.codec, stream, expected)
    _check_length(len(unpacked), expected)
    pixels = np.frombuffer(unpacked, stored, width * height * samples).reshape(height, width, samples)
    if level.predictor and stored.kind == "f":
        # Predictor 3 keeps the bytes of a row apart, most significant first, whatever the file's order.
        rows = np.frombuffer(unpacked, np.dtype(level.pixel.dtype), pixels.size).reshape(pixels.shape)
        return np.asarray(imagecodecs.floatpred_decode(rows, axis=-2, dist=1))
    pixels = pixels.astype(level.pixel.dtype, copy=False)
    if level.predictor:
        pixels = np.cumsum(pixels, axis=1, dtype=level.pixel.dtype)
    return _maybe_rgb(level, pixels)


def _unpack(codec: Codec, stream: bytes, expected: int) -> bytes:
    if codec is Codec.DEFLATE:
        return bytes(imagecodecs.zlib_decode(stream, out=expected))
    if codec is Codec.LZW:
        return bytes(imagecodecs.lzw_decode(stream, out=expected))
    if codec is Codec.ZSTD:
        return bytes(imagecodecs.zstd_decode(stream, out=expected))
    return bytes(imagecodecs.packbits_decode(stream, out=expected))


def ycbcr_to_rgb(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Full-range ITU-R BT.601 YCbCr to RGB as in JFIF (ITU-T T.871 section 7); uint8 in and out."""
    y, cb, cr = (pixels[:, :, i].astype(np.float32) for i in range(3))
    cb -= 128
    cr -= 128
    rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], axis=2)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def _maybe_rgb(level: FrameLevel, pixels: NDArray[Any]) -> NDArray[Any]:
    return ycbcr_to_rgb(pixels) if level.colour is Colour.YCBCR else pixels


def _as_promised(level: FrameLevel, pixels: NDArray[Any], shrunk_by: int) -> Pixels:
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    if pixels.shape[2] == level.pixel.samples + 1 and level.codec in (Codec.PNG, Codec.WEBP):
        pixels = _alpha_on_white(pixels)
    height, width = pixels.shape[:2]
    if shrunk_by == 1 and level.cropped_edges and _may_be_cropped(level, width, height):
        missing = ((0, level.tile.height_px - height), (0, level.tile.width_px - width), (0, 0))
        pixels = np.pad(pixels, missing, mode="edge")
    sides = level.tile.height_px // shrunk_by, level.tile.width_px // shrunk_by
    expected = (*sides, level.pixel.samples)
    if pixels.shape != expected:
        height, width, samples = pixels.shape
        raise UnreadableSlide(
            "A tile has {width} x {height} pixels of {samples} samples where the slide"
            " promises {expected_width} x {expected_height} of {expected_samples}.",
            width=width,
            height=height,
            samples=samples,
            expected_width=expected[1],
            expected_height=expected[0],
            expected_samples=expected[2],
        )
    wanted = np.dtype(level.pixel.dtype)
    if pixels.dtype != wanted and not np.can_cast(pixels.dtype, wanted):
        raise UnreadableSlide(
            "A tile has {kind} samples where the slide promises {expected}.",
            kind=str(pixels.dtype),
            expected=str(wanted),
        )
    promised: Pixels = pixels.astype(wanted, copy=False)
    return promised


def _alpha_on_white(pixels: NDArray[Any]) -> NDArray[Any]:
    top = np.iinfo(pixels.dtype).max
    alpha = pixels[:, :, -1:].astype(np.float32) / top
    laid = pixels[:, :, :-1] * alpha + top * (1 - alpha)
    return np.rint(laid).astype(pixels.dtype)


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, rgba).convert("RGB")


def _claimed_size(codec: Codec, stream: bytes) -> tuple[int, int] | None:
    """(width, height) that the stream's own header claims, before anything is allocated."""
    if codec is Codec.PNG:
        if stream[:8] != b"\x89PNG\r\n\x1a\n" or stream[12:16] != b"IHDR":
            raise UnreadableSlide("A tile is not a PNG stream.")
        return int.from_bytes(stream[16:20], "big"), int.from_bytes(stream[20:24], "big")
    if codec is Codec.JPEG_LS:
        frame = read_head(stream).frame
        return frame.width_px, frame.height_px
    if codec in (Codec.JPEG2000, Codec.HTJ2K):
        return _claimed_jpeg2000(stream)
    return None


def _claimed_jpeg2000(stream: bytes) -> tuple[int, int]:
    """Image size of the SIZ segment (ISO/IEC 15444-1 A.5.1), which may stand within a JP2 file."""
    at = stream.find(b"\xff\x4f\xff\x51", 0, 4096)
    if at < 0 or len(stream) < at + 40:
        raise UnreadableSlide("A tile is not a JPEG 2000 stream.")
    xsize, ysize, xoff, yoff = (int.from_bytes(stream[at + i : at + i + 4], "big") for i in (8, 12, 16, 20))
    return xsize - xoff, ysize - yoff


def _check_claim(level: FrameLevel, width: int, height: int, samples: int | None) -> None:
    tile = level.tile
    is_cropped = level.cropped_edges and _may_be_cropped(level, width, height)
    if (width, height) != (tile.width_px, tile.height_px) and not is_cropped:
        raise UnreadableSlide(
            "A tile claims {width} x {height} pixels where the slide promises {expected_width}"
            " x {expected_height}.",
            width=width,
            height=height,
            expected_width=tile.width_px,
            expected_height=tile.height_px,
        )
    if samples is not None and samples != level.pixel.samples:
        raise UnreadableSlide(
            "A tile has {samples} components where the slide promises {expected}.",
            samples=samples,
            expected=level.pixel.samples,
        )


def _may_be_cropped(level: FrameLevel, width: int, height: int) -> bool:
    """Whether a frame of this size holds at least what the level needs of its last column and row."""
    tile, edge = level.tile, level.edge
    return edge.width_px <= width <= tile.width_px and edge.height_px <= height <= tile.height_px


def _check_length(found: int, expected: int) -> None:
    if found < expected:
        raise UnreadableSlide(
            "A tile holds {found} bytes of pixels where the slide promises {expected}.",
            found=found,
            expected=expected,
        )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:160]
