"""Synthetic slides: the same pixels whoever asks, and truth that the pixels bear out."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemalum.kernel.errors import Invalid
from hemalum.testing.synth import truth
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.artefacts import EVERYWHERE, ArtefactKind
from hemalum.testing.synth.cells import NUCLEUS_LIMIT, CellKind
from hemalum.testing.synth.paint import outline
from hemalum.testing.synth.slide import Modality, SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

COLON = SyntheticSlide(7, TissueKind.COLON, 16_000, 12_000)
TUMOUR_AT = (5000, 4200)


def haematoxylin(rgb: np.ndarray) -> np.ndarray:
    """Optical density in red, which haematoxylin absorbs and eosin hardly does."""
    return -np.log10(np.maximum(rgb[..., 0].astype(float), 1) / 244)


def test_same_parameters_give_same_pixels() -> None:
    again = SyntheticSlide(7, TissueKind.COLON, 16_000, 12_000)
    assert np.array_equal(COLON.render(*TUMOUR_AT, 256, 256), again.render(*TUMOUR_AT, 256, 256))


def test_other_seed_gives_other_pixels() -> None:
    other = SyntheticSlide(8, TissueKind.COLON, 16_000, 12_000)
    assert not np.array_equal(COLON.render(*TUMOUR_AT, 128, 128), other.render(*TUMOUR_AT, 128, 128))


SLIDES = {
    "colon": COLON,
    "prostate": SyntheticSlide(3, TissueKind.PROSTATE, 9000, 9000, 0.5),
    "lymph-node": SyntheticSlide(3, TissueKind.LYMPH_NODE, 9000, 9000, 0.25),
    "spoiled": SyntheticSlide(
        5,
        TissueKind.BREAST,
        9000,
        9000,
        0.5,
        STAINS["he-b"],
        SCANNERS["scanner-d"],
        artefacts=frozenset(ArtefactKind),
    ),
    "section": SyntheticSlide(7, TissueKind.COLON, 9000, 9000, 0.5, section=3),
    "stack": SyntheticSlide(7, TissueKind.COLON, 9000, 9000, 0.5, planes_um=(-6.0, 0.0, 6.0)),
    "brown": SyntheticSlide(7, TissueKind.BREAST, 9000, 9000, 0.5, STAINS["dab"], marker="ki67"),
    "glow": SyntheticSlide(
        7, TissueKind.COLON, 9000, 9000, 0.5, modality=Modality.FLUORESCENCE, channel_count=4
    ),
}


@pytest.mark.parametrize("name", SLIDES)
def test_tiles_drawn_apart_join_without_a_seam(name: str) -> None:
    slide = SLIDES[name]
    x, y = slide.width_px // 2 - 37, slide.height_px // 3 + 11
    whole = slide.render_all(x, y, 200, 160)
    parts = np.concatenate(
        [
            np.concatenate([slide.render_all(x, y + j, w, 80) for x, w in ((x, 120), (x + 120, 80))], axis=2)
            for j in (80, 0)
        ][::-1],
        axis=1,
    )
    assert np.array_equal(whole, parts)


@settings(max_examples=12)
@given(
    x=st.integers(-500, 16_000),
    y=st.integers(-500, 12_000),
    dx=st.integers(0, 60),
    downsample=st.sampled_from([1, 2, 4, 16, 64]),
)
def test_any_shifted_window_agrees_where_they_overlap(x: int, y: int, dx: int, downsample: int) -> None:
    x, y = x // downsample, y // downsample
    one = COLON.render(x, y, 96, 64, downsample=downsample)
    two = COLON.render(x + dx, y, 96 - dx, 64, downsample=downsample)
    assert np.array_equal(one[:, dx:], two)


@pytest.mark.parametrize(("downsample", "tolerance"), [(2, 6), (4, 10), (16, 16)])
def test_coarse_rendering_is_about_the_average_of_the_fine(downsample: int, tolerance: float) -> None:
    size = 1024
    x, y = 4096, 4096
    fine = COLON.render(x, y, size, size).astype(float)
    n = size // downsample
    averaged = fine.reshape(n, downsample, n, downsample, 3).mean(axis=(1, 3))
    coarse = COLON.render(x // downsample, y // downsample, n, n, downsample=downsample).astype(float)
    assert np.abs(coarse.mean(axis=(0, 1)) - averaged.mean(axis=(0, 1))).max() < tolerance


def test_nuclei_are_darker_than_what_surrounds_them() -> None:
    x, y = TUMOUR_AT
    image = haematoxylin(COLON.render(x, y, 768, 768))
    labels, rows = truth.label_image(COLON, x, y, 768, 768)
    assert len(rows) > 60
    inside, outside = image[labels > 0], image[labels == 0]
    assert inside.mean() > outside.mean() + 0.12
    for number in np.unique(labels)[1:][::7]:
        cell = rows[number - 1]
        pixels = image[labels == number]
        if cell["kind"] in (CellKind.TUMOUR, CellKind.LYMPHOCYTE, CellKind.EPITHELIAL) and len(pixels) > 150:
            assert pixels.mean() > outside.mean()


def test_outlines_enclose_the_labelled_pixels() -> None:
    x, y = TUMOUR_AT
    labels, rows = truth.label_image(COLON, x, y, 512, 512)
    shapes = outline(rows) / COLON.spacing_um
    for number in np.unique(labels)[1:][::9]:
        inside_y, inside_x = np.nonzero(labels == number)
        left, top = shapes[number - 1].min(axis=0) - (x, y) - 1.5
        right, bottom = shapes[number - 1].max(axis=0) - (x, y) + 0.5
        assert left <= inside_x.min()
        assert inside_x.max() <= right
        assert top <= inside_y.min()
        assert inside_y.max() <= bottom


@pytest.mark.parametrize("section", [0, 2])
def test_tiles_list_every_nucleus_once(section: int) -> None:
    slide = SyntheticSlide(7, TissueKind.COLON, 9000, 9000, 0.5, section=section)
    x, y = 3000, 3000
    whole = truth.nuclei(slide, x, y, 400, 400)
    parts = np.concatenate([truth.nuclei(slide, x + i, y + j, 200, 200) for i in (0, 200) for j in (0, 200)])
    assert len(whole) > 50
    assert sorted(whole["x"].tolist()) == sorted(parts["x"].tolist())
    assert (whole["kind"] < NUCLEUS_LIMIT).all()


def test_tissue_mask_agrees_with_the_pixels() -> None:
    slide = SyntheticSlide(9, TissueKind.LYMPH_NODE, 8000, 6000, 0.5)
    mask = truth.tissue_mask(slide, 8.0)
    image = slide.render(0, 0, mask.shape[1], mask.shape[0], downsample=16).astype(float)
    coloured = image.min(axis=2) < 225
    assert 0.2 < mask.mean() < 0.8
    assert (mask & coloured).sum() / mask.sum() > 0.9
    assert (~mask & ~coloured).sum() / (~mask).sum() > 0.9


def test_tumour_region_holds_the_tumour_nuclei() -> None:
    slide = SyntheticSlide(7, TissueKind.BREAST, 5000, 5000, 0.5)
    mask = truth.tumour_mask(slide, 4.0)
    found = truth.nuclei(slide, 0, 0, 5000, 5000)
    tumour = found[found["kind"] == CellKind.TUMOUR]
    column, row = (tumour["x"] / 4).astype(int), (tumour["y"] / 4).astype(int)
    assert len(tumour) > 300
    assert mask[row, column].mean() > 0.85
    assert 0.0 < mask.mean() < 0.5


def test_regions_are_closed_polygons_of_the_right_area() -> None:
    kinds = frozenset({ArtefactKind.PEN, ArtefactKind.FOLD})
    slide = SyntheticSlide(4, TissueKind.BREAST, 8000, 6000, 0.5, artefacts=kinds)
    features = truth.regions(slide)
    names = {feature["properties"]["classification"]["name"] for feature in features}
    assert {"Tissue", "Tumor", "Artefact"} <= names
    for feature in features:
        for ring in feature["geometry"]["coordinates"]:
            assert ring[0] == ring[-1]
            assert len(ring) >= 4
    area = sum(
        f["properties"]["hemalum"]["area_um2"] for f in features if f["properties"]["name"] == "tissue"
    )
    mask = truth.tissue_mask(slide, 8.0)
    assert area == pytest.approx(mask.sum() * 64.0, rel=0.03)


@pytest.mark.parametrize("kind", sorted(set(ArtefactKind) - EVERYWHERE))
def test_artefact_changes_pixels_only_where_its_mask_says(kind: ArtefactKind) -> None:
    clean = SyntheticSlide(11, TissueKind.COLON, 4000, 3000, 0.5)
    spoiled = SyntheticSlide(11, TissueKind.COLON, 4000, 3000, 0.5, artefacts=frozenset({kind}))
    mask = truth.artefact_mask(spoiled, 8.0, kind)
    assert mask.any()
    shape = mask.shape
    before = clean.render(0, 0, shape[1], shape[0], downsample=16).astype(int)
    after = spoiled.render(0, 0, shape[1], shape[0], downsample=16).astype(int)
    changed = np.abs(before - after).max(axis=2) > 24
    near = np.zeros_like(mask)
    for dy in range(-3, 4):
        for dx in range(-3, 4):
            near |= np.roll(mask, (dy, dx), axis=(0, 1))
    assert not (changed & ~near).any()


def test_frozen_sections_have_more_holes() -> None:
    x, y = 5000, 7000
    frozen = SyntheticSlide(7, TissueKind.COLON, 16_000, 12_000, artefacts=frozenset({ArtefactKind.FROZEN}))
    holes = [(s.render(x, y, 512, 512).min(axis=2) > 215).mean() for s in (COLON, frozen)]
    assert holes[1] > holes[0] + 0.01


def test_out_of_focus_planes_are_blurred() -> None:
    slide = SLIDES["stack"]
    x, y = 3000, 3000
    sharpness = [
        np.abs(np.diff(slide.render(x, y, 256, 256, plane=p).astype(float), axis=1)).mean() for p in range(3)
    ]
    assert sharpness[1] > 1.3 * sharpness[0]
    assert sharpness[1] > 1.3 * sharpness[2]


def test_fluorescence_shows_nuclei_in_the_first_channel() -> None:
    slide = SLIDES["glow"]
    labels, _ = truth.label_image(slide, 3000, 3000, 384, 384)
    dapi = slide.render(3000, 3000, 384, 384, channel=0)[..., 0]
    assert dapi.dtype == np.uint16
    assert dapi[labels > 0].mean() > 3 * dapi[labels == 0].mean()


def test_serial_section_maps_back_to_the_first() -> None:
    slide = SLIDES["section"]
    pairs = truth.landmarks(slide)
    assert len(pairs) > 10
    grid = truth.displacement(slide, 50.0)
    s = slide.spacing_um
    for x, y, x0, y0 in pairs:
        moved = slide.deformation.to_first(np.array([x * s]), np.array([y * s]))  # type: ignore[union-attr]
        assert float(moved[0][0]) == pytest.approx(x0 * s, abs=0.05)
        assert float(moved[1][0]) == pytest.approx(y0 * s, abs=0.05)
        column, row = int(x * s / 50), int(y * s / 50)
        if 0 <= row < grid.shape[0] and 0 <= column < grid.shape[1]:
            assert abs(grid[row, column, 0] - (x0 - x) * s) < 12
    first = SyntheticSlide(7, TissueKind.COLON, 9000, 9000, 0.5)
    assert truth.tissue_mask(slide, 32.0).mean() == pytest.approx(
        truth.tissue_mask(first, 32.0).mean(), abs=0.03
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"width_px": 0},
        {"spacing_um": 0.0},
        {"channel_count": 2},
        {"modality": Modality.FLUORESCENCE, "channel_count": 9},
        {"stain": STAINS["dab"]},
        {"marker": "ck"},
    ],
)
def test_impossible_slides_are_refused(bad: dict[str, object]) -> None:
    good: dict[str, object] = {"seed": 1, "tissue": TissueKind.COLON, "width_px": 10, "height_px": 10}
    with pytest.raises(Invalid):
        SyntheticSlide(**{**good, **bad})  # type: ignore[arg-type]


def test_refuses_planes_and_channels_that_are_not_there() -> None:
    with pytest.raises(Invalid):
        COLON.render(0, 0, 10, 10, plane=1)
    with pytest.raises(Invalid):
        COLON.render(0, 0, 0, 10)


HUGE = """
import resource
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
slide = SyntheticSlide(1, TissueKind.COLON, 100_000, 100_000)
slide.render(50_000, 30_000, 256, 256)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for k in range(10):
    slide.render(9_000 * k + 3_000, 9_000 * k + 5_000, 256, 256)
slide.render(0, 0, 200, 200, downsample=512)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_stays_flat_at_any_size() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HUGE], capture_output=True, text=True, check=True, timeout=120
    )
    assert int(done.stdout) < 120
