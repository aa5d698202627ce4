"""QIDO-RS queries and what matches them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.dicom.qido import MAX_LIMIT, attribute_path, matches, parse_query
from hemalum.kernel.errors import Invalid

SLIDE = {
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.77.1.6"]},
    "00080020": {"vr": "DA", "Value": ["20240506"]},
    "00080030": {"vr": "TM", "Value": ["070809.5"]},
    "0008002A": {"vr": "DT", "Value": ["20240506070809+0800"]},
    "00080060": {"vr": "CS", "Value": ["SM"]},
    "00080061": {"vr": "CS", "Value": ["SM", "SEG"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Li^Na", "Ideographic": "李^娜"}]},
    "00100020": {"vr": "LO", "Value": ["A*1"]},
    "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
    "00280008": {"vr": "IS", "Value": [25]},
    "00400560": {
        "vr": "SQ",
        "Value": [{"00400551": {"vr": "LO", "Value": ["S1"]}}, {"00400551": {"vr": "LO", "Value": ["S2"]}}],
    },
    "00081030": {"vr": "LO"},
}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.77.1.6", True),
        ("00080016", "1.2.840.10008.5.1.4.1.1.77.1.6", True),
        ("SOPClassUID", "1.2", False),
        ("StudyInstanceUID", "9.9,1.2.3", True),
        ("StudyInstanceUID", "9.9\\1.2.3", True),
        ("StudyInstanceUID", "1.2.30", False),
        ("Modality", "SM", True),
        ("Modality", "sm", False),
        ("Modality", "S?", True),
        ("ModalitiesInStudy", "SEG", True),
        ("PatientName", "li*", True),
        ("PatientName", "李*", True),
        ("PatientName", "Wang*", False),
        ("PatientID", "A?1", True),
        ("StudyDate", "20240506", True),
        ("StudyDate", "20240507", False),
        ("StudyDate", "20240501-20240531", True),
        ("StudyDate", "20240507-", False),
        ("StudyDate", "-20240506", True),
        ("StudyTime", "07-08", True),
        ("StudyTime", "0709-", False),
        ("AcquisitionDateTime", "2024", True),
        ("AcquisitionDateTime", "20240506-20240506", True),
        ("NumberOfFrames", "25", True),
        ("NumberOfFrames", "2", False),
        ("SpecimenDescriptionSequence.SpecimenIdentifier", "S2", True),
        ("00400560.00400551", "S3", False),
        ("StudyDescription", "x", False),
        ("RescaleSlope", "1", False),
    ],
)
def test_matching(name, value, found):
    (condition,) = parse_query([(name, value)]).conditions
    assert matches(condition, SLIDE) is found


@pytest.mark.parametrize("value", ["", "*", '""'])
def test_universal_matching_sets_no_condition(value):
    assert parse_query([("PatientID", value)]).conditions == ()


def test_paging_include_and_fuzzy():
    query = parse_query(
        [
            ("limit", "20"),
            ("offset", "40"),
            ("includefield", "ContainerIdentifier,00080070"),
            ("includefield", "SpecimenDescriptionSequence.SpecimenIdentifier"),
            ("fuzzymatching", "true"),
        ]
    )
    assert (query.limit, query.offset, query.fuzzy_asked, query.include_all) == (20, 40, True, False)
    assert query.include == {("00400512",), ("00080070",), ("00400560", "00400551")}
    assert parse_query([("includefield", "all")]).include_all
    assert parse_query([("limit", "999999")]).limit == MAX_LIMIT


def test_the_path_wins_over_the_query():
    query = parse_query([("StudyInstanceUID", "9.9")], {"StudyInstanceUID": "1.2.3"})
    assert query.find("StudyInstanceUID").values == ("1.2.3",)
    assert query.find("Modality") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NoSuchThing", "1"),
        ("a.b", "1"),
        ("SpecimenDescriptionSequence", "1"),
        ("StudyInstanceUID", "1.2;drop"),
        ("StudyDate", "yesterday"),
        ("StudyDate", "2024-05-06"),
        ("StudyDate", "-"),
        ("limit", "-1"),
        ("limit", "1e9"),
        ("offset", "x"),
        ("PatientID", "x" * 5000),
        ("includefield", "NoSuchThing"),
    ],
)
def test_bad_queries_are_refused_in_one_sentence(name, value):
    with pytest.raises(Invalid) as refused:
        parse_query([(name, value)])
    assert str(refused.value).endswith(".")


@given(st.text(alphabet="ab*?", max_size=30), st.text(alphabet="ab", max_size=60))
def test_wildcards_are_quick_and_agree_with_fnmatch(pattern, text):
    from fnmatch import fnmatchcase

    conditions = parse_query([("PatientID", pattern)]).conditions
    model = {"00100020": {"vr": "LO", "Value": [text]}}
    assert all(matches(c, model) == fnmatchcase(text, pattern) for c in conditions)


def test_no_wildcard_is_slow():
    """Trying every way to divide the text would take longer than the universe has."""
    (condition,) = parse_query([("PatientID", "*a?" * 20 + "b")]).conditions
    assert not matches(condition, {"00100020": {"vr": "LO", "Value": ["a" * 64]}})


def test_brackets_are_no_wildcards():
    (condition,) = parse_query([("PatientID", "[ab]*")]).conditions
    assert matches(condition, {"00100020": {"vr": "LO", "Value": ["[ab]c"]}})
    assert not matches(condition, {"00100020": {"vr": "LO", "Value": ["ac"]}})


def test_usual_attributes_agree_with_the_dictionary():
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    from hemalum.formats.dicom.qido import _USUAL

    for keyword, (tag, vr) in _USUAL.items():
        assert int(tag, 16) == (tag_for_keyword(keyword) or int(tag, 16))
        if keyword != "PyramidUID" or tag_for_keyword(keyword):
            assert dictionary_VR(int(tag, 16)) == vr
    assert attribute_path("RescaleSlope") == ("00281053",)
