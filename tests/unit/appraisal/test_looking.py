"""What is told of pictures whose tissue, ink and blur are known."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.analysis import stain
from hemalum.analysis.stain import Rejected
from hemalum.capabilities.appraisal.looking import MOST_PLACES, on_tissue, spread, told_of, told_of_stains
from hemalum.capabilities.appraisal.model import BLURRED_ABOVE, Figures, Place, Staining
from hemalum.capabilities.appraisal.service import scan_time
from hemalum.kernel.geometry import PixelRegion, PixelSize
from hemalum.testing.synth.artefacts import ArtefactKind
from hemalum.testing.synth.presets import DEMO_SLIDES
from hemalum.testing.synth.truth import artefact_mask, tissue_mask


def glass(height: int = 300, width: int = 400) -> NDArray[np.uint8]:
    noise = np.random.default_rng(3).integers(-2, 3, (height, width, 3))
    return (244 + noise).astype(np.uint8)


def tissue(rgb: NDArray[np.uint8], part: Any, density: float = 0.25) -> None:
    amounts = np.full((*rgb[part].shape[:2], 2), density, np.float32)
    rgb[part] = stain.rendered(amounts, stain.RUIFROK_HE)


def test_tissue_ink_and_folds_are_told_as_shares() -> None:
    rgb = glass()
    tissue(rgb, np.s_[50:250, 50:200])
    tissue(rgb, np.s_[100:140, 80:180], density=0.55)
    rgb[50:250, 250:300] = (40, 90, 200)
    found, shares = told_of(rgb, is_he=True)
    assert shares is not None
    assert shares["tissue_share"] == found.mean()
    assert abs(found.sum() - 200 * 150) < 0.05 * 200 * 150
    assert abs((shares["ink_share"] or 0) - 50 / 200) < 0.03
    assert abs((shares["fold_share"] or 0) - 40 * 100 / (200 * 150)) < 0.03
    assert shares["edge_share"] == 0


def test_a_stroke_over_tissue_is_ink_and_no_fold() -> None:
    rgb = glass()
    tissue(rgb, np.s_[50:250, 50:350])
    blue = 10 ** -np.array((0.46, 0.30, 0.05))
    rgb[130:160, 50:350] = (rgb[130:160, 50:350] * blue).astype(np.uint8)
    _, shares = told_of(rgb, is_he=True)
    assert shares is not None
    assert shares["ink_share"] == pytest.approx(30 / 200, abs=0.01)
    assert shares["fold_share"] == 0


def test_pale_tissue_is_seen_beside_strong_ink() -> None:
    rgb = glass()
    tissue(rgb, np.s_[50:250, 50:200], density=0.06)
    alone, _ = told_of(rgb, is_he=True)
    rgb[50:250, 250:300] = (215, 25, 45)
    beside, shares = told_of(rgb, is_he=True)
    assert shares is not None
    assert abs(int(beside.sum()) - int(alone.sum())) < 0.02 * alone.sum()
    assert shares["ink_share"] == pytest.approx(50 / 200, abs=0.02)


def test_black_ink_beside_tissue_stands_out_and_the_rim_of_a_bubble_is_none() -> None:
    rgb = glass()
    tissue(rgb, np.s_[50:250, 50:200])
    rgb[50:250, 250:280] = (25, 24, 28)
    rows, columns = np.mgrid[:300, :400]
    rgb[np.abs(np.hypot(rows - 150, columns - 125) - 40) < 2] //= 4
    _, shares = told_of(rgb, is_he=True)
    assert shares is not None
    assert shares["ink_share"] == pytest.approx(30 / 180, abs=0.01)
    assert shares["edge_share"] == pytest.approx(2 * np.pi * 40 * 4 / rgb[..., 0].size, rel=0.15)


def test_of_the_demo_slide_with_a_pen_the_ink_is_told() -> None:
    (demo,) = (each for each in DEMO_SLIDES if ArtefactKind.PEN in each.slide.artefacts)
    rgb = demo.slide.render(0, 0, 343, 281, downsample=16)
    pen, fold, real = (
        mask[:281, :343]
        for mask in (
            artefact_mask(demo.slide, 8.0, ArtefactKind.PEN),
            artefact_mask(demo.slide, 8.0, ArtefactKind.FOLD),
            tissue_mask(demo.slide, 8.0),
        )
    )
    _, shares = told_of(rgb, is_he=True)
    assert shares is not None
    assert shares["ink_share"] == pytest.approx((pen & real).sum() / real.sum(), abs=0.03)
    assert 0 < (shares["fold_share"] or 0) < 1.2 * (fold & real).sum() / real.sum()


def test_the_edge_of_a_coverslip_beside_tissue_is_told() -> None:
    rgb = glass()
    tissue(rgb, np.s_[50:250, 50:250])
    rgb[:, 330:334] = (rgb[:, 330:334] * 0.6).astype(np.uint8)
    _, shares = told_of(rgb, is_he=False)
    assert shares is not None
    assert shares["edge_share"] == pytest.approx(4 / 400, rel=0.2)


def test_ink_and_folds_are_told_of_haematoxylin_and_eosin_only() -> None:
    rgb = glass()
    tissue(rgb, np.s_[50:250, 50:200])
    _, shares = told_of(rgb, is_he=False)
    assert shares is not None
    assert shares["ink_share"] is None
    assert shares["fold_share"] is None


def test_nothing_is_told_of_glass_and_of_ink_alone() -> None:
    rgb = glass()
    assert told_of(rgb, is_he=True)[1] is None
    rgb[100:150, 50:350] = (40, 90, 200)
    assert told_of(rgb, is_he=True)[1] is None


def test_places_are_spread_over_the_tissue_and_always_the_same() -> None:
    mask = np.zeros((400, 400), bool)
    mask[100:300, 50:350] = True
    cells = spread(mask, (40, 40), 10.0)
    assert len(cells) == len(set(cells)) == MOST_PLACES
    assert all(10 <= row < 30 and 5 <= column < 35 for row, column in cells)
    rows, columns = np.array(cells).T
    for line, count in ((rows, 20), (columns, 30)):
        halves = np.histogram(line, 2, (line.min(), line.min() + count))[0]
        assert abs(halves[0] - halves[1]) <= 8
    assert cells == spread(mask, (40, 40), 10.0)


def test_of_a_small_piece_any_place_is_taken_and_of_none_no_place() -> None:
    mask = np.zeros((40, 40), bool)
    mask[18:20, 18:20] = True
    assert spread(mask, (4, 4), 10.0) == [(1, 1)]
    assert spread(mask, (0, 0), 100.0) == []


def test_places_without_detail_have_no_part_in_the_median() -> None:
    def figures(*blurs: float | None) -> Figures:
        places = tuple(Place(0, 0, 256, each) for each in blurs)
        return Figures(1, 1, None, None, 0, 8, 0.5, places, Staining(None, None, None, None, None))

    assert figures(0.5, None, 0.25, 0.375).median_blur == 0.375
    assert figures(None).median_blur is None
    assert figures(BLURRED_ABOVE, None, BLURRED_ABOVE + 0.01, 0.9).blurred_places == 2


def section(strengths: tuple[float, float], count: int = 20_000) -> NDArray[np.uint8]:
    """Pixels of nuclei, of cytoplasm, and of both, with glass between them."""
    random = np.random.default_rng(8)
    amounts = random.gamma(3, 0.1, (count, 2)).astype(np.float32) * strengths
    amounts[: count // 3, 0] *= 0.02
    amounts[2 * count // 3 :, 1] *= 0.05
    amounts[::7] = 0
    return stain.rendered(amounts, stain.RUIFROK_HE)


def test_the_strength_of_each_stain_is_told_apart() -> None:
    usual, dark = (told_of_stains(section((each, 1.0)), is_he=True) for each in (1.0, 1.5))
    assert usual.haematoxylin is not None
    assert usual.eosin is not None
    assert dark.haematoxylin is not None
    assert dark.eosin is not None
    assert usual.rejected is None
    assert usual.haematoxylin.degrees < 5
    assert usual.haematoxylin.density_rgb == pytest.approx(stain.RUIFROK_HE[0], abs=0.05)
    assert dark.haematoxylin.strength / usual.haematoxylin.strength == pytest.approx(1.5, rel=0.05)
    assert dark.eosin.strength / usual.eosin.strength == pytest.approx(1, rel=0.05)
    assert told_of_stains(section((1.0, 1.0)), is_he=True) == usual


def test_where_stains_cannot_be_told_mean_and_spread_are_kept() -> None:
    one = stain.rendered(np.random.default_rng(9).gamma(3, 0.3, (5000, 1)), stain.RUIFROK_HE[:1])
    told = told_of_stains(one, is_he=True)
    assert told.rejected is Rejected.ONE_COLOUR
    assert (told.haematoxylin, told.eosin, told.condition) == (None, None, None)
    assert told.colouring == stain.colouring(stain.stained(one))
    other = told_of_stains(section((1.0, 1.0)), is_he=False)
    assert (other.haematoxylin, other.rejected) == (None, None)
    assert other.colouring is not None
    little = told_of_stains(one[:400], is_he=True)
    assert (little.rejected, little.colouring) == (Rejected.LITTLE_TISSUE, None)


def test_pixels_beside_tissue_have_no_part() -> None:
    tissue = np.zeros((30, 40), bool)
    tissue[10:20, 20:30] = True
    level = np.zeros((300, 400, 3), np.uint8)
    level[100:200, 200:300] = 255
    size = PixelSize(400, 300)
    region = PixelRegion(150, 120, 100, 100)
    found = on_tissue(level[120:220, 150:250], region, tissue, size)
    assert (found == 255).all()
    assert len(found) == pytest.approx(50 * 80 / 9, rel=0.1)
    assert len(on_tissue(level[:90, :90], PixelRegion(0, 0, 90, 90), tissue, size)) == 0


def test_a_time_of_a_scan_that_cannot_be_is_not_believed() -> None:
    came_in, zone = datetime(2026, 3, 4, 5, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
    for stated, wanted in (
        ("2026-03-04T12:30:00", datetime(2026, 3, 4, 4, 30, tzinfo=UTC)),
        ("2026-03-04T12:30:00+02:00", came_in),
        ("2026-03-03T12:30:00Z", datetime(2026, 3, 3, 12, 30, tzinfo=UTC)),
        ("1970-01-01T00:00:00", came_in),
        ("no time", came_in),
        (None, came_in),
    ):
        assert scan_time(stated, came_in, zone) == wanted, stated
