"""Data sets in DICOM JSON without what they say of a patient."""

import json

import pytest

from hemalum.formats.dicom.patient import is_of_patient, without_patient


@pytest.mark.parametrize(
    "tag", ["00100010", "001021B0", "00380300", "00091001", "00080050", "0008009c", "nonsense"]
)
def test_what_may_name_a_patient_is_told_apart(tag: str) -> None:
    assert is_of_patient(tag)


def test_the_rest_stays_as_it_is() -> None:
    kept = {"00080016": {"vr": "UI", "Value": ["1.2"]}, "00280010": {"vr": "US", "Value": [7]}}
    named = kept | {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Secret^Ada"}]}}
    assert json.loads(without_patient(json.dumps(named).encode())) == kept
