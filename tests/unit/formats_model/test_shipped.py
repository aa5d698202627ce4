"""The models that come with Hemalum keep their contract and do what their cards say."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hemalum.analysis import nuclei
from hemalum.analysis.agreement import Matches, dice, match
from hemalum.analysis.batches import activate, prepare
from hemalum.analysis.golden import check_golden
from hemalum.analysis.inference import open_network
from hemalum.formats.model.contract import Activation, Status
from hemalum.formats.model.folder import ModelFolder, read_model_folder
from hemalum.formats.model.language import in_chinese
from hemalum.formats.model.shipped import shipped_models

MOST_BYTES = 3 << 20


@pytest.mark.parametrize("path", shipped_models(), ids=lambda path: path.name)
def test_a_shipped_model_gives_what_it_gave_when_it_was_made(path: Path) -> None:
    folder = read_model_folder(path)
    assert check_golden(folder).tiles >= 2
    assert folder.network.stat().st_size < MOST_BYTES
    identity = folder.contract.identity
    assert identity.status is Status.RESEARCH
    assert "not validated for clinical use" in identity.summary
    assert not folder.contract.licence.clinical_use
    assert (Path(__file__).parents[3] / f"docs/models/{identity.id}.md").exists()


@pytest.mark.parametrize("path", shipped_models(), ids=lambda path: path.name)
def test_a_shipped_model_says_everything_in_chinese_too(path: Path) -> None:
    contract = read_model_folder(path).contract
    assert list(untranslated(contract)) == []
    said = in_chinese(contract)
    assert said.identity.name == contract.identity.name_zh
    assert said.validation[0].metrics[0].name == contract.validation[0].metrics[0].name_zh
    assert said.identity.id == contract.identity.id
    assert [each.name for each in said.outputs[0].classes] == [
        each.name for each in contract.outputs[0].classes
    ]


def untranslated(value: Any, place: str = "") -> Iterator[str]:
    """Texts that have a field for Chinese beside them, and none in it."""
    if isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from untranslated(each, f"{place}[{number}]")
    if not is_dataclass(value) or isinstance(value, type):
        return
    names = {each.name for each in fields(value)}
    for name in sorted(names):
        own = getattr(value, name)
        if f"{name}_zh" in names and own and not getattr(value, f"{name}_zh"):
            yield f"{place}.{name}"
        yield from untranslated(own, f"{place}.{name}")


def test_the_first_number_of_a_shipped_model_is_above_its_baseline() -> None:
    for path in shipped_models():
        first = read_model_folder(path).contract.validation[0].metrics[0]
        assert first.baseline is not None
        assert first.value > first.baseline


def test_the_nuclei_network_finds_more_nuclei_than_the_floor(shared: Callable[[str], Path]) -> None:
    """On some pictures that it did not learn from, at the size that its data are brought to."""
    folder = next(read_model_folder(path) for path in shipped_models() if path.name == "hemalum.nuclei")
    network, floor = Matches(0, 0.0, 0, 0), Matches(0, 0.0, 0, 0)
    for name, factor in (("0e4c2e2780de7ec4", 0.7227), ("ea94ba4b01d1bd5f", 0.7383)):
        rgb, truth = scaled(shared("nuclei-dsb2018"), name, factor)
        network += match(truth, found_by(folder, rgb))
        floor += match(truth, nuclei.find_nuclei(rgb, 0.5))
    assert network.panoptic_quality > floor.panoptic_quality
    assert network.f1 > 0.6


def test_the_artefact_network_finds_real_ink_and_edges_that_it_did_not_learn_from(
    shared: Callable[[str], Path],
) -> None:
    folder = next(read_model_folder(path) for path in shipped_models() if path.name == "hemalum.artefacts")
    names = [each.name for each in folder.contract.outputs[0].classes]
    examples = shared("artefacts") / "histoqc"
    edges, is_edge = example(examples, "coverslip_edge_he")
    assert dice(classes_by(folder, edges) == names.index("edge"), is_edge) > 0.7
    ink, is_ink = example(examples, "pen_black")
    assert dice(classes_by(folder, ink) == names.index("ink"), is_ink) > 0.95


def example(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A picture of HistoQC and where its artefact is."""
    rgb = np.asarray(Image.open(folder / f"{name}.png").convert("RGB"))
    return rgb, np.asarray(Image.open(folder / f"{name}_mask.png").convert("L")) > 0


def classes_by(folder: ModelFolder, rgb: np.ndarray) -> np.ndarray:
    """The class of each pixel, by tiles that overlap by their context, as the engine lays them."""
    given = folder.contract.input
    assert given is not None
    network, edge = open_network(folder.network), given.context_px
    inner = given.tile_px - 2 * edge
    behind = [edge + (-side) % inner for side in rgb.shape[:2]]
    padded = np.pad(rgb, ((edge, behind[0]), (edge, behind[1]), (0, 0)), mode="symmetric")
    found = np.zeros(padded.shape[:2], np.uint8)
    for top in range(0, rgb.shape[0], inner):
        for left in range(0, rgb.shape[1], inner):
            tile = padded[top : top + given.tile_px, left : left + given.tile_px]
            logits = network.run(prepare(tile[None], given))["classes"][0]
            kept = logits[:, edge : edge + inner, edge : edge + inner]
            found[top : top + inner, left : left + inner] = kept.argmax(axis=0)
    return found[: rgb.shape[0], : rgb.shape[1]]


def scaled(folder: Path, name: str, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """A picture and its nuclei, mirrored into one tile."""
    image = Image.open(folder / f"images/{name}.png").convert("RGB")
    labels = Image.fromarray(np.asarray(Image.open(folder / f"labels/{name}.png")).astype(np.int32))
    size = round(image.width * factor), round(image.height * factor)
    small = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    return small, np.asarray(labels.resize(size, Image.Resampling.NEAREST))


def found_by(folder: ModelFolder, rgb: np.ndarray) -> np.ndarray:
    given = folder.contract.input
    assert given is not None
    height, width = rgb.shape[:2]
    tile = np.pad(rgb, ((0, given.tile_px - height), (0, given.tile_px - width), (0, 0)), mode="symmetric")
    logits = open_network(folder.network).run(prepare(tile[None], given))["maps"]
    inside, middle = activate(logits, Activation.SIGMOID, axis=1)[0, :, :height, :width]
    return nuclei.part(inside, middle, given.um_per_px)
