"""From which pixels of a slide a network is given a patch."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hemalum.analysis.patches import PatchNeed, PatchPlan, plan_patches
from hemalum.capabilities.inference.running import read_patch
from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.indexed import IndexedSlide, SharedTilesSlide
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.testing import samples

SIDE_PX = 48


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SharedTilesSlide]:
    with open_slide(samples.svs_ycbcr(tmp_path).path) as slide:
        assert isinstance(slide, IndexedSlide)
        yield SharedTilesSlide(slide.description, slide.frame_index, slide.sources, kept_bytes=64 << 20)


def planned(slide: SharedTilesSlide, um_per_px: float, context_px: int = 0) -> PatchPlan:
    sizes = [PixelSize(level.size.width_px, level.size.height_px) for level in slide.description.levels[:1]]
    need = PatchNeed(um_per_px, SIDE_PX, SIDE_PX, context_px)
    return plan_patches(sizes, SpacingUm(0.25, 0.25), np.ones((4, 4), bool), need)


@pytest.mark.parametrize(("um_per_px", "factor"), [(0.25, 1), (0.5, 2), (1.0, 4), (0.4, None)])
@pytest.mark.parametrize("context_px", [0, 8])
def test_a_patch_shows_its_place(
    shared: SharedTilesSlide, um_per_px: float, factor: int | None, context_px: int
) -> None:
    plan = planned(shared, um_per_px, context_px)
    assert plan.factor == factor
    truth = samples.picture().astype(float)
    for number in range(0, len(plan.places), 5):
        left, top, width, height = (round(each) for each in plan.box(number))
        pixels = read_patch(shared, plan, number)
        assert pixels.shape == (SIDE_PX + 2 * context_px, SIDE_PX + 2 * context_px, 3)
        inside = truth[max(0, top) : top + height, max(0, left) : left + width]
        if inside.shape[:2] == (height, width):
            assert abs(pixels.mean() - inside.mean()) < 1.5


def test_a_whole_factor_gives_nearly_what_resampling_gave(shared: SharedTilesSlide) -> None:
    plan = planned(shared, 0.5)
    truth = samples.halved(samples.picture()).astype(int)
    row, column = (int(each) * SIDE_PX for each in plan.places[0])
    pixels = read_patch(shared, plan, 0).astype(int)
    assert np.abs(pixels - truth[row : row + SIDE_PX, column : column + SIDE_PX]).mean() < 4


def test_the_same_patch_gives_the_same_bytes_whatever_was_read_before(shared: SharedTilesSlide) -> None:
    plan = planned(shared, 0.5)
    forwards = [read_patch(shared, plan, number).tobytes() for number in range(len(plan.places))]
    backwards = [read_patch(shared, plan, number).tobytes() for number in reversed(range(len(plan.places)))]
    assert forwards == backwards[::-1]
