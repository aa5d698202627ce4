"""DICOM VL Whole Slide Microscopy read in place (PS3.3 A.32.8): one series, one slide.

Instances of a series become levels, label, macro and thumbnail by their image type. Focal planes and optical
paths may lie in one instance or be spread over several; a level may be split into a concatenation.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from hemalum.formats.dicom import describe as say
from hemalum.formats.dicom.encapsulated import encapsulated_frames, native_frames, single_frame
from hemalum.formats.dicom.frame_colour import FrameColour, FrameHeads, settle
from hemalum.formats.dicom.header import Header, frame_count, read_header, recognises
from hemalum.formats.dicom.placement import Placement, place, tile_size, total_size
from hemalum.formats.dicom.specimen import read_specimen
from hemalum.formats.dicom.syntaxes import CODECS
from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
from hemalum.formats.wsi.indexed import AssociatedReader, IndexedSlide
from hemalum.formats.wsi.model import (
    AssociatedKind,
    Channel,
    Codec,
    FocalPlane,
    Level,
    PixelFormat,
    SlideDescription,
)
from hemalum.formats.wsi.source import ByteSource, FileSource, close_all
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelSize
from hemalum.kernel.sentence import Sentence

__all__ = ["group_dicom_files", "open_dicom", "open_dicom_sources", "recognises"]

WHOLE_SLIDE_IMAGE = "1.2.840.10008.5.1.4.1.1.77.1.6"

_ASSOCIATED = {
    "LABEL": AssociatedKind.LABEL,
    "OVERVIEW": AssociatedKind.MACRO,
    "THUMBNAIL": AssociatedKind.THUMBNAIL,
}
_NEWER_NAMES = {"1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation"}
"""Object classes that pydicom does not know yet."""
_MAX_TILES = 20_000_000
_FEW_TILES = 100_000
_MAX_SPARSENESS = 1000
"""A grid with so many times more places than frames is damage, not a slide."""
_MAX_ASSOCIATED_PIXELS = 64_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Instance:
    """One file of the series."""

    number: int
    """Of its source, which is its object number in the frame index."""
    source: ByteSource
    header: Header

    @property
    def dataset(self) -> Any:
        return self.header.dataset

    @property
    def kind(self) -> AssociatedKind | None:
        """What it is besides the scan itself, or None for a level of the pyramid."""
        image_type = self.dataset.get("ImageType")
        values = [str(part).strip() for part in image_type] if image_type is not None else []
        return _ASSOCIATED.get(values[2]) if len(values) > 2 else None


@dataclass(frozen=True, eq=False)
class _Frames:
    """The frames of one instance: where they lie, where they belong and what they are."""

    instance: _Instance
    offsets: NDArray[np.uint64]
    lengths: NDArray[np.uint32]
    placement: Placement
    codec: Codec
    pixel: PixelFormat
    colour: FrameColour
    tile: PixelSize


def open_dicom(paths: Sequence[Path]) -> IndexedSlide:
    """Open one whole slide imaging series from all of its files.

    Raises:
        UnreadableSlide: not whole slide imaging, of more than one series, damaged, or not readable in place.
    """
    sources: list[ByteSource] = []
    try:
        sources.extend(map(FileSource, paths))
        return open_dicom_sources(sources)
    except BaseException:
        close_all(sources)
        raise


def open_dicom_sources(sources: list[ByteSource]) -> IndexedSlide:
    """As `open_dicom`, from any byte sources. The slide owns them; on an error the caller still does."""
    if not sources:
        raise UnreadableSlide("There is no DICOM file to open.")
    try:
        with pydicom.config.disable_value_validation():
            return _open(sources)
    except (UnreadableSlide, MemoryError):
        raise
    except Exception as error:
        # pydicom converts values on access, with many kinds of error on damaged ones, OSError among them.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        _log.debug("damaged DICOM header", exc_info=error)
        raise UnreadableSlide("{name} has a damaged DICOM header.", name=sources[0].name) from error


def group_dicom_files(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Whole slide imaging files by Series Instance UID, in the order given; only headers are read.

    Files that are not DICOM, are damaged or are no whole slide images are left out.
    """
    groups: dict[str, list[Path]] = {}
    for path in paths:
        try:
            with FileSource(path) as source, pydicom.config.disable_value_validation():
                if not recognises(source.read(0, min(132, source.size))):
                    continue
                dataset = read_header(source).dataset
                if dataset.get("SOPClassUID") == WHOLE_SLIDE_IMAGE:
                    groups.setdefault(str(dataset.get("SeriesInstanceUID", "")), []).append(path)
        except (OSError, UnreadableSlide):
            continue
    return groups


