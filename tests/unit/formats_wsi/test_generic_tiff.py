"""TIFF files of no vendor: which images are levels, which are channels, and what scale is believed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.slide import Slide
from hemalum.kernel.errors import UnreadableSlide
from hemalum.kernel.geometry import PixelRegion

RNG_SEED = 3


def noise(*shape: int, dtype: str = "uint8") -> NDArray[Any]:
    return np.random.default_rng(RNG_SEED).integers(0, 250, shape).astype(dtype)


def whole(slide: Slide, *, channel: int = 0, plane: int = 0, level: int = 0) -> NDArray[Any]:
    size = slide.description.levels[level].size
    region = PixelRegion(0, 0, size.width_px, size.height_px)
    return np.asarray(slide.read_level(level, region, plane=plane, channel=channel))


@pytest.mark.parametrize(
    ("resolution", "unit", "spacing"),
    [
        ((40_000, 20_000), "CENTIMETER", (0.25, 0.5)),
        ((50_800, 50_800), "INCH", (0.5, 0.5)),
        ((72, 72), "INCH", None),
        ((96, 96), "INCH", None),
        ((300, 300), "INCH", None),
        ((28.35, 28.35), "CENTIMETER", None),
        ((40_000, 40_000), "NONE", None),
        ((0, 0), "CENTIMETER", None),
    ],
)
def test_scale_is_believed_only_where_a_microscope_can_have_it(
    tmp_path: Path, resolution: tuple[float, float], unit: str, spacing: tuple[float, float] | None
) -> None:
    path = tmp_path / "a.tiff"
    tifffile.imwrite(
        path, noise(64, 64, 3), tile=(64, 64), photometric="rgb", resolution=resolution, resolutionunit=unit
    )
    with open_slide(path) as slide:
        found = slide.description.spacing_um
        assert (None if found is None else (found.x_um, found.y_um)) == (spacing and pytest.approx(spacing))
        doubted = unit != "NONE" and resolution[0] > 0 and spacing is None
        assert any("default of print" in str(text) for text in slide.description.warnings) is doubted


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "uint16", "int16", "int32", "uint32", "float32", "float64"]
)
@pytest.mark.parametrize("tile", [None, (64, 64)])
def test_pages_of_one_size_are_channels_of_any_type(
    tmp_path: Path, dtype: str, tile: tuple[int, int] | None
) -> None:
    pages = noise(3, 70, 90, dtype=dtype)
    path = tmp_path / "a.tiff"
    tifffile.imwrite(path, pages, tile=tile, photometric="minisblack", metadata=None, compression="deflate")
    with open_slide(path) as slide:
        assert len(slide.description.channels) == 3
        assert not slide.description.is_brightfield
        served = dtype if dtype in ("uint8", "uint16", "float32") else "float32"
        assert slide.description.pixel.dtype == served
        assert (slide.frame_index is not None) is (tile is not None and served == dtype)
        for channel in range(3):
            assert np.array_equal(whole(slide, channel=channel)[:, :, 0], pages[channel])


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_channels_as_samples(tmp_path: Path, planar: str) -> None:
    pixels = noise(70, 90, 5)
    path = tmp_path / "a.tiff"
    stored = pixels if planar == "contig" else pixels.transpose(2, 0, 1)
    tifffile.imwrite(
        path, stored, tile=(64, 64), photometric="minisblack", planarconfig=planar, metadata=None
    )
    with open_slide(path) as slide:
        assert len(slide.description.channels) == 5
        assert (slide.frame_index is not None) is (planar == "separate")
        assert all(np.array_equal(whole(slide, channel=c)[:, :, 0], pixels[:, :, c]) for c in range(5))


def test_planar_rgb_is_one_brightfield_image(tmp_path: Path) -> None:
    pixels = noise(70, 90, 3)
    path = tmp_path / "a.tiff"
    tifffile.imwrite(
        path, pixels.transpose(2, 0, 1), tile=(64, 64), photometric="rgb", planarconfig="separate"
    )
    with open_slide(path) as slide:
        assert slide.description.is_brightfield
        assert slide.frame_index is None
        assert np.array_equal(whole(slide), pixels)


def test_alpha_is_laid_on_white_and_white_is_zero_inverted(tmp_path: Path) -> None:
    rgba = noise(70, 90, 4)
    rgba[:, :, 3] = 255
    rgba[:10, :, 3] = 0
    tifffile.imwrite(tmp_path / "a.tiff", rgba, tile=(64, 64), photometric="rgb", extrasamples=["unassalpha"])
    with open_slide(tmp_path / "a.tiff") as slide:
        pixels = whole(slide)
        assert (pixels[:10] == 255).all()
        assert np.array_equal(pixels[10:], rgba[10:, :, :3])
    grey = noise(70, 90)
    tifffile.imwrite(tmp_path / "b.tiff", grey, tile=(64, 64), photometric="miniswhite")
    with open_slide(tmp_path / "b.tiff") as slide:
        assert np.array_equal(whole(slide)[:, :, 0], 255 - grey)


def test_indexed_colours_are_made_rgb(tmp_path: Path) -> None:
    palette = np.random.default_rng(1).integers(0, 256, (3, 256)).astype(np.uint16)
    indices = noise(40, 50)
    path = tmp_path / "a.tiff"
    tifffile.imwrite(path, indices, photometric="palette", colormap=palette * 257, metadata=None)
    with open_slide(path) as slide:
        assert slide.description.is_brightfield
        assert np.array_equal(whole(slide), palette.T.astype(np.uint8)[indices])


def test_imagej_stacks_keep_planes_channels_and_scale(tmp_path: Path) -> None:
    stack = noise(2, 3, 4, 40, 50, dtype="uint16")
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        stack,
        imagej=True,
        resolution=(2.0, 4.0),
        metadata={"axes": "TZCYX", "unit": "micron", "spacing": 1.5},
    )
    with open_slide(path) as slide:
        said = slide.description
        assert (len(said.planes), len(said.channels)) == (3, 4)
        assert [plane.offset_um for plane in said.planes] == [0, 1.5, 3]
        assert said.spacing_um is not None
        assert (said.spacing_um.x_um, said.spacing_um.y_um) == pytest.approx((0.5, 0.25))
        assert any("2 moments" in str(text) for text in said.warnings)
        assert np.array_equal(whole(slide, plane=2, channel=1)[:, :, 0], stack[0, 2, 1])


def test_one_large_uncompressed_strip_is_read_in_parts(tmp_path: Path) -> None:
    pixels = noise(3000, 1500)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels, rowsperstrip=3000, metadata=None)
    with open_slide(path) as slide:
        assert np.array_equal(
            slide.read_level(0, PixelRegion(-5, 2900, 100, 200))[:100, 5:, 0], pixels[2900:, :95]
        )


def test_other_images_are_not_levels(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    with tifffile.TiffWriter(path) as writer:
        for shape in ((256, 512, 3), (128, 256, 3), (100, 90, 3), (64, 128, 3)):
            writer.write(noise(*shape), tile=(64, 64), photometric="rgb", metadata=None)
    with open_slide(path) as slide:
        assert [level.size.width_px for level in slide.description.levels] == [512, 256, 128]


def test_what_is_left_out_is_told_and_never_the_largest(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    with tifffile.TiffWriter(path) as writer:
        writer.write(noise(128, 128), tile=(64, 64), metadata=None)
        writer.write(noise(64, 64), tile=(64, 64), compression="lerc", metadata=None)
    with open_slide(path) as slide:
        assert any("left out: The TIFF compression 34887" in str(text) for text in slide.description.warnings)
    with tifffile.TiffWriter(path) as writer:
        writer.write(noise(64, 64), tile=(64, 64), metadata=None)
        writer.write(noise(128, 128), tile=(64, 64), compression="lerc", metadata=None)
    with pytest.raises(UnreadableSlide, match="compression 34887"):
        open_slide(path)


@pytest.mark.parametrize("height", [64, 3001])
def test_rounded_levels_of_a_tall_image_are_kept(tmp_path: Path, height: int) -> None:
    path = tmp_path / "a.tiff"
    with tifffile.TiffWriter(path) as writer:
        for factor in (1, 2, 4, 8):
            shape = (-(-height // factor), 301 // factor, 3)
            writer.write(noise(*shape), tile=(64, 64), photometric="rgb", metadata=None)
    with open_slide(path) as slide:
        assert len(slide.description.levels) == 4


def test_channels_take_the_colour_of_their_lookup_table(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    with tifffile.TiffWriter(path) as writer:
        for lit in ((0, 0, 1), (1, 1, 0), (1, 1, 1)):
            table = np.stack([ramp * part for part in lit]).astype(np.uint16)
            writer.write(noise(40, 50), photometric="palette", colormap=table, metadata=None)
    with open_slide(path) as slide:
        assert [channel.colour for channel in slide.description.channels] == ["#0000ff", "#ffff00", None]


def test_an_unknown_compression_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    tifffile.imwrite(path, noise(64, 64), tile=(64, 64), compression="lerc")
    with pytest.raises(UnreadableSlide, match="compression 34887 is not supported"):
        open_slide(path)
