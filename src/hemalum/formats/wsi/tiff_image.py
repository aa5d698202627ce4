"""One TIFF directory as an image: its chunks (tiles or strips), what is in them, and the index of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.wsi.decode import MAX_TILE_PIXELS, decode_frame
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.jpeg import (
    ADOBE_RGB,
    ADOBE_YCBCR,
    SOI,
    JpegHead,
    colour_splice,
    read_head,
    tables_only,
)
from hemalum.formats.wsi.model import Codec, Colour, PixelFormat
from hemalum.formats.wsi.slide import Pixels
from hemalum.formats.wsi.source import ByteSource
from hemalum.formats.wsi.tiff import Tag, TiffDirectory
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize

MAX_SIDE_PX = 4_194_304
MAX_CHUNKS = 4_194_304
_HEAD_BYTES = 65_536
_SAMPLED_HEADS = 16
_RAW_CHUNK_PIXELS = 1 << 20

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6

_CODECS = {
    1: Codec.RAW,
    5: Codec.LZW,
    7: Codec.JPEG,
    8: Codec.DEFLATE,
    32773: Codec.PACKBITS,
    32946: Codec.DEFLATE,
    33003: Codec.JPEG2000,
    33004: Codec.JPEG2000,
    33005: Codec.JPEG2000,
    34712: Codec.JPEG2000,
    34926: Codec.ZSTD,
    50000: Codec.ZSTD,
    34927: Codec.WEBP,
    50001: Codec.WEBP,
    34933: Codec.PNG,
    50002: Codec.JPEG_XL,
    52546: Codec.JPEG_XL,
}
_APERIO_YCBCR_J2K = 33003
_OWN_COLOUR = (Codec.WEBP, Codec.PNG, Codec.JPEG_XL)
_STORED = {
    (1, 8): "uint8",
    (1, 16): "uint16",
    (1, 32): "uint32",
    (2, 8): "int8",
    (2, 16): "int16",
    (2, 32): "int32",
    (3, 16): "float16",
    (3, 32): "float32",
    (3, 64): "float64",
}


@dataclass(frozen=True, eq=False)
class TiffImage:
    """What one directory says of its pixels. Chunks are tiles, or strips as wide as the image."""

    directory: TiffDirectory
    size: PixelSize
    chunk: PixelSize
    tiled: bool
    samples: int
    """Samples per pixel as stored, alpha and all."""
    separate: bool
    """Each sample in chunks of its own (PlanarConfiguration 2)."""
    dtype: str
    codec: Codec
    photometric: int
    colour: Colour
    predictor: bool
    big_endian: bool
    tables: bytes
    """JPEG tables shared by all chunks, without SOI and EOI."""
    offsets: NDArray[np.uint64]
    """(separate samples or 1, rows, columns)"""
    lengths: NDArray[np.uint64]

    @property
    def chunk_samples(self) -> int:
        return 1 if self.separate else self.samples

    @property
    def is_rgb(self) -> bool:
        """Colours of tissue in light, whatever their coding."""
        return self.photometric in (RGB, YCBCR) and self.samples >= 3

    @property
    def layout(self) -> tuple[object, ...]:
        """Equal for images whose frames may share one level of an index."""
        return (
            *(self.size, self.chunk, self.tiled, self.samples, self.separate, self.dtype, self.codec),
            *(self.colour, self.predictor, self.big_endian, self.tables, self.photometric),
        )


def read_image(directory: TiffDirectory, source: ByteSource, *, big_endian: bool) -> TiffImage:
    """The image of one directory.

    Raises:
        UnreadableSlide: sizes are absurd, tables do not fit them, or the coding is not supported.
    """
    size = PixelSize(directory.integer(Tag.IMAGE_WIDTH), directory.integer(Tag.IMAGE_LENGTH))
    if not (0 < size.width_px <= MAX_SIDE_PX and 0 < size.height_px <= MAX_SIDE_PX):
        raise UnreadableSlide(
            "The TIFF claims {width} x {height} pixels, which no scanner makes.",
            width=size.width_px,
            height=size.height_px,
        )
    samples = directory.integer(Tag.SAMPLES_PER_PIXEL, 1)
    if not 0 < samples <= 1024:
        raise UnreadableSlide("The TIFF claims {samples} samples per pixel.", samples=samples)
    codec = _codec(directory)
    photometric = directory.integer(Tag.PHOTOMETRIC, BLACK_IS_ZERO)
    separate = samples > 1 and directory.integer(Tag.PLANAR_CONFIGURATION, 1) == 2
    dtype = _stored_dtype(directory)
    tiled = directory.is_tiled
    chunk = _chunk_size(directory, size, tiled)
    offsets, lengths = _chunk_table(directory, source, size, chunk, samples if separate else 1, tiled)
    tables = directory.raw(Tag.JPEG_TABLES) if codec is Codec.JPEG else None
    image = TiffImage(
        directory=directory,
        size=size,
        chunk=chunk,
        tiled=tiled,
        samples=samples,
        separate=separate,
        dtype=dtype,
        codec=codec,
        photometric=photometric,
        colour=_colour(directory, codec, photometric, samples, separate),
        predictor=directory.integer(Tag.PREDICTOR, 1) in (2, 3) and codec not in _OWN_COLOUR,
        big_endian=big_endian,
        tables=tables_only(tables) if tables else b"",
        offsets=offsets,
        lengths=lengths,
    )
    return _split_raw_strip(image)


def chunk_level(image: TiffImage, rows: int | None = None) -> FrameLevel:
    """A level that describes how chunks of the image decode; `rows` for a shorter last strip."""
    nothing = np.zeros((1, 1, 1, 1))
    return FrameLevel(
        size=image.size,
        tile=PixelSize(image.chunk.width_px, rows or image.chunk.height_px),
        downsample=1.0,
        codec=image.codec,
        pixel=PixelFormat(image.chunk_samples, image.dtype),
        colour=image.colour,
        objects=nothing.astype(np.uint16),
        offsets=nothing.astype(np.uint64),
        lengths=nothing.astype(np.uint32),
        prefix=SOI + image.tables if image.tables else b"",
        skip=2 if image.tables else 0,
        predictor=image.predictor,
        big_endian=image.big_endian,
    )


def read_chunk(image: TiffImage, source: ByteSource, part: int, row: int, column: int) -> Pixels | None:
    """One chunk: (rows, columns, chunk samples) as stored, YCbCr made RGB; None where nothing was stored.

    `part` is the sample for images with separate samples, else 0.
    """
    length = int(image.lengths[part, row, column])
    if length == 0:
        return None
    rows = image.chunk.height_px
    if not image.tiled:
        rows = min(rows, image.size.height_px - row * rows)
    if length > source.size:
        raise UnreadableSlide("The file is truncated: a part of the image lies past its end.")
    stored = source.read(int(image.offsets[part, row, column]), length)
    level = chunk_level(image)
    stream = level.standalone(stored)
    if image.codec is Codec.JPEG and not image.tiled:
        # Writers differ in whether the last strip claims its own or the full number of rows.
        claimed = read_head(stream).frame.height_px
        return decode_frame(chunk_level(image, min(max(claimed, rows), image.chunk.height_px)), stream)[:rows]
    return decode_frame(chunk_level(image, rows), stream)


def lut_colour(image: TiffImage) -> str | None:
    """The colour that the lookup table of a fluorescence page ends in, "#rrggbb"; None for grey and black."""
    if image.photometric != PALETTE:
        return None
    entries = image.directory.integers(Tag.COLOUR_MAP)
    count = entries.size // 3
    if not count:
        return None
    top = [int(entries[(part + 1) * count - 1]) >> 8 for part in range(3)]
    return None if max(top) == min(top) else "#" + "".join(f"{value & 255:02x}" for value in top)


def is_indexable(image: TiffImage) -> bool:
    """Whether its tiles stand alone as frames of an index: one channel or RGB, in a type that is served."""
    if not image.tiled or image.dtype not in ("uint8", "uint16", "float32"):
        return False
    if image.chunk_samples == 1:
        return image.photometric != WHITE_IS_ZERO and not image.is_rgb
    return image.is_rgb and image.samples == 3 and not image.separate


def frame_level(
    cells: Sequence[Sequence[tuple[TiffImage, int]]], source: ByteSource, downsample: float
) -> FrameLevel | None:
    """The index level of images by [plane][channel]; None when their tiles cannot be served as they lie.

    Each cell is an image and the separate sample that is the channel (0 for images with one).
    """
    first = cells[0][0][0]
    images = [image for plane in cells for image, _ in plane]
    if not all(is_indexable(image) and image.layout == first.layout for image in images):
        return None
    offsets = np.stack([np.stack([image.offsets[part] for image, part in plane]) for plane in cells])
    lengths = np.stack([np.stack([image.lengths[part] for image, part in plane]) for plane in cells])
    if lengths.size and int(lengths.max()) > np.iinfo(np.uint32).max:
        raise UnreadableSlide("A tile of the TIFF claims more than 4 GiB.")
    level = replace(
        chunk_level(first),
        downsample=downsample,
        objects=np.zeros(lengths.shape, np.uint16),
        offsets=offsets,
        lengths=lengths.astype(np.uint32),
    )
    _check_within(level, source)
    return _with_colour_said(level, first, source) if first.codec is Codec.JPEG else level


def _check_within(level: FrameLevel, source: ByteSource) -> None:
    ends = level.offsets + level.lengths
    beyond = (level.lengths > 0) & ((ends > source.size) | (ends < level.offsets))
    if beyond.any():
        count = int(beyond.sum())
        raise UnreadableSlide(
            "The file is truncated: {count} of {total} tiles of {name} lie past its end.",
            count=count,
            total=beyond.size,
            name=source.name,
        )


def _with_colour_said(level: FrameLevel, image: TiffImage, source: ByteSource) -> FrameLevel | None:
    """The level with a prefix that tells a decoder the right colour; None when no prefix can."""
    heads = _sampled_heads(level, source)
    if not heads:
        return level
    splices = {_splice(stored, image) for stored in heads}
    splice = splices.pop()
    if splices or splice is None:
        return None
    return replace(level, prefix=splice[0], skip=splice[1])


def _splice(stored: bytes, image: TiffImage) -> tuple[bytes, int] | None:
    if not image.tables:
        return colour_splice(_checked(read_head(stored), image), image.colour)
    merged = _checked(read_head(SOI + image.tables + stored[2:]), image)
    if merged.assumed_colour is image.colour:
        return SOI + image.tables, 2
    own = colour_splice(_own_head(stored, merged), image.colour)
    if own is None:
        return None
    marker = ADOBE_RGB if image.colour is Colour.RGB else ADOBE_YCBCR
    return SOI + marker + image.tables, own[1]


def _own_head(stored: bytes, merged: JpegHead) -> JpegHead:
    """The head of an abbreviated stream; its markers stand where they do in `stored`."""
    own = read_head(stored)
    return replace(own, has_jfif=merged.has_jfif, adobe_transform=merged.adobe_transform)


def _checked(head: JpegHead, image: TiffImage) -> JpegHead:
    frame = head.frame
    if (frame.width_px, frame.height_px) != (image.chunk.width_px, image.chunk.height_px):
        raise UnreadableSlide(
            "A tile claims {width} x {height} pixels where the slide promises {expected_width}"
            " x {expected_height}.",
            width=frame.width_px,
            height=frame.height_px,
            expected_width=image.chunk.width_px,
            expected_height=image.chunk.height_px,
        )
    return head


def _sampled_heads(level: FrameLevel, source: ByteSource) -> list[bytes]:
    present = np.flatnonzero(level.lengths)
    if not present.size:
        return []
    chosen = present[np.unique(np.linspace(0, present.size - 1, _SAMPLED_HEADS).astype(int))]
    offsets, lengths = level.offsets.reshape(-1), level.lengths.reshape(-1)
    return [source.read(int(offsets[i]), min(_HEAD_BYTES, int(lengths[i]))) for i in chosen]


def _codec(directory: TiffDirectory) -> Codec:
    compression = directory.integer(Tag.COMPRESSION, 1)
    codec = _CODECS.get(compression)
    if codec is None:
        raise UnreadableSlide("The TIFF compression {compression} is not supported.", compression=compression)
    if directory.integer(Tag.FILL_ORDER, 1) != 1:
        raise UnreadableSlide("TIFF files with reversed bit order are not supported.")
    return codec


def _stored_dtype(directory: TiffDirectory) -> str:
    bits = directory.integers(Tag.BITS_PER_SAMPLE)
    depth = int(bits[0]) if bits.size else 1
    if bits.size and (bits != bits[0]).any():
        raise UnreadableSlide("TIFF files with samples of unequal depth are not supported.")
    if depth == 12 and directory.integer(Tag.COMPRESSION, 1) == 7:
        depth = 16
    kind = directory.integer(Tag.SAMPLE_FORMAT, 1)
    stored = _STORED.get((1 if kind == 4 else kind, depth))
    if stored is None:
        raise UnreadableSlide(
            "TIFF samples of {depth} bits (sample format {kind}) are not supported.", depth=depth, kind=kind
        )
    return stored


def _colour(directory: TiffDirectory, codec: Codec, photometric: int, samples: int, separate: bool) -> Colour:
    if samples < 3 or separate or photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE):
        if photometric == YCBCR and samples > 1:
            raise UnreadableSlide("YCbCr TIFF files with separate samples are not supported.")
        return Colour.GREY
    if directory.integer(Tag.COMPRESSION, 1) == _APERIO_YCBCR_J2K:
        return Colour.YCBCR
    if photometric == RGB or codec in _OWN_COLOUR:
        return Colour.RGB
    if photometric != YCBCR:
        raise UnreadableSlide(
            "TIFF colours of kind {photometric} are not supported.", photometric=photometric
        )
    if codec in (Codec.JPEG, Codec.JPEG2000):
        # In JPEG 2000 the codestream's own transform makes RGB of it; only Aperio's 33003 does without.
        return Colour.YCBCR if codec is Codec.JPEG else Colour.RGB
    subsampling = directory.integers(Tag.YCBCR_SUBSAMPLING)
    if subsampling.size < 2 or (subsampling != 1).any():
        raise UnreadableSlide("TIFF files with subsampled YCbCr outside JPEG are not supported.")
    return Colour.YCBCR


def _chunk_size(directory: TiffDirectory, size: PixelSize, tiled: bool) -> PixelSize:
    if tiled:
        chunk = PixelSize(directory.integer(Tag.TILE_WIDTH), directory.integer(Tag.TILE_LENGTH))
    else:
        rows = directory.integer(Tag.ROWS_PER_STRIP, size.height_px)
        chunk = PixelSize(size.width_px, min(rows, size.height_px))
    if chunk.width_px <= 0 or chunk.height_px <= 0:
        raise UnreadableSlide("The TIFF has tiles of no size.")
    if tiled and chunk.width_px * chunk.height_px > MAX_TILE_PIXELS:
        raise UnreadableSlide(
            "TIFF tiles of {width} x {height} pixels are too large.",
            width=chunk.width_px,
            height=chunk.height_px,
        )
    return chunk


def _chunk_table(
    directory: TiffDirectory, source: ByteSource, size: PixelSize, chunk: PixelSize, parts: int, tiled: bool
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    rows, columns = -(-size.height_px // chunk.height_px), -(-size.width_px // chunk.width_px)
    expected = parts * rows * columns
    if expected > MAX_CHUNKS:
        raise UnreadableSlide(
            "The TIFF claims {expected} tiles in one image, more than {most}.",
            expected=expected,
            most=MAX_CHUNKS,
        )
    # libtiff lets tiled images name their tables by the tags of strips.
    use_tiles = tiled and Tag.TILE_OFFSETS in directory
    offsets = directory.integers(Tag.TILE_OFFSETS if use_tiles else Tag.STRIP_OFFSETS)
    lengths = directory.integers(
        Tag.TILE_BYTE_COUNTS if tiled and Tag.TILE_BYTE_COUNTS in directory else Tag.STRIP_BYTE_COUNTS
    )
    if not tiled and expected == 1 and offsets.size == 1 and lengths.size == 0:
        lengths = np.asarray([source.size - min(int(offsets[0]), source.size)], np.uint64)
    if offsets.size < expected or lengths.size < expected:
        raise UnreadableSlide(
            "The TIFF lists {count} of the {expected} parts its size calls for.",
            count=min(offsets.size, lengths.size),
            expected=expected,
        )
    shape = (parts, rows, columns)
    lengths = np.where(offsets[:expected] == 0, 0, lengths[:expected]).astype(np.uint64)
    return offsets[:expected].reshape(shape), lengths.reshape(shape)


def _split_raw_strip(image: TiffImage) -> TiffImage:
    """One uncompressed strip over the whole image (ImageJ writes such) cut into smaller strips."""
    whole = image.size.width_px * image.size.height_px
    is_one_raw_strip = not image.tiled and image.codec is Codec.RAW and image.offsets.shape[1] == 1
    if not is_one_raw_strip or whole <= _RAW_CHUNK_PIXELS:
        if not image.tiled and image.chunk.width_px * image.chunk.height_px > MAX_TILE_PIXELS:
            raise UnreadableSlide(
                "TIFF strips of {width} x {height} pixels are too large.",
                width=image.chunk.width_px,
                height=image.chunk.height_px,
            )
        return image
    rows = max(1, _RAW_CHUNK_PIXELS // image.size.width_px)
    count = -(-image.size.height_px // rows)
    if count > MAX_CHUNKS:
        raise UnreadableSlide("The TIFF claims more rows than any scanner makes.")
    row_bytes = image.size.width_px * image.chunk_samples * np.dtype(image.dtype).itemsize
    steps = np.arange(count, dtype=np.uint64) * np.uint64(rows * row_bytes)
    lengths = np.full(count, rows * row_bytes, np.uint64)
    lengths[-1] = (image.size.height_px - (count - 1) * rows) * row_bytes
    return replace(
        image,
        chunk=PixelSize(image.size.width_px, rows),
        offsets=image.offsets + steps[np.newaxis, :, np.newaxis],
        lengths=np.broadcast_to(lengths[np.newaxis, :, np.newaxis], (image.offsets.shape[0], count, 1)),
    )
