"""Small slides in every format that is read, each with the pixels it was made from.

Each maker writes into a folder and returns a `SampleSlide`. They write through tifffile, Pillow, imagecodecs
and pydicom, never through this project's own readers, so that what a reader says can be compared with what
was meant. The picture is pink and violet on white, so that a confusion of RGB and YCbCr cannot hide.
"""

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import tifffile
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid

TILE_PX = 128
WIDTH_PX, HEIGHT_PX = 612, 436
SPACING_UM = 0.5
LOSSY_TOLERANCE = 5.0
"""Mean difference, of 255, that compression may make in the picture; wrong colour makes 40 and more."""

_APP0, _APP14, _SOF0, _SOS = 0xE0, 0xEE, 0xC0, 0xDA
_WHOLE_SLIDE_IMAGE = "1.2.840.10008.5.1.4.1.1.77.1.6"


@dataclass(frozen=True, eq=False)
class SampleSlide:
    """Files of one slide and the truth about them."""

    paths: tuple[Path, ...]
    levels: tuple[NDArray[Any], ...]
    """Finest first, each (planes, channels, height, width, samples)."""
    tolerance: float = 0.0
    """Mean absolute difference from the truth that the compression may make."""
    spacing_um: float | None = SPACING_UM

    @property
    def path(self) -> Path:
        """The one file, or the first of several."""
        return self.paths[0]


