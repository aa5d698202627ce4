"""The colour gate finds, repairs or refuses every confusion of RGB and YCbCr."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from hemalum.formats.wsi import Codec, Colour, PixelFormat, SlideDescription, open_slide
from hemalum.formats.wsi.colour import ColourVerdict, check_colour, difference
from hemalum.formats.wsi.decode import stream_decodes_as
from hemalum.formats.wsi.frame_index import FrameIndex, FrameLevel, read_frame
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.jpeg import SOI
from hemalum.formats.wsi.model import Level
from hemalum.formats.wsi.slide import Slide
from hemalum.formats.wsi.source import ByteSource, MemorySource
from hemalum.kernel.geometry import PixelRegion, PixelSize
from hemalum.testing import samples
from hemalum.testing.samples import SampleSlide

_JPEG_MAKERS: dict[str, Callable[[Path], SampleSlide]] = {
    "svs-ycbcr": samples.svs_ycbcr,
    "svs-rgb": samples.svs_rgb,
    "tiff-ycbcr": lambda folder: samples.jpeg_tiff(folder, ycbcr=True),
    "tiff-rgb": lambda folder: samples.jpeg_tiff(folder, ycbcr=False),
    "dicom-ycbcr": samples.dicom_slide,
    "dicom-rgb": lambda folder: samples.dicom_slide(folder, "RGB"),
    "ome-rgb": samples.ome_tiff_rgb,
}


def _indexed(sample: SampleSlide) -> IndexedSlide:
    slide = open_slide(sample.paths)
    assert isinstance(slide, IndexedSlide)
    return slide


def _with(slide: IndexedSlide, change: Callable[[FrameLevel], FrameLevel]) -> IndexedSlide:
    """The same sources under an index whose levels are changed."""
    index = FrameIndex(tuple(change(level) for level in slide.frame_index.levels))
    return IndexedSlide(slide.description, index, slide.sources)


def _spoiled_head(level: FrameLevel) -> FrameLevel:
    """As spliced without thought: a marker that says the wrong colour."""
    wrong = 1 if level.colour is Colour.RGB else 0
    marker = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([wrong])
    prefix = level.prefix
    while (at := prefix.find(b"\xff\xee")) >= 0:
        prefix = prefix[:at] + prefix[at + 16 :]
    return replace(level, prefix=SOI + marker + prefix[2:], skip=level.skip or 2)


def _other_colour(level: FrameLevel) -> FrameLevel:
    return replace(level, colour=Colour.YCBCR if level.colour is Colour.RGB else Colour.RGB)


def _shows_truth(verdict: ColourVerdict, slide: IndexedSlide, sample: SampleSlide) -> None:
    """Both our decoder and a browser show the picture that the sample was made from."""
    assert verdict.refusal is None
    assert verdict.index is not None
    repaired = IndexedSlide(slide.description, verdict.index, slide.sources)
    for number, level in enumerate(verdict.index.levels):
        truth = sample.levels[number][0, 0]
        region = PixelRegion(0, 0, level.size.width_px, level.size.height_px)
        assert difference(repaired.read_level(number, region), truth) < 3
        stream = read_frame(level, slide.sources, 0, 0, 0, 0)
        assert stream is not None
        if level.codec is Codec.JPEG:
            height, width = min(128, truth.shape[0]), min(128, truth.shape[1])
            assert difference(stream_decodes_as(stream)[:height, :width], truth[:height, :width]) < 3


@pytest.mark.parametrize("name", _JPEG_MAKERS)
def test_right_files_pass_unchanged(tmp_path: Path, name: str) -> None:
    sample = _JPEG_MAKERS[name](tmp_path)
    with _indexed(sample) as slide:
        verdict = check_colour(slide, sample.paths)
        _shows_truth(verdict, slide, sample)
        assert verdict.warnings == ()
        assert verdict.index is not None
        assert verdict.index.to_bytes() == slide.frame_index.to_bytes()


@pytest.mark.parametrize("name", sorted(set(_JPEG_MAKERS) - {"dicom-rgb"}))
def test_wrong_heads_are_repaired(tmp_path: Path, name: str) -> None:
    sample = _JPEG_MAKERS[name](tmp_path)
    with _indexed(sample) as slide:
        verdict = check_colour(_with(slide, _spoiled_head), sample.paths)
        _shows_truth(verdict, slide, sample)
        # The streams of the OME-TIFF carry a JFIF marker, which wins over the wrong one before it.
        assert len(verdict.warnings) == (0 if name == "ome-rgb" else len(sample.levels))
        assert all("repaired head" in str(warning) for warning in verdict.warnings)


@pytest.mark.parametrize("name", ["svs-ycbcr", "svs-rgb", "tiff-ycbcr", "tiff-rgb"])
def test_wrong_colour_in_the_index_is_repaired_with_openslide(tmp_path: Path, name: str) -> None:
    sample = _JPEG_MAKERS[name](tmp_path)
    with _indexed(sample) as slide:
        verdict = check_colour(_with(slide, _other_colour), sample.paths)
        _shows_truth(verdict, slide, sample)
        assert all("it is shown as what it holds" in str(warning) for warning in verdict.warnings)


@pytest.mark.parametrize("ycbcr", [False, True])
def test_jpeg_2000_colour_is_checked_against_openslide(tmp_path: Path, ycbcr: bool) -> None:
    sample = samples.svs_jpeg2000(tmp_path, ycbcr=ycbcr)
    with _indexed(sample) as slide:
        right = check_colour(slide, sample.paths)
        _shows_truth(right, slide, sample)
        assert right.warnings == ()
        wrong = check_colour(_with(slide, _other_colour), sample.paths)
        _shows_truth(wrong, slide, sample)
        assert wrong.index is not None
        assert [level.colour for level in wrong.index.levels] == [
            level.colour for level in slide.frame_index.levels
        ]


def test_subsampled_chroma_is_ycbcr_without_any_witness(tmp_path: Path) -> None:
    sample = samples.svs_ycbcr(tmp_path)
    with _indexed(sample) as slide:
        _shows_truth(check_colour(_with(slide, _spoiled_head), []), slide, sample)


@pytest.mark.parametrize("name", ["svs-rgb", "dicom-rgb"])
def test_contradiction_without_witness_is_refused(tmp_path: Path, name: str) -> None:
    sample = _JPEG_MAKERS[name](tmp_path)
    paths = sample.paths if name == "dicom-rgb" else ()
    with _indexed(sample) as slide:
        verdict = check_colour(_with(slide, _spoiled_head), paths)
        assert str(verdict.refusal) == (
            "The file and its JPEG tiles state different colours, and nothing tells which is right."
        )


def test_other_pixels_than_openslide_shows_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    sample = samples.svs_ycbcr(tmp_path)
    picture = samples.picture()
    imposter = samples.tiled_tiff(tmp_path / "other")
    assert imposter.levels[0].shape[2:4] == picture.shape[:2]
    with _indexed(sample) as slide:
        shifted = _with(slide, lambda level: replace(level, offsets=np.roll(level.offsets, 1, axis=3)))
        lengths = _with(shifted, lambda level: replace(level, lengths=np.roll(level.lengths, 1, axis=3)))
        verdict = check_colour(lengths, imposter.paths)
    assert (
        str(verdict.refusal) == "The tiles decode to other colours than OpenSlide shows, whatever is assumed."
    )


def test_tiles_of_both_colours_in_one_level_are_refused(tmp_path: Path) -> None:
    ycbcr, rgb = samples.jpeg_tiff(tmp_path, ycbcr=True), samples.jpeg_tiff(tmp_path, ycbcr=False)
    with _indexed(ycbcr) as one, _indexed(rgb) as two:
        level, other = one.frame_index.levels[0], two.frame_index.levels[0]
        mixed = replace(
            level,
            objects=(np.indices(level.objects.shape)[3] % 2).astype(np.uint16),
            offsets=np.where(np.indices(level.objects.shape)[3] % 2, other.offsets, level.offsets),
            lengths=np.where(np.indices(level.objects.shape)[3] % 2, other.lengths, level.lengths),
        )
        slide = IndexedSlide(one.description, FrameIndex((mixed,)), [*one.sources, *two.sources])
        verdict = check_colour(slide, ycbcr.paths)
    assert str(verdict.refusal) == "The tiles mix RGB and YCbCr, so their colours cannot be trusted."


def test_damaged_tiles_are_told_and_a_level_of_nothing_else_is_refused(tmp_path: Path) -> None:
    sample = samples.svs_ycbcr(tmp_path)
    with _indexed(sample) as slide:
        some = _with(slide, lambda level: _cut(level, 1))
        verdict = check_colour(some, sample.paths, samples=40)
        assert verdict.refusal is None
        assert any("tiles that were looked at do not decode" in str(warning) for warning in verdict.warnings)
        refusal = check_colour(_with(slide, lambda level: _cut(level, None)), sample.paths).refusal
        assert refusal is not None
        assert str(refusal).endswith(".")


def _cut(level: FrameLevel, count: int | None) -> FrameLevel:
    lengths = level.lengths.copy()
    lengths.reshape(-1)[:count] = 40
    return replace(level, lengths=lengths)


def test_grey_tiles_are_no_evidence() -> None:
    """A flat grey whose readings as RGB and YCbCr are the same may say what it likes."""
    tile = np.full((64, 64, 3), 128, np.uint8)
    stream = bytes(imagecodecs.jpeg_encode(tile, colorspace="RGB", outcolorspace="RGB"))
    with _of_one_tile(stream, Colour.YCBCR) as slide:
        verdict = check_colour(slide, [])
    assert verdict == ColourVerdict(verdict.index)
    assert verdict.index is not None


@pytest.mark.parametrize("samples_per_pixel", [1, 3])
def test_lossless_jpeg_is_known_as_what_no_browser_shows(samples_per_pixel: int) -> None:
    tile = samples.picture(64, 64)
    pixels = tile if samples_per_pixel == 3 else np.ascontiguousarray(tile[:, :, 1])
    stream = bytes(imagecodecs.jpeg8_encode(pixels, lossless=True))
    colour = Colour.RGB if samples_per_pixel == 3 else Colour.GREY
    with _of_one_tile(stream, colour, samples_per_pixel) as slide:
        verdict = check_colour(slide, [])
        assert verdict.refusal is None
        assert verdict.index is not None
        assert verdict.index.levels[0].media_type is None
        again = FrameIndex.from_buffer(verdict.index.to_bytes())
        assert again.levels[0].media_type is None
        assert slide.frame_index is not None
        assert slide.frame_index.levels[0].media_type == "image/jpeg"
        region = PixelRegion(0, 0, 64, 64)
        assert np.array_equal(slide.read_level(0, region).squeeze(), pixels)


def test_slides_without_an_index_have_nothing_to_check(tmp_path: Path) -> None:
    sample = samples.plain_picture(tmp_path)
    with open_slide(sample.path) as slide:
        assert check_colour(slide, sample.paths) == ColourVerdict(None)


def test_the_same_seed_gives_the_same_verdict(tmp_path: Path) -> None:
    sample = samples.svs_rgb(tmp_path)
    with _indexed(sample) as slide:
        spoiled = _with(slide, _spoiled_head)
        first, second = (check_colour(spoiled, sample.paths, samples=3, seed=5) for _ in range(2))
    assert first.warnings == second.warnings
    assert first.index is not None
    assert second.index is not None
    assert first.index.to_bytes() == second.index.to_bytes()


def _of_one_tile(stream: bytes, colour: Colour, samples_per_pixel: int = 3) -> Slide:
    size, pixel = PixelSize(64, 64), PixelFormat(samples_per_pixel, "uint8")
    shape = (1, 1, 1, 1)
    level = FrameLevel(
        size=size,
        tile=size,
        downsample=1.0,
        codec=Codec.JPEG,
        pixel=pixel,
        colour=colour,
        objects=np.zeros(shape, np.uint16),
        offsets=np.zeros(shape, np.uint64),
        lengths=np.full(shape, len(stream), np.uint32),
    )
    sources: list[ByteSource] = [MemorySource(stream)]
    description = SlideDescription("test", (Level(size, 1.0),), pixel, None)
    return IndexedSlide(description, FrameIndex((level,)), sources)
