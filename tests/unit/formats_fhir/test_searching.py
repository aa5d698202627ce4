"""What a search finds among resources, and what of it cannot be meant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.fhir.bundles import read_bundle
from hemalum.formats.fhir.outcomes import BadResource
from hemalum.formats.fhir.searching import MOST_COUNT, PARAMETERS, matches, parse_query

REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "c1",
    "meta": {"lastUpdated": "2026-11-28T08:00:00.250Z"},
    "identifier": [{"system": "urn:hemalum:case", "value": "H-1"}],
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "11526-1"}], "text": "Study"},
    "subject": {"reference": "Patient/p1"},
    "issued": "2026-11-28T08:00:00.250Z",
    "result": [{"reference": "Observation/o1/_history/2"}, {"reference": "Observation/o2"}],
}


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("status", "final", True),
        ("status", "amended,final", True),
        ("status", "amended", False),
        ("code", "11526-1", True),
        ("code", "http://loinc.org|11526-1", True),
        ("code", "http://loinc.org|", True),
        ("code", "http://other|11526-1", False),
        ("code", "|11526-1", False),
        ("identifier", "urn:hemalum:case|H-1", True),
        ("identifier", "H-1", True),
        ("identifier", "H-2", False),
        ("patient", "p1", True),
        ("patient", "Patient/p1", True),
        ("patient", "http://node/fhir/R4/Patient/p1", True),
        ("patient", "Group/p1", False),
        ("result", "o1", True),
        ("result", "Observation/o1/_history/1", True),
        ("result", "o3", False),
        ("issued", "2026", True),
        ("issued", "2026-11", True),
        ("issued", "2026-11-28", True),
        ("issued", "2026-11-28T08:00:00Z", True),
        ("issued", "2026-11-28T16:00:00+08:00", True),
        ("issued", "2026-11-28T07:59", False),
        ("issued", "2026-11-28T08:00", True),
        ("issued", "2026-11-28T16:00+08:00", True),
        ("issued", "gt2026-11-28T08:00Z", False),
        ("issued", "gt2026-11-28", False),
        ("issued", "ge2026-11-28", True),
        ("issued", "lt2026-11-28T08:00:00Z", False),
        ("issued", "le2026-11-28T08:00:00Z", True),
        ("issued", "ge2027,le2026", True),
        ("issued", "2026-12", False),
        ("_id", "c0,c1", True),
    ],
)
def test_parameters_mean_what_the_standard_says(name: str, value: str, fits: bool) -> None:
    assert matches(REPORT, parse_query("DiagnosticReport", [(name, value)]).conditions) == fits


@given(
    st.integers(0, 10**11).map(
        lambda one: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(milliseconds=30 * one)
    ),
    st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ"]),
)
def test_a_moment_lies_before_in_or_after_whatever_holds_it(at: datetime, form: str) -> None:
    told = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    stated = at.strftime(form)
    resource = REPORT | {"issued": told}

    def fits(prefix: str) -> bool:
        return matches(resource, parse_query("DiagnosticReport", [("issued", prefix + stated)]).conditions)

    assert fits("")
    assert fits("ge")
    assert fits("le")
    assert not fits("gt")
    assert not fits("lt")


def test_marks_of_the_search_may_stand_in_what_is_searched_for() -> None:
    found = REPORT | {"identifier": [{"system": "urn:a|b", "value": "H,1|2\\"}]}

    def fits(value: str) -> bool:
        return matches(found, parse_query("DiagnosticReport", [("identifier", value)]).conditions)

    assert fits(r"urn:a\|b|H\,1\|2\\")
    assert fits(r"X,H\,1\|2\\,Y")
    assert not fits("H,1|2")
    assert not fits(r"H\,1|2\\")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("issued", "2026-13"),
        ("issued", "2026-02-30"),
        ("issued", "2026-11-28T99:00:00Z"),
        ("issued", "9999"),
        ("issued", "2026-11-28T08"),
        ("issued", "2026-11-28T0800"),
        ("issued", "ne2026"),
        ("status", ","),
        ("_count", "-1"),
        ("_count", "1" * 40),
        ("_include", "DiagnosticReport"),
        ("_include", "DiagnosticReport:status"),
        ("_sort", "issued"),
    ],
)
def test_what_cannot_be_taken_into_account_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadResource) as caught:
        parse_query("DiagnosticReport", [(name, value)])
    assert caught.value.status == 400


def test_how_much_is_told_at_once_is_bounded() -> None:
    assert parse_query("Task", [("_count", "100000")]).count == MOST_COUNT
    assert parse_query("Task", [("_count", "0")]).count == 1
    assert parse_query("Task", [("_format", "json"), ("purpose", "care")]).conditions == ()


def test_nothing_before_a_moment_has_to_be_looked_at() -> None:
    def since(*stated: tuple[str, str]) -> datetime | None:
        return parse_query("DiagnosticReport", stated).since("_lastUpdated", "issued")

    assert since(("_lastUpdated", "ge2026-01-01")) == datetime(2026, 1, 1, tzinfo=UTC)
    assert since(("_lastUpdated", "ge2026,ge2024")) == datetime(2024, 1, 1, tzinfo=UTC)
    assert since(("_lastUpdated", "ge2026,le2020")) is None
    assert since(("_lastUpdated", "ge2026"), ("issued", "ge2027")) == datetime(2027, 1, 1, tzinfo=UTC)
    assert since() is None


def test_every_type_is_searched_by_id_and_time() -> None:
    assert all({"_id", "_lastUpdated"} <= one.keys() for one in PARAMETERS.values())


@pytest.mark.parametrize(
    "bundle",
    [
        {},
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "type": "collection", "entry": [{}]},
        {"resourceType": "Bundle", "type": "batch"},
        {"resourceType": "Bundle", "type": "batch", "entry": {}},
        {"resourceType": "Bundle", "type": "batch", "entry": [7]},
        {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET"}}]},
        {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [{"request": {"method": "GET", "url": "a"}, "resource": 3}],
        },
        {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [{"request": {"method": "GET", "url": "a", "ifNoneExist": 1}}],
        },
    ],
)
def test_what_is_no_bundle_is_refused(bundle: object) -> None:
    with pytest.raises(BadResource):
        read_bundle(bundle)
