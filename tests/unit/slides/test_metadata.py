"""The record of a scan."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.slides.metadata import (
    as_served,
    check_statement,
    current_statements,
    elements,
    findings,
)
from hemalum.capabilities.slides.model import Problem, Statement
from hemalum.formats.wsi.model import Level, PixelFormat, SlideDescription
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize, SpacingUm
from hemalum.kernel.ids import PersonId
from hemalum.kernel.sentence import Sentence

NOW = datetime(2026, 5, 1, tzinfo=UTC)
COMPLETE = SlideDescription(
    format="aperio-svs",
    levels=(Level(PixelSize(40000, 30000), 1.0),),
    pixel=PixelFormat(3, "uint8"),
    spacing_um=SpacingUm(0.25, 0.25),
    objective_power=40,
    scanner_model="GT450",
    stain="H&E",
    organ="skin",
    specimen="S-1",
    laboratory="Pathology",
    acquired_at="2026-04-01T10:00:00",
    sources={"spacing_um": "aperio.MPP"},
)


def _stated(element: str, value: Any) -> Statement:
    return Statement(element, value, PersonId("p"), "Li", NOW)


def _problems(described: SlideDescription, *statements: Statement) -> set[tuple[str, str]]:
    return {(one.element, one.problem.value) for one in findings(described, statements, NOW)}


def test_complete_record_has_no_findings() -> None:
    assert _problems(COMPLETE) == set()


@pytest.mark.parametrize("name", ["stain", "organ", "specimen", "scanner_model", "laboratory"])
def test_what_is_required_and_missing_is_listed(name: str) -> None:
    assert _problems(replace(COMPLETE, **{name: None})) == {(name, "missing")}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"spacing_um": None}, {("spacing_um", "missing")}),
        ({"spacing_um": SpacingUm(0.5, 0.5)}, {("spacing_um", "contradictory")}),
        ({"spacing_um": SpacingUm(25.0, 25.0)}, {("spacing_um", "implausible")}),
        ({"spacing_um": SpacingUm(0.01, 0.01)}, {("spacing_um", "implausible")}),
        ({"spacing_um": SpacingUm(0.25, 0.3)}, {("spacing_um", "implausible")}),
        (
            {"objective_power": 4000.0, "spacing_um": None},
            {("objective_power", "implausible"), ("spacing_um", "missing")},
        ),
        ({"acquired_at": "2027-01-01T00:00:00"}, {("acquired_at", "implausible")}),
        ({"acquired_at": "1970-01-01T00:00:00"}, {("acquired_at", "implausible")}),
        ({"acquired_at": "yesterday"}, {("acquired_at", "implausible")}),
        ({"levels": (Level(PixelSize(900_000, 9000), 1.0),)}, {("spacing_um", "implausible")}),
        ({"warnings": ("Two tags disagree.",)}, {("file", "contradictory")}),
    ],
)
def test_what_cannot_be_is_listed(change: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert _problems(replace(COMPLETE, **change)) == expected


def test_findings_are_sentences() -> None:
    bare = SlideDescription("x", (Level(PixelSize(10, 10), 1.0),), PixelFormat(3, "uint8"), None)
    found = findings(bare, (), NOW)
    assert len(found) == 6
    assert all(str(one.message)[0].isupper() and str(one.message).endswith(".") for one in found)


@pytest.mark.parametrize(
    ("change", "values"),
    [
        ({"spacing_um": None}, {}),
        ({"scale_is_unverified": True}, {"x_um": 0.25}),
        ({"stain": None}, {"element": Sentence("stain")}),
        ({"spacing_um": SpacingUm(0.5, 0.5)}, {"x_um": 0.5, "power": 40, "usual_um": 0.25}),
        ({"spacing_um": SpacingUm(25.0, 25.0)}, {"x_um": 25.0, "low_um": 0.05, "high_um": 10.0}),
        ({"spacing_um": SpacingUm(0.25, 0.3)}, {"x_um": 0.25, "y_um": 0.3}),
        ({"acquired_at": "yesterday"}, {"time": "yesterday"}),
        ({"warnings": (Sentence("{count} tags disagree.", {"count": 2}),)}, {"count": 2}),
    ],
)
def test_findings_can_be_said_in_another_language(change: dict[str, Any], values: dict[str, Any]) -> None:
    (found,) = findings(replace(COMPLETE, **change), (), NOW)
    assert found.message.values == values


def test_stated_scale_is_used_and_can_be_taken_back() -> None:
    silent = replace(COMPLETE, spacing_um=None)
    said = _stated("spacing_um", check_statement("spacing_um", 0.25, NOW))
    assert as_served(silent, [said]).spacing_um == SpacingUm(0.25, 0.25)
    assert _problems(silent, said) == set()
    element = next(one for one in elements(silent, [said]) if one.name == "spacing_um")
    assert (element.value, element.source) == (0.25, "person")
    taken_back = [said, _stated("spacing_um", None)]
    assert as_served(silent, taken_back).spacing_um is None
    assert _problems(silent, *taken_back) == {("spacing_um", "missing")}


def test_unverified_scale_is_shown_and_measured_with_once_a_person_states_it() -> None:
    unsure = replace(COMPLETE, scale_is_unverified=True)
    assert (unsure.scale_trust, as_served(unsure, ()).measurable_um) == ("unverified", None)
    assert _problems(unsure) == {("spacing_um", "unverified")}
    said = _stated("spacing_um", 0.5)
    served = as_served(replace(unsure, objective_power=20), [said])
    assert (served.scale_trust, served.measurable_um) == ("stored", SpacingUm(0.5, 0.5))
    assert _problems(replace(unsure, objective_power=20), said) == set()
    assert as_served(unsure, [said, _stated("spacing_um", None)]).scale_trust == "unverified"


def test_person_against_file_is_contradictory() -> None:
    said = _stated("spacing_um", 0.3)
    assert [one.problem for one in findings(COMPLETE, [said], NOW)] == [Problem.CONTRADICTORY]


def test_the_last_statement_holds() -> None:
    said = [_stated("stain", "PAS"), _stated("stain", "H&E"), _stated("organ", "liver")]
    assert {name: one.value for name, one in current_statements(said).items()} == {
        "stain": "H&E",
        "organ": "liver",
    }


def test_a_maker_alone_is_no_scanner_model() -> None:
    silent = replace(COMPLETE, vendor="Aperio", scanner_model=None)
    (found,) = findings(silent, (), NOW)
    assert (found.element, found.problem, str(found.message)) == (
        "scanner_model",
        Problem.MISSING,
        "The scanner model is not stated.",
    )
    record = {one.name: (one.value, one.required) for one in elements(silent, ())}
    assert record["vendor"] == ("Aperio", False)
    assert record["scanner_model"] == (None, True)
    stated = [_stated("vendor", "Leica"), _stated("scanner_model", "AT2")]
    served = as_served(silent, stated)
    assert (served.vendor, served.scanner_model) == ("Leica", "AT2")
    assert findings(silent, stated, NOW) == ()


def test_sources_name_the_tag() -> None:
    sources = {one.name: one.source for one in elements(COMPLETE, ())}
    assert sources["spacing_um"] == "aperio.MPP"
    assert sources["focus_method"] is None


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("spacing_um", 0),
        ("spacing_um", -1),
        ("spacing_um", "0.25"),
        ("spacing_um", True),
        ("spacing_um", float("nan")),
        ("spacing_um", {"x": 0.25}),
        ("objective_power", 1e9),
        ("acquired_at", "2030-01-01T00:00:00"),
        ("acquired_at", 5),
        ("stain", ""),
        ("stain", "x" * 501),
        ("stain", 5),
        ("focus_method", "guess"),
        ("colour_profile", "sRGB"),
        ("name", "x"),
    ],
)
def test_what_cannot_be_true_cannot_be_stated(element: str, value: Any) -> None:
    with pytest.raises(Invalid):
        check_statement(element, value, NOW)


@given(st.floats(0.05, 10), st.floats(0.05, 10))
def test_any_plausible_scale_can_be_stated(x: float, y: float) -> None:
    kept = check_statement("spacing_um", {"x": x, "y": y}, NOW)
    assert as_served(COMPLETE, [_stated("spacing_um", kept)]).spacing_um == SpacingUm(x, y)
