"""What real files say of themselves, compared with OpenSlide. Their pixels: test_shared_files.py."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openslide
import pytest

from hemalum.formats.wsi import AssociatedKind, open_slide

type Shared = Callable[[str], Path]

SCANS = ("cmu-1-small-region.svs", "tcga-cr-7395-01a-01-ts1.svs", "edge-cases/small.svs")


@pytest.mark.parametrize("name", SCANS)
def test_levels_scale_and_associated_images_are_those_of_openslide(shared: Shared, name: str) -> None:
    path = shared(f"slides/{name}")
    with openslide.OpenSlide(path) as truth, open_slide(path) as slide:
        said = slide.description
        assert slide.frame_index is not None
        assert [(lv.size.width_px, lv.size.height_px) for lv in said.levels] == list(truth.level_dimensions)
        assert {kind.value for kind in said.associated} == set(truth.associated_images)
        for kind in said.associated:
            image = np.asarray(truth.associated_images[kind.value].convert("RGB"))
            assert np.array_equal(slide.read_associated(kind), image)
        spacing = None if said.spacing_um is None else str(said.spacing_um.x_um)
        assert spacing == truth.properties.get("openslide.mpp-x")
        power = None if said.objective_power is None else f"{said.objective_power:.0f}"
        assert power == truth.properties.get("openslide.objective-power")
        tags = {key: value for key, value in truth.properties.items() if key.startswith("aperio.")}
        folded = {key.lower(): value for key, value in said.properties.items()}
        assert folded.keys() == {key.lower() for key in tags}
        # OriginalWidth stands twice, and OpenSlide keeps both spellings of OriginalHeight.
        assert all(folded[key.lower()] == tags[key] for key in tags if "Original" not in key)


def test_vectra_channels_scale_and_label(shared: Shared) -> None:
    with open_slide(shared("multiplex/vectra_polaris_tma.qptiff")) as slide:
        said = slide.description
        assert [c.name for c in said.channels] == ["DAPI", "FITC", "Cy3"]
        assert said.channels[0].colour == "#0000ff"
        assert said.spacing_um is not None
        assert said.spacing_um.x_um == pytest.approx(0.4965, abs=1e-4)
        assert slide.read_associated(AssociatedKind.LABEL).shape == (120, 199, 3)
