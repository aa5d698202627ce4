"""Synthetic slides into files: Aperio SVS, generic pyramidal TIFF, OME-TIFF. Streamed, in flat memory.

Every writer renders level 0 once, in small squares, and averages coarser levels from what it has just drawn,
so a file's levels agree with each other exactly.
"""

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import quoteattr

import imagecodecs
import numpy as np
import simplejpeg
from PIL import Image, ImageCms, ImageDraw

from hemalum.kernel.errors import Invalid
from hemalum.testing.synth.fluorescence import MARKERS
from hemalum.testing.synth.noise import Array, mix
from hemalum.testing.synth.slide import Modality, SyntheticSlide
from hemalum.testing.synth.tiff_stream import Page, TiffStream, split_jpeg

type Progress = Callable[[int, int], None]
"""Called with tiles done and tiles in all, level 0 only."""

_SUBSAMPLING = {"444": (1, 1), "422": (2, 1), "420": (2, 2)}


@dataclass(frozen=True, slots=True)
class JpegOptions:
    """How tiles are compressed."""

    quality: int = 80
    subsampling: str = "422"
    """"444", "422" or "420"; ignored for RGB."""
    rgb: bool = False
    """Store RGB without the YCbCr transform, as older Aperio scanners do."""
    adobe_marker: bool = False
    """Keep the Adobe APP14 marker that says so; real files come both with and without."""

    @property
    def photometric(self) -> str:
        return "rgb" if self.rgb else "ycbcr"

    def encode(self, pixels: Array) -> bytes:
        """A complete JPEG stream."""
        if self.rgb:
            return bytes(
                imagecodecs.jpeg8_encode(
                    pixels, level=self.quality, colorspace="rgb", outcolorspace="rgb", subsampling="444"
                )
            )
        return bytes(
            simplejpeg.encode_jpeg(
                np.ascontiguousarray(pixels), quality=self.quality, colorsubsampling=self.subsampling
            )
        )

    def tables(self) -> bytes:
        """The tables shared by all tiles of these options."""
        return split_jpeg(self.encode(np.full((16, 16, 3), 128, np.uint8)), keep_adobe=False)[0]

    def frame(self, pixels: Array) -> bytes:
        """One tile without its tables."""
        return split_jpeg(self.encode(pixels), keep_adobe=self.adobe_marker)[1]


@dataclass(frozen=True, slots=True)
class DeflateOptions:
    """Lossless tiles: zlib over little-endian samples."""

    level: int = 6

    def frame(self, pixels: Array) -> bytes:
        return bytes(imagecodecs.zlib_encode(np.ascontiguousarray(pixels).tobytes(), level=self.level))


class TileEncoder(Protocol):
    """How one tile becomes bytes."""

    def frame(self, pixels: Array) -> bytes: ...