def picture(height: int = HEIGHT_PX, width: int = WIDTH_PX, seed: int = 0) -> NDArray[np.uint8]:
    """Pink tissue with violet dots on white: (height, width, 3) RGB, the same for the same seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    waves = np.zeros((height, width), np.float32)
    for _ in range(6):
        fx, fy, phase = rng.uniform(0.005, 0.04), rng.uniform(0.005, 0.04), rng.uniform(0, 6.28)
        waves += np.sin(fx * x + fy * y + phase)
    tissue = np.clip(waves / 3 + 0.6, 0, 1)[..., np.newaxis]
    pixels = 255 - tissue * np.array([35, 120, 70], np.float32)
    for _ in range(max(1, height * width // 900)):
        cy, cx, radius = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(3, 6)
        top, left = max(0, int(cy - 8)), max(0, int(cx - 8))
        window = np.s_[top : top + 17, left : left + 17]
        near = np.hypot(y[window] - cy, x[window] - cx) < radius
        pixels[window][near] = np.array([96, 52, 140], np.float32)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def halved(pixels: NDArray[Any], factor: int = 2) -> NDArray[Any]:
    """Box mean over `factor` x `factor` pixels of (height, width, samples); what is left over is dropped."""
    height, width = (length // factor for length in pixels.shape[:2])
    whole = pixels[: height * factor, : width * factor].astype(np.float64)
    mean = whole.reshape(height, factor, width, factor, -1).mean(axis=(1, 3))
    return np.rint(mean).astype(pixels.dtype) if pixels.dtype.kind == "u" else mean.astype(pixels.dtype)


def svs_ycbcr(folder: Path, label: NDArray[np.uint8] | None = None) -> SampleSlide:
    """Aperio SVS as most scanners write it: JPEG 4:2:2 YCbCr, one set of tables for all tiles of a level."""
    return _svs(folder / "ycbcr.svs", _jpeg_ycbcr, 7, 6, _jpeg_tables, label)


def svs_rgb(folder: Path) -> SampleSlide:
    """Aperio SVS whose JPEG tiles hold RGB and nowhere say so: the colour trap (as CMU-1-Small-Region)."""
    return _svs(folder / "rgb.svs", _jpeg_rgb, 7, 2, _jpeg_tables)


def svs_jpeg2000(folder: Path, *, ycbcr: bool) -> SampleSlide:
    """Aperio SVS with JPEG 2000 tiles: YCbCr components (33003) or RGB (33005)."""
    encode = _jpeg2000_ycbcr if ycbcr else _jpeg2000_rgb
    path = folder / ("j2k_ycbcr.svs" if ycbcr else "j2k_rgb.svs")
    return _svs(path, encode, 33003 if ycbcr else 33005, 2, None)


def tiled_tiff(
    folder: Path,
    compression: str = "deflate",
    *,
    predictor: bool = False,
    dtype: str = "uint8",
    big: bool = False,
    byteorder: str = "<",
    sub_directories: bool = False,
) -> SampleSlide:
    """A generic pyramidal TIFF: RGB for uint8, grey for other types; levels as pages or in SubIFDs."""
    finest: NDArray[Any] = picture()
    if dtype != "uint8":
        finest = (finest[:, :, 1:2].astype(np.float64) * (200 if dtype == "uint16" else 0.37)).astype(dtype)
    levels = [finest, halved(finest), halved(finest, 4)]
    name = f"{compression}-{dtype}{'-p' * predictor}{'-big' * big}{'-be' * (byteorder == '>')}"
    path = folder / f"{name}{'-sub' * sub_directories}.tiff"
    with tifffile.TiffWriter(path, bigtiff=big, byteorder=byteorder) as writer:
        for number, level in enumerate(levels):
            scale = 10_000 / (SPACING_UM * 2**number)
            writer.write(
                level if level.shape[2] == 3 else level[:, :, 0],
                tile=(TILE_PX, TILE_PX),
                photometric="rgb" if level.shape[2] == 3 else "minisblack",
                compression=None if compression == "none" else compression,
                predictor=predictor or None,
                resolution=(scale, scale),
                resolutionunit="CENTIMETER",
                subfiletype=1 if number else 0,
                subifds=2 if sub_directories and number == 0 else None,
                metadata=None,
            )
    return SampleSlide((path,), tuple(level[np.newaxis, np.newaxis] for level in levels))


def tiled_tiff_past_4_gib(folder: Path) -> SampleSlide:
    """A BigTIFF whose tiles all lie past 5 GiB; the file is sparse and takes up little."""
    sample = tiled_tiff(folder, "deflate", big=True)
    content = sample.path.read_bytes()
    gap = 5 << 30
    with sample.path.open("r+b") as file:
        file.seek(gap)
        file.write(content)
    with tifffile.TiffFile(sample.path, mode="r+b") as tiff:
        for page in tiff.pages:
            offsets = page.tags["TileOffsets"]
            offsets.overwrite([offset + gap for offset in offsets.value])
    return sample


def jpeg_tiff(folder: Path, *, ycbcr: bool) -> SampleSlide:
    """A generic TIFF of whole JPEG streams without tables; RGB ones do not say that they are RGB."""
    encode, photometric = (_jpeg_ycbcr, 6) if ycbcr else (_jpeg_rgb, 2)
    path = folder / ("jpeg_ycbcr.tiff" if ycbcr else "jpeg_rgb.tiff")
    levels = [picture(), halved(picture())]
    with tifffile.TiffWriter(path) as writer:
        for number, level in enumerate(levels):
            _write_frames(writer, level, encode, 7, photometric, subfiletype=1 if number else 0)
    truth = tuple(level[np.newaxis, np.newaxis] for level in levels)
    return SampleSlide((path,), truth, LOSSY_TOLERANCE, None)


def ome_tiff(folder: Path) -> SampleSlide:
    """OME-TIFF: 16 bit, three focal planes, two channels, deflated tiles, one lower level in SubIFDs."""
    grey = picture()[:, :, 1].astype(np.uint16)
    stack = np.stack([np.stack([grey * (10 + z), 4000 - grey * (3 + z)]) for z in range(3)]).astype(np.uint16)
    lower = np.stack([[halved(c[..., np.newaxis])[..., 0] for c in plane] for plane in stack])
    path = folder / "zc.ome.tiff"
    metadata: dict[str, Any] = {
        "axes": "ZCYX",
        "PhysicalSizeX": SPACING_UM,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": SPACING_UM,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": 1.5,
        "PhysicalSizeZUnit": "µm",
        "Channel": {"Name": ["DAPI", "CD3"]},
    }
    options: dict[str, Any] = {"tile": (TILE_PX, TILE_PX), "compression": "deflate", "predictor": True}
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(stack, subifds=1, photometric="minisblack", metadata=metadata, **options)
        writer.write(lower, subfiletype=1, photometric="minisblack", **options)
    return SampleSlide((path,), (stack[..., np.newaxis], lower[..., np.newaxis]))


def ome_tiff_rgb(folder: Path) -> SampleSlide:
    """OME-TIFF of brightfield: RGB, JPEG tiles, SubIFDs."""
    levels = [picture(), halved(picture())]
    path = folder / "rgb.ome.tiff"
    metadata: dict[str, Any] = {
        "axes": "YXS",
        "PhysicalSizeX": SPACING_UM,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": SPACING_UM,
        "PhysicalSizeYUnit": "µm",
    }
    options: dict[str, Any] = {"tile": (TILE_PX, TILE_PX), "compression": "jpeg", "photometric": "rgb"}
    options |= {"compressionargs": {"level": 92}}
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(levels[0], subifds=1, metadata=metadata, **options)
        writer.write(levels[1], subfiletype=1, **options)
    truth = tuple(level[np.newaxis, np.newaxis] for level in levels)
    return SampleSlide((path,), truth, LOSSY_TOLERANCE)


def strip_tiff(folder: Path, dtype: str = "uint8") -> SampleSlide:
    """A TIFF without tiles: LZW strips of RGB, or for other types of two channels on two pages."""
    path = folder / f"strips-{dtype}.tif"
    pixels: NDArray[Any] = picture()[np.newaxis]
    if dtype != "uint8":
        green = picture()[:, :, 1:2].astype(np.float64)
        pixels = np.stack([green * 100, 30_000 - green * 50]).astype(dtype)
    with tifffile.TiffWriter(path) as writer:
        for channel in pixels:
            writer.write(
                channel if dtype == "uint8" else channel[:, :, 0],
                photometric="rgb" if dtype == "uint8" else "minisblack",
                compression="lzw",
                rowsperstrip=32,
                metadata=None,
            )
    return SampleSlide((path,), (pixels[np.newaxis],), spacing_um=None)


def plain_picture(folder: Path, kind: str = "PNG") -> SampleSlide:
    """A PNG, JPEG, WebP (lossless), BMP, JPEG2000 (lossless) or JPEG-LS."""
    path = folder / f"picture.{kind.lower()}"
    truth = (picture()[np.newaxis, np.newaxis],)
    if kind == "JPEG-LS":
        path.write_bytes(imagecodecs.jpegls_encode(picture()))
        return SampleSlide((path,), truth, spacing_um=None)
    choices: dict[str, dict[str, Any]] = {"JPEG": {"quality": 92}, "WEBP": {"lossless": True}}
    options = choices.get(kind, {})
    Image.fromarray(picture()).save(path, kind, **options)
    tolerance = LOSSY_TOLERANCE if kind == "JPEG" else 0.0
    return SampleSlide((path,), truth, tolerance, None)


def dicom_slide(folder: Path, photometric: str = "YBR_FULL_422") -> SampleSlide:
    """DICOM VL whole slide images of two levels, TILED_FULL: YBR_FULL_422 or RGB as JPEG, or native RGB.

    `photometric` "RGB" is JPEG whose components do not say that they are RGB; "native" is uncompressed RGB.
    """
    levels = [picture(), halved(picture())]
    encode = {"YBR_FULL_422": _jpeg_ycbcr, "RGB": _jpeg_rgb}.get(photometric)
    study, series, frame_of_reference = generate_uid(), generate_uid(), generate_uid()
    paths = []
    for number, level in enumerate(levels):
        frames = [_raw(tile) if encode is None else encode(tile) for tile in _tiles(level)]
        dataset = _dicom_header(level, number, len(frames))
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
        dataset.FrameOfReferenceUID = frame_of_reference
        dataset.PhotometricInterpretation = "RGB" if encode is None else photometric
        dataset.PixelData = b"".join(frames) if encode is None else encapsulate(frames, has_bot=True)
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = encode is not None
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.MediaStorageSOPClassUID = _WHOLE_SLIDE_IMAGE
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if encode else ExplicitVRLittleEndian
        paths.append(folder / f"{photometric.lower()}-{number}.dcm")
        pydicom.dcmwrite(paths[-1], dataset, enforce_file_format=True)
    truth = tuple(level[np.newaxis, np.newaxis] for level in levels)
    return SampleSlide(tuple(paths), truth, LOSSY_TOLERANCE if encode else 0.0)


type _Encode = Callable[[NDArray[np.uint8]], bytes]


def _svs(
    path: Path,
    encode: _Encode,
    compression: int,
    photometric: int,
    tables: Callable[[], bytes] | None,
    label: NDArray[np.uint8] | None = None,
) -> SampleSlide:
    """Pages in Aperio's order: finest level, thumbnail, coarser levels, label, macro."""
    finest = picture()
    levels = [finest, halved(finest, 2), halved(finest, 4)]
    said = f"Aperio Image Library v12.0.15\r\n{WIDTH_PX}x{HEIGHT_PX} [0,0 {WIDTH_PX}x{HEIGHT_PX}]"
    said += f" ({TILE_PX}x{TILE_PX}) JPEG/RGB Q=90|AppMag = 20|MPP = {SPACING_UM}|ScanScope ID = SS1234"
    said += "|Date = 03/14/15|Time = 09:26:53"
    shared = tables() if tables else None
    with tifffile.TiffWriter(path) as writer:
        for number, level in enumerate(levels):
            frames = _without_tables(encode) if shared else encode
            _write_frames(
                writer,
                level,
                frames,
                compression,
                photometric,
                jpegtables=shared,
                description=said if number == 0 else said.replace("[0,0", "-> [0,0"),
            )
            if number == 0:
                _write_strips(writer, levels[2], said.split("|")[0])
        label = levels[2] if label is None else label
        _write_strips(writer, label, "Aperio Image Library v12.0.15\r\nlabel 153x109", 1)
        _write_strips(writer, levels[2], "Aperio Image Library v12.0.15\r\nmacro 153x109", 9)
    return SampleSlide((path,), tuple(level[np.newaxis, np.newaxis] for level in levels), LOSSY_TOLERANCE)


