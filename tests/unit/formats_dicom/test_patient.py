"""Data sets in DICOM JSON without what they say of a patient."""

import json

import pytest

from hemalum.formats.dicom.patient import is_of_patient, names_patient, without_patient


@pytest.mark.parametrize(
    "tag",
    [
        "00100010",
        "001021B0",
        "00380300",
        "00091001",
        "00080050",
        "0008009c",
        "04000561",
        "22000002",
        "nonsense",
    ],
)
def test_what_may_name_a_patient_is_told_apart(tag: str) -> None:
    assert is_of_patient(tag)


def test_the_rest_stays_as_it_is() -> None:
    kept = {"00080016": {"vr": "UI", "Value": ["1.2"]}, "00280010": {"vr": "US", "Value": [7]}}
    named = kept | {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Secret^Ada"}]}}
    assert json.loads(without_patient(json.dumps(named).encode())) == kept


_REMOVED = {"00120062": {"vr": "CS", "Value": ["YES"]}}
_FORMER = {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Secret^Ada"}]}}


@pytest.mark.parametrize(
    ("dataset", "names"),
    [
        ({"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Secret^Ada"}]}}, True),
        ({"00100010": {"vr": "PN"}, "00100020": {"vr": "LO", "Value": [None]}}, False),
        ({"00100020": {"vr": "UN", "InlineBinary": "TVJONw=="}}, True),
        ({"04000561": {"vr": "SQ", "Value": [{"04000550": {"vr": "SQ", "Value": [_FORMER]}}]}}, True),
        ({"00100020": {"vr": "LO", "Value": ["P-17"]}} | _REMOVED, False),
    ],
)
def test_a_data_set_says_who_the_patient_is(dataset: dict[str, object], names: bool) -> None:
    assert names_patient(json.dumps(dataset).encode()) is names
