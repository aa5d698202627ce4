"""Levels that a scan lacks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.formats.wsi.derive import complete_levels, halve
from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.model import Channel, Codec, Level, PixelFormat, SlideDescription
from hemalum.formats.wsi.slide import Pixels, Slide, blank
from hemalum.formats.wsi.source import FileSource
from hemalum.kernel.geometry import PixelRegion, PixelSize


class PlainSlide(Slide):
    """A slide without tiles of its own, from pixels in memory, (channels, height, width, samples)."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels
        channels, height, width, samples = pixels.shape
        self.description = SlideDescription(
            format="test",
            levels=(Level(PixelSize(width, height), 1.0),),
            pixel=PixelFormat(samples, str(pixels.dtype)),
            spacing_um=None,
            channels=tuple(Channel(str(number)) for number in range(channels)),
        )
        self.reads = 0

    @property
    def frame_index(self) -> None:
        return None

    def read_level(self, level: int, region: PixelRegion, *, plane: int = 0, channel: int = 0) -> Pixels:
        self.check_request(level, region, plane, channel)
        self.reads += region.width_px * region.height_px
        out = blank(self.description, region.height_px, region.width_px)
        found = self.pixels[
            channel,
            region.y_px : region.y_px + region.height_px,
            region.x_px : region.x_px + region.width_px,
        ]
        out[: found.shape[0], : found.shape[1]] = found
        return out

    def read_associated(self, kind: object) -> np.ndarray:
        raise AssertionError

    def close(self) -> None:
        return None


def _gradient(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([(x // 8) % 256, (y // 8) % 256, ((x + y) // 16) % 256], axis=2).astype(np.uint8)[None]


def _complete(
    slide: Slide, folder: Path, **options: object
) -> tuple[IndexedSlide, list[tuple[str, int, int]]]:
    steps: list[tuple[str, int, int]] = []
    path = folder / "derived.bin"
    done = complete_levels(slide, path, 0, progress=lambda *step: steps.append(step), **options)
    index = FrameIndex.from_buffer(done.index.to_bytes())
    index.check_ranges([done.derived_bytes])
    assert path.stat().st_size == done.derived_bytes
    return IndexedSlide(done.description, index, [FileSource(path)]), steps


def test_image_without_tiles_gets_every_level(tmp_path: Path) -> None:
    slide = PlainSlide(_gradient(1300, 2101))
    with _complete(slide, tmp_path, lossy=False)[0] as done:
        sizes = [(level.size.width_px, level.size.height_px) for level in done.description.levels]
        assert sizes == [(2101, 1300), (1051, 650), (526, 325), (263, 163)]
        assert [level.derived for level in done.frame_index.levels] == [False, True, True, True]
        whole = PixelRegion(0, 0, 2101, 1300)
        assert np.array_equal(done.read_level(0, whole), slide.pixels[0])
        expected = slide.pixels[0]
        for number, (width, height) in enumerate(sizes[1:], 1):
            expected = halve(expected)
            assert np.array_equal(done.read_level(number, PixelRegion(0, 0, width, height)), expected)


def test_every_pixel_is_read_once(tmp_path: Path) -> None:
    slide = PlainSlide(_gradient(1111, 1777))
    _, steps = _complete(slide, tmp_path)
    assert slide.reads == 1111 * 1777
    assert steps[-1] == ("levels", steps[-1][2], steps[-1][2])
    assert [done for _, done, _ in steps] == list(range(1, len(steps) + 1))


def test_lossy_sources_become_jpeg_close_to_the_pixels(tmp_path: Path) -> None:
    slide = PlainSlide(_gradient(600, 700))
    with _complete(slide, tmp_path, lossy=True)[0] as done:
        assert done.frame_index.levels[0].codec is Codec.JPEG
        read = done.read_level(0, PixelRegion(0, 0, 700, 600)).astype(int)
        assert np.abs(read - slide.pixels[0]).mean() < 2


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_channels_keep_their_samples(tmp_path: Path, dtype: str) -> None:
    pixels = np.random.default_rng(5).integers(0, 60000, (2, 530, 620, 1)).astype(dtype)
    with _complete(PlainSlide(pixels), tmp_path)[0] as done:
        for channel in range(2):
            read = done.read_level(0, PixelRegion(0, 0, 620, 530), channel=channel)
            assert np.array_equal(read, pixels[channel])
            assert np.array_equal(
                done.read_level(1, PixelRegion(0, 0, 310, 265), channel=channel), halve(pixels[channel])
            )


def test_blank_parts_take_no_room(tmp_path: Path) -> None:
    pixels = np.full((1, 2048, 2048, 3), 255, np.uint8)
    pixels[0, 1600:1700, 1600:1700] = 90
    with _complete(PlainSlide(pixels), tmp_path, lossy=False)[0] as done:
        lengths = done.frame_index.levels[0].lengths
        assert (lengths > 0).sum() == 1
        assert lengths[0, 0, 3, 3] > 0
        assert np.array_equal(done.read_level(0, PixelRegion(0, 0, 2048, 2048)), pixels[0])


def test_gap_between_levels_is_filled_and_the_rest_is_kept(tmp_path: Path) -> None:
    with _complete(PlainSlide(_gradient(1024, 8192)), tmp_path, lossy=False)[0] as full:
        levels = full.frame_index.levels
        kept = FrameIndex((levels[0], levels[4]))
        description = SlideDescription(
            format="test",
            levels=tuple(Level(level.size, level.downsample) for level in kept.levels),
            pixel=full.description.pixel,
            spacing_um=None,
        )
        gappy = IndexedSlide(description, kept, full.sources)
        done = complete_levels(gappy, tmp_path / "gap.bin", 1, progress=lambda *_: None)
        widths = [level.size.width_px for level in done.index.levels]
        assert widths == [8192, 4096, 2048, 512]
        assert [level.derived for level in done.index.levels] == [False, True, True, True]
        assert {int(level.objects.max()) for level in done.index.levels[1:3]} == {1}
        assert done.index.levels[0].offsets is kept.levels[0].offsets


def test_complete_scan_needs_nothing(tmp_path: Path) -> None:
    with _complete(PlainSlide(_gradient(300, 500)), tmp_path, lossy=False)[0] as small:
        done = complete_levels(small, tmp_path / "none.bin", 1, progress=lambda *_: None)
        assert done.derived_bytes == 0
        assert not (tmp_path / "none.bin").exists()
        assert len(done.index.levels) == 1


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["uint8", "uint16", "float32"]))
def test_halving_keeps_the_range_and_the_mean_of_even_sizes(height: int, width: int, dtype: str) -> None:
    pixels = np.random.default_rng(height * 41 + width).integers(0, 256, (height, width, 1)).astype(dtype)
    half = halve(pixels)
    assert half.shape == ((height + 1) // 2, (width + 1) // 2, 1)
    assert half.dtype == pixels.dtype
    assert pixels.min() <= half.min()
    assert half.max() <= pixels.max()
    if height % 2 == 0 and width % 2 == 0:
        assert abs(float(half.mean()) - float(pixels.mean())) <= 0.51
