"""The DICOM headers that we make of an image, held against the ones that were looked over.

Regenerate with `make golden` after a change that is meant, and read the difference.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from hemalum.formats.dicom.json import to_json
from hemalum.formats.dicom.series import associated_frame
from hemalum.formats.dicom.uids import series_uids
from hemalum.formats.dicom.wsi_header import build_associated_header, build_headers
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel
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

GOLDEN = Path(__file__).parent / "dicom"


def _level(size, downsample, codec, colour, pixel, shape):
    return FrameLevel(
        size=PixelSize(*size),
        tile=PixelSize(256, 256),
        downsample=downsample,
        codec=codec,
        pixel=pixel,
        colour=colour,
        objects=np.zeros(shape, np.uint16),
        offsets=np.zeros(shape, np.uint64),
        lengths=np.full(shape, 1000, np.uint32),
    )


def _brightfield():
    pixel = PixelFormat(3, "uint8")
    levels = (
        _level((1000, 700), 1.0, Codec.JPEG, Colour.RGB, pixel, (1, 1, 3, 4)),
        _level((250, 175), 4.0, Codec.JPEG, Colour.RGB, pixel, (1, 1, 1, 1)),
    )
    description = SlideDescription(
        format="aperio-svs",
        levels=tuple(Level(level.size, level.downsample) for level in levels),
        pixel=pixel,
        spacing_um=SpacingUm(0.499, 0.499),
        vendor="Aperio",
        scanner_model="ScanScope",
        scanner_serial="SS1302",
        objective_power=20,
        acquired_at="2009-12-29T09:59:15+01:00",
        barcode="S24-1 A1",
        specimen="S24-1 A",
        stain="Haematoxylin and eosin 苏木精-伊红",
        organ="Skin",
        laboratory="Laboratory of the golden test",
    )
    return description, FrameIndex(levels)


def _fluorescence():
    pixel = PixelFormat(1, "uint16")
    level = _level((500, 500), 1.0, Codec.RAW, Colour.GREY, pixel, (2, 2, 2, 2))
    description = SlideDescription(
        format="ome-tiff",
        levels=(Level(level.size, 1.0),),
        pixel=pixel,
        spacing_um=SpacingUm(0.325, 0.33),
        planes=(FocalPlane(0.0), FocalPlane(1.5)),
        channels=(Channel("DAPI", "#0000ff", 385.0, 450.0), Channel("Cy5", "#ff0000")),
    )
    return description, FrameIndex((level,))


def _headers():
    """Name and data set of every header under test."""
    # The stream tells which JPEG process it is; a head is enough.
    stream, _ = associated_frame(np.zeros((256, 256, 3), np.uint8))
    for name, (description, index) in {
        "brightfield": _brightfield(),
        "fluorescence": _fluorescence(),
    }.items():
        uids = series_uids("golden", description)
        source = [MemorySource(stream.ljust(1000, b"\x00"))]
        for header in build_headers(description, index, source, uids):
            yield f"{name}-level-{header.level}", header.dataset
    description, _ = _brightfield()
    label = PixelSize(90, 60)
    uids = series_uids("golden", description)
    yield "label", build_associated_header(description, AssociatedKind.LABEL, label, 500, uids).dataset


@pytest.mark.parametrize("name", [name for name, _ in _headers()])
def test_header_is_the_one_looked_over(name):
    dataset = dict(_headers())[name]
    made = {
        "meta": dataset.file_meta.to_json_dict(),
        "dataset": to_json(dataset, lambda path: "/".join(path)),
    }
    text = json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    path = GOLDEN / f"{name}.json"
    if os.environ.get("HEMALUM_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
