"""What the checks refuse that libraries of models let pass, and what readers take from sound resources."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.fhir.checks import check, is_loinc, require_sound
from hemalum.formats.fhir.definitions import DEFINITIONS, OF_EVERY_RESOURCE
from hemalum.formats.fhir.outcomes import BadResource, outcome_of
from hemalum.formats.fhir.reading import NumberRead, SpecimenRead, read_order, read_patient
from hemalum.formats.fhir.values import Resource, issuer_of, system_of
from hemalum.kernel.errors import NotFound

CODE = {"coding": [{"system": "http://loinc.org", "code": "11526-1"}]}
REPORT: Resource = {
    "resourceType": "DiagnosticReport",
    "status": "final",
    "code": CODE,
    "subject": {"reference": "Patient/1"},
    "issued": "2026-11-28T08:00:00.000Z",
    "result": [{"reference": "Observation/1"}],
}
ORDER: Resource = {
    "resourceType": "ServiceRequest",
    "identifier": [{"system": "urn:oid:1.2", "value": "O1"}],
    "status": "active",
    "intent": "order",
    "code": {"coding": [{"code": "GAST", "display": "Gastric biopsy"}]},
    "subject": {"reference": "#p"},
    "contained": [{"resourceType": "Patient", "id": "p"}],
    "requester": {"reference": "Organization/7", "display": "Surgery"},
    "reasonCode": [{"text": "pain"}, {"text": "pain"}],
    "note": [{"text": "H&E  wanted"}],
}


def without(resource: Resource, name: str) -> Resource:
    return {key: value for key, value in resource.items() if key != name}


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_the_definitions_are_those_of_the_standard(kind: str) -> None:
    """R4B differs from R4 in none of these types."""
    fields = get_fhir_model_class(kind).model_fields
    names = {field.alias or name for name, field in fields.items() if not name.endswith("__ext")}
    names -= {"fhir_comments", "resource_type"}
    definition = DEFINITIONS[kind]
    assert definition.elements | OF_EVERY_RESOURCE - {"resourceType"} == names
    lists = {
        field.alias or name
        for name, field in fields.items()
        if "List" in str(field.annotation) and not name.endswith("__ext")
    }
    assert definition.lists == lists - {"contained", "extension", "modifierExtension", "fhir_comments"}


@pytest.mark.parametrize(
    ("resource", "expression"),
    [
        (REPORT | {"status": "banana"}, "DiagnosticReport.status"),
        (without(REPORT, "code"), "DiagnosticReport.code"),
        (without(REPORT, "result"), "DiagnosticReport.result"),
        (REPORT | {"result": [{"reference": "Patient/1"}]}, "DiagnosticReport.result[0]"),
        (REPORT | {"result": [{"reference": "http://a/b/Patient/1"}]}, "DiagnosticReport.result[0]"),
        (
            REPORT | {"result": [{"reference": "Observation/1", "type": "Patient"}]},
            "DiagnosticReport.result[0]",
        ),
        (
            REPORT | {"result": [{"reference": "Observation/1", "type": ["Observation"]}]},
            "DiagnosticReport.result[0]",
        ),
        (
            REPORT | {"subject": {"reference": "#p"}, "contained": [{"resourceType": {}, "id": "p"}]},
            "DiagnosticReport.subject",
        ),
        (REPORT | {"result": [{}]}, "DiagnosticReport.result[0]"),
        (REPORT | {"result": [7]}, "DiagnosticReport.result[0]"),
        (REPORT | {"result": {"reference": "Observation/1"}}, "DiagnosticReport.result"),
        (REPORT | {"result": []}, "DiagnosticReport.result"),
        (REPORT | {"subject": {"reference": "#nobody"}}, "DiagnosticReport.subject.reference"),
        (REPORT | {"subject": {"reference": 5}}, "DiagnosticReport.subject.reference"),
        (REPORT | {"issued": "2026-11-28"}, "DiagnosticReport.issued"),
        (REPORT | {"issued": "2026-11-28T08:00:00"}, "DiagnosticReport.issued"),
        (REPORT | {"issued": "2026-02-30T08:00:00Z"}, "DiagnosticReport.issued"),
        (REPORT | {"issued": "0001-01-01T00:00:00+14:00"}, "DiagnosticReport.issued"),
        (REPORT | {"colour": "red"}, "DiagnosticReport.colour"),
        (REPORT | {"id": "a b"}, "DiagnosticReport.id"),
        (
            REPORT | {"effectiveDateTime": "2026", "effectivePeriod": {"start": "2026"}},
            "DiagnosticReport.effective",
        ),
        (REPORT | {"modifierExtension": [{"url": "u"}]}, "DiagnosticReport.modifierExtension"),
        (
            REPORT
            | {"code": {"coding": [CODE["coding"][0], {"system": "http://loinc.org", "code": "11526-2"}]}},
            "DiagnosticReport.code.coding[1].code",
        ),
        ({"resourceType": "Observation", "status": "final", "code": CODE}, "Observation.value"),
        ({"resourceType": "Patient", "identifier": [{"system": "urn:x"}]}, "Patient.identifier[0].value"),
        ({"resourceType": "Patient", "gender": "f"}, "Patient.gender"),
        ({"resourceType": "Patient", "birthDate": "1960-13-01"}, "Patient.birthDate"),
        ({"resourceType": "Task", "status": "ready"}, "Task.intent"),
        ({"resourceType": "Encounter"}, "Resource"),
        ("nothing", "Resource"),
        (None, "Resource"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(resource: Any, expression: str) -> None:
    issues = check(resource)
    assert [one.expression for one in issues] == [expression]
    with pytest.raises(BadResource) as caught:
        require_sound(resource)
    said = outcome_of(caught.value)
    get_fhir_model_class("OperationOutcome").model_validate(said)
    assert said["issue"][0]["expression"] == [expression]


def test_what_is_sound_passes() -> None:
    assert check(REPORT) == []
    assert check(ORDER) == []
    logical = {"identifier": {"system": "urn:x", "value": "1"}}
    assert check(REPORT | {"subject": logical, "result": [logical]}) == []
    assert check(REPORT | {"subject": {"reference": "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"}}) == []
    assert check({"resourceType": "Patient", "birthDate": "1960-05", "_gender": {"extension": []}}) == []


def test_a_deep_resource_is_refused_and_no_accident() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    (issue,) = check({"resourceType": "Patient", "extension": deep})
    assert str(issue.sentence) == "The resource is nested too deeply."


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(DEFINITIONS)), st.data())
def test_whatever_comes_is_refused_by_a_sentence(kind: str, data: st.DataObject) -> None:
    names = st.sampled_from(sorted(DEFINITIONS[kind].elements | OF_EVERY_RESOURCE))
    stated = data.draw(st.dictionaries(names, JSON, max_size=5))
    resource = stated | {"resourceType": kind}
    if not check(resource) and kind in ("Patient", "ServiceRequest"):
        with suppress(BadResource):
            read_patient(resource) if kind == "Patient" else read_order(resource, lambda _made: None)


@pytest.mark.parametrize("code", ["22637-3", "22634-0", "22635-7", "22638-1", "60572-5", "11526-1"])
def test_loinc_codes_have_their_check_digit(code: str) -> None:
    assert is_loinc(code)
    number, _, digit = code.partition("-")
    assert not is_loinc(f"{number}-{(int(digit) + 1) % 10}")
    assert not is_loinc(number)
    assert not is_loinc(f"{code} ")


@given(st.text(min_size=1))
def test_an_issuer_is_told_by_its_uri_and_known_again(issuer: str) -> None:
    try:
        issuer.encode()
    except UnicodeEncodeError:
        return
    assert issuer_of(system_of(issuer)) == issuer
    assert ":" in system_of(issuer)


def test_an_order_is_read() -> None:
    received = {
        "resourceType": "Specimen",
        "type": {"text": "biopsy"},
        "receivedTime": "2026-11-27T09:30:00+08:00",
        "collection": {"bodySite": {"text": "Antrum"}},
        "note": [{"text": "in formalin"}],
    }
    plain = read_order(ORDER, lambda _made: None)
    assert plain.numbers == (NumberRead("urn:oid:1.2", "O1"),)
    assert (plain.department, plain.clinician, plain.history) == ("Surgery", "", "pain\nH&E wanted")
    assert plain.specimens == (SpecimenRead("Gastric biopsy", "", None),)
    full = read_order(ORDER | {"specimen": [{"reference": "#s"}]}, lambda _made: received)
    at = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
    assert full.specimens == (SpecimenRead("biopsy in formalin", "Antrum", at),)
    role = {"resourceType": "PractitionerRole", "practitioner": {"display": "Dr Wang"}, "organization": 3}
    asked = read_order(ORDER | {"requester": {"reference": "#r"}}, lambda _made: role)
    assert (asked.department, asked.clinician) == ("", "Dr Wang")


@pytest.mark.parametrize(
    ("more", "expression"),
    [
        ({"status": "draft"}, "ServiceRequest.status"),
        ({"intent": "plan"}, "ServiceRequest.intent"),
        ({"doNotPerform": True}, "ServiceRequest.doNotPerform"),
        (
            {"identifier": [{"system": "urn:x", "value": "1"}, {"value": "O1"}]},
            "ServiceRequest.identifier[1].system",
        ),
        ({"specimen": [{"reference": "Specimen/9"}]}, "ServiceRequest.specimen[0]"),
    ],
)
def test_what_is_no_order_to_do_now_is_refused(more: Resource, expression: str) -> None:
    with pytest.raises(BadResource) as caught:
        read_order(ORDER | more, lambda _made: None)
    assert [one.expression for one in caught.value.issues] == [expression]


def test_a_patient_is_read() -> None:
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:hemalum:issuer:Register%20A", "value": " P1 "}],
        "name": [
            {"use": "old", "text": "Before"},
            {"family": "Example", "given": ["Ada", "B."]},
            {"use": "official", "text": "艾达"},
        ],
        "gender": "female",
        "birthDate": "1960-05",
    }
    read = read_patient(patient)
    assert (read.name, read.gender, read.birth_date) == ("艾达", "female", None)
    assert read.numbers == (NumberRead("Register A", "P1"),)
    assert read_patient(patient | {"birthDate": "1960-05-04"}).birth_date == date(1960, 5, 4)
    unnamed = read_patient(patient | {"name": patient["name"][:2]})
    assert unnamed.name == "Ada B. Example"
    with pytest.raises(BadResource) as caught:
        read_patient({"resourceType": "Patient"})
    assert [one.expression for one in caught.value.issues] == ["Patient.name", "Patient.identifier"]


def test_other_errors_are_outcomes_too() -> None:
    said = outcome_of(NotFound("There is no such case."))
    get_fhir_model_class("OperationOutcome").model_validate(said)
    assert (said["issue"][0]["code"], said["issue"][0]["diagnostics"]) == (
        "not-found",
        "There is no such case.",
    )
