"""What is measured on a synthetic slide is what its maker knows, within a pixel."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hemalum.analysis.measuring import measure
from hemalum.analysis.quantities import Provenance, Scale
from hemalum.formats.annotations.geojson import read_geojson
from hemalum.formats.annotations.geometry import check_geometry
from hemalum.formats.wsi.opening import open_files
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
from hemalum.testing.synth.truth import label_image, regions
from hemalum.testing.writers import SlideScan, write_svs

SLIDE = SyntheticSlide(3, TissueKind.COLON, 1500, 1300, 0.5)


def test_a_ruler_between_nuclei(tmp_path: Path) -> None:
    """From the middle of one nucleus to that of another: by their pixels, and as the slide was made."""
    path = tmp_path / "slide.svs"
    write_svs(path, SlideScan(SLIDE), SLIDE)
    with open_files([path]) as opened:
        spacing = opened.description.get_measurable_um()
    labels, rows = label_image(SLIDE, 500, 400, 400, 300)
    drawn = [(number, *middle) for number in range(1, len(rows) + 1) if (middle := middle_of(labels, number))]
    assert len(drawn) > 50
    off_px, long_um = [], []
    for (one, x0, y0), (two, x1, y1) in combinations(drawn, 2):
        ruler = {"type": "LineString", "coordinates": [[x0 + 500, y0 + 400], [x1 + 500, y1 + 400]]}
        found = measure(ruler, Scale(spacing, Provenance.STORED)).length_um
        assert found is not None
        true_um = np.hypot(rows["x"][one - 1] - rows["x"][two - 1], rows["y"][one - 1] - rows["y"][two - 1])
        off_px.append((found.value - true_um) / spacing.x_um)
        long_um.append(true_um)
    # Nuclei are drawn a little uneven about the centre that their maker knows, by 0.3 px as a rule.
    assert np.sqrt(np.mean(np.square(off_px))) < 1
    assert abs(np.polyfit(long_um, off_px, 1)[0]) < 1e-3, "an error of scale would grow with the length"


def middle_of(labels: Any, number: int) -> tuple[float, float] | None:
    """The middle of a nucleus by its pixels; None for one that touches another or the border."""
    down, across = np.nonzero(labels == number)
    if not len(across):
        return None
    around = labels[max(0, down.min() - 1) : down.max() + 2, max(0, across.min() - 1) : across.max() + 2]
    is_cut = 0 in (down.min(), across.min()) or down.max() == 299 or across.max() == 399
    if is_cut or not set(np.unique(around)) <= {0, number}:
        return None
    return float(across.mean()) + 0.5, float(down.mean()) + 0.5


def test_areas_of_tissue_and_tumour() -> None:
    features = regions(SLIDE)
    found = read_geojson(json.dumps(features).encode()).annotations
    assert {one.class_name for one in found} >= {"Tissue", "Tumor"}
    scale = Scale(SpacingUm(0.5, 0.5), Provenance.STORED)
    for one, feature in zip(found, features, strict=True):
        check_geometry(one.geometry, PixelSize(1500, 1300))
        area = measure(one.geometry, scale).area_um2
        assert area is not None
        assert area.value == pytest.approx(feature["properties"]["hemalum"]["area_um2"], abs=0.1)
