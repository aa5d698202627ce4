"""A whole DICOM series written to files from an open slide."""

from pathlib import Path

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from hemalum.formats.dicom.part10 import InstanceForm, instance_chunks, one_frame_level
from hemalum.formats.dicom.uids import SeriesUids, series_uids
from hemalum.formats.dicom.wsi_header import (
    build_associated_header,
    build_headers,
    instance_form,
)
from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameLevel
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.source import ByteSource, MemorySource
from hemalum.kernel.geometry import PixelSize

_QUALITY = 90


def write_series(slide: IndexedSlide, folder: Path, uids: SeriesUids | None = None) -> list[Path]:
    """Write one Part 10 file for each level, label, overview and thumbnail; the paths, finest level first.

    Stored frames are copied and not encoded again. Without `uids` they are derived from what the slide says
    of itself. Memory stays flat.

    Raises:
        NoPhysicalScale: the image states no um/px.
        Invalid: its samples are floating point.
        OSError: a file of that name is there already, or cannot be written.
    """
    description, index = slide.description, slide.frame_index
    uids = uids or series_uids(
        repr((description.format, description.size, slide.sources[0].name)), description
    )
    paths = []
    for header in build_headers(description, index, slide.sources, uids):
        assert header.level is not None
        path = folder / f"level-{header.level}.dcm"
        _write(path, instance_form(header), index.levels[header.level], slide.sources)
        paths.append(path)
    for kind in description.associated:
        pixels = slide.read_associated(kind)
        frame, level = associated_frame(pixels)
        header = build_associated_header(description, kind, level.size, len(frame), uids)
        path = folder / f"{kind.value}.dcm"
        _write(path, instance_form(header), level, [MemorySource(frame)])
        paths.append(path)
    return paths


def associated_frame(pixels: NDArray[np.uint8]) -> tuple[bytes, FrameLevel]:
    """A label or overview, (height, width, 3) RGB, as one JPEG frame and the level that holds it."""
    height, width = pixels.shape[:2]
    stream = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=_QUALITY, colorspace="RGB", colorsubsampling="422"
    )
    return bytes(stream), one_frame_level(PixelSize(width, height), len(stream))


def decoded_samples(level: FrameLevel, stream: bytes) -> bytes:
    """The samples of a frame, little endian, rows then columns then samples."""
    pixels = decode_frame(level, stream)
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()


def _write(path: Path, form: InstanceForm, level: FrameLevel, sources: list[ByteSource]) -> None:
    with path.open("xb") as file:
        for chunk in instance_chunks(form, level, sources, decoded_samples):
            file.write(chunk)
