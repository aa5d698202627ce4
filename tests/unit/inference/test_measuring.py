"""What a run found is measured from its chunks, however they are cut, as one would measure it by hand."""

import io
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from hemalum.analysis.mitosis import CANDIDATE_ABOVE, candidate_scores
from hemalum.analysis.morphometry import Nuclei
from hemalum.analysis.pleomorphism import spread_of
from hemalum.capabilities.inference.cells import PREFIX, cells_of_run
from hemalum.capabilities.inference.measuring import measure_run
from hemalum.capabilities.inference.model import Measured
from hemalum.formats.model.contract import Contract
from hemalum.formats.model.reading import read_contract
from hemalum.kernel.typed import typed
from hemalum.testing.models import SAMPLE_TOML

PATCH_UM = 100.0
COLUMNS = 60
NODE, DEPOSIT = "other", "violet"
RULES = f"""
[[findings]]
name = "nodes_examined"
measure = "regions"
class_name = "{NODE}"
beside = ["{DEPOSIT}"]
least_mm2 = 0.2

[[findings]]
name = "nodes_positive"
measure = "regions"
class_name = "{NODE}"
beside = ["{DEPOSIT}"]
holding = "{DEPOSIT}"
least_mm2 = 0.2

[[findings]]
name = "largest_deposit"
measure = "extent"
class_name = "{DEPOSIT}"
"""

type Array = NDArray[Any]


def contract(more: str = RULES, *, gives_cells: bool = False) -> Contract:
    text = SAMPLE_TOML.replace("um_per_px = 0.5", "um_per_px = 3.125")
    # Two classes: violet is the deposit, other the node around it; glass is not looked at.
    if gives_cells:
        text = text.replace('spatial = "tile"', 'spatial = "pixel"\ndecoding = { method = "nuclei" }')
        text = text.replace('task = "tile-score"', 'task = "cell-instances"')
    return read_contract((text + more).encode())


def kept(folder: Path, chunks: list[Mapping[str, Array]]) -> list[dict[str, Any]]:
    """Chunks as they lie in a blob store, and where."""
    places = []
    for number, arrays in enumerate(chunks):
        path = folder / f"{number}.npz"
        path.write_bytes(packed(arrays))
        places.append({"path": str(path), "size": path.stat().st_size})
    return places


def packed(arrays: Mapping[str, Array]) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def measured(contract: Contract, places: list[dict[str, Any]], side_um: float = 6000.0) -> dict[str, Any]:
    return measure_run(msgspec.to_builtins(contract), places, (side_um, side_um), lambda *_: None)


def drawn(node: Array, deposit: Array, abstained: Array) -> list[Mapping[str, Array]]:
    """Chunks of a run that looked at all nodes, cut in two."""
    at = np.argwhere(node).astype(np.int32)
    is_deposit = deposit[node]
    scores = np.stack([np.where(is_deposit, 0.9, 0.1), np.where(is_deposit, 0.1, 0.9)], 1).astype(np.float32)
    silent = abstained[node]
    half = len(at) // 3
    return [
        {"places": at[part], "abstained": silent[part], "output.scores": scores[part]}
        for part in (slice(None, half), slice(half, None))
    ]


def disc(row: float, column: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:COLUMNS, :COLUMNS] + 0.5
    return np.hypot(rows - row, columns - column) <= radius


def test_nodes_deposits_and_areas_are_those_that_were_drawn(tmp_path: Path) -> None:
    node = disc(12, 12, 9) | disc(40, 40, 15) | disc(10, 50, 6)
    node[55, 2] = True
    deposit = disc(40, 44, 6.5) | disc(12, 12, 1.5)
    abstained = np.zeros_like(node)
    abstained[40, 30] = True
    answer = measured(contract(), kept(tmp_path, drawn(node, deposit, abstained)))
    found = typed(answer["measured"], Measured)
    assert answer["cells"] is None
    assert found.cells is None
    mm2 = (PATCH_UM / 1000) ** 2
    assert found.looked_mm2 == pytest.approx((node & ~abstained).sum() * mm2)
    assert found.areas_mm2[DEPOSIT] == pytest.approx(deposit.sum() * mm2)
    assert found.regions["nodes_examined"].count == 3, "a single patch is below least_mm2"
    assert found.regions["nodes_positive"].count == 2
    largest = found.regions["largest_deposit"]
    assert largest.count == 2
    assert largest.largest_mm == pytest.approx(1.3, abs=0.1)
    assert largest.largest_least_mm < 1.3 < largest.largest_most_mm
    assert largest.largest is not None
    assert largest.largest.x_um <= 4400 - 600 <= largest.largest.x_um + PATCH_UM
    smaller, larger = (each.box for each in largest.places)
    assert (smaller.y_um, larger) == (1100, largest.largest), "from top to bottom"
    assert found.interest == {DEPOSIT: largest.places}, "the sample has an operating point for it alone"
    assert sum(each.mm2 for each in largest.places) == pytest.approx(found.areas_mm2[DEPOSIT])
    assert largest.largest.width_um == pytest.approx(1300, abs=PATCH_UM)


def test_where_there_is_no_deposit_none_is_made_up(tmp_path: Path) -> None:
    node = disc(30, 30, 9)
    nothing = np.zeros_like(node)
    found = typed(measured(contract(), kept(tmp_path, drawn(node, nothing, nothing)))["measured"], Measured)
    assert found.regions["nodes_positive"].count == 0
    assert found.regions["largest_deposit"].count == 0
    assert found.regions["largest_deposit"].largest is None


