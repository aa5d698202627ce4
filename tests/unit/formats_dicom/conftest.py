"""Small slides of every kind that DICOM can hold, made in memory."""

from collections.abc import Callable

import imagecodecs
import numpy as np
import pytest

from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import (
    AssociatedKind,
    Channel,
    Codec,
    Colour,
    FocalPlane,
    Level,
    PixelFormat,
    SlideDescription,
)
from hemalum.formats.wsi.source import MemorySource
from hemalum.kernel.geometry import PixelSize, SpacingUm

TILE = 64


def _picture(width, height, samples, dtype, seed):
    """Smooth and colourful, so that lossy codecs keep close to it and a swap of channels shows."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    top = np.iinfo(dtype).max
    bands = []
    for band in range(samples):
        wave = np.sin(x / (9 + 3 * band) + seed) + np.cos(y / (7 + 2 * band))
        bands.append((wave + 2) / 4 * (0.9 - 0.25 * band) + 0.1 * rng.random())
    return (np.stack(bands, axis=2) * top).astype(dtype)


def _encode(tile, codec, colour):
    grey = tile.shape[2] == 1
    plain = tile[:, :, 0] if grey else tile
    if codec is Codec.JPEG:
        if tile.dtype == np.uint16:
            return bytes(imagecodecs.jpeg8_encode(plain, lossless=True, bitspersample=16))
        space = {Colour.GREY: "gray", Colour.RGB: "rgb", Colour.YCBCR: "ycbcr"}[colour]
        return bytes(
            imagecodecs.jpeg8_encode(plain, 90, colorspace="gray" if grey else "rgb", outcolorspace=space)
        )
    if codec is Codec.JPEG2000:
        return bytes(imagecodecs.jpeg2k_encode(plain, codecformat="j2k", reversible=True, mct=not grey))
    if codec is Codec.HTJ2K:
        return bytes(imagecodecs.htj2k_encode(plain, reversible=True))
    if codec is Codec.JPEG_LS:
        return bytes(imagecodecs.jpegls_encode(plain))
    if codec is Codec.DEFLATE:
        return bytes(imagecodecs.zlib_encode(tile.tobytes()))
    assert codec is Codec.RAW
    return tile.tobytes()


def _level(pictures, downsample, codec, colour, blank, content):
    """`pictures` by (plane, channel); tiles reach past the edge, as everywhere."""
    planes, channels = len(pictures), len(pictures[0])
    height, width, samples = pictures[0][0].shape
    rows, columns = -(-height // TILE), -(-width // TILE)
    shape = (planes, channels, rows, columns)
    offsets, lengths = np.zeros(shape, np.uint64), np.zeros(shape, np.uint32)
    for where in np.ndindex(shape):
        plane, channel, row, column = where
        if where in blank:
            continue
        picture = pictures[plane][channel]
        padded = np.pad(picture, ((0, TILE), (0, TILE), (0, 0)), mode="edge")
        tile = padded[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        stream = _encode(np.ascontiguousarray(tile), codec, colour)
        offsets[where], lengths[where] = len(content), len(stream)
        content += stream
    return FrameLevel(
        size=PixelSize(width, height),
        tile=PixelSize(TILE, TILE),
        downsample=downsample,
        codec=codec,
        pixel=PixelFormat(samples, str(pictures[0][0].dtype)),
        colour=colour,
        objects=np.zeros(shape, np.uint16),
        offsets=offsets,
        lengths=lengths,
    )


type MakeSlide = Callable[..., IndexedSlide]


@pytest.fixture
def make_slide() -> MakeSlide:
    def make(
        codec=Codec.JPEG,
        colour=Colour.RGB,
        size=(200, 150),
        levels=2,
        planes=1,
        channels=1,
        dtype="uint8",
        blank=(),
        label=False,
        **facts,
    ) -> IndexedSlide:
        samples = 1 if colour is Colour.GREY else 3
        content = bytearray()
        made = []
        for number in range(levels):
            factor = 2**number
            pictures = [
                [
                    _picture(size[0] // factor, size[1] // factor, samples, dtype, 10 * plane + channel)
                    for channel in range(channels)
                ]
                for plane in range(planes)
            ]
            made.append(
                _level(pictures, float(factor), codec, colour, set(blank) if number == 0 else (), content)
            )
        description = SlideDescription(
            **{
                "format": "made-up",
                "levels": tuple(Level(level.size, level.downsample) for level in made),
                "pixel": made[0].pixel,
                "spacing_um": SpacingUm(0.5, 0.4),
                "planes": tuple(FocalPlane(1.5 * n) for n in range(planes)),
                "channels": tuple(
                    Channel(
                        f"dye {n}", ("#0000ff", "#00ff00", "#ff0000")[n % 3], 400.0 + 50 * n, 450.0 + 50 * n
                    )
                    for n in range(channels)
                )
                if samples == 1
                else (Channel("brightfield"),),
                "associated": (AssociatedKind.LABEL, AssociatedKind.MACRO) if label else (),
                **facts,
            }
        )
        picture = _picture(90, 60, 3, "uint8", 5)
        readers = {kind: lambda: picture for kind in description.associated}
        return IndexedSlide(
            description, FrameIndex(tuple(made)), [MemorySource(bytes(content), "made-up.tif")], readers
        )

    return make
