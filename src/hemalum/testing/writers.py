"""Synthetic slides into files: Aperio SVS, generic pyramidal TIFF, OME-TIFF. Streamed, in flat memory.

Every writer renders level 0 once, in small squares, and averages coarser levels from what it has just drawn,
so a file's levels agree with each other exactly.
"""

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import imagecodecs
import numpy as np
import simplejpeg
from PIL import ImageCms

from hemalum.formats.dicom.series import write_series
from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.kernel.errors import Invalid
from hemalum.testing.synth.descent import Descent, Progress, Pyramid, Scan, TileEncoder, shrink, worker_pool
from hemalum.testing.synth.glass import label_image, macro_image
from hemalum.testing.synth.noise import Array, mix
from hemalum.testing.synth.slide import Modality, SyntheticSlide
from hemalum.testing.synth.tiff_headers import aperio_text, aperio_thumbnail_text, ome_xml
from hemalum.testing.synth.tiff_stream import Page, TiffStream, split_jpeg

__all__ = [
    "BankScan",
    "DeflateOptions",
    "JpegOptions",
    "Pyramid",
    "Scan",
    "SlideScan",
    "worker_pool",
    "write_dicom",
    "write_ome_tiff",
    "write_svs",
    "write_tiff",
    "write_tile_bank",
]

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

    @property
    def aperio_name(self) -> str:
        """What Aperio calls it in ImageDescription."""
        return "JPEG/RGB" if self.rgb else "JPEG/YCC"

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

    level: int = 3

    def frame(self, pixels: Array) -> bytes:
        return bytes(imagecodecs.zlib_encode(np.ascontiguousarray(pixels).tobytes(), level=self.level))