def _open(sources: list[ByteSource]) -> IndexedSlide:
    instances = [_Instance(n, source, read_header(source)) for n, source in enumerate(sources)]
    for instance in instances:
        _check_is_whole_slide(instance)
    if len({say.text(i.dataset, "SeriesInstanceUID") for i in instances}) > 1:
        raise UnreadableSlide("The DICOM files belong to more than one series.")
    warnings: list[Sentence] = []
    instances = _without_copies(instances, warnings)
    volumes = [i for i in instances if i.kind is None]
    associated = {i.kind: i for i in reversed(instances) if i.kind is not None}
    if not volumes:
        # Some scanners call a slide of one level a thumbnail.
        thumbnail = associated.pop(AssociatedKind.THUMBNAIL, None)
        if thumbnail is None:
            raise UnreadableSlide("The DICOM series holds a label or an overview, but no scan.")
        volumes = [thumbnail]
    levels, planes = _levels(volumes, warnings)
    finest = next(i for i in volumes if total_size(i.dataset) == levels[0].size)
    description = _description(finest, volumes, levels, planes, tuple(associated), warnings)
    readers: dict[AssociatedKind, AssociatedReader] = {
        kind: _associated_reader(instance) for kind, instance in associated.items()
    }
    index = FrameIndex(tuple(levels))
    index.check_ranges([source.size for source in sources])
    return IndexedSlide(description, index, sources, readers)


def _without_copies(instances: list[_Instance], warnings: list[Sentence]) -> list[_Instance]:
    """One file of each SOP Instance UID: folders often hold an instance twice."""
    kept: dict[str, _Instance] = {}
    for instance in instances:
        uid = say.text(instance.dataset, "SOPInstanceUID") or instance.source.name
        if uid in kept:
            warnings.append(
                Sentence(
                    "{name} is the same instance as {other}.",
                    {"name": instance.source.name, "other": kept[uid].source.name},
                )
            )
        else:
            kept[uid] = instance
    return list(kept.values())


def _check_is_whole_slide(instance: _Instance) -> None:
    uid = say.text(instance.dataset, "SOPClassUID") or ""
    if uid != WHOLE_SLIDE_IMAGE:
        name = _NEWER_NAMES.get(uid) or pydicom.uid.UID(uid).name
        what = name.removesuffix(" Storage") if name != uid else Sentence("object of an unknown kind")
        raise UnreadableSlide(
            "{name} is a DICOM {what}, not a whole slide image.", name=instance.source.name, what=what
        )
    if instance.header.transfer_syntax not in CODECS:
        name = pydicom.uid.UID(instance.header.transfer_syntax).name
        raise UnreadableSlide(
            "{name} is compressed as {syntax}, which cannot be read.", name=instance.source.name, syntax=name
        )
    if instance.header.pixel_data is None:
        raise UnreadableSlide("{name} holds no pixel data.", name=instance.source.name)


def _levels(
    volumes: list[_Instance], warnings: list[Sentence]
) -> tuple[list[FrameLevel], tuple[FocalPlane, ...]]:
    """The pyramid, finest first, with the focal planes of the finest level."""
    by_size: dict[tuple[int, int], list[_Instance]] = {}
    for instance in volumes:
        size = total_size(instance.dataset)
        by_size.setdefault((size.width_px, size.height_px), []).append(instance)
    sizes = sorted(by_size, reverse=True)
    widest, highest = sizes[0]
    levels: list[FrameLevel] = []
    planes: tuple[FocalPlane, ...] = ()
    for width, height in sizes:
        downsample = (widest / width + highest / height) / 2
        level, level_planes = _level(PixelSize(width, height), downsample, by_size[width, height], warnings)
        if not levels:
            planes = level_planes
        elif level.objects.shape[:2] != levels[0].objects.shape[:2] or level.pixel != levels[0].pixel:
            warnings.append(
                Sentence(
                    "The level of {width} x {height} pixels has other planes, channels or"
                    " samples and is left out.",
                    {"width": width, "height": height},
                )
            )
            continue
        levels.append(level)
    return levels, planes