def _write_frames(
    writer: tifffile.TiffWriter,
    level: NDArray[np.uint8],
    encode: _Encode,
    compression: int,
    photometric: int,
    **options: Any,
) -> None:
    frames: Iterator[bytes] = (encode(tile) for tile in _tiles(level))
    writer.write(
        frames,
        shape=level.shape,
        dtype=level.dtype,
        tile=(TILE_PX, TILE_PX),
        compression=compression,
        photometric=photometric,
        subsampling=(2, 1) if photometric == 6 else (1, 1),
        compressionargs={"outcolorspace": photometric},
        metadata=None,
        **options,
    )


def _write_strips(
    writer: tifffile.TiffWriter, pixels: NDArray[np.uint8], description: str, subfiletype: int = 0
) -> None:
    writer.write(
        pixels,
        photometric="rgb",
        compression="lzw",
        rowsperstrip=16,
        description=description,
        subfiletype=subfiletype,
        metadata=None,
    )


def _tiles(level: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Tiles row by row; those at the edge are filled up by repeating it."""
    height, width = level.shape[:2]
    padding = ((0, -height % TILE_PX), (0, -width % TILE_PX), (0, 0))
    padded = np.pad(level, padding, mode="edge")
    for top in range(0, height, TILE_PX):
        for left in range(0, width, TILE_PX):
            yield np.ascontiguousarray(padded[top : top + TILE_PX, left : left + TILE_PX])


def _raw(tile: NDArray[np.uint8]) -> bytes:
    return tile.tobytes()


def _jpeg_ycbcr(tile: NDArray[np.uint8]) -> bytes:
    """4:2:2, and no marker that says the colour."""
    return _jpeg(tile, subsampling="4:2:2")


def _jpeg_rgb(tile: NDArray[np.uint8]) -> bytes:
    """RGB components called 0, 1 and 2, and no marker that says so."""
    return _jpeg(tile, keep_rgb=True)


def _jpeg(tile: NDArray[np.uint8], **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(tile).save(buffer, "JPEG", quality=90, **options)
    kept = bytearray(b"\xff\xd8")
    for marker, segment in _segments(buffer.getvalue()):
        if marker in (_APP0, _APP14):
            continue
        kept += _renumbered(segment, 10, 3) if marker == _SOF0 else segment
    return bytes(kept)


def _segments(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker segments; the last one is the scan and all that follows it."""
    position = 2
    while stream[position + 1] != _SOS:
        length = 2 + struct.unpack_from(">H", stream, position + 2)[0]
        yield stream[position + 1], stream[position : position + length]
        position += length
    yield _SOS, _renumbered(stream[position:], 5, 2)


def _renumbered(segment: bytes, first: int, step: int) -> bytes:
    """Component ids "R", "G", "B" become 0, 1, 2; others stay."""
    changed = bytearray(segment)
    for number, letter in enumerate(b"RGB"):
        at = first + step * number
        if changed[at] == letter:
            changed[at] = number
    return bytes(changed)


def _jpeg_tables() -> bytes:
    """Quantisation and Huffman tables alone, as in TIFF tag 347."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "JPEG", quality=90, streamtype=1)
    return buffer.getvalue()


def _without_tables(encode: _Encode) -> _Encode:
    def abbreviated(tile: NDArray[np.uint8]) -> bytes:
        kept = [segment for marker, segment in _segments(encode(tile)) if marker not in (0xDB, 0xC4)]
        return b"\xff\xd8" + b"".join(kept)

    return abbreviated


def _jpeg2000_rgb(tile: NDArray[np.uint8]) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(tile, level=40, codecformat="j2k", mct=False))


def _jpeg2000_ycbcr(tile: NDArray[np.uint8]) -> bytes:
    components = np.asarray(Image.fromarray(tile).convert("YCbCr"))
    return bytes(imagecodecs.jpeg2k_encode(components, level=40, codecformat="j2k", mct=False))


def _dicom_header(level: NDArray[np.uint8], number: int, frames: int) -> Dataset:
    height, width = level.shape[:2]
    spacing_mm = SPACING_UM / 1000 * 2**number
    dataset = Dataset()
    dataset.SOPClassUID = _WHOLE_SLIDE_IMAGE
    dataset.SOPInstanceUID = generate_uid()
    dataset.Modality = "SM"
    dataset.Manufacturer = "Hemalum"
    dataset.ContainerIdentifier = "S26-1"
    dataset.ImageType = ["ORIGINAL" if number == 0 else "DERIVED", "PRIMARY", "VOLUME", "NONE"]
    dataset.DimensionOrganizationType = "TILED_FULL"
    dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.Rows = dataset.Columns = TILE_PX
    dataset.NumberOfFrames = frames
    dataset.TotalPixelMatrixRows, dataset.TotalPixelMatrixColumns = height, width
    dataset.TotalPixelMatrixFocalPlanes = dataset.NumberOfOpticalPaths = 1
    dataset.ImagedVolumeWidth, dataset.ImagedVolumeHeight = width * spacing_mm, height * spacing_mm
    origin, path, measures, groups = Dataset(), Dataset(), Dataset(), Dataset()
    origin.XOffsetInSlideCoordinateSystem = origin.YOffsetInSlideCoordinateSystem = 0.0
    dataset.TotalPixelMatrixOriginSequence = [origin]
    dataset.ImageOrientationSlide = [0.0, -1.0, 0.0, -1.0, 0.0, 0.0]
    path.OpticalPathIdentifier = "1"
    dataset.OpticalPathSequence = [path]
    measures.PixelSpacing = [spacing_mm, spacing_mm]
    measures.SliceThickness = 0.004
    groups.PixelMeasuresSequence = [measures]
    dataset.SharedFunctionalGroupsSequence = [groups]
    return dataset


MAKERS: Sequence[Callable[[Path], SampleSlide]] = (
    svs_ycbcr,
    svs_rgb,
    lambda folder: svs_jpeg2000(folder, ycbcr=True),
    lambda folder: svs_jpeg2000(folder, ycbcr=False),
    tiled_tiff,
    lambda folder: tiled_tiff(folder, "lzw", predictor=True, big=True, sub_directories=True),
    lambda folder: jpeg_tiff(folder, ycbcr=True),
    lambda folder: jpeg_tiff(folder, ycbcr=False),
    ome_tiff,
    ome_tiff_rgb,
    strip_tiff,
    lambda folder: strip_tiff(folder, "float32"),
    plain_picture,
    lambda folder: plain_picture(folder, "JPEG2000"),
    lambda folder: plain_picture(folder, "JPEG-LS"),
    dicom_slide,
    lambda folder: dicom_slide(folder, "RGB"),
)
"""One of each, for tests that go over all formats."""