def table(count: int, seed: int = 4) -> Nuclei:
    """Nuclei over a slide of 6 mm a side; a cluster of the darkest lies around 4.5, 4.5 mm."""
    random = np.random.default_rng(seed)
    columns = {each.name: random.lognormal(3, 0.2, count) for each in fields(Nuclei)}
    columns["x_um"], columns["y_um"] = random.uniform(0, 6000, (2, count))
    dense = min(12, count)
    columns["density_mean"][:dense] *= 4
    columns["blue_ratio"][:dense] *= 4
    columns["x_um"][:dense], columns["y_um"][:dense] = random.uniform(4200, 4800, (2, dense))
    return Nuclei(**{name: values.astype(np.float32).astype(np.float64) for name, values in columns.items()})


def chunks_of(nuclei: Nuclei, parts: int) -> list[Mapping[str, Array]]:
    """Nuclei of patches of 100 um on the whole slide, in the order of the patches."""
    at = np.stack([nuclei.y_um // PATCH_UM, nuclei.x_um // PATCH_UM]).astype(int)
    patch = at[0] * COLUMNS + at[1]
    places = np.argwhere(np.ones((COLUMNS, COLUMNS), bool)).astype(np.int32)
    chunks: list[Mapping[str, Array]] = []
    for numbers in np.array_split(np.arange(len(places)), parts):
        own = np.flatnonzero(np.isin(patch, numbers))
        own = own[np.argsort(patch[own], kind="stable")]
        columns = {PREFIX + each.name: getattr(nuclei, each.name)[own] for each in fields(Nuclei)}
        chunks.append(
            {
                "places": places[numbers],
                "abstained": np.zeros(len(numbers), bool),
                "output.scores": np.zeros((len(numbers), 2), np.float32),
                f"{PREFIX}counts": np.bincount(patch[own] - numbers[0], minlength=len(numbers)),
                f"{PREFIX}is_own": np.ones(len(own), bool),
                **columns,
            }
        )
    return chunks


def in_order(nuclei: Nuclei) -> Nuclei:
    """The same nuclei as the chunks hold them."""
    (chunk,) = chunks_of(nuclei, 1)
    return Nuclei(**{each.name: chunk[PREFIX + each.name] for each in fields(Nuclei)})


def test_cells_are_judged_by_all_that_stay(tmp_path: Path) -> None:
    nuclei = in_order(table(3000))
    answer = measured(contract("", gives_cells=True), kept(tmp_path, chunks_of(nuclei, 3)))
    found, cells = typed(answer["measured"], Measured).cells, cells_of_run(list, answer["cells"])
    assert found is not None
    assert cells.stays.all()
    assert found.count == cells.count == 3000
    scores = candidate_scores(nuclei, nuclei)
    assert cells.candidate == pytest.approx(scores, abs=1e-4)
    assert found.candidates == (scores > CANDIDATE_ABOVE).sum() >= 12
    whole = spread_of(nuclei.area_um2, nuclei.x_um, nuclei.y_um)
    assert found.area_um2.cv.value == pytest.approx(whole.cv.value)
    assert found.area_um2.cv.high == pytest.approx(whole.cv.high)
    assert found.area_um2.squares == whole.squares


def test_the_hotspot_is_the_field_of_two_square_millimetres_with_most(tmp_path: Path) -> None:
    answer = measured(contract("", gives_cells=True), kept(tmp_path, chunks_of(table(3000), 2)))
    found = typed(answer["measured"], Measured).cells
    assert found is not None
    assert found.hotspot is not None
    place = found.hotspot.place
    assert found.hotspot.looked_mm2 == pytest.approx(1.96), "14 by 14 patches of 0.1 mm"
    assert found.hotspot.count >= 12
    assert place.x_um <= 4200
    assert place.x_um + place.width_um >= 4800


def test_however_chunks_are_cut_the_answer_is_the_same(tmp_path: Path) -> None:
    answers = []
    for parts in (1, 2, 7):
        folder = tmp_path / str(parts)
        folder.mkdir()
        answers.append(measured(contract("", gives_cells=True), kept(folder, chunks_of(table(800), parts))))
    for answer in answers[1:]:
        assert answer["cells"] == answers[0]["cells"]
        one, other = (typed(each["measured"], Measured).cells for each in (answer, answers[0]))
        assert one is not None
        assert other is not None
        assert one.candidates == other.candidates
        assert one.hotspot == other.hotspot
        assert one.area_um2.cv.value == pytest.approx(other.area_um2.cv.value)


def test_cells_beyond_the_slide_count_for_nothing(tmp_path: Path) -> None:
    answer = measured(contract("", gives_cells=True), kept(tmp_path, chunks_of(table(500), 2)), 3000.0)
    found, cells = typed(answer["measured"], Measured).cells, cells_of_run(list, answer["cells"])
    nuclei = in_order(table(500))
    within = (nuclei.x_um <= 3000) & (nuclei.y_um <= 3000)
    assert found is not None
    assert (cells.stays == within).all()
    assert found.area_um2.mean.value == pytest.approx(nuclei.area_um2[within].mean())


def test_of_few_nuclei_nothing_is_said_that_rests_on_what_is_usual(tmp_path: Path) -> None:
    answer = measured(contract("", gives_cells=True), kept(tmp_path, chunks_of(table(20), 1)))
    found, cells = typed(answer["measured"], Measured).cells, cells_of_run(list, answer["cells"])
    assert found is not None
    assert (found.count, found.candidates, found.hotspot) == (20, None, None)
    assert np.isnan(cells.candidate).all()