def _level(
    size: PixelSize, downsample: float, instances: list[_Instance], warnings: list[Sentence]
) -> tuple[FrameLevel, tuple[FocalPlane, ...]]:
    parts = [_frames(instance, first) for instance, first in _with_first_frame(instances)]
    leader = parts[0]
    for part in parts:
        if part.colour.warning and part.colour.warning not in warnings:
            warnings.append(part.colour.warning)
        same = (part.codec, part.pixel, part.tile, part.colour) == (
            leader.codec,
            leader.pixel,
            leader.tile,
            leader.colour,
        )
        if not same:
            raise UnreadableSlide("The DICOM files of one level differ in tile size, compression or colour.")
    heights = np.unique(np.round(np.concatenate([part.placement.plane_heights_um for part in parts]), 4))
    identifiers = list(dict.fromkeys(i for part in parts for i in part.placement.path_identifiers))
    rows, columns = -(-size.height_px // leader.tile.height_px), -(-size.width_px // leader.tile.width_px)
    shape = (len(heights), len(identifiers), rows, columns)
    stored = sum(len(part.offsets) for part in parts)
    if float(np.prod(shape, dtype=np.float64)) > min(_MAX_TILES, max(_FEW_TILES, stored * _MAX_SPARSENESS)):
        raise UnreadableSlide("The DICOM header claims more tiles than any slide has.")
    objects, offsets = np.zeros(shape, np.uint16), np.zeros(shape, np.uint64)
    lengths, taken = np.zeros(shape, np.uint32), np.zeros(shape, np.bool_)
    for part in parts:
        where = _slots(part.placement, heights, identifiers, rows, columns)
        if taken[where].any() or len(np.unique(np.ravel_multi_index(where, shape))) < len(where[0]):
            raise UnreadableSlide("Two frames of this DICOM series claim the same place.")
        taken[where] = True
        objects[where], offsets[where], lengths[where] = part.instance.number, part.offsets, part.lengths
    if not taken.all() and any(
        say.text(p.instance.dataset, "DimensionOrganizationType") == "TILED_FULL" for p in parts
    ):
        raise UnreadableSlide(
            "The DICOM series is incomplete: {missing} of {total} frames of a level are missing.",
            missing=int((~taken).sum()),
            total=taken.size,
        )
    level = FrameLevel(
        size=size,
        tile=leader.tile,
        downsample=downsample,
        codec=leader.codec,
        pixel=leader.pixel,
        colour=leader.colour.colour,
        objects=objects,
        offsets=offsets,
        lengths=lengths,
        prefix=leader.colour.prefix,
        skip=leader.colour.skip,
    )
    stated = float(heights[-1] - heights[0]) > 0.1 or len(heights) == 1
    return level, tuple(FocalPlane(round(float(h - heights[0]), 4) if stated else 0.0) for h in heights)


def _slots(
    placement: Placement, heights: NDArray[np.float64], identifiers: list[str], rows: int, columns: int
) -> tuple[NDArray[np.int64], ...]:
    """Indices (plane, channel, row, column) of each frame."""
    if (placement.rows >= rows).any() or (placement.columns >= columns).any():
        raise UnreadableSlide("A frame of this DICOM image lies outside of it.")
    plane = np.searchsorted(heights, np.round(placement.heights_um, 4))
    channel = np.array([identifiers.index(i) for i in placement.path_identifiers])[placement.paths]
    return plane, channel, placement.rows, placement.columns


def _with_first_frame(instances: list[_Instance]) -> list[tuple[_Instance, int]]:
    """Each instance with the number of frames before it in its concatenation (PS3.3 C.7.6.16.2.2.4)."""
    placed = []
    for instance in instances:
        offset = say.number(instance.dataset, "ConcatenationFrameOffsetNumber")
        if offset is None or not say.text(instance.dataset, "ConcatenationUID"):
            offset = 0
        placed.append((instance, int(offset)))
    return placed


def _frames(instance: _Instance, first_frame: int) -> _Frames:
    header = instance.header
    count = frame_count(header.dataset)
    codec, pixel = CODECS[header.transfer_syntax], _pixel_format(header.dataset)
    tile = tile_size(header.dataset)
    offsets, lengths = _ranges(instance, count, tile, pixel)
    heads = FrameHeads(
        count, lambda n, most: instance.source.read(int(offsets[n]), min(int(lengths[n]), most))
    )
    colour = _colour(header, codec, pixel, tile, heads)
    return _Frames(instance, offsets, lengths, place(header, count, first_frame), codec, pixel, colour, tile)


def _ranges(
    instance: _Instance, count: int, tile: PixelSize, pixel: PixelFormat
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    pixels = instance.header.pixel_data
    assert pixels is not None
    if pixels.encapsulated:
        return encapsulated_frames(instance.source, pixels, count)
    if CODECS[instance.header.transfer_syntax] is not Codec.RAW:
        raise UnreadableSlide(
            "{name} states a compression that its pixel data do not have.", name=instance.source.name
        )
    frame_bytes = tile.width_px * tile.height_px * pixel.bytes_per_pixel
    return native_frames(pixels, count, frame_bytes, instance.source.name)


def _colour(
    header: Header, codec: Codec, pixel: PixelFormat, tile: PixelSize, heads: FrameHeads
) -> FrameColour:
    photometric = say.text(header.dataset, "PhotometricInterpretation") or ""
    planar = int(say.number(header.dataset, "PlanarConfiguration") or 0)
    if planar and codec is Codec.RAW and pixel.samples > 1:
        raise UnreadableSlide("Uncompressed images with separate colour planes cannot be read in place.")
    return settle(codec, photometric, pixel.samples, tile.height_px, tile.width_px, heads)


def _pixel_format(dataset: Any) -> PixelFormat:
    samples = int(say.number(dataset, "SamplesPerPixel") or 0)
    allocated = int(say.number(dataset, "BitsAllocated") or 0)
    stored = int(say.number(dataset, "BitsStored") or 0)
    signed = int(say.number(dataset, "PixelRepresentation") or 0)
    high = int(say.number(dataset, "HighBit") or stored - 1)
    if samples not in (1, 3) or allocated not in (8, 16) or signed or high != stored - 1:
        raise UnreadableSlide(
            "DICOM pixels of {samples} samples with {stored} of {allocated} bits cannot be read.",
            samples=samples,
            stored=stored,
            allocated=allocated,
        )
    return PixelFormat(samples, "uint8" if allocated == 8 else "uint16")


def _associated_reader(instance: _Instance) -> AssociatedReader:
    """Decodes a label, overview or thumbnail when it is asked for: (height, width, 3) RGB."""

    def read() -> NDArray[np.uint8]:
        with pydicom.config.disable_value_validation():
            return _read_whole(instance)

    return read


def _read_whole(instance: _Instance) -> NDArray[np.uint8]:
    header = instance.header
    size, tile, pixel = total_size(header.dataset), tile_size(header.dataset), _pixel_format(header.dataset)
    if (
        size.width_px * size.height_px > _MAX_ASSOCIATED_PIXELS
        or tile.width_px * tile.height_px > _MAX_ASSOCIATED_PIXELS
    ):
        raise UnreadableSlide("The label or overview image is too large to read.")
    assert header.pixel_data is not None
    if header.pixel_data.encapsulated and frame_count(header.dataset) == 1:
        stream = single_frame(instance.source, header.pixel_data)
        codec = CODECS[header.transfer_syntax]
        colour = _colour(header, codec, pixel, tile, FrameHeads(1, lambda _, most: stream[:most]))
        streams = [(0, 0, stream)]
    else:
        frames = _frames(instance, 0)
        codec, colour, where = frames.codec, frames.colour, frames.placement
        streams = [
            (
                int(where.rows[n]),
                int(where.columns[n]),
                instance.source.read(int(frames.offsets[n]), int(frames.lengths[n])),
            )
            for n in range(len(frames.offsets))
            if frames.lengths[n]
        ]
    none = np.zeros((1, 1, 1, 1))
    level = FrameLevel(
        size,
        tile,
        1.0,
        codec,
        pixel,
        colour.colour,
        none.astype(np.uint16),
        none.astype(np.uint64),
        none.astype(np.uint32),
        colour.prefix,
        colour.skip,
    )
    out = np.full((size.height_px, size.width_px, 3), 255, np.uint8)
    for row, column, stream in streams:
        pixels = decode_frame(level, level.standalone(stream))
        if pixels.dtype != np.uint8:
            pixels = (pixels >> 8).astype(np.uint8)
        top, left = row * tile.height_px, column * tile.width_px
        part = out[top : top + tile.height_px, left : left + tile.width_px]
        part[:] = pixels[: part.shape[0], : part.shape[1]]
    return out


def _description(
    finest: _Instance,
    volumes: list[_Instance],
    levels: list[FrameLevel],
    planes: tuple[FocalPlane, ...],
    associated: tuple[AssociatedKind, ...],
    warnings: list[Sentence],
) -> SlideDescription:
    facts = say.describe(finest.dataset)
    specimen = say.first(finest.dataset, "SpecimenDescriptionSequence")
    channels = say.channels(finest.dataset, levels[0].pixel.samples)
    if len(channels) != levels[0].channels:
        same_size = [v for v in volumes if total_size(v.dataset) == levels[0].size]
        named: dict[str | None, Channel] = {}
        for instance in same_size:
            paths = say.sequence(instance.dataset, "OpticalPathSequence")
            for path, channel in zip(paths, say.channels(instance.dataset, 1), strict=True):
                named.setdefault(say.text(path, "OpticalPathIdentifier"), channel)
        channels = tuple(named.values())
    return SlideDescription(
        format="dicom",
        levels=tuple(Level(level.size, level.downsample) for level in levels),
        pixel=levels[0].pixel,
        spacing_um=facts.values.pop("spacing_um", None),
        planes=planes,
        channels=channels,
        coded=None if specimen is None else read_specimen(specimen),
        associated=associated,
        properties=say.properties(finest.dataset),
        sources=facts.sources,
        warnings=tuple(warnings + facts.warnings),
        **facts.values,
    )