@dataclass(frozen=True)
class SlideScan:
    """All planes and channels of a synthetic slide as a `Scan`."""

    slide: SyntheticSlide

    @property
    def width_px(self) -> int:
        return self.slide.width_px

    @property
    def height_px(self) -> int:
        return self.slide.height_px

    def read(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Array:
        return self.slide.render_all(x_px, y_px, width_px, height_px)


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
        rows, columns = (
            range(y_px // t, -(-(y_px + height_px) // t)),
            range(x_px // t, -(-(x_px + width_px) // t)),
        )
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


def write_svs(
    path: Path,
    scan: Scan,
    slide: SyntheticSlide,
    *,
    jpeg: JpegOptions | None = None,
    tile_px: int = 256,
    factors: tuple[int, ...] = (4, 4),
    pool: Executor | None = None,
    label_text: str | None = None,
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
        _jpeg_page(
            size,
            tile_px,
            jpeg,
            aperio_text(slide, sizes[0], size, tile_px, jpeg.aperio_name, jpeg.quality),
            slide,
            first=not k,
        )
        for k, size in enumerate(sizes)
    ]
    for page in pages:
        page.subfile = 0
    with TiffStream(path, big=big) as stream:
        Descent(stream, [[p] for p in pages], scan, jpeg, Pyramid(tile_px, factors), 255, progress).run(pool)
        overview = _overview(slide, scan)
        thumbnail = _strip_page(stream, overview, jpeg, aperio_thumbnail_text(slide, sizes[0], overview))
        text = label_text or f"SYN-{slide.seed:06d}"
        label = _lzw_page(stream, label_image(text), "label")
        macro = _strip_page(stream, macro_image(overview, text), jpeg, None)
        macro.description = f"Aperio Image Library v12.0.15 \nmacro {macro.width_px}x{macro.height_px}"
        macro.subfile = 9
        stream.finish([pages[0], thumbnail, *pages[1:], label, macro])


def write_tiff(
    path: Path,
    scan: Scan,
    slide: SyntheticSlide,
    *,
    jpeg: JpegOptions | None = None,
    tile_px: int = 256,
    factors: tuple[int, ...] = (2, 2, 2, 2),
    pool: Executor | None = None,
    progress: Progress | None = None,
) -> None:
    """A generic pyramidal BigTIFF: JPEG tiles, reduced-resolution pages in the main chain, px/cm."""
    jpeg = jpeg or JpegOptions(slide.scanner.quality)
    sizes = Pyramid(tile_px, factors).sizes(scan.width_px, scan.height_px)
    pages = [_jpeg_page(size, tile_px, jpeg, None, slide, first=not k) for k, size in enumerate(sizes)]
    with TiffStream(path, big=True) as stream:
        Descent(stream, [[p] for p in pages], scan, jpeg, Pyramid(tile_px, factors), 255, progress).run(pool)
        stream.finish(pages)


def write_ome_tiff(
    path: Path,
    slide: SyntheticSlide,
    *,
    tile_px: int = 256,
    factors: tuple[int, ...] = (2, 2, 2),
    jpeg: JpegOptions | None = None,
    pool: Executor | None = None,
    progress: Progress | None = None,
) -> None:
    """An OME-TIFF with all planes and channels, coarser levels as SubIFDs.

    Fluorescence is written as 16-bit deflate, brightfield as JPEG (or losslessly with `jpeg` None).
    OME-TIFF specification 6.3, OME schema 2016-06.
    """
    fluorescent = slide.modality is Modality.FLUORESCENCE
    encoder: TileEncoder = jpeg if jpeg is not None and not fluorescent else DeflateOptions()
    sizes = Pyramid(tile_px, factors).sizes(slide.width_px, slide.height_px)
    count = len(slide.planes_um) * slide.channel_count
    pages = [_ome_pages(sizes, tile_px, encoder, fluorescent) for _ in range(count)]
    pages[0].description = ome_xml(slide, path.name)
    levels = [pages, *([page.children[k] for page in pages] for k in range(len(factors)))]
    blank = 0 if fluorescent else 255
    with TiffStream(path, big=_is_big(slide.width_px * count, slide.height_px)) as stream:
        Descent(stream, levels, SlideScan(slide), encoder, Pyramid(tile_px, factors), blank, progress).run(
            pool
        )
        stream.finish(pages)


def write_dicom(
    folder: Path,
    scan: Scan,
    slide: SyntheticSlide,
    *,
    jpeg: JpegOptions | None = None,
    tile_px: int = 256,
    pool: Executor | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """A DICOM VL whole slide microscopy series in a new or empty folder, one file for each level.

    Written first as SVS beside it, then repackaged without encoding again. Brightfield, one plane.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".making-") as making:
        path = Path(making) / f"{folder.name}.svs"
        write_svs(path, scan, slide, jpeg=jpeg, tile_px=tile_px, pool=pool, progress=progress)
        with open_slide(path) as opened:
            if not isinstance(opened, IndexedSlide):
                raise Invalid("The synthetic slide has no independent tiles, so it cannot become DICOM.")
            return write_series(opened, folder)


def write_tile_bank(
    path: Path,
    slide: SyntheticSlide,
    size_px: tuple[int, int],
    *,
    distinct: int = 64,
    tile_px: int = 256,
    factors: tuple[int, ...] = (4, 4),
    jpeg: JpegOptions | None = None,
    share_bytes: bool = False,
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
        _jpeg_page(
            size,
            tile_px,
            jpeg,
            aperio_text(slide, sizes[0], size, tile_px, jpeg.aperio_name, jpeg.quality),
            slide,
            first=not k,
        )
        for k, size in enumerate(sizes)
    ]
    for page in pages:
        page.subfile = 0
    with TiffStream(path, big=_is_big(*size_px)) as stream:
        _lay_bank(stream, pages, scan, jpeg, share_bytes, factors, progress)
        stream.finish(pages)


def _lay_bank(
    stream: TiffStream,
    pages: list[Page],
    scan: BankScan,
    jpeg: JpegOptions,
    share_bytes: bool,
    factors: tuple[int, ...],
    progress: Progress | None,
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
                    where = stream.append(
                        jpeg.frame(_mosaic(scan, small, row * scale, columns[column * scale :][:scale]))
                    )
                    written[key] = where
                stream.place(page, row, column, written[key])
            if progress and level == 0:
                progress((row + 1) * page.columns, page.rows * page.columns)


def _mosaic(scan: BankScan, small: list[Array], row: int, columns: Array) -> Array:
    count = len(columns)
    rows = np.arange(row, row + count)
    numbers = mix(
        np.broadcast_to(columns, (count, count)),
        np.broadcast_to(rows[:, None], (count, count)),
        scan.slide.seed,
    )
    lines = [np.concatenate([small[int(n) % scan.distinct] for n in line], axis=1) for line in numbers]
    return np.concatenate(lines)


def _is_big(width_px: int, height_px: int) -> bool:
    """Classic TIFF ends at 4 GiB; 0.4 bytes a pixel is a safe guess for tissue."""
    return width_px * height_px * 0.4 > 3.5e9


def _jpeg_page(
    size: tuple[int, int],
    tile_px: int,
    jpeg: JpegOptions,
    text: str | None,
    slide: SyntheticSlide,
    *,
    first: bool,
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
        page = Page(
            *size, tile_px, samples=1 if fluorescent else 3, bits=16 if fluorescent else 8, subfile=int(k > 0)
        )
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


@lru_cache(maxsize=1)
def _srgb_profile() -> bytes:
    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def _overview(slide: SyntheticSlide, scan: Scan) -> Array:
    """The whole scan at about 900 px, drawn at its own scale."""
    if isinstance(scan, BankScan):
        return np.full((600, 600, 3), 230, np.uint8)
    factor = max(1, -(-max(slide.width_px, slide.height_px) // 900))
    return slide.render(
        0, 0, max(1, slide.width_px // factor), max(1, slide.height_px // factor), downsample=factor
    )