class Scan(Protocol):
    """What is written: pixels of level-0 rectangles, channels first: (planes of samples, h, w, samples)."""

    @property
    def width_px(self) -> int: ...

    @property
    def height_px(self) -> int: ...

    def read(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Array: ...


@dataclass(frozen=True)
class SlideScan:
    """One focal plane of a synthetic slide as a `Scan`."""

    slide: SyntheticSlide
    plane: int = 0

    @property
    def width_px(self) -> int:
        return self.slide.width_px

    @property
    def height_px(self) -> int:
        return self.slide.height_px

    def read(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Array:
        if self.slide.modality is Modality.FLUORESCENCE:
            return self.slide.render_channels(x_px, y_px, width_px, height_px, plane=self.plane)[..., None]
        return self.slide.render(x_px, y_px, width_px, height_px, plane=self.plane)[None]


@dataclass(frozen=True)
class BankScan:
    """A slide of any size made of few distinct tiles laid by hash: for benchmarks, not for looking at.

    Tiles come from the middle of the tissue of `slide`. Reads must be aligned to tiles.
    """

    slide: SyntheticSlide
    tile_px: int
    distinct: int
    width_px: int
    height_px: int

    def number(self, row: int, column: int) -> int:
        """Which of the distinct tiles lies at a place."""
        return int(mix(np.array([column]), np.array([row]), self.slide.seed)[0]) % self.distinct

    def tile(self, number: int) -> Array:
        """One of the distinct tiles, (h, w, 3)."""
        return _bank_tile(self.slide, self.tile_px, number)

    def read(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Array:
        t = self.tile_px
        rows, columns = range(y_px // t, -(-(y_px + height_px) // t)), range(x_px // t, -(-(x_px + width_px) // t))
        if x_px % t or y_px % t:
            raise Invalid("A bank of tiles is read from the corner of a tile.")
        lines = [np.concatenate([self.tile(self.number(r, c)) for c in columns], axis=1) for r in rows]
        return np.concatenate(lines)[None, :height_px, :width_px]


@lru_cache(maxsize=512)
def _bank_tile(slide: SyntheticSlide, tile_px: int, number: int) -> Array:
    piece = slide.pieces[0]
    across = 8
    column, row = number % across, number // across
    x = int(piece.x_um / slide.spacing_um) + (column - across // 2) * tile_px
    y = int(piece.y_um / slide.spacing_um) + (row - across // 2) * tile_px
    return slide.render(x, y, tile_px, tile_px)


@dataclass(frozen=True)
class _Square:
    """One unit of work: the level-0 tiles below one tile of level 1."""

    scan: Scan
    encoder: TileEncoder
    tile_px: int
    factor: int
    row: int
    column: int
    blank: int

    def draw(self) -> tuple[list[tuple[int, int, list[bytes]]], Array]:
        """Encoded level-0 tiles (row, column, one for each channel), and the level-1 tile (c, h, w, s)."""
        t, f = self.tile_px, self.factor
        x0, y0 = self.column * t * f, self.row * t * f
        width, height = min(t * f, self.scan.width_px - x0), min(t * f, self.scan.height_px - y0)
        pixels = self.scan.read(x0, y0, width, height)
        padded = _padded(pixels, -(-height // t) * t, -(-width // t) * t, self.blank)
        tiles = [
            (y0 // t + r, x0 // t + c, [self.encoder.frame(p[r * t : (r + 1) * t, c * t : (c + 1) * t]) for p in padded])
            for r in range(padded.shape[1] // t)
            for c in range(padded.shape[2] // t)
        ]
        return tiles, _padded(shrink(pixels, f), t, t, self.blank)


def _draw(square: _Square) -> tuple[list[tuple[int, int, list[bytes]]], Array]:
    return square.draw()


def shrink(pixels: Array, factor: int) -> Array:
    """Averages of factor x factor pixels, rounded, (c, h // factor, w // factor, s); what is left over is cut off."""
    if factor == 1:
        return pixels
    c, h, w, s = pixels.shape
    h, w = h // factor, w // factor
    if not h or not w:
        return np.zeros((c, h, w, s), pixels.dtype)
    blocks = pixels[:, : h * factor, : w * factor].reshape(c, h, factor, w * factor * s)
    columns = blocks.sum(axis=2, dtype=np.uint32).reshape(c, h, w, factor, s)
    total = columns.sum(axis=3, dtype=np.uint32)
    return ((total + factor * factor // 2) // (factor * factor)).astype(pixels.dtype)


def _padded(pixels: Array, height: int, width: int, blank: int) -> Array:
    c, h, w, s = pixels.shape
    if (h, w) == (height, width):
        return pixels
    full = np.full((c, height, width, s), blank, pixels.dtype)
    full[:, :h, :w] = pixels
    return full


@dataclass(frozen=True)
class Pyramid:
    """The levels to write: level-0 tiles of `tile_px`, each level `factors[k]` times coarser than the one before."""

    tile_px: int
    factors: tuple[int, ...]

    def sizes(self, width_px: int, height_px: int) -> list[tuple[int, int]]:
        sizes = [(width_px, height_px)]
        for factor in self.factors:
            width_px, height_px = max(1, width_px // factor), max(1, height_px // factor)
            sizes.append((width_px, height_px))
        return sizes


class _Descent:
    """Walks the pyramid depth first: a coarse tile is made of the finer ones just written below it."""

    def __init__(
        self, stream: TiffStream, levels: list[list[Page]], scan: Scan, encoder: TileEncoder, pyramid: Pyramid,
        blank: int, progress: Progress | None,
    ) -> None:
        self._stream, self._levels, self._scan, self._encoder = stream, levels, scan, encoder
        self._pyramid, self._blank, self._progress = pyramid, blank, progress
        self._done = 0
        self._shared: dict[tuple[int, int], tuple[int, int]] = {}

    def run(self, workers: int) -> None:
        squares = list(self._order())
        with _pool(workers) as pool:
            drawn = _in_order(pool, squares, workers)
            top = len(self._levels) - 1
            page = self._levels[top][0]
            if top == 0:
                for _ in squares:
                    self._leaf(drawn)
                return
            for row in range(page.rows):
                for column in range(page.columns):
                    self._tile(top, row, column, drawn)

    def _factor(self) -> int:
        return self._pyramid.factors[0] if self._pyramid.factors else 4

    def _order(self) -> Iterator[_Square]:
        f, t = self._factor(), self._pyramid.tile_px
        if len(self._levels) == 1:
            rows, columns = (-(-n // (t * f)) for n in (self._scan.height_px, self._scan.width_px))
            yield from (self._square(r, c) for r in range(rows) for c in range(columns))
            return
        page = self._levels[-1][0]
        for row in range(page.rows):
            for column in range(page.columns):
                yield from self._squares_below(len(self._levels) - 1, row, column)

    def _squares_below(self, level: int, row: int, column: int) -> Iterator[_Square]:
        if level == 1:
            yield self._square(row, column)
            return
        for r, c in self._children(level, row, column):
            yield from self._squares_below(level - 1, r, c)

    def _children(self, level: int, row: int, column: int) -> list[tuple[int, int]]:
        f = self._pyramid.factors[level - 1]
        page = self._levels[level - 1][0]
        return [
            (r, c)
            for r in range(row * f, min((row + 1) * f, page.rows))
            for c in range(column * f, min((column + 1) * f, page.columns))
        ]

    def _square(self, row: int, column: int) -> _Square:
        return _Square(self._scan, self._encoder, self._pyramid.tile_px, self._factor(), row, column, self._blank)

    def _leaf(self, drawn: Iterator[tuple[list[tuple[int, int, list[bytes]]], Array]]) -> Array:
        tiles, pixels = next(drawn)
        for row, column, encoded in tiles:
            for page, one in zip(self._levels[0], encoded, strict=True):
                self._stream.put(page, row, column, one)
        self._done += len(tiles)
        if self._progress:
            page = self._levels[0][0]
            self._progress(self._done, page.rows * page.columns)
        return pixels

    def _tile(
        self, level: int, row: int, column: int, drawn: Iterator[tuple[list[tuple[int, int, list[bytes]]], Array]]
    ) -> Array:
        t = self._pyramid.tile_px
        if level == 1:
            pixels = self._leaf(drawn)
        else:
            f = self._pyramid.factors[level - 1]
            pixels = None
            for r, c in self._children(level, row, column):
                small = shrink(self._tile(level - 1, r, c, drawn), f)
                if pixels is None:
                    pixels = np.full((small.shape[0], t, t, small.shape[3]), self._blank, small.dtype)
                y, x = (r - row * f) * (t // f), (c - column * f) * (t // f)
                pixels[:, y : y + t // f, x : x + t // f] = small
            assert pixels is not None
        for page, plane in zip(self._levels[level], pixels, strict=True):
            self._stream.put(page, row, column, self._encoder.frame(plane))
        return pixels


def _pool(workers: int) -> "ProcessPoolExecutor | nullcontext[None]":
    if workers <= 1:
        return nullcontext()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _in_order(
    pool: ProcessPoolExecutor | None, squares: list[_Square], workers: int
) -> Iterator[tuple[list[tuple[int, int, list[bytes]]], Array]]:
    """Results in the order of the squares, with only a few squares in flight."""
    if pool is None:
        yield from (square.draw() for square in squares)
        return
    waiting: list[Future[tuple[list[tuple[int, int, list[bytes]]], Array]]] = []
    for square in squares:
        waiting.append(pool.submit(_draw, square))
        if len(waiting) > 2 * workers:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def write_svs(
    path: Path, scan: Scan, slide: SyntheticSlide, *, jpeg: JpegOptions | None = None, tile_px: int = 256,
    factors: tuple[int, ...] = (4, 4), workers: int = 1, label_text: str | None = None,
    progress: Progress | None = None,
) -> None:
    """An Aperio SVS file: pyramid, thumbnail, label and macro, ICC profile, vendor tags in ImageDescription.

    `slide` gives scale, scanner, and the looks of macro and thumbnail; `scan` the pixels. `label_text` is
    printed on the label (a made-up number by default).
    """
    jpeg = jpeg or JpegOptions(slide.scanner.quality)
    big = _is_big(scan.width_px, scan.height_px)
    sizes = Pyramid(tile_px, factors).sizes(scan.width_px, scan.height_px)
    pages = [
        _jpeg_page(size, tile_px, jpeg, _aperio_text(slide, sizes[0], size, tile_px, jpeg), slide, first=not k)
        for k, size in enumerate(sizes)
    ]
    for page in pages:
        page.subfile = 0
    with TiffStream(path, big=big) as stream:
        _Descent(stream, [[p] for p in pages], scan, jpeg, Pyramid(tile_px, factors), 255, progress).run(workers)
        overview = _overview(slide, scan)
        thumbnail = _strip_page(stream, overview, jpeg, _aperio_thumbnail_text(slide, sizes[0], overview))
        text = label_text or f"SYN-{slide.seed:06d}"
        label = _lzw_page(stream, _label_image(text), "label")
        macro = _strip_page(stream, _macro_image(overview, text), jpeg, None)
        macro.description = f"Aperio Image Library v12.0.15 \nmacro {macro.width_px}x{macro.height_px}"
        macro.subfile = 9
        stream.finish([pages[0], thumbnail, *pages[1:], label, macro])


def write_tiff(
    path: Path, scan: Scan, slide: SyntheticSlide, *, jpeg: JpegOptions | None = None, tile_px: int = 256,
    factors: tuple[int, ...] = (2, 2, 2, 2), workers: int = 1, progress: Progress | None = None,
) -> None:
    """A generic pyramidal BigTIFF: JPEG tiles, reduced-resolution pages in the main chain, resolution in px/cm."""
    jpeg = jpeg or JpegOptions(slide.scanner.quality)
    sizes = Pyramid(tile_px, factors).sizes(scan.width_px, scan.height_px)
    pages = [_jpeg_page(size, tile_px, jpeg, None, slide, first=not k) for k, size in enumerate(sizes)]
    with TiffStream(path, big=True) as stream:
        _Descent(stream, [[p] for p in pages], scan, jpeg, Pyramid(tile_px, factors), 255, progress).run(workers)
        stream.finish(pages)


def write_ome_tiff(
    path: Path, slide: SyntheticSlide, *, tile_px: int = 256, factors: tuple[int, ...] = (2, 2, 2),
    jpeg: JpegOptions | None = None, workers: int = 1, progress: Progress | None = None,
) -> None:
    """An OME-TIFF with all planes and channels, coarser levels as SubIFDs.

    Fluorescence is written as 16-bit deflate, brightfield as JPEG (or losslessly with `jpeg` None).
    OME-TIFF specification 6.3, OME schema 2016-06.
    """
    fluorescent = slide.modality is Modality.FLUORESCENCE
    encoder: TileEncoder = jpeg if jpeg is not None and not fluorescent else DeflateOptions()
    sizes = Pyramid(tile_px, factors).sizes(slide.width_px, slide.height_px)
    planes = len(slide.planes_um)
    pages = [[_ome_pages(sizes, tile_px, encoder, fluorescent) for _ in range(slide.channel_count)] for _ in range(planes)]
    pages[0][0].description = _ome_xml(slide, path.name)
    blank = 0 if fluorescent else 255
    per_plane = pages[0][0].rows * pages[0][0].columns
    with TiffStream(path, big=_is_big(slide.width_px * planes, slide.height_px)) as stream:
        for plane in range(planes):
            levels = [[channel if k == 0 else channel.children[k - 1] for channel in pages[plane]] for k in range(len(sizes))]
            told = None if progress is None else _shifted(progress, plane * per_plane, planes * per_plane)
            _Descent(stream, levels, SlideScan(slide, plane), encoder, Pyramid(tile_px, factors), blank, told).run(workers)
        stream.finish([page for plane in pages for page in plane])


def write_tile_bank(
    path: Path, slide: SyntheticSlide, size_px: tuple[int, int], *, distinct: int = 64, tile_px: int = 256,
    factors: tuple[int, ...] = (4, 4), jpeg: JpegOptions | None = None, share_bytes: bool = False,
    progress: Progress | None = None,
) -> None:
    """A very large SVS in little time: few distinct tiles, laid by hash, each encoded once.

    Each tile is written in full, so the file has the length of a real one; with `share_bytes` equal tiles
    share one place in the file, which keeps an index of hundreds of thousands of frames in a few megabytes.
    """
    jpeg = jpeg or JpegOptions(80, "422")
    scan = BankScan(slide, tile_px, distinct, *size_px)
    sizes = Pyramid(tile_px, factors).sizes(*size_px)
    pages = [
        _jpeg_page(size, tile_px, jpeg, _aperio_text(slide, sizes[0], size, tile_px, jpeg), slide, first=not k)
        for k, size in enumerate(sizes)
    ]
    for page in pages:
        page.subfile = 0
    with TiffStream(path, big=_is_big(*size_px)) as stream:
        _lay_bank(stream, pages, scan, jpeg, share_bytes, factors, progress)
        stream.finish(pages)


def _lay_bank(
    stream: TiffStream, pages: list[Page], scan: BankScan, jpeg: JpegOptions, share_bytes: bool,
    factors: tuple[int, ...], progress: Progress | None,
) -> None:
    tiles = [scan.tile(number)[None] for number in range(scan.distinct)]
    scale = 1
    for level, page in enumerate(pages):
        scale *= factors[level - 1] if level else 1
        small = [np.ascontiguousarray(shrink(tile, scale)[0]) for tile in tiles]
        encoded = [jpeg.frame(tile) for tile in small] if level == 0 else []
        written: dict[int, tuple[int, int]] = {}
        for row in range(page.rows):
            columns = np.arange(page.columns * scale)
            for column in range(page.columns):
                if level == 0:
                    number = scan.number(row, column)
                    if not share_bytes or number not in written:
                        written[number] = stream.append(encoded[number])
                    stream.place(page, row, column, written[number])
                    continue
                key = row % 4 * 4 + column % 4 if share_bytes else -1
                if key < 0 or key not in written:
                    where = stream.append(jpeg.frame(_mosaic(scan, small, row * scale, columns[column * scale :][:scale])))
                    written[key] = where
                stream.place(page, row, column, written[key])
            if progress and level == 0:
                progress((row + 1) * page.columns, page.rows * page.columns)


def _mosaic(scan: BankScan, small: list[Array], row: int, columns: Array) -> Array:
    count = len(columns)
    rows = np.arange(row, row + count)
    numbers = mix(np.broadcast_to(columns, (count, count)), np.broadcast_to(rows[:, None], (count, count)), scan.slide.seed)
    lines = [np.concatenate([small[int(n) % scan.distinct] for n in line], axis=1) for line in numbers]
    return np.concatenate(lines)


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)


def _is_big(width_px: int, height_px: int) -> bool:
    """Classic TIFF ends at 4 GiB; 0.4 bytes a pixel is a safe guess for tissue."""
    return width_px * height_px * 0.4 > 3.5e9


def _jpeg_page(
    size: tuple[int, int], tile_px: int, jpeg: JpegOptions, text: str | None, slide: SyntheticSlide, *, first: bool
) -> Page:
    return Page(
        *size,
        tile_px,
        photometric=jpeg.photometric,
        subsampling=_SUBSAMPLING[jpeg.subsampling],
        tables=jpeg.tables(),
        description=text,
        icc_profile=_srgb_profile(),
        spacing_um=slide.spacing_um * (1 if first else 0) or None,
        subfile=0 if first else 1,
    )


def _ome_pages(sizes: list[tuple[int, int]], tile_px: int, encoder: TileEncoder, fluorescent: bool) -> Page:
    pages = []
    for k, size in enumerate(sizes):
        page = Page(*size, tile_px, samples=1 if fluorescent else 3, bits=16 if fluorescent else 8, subfile=int(k > 0))
        if isinstance(encoder, JpegOptions):
            page.photometric, page.subsampling = encoder.photometric, _SUBSAMPLING[encoder.subsampling]
            page.tables = encoder.tables()
        else:
            page.compression, page.photometric = "deflate", "grey" if fluorescent else "rgb"
        pages.append(page)
    pages[0].children = pages[1:]
    return pages[0]


def _strip_page(stream: TiffStream, pixels: Array, jpeg: JpegOptions, text: str | None) -> Page:
    plain = JpegOptions(jpeg.quality, "444")
    page = Page(
        pixels.shape[1], pixels.shape[0], None, subsampling=(1, 1), tables=plain.tables(), description=text
    )
    stream.put(page, 0, 0, plain.frame(pixels))
    return page


def _lzw_page(stream: TiffStream, pixels: Array, name: str) -> Page:
    height, width = pixels.shape[:2]
    page = Page(width, height, None, compression="lzw", photometric="rgb")
    page.description = f"Aperio Image Library v12.0.15 \n{name} {width}x{height}"
    page.subfile = 1
    stream.put(page, 0, 0, bytes(imagecodecs.lzw_encode(np.ascontiguousarray(pixels).tobytes())))
    return page


def _aperio_text(
    slide: SyntheticSlide, full: tuple[int, int], size: tuple[int, int], tile_px: int, jpeg: JpegOptions
) -> str:
    kind = "JPEG/RGB" if jpeg.rgb else "JPEG/YCC"
    arrow = "" if size == full else f" -> {size[0]}x{size[1]}"
    head = (
        f"Aperio Image Library v12.0.15 \r\n{full[0]}x{full[1]} [0,0 {full[0]}x{full[1]}] "
        f"({tile_px}x{tile_px}){arrow} {kind} Q={jpeg.quality}"
    )
    power = round(10 / slide.spacing_um)
    stain = f"IHC {slide.marker}" if slide.marker else "H&E"
    return (
        f"{head}|AppMag = {power}|MPP = {slide.spacing_um:.6f}|ScanScope ID = SYNTH{slide.seed % 1000:03d}"
        f"|Filename = synthetic-{slide.seed}|Date = 01/15/26|Time = 10:30:00|Time Zone = GMT+00:00"
        f"|User = synthetic|Title = {slide.tissue.value} {stain}|ICC Profile = sRGB|OriginalWidth = {full[0]}"
        f"|OriginalHeight = {full[1]}"
    )


def _aperio_thumbnail_text(slide: SyntheticSlide, full: tuple[int, int], overview: Array) -> str:
    return (
        f"Aperio Image Library v12.0.15 \r\n{full[0]}x{full[1]} -> {overview.shape[1]}x{overview.shape[0]} - "
        f"|AppMag = {round(10 / slide.spacing_um)}|MPP = {slide.spacing_um:.6f}"
    )


def _ome_xml(slide: SyntheticSlide, name: str) -> str:
    fluorescent = slide.modality is Modality.FLUORESCENCE
    planes = slide.planes_um
    step = abs(planes[1] - planes[0]) if len(planes) > 1 else 1.0
    if fluorescent:
        channels = "".join(
            f'<Channel ID="Channel:0:{k}" Name={quoteattr(m.name)} SamplesPerPixel="1" Color="{_ome_colour(m.colour)}" '
            f'ExcitationWavelength="{m.excitation_nm}" ExcitationWavelengthUnit="nm" '
            f'EmissionWavelength="{m.emission_nm}" EmissionWavelengthUnit="nm"/>'
            for k, m in enumerate(MARKERS[: slide.channel_count])
        )
        kind, size_c = "uint16", slide.channel_count
    else:
        channels, kind, size_c = '<Channel ID="Channel:0:0" SamplesPerPixel="3"/>', "uint8", 3
    places = "".join(
        f'<Plane TheZ="{z}" TheC="{c}" TheT="0" PositionZ="{height}" PositionZUnit="µm"/>'
        for z, height in enumerate(planes)
        for c in range(slide.channel_count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='
        '"http://www.openmicroscopy.org/Schemas/OME/2016-06 '
        'http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd">'
        f'<Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="{10 / slide.spacing_um:g}"/>'
        f'</Instrument><Image ID="Image:0" Name={quoteattr(name)}><ObjectiveSettings ID="Objective:0"/>'
        f'<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="{kind}" BigEndian="false" Interleaved="true" '
        f'SizeX="{slide.width_px}" SizeY="{slide.height_px}" SizeC="{size_c}" SizeZ="{len(planes)}" SizeT="1" '
        f'PhysicalSizeX="{slide.spacing_um}" PhysicalSizeXUnit="µm" PhysicalSizeY="{slide.spacing_um}" '
        f'PhysicalSizeYUnit="µm" PhysicalSizeZ="{step}" PhysicalSizeZUnit="µm">{channels}<TiffData/>{places}'
        "</Pixels></Image></OME>"
    )


def _ome_colour(colour: str) -> int:
    """OME keeps colour as a signed 32-bit RGBA number."""
    value = int(colour[1:], 16) << 8 | 0xFF
    return value - (1 << 32) if value >= 1 << 31 else value


@lru_cache(maxsize=1)
def _srgb_profile() -> bytes:
    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def _overview(slide: SyntheticSlide, scan: Scan) -> Array:
    """The whole scan at about 900 px, drawn at its own scale."""
    if isinstance(scan, BankScan):
        return np.full((600, 600, 3), 230, np.uint8)
    factor = max(1, -(-max(slide.width_px, slide.height_px) // 900))
    return slide.render(0, 0, max(1, slide.width_px // factor), max(1, slide.height_px // factor), downsample=factor)


def _label_image(text: str) -> Array:
    image = Image.new("RGB", (400, 420), (250, 250, 246))
    draw = ImageDraw.Draw(image)
    draw.rectangle((14, 14, 386, 406), outline=(60, 60, 60), width=2)
    draw.text((36, 40), text, fill=(20, 20, 20), font_size=44)
    draw.text((36, 110), "HEMALUM SYNTHETIC", fill=(60, 60, 60), font_size=30)
    draw.text((36, 160), "not from a patient", fill=(60, 60, 60), font_size=26)
    bits = mix(np.arange(196), np.zeros(196, int), sum(map(ord, text)))
    for k, bit in enumerate(bits):
        if bit & 1:
            x, y = 36 + k % 14 * 13, 215 + k // 14 * 13
            draw.rectangle((x, y, x + 12, y + 12), fill=(15, 15, 15))
    return np.asarray(image)


def _macro_image(overview: Array, text: str) -> Array:
    """The whole glass: label to the left, tissue to the right, a shadow along the coverslip."""
    glass = Image.new("RGB", (1280, 431), (228, 230, 232))
    label = Image.fromarray(_label_image(text)).resize((380, 399))
    glass.paste(label.rotate(-90, expand=True).resize((380, 400)), (12, 15))
    tissue = Image.fromarray(overview)
    scale = min(780 / tissue.width, 380 / tissue.height)
    tissue = tissue.resize((max(1, int(tissue.width * scale)), max(1, int(tissue.height * scale))))
    glass.paste(tissue, (440 + (780 - tissue.width) // 2, 25 + (380 - tissue.height) // 2))
    ImageDraw.Draw(glass).rectangle((425, 12, 1262, 418), outline=(196, 200, 204), width=2)
    return np.asarray(glass)


def write_png(path: Path, pixels: Array) -> None:
    """An 8-bit image as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())
