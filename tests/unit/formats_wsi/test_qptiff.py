"""Akoya QPTIFF: pages by their own XML."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from hemalum.formats.wsi import AssociatedKind, open_slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion

PAGE = (
    '<?xml version="1.0" encoding="utf-16"?>\r\n<PerkinElmer-QPI-ImageDescription>'
    "<ImageType>{kind}</ImageType>"
    "<Name>{name}</Name><Color>{colour}</Color><Objective>20x</Objective><ExposureTime>12</ExposureTime>"
    "<SlideID>S-1</SlideID><Barcode/><ScanProfile><root><Name>inner</Name></root></ScanProfile>"
    "</PerkinElmer-QPI-ImageDescription>"
)


def noise(*shape: int) -> NDArray[Any]:
    return np.random.default_rng(2).integers(0, 255, shape).astype(np.uint8)


def write(path: Path, pages: list[tuple[str, str, str, NDArray[Any]]]) -> None:
    with tifffile.TiffWriter(path) as writer:
        for kind, name, colour, pixels in pages:
            writer.write(
                pixels,
                tile=(64, 64) if pixels.shape[0] > 60 else None,
                compression="lzw",
                photometric="rgb" if pixels.ndim == 3 else "minisblack",
                resolution=(20_000, 20_000),
                resolutionunit="CENTIMETER",
                description=PAGE.format(kind=kind, name=name, colour=colour),
                datetime="2020:10:30 13:32:10",
                metadata=None,
            )


def test_full_pages_are_channels_and_reduced_pages_levels(tmp_path: Path) -> None:
    full, half, overview = noise(2, 200, 300), noise(2, 100, 150), noise(30, 20, 3)
    path = tmp_path / "a.qptiff"
    write(
        path,
        [
            ("FullResolution", "DAPI", "0,0,255", full[0]),
            ("FullResolution", "Opal 570", "255, 128,0", full[1]),
            ("Thumbnail", "", "", noise(25, 38, 3)),
            ("ReducedResolution", "DAPI", "0,0,255", half[0]),
            ("ReducedResolution", "Opal 570", "255,128,0", half[1]),
            ("Overview", "", "", overview),
        ],
    )
    with open_slide(path) as slide:
        said = slide.description
        assert [(c.name, c.colour) for c in said.channels] == [("DAPI", "#0000ff"), ("Opal 570", "#ff8000")]
        assert (said.format, said.objective_power, said.specimen) == ("qptiff", 20, "S-1")
        assert said.barcode is None
        assert said.acquired_at == "2020-10-30T13:32:10"
        assert said.spacing_um is not None
        assert said.spacing_um.x_um == pytest.approx(0.5)
        assert slide.frame_index is not None
        for channel in range(2):
            region = PixelRegion(0, 0, 150, 100)
            assert np.array_equal(slide.read_level(1, region, channel=channel)[:, :, 0], half[channel])
            region = PixelRegion(100, 50, 200, 150)
            assert np.array_equal(
                slide.read_level(0, region, channel=channel)[:, :, 0], full[channel, 50:, 100:]
            )
        assert np.array_equal(slide.read_associated(AssociatedKind.MACRO), overview)


def test_brightfield_is_one_rgb_page(tmp_path: Path) -> None:
    pixels = noise(100, 120, 3)
    write(tmp_path / "a.qptiff", [("FullResolution", "x", "", pixels)])
    with open_slide(tmp_path / "a.qptiff") as slide:
        assert slide.description.is_brightfield
        assert np.array_equal(slide.read_level(0, PixelRegion(0, 0, 120, 100)), pixels)


def test_pages_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.qptiff"
    write(path, [("FullResolution", "a", "", noise(100, 120)), ("FullResolution", "b", "", noise(100, 110))])
    with pytest.raises(UnreadableSlide, match="differ in size"):
        open_slide(path)
    write(path, [("Thumbnail", "a", "", noise(100, 120))])
    with pytest.raises(UnreadableSlide, match="no full-resolution image"):
        open_slide(path)
    write(path, [("Full<Resolution", "a", "", noise(100, 120))])
    with pytest.raises(UnreadableSlide, match="XML of a QPTIFF page is damaged"):
        open_slide(path)
