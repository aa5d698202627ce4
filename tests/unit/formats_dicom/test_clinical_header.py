"""Clinical history and diagnoses in headers: where DICOM's tables have them, and nothing else is touched."""

import json
from pathlib import Path

import highdicom
import pydicom

from hemalum.formats.dicom.clinical import (
    DIAGNOSES,
    HISTORY,
    MOST_HISTORY,
    ClinicalHeader,
    add_to_header,
    add_to_json,
)
from hemalum.formats.dicom.header import read_header
from hemalum.formats.profile.terms import Code
from hemalum.formats.wsi.source import MemorySource

from .test_write_series import assert_no_error_of_dciodvfy, write_series

KNOWN = ClinicalHeader(
    "上腹痛三月，张三丰\nweight loss\x07",
    (
        Code("I10", "C16.9", "Malignant neoplasm of stomach, unspecified"),
        Code("ICDO3", "8140/3", "Adenocarcinoma, " + "x" * 80, "3.2"),
        Code("99LOCAL", "a-value-of-twenty-two", ""),
    ),
)


def added_to(content: bytes, clinical: ClinicalHeader) -> bytes:
    length = read_header(MemorySource(content)).length
    return add_to_header(content[:length], clinical) + content[length:]


def test_the_header_is_valid_and_all_else_is_as_it_was(make_slide, tmp_path: Path) -> None:
    for path in write_series(make_slide(label=True, stain="H&E", organ="skin"), tmp_path):
        before = pydicom.dcmread(path)
        path.write_bytes(added_to(path.read_bytes(), KNOWN))
        assert_no_error_of_dciodvfy(path)
        after = pydicom.dcmread(path)
        assert after.AdditionalPatientHistory == "上腹痛三月，张三丰\nweight loss"
        first, second, third = after.AdmittingDiagnosesCodeSequence
        assert (first.CodeValue, first.CodingSchemeDesignator) == ("C16.9", "I10")
        assert first.CodeMeaning == "Malignant neoplasm of stomach, unspecified"
        assert (second.CodingSchemeVersion, len(second.CodeMeaning)) == ("3.2", 64)
        assert (third.LongCodeValue, third.CodeMeaning) == ("a-value-of-twenty-two",) * 2
        del after.AdditionalPatientHistory, after.AdmittingDiagnosesCodeSequence
        assert after == before
        tags = [element.tag for element in pydicom.dcmread(path)]
        assert tags == sorted(tags)


def test_what_was_added_before_gives_way_and_nothing_adds_nothing(make_slide, tmp_path: Path) -> None:
    content = write_series(make_slide(), tmp_path)[0].read_bytes()
    once = added_to(content, KNOWN)
    assert added_to(once, KNOWN) == once
    assert added_to(content, ClinicalHeader(" ")) == content


def test_a_history_that_is_too_long_is_cut_and_says_so(make_slide, tmp_path: Path) -> None:
    path = write_series(make_slide(), tmp_path)[0]
    path.write_bytes(added_to(path.read_bytes(), ClinicalHeader("史" * 20_000)))
    told = pydicom.dcmread(path).AdditionalPatientHistory
    assert (len(told), told[-1]) == (MOST_HISTORY, "…")


def test_the_same_in_json_in_the_order_of_tags(make_slide, tmp_path: Path) -> None:
    path = write_series(make_slide(), tmp_path)[0]
    plain = pydicom.dcmread(path, stop_before_pixels=True)
    encoded = plain.to_json(bulk_data_threshold=256, bulk_data_element_handler=lambda _: "bulk").encode()
    told = json.loads(add_to_json(encoded, KNOWN))
    assert list(told) == sorted(told)
    history, diagnoses = told.pop(f"{HISTORY:08X}"), told.pop(f"{DIAGNOSES:08X}")
    assert told == json.loads(encoded)
    assert (history["vr"], diagnoses["vr"], len(diagnoses["Value"])) == ("LT", "SQ", 3)
    path.write_bytes(added_to(path.read_bytes(), KNOWN))
    whole = pydicom.dcmread(path, stop_before_pixels=True)
    assert whole["AdmittingDiagnosesCodeSequence"].to_json_dict(None, 1024)["Value"] == diagnoses["Value"]
    assert whole["AdditionalPatientHistory"].to_json_dict(None, 1024)["Value"] == history["Value"]


def test_the_object_takes_both_by_the_tables_of_the_standard() -> None:
    """As highdicom read them out of PS3.3."""
    tables = Path(highdicom.__file__).parent / "_standard"
    modules = json.loads((tables / "iod_module_map.json").read_text())["vl-whole-slide-microscopy-image"]
    assert {"key": "patient-study", "usage": "U"}.items() <= next(
        one for one in modules if one["key"] == "patient-study"
    ).items()
    attributes = json.loads((tables / "module_attribute_map.json").read_text())["patient-study"]
    types = {one["keyword"]: one["type"] for one in attributes if not one["path"]}
    assert (types["AdditionalPatientHistory"], types["AdmittingDiagnosesCodeSequence"]) == ("3", "3")
