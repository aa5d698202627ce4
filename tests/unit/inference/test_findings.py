"""What runs measure becomes findings with the uncertainty that is known, and none that is not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scipy import stats

from hemalum.analysis.pleomorphism import spread_of
from hemalum.capabilities.inference.findings import byar, findings_of
from hemalum.capabilities.inference.model import (
    CellsMeasured,
    ClassCounted,
    HotspotMeasured,
    InferenceRun,
    Measured,
    Place,
    RegionPlace,
    RegionsMeasured,
    RunState,
)
from hemalum.capabilities.reports.findings import Submission, check_submission
from hemalum.formats.model.contract import Contract
from hemalum.formats.model.reading import BadModel, read_contract
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed
from hemalum.testing.heads import HEAD_TOML
from hemalum.testing.models import SAMPLE_TOML

AREA = 'name = "tumour_area"\nmeasure = "area"\nclass_name = "violet"'
SHARE = 'name = "tubule_share"\nmeasure = "share"\nclass_name = "violet"\ninterval = [0.5, 2.0]'
PRESENCE = 'name = "tumour"\nmeasure = "presence"\nclass_name = "violet"'
CELLS = 'name = "mitoses"\nmeasure = "cells"'
DENSITY = 'name = "mitotic_density"\nmeasure = "cell-density"\ninterval = [0.9, 1.2]'
NODES = (
    'name = "nodes_positive"\nmeasure = "regions"\nclass_name = "other"\n'
    'beside = ["violet"]\nholding = "violet"'
)
DEPOSIT = 'name = "largest_deposit"\nmeasure = "extent"\nclass_name = "violet"'
NUCLEI = 'decoding = { method = "nuclei" }'


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


def measured(
    mm2: float, areas_mm2: Mapping[str, float] | None = None, cells: CellsMeasured | None = None, **more: Any
) -> dict[str, Any]:
    """What a run has that measured this."""
    return {"measured": Measured(mm2, areas_mm2 or {}, cells=cells, **more)}


def of_nuclei(count: int, candidates: int | None, most: int = 0, seed: int = 1) -> CellsMeasured:
    random = np.random.default_rng(seed)
    areas = random.normal(50, 10, count)
    spread = spread_of(areas, random.uniform(0, 4000, count), random.uniform(0, 4000, count))
    hotspot = None if candidates is None else HotspotMeasured(most, 2.0, Place(100, 200, 1400, 1400))
    return CellsMeasured(count, spread, spread, candidates, hotspot)


@pytest.mark.parametrize("count", [1, 3, 10, 50, 1000])
def test_the_interval_of_a_count_is_near_the_exact_one(count: int) -> None:
    exact = stats.chi2.ppf(0.025, 2 * count) / 2, stats.chi2.ppf(0.975, 2 * count + 2) / 2
    assert byar(count) == pytest.approx(exact, rel=0.02, abs=0.02)


def test_of_nothing_counted_only_the_upper_limit_is_above_zero() -> None:
    low, high = byar(0)
    assert low == 0
    assert high == pytest.approx(3.69, abs=0.1)


def test_slides_of_a_case_are_summed_up() -> None:
    runs = [
        run("a", layers=("layer-a",), **measured(10.0, {"violet": 4.0})),
        run("b", **measured(30.0, {"violet": 6.0})),
    ]
    area, share = findings_of(contract(AREA, SHARE), runs)
    assert (area["number"], area["unit"]) == (10.0, "mm2")
    assert "interval" not in area, "nothing is known of how sure it is"
    assert (share["number"], share["unit"]) == (25.0, "%")
    assert share["interval"] == {"low": 12.5, "high": 50.0}
    assert area["supports"] == [{"kind": "layer", "reference": "layer-a", "image_id": "a"}]
    check_submission(typed({"id": "x", "findings": [area, share]}, Submission))


def said(finding: dict[str, Any]) -> str:
    """Why a model would not say; it can be said in every language."""
    return str(typed(finding["why"], Sentence))


def test_cells_have_the_interval_of_their_count_and_of_the_validation() -> None:
    rules = contract(CELLS, DENSITY, decoding=NUCLEI)
    count, density = findings_of(rules, [run("a", **measured(2.0, cells=of_nuclei(10, None)))])
    # 10 events: 4.8 to 18.4 (Breslow and Day 1987, table 2.11).
    assert (count["number"], count["interval"]) == (10.0, {"low": 4, "high": 19})
    assert (density["number"], density["unit"]) == (5.0, "/mm2")
    assert density["interval"]["low"] == pytest.approx(0.9 * 4.8 / 2, rel=0.01)
    assert density["interval"]["high"] == pytest.approx(1.2 * 18.39 / 2, rel=0.01)
    check_submission(typed({"id": "x", "findings": [count, density]}, Submission))


def test_cells_of_one_class_are_counted_alone() -> None:
    rules = contract(
        'name = "lymphocytes"\nmeasure = "cells"\nclass_name = "violet"',
        'name = "lymphocyte_density"\nmeasure = "cell-density"\nclass_name = "violet"',
        decoding='decoding = { method = "nucleus-classes" }',
    )
    cells = [
        replace(of_nuclei(100, None), classes=(ClassCounted("violet", "Violet", "", count),))
        for count in (10, 14)
    ]
    runs = [run(name, **measured(2.0, cells=each)) for name, each in zip("ab", cells, strict=True)]
    count, density = findings_of(rules, runs)
    assert (count["number"], density["number"]) == (24.0, 6.0)


@pytest.mark.parametrize(
    ("rule", "method"),
    [
        ('measure = "cells"\nclass_name = "green"', "nucleus-classes"),
        ('measure = "nuclear-area"\nclass_name = "violet"', "nucleus-classes"),
        ('measure = "cells"\nclass_name = "violet"', "nuclei"),
    ],
)
def test_a_class_of_cells_that_is_not_told_is_no_finding(rule: str, method: str) -> None:
    with pytest.raises(BadModel, match="of something that the model does not give"):
        contract(f'name = "found"\n{rule}', decoding=f'decoding = {{ method = "{method}" }}')


def test_where_a_slide_is_missing_nothing_is_stated() -> None:
    for silent in (run("b", RunState.ABSTAINED), run("b", RunState.DONE)):
        (area,) = findings_of(contract(AREA), [run("a", **measured(1.0, {"violet": 1.0})), silent])
        assert area["has_abstained"]
        assert said(area) == "Of 2 slides, 1 have no answer."
        assert "number" not in area
        check_submission(typed({"id": "x", "findings": [area]}, Submission))


def test_nodes_add_up_and_the_largest_deposit_is_shown_where_it_is() -> None:
    place = Place(1000, 2000, 4000, 3000)
    first = {"nodes_positive": RegionsMeasured(2), "largest_deposit": RegionsMeasured(3, 1.2, 1.0, 1.5)}
    second = {
        "nodes_positive": RegionsMeasured(1),
        "largest_deposit": RegionsMeasured(1, 4.1, 4.0, 4.3, place),
    }
    runs = [run("a", **measured(9.0, regions=first)), run("b", **measured(9.0, regions=second))]
    nodes, deposit = findings_of(contract(NODES, DEPOSIT), runs)
    assert (nodes["kind"], nodes["number"]) == ("count", 3.0)
    assert (deposit["number"], deposit["unit"]) == (4.1, "mm")
    assert "interval" not in deposit, "how far patches are wrong, only a validation knows"
    region = {"x_um": 1000, "y_um": 2000, "width_um": 4000, "height_um": 3000}
    assert deposit["supports"] == [{"kind": "region", "image_id": "b", "region": region}]
    (known,) = findings_of(contract(DEPOSIT + "\ninterval = [0.9, 1.1]"), runs)
    assert known["interval"] == pytest.approx({"low": 3.6, "high": 4.73})
    check_submission(typed({"id": "x", "findings": [nodes, deposit]}, Submission))


def test_a_tumour_is_there_where_a_region_is_and_each_of_many_can_be_looked_at() -> None:
    def at(y_um: float, mm2: float) -> RegionPlace:
        return RegionPlace(Place(100, y_um, 300, 200), mm2)

    rules = contract(PRESENCE, AREA)
    found = RegionsMeasured(2, places=(at(100, 0.04), at(900, 0.0123456)))
    many = RegionsMeasured(30, places=tuple(at(y, 0.001 * (y + 1)) for y in range(30)))
    runs = [
        run("a", **measured(9.0, {"violet": 0.05}, regions={"tumour": found, "tumour_area": found})),
        run("b", **measured(9.0, regions={"tumour": RegionsMeasured(0), "tumour_area": many})),
    ]
    tumour, area = findings_of(rules, runs)
    assert (tumour["kind"], tumour["is_present"]) == ("presence", True)
    assert "probability" not in tumour, "nothing is known of it"
    region = {"x_um": 100, "y_um": 900, "width_um": 300, "height_um": 200}
    told = {"kind": "region", "image_id": "a", "region": region, "said": "0.01235 mm²"}
    assert tumour["supports"][1] == told
    assert len(area["supports"]) == 24, "the largest of all slides"
    assert min(float(each["said"].split()[0]) for each in area["supports"]) > 0.008
    (nothing, _) = findings_of(rules, [run("a", **measured(9.0, regions={"tumour": RegionsMeasured(0)}))])
    assert (nothing["is_present"], nothing["supports"]) == (False, [])
    check_submission(typed({"id": "x", "findings": [tumour, area]}, Submission))


def head(*rules: str, calibrated: bool = True) -> Contract:
    calibration = '[calibration]\nmethod = "temperature"\n' if calibrated else ""
    point = 'purpose = "triage"\noutput = "scores"\nclass_name = "b"\nthreshold = 0.3'
    stated = "".join(f"[[findings]]\n{rule}\n" for rule in rules)
    more = f'{calibration}[[operating_points]]\nname = "sure"\n{point}\n{stated}'
    return read_contract(HEAD_TOML.format(name="h", encoder="e", more=more, dimensions=2).encode())


def test_a_head_says_how_likely_a_tumour_is_on_the_slide_where_it_is_most_likely() -> None:
    of_a, of_b = (PRESENCE.replace("violet", name).replace("tumour", name) for name in "ab")
    runs = [run("one", scores={"a": 0.8, "b": 0.2}), run("two", scores={"a": 0.6, "b": 0.4})]
    a, b = findings_of(head(of_a, of_b), runs)
    assert (a["kind"], a["is_present"], a["probability"]) == ("presence", True, 0.8)
    assert (b["is_present"], b["probability"]) == (True, 0.4), "its own threshold counts"
    (low,) = findings_of(head(of_b), runs[:1])
    assert (low["is_present"], low["probability"]) == (False, 0.8)
    (unknown,) = findings_of(head(of_a, calibrated=False), runs)
    assert (unknown["kind"], unknown["has_abstained"]) == ("presence", True)
    assert "no calibration" in said(unknown)
    (silent,) = findings_of(head(of_a), [*runs, run("three", RunState.ABSTAINED)])
    assert said(silent) == "Of 3 slides, 1 have no answer."
    check_submission(typed({"id": "x", "findings": [a, b]}, Submission))


@pytest.mark.parametrize("rule", [AREA, PRESENCE, PRESENCE.replace("violet", "a") + "\nleast_mm2 = 1.0"])
def test_a_head_states_only_classes_of_its_own(rule: str) -> None:
    with pytest.raises(BadModel, match=r"does not give|not of regions"):
        head(rule)


def test_no_deposit_is_a_length_of_nothing_without_a_place() -> None:
    (deposit,) = findings_of(
        contract(DEPOSIT), [run("a", **measured(9.0, regions={"largest_deposit": RegionsMeasured(0)}))]
    )
    assert (deposit["number"], deposit["supports"]) == (0.0, [])


def test_pleomorphism_is_of_the_nuclei_of_all_slides() -> None:
    rules = contract(
        'name = "mean"\nmeasure = "nuclear-area"',
        'name = "sd"\nmeasure = "nuclear-area-sd"',
        'name = "cv"\nmeasure = "nuclear-area-cv"\ninterval = [0.5, 2]',
        decoding=NUCLEI,
    )
    cells = [of_nuclei(800, 0, seed=2), of_nuclei(400, 0, seed=3)]
    runs = [run(name, **measured(4.0, cells=each)) for name, each in zip("ab", cells, strict=True)]
    whole = cells[0].area_um2 + cells[1].area_um2
    mean, sd, cv = findings_of(rules, runs)
    assert (mean["unit"], sd["unit"], cv["unit"]) == ("um2", "um2", "%")
    assert mean["number"] == pytest.approx(whole.mean.value, rel=1e-3)
    assert sd["number"] == pytest.approx(whole.sd.value, rel=1e-3)
    assert cv["number"] == pytest.approx(100 * whole.cv.value, rel=1e-3)
    assert sd["interval"]["low"] == pytest.approx(whole.sd.low, rel=1e-3)
    assert whole.cv.high is not None
    assert cv["interval"]["high"] == pytest.approx(200 * whole.cv.high, rel=1e-3)
    check_submission(typed({"id": "x", "findings": [mean, sd, cv]}, Submission))
    few = findings_of(rules, [run("a", **measured(4.0, cells=of_nuclei(29, None)))])
    assert said(few[0]) == "There are too few nuclei."


def test_a_grade_is_stated_where_the_whole_interval_is_of_it() -> None:
    spread = of_nuclei(800, 0).area_um2.cv
    assert spread.low is not None
    assert spread.high is not None
    low, high = 100 * spread.low, 100 * spread.high

    def grade(limit: float, cells: CellsMeasured) -> dict[str, Any]:
        rule = 'name = "nuclear_pleomorphism"\nmeasure = "nuclear-area-cv"\nlabels = ["1", "2", "3"]\n'
        rules = contract(rule + f"limits = [{limit}, 90]", decoding=NUCLEI)
        (found,) = findings_of(rules, [run("a", **measured(4.0, cells=cells))])
        check_submission(typed({"id": "x", "findings": [found]}, Submission))
        return found

    assert grade(low - 1, of_nuclei(800, 0))["label"] == "2"
    assert grade(high + 1, of_nuclei(800, 0))["label"] == "1"
    between = grade((low + high) / 2, of_nuclei(800, 0))
    assert between["why"] == {
        "template": "It lies between {low} and {high}.",
        "values": {"low": "1", "high": "2"},
    }
    alone = of_nuclei(800, 0)
    few_squares = spread_of(np.linspace(30, 70, 800), np.zeros(800), np.zeros(800))
    unsure = CellsMeasured(800, few_squares, few_squares, 0, alone.hotspot)
    assert grade(low - 1, unsure)["has_abstained"]


def test_candidates_lead_to_the_field_that_has_most() -> None:
    rules = contract(
        'name = "count"\nmeasure = "mitosis-candidates"',
        'name = "density"\nmeasure = "mitosis-candidate-density"',
        'name = "hotspot"\nmeasure = "mitosis-hotspot"',
        decoding=NUCLEI,
    )
    runs = [
        run("a", **measured(10.0, cells=of_nuclei(500, 6, most=3))),
        run("b", **measured(30.0, cells=of_nuclei(500, 14, most=10))),
    ]
    count, density, hotspot = findings_of(rules, runs)
    low, high = byar(20)
    assert (count["number"], density["number"], hotspot["number"]) == (20.0, 0.5, 5.0)
    assert density["interval"] == pytest.approx({"low": low / 40, "high": high / 40}, rel=1e-3)
    assert hotspot["interval"] == pytest.approx({"low": byar(10)[0] / 2, "high": byar(10)[1] / 2}, rel=1e-3)
    assert [each["supports"][0]["image_id"] for each in (count, density, hotspot)] == ["b"] * 3
    check_submission(typed({"id": "x", "findings": [count, density, hotspot]}, Submission))
    few = [*runs, run("c", **measured(1.0, cells=of_nuclei(10, None)))]
    assert {said(each) for each in findings_of(rules, few)} == {"There are too few nuclei."}, (
        "not a low count"
    )


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((AREA.replace("violet", "green"),), "does not give"),
        ((CELLS,), "does not give"),
        ((AREA + "\ninterval = [1.1, 1.2]",), "does not hold 1"),
        ((AREA, AREA), "Two findings"),
        ((NODES.replace('"violet"]', '"green"]'),), "does not give"),
        ((DEPOSIT + '\nholding = "green"',), "does not give"),
        ((AREA + "\nleast_mm2 = 0.5",), "not of regions"),
        ((AREA + '\nlabels = ["1"]\nlimits = [1.0]',), "one label more"),
        ((AREA + '\nlabels = ["1", "2", "3"]\nlimits = [2.0, 1.0]',), "one label more"),
        ((PRESENCE + '\nlabels = ["1"]\nlimits = []',), "one label more"),
        (('name = "cv"\nmeasure = "nuclear-area-cv"',), "does not give"),
    ],
)
def test_a_contract_states_only_findings_that_can_be(rules: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadModel, match=said):
        contract(*rules)
