"""Records of the profile: verdicts, JSON, the published schema."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.profile import record as form
from hemalum.formats.profile.classifications import has_shape, read_table
from hemalum.formats.profile.judging import RULES, Level, judge
from hemalum.formats.profile.record import BadRecord, Concept, History, Laboratory, Record, Scan, Specimen
from hemalum.formats.profile.terms import Code, Kind, Words, terms_of
from hemalum.kernel.errors import Invalid

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PUBLISHED = Path(__file__).parents[3] / "src/hemalum/formats/profile/profile.schema.json"
GOOD = Record(
    Specimen("S26-1-A-1-1", Concept(said="胃"), stain=Concept(said="HE染色")),
    Scan((0.25, 0.25), "file", 40, "Maker", "Model 1", acquired_at="2026-05-30T10:00:00+08:00"),
    Laboratory("病理科"),
    History("上腹痛三月", "zh"),
    (Code("I10", "C16.9", "Malignant neoplasm of stomach"),),
)


def _concepts(kind: Kind) -> st.SearchStrategy[Concept | None]:
    return st.none() | st.sampled_from(terms_of(kind)).map(lambda term: Concept(term.codes))


LINES = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=40)
LENGTHS = st.floats(0.1, 9)
RECORDS = st.builds(
    Record,
    st.builds(
        Specimen,
        LINES,
        *(_concepts(kind) for kind in (Kind.SITE, Kind.LATERALITY, Kind.COLLECTION, Kind.FIXATIVE)),
        _concepts(Kind.EMBEDDING),
        st.none() | LENGTHS,
        _concepts(Kind.STAIN),
    ),
    st.builds(Scan, st.none() | st.tuples(LENGTHS, LENGTHS), st.sampled_from([None, "file", "person"])),
    st.builds(Laboratory, LINES),
    st.none() | st.builds(History, LINES.filter(bool), st.sampled_from(["zh", "en", ""])),
    st.lists(st.builds(Code, st.just("I10"), st.just("C16.9"), LINES), max_size=2).map(tuple),
)


@given(RECORDS)
def test_a_record_is_read_back_from_its_json_and_fits_the_schema(record: Record) -> None:
    content = form.to_json(record)
    assert form.from_json(content) == record
    jsonschema.Draft202012Validator(form.schema()).validate(json.loads(content))


@given(RECORDS)
def test_a_judged_record_judges_to_itself(record: Record) -> None:
    judged = judge(record, Words(), NOW)
    assert judge(judged.record, Words(), NOW).record == judged.record
    pointers = {rule.element: rule.pointer for rule in RULES}
    assert all(one.pointer.startswith(pointers[one.element]) for one in judged.verdicts)


def test_the_published_schema_is_that_of_the_record() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == json.loads(json.dumps(form.schema()))
    jsonschema.Draft202012Validator.check_schema(form.schema())


def test_words_become_codes() -> None:
    judged = judge(GOOD, Words(), NOW)
    levels = {one.element: one.level for one in judged.verdicts}
    assert {element for element, level in levels.items() if level is Level.MAPPED} == {"site", "stain"}
    assert judged.level is Level.MAPPED
    assert judged.record.specimen.site == Concept((Code("SCT", "69695003", "Stomach"),))
    again = judge(judged.record, Words(), NOW)
    assert again.level is Level.CONFORMING


def _with(part: str, **values: Any) -> Record:
    return replace(GOOD, **{part: replace(getattr(GOOD, part), **values)})


@pytest.mark.parametrize(
    ("record", "element", "level"),
    [
        (_with("specimen", site=None), "site", Level.WARNED),
        (_with("specimen", site=Concept(said="三号部位")), "site", Level.REFUSED),
        (_with("specimen", fixative=Concept(said="秘方")), "fixative", Level.WARNED),
        (_with("specimen", stain=Concept((Code("99HEMALUM", "AB-NONE", "x"),))), "stain", Level.REFUSED),
        (_with("specimen", stain=Concept((Code("SCT", "heart", "x"),))), "stain", Level.REFUSED),
        (_with("specimen", stain=Concept((Code("SCT", "1234567", "x"),))), "stain", Level.WARNED),
        (
            _with("specimen", site=Concept(said="左肺"), laterality=Concept(said="右")),
            "laterality",
            Level.REFUSED,
        ),
        (
            _with("specimen", site=Concept(said="左肺"), laterality=Concept(said="L")),
            "laterality",
            Level.MAPPED,
        ),
        (_with("specimen", site=Concept(said="左肺")), "laterality", Level.CONFORMING),
        (_with("specimen", thickness_um=700.0), "thickness", Level.REFUSED),
        (_with("specimen", thickness_um=40.0), "thickness", Level.WARNED),
        (_with("scan", spacing_um=None), "spacing", Level.WARNED),
        (_with("scan", spacing_um=(0.25, 40.0)), "spacing", Level.REFUSED),
        (_with("scan", spacing_um=(float("nan"), 0.25)), "spacing", Level.REFUSED),
        (_with("scan", spacing_source="unverified"), "spacing", Level.WARNED),
        (_with("scan", objective_power=4000), "objective", Level.REFUSED),
        (_with("scan", acquired_at="2026-05-30T10:00:00"), "acquired_at", Level.WARNED),
        (_with("scan", acquired_at="30.5.2026"), "acquired_at", Level.REFUSED),
        (_with("scan", acquired_at="2026-13-30"), "acquired_at", Level.REFUSED),
        (_with("scan", acquired_at="2036-05-30T10:00:00Z"), "acquired_at", Level.REFUSED),
        (_with("scan", acquired_at="1970-01-01T00:00:00Z"), "acquired_at", Level.REFUSED),
        (_with("laboratory", name=""), "laboratory", Level.WARNED),
        (_with("history", text=" "), "history", Level.WARNED),
        (_with("history", text="a\x00"), "history", Level.REFUSED),
        (_with("history", language=""), "history", Level.WARNED),
        (_with("history", codes=(Code("I10", "K29-1", ""),)), "history", Level.REFUSED),
        (replace(GOOD, diagnoses=(Code("ICDO3", "814/3", ""),)), "diagnoses", Level.REFUSED),
    ],
)
def test_what_does_not_conform_is_said(record: Record, element: str, level: Level) -> None:
    judged = judge(record, Words(), NOW)
    found = judged.of(element)
    assert found is not None
    assert found.level is level
    assert judged.level.rank <= level.rank


@pytest.mark.parametrize(
    ("scheme", "value", "fits"),
    [
        ("I10", "C50.9", True),
        ("I10", "C50.900x001", True),
        ("I10", "c50", False),
        ("I10", "C5", False),
        ("ICDO3", "8140/3", True),
        ("ICDO3", "C50.9", True),
        ("ICDO3", "8140", False),
        ("99LOCAL", "A1", True),
        ("99LOCAL", "A 1", False),
        ("", "A1", False),
    ],
)
def test_shapes_of_codes(scheme: str, value: str, fits: bool) -> None:
    assert has_shape(Code(scheme, value, "")) is fits


def test_a_loaded_table_decides_which_codes_there_are() -> None:
    tables = {"I10": read_table("\ufeffC16.9,胃恶性肿瘤\n\nC50.9,乳房恶性肿瘤\n".encode())}
    other_name = judge(GOOD, Words(), NOW, tables).of("diagnoses")
    assert other_name is not None
    assert other_name.level is Level.WARNED
    unknown = replace(GOOD, diagnoses=(Code("I10", "C50.9", ""), Code("I10", "C99.9", "")))
    refused = judge(unknown, Words(), NOW, tables).of("diagnoses")
    assert refused is not None
    assert (refused.level, refused.pointer) == (Level.REFUSED, "/diagnoses/1")


@pytest.mark.parametrize("content", [b"C1,a\nC1,b", b"C1", b"\xff\xfe,", b'"C1,a'])
def test_a_bad_table_of_codes(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_table(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"profile":"2.0"}',
        b'{"profile":"1.0","scan":{"spacing_um":[0.25]}}',
        b'{"profile":"1.0","scan":{"spacing_um":[-1,1]}}',
        b'{"profile":"1.0","specimen":{"organ":"x"}}',
        b'{"profile":"1.0","diagnoses":[{"scheme":"I10","value":"C1","meaning":"","a/b":1}]}',
        b'{"profile":"1.0","laboratory":{"name":"\xff"}}',
        b"[" * 100_000,
        b" " * ((1 << 20) + 1),
    ],
)
def test_what_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(BadRecord):
        form.from_json(content)
