"""What runs measure becomes findings with the uncertainty that is known, and none that is not."""

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scipy import stats

from hemalum.capabilities.inference.findings import Measured, byar, findings_of, measured
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.reports.findings import Submission, check_submission
from hemalum.formats.model.contract import Contract
from hemalum.formats.model.reading import BadModel, read_contract
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.kernel.typed import typed
from hemalum.testing.models import SAMPLE_TOML

AREA = 'name = "tumour_area"\nmeasure = "area"\nclass_name = "violet"'
SHARE = 'name = "tubule_share"\nmeasure = "share"\nclass_name = "violet"\ninterval = [0.5, 2.0]'
CELLS = 'name = "mitoses"\nmeasure = "cells"'
DENSITY = 'name = "mitotic_density"\nmeasure = "cell-density"\ninterval = [0.9, 1.2]'


def contract(*rules: str, decoding: str = "") -> Contract:
    stated = "\n".join(f"[[findings]]\n{rule}\n" for rule in rules)
    text = SAMPLE_TOML.replace('dicom = "parametric-map"', f'dicom = "parametric-map"\n{decoding}')
    return read_contract((text + stated).encode())


def run(image: str, state: RunState = RunState.DONE, **more: Any) -> InferenceRun:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    where = {"organisation_id": OrganisationId("home"), "image_id": ImageId(image), "generation": "g"}
    of = {"model_id": "m", "model_version": "1", "model_name": "M", "model_name_zh": "", "address": ""}
    rest = {"number": 1, "version_id": "v", "task": "", "is_shadow": False, "reason": None, "outside": ()}
    made = {"pass_id": "p", "created_at": at, "created_by": None}
    return InferenceRun(id=f"run-{image}", state=state, **where, **of, **rest, **made, **more)


def chunk(values: list[list[float]], abstained: list[bool]) -> bytes:
    out = io.BytesIO()
    scores = np.array(values, np.float32)
    np.savez(
        out, places=np.zeros((len(values), 2), np.int32), abstained=abstained, **{"output.scores": scores}
    )
    return out.getvalue()


@pytest.mark.parametrize("count", [1, 3, 10, 50, 1000])
def test_the_interval_of_a_count_is_near_the_exact_one(count: int) -> None:
    exact = stats.chi2.ppf(0.025, 2 * count) / 2, stats.chi2.ppf(0.975, 2 * count + 2) / 2
    assert byar(count) == pytest.approx(exact, rel=0.02, abs=0.02)


def test_of_nothing_counted_only_the_upper_limit_is_above_zero() -> None:
    low, high = byar(0)
    assert low == 0
    assert high == pytest.approx(3.69, abs=0.1)


def test_areas_are_of_the_patches_where_the_model_said_something() -> None:
    chunks = [
        chunk([[0.9, 0.1], [0.2, 0.8]], [False, False]),
        chunk([[0.9, 0.1], [0.8, 0.2]], [True, False]),
    ]
    found = measured(contract(AREA), chunks, 0)
    patch_mm2 = (32 * 0.5 / 1000) ** 2
    assert found.looked_mm2 == pytest.approx(3 * patch_mm2)
    assert found.areas_mm2 == pytest.approx({"violet": 2 * patch_mm2, "other": patch_mm2})


def test_slides_of_a_case_are_summed_up() -> None:
    runs = [run("a", layers=("layer-a",)), run("b")]
    parts = [Measured(10.0, {"violet": 4.0}), Measured(30.0, {"violet": 6.0})]
    area, share = findings_of(contract(AREA, SHARE), runs, parts)
    assert (area["number"], area["unit"]) == (10.0, "mm2")
    assert "interval" not in area, "nothing is known of how sure it is"
    assert (share["number"], share["unit"]) == (25.0, "%")
    assert share["interval"] == {"low": 12.5, "high": 50.0}
    assert area["supports"] == [{"kind": "layer", "reference": "layer-a", "image_id": "a"}]
    check_submission(typed({"id": "x", "findings": [area, share]}, Submission))


def test_cells_have_the_interval_of_their_count_and_of_the_validation() -> None:
    rules = contract(CELLS, DENSITY, decoding='decoding = { method = "nuclei" }')
    count, density = findings_of(rules, [run("a")], [Measured(2.0, {}, 10)])
    # 10 events: 4.8 to 18.4 (Breslow and Day 1987, table 2.11).
    assert (count["number"], count["interval"]) == (10.0, {"low": 4, "high": 19})
    assert (density["number"], density["unit"]) == (5.0, "/mm2")
    assert density["interval"]["low"] == pytest.approx(0.9 * 4.8 / 2, rel=0.01)
    assert density["interval"]["high"] == pytest.approx(1.2 * 18.39 / 2, rel=0.01)
    check_submission(typed({"id": "x", "findings": [count, density]}, Submission))


def test_where_a_slide_is_missing_nothing_is_stated() -> None:
    (area,) = findings_of(
        contract(AREA), [run("a"), run("b", RunState.ABSTAINED)], [Measured(1.0, {"violet": 1.0}), Measured()]
    )
    assert area["has_abstained"]
    assert "number" not in area
    check_submission(typed({"id": "x", "findings": [area]}, Submission))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((AREA.replace("violet", "green"),), "does not give"),
        ((CELLS,), "does not give"),
        ((AREA + "\ninterval = [1.1, 1.2]",), "does not hold 1"),
        ((AREA, AREA), "Two findings"),
    ],
)
def test_a_contract_states_only_findings_that_can_be(rules: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadModel, match=said):
        contract(*rules)
