"""The files that the benchmarks read: built once under bench-data/, the same on every machine.

The pixels are a seamless procedural field in H&E colours, cut into a bank of 256 px tiles, each compressed
once (JPEG 4:2:2, quality 80, about 14 kB as on a real slide); files of any size repeat the bank. So a file
with 300,000 tiles costs little more than writing it, and its tiles cost a reader as much as real ones.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np
import pydicom
import simplejpeg
import tifffile
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import JPEGBaseline8Bit, VLWholeSlideMicroscopyImageStorage
from scipy import ndimage

from hemalum.testing.synth.tiff_stream import Page, TiffStream
from measure import BENCH_DATA, step

TILE = 256
BANK = 16
"""The bank is BANK x BANK tiles and repeats over the slide."""
SVS_TILES = 160
"""40,960 px: 25,600 tiles in level 0."""
SPARSE_TILES = 391
"""100,096 px: 152,881 tiles in level 0."""
SPARSE_AT = ((64, 64), (192, 256), (320, 128))
"""Row and column of the first tile of each piece of tissue."""
SPARSE_PIECE = 64
"""Tiles along a piece: one tile of the coarsest level, 4.1 mm."""
LIBRARY_TILES = 8
LARGE_TILES = 548
"""140,288 px: 300,304 tiles in level 0."""
_SEED = 20260101
_UM = 0.25


def svs() -> Path:
    """An Aperio SVS of 40,960 x 40,960 px, levels 1, 4 and 16, about 350 MB."""
    return _made("slide-40960.svs", lambda path: _write_svs(path, SVS_TILES))


def large_svs() -> Path:
    """An Aperio SVS (BigTIFF) of 140,288 x 140,288 px: 300,304 tiles in level 0, about 4 GB."""
    return _made("slide-140288.svs", lambda path: _write_svs(path, LARGE_TILES))


def library(count: int) -> Path:
    """A folder of small SVS files (2,048 px), each with other bytes, to fill a library."""
    folder = BENCH_DATA / f"library-{count}"
    for number in range(count):
        name = f"{folder.name}/slide-{number:04}.svs"
        _made(name, lambda path, number=number: _write_svs(path, LIBRARY_TILES, name=f"library {number}"))
    return folder


def sparse(pieces: int) -> Path:
    """A generic TIFF of 100,096 x 100,096 px, levels 1, 4, 16 and 64: one to three pieces of tissue on glass.

    Equal tiles share their bytes, so that it takes a second to write.
    """
    return _made(f"sparse-{pieces}.tiff", lambda path: _write_sparse(path, pieces))


def dicom_folder() -> Path:
    """The same slide as a DICOM series of three instances: 25,600, 1,600 and 100 frames."""
    folder = BENCH_DATA / "dicom-40960"
    for reduction in (1, 4, 16):
        _made(
            f"dicom-40960/level-{reduction}.dcm", lambda path, r=reduction: _write_dicom(path, SVS_TILES, r)
        )
    return folder


def large_dicom() -> Path:
    """One DICOM instance with 300,304 frames and an extended offset table, about 4 GB."""
    return _made("dicom-140288.dcm", lambda path: _write_dicom(path, LARGE_TILES, 1))


def static_tiles() -> Path:
    """A folder with every level-0 tile of `svs()` as a file ROW/COLUMN.jpg, for a static server."""
    folder = BENCH_DATA / "tiles-40960"
    if folder.exists():
        return folder
    partial = BENCH_DATA / "tiles-40960.partial"
    with step("Extracting 25,600 tiles for the static server"), tifffile.TiffFile(svs()) as tiff:
        page = tiff.pages[0]
        tables = page.jpegtables
        handle = tiff.filehandle
        for number, (offset, length) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
            row, column = divmod(number, SVS_TILES)
            handle.seek(offset)
            target = partial / str(row) / f"{column}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tables[:-2] + handle.read(length)[2:])
    partial.rename(folder)
    return folder


def _made(name: str, write: Callable[[Path], object]) -> Path:
    path = BENCH_DATA / name
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    print(f"Building {name}", flush=True)
    write(partial)
    partial.rename(path)
    return path


# Pixels


@dataclass(frozen=True)
class Jpeg:
    """A compressed tile, whole, and as TIFF stores it when the tables are kept once per page."""

    whole: bytes
    abbreviated: bytes
    tables: bytes


@cache
def field() -> NDArray[np.uint8]:
    """The procedural field, (4096, 4096, 3) RGB; its edges meet."""
    return np.asarray(Image.open(_made("field.png", _write_field)))


def _write_field(path: Path) -> None:
    rng = np.random.default_rng(_SEED)
    side = BANK * TILE
    fibres = _texture(rng, side, (10, 2.5))
    glands = _texture(rng, side, (120, 120))
    eosin = 0.18 + 0.10 * fibres + 0.09 * glands + 0.03 * _texture(rng, side, (0.8, 0.8))
    haematoxylin = 0.05 + 0.02 * fibres + 1.05 * _nuclei(rng, side)
    empty = np.clip((glands - 1.2) * 4, 0, 1)
    eosin, haematoxylin = eosin * (1 - empty), haematoxylin * (1 - empty)
    stains = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])
    density = haematoxylin[..., None] * stains[0] + np.clip(eosin, 0, None)[..., None] * stains[1]
    noise = rng.normal(0, 1.6, (side, side, 1))
    Image.fromarray(np.clip(243 * np.exp(-density) + noise, 0, 255).astype(np.uint8)).save(path, "PNG")


def _texture(rng: np.random.Generator, side: int, sigma: tuple[float, float]) -> NDArray[np.float64]:
    """Smooth periodic noise of mean 0 and standard deviation 1."""
    smooth = ndimage.gaussian_filter(rng.normal(size=(side, side)), sigma, mode="wrap")
    return (smooth - smooth.mean()) / smooth.std()


def _nuclei(rng: np.random.Generator, side: int) -> NDArray[np.float64]:
    """Optical density of some 20,000 round and oval nuclei, periodic."""
    canvas = np.zeros((side, side))
    grid = np.mgrid[-16:17, -16:17]
    for _ in range(side * side // 900):
        y, x = rng.integers(0, side, 2)
        long, short, angle = rng.uniform(8, 14), rng.uniform(5, 9), rng.uniform(0, np.pi)
        along = (grid[0] * np.sin(angle) + grid[1] * np.cos(angle)) / long
        across = (grid[0] * np.cos(angle) - grid[1] * np.sin(angle)) / short
        stamp = np.clip((1 - np.hypot(along, across)) * 4, 0, 1) * rng.uniform(0.5, 1.0)
        rows = np.arange(y - 16, y + 17) % side
        columns = np.arange(x - 16, x + 17) % side
        canvas[np.ix_(rows, columns)] = np.maximum(canvas[np.ix_(rows, columns)], stamp)
    return canvas


@cache
def _bank(reduction: int) -> list[list[Jpeg]]:
    """The field at 1/reduction, cut into tiles, rows of columns. Repeats with the period of the field."""
    pixels = field()
    if reduction > 1:
        side = pixels.shape[0] // reduction
        pixels = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BOX))
    count = max(1, pixels.shape[0] // TILE)
    pixels = np.tile(pixels, (-(-TILE // pixels.shape[0]), -(-TILE // pixels.shape[1]), 1))
    return [
        [_encode(pixels[r * TILE : (r + 1) * TILE, c * TILE : (c + 1) * TILE]) for c in range(count)]
        for r in range(count)
    ]


def _encode(pixels: NDArray[np.uint8]) -> Jpeg:
    whole = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=80, colorsubsampling="422", fastdct=False
    )
    tables, rest = bytearray(b"\xff\xd8"), bytearray(b"\xff\xd8")
    position = 2
    while True:
        marker = whole[position + 1]
        (length,) = struct.unpack(">H", whole[position + 2 : position + 4])
        segment = whole[position : position + 2 + length]
        if marker in (0xDB, 0xC4):
            tables += segment
        elif marker != 0xE0:
            rest += segment
        position += 2 + length
        if marker == 0xDA:
            break
    tables += b"\xff\xd9"
    return Jpeg(whole, bytes(rest) + whole[position:], bytes(tables))


def _tiles(tiles: int, reduction: int) -> Iterator[Jpeg]:
    """The tiles of one level in row-major order."""
    bank = _bank(reduction)
    count = -(-tiles // reduction)
    for row in range(count):
        for column in range(count):
            yield bank[row % len(bank)][column % len(bank)]


# Files


def _write_svs(path: Path, tiles: int, name: str = "bench") -> None:
    """Level 0, thumbnail, levels 1 and 2, label, macro: the order and tags that Aperio writes."""
    side = tiles * TILE
    head = "Aperio Image Library v12.0.0 \r\n"
    about = f"{side}x{side} [0,0 {side}x{side}] (256x256) JPEG/RGB Q=80"
    tags = f"|AppMag = 40|MPP = {_UM}|ScanScope ID = BENCH|Filename = {name}"
    with tifffile.TiffWriter(path, bigtiff=tiles > SVS_TILES) as tiff:
        _write_level(tiff, tiles, 1, head + about + tags)
        thumbnail = np.asarray(Image.fromarray(field()).resize((768, 768)))
        _write_strips(tiff, thumbnail, f"{head}{side}x{side} -> 768x768 - {tags}")
        for reduction in (4, 16):
            _write_level(
                tiff, tiles, reduction, f"{head}{about} -> {side // reduction}x{side // reduction} {tags}"
            )
        _write_strips(tiff, np.full((400, 400, 3), 230, np.uint8), f"{head}label 400x400", subfile=1)
        _write_strips(tiff, np.full((400, 1200, 3), 215, np.uint8), f"{head}macro 1200x400", subfile=9)


def _write_sparse(path: Path, pieces: int) -> None:
    glass = _encode(np.full((TILE, TILE, 3), 243, np.uint8))
    pages = []
    with TiffStream(path, big=False) as stream:
        for reduction in (1, 4, 16, 64):
            size, count = SPARSE_TILES * TILE // reduction, -(-SPARSE_TILES // reduction)
            tables = _bank(reduction)[0][0].tables
            um = _UM * reduction
            page = Page(size, size, TILE, tables=tables, spacing_um=um, subfile=int(reduction > 1))
            known: dict[bytes, tuple[int, int]] = {}
            for row in range(count):
                for column in range(count):
                    bank = _bank(reduction)
                    on_tissue = any(
                        0 <= row * reduction - down < SPARSE_PIECE
                        and 0 <= column * reduction - right < SPARSE_PIECE
                        for down, right in SPARSE_AT[:pieces]
                    )
                    tile = bank[row % len(bank)][column % len(bank)] if on_tissue else glass
                    if tile.abbreviated not in known:
                        known[tile.abbreviated] = stream.append(tile.abbreviated)
                    stream.place(page, row, column, known[tile.abbreviated])
            pages.append(page)
        stream.finish(pages)


def _write_level(tiff: tifffile.TiffWriter, tiles: int, reduction: int, description: str) -> None:
    side = tiles * TILE // reduction
    tiff.write(
        (jpeg.abbreviated for jpeg in _tiles(tiles, reduction)),
        shape=(side, side, 3),
        dtype=np.uint8,
        tile=(TILE, TILE),
        photometric="ycbcr",
        subsampling=(2, 1),
        compression="jpeg",
        jpegtables=_bank(reduction)[0][0].tables,
        description=description,
        metadata=None,
        software=False,
    )


def _write_strips(
    tiff: tifffile.TiffWriter, pixels: NDArray[np.uint8], description: str, subfile: int = 0
) -> None:
    tiff.write(
        pixels,
        photometric="rgb",
        rowsperstrip=pixels.shape[0],
        description=description,
        subfiletype=subfile,
        metadata=None,
        software=False,
    )


def _write_dicom(path: Path, tiles: int, reduction: int) -> None:
    """One VL Whole Slide Microscopy instance, TILED_FULL, one fragment a frame (PS3.3 A.32.8, PS3.5 A.4)."""
    lengths = [len(frame) for frame in _even_frames(tiles, reduction)]
    starts = [0, *accumulate(length + 8 for length in lengths)][:-1]
    extended = starts[-1] >= 1 << 32
    dataset = _wsi_header(tiles, reduction)
    if extended:
        dataset.ExtendedOffsetTable = struct.pack(f"<{len(starts)}Q", *starts)
        dataset.ExtendedOffsetTableLengths = struct.pack(f"<{len(lengths)}Q", *lengths)
    basic = b"" if extended else struct.pack(f"<{len(starts)}I", *starts)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    with path.open("ab") as out:
        out.write(b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff")
        out.write(struct.pack("<HHI", 0xFFFE, 0xE000, len(basic)) + basic)
        for frame in _even_frames(tiles, reduction):
            out.write(struct.pack("<HHI", 0xFFFE, 0xE000, len(frame)) + frame)
        out.write(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))


def _even_frames(tiles: int, reduction: int) -> Iterator[bytes]:
    """Whole JPEG streams, padded to an even length as DICOM asks."""
    for jpeg in _tiles(tiles, reduction):
        yield jpeg.whole + b"\x00" * (len(jpeg.whole) % 2)


def _uid(*parts: object) -> str:
    return pydicom.uid.generate_uid(entropy_srcs=["hemalum-bench", *map(str, parts)])


def _wsi_header(tiles: int, reduction: int) -> Dataset:
    """The header of one instance: invented patient, all modules that readers ask for."""
    side = tiles * TILE // reduction
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = JPEGBaseline8Bit
    meta.MediaStorageSOPClassUID = VLWholeSlideMicroscopyImageStorage
    meta.MediaStorageSOPInstanceUID = _uid("instance", tiles, reduction)
    header = Dataset()
    header.file_meta = meta
    header.ImageType = [
        "ORIGINAL" if reduction == 1 else "DERIVED",
        "PRIMARY",
        "VOLUME",
        "NONE" if reduction == 1 else "RESAMPLED",
    ]
    header.SOPClassUID = meta.MediaStorageSOPClassUID
    header.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    header.StudyDate = header.ContentDate = "20260101"
    header.StudyTime = header.ContentTime = "120000"
    header.AcquisitionDateTime = "20260101120000"
    header.AccessionNumber = "BENCH"
    header.Modality = "SM"
    header.Manufacturer = "Hemalum benchmarks"
    header.ManufacturerModelName = "Bank of tiles"
    header.DeviceSerialNumber = "1"
    header.SoftwareVersions = "1"
    header.ReferringPhysicianName = ""
    header.PatientName = "Bench^Slide"
    header.PatientID = "BENCH"
    header.PatientBirthDate = header.PatientSex = ""
    header.StudyInstanceUID = _uid("study", tiles)
    header.SeriesInstanceUID = _uid("series", tiles)
    header.FrameOfReferenceUID = _uid("frame of reference", tiles)
    header.PositionReferenceIndicator = "SLIDE_CORNER"
    header.StudyID = "1"
    header.SeriesNumber = 1
    header.InstanceNumber = reduction
    header.DimensionOrganizationType = "TILED_FULL"
    header.VolumetricProperties = "VOLUME"
    header.ImagedVolumeWidth = header.ImagedVolumeHeight = tiles * TILE * _UM / 1000
    header.ImagedVolumeDepth = 0.001
    header.TotalPixelMatrixColumns = header.TotalPixelMatrixRows = side
    header.TotalPixelMatrixFocalPlanes = 1
    header.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    header.SamplesPerPixel = 3
    header.PhotometricInterpretation = "YBR_FULL_422"
    header.PlanarConfiguration = 0
    header.NumberOfFrames = (side // TILE) ** 2
    header.Rows = header.Columns = TILE
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit = 7
    header.PixelRepresentation = 0
    header.BurnedInAnnotation = header.SpecimenLabelInImage = "NO"
    header.LossyImageCompression = "01"
    header.LossyImageCompressionRatio = 14
    header.LossyImageCompressionMethod = "ISO_10918_1"
    header.FocusMethod = "AUTO"
    header.ExtendedDepthOfField = "NO"
    header.ContainerIdentifier = "BENCH"
    header.IssuerOfTheContainerIdentifierSequence = []
    header.ContainerTypeCodeSequence = [_code("433466003", "SCT", "Microscope slide")]
    header.AcquisitionContextSequence = []
    header.SpecimenDescriptionSequence = [_specimen()]
    header.OpticalPathSequence = [_optical_path()]
    header.NumberOfOpticalPaths = 1
    header.TotalPixelMatrixOriginSequence = [
        _item(XOffsetInSlideCoordinateSystem=20.0, YOffsetInSlideCoordinateSystem=40.0)
    ]
    measures = _item(PixelSpacing=[_UM * reduction / 1000] * 2, SliceThickness=0.001)
    kind = _item(FrameType=list(header.ImageType))
    header.SharedFunctionalGroupsSequence = [
        _item(
            PixelMeasuresSequence=[measures],
            WholeSlideMicroscopyImageFrameTypeSequence=[kind],
            OpticalPathIdentificationSequence=[_item(OpticalPathIdentifier="1")],
        )
    ]
    return header


def _item(**elements: object) -> Dataset:
    item = Dataset()
    for name, value in elements.items():
        setattr(item, name, value)
    return item


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    return _item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _specimen() -> Dataset:
    return _item(
        SpecimenIdentifier="BENCH",
        SpecimenUID=_uid("specimen"),
        IssuerOfTheSpecimenIdentifierSequence=[],
        SpecimenPreparationSequence=[],
    )


def _optical_path() -> Dataset:
    return _item(
        OpticalPathIdentifier="1",
        IlluminationTypeCodeSequence=[_code("111744", "DCM", "Brightfield illumination")],
        IlluminationColorCodeSequence=[_code("414298005", "SCT", "Full Spectrum")],
        ObjectiveLensPower=40,
    )
