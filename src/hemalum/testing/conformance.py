"""What every slide reader promises, as tests to inherit.

    class TestMyReader(SlideConformance):
        def open(self, tmp_path): return open_my_format(make_file(tmp_path))

pytest runs each test of `SlideConformance` against what `open` returns. Where the pixels are known, override
`truth` too. Needs pytest, which only those have who test.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.decode import decode_frame
from hemalum.formats.wsi.frame_index import FrameIndex, read_frame
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import AssociatedKind
from hemalum.formats.wsi.slide import Pixels, Slide, blank
from hemalum.kernel.errors import Invalid, NoPhysicalScale
from hemalum.kernel.geometry import PixelRegion, PixelSize, RegionUm
from hemalum.testing.samples import SampleSlide

_THREADS = 8
_SIDE_PX = 90
"""Of the regions read; not a multiple of any tile size."""
_INDEX_PLACES = 24
"""Tiles of each level that are compared with the region they cover."""


class SlideConformance:
    """Tests that every reader passes. A subclass supplies `open`."""

    tolerance: float = 0.0
    """Mean absolute difference between read pixels and `truth`, in sample values."""
    box_tolerance: float = 6.0
    """Mean difference, of 255, between a region read at half size and its box mean (filters differ)."""

    def open(self, tmp_path: Path) -> Slide:
        """A newly opened slide; called once for each test."""
        raise NotImplementedError

    def truth(self, level: int, plane: int, channel: int) -> NDArray[Any] | None:  # noqa: ARG002 - to override
        """The pixels that a level should have, (height, width, samples), or None when they are not known."""
        return None

    @pytest.fixture
    def slide(self, tmp_path: Path) -> Iterator[Slide]:
        """What `open` returns, closed after the test."""
        with self.open(tmp_path) as slide:
            yield slide

    def test_levels_grow_coarser_and_agree_with_their_downsamples(self, slide: Slide) -> None:
        levels = slide.description.levels
        assert levels[0].downsample == pytest.approx(1.0)
        for finer, coarser in pairwise(levels):
            assert coarser.size.width_px < finer.size.width_px
            assert coarser.size.height_px <= finer.size.height_px
            assert coarser.downsample > finer.downsample
        for level in levels:
            size = slide.description.size
            # A level is rounded to whole pixels, so that its ratio is only that exact.
            slack = 1.5 * max(1 / level.size.width_px, 1 / level.size.height_px) + 0.001
            ratio = (size.width_px / level.size.width_px + size.height_px / level.size.height_px) / 2
            assert level.downsample == pytest.approx(ratio, rel=slack)

    def test_pixels_have_the_promised_shape_and_type(self, slide: Slide) -> None:
        description = slide.description
        assert description.planes
        assert description.channels
        for level, plane, channel in _everywhere(slide):
            pixels = slide.read_level(level, PixelRegion(1, 2, 17, 13), plane=plane, channel=channel)
            assert pixels.shape == (13, 17, description.pixel.samples)
            assert pixels.dtype == np.dtype(description.pixel.dtype)

    def test_pixels_are_the_true_ones(self, slide: Slide) -> None:
        for level, plane, channel in _everywhere(slide):
            truth = self.truth(level, plane, channel)
            if truth is None:
                continue
            size = slide.description.levels[level].size
            assert (size.height_px, size.width_px) == truth.shape[:2]
            pixels = _whole(slide, level, plane, channel)
            assert pixels.dtype == truth.dtype
            worst = np.abs(pixels.astype(np.float64) - truth).mean()
            assert worst <= self.tolerance, f"level {level}, plane {plane}, channel {channel}"

    def test_planes_and_channels_differ_where_the_truth_does(self, slide: Slide) -> None:
        description = slide.description
        first = self.truth(0, 0, 0)
        last = self.truth(0, len(description.planes) - 1, len(description.channels) - 1)
        if first is None or last is None or np.array_equal(first, last):
            return
        read = [
            _corner(slide, 0, 0),
            _corner(slide, len(description.planes) - 1, len(description.channels) - 1),
        ]
        assert not np.array_equal(read[0], read[1])

    def test_outside_is_blank(self, slide: Slide) -> None:
        for level, lv in enumerate(slide.description.levels):
            width, height = lv.size.width_px, lv.size.height_px
            nothing = blank(slide.description, 8, 9)
            for x, y in [
                (-9, 0),
                (0, -8),
                (width, 0),
                (0, height),
                (width + 5000, height + 5000),
                (-999, -999),
            ]:
                assert np.array_equal(slide.read_level(level, PixelRegion(x, y, 9, 8)), nothing)
            over_edge = slide.read_level(level, PixelRegion(width - 3, height - 2, 9, 8))
            assert np.array_equal(over_edge[2:], nothing[2:])
            assert np.array_equal(over_edge[:, 3:], nothing[:, 3:])
            inside = slide.read_level(level, PixelRegion(width - 3, height - 2, 3, 2))
            assert np.array_equal(over_edge[:2, :3], inside)

    def test_overlapping_reads_agree(self, slide: Slide) -> None:
        for level, plane, channel in _everywhere(slide):
            whole = _whole(slide, level, plane, channel)
            for region in _regions(slide, level):
                part = slide.read_level(level, region, plane=plane, channel=channel)
                x, y = region.x_px, region.y_px
                assert np.array_equal(part, whole[y : y + region.height_px, x : x + region.width_px])

    def test_region_at_native_spacing_is_the_level(self, slide: Slide) -> None:
        spacing = slide.description.spacing_um
        if spacing is None:
            with pytest.raises(NoPhysicalScale):
                slide.read_region(RegionUm(0, 0, 10, 10), 1.0)
            return
        assert 0.01 < spacing.x_um < 1000
        for region in _regions(slide, 0)[:3]:
            if abs(spacing.x_um - spacing.y_um) > 1e-9 * spacing.x_um:
                break  # one spacing cannot be native in both directions
            um = RegionUm(
                region.x_px * spacing.x_um,
                region.y_px * spacing.y_um,
                region.width_px * spacing.x_um,
                region.height_px * spacing.y_um,
            )
            assert _near(slide.read_region(um, spacing.x_um), slide.read_level(0, region)) < 0.5
        with pytest.raises(Invalid):
            slide.read_region(RegionUm(0, 0, 10, 10), 0)

    def test_half_size_is_close_to_the_box_mean(self, slide: Slide) -> None:
        size = slide.description.size
        width, height = min(size.width_px, 256) // 2 * 2, min(size.height_px, 256) // 2 * 2
        full = slide.read_level(0, PixelRegion(0, 0, width, height)).astype(np.float64)
        mean = full.reshape(height // 2, 2, width // 2, 2, -1).mean(axis=(1, 3))
        half = slide.read_scaled(0, 0, width, height, PixelSize(width // 2, height // 2))
        assert half.shape == mean.shape
        assert half.dtype == np.dtype(slide.description.pixel.dtype)
        span = max(1e-9, 255.0 if half.dtype == np.uint8 else float(np.ptp(full)))
        assert np.abs(half - mean).mean() / span * 255 <= self.box_tolerance

    def test_thumbnail_fits(self, slide: Slide) -> None:
        pixels = slide.thumbnail(64)
        size = slide.description.size
        assert max(pixels.shape[:2]) == min(64, max(size.width_px, size.height_px))
        assert pixels.dtype == np.dtype(slide.description.pixel.dtype)

    def test_frames_of_the_index_are_the_pixels(self, slide: Slide) -> None:
        index = slide.frame_index
        if index is None:
            return
        assert isinstance(slide, IndexedSlide)
        _check_matches_description(index, slide)
        for number, level in enumerate(index.levels):
            places = list(np.ndindex(level.planes, level.channels, level.rows, level.columns))
            for plane, channel, row, column in places[:: max(1, len(places) // _INDEX_PLACES)]:
                stream = read_frame(level, slide.sources, plane, channel, row, column)
                width, height = level.tile.width_px, level.tile.height_px
                region = PixelRegion(column * width, row * height, width, height)
                seen = slide.read_level(number, region, plane=plane, channel=channel)
                frame = (
                    blank(slide.description, height, width) if stream is None else decode_frame(level, stream)
                )
                inside = (
                    slice(0, level.size.height_px - region.y_px),
                    slice(0, level.size.width_px - region.x_px),
                )
                assert np.array_equal(frame[inside], seen[inside])

    def test_ranges_of_the_index_lie_inside_the_objects(self, slide: Slide) -> None:
        index = slide.frame_index
        if index is None:
            return
        assert isinstance(slide, IndexedSlide)
        index.check_ranges([source.size for source in slide.sources])

    def test_file_form_of_the_index_keeps_everything(self, slide: Slide) -> None:
        index = slide.frame_index
        if index is None:
            return
        again = FrameIndex.from_buffer(index.to_bytes())
        assert len(again.levels) == len(index.levels)
        assert again.frame_count == index.frame_count
        for one, two in zip(index.levels, again.levels, strict=True):
            for name in one.__dataclass_fields__:
                first, second = getattr(one, name), getattr(two, name)
                assert np.array_equal(first, second) if isinstance(first, np.ndarray) else first == second

    def test_many_threads_read_the_same(self, slide: Slide) -> None:
        last = len(slide.description.levels) - 1
        jobs = [(level, region) for level in {0, last} for region in _regions(slide, level)] * 4
        expected = {job: slide.read_level(*job) for job in jobs}
        with ThreadPoolExecutor(_THREADS) as pool:
            for job, pixels in zip(jobs, pool.map(lambda job: slide.read_level(*job), jobs), strict=True):
                assert np.array_equal(pixels, expected[job])

    def test_impossible_requests_are_invalid(self, slide: Slide) -> None:
        description, small = slide.description, PixelRegion(0, 0, 4, 4)
        for level in (-1, len(description.levels)):
            with pytest.raises(Invalid):
                slide.read_level(level, small)
        for plane in (-1, len(description.planes)):
            with pytest.raises(Invalid):
                slide.read_level(0, small, plane=plane)
        for channel in (-1, len(description.channels)):
            with pytest.raises(Invalid):
                slide.read_level(0, small, channel=channel)
        for width, height in [(0, 4), (4, 0), (-1, 4), (100_000, 100_000)]:
            with pytest.raises(Invalid):
                slide.read_level(0, PixelRegion(0, 0, width, height))
            with pytest.raises(Invalid):
                slide.read_scaled(0, 0, 10, 10, PixelSize(width, height))

    def test_associated_images_are_rgb(self, slide: Slide) -> None:
        for kind in AssociatedKind:
            if kind not in slide.description.associated:
                with pytest.raises(Invalid):
                    slide.read_associated(kind)
                continue
            pixels = slide.read_associated(kind)
            assert pixels.dtype == np.uint8
            assert pixels.ndim == 3
            assert pixels.shape[2] == 3
            assert min(pixels.shape[:2]) > 0

    def test_description_is_immutable_plain_and_sourced(self, slide: Slide) -> None:
        description = slide.description
        with pytest.raises(FrozenInstanceError):
            description.vendor = "other"  # type: ignore[misc]
        assert msgspec.json.decode(msgspec.json.encode(description))["format"] == description.format
        assert description.format
        assert description.format == description.format.strip()
        assert description.pixel.dtype in ("uint8", "uint16", "float32")
        assert description.pixel.samples in (1, 3)
        assert description.pixel.samples == 1 or len(description.channels) == 1
        fields = description.__dataclass_fields__
        assert set(description.sources) <= set(fields)
        for warning in description.warnings:
            assert str(warning).endswith(".")

    def test_closing_twice_is_harmless(self, tmp_path: Path) -> None:
        slide = self.open(tmp_path)
        slide.read_level(0, PixelRegion(0, 0, 4, 4))
        slide.close()
        slide.close()


class SampleConformance(SlideConformance):
    """The same tests on a sample slide whose pixels are known; it is made once for each class."""

    sample: ClassVar[SampleSlide]

    @classmethod
    def make(cls, folder: Path) -> SampleSlide:
        """Write the sample into `folder`."""
        raise NotImplementedError

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def made(cls, tmp_path_factory: pytest.TempPathFactory) -> None:
        """Makes the sample before the first test of the class."""
        cls.sample = cls.make(tmp_path_factory.mktemp("sample"))
        cls.tolerance = cls.sample.tolerance

    def open(self, tmp_path: Path) -> Slide:  # noqa: ARG002 - the sample lies elsewhere
        return open_slide(self.sample.paths)

    def truth(self, level: int, plane: int, channel: int) -> NDArray[Any]:
        truth: NDArray[Any] = self.sample.levels[level][plane, channel]
        return truth

    def test_layout_and_scale_are_the_true_ones(self, slide: Slide) -> None:
        description = slide.description
        assert len(description.levels) == len(self.sample.levels)
        planes, channels = self.sample.levels[0].shape[:2]
        assert (len(description.planes), len(description.channels)) == (planes, channels)
        stated = description.spacing_um
        if self.sample.spacing_um is None:
            assert stated is None
        else:
            assert stated is not None
            assert (stated.x_um, stated.y_um) == pytest.approx((self.sample.spacing_um,) * 2, rel=1e-3)


def _everywhere(slide: Slide) -> Iterator[tuple[int, int, int]]:
    description = slide.description
    yield from np.ndindex(len(description.levels), len(description.planes), len(description.channels))


def _whole(slide: Slide, level: int, plane: int, channel: int) -> Pixels:
    size = slide.description.levels[level].size
    region = PixelRegion(0, 0, size.width_px, size.height_px)
    return slide.read_level(level, region, plane=plane, channel=channel)


def _corner(slide: Slide, plane: int, channel: int) -> Pixels:
    return slide.read_level(0, PixelRegion(0, 0, 200, 200), plane=plane, channel=channel)


def _regions(slide: Slide, level: int) -> list[PixelRegion]:
    """Some inside the level, across edges of tiles and at its far corner."""
    size = slide.description.levels[level].size
    width, height = min(_SIDE_PX, size.width_px), min(_SIDE_PX, size.height_px)
    right, bottom = size.width_px - width, size.height_px - height
    places = {(0, 0), (right // 3, bottom // 2), (right // 2, bottom // 3), (right, bottom)}
    return [PixelRegion(x, y, width, height) for x, y in sorted(places)]


def _near(one: Pixels, two: Pixels) -> float:
    assert one.shape == two.shape
    span = 255.0 if one.dtype == np.uint8 else max(1e-9, float(np.ptp(two.astype(np.float64))))
    return float(np.abs(one.astype(np.float64) - two).mean() / span * 255)


def _check_matches_description(index: FrameIndex, slide: Slide) -> None:
    description = slide.description
    assert [level.size for level in index.levels] == [level.size for level in description.levels]
    for level, described in zip(index.levels, description.levels, strict=True):
        assert level.downsample == pytest.approx(described.downsample)
        assert level.pixel == description.pixel
        assert (level.planes, level.channels) == (len(description.planes), len(description.channels))
        assert level.rows == -(-level.size.height_px // level.tile.height_px)
        assert level.columns == -(-level.size.width_px // level.tile.width_px)
        assert level.objects.shape == level.offsets.shape == level.lengths.shape
