"""Patches lie on tissue, in um, in an order in which no stored tile is read twice."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hemalum.analysis.patches import BLOCK_UM, PatchNeed, chunks_of, plan_patches
from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.frame_index import FrameIndex
from hemalum.formats.wsi.indexed import IndexedSlide, SharedTilesSlide
from hemalum.kernel.errors import Invalid, NoPhysicalScale
from hemalum.kernel.geometry import PixelRegion, PixelSize, SpacingUm
from hemalum.testing.samples import halved, svs_rgb, tiled_tiff

SIZES = (PixelSize(40_000, 20_000), PixelSize(10_000, 5_000), PixelSize(2_500, 1_250))
QUARTER = SpacingUm(0.25, 0.25)
NEED = PatchNeed(0.5, 224, 224)


def everywhere(rows: int = 50, columns: int = 100) -> np.ndarray:
    return np.ones((rows, columns), bool)


def test_patches_cover_all_tissue_once() -> None:
    plan = plan_patches(SIZES, QUARTER, everywhere(), NEED)
    assert plan.grid == (45, 90)
    assert len(plan.places) == 45 * 90
    assert len(np.unique(plan.places, axis=0)) == len(plan.places)
    assert plan.level == 0
    assert plan.scale == (2.0, 2.0)


def test_only_patches_with_tissue_are_looked_at() -> None:
    tissue = np.zeros((50, 100), bool)
    tissue[10:20, 30:40] = True
    plan = plan_patches(SIZES, QUARTER, tissue, NEED)
    left = plan.places[:, 1] * 112.0
    top = plan.places[:, 0] * 112.0
    assert 0 < len(plan.places) < 200
    assert left.min() >= 30 * 100 - 112
    assert left.max() <= 40 * 100
    assert top.min() >= 10 * 100 - 112
    assert top.max() <= 20 * 100


def test_no_tissue_gives_no_patches_and_no_chunks() -> None:
    plan = plan_patches(SIZES, QUARTER, ~everywhere(), NEED)
    assert len(plan.places) == 0
    assert list(chunks_of([plan])) == []


@pytest.mark.parametrize(("um_per_px", "level", "scale"), [(0.25, 0, 1), (1.0, 1, 1), (2.0, 1, 2), (8, 2, 2)])
def test_the_coarsest_level_that_is_fine_enough_is_read(um_per_px: float, level: int, scale: float) -> None:
    plan = plan_patches(SIZES, QUARTER, everywhere(), PatchNeed(um_per_px, 64, 64))
    assert plan.level == level
    assert plan.scale == (scale, scale)


def test_pixels_that_are_not_square_are_read_as_squares_of_um() -> None:
    plan = plan_patches(SIZES, SpacingUm(0.25, 0.5), everywhere(), PatchNeed(0.5, 100, 100))
    assert plan.scale == (2.0, 1.0)
    assert plan.box(0)[2:] == (200.0, 100.0)


@pytest.mark.parametrize(
    ("stated_um", "factor"),
    [(0.25, 2), (0.2501, 2), (0.2499, 2), (0.2525, None), (0.5, 1), (0.4999, 1), (0.1667, 3), (0.51, None)],
)
def test_whole_factors_are_told_from_scales_to_be_resampled(stated_um: float, factor: int | None) -> None:
    plan = plan_patches(SIZES, SpacingUm(stated_um, stated_um), everywhere(), NEED)
    assert plan.factor == factor


def test_pixels_that_are_not_square_have_no_factor() -> None:
    plan = plan_patches(SIZES, SpacingUm(0.25, 0.5), everywhere(), PatchNeed(0.5, 100, 100))
    assert plan.factor is None


def test_context_reaches_beyond_the_patch_and_beyond_the_slide() -> None:
    plan = plan_patches(SIZES, QUARTER, everywhere(), PatchNeed(0.25, 100, 100, context_px=20))
    assert plan.box(0) == (-20.0, -20.0, 140.0, 140.0)


def test_chunks_are_whole_blocks_and_together_all_patches_of_all_models() -> None:
    fine = plan_patches(SIZES, QUARTER, everywhere(), PatchNeed(0.25, 256, 256))
    coarse = plan_patches(SIZES, QUARTER, everywhere(), PatchNeed(2.0, 224, 112))
    chunks = list(chunks_of([fine, coarse]))
    assert all(before[1] < after[0] for before, after in pairwise(chunks))
    for plan in (fine, coarse):
        numbers = [number for chunk in chunks for number in plan.within(*chunk)]
        assert numbers == list(range(len(plan.places)))
    sizes = [len(fine.within(*chunk)) for chunk in chunks[:-1]]
    assert min(sizes) >= 256
    assert max(sizes) <= 2_048


def test_patches_of_a_block_are_looked_at_together() -> None:
    plan = plan_patches(SIZES, QUARTER, everywhere(), NEED)
    assert (np.diff(plan.blocks) >= 0).all()
    middles = (plan.places * 224 + 112) * 0.5
    for block in np.unique(plan.blocks)[:20]:
        of_block = middles[plan.blocks == block]
        assert (np.ptp(of_block, axis=0) <= BLOCK_UM).all()


def test_a_huge_slide_with_little_tissue_is_planned() -> None:
    tissue = np.zeros((1000, 1000), bool)
    tissue[500:505, 300:305] = True
    sizes = (PixelSize(100_000, 100_000), PixelSize(25_000, 25_000))
    plan = plan_patches(sizes, QUARTER, tissue, PatchNeed(0.25, 32, 32))
    assert 200 < len(plan.places) < 400


def test_without_scale_no_plan_is_made() -> None:
    with pytest.raises(NoPhysicalScale, match="um/px is stated"):
        plan_patches(SIZES, None, everywhere(), NEED)


@pytest.mark.parametrize("need", [PatchNeed(0, 224, 224), PatchNeed(0.5, 0, 1), PatchNeed(0.5, 224, 0)])
def test_needs_that_cannot_be_are_refused(need: PatchNeed) -> None:
    with pytest.raises(Invalid, match="at least one pixel"):
        plan_patches(SIZES, QUARTER, everywhere(), need)


def test_too_many_patches_are_refused() -> None:
    with pytest.raises(Invalid, match="more than"):
        plan_patches(SIZES, QUARTER, everywhere(), PatchNeed(0.25, 8, 2))


def test_a_tile_that_several_regions_share_is_decoded_once(tmp_path: Path) -> None:
    with open_slide(svs_rgb(tmp_path).path) as slide:
        assert isinstance(slide, IndexedSlide)
        shared = SharedTilesSlide(slide.description, slide.frame_index, slide.sources, kept_bytes=64 << 20)
        region = PixelRegion(100, 100, 300, 300)
        first = shared.read_level(0, region)
        once = shared.decoded
        again = shared.read_level(0, region)
        assert shared.decoded == once
        assert np.array_equal(first, again)
        assert np.array_equal(first, slide.read_level(0, region))


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_regions_are_read_shrunk(tmp_path: Path, factor: int) -> None:
    """By 2 and 4 tile by tile, by 3 (which divides no side of a tile) from the region; beyond it is white."""
    sample = tiled_tiff(tmp_path)
    with open_slide(sample.path) as slide:
        assert isinstance(slide, IndexedSlide)
        shared = SharedTilesSlide(slide.description, slide.frame_index, slide.sources, kept_bytes=64 << 20)
        truth = halved(sample.levels[0][0, 0], factor).astype(int)
        height, width = truth.shape[:2]
        found = shared.read_shrunk(0, PixelRegion(-5, -3, width + 20, height + 20), factor).astype(int)
        assert np.abs(found[3 : 3 + height, 5 : 5 + width] - truth).max() <= 1
        assert (found[:3] == 255).all()
        assert (found[:, :5] == 255).all()
        assert (found[height + 5 :] == 255).all()


def test_shrunk_tiles_are_decoded_once(tmp_path: Path) -> None:
    with open_slide(svs_rgb(tmp_path).path) as slide:
        assert isinstance(slide, IndexedSlide)
        shared = SharedTilesSlide(slide.description, slide.frame_index, slide.sources, kept_bytes=64 << 20)
        first = shared.read_shrunk(0, PixelRegion(10, 10, 120, 120), 2)
        once = shared.decoded
        assert np.array_equal(first, shared.read_shrunk(0, PixelRegion(10, 10, 120, 120), 2))
        assert shared.decoded == once
        # The whole level and the shrunk one do not take each other's tiles.
        assert shared.read_level(0, PixelRegion(20, 20, 240, 240)).shape == (240, 240, 3)
        assert shared.decoded > once


def test_kept_tiles_are_bounded(tmp_path: Path) -> None:
    with open_slide(svs_rgb(tmp_path).path) as slide:
        assert isinstance(slide, IndexedSlide)
        index: FrameIndex = slide.frame_index
        shared = SharedTilesSlide(slide.description, index, slide.sources, kept_bytes=1)
        whole = PixelRegion(0, 0, index.levels[0].size.width_px, index.levels[0].size.height_px)
        shared.read_level(0, whole)
        once = shared.decoded
        shared.read_level(0, whole)
        assert shared.decoded > once
