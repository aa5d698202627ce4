"""Networks that come with Hemalum run over slides as any other model does."""

import pytest

from hemalum.capabilities.inference.model import RunState
from hemalum.capabilities.models.model import Fitness

from .conftest import Laboratory


def test_glass_is_told_from_tissue(laboratory: Laboratory) -> None:
    version = laboratory.shipped("hemalum.artefacts")
    (blank,) = laboratory.ran(version, on="blank")
    (stained,) = laboratory.ran(version, on="nuclei")
    # It looks where there is no tissue, too: ink lies on glass.
    assert blank.state is RunState.DONE, blank.reason
    assert blank.scores["glass"] > 0.9
    assert stained.state is RunState.DONE, stained.reason
    assert sum(stained.scores.values()) == pytest.approx(1, abs=0.01)
    assert stained.scores["glass"] < blank.scores["glass"]


def test_the_trunk_leaves_embeddings_for_heads(laboratory: Laboratory) -> None:
    (ended,) = laboratory.ran(laboratory.shipped("hemalum.tile-trunk"), on="nuclei")
    assert ended.state is RunState.DONE, ended.reason
    found, version, _ = laboratory.inference.export_embeddings(laboratory.actor, ended.id)
    assert version.contract.outputs[0].shape == (128,)
    assert found.id == ended.id


def test_a_network_for_single_cells_is_refused_on_slides(laboratory: Laboratory) -> None:
    version = laboratory.shipped("hemalum.white-cells")
    image = laboratory.parts.slides.get_image_of_any(laboratory.images["nuclei"])
    fit = laboratory.inference.fit(version, image)
    assert fit.verdict is Fitness.REFUSED
    assert "cell-score" in str(fit.reasons[0])
