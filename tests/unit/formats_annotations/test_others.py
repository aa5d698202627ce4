"""ASAP, Cytomine and Sectra: small files made here, and those that the programs wrote."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hemalum.analysis.measuring import measure
from hemalum.analysis.quantities import Provenance, Scale
from hemalum.formats.annotations.asap import HOLES, read_asap, write_asap
from hemalum.formats.annotations.cytomine import read_cytomine
from hemalum.formats.annotations.files import FileForm, form_of, read_file
from hemalum.formats.annotations.model import Annotation, AnnotationKind
from hemalum.formats.annotations.sectra import read_sectra
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize, SpacingUm

SIZE = PixelSize(1000, 800)
SQUARE = [[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]
HOLE = [[10, 10], [20, 10], [20, 20.5], [10, 20], [10, 10]]
ASAP = b"""<?xml version="1.0"?>
<ASAP_Annotations><Annotations>
<Annotation Name="a" Type="Polygon" PartOfGroup="Tumor" Color="#F4FA58"><Coordinates>
<Coordinate Order="2" X="10" Y="10"/><Coordinate Order="0" X="0.5" Y="0"/><Coordinate Order="1" X="10" Y="0"/>
</Coordinates></Annotation>
<Annotation Name="b" Type="Dot" PartOfGroup="None" Color="#F4FA58"><Coordinates>
<Coordinate Order="0" X="5" Y="6"/></Coordinates></Annotation>
<Annotation Name="c" Type="Spline" PartOfGroup="None" Color="#F4FA58"><Coordinates/></Annotation>
<Annotation Name="d" Type="Polygon" PartOfGroup="None" Color="red"><Coordinates>
<Coordinate Order="0" X="x" Y="6"/></Coordinates></Annotation>
</Annotations><AnnotationGroups><Group Name="Tumor" PartOfGroup="None" Color="#64FE2E"/></AnnotationGroups>
</ASAP_Annotations>"""


def test_asap() -> None:
    found = read_asap(ASAP)
    triangle, dot = found.annotations
    assert triangle.geometry == {"type": "Polygon", "coordinates": [[[0.5, 0], [10, 0], [10, 10], [0.5, 0]]]}
    assert (triangle.class_name, triangle.colour, triangle.name) == ("Tumor", "#64fe2e", "a")
    assert (dot.kind, dot.geometry["coordinates"], dot.class_name) == (AnnotationKind.POINT, [5, 6], None)
    assert [each.what for each in found.skipped] == ["c", "d"]
    assert "Spline" in str(found.skipped[0].why)


def test_asap_there_and_back() -> None:
    drawn = [
        Annotation(
            "one-00001",
            AnnotationKind.BRUSH,
            {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE]]},
            class_name="Tumor",
            name="a\x00<b>",
        ),
        Annotation(
            "two-00001", AnnotationKind.POINTS, {"type": "MultiPoint", "coordinates": [[1.1, 2.2], [3, 4]]}
        ),
        Annotation("six-00001", AnnotationKind.LINE, {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}),
    ]
    content, left_out = write_asap(drawn, {"Tumor": "#D55E00"})
    assert left_out == 1
    outer, hole, points = read_asap(content).annotations
    assert outer.geometry["coordinates"] == [SQUARE]
    assert (outer.name, outer.class_name, outer.colour) == ("a<b>", "Tumor", "#d55e00")
    assert (hole.class_name, hole.geometry["coordinates"]) == (HOLES, [HOLE])
    assert points.geometry == drawn[1].geometry


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        b"<ASAP_Annotations>",
        b"\x00\xff",
        b'<!DOCTYPE a [<!ENTITY b "c">]><ASAP_Annotations>&b;</ASAP_Annotations>',
    ],
)
def test_what_is_no_asap_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_asap(content)


def test_cytomine_counts_from_below() -> None:
    content = {"annotation": {"id": 7, "location": "POLYGON ((0 0, 100 0, 100 50.5, 0 0))", "term": [3]}}
    [one] = read_cytomine(json.dumps(content).encode(), SIZE).annotations
    assert one.geometry["coordinates"] == [[[0, 800], [100, 800], [100, 749.5], [0, 800]]]
    assert one.extra["cytomine"] == {"id": 7, "term": [3]}
    many = {"collection": [{"location": "POINT (5 10)"}, {"id": 9, "location": "CIRCLE (1)"}]}
    found = read_cytomine(json.dumps(many).encode(), SIZE)
    assert found.annotations[0].geometry == {"type": "Point", "coordinates": [5, 790]}
    assert [each.what for each in found.skipped] == ["9"]
    for undrawn in (None, 3, "POLYGON EMPTY", "POINT EMPTY", "GEOMETRYCOLLECTION EMPTY"):
        both = [{"id": 1, "location": undrawn}, {"location": "POINT (5 10)"}]
        found = read_cytomine(json.dumps(both).encode(), SIZE)
        assert (len(found.annotations), [each.what for each in found.skipped]) == (1, ["1"]), undrawn
    for wrong in ({}, [], {"annotation": 3}, {"collection": [1]}):
        if wrong != []:
            with pytest.raises(Invalid):
                read_cytomine(json.dumps(wrong).encode(), SIZE)


def test_sectra_counts_in_widths() -> None:
    content: list[Any] = [
        {"type": "Area", "id": "1", "content": [{"x": 0, "y": 0}, {"x": 0.5, "y": 0}, {"x": 0.5, "y": 0.25}]},
        {"type": "Text", "id": "2", "content": []},
        {"type": "Polyline", "id": "3", "content": [{"x": "a", "y": 0}]},
    ]
    found = read_sectra(json.dumps(content).encode(), SIZE)
    [area] = found.annotations
    assert area.geometry["coordinates"] == [[[0, 0], [500, 0], [500, 250], [0, 0]]]
    assert [each.what for each in found.skipped] == ["2", "3"]
    with pytest.raises(Invalid):
        read_sectra(b"[3]", SIZE)


def test_files_are_known_by_their_content() -> None:
    assert form_of(ASAP) is FileForm.ASAP
    assert form_of(b"\xef\xbb\xbf <a/>") is FileForm.ASAP
    assert form_of(b'{"type": "FeatureCollection", "features": []}') is FileForm.GEOJSON
    assert form_of(b"[]") is FileForm.GEOJSON
    assert form_of(b'[{"content": [], "type": "Area"}]') is FileForm.SECTRA
    assert form_of(b'{"collection": []}') is FileForm.CYTOMINE
    for unknown in (b'{"a": 1}', b"3", b"nothing"):
        with pytest.raises(Invalid):
            form_of(unknown)


def test_reading_a_file_skips_what_cannot_be_drawn_on_this_slide() -> None:
    inside = {"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"name": "in"}}
    outside = {"geometry": {"type": "Point", "coordinates": [5000, 2]}, "properties": {"name": "out"}}
    answer = read_file(json.dumps([inside, outside]).encode(), None, 1000, 800, {})
    assert [one["name"] for one in answer["annotations"]] == ["in"]
    assert [each["what"] for each in answer["skipped"]] == ["out"]


def test_files_of_asap(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared("annotations/wsidicom/asap").iterdir())
    kinds = [read_asap(path.read_bytes()).annotations[0].kind for path in paths]
    assert kinds == [AnnotationKind.POINT, AnnotationKind.POINTS, AnnotationKind.POLYGON]


def test_files_of_cytomine(shared: Callable[[str], Path]) -> None:
    """The area and perimeter that Cytomine itself states, in whole pixels, are those of what is read."""
    paths = sorted(shared("annotations/wsidicom/cytomine").iterdir())
    assert len(paths) == 7
    for path in paths:
        stated = json.loads(path.read_bytes())["annotation"]
        [one] = read_cytomine(path.read_bytes(), PixelSize(60_000, 40_000)).annotations
        found = measure(one.geometry, Scale(SpacingUm(1, 1), Provenance.STORED))
        if found.area_um2 is not None:
            assert found.area_um2.value == pytest.approx(stated["area"], abs=1)
            assert found.perimeter_um is not None
            assert found.perimeter_um.value == pytest.approx(stated["perimeter"], abs=1)
        if found.length_um is not None:
            assert found.length_um.value == pytest.approx(stated["perimeter"], abs=1)


def test_files_of_sectra(shared: Callable[[str], Path]) -> None:
    """The length and the area that Sectra itself states belong to one scale: both axes count in widths."""
    folder = shared("annotations/wsidicom/sectra")
    scale, size = Scale(SpacingUm(1, 1), Provenance.STORED), PixelSize(10_000, 4_000)
    [line] = read_sectra((folder / "pathologycore-polyline.json").read_bytes(), size).annotations
    [area] = read_sectra((folder / "pathologycore-area.json").read_bytes(), size).annotations
    length, enclosed = measure(line.geometry, scale).length_um, measure(area.geometry, scale).area_um2
    assert length is not None
    assert enclosed is not None
    assert 5.93 / length.value == pytest.approx(math.sqrt(5.33 / enclosed.value), rel=2e-3)
