"""The shipped network for nuclei runs over a slide and ends with a layer of cells."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import spatial, stats

from hemalum.analysis.mitosis import CANDIDATE_ABOVE
from hemalum.app.demo_models import give_models
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.models.model import Fitness
from hemalum.formats.layers.model import LayerKind
from hemalum.formats.layers.picking import TileCells, cells_of
from hemalum.testing.models import TILE_PX

from .conftest import DIVIDING, DirectRun, Laboratory, nuclei_middles


@pytest.fixture(scope="module")
def run(laboratory: Laboratory) -> InferenceRun:
    (ended,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on="nuclei")
    assert ended.state is RunState.DONE, ended.reason
    return ended


def drawn(laboratory: Laboratory, run: InferenceRun) -> list[TileCells]:
    (layer_id,) = run.layers
    layer = laboratory.parts.layers.get_layer_of(run.image_id, layer_id)
    return list(cells_of(laboratory.parts.layers.open_pack(layer)))


def middles_of(tiles: list[TileCells]) -> NDArray[np.float64]:
    """Row and column of the middle of each cell, in pixels of the slide."""
    return np.concatenate([np.column_stack([each.y_px, each.x_px]) for each in tiles]) - 0.5


def test_each_nucleus_stands_in_the_layer_once(laboratory: Laboratory, run: InferenceRun) -> None:
    found = spatial.cKDTree(middles_of(drawn(laboratory, run)))
    near = found.query_ball_point(nuclei_middles(), r=6.0)
    assert [len(each) for each in near] == [1] * len(near)
    assert found.n < 1.1 * len(near)


def test_cells_have_outlines_and_measures(laboratory: Laboratory, run: InferenceRun) -> None:
    layer = next(each for each in laboratory.parts.layers.list_all(run.image_id) if each.id in run.layers)
    assert layer.kind is LayerKind.CELLS
    assert (layer.title, layer.title_zh, layer.producer) == ("Nuclei", "细胞核", "hemalum.nuclei")
    names = [each.name for each in layer.columns]
    tiles = drawn(laboratory, run)
    areas = np.concatenate([each.columns[names.index("area")] for each in tiles])
    # Discs with a radius of 8 px at 0.5 um/px.
    assert np.median(areas) == pytest.approx(np.pi * 4**2, rel=0.15)
    rings = [ring for each in tiles for ring in each.rings_px or []]
    assert len(rings) == layer.count
    across = np.median([np.ptp(ring, axis=0).max() for ring in rings])
    assert across == pytest.approx(16, abs=2.5)


def test_nuclei_in_division_stand_out_and_are_counted(laboratory: Laboratory) -> None:
    (run,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on="dividing")
    layer = next(each for each in laboratory.parts.layers.list_all(run.image_id) if each.id in run.layers)
    names = [each.name for each in layer.columns]
    tiles = drawn(laboratory, run)
    candidate = np.concatenate([each.columns[names.index("mitosis candidate")] for each in tiles])
    dividing = nuclei_middles()[list(DIVIDING)]
    apart, near = spatial.cKDTree(middles_of(tiles)).query(dividing)
    assert (apart < 6).all()
    assert sorted(np.flatnonzero(candidate > CANDIDATE_ABOVE)) == sorted(near)
    assert run.measured is not None
    cells = run.measured.cells
    assert cells is not None
    assert (cells.count, cells.candidates) == (len(candidate), len(DIVIDING))
    areas = np.concatenate([each.columns[names.index("area")] for each in tiles])
    assert cells.area_um2.cv.value == pytest.approx(stats.variation(areas), rel=1e-3)
    hotspot = cells.hotspot
    assert hotspot is not None
    assert hotspot.count == len(DIVIDING)
    # The slide is smaller than 2 mm2: the field is all of it that was looked at.
    assert hotspot.looked_mm2 == pytest.approx(run.measured.looked_mm2)


def test_a_run_that_died_and_one_that_did_not_give_the_same_cells(
    laboratory: Laboratory, run: InferenceRun
) -> None:
    version = laboratory.shipped("hemalum.nuclei")
    (begun,) = laboratory.inference.start(laboratory.actor, run.image_id, [version.id])
    dying = DirectRun(dies_after="chunks.0")
    with pytest.raises(KeyboardInterrupt):
        laboratory.inference.do(dying, begun.pass_id)
    again = DirectRun()
    again.done = dying.done
    laboratory.inference.do(again, begun.pass_id)
    resumed = laboratory.inference.get_run(laboratory.actor, begun.id)
    assert resumed.digest == run.digest
    assert resumed.measured == run.measured
    one, other = drawn(laboratory, run), drawn(laboratory, resumed)
    for mine, theirs in zip(one, other, strict=True):
        assert np.array_equal(mine.x_px, theirs.x_px)
        assert np.array_equal(np.concatenate(mine.rings_px or []), np.concatenate(theirs.rings_px or []))


def test_glass_without_nuclei_gives_no_layer(laboratory: Laboratory) -> None:
    (ended,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on="blank")
    assert ended.layers == ()
    assert ended.state in (RunState.DONE, RunState.ABSTAINED)


def test_a_model_whose_cells_this_node_cannot_make_is_refused(laboratory: Laboratory) -> None:
    version = laboratory.add(
        "unknown-cells", lambda text: text.replace('task = "tile-score"', 'task = "cell-instances"')
    )
    assert version.contract.input is not None
    assert version.contract.input.tile_px == TILE_PX
    image = laboratory.parts.slides.get_image_of_any(laboratory.images["nuclei"])
    fit = laboratory.inference.fit(version, image)
    assert fit.verdict is Fitness.REFUSED
    assert str(fit.reasons[0]) == "This node does not know the way in which this model states cells."


def test_a_demo_node_has_the_shipped_models_and_runs_them_once(laboratory: Laboratory) -> None:
    def runs() -> dict[str, str]:
        visitor = laboratory.parts.access.ensure_demo_person()
        listed = laboratory.inference.list_of_image(visitor, laboratory.images["unscaled"])
        return {each.id: each.model_id for each in listed}

    give_models(laboratory.parts, "unscaled.tiff")
    begun = runs()
    assert set(begun.values()) >= {"hemalum.artefacts", "hemalum.nuclei"}
    # Those for pictures of single cells look at no slides.
    assert "hemalum.white-cells" not in begun.values()
    give_models(laboratory.parts, "unscaled.tiff")
    assert runs() == begun
    give_models(laboratory.parts, "no such slide")
    assert runs() == begun
