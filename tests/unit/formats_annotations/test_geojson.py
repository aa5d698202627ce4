"""QuPath's GeoJSON: what was not changed here is written as it was read, and of the rest only the changes."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.annotations.geojson import feature_of, read_geojson, write_geojson
from hemalum.formats.annotations.model import Annotation, AnnotationKind, Box
from hemalum.kernel.errors import Invalid

SQUARE = [[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]
HOLE = [[10, 10], [20, 10], [20, 20.5], [10, 20], [10, 10]]
RICH = {
    "type": "Feature",
    "id": "6c5cbcc1-3a0b-4d55-9a4c-0d8d7f4f7a11",
    "geometry": {
        "type": "MultiPolygon",
        "coordinates": [[SQUARE, HOLE], [[[200, 0], [300, 0], [250, 80.25], [200, 0]]]],
        "plane": {"c": -1, "z": 2, "t": 0},
    },
    "properties": {
        "objectType": "annotation",
        "name": "core A",
        "color": [1, 2, 3],
        "classification": {"name": "Tumor", "color": [200, 0, 0]},
        "isLocked": True,
        "measurements": {"Area µm^2": 12.5, "nested": {"deep": [1, None, {"x": "y"}]}},
        "metadata": {"ANNOTATION_DESCRIPTION": "a note", "Site": "3"},
        "somebody else's": [1, 2, 3],
    },
    "nucleusGeometry": {"type": "Polygon", "coordinates": [HOLE]},
}


def read(*features: Any) -> list[Annotation]:
    found = read_geojson(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert found.skipped == []
    return found.annotations


def written(annotation: Annotation, colours: dict[str, str] | None = None) -> dict[str, Any]:
    content = write_geojson([feature_of(annotation, colours or {}, {})])
    [feature] = json.loads(content)["features"]
    found: dict[str, Any] = feature
    return found


def test_a_rich_feature_is_understood_and_written_back() -> None:
    [one] = read(RICH)
    assert (one.id, one.name, one.note) == (RICH["id"], "core A", "a note")
    assert (one.class_name, one.colour, one.plane, one.locked) == ("Tumor", "#c80000", 2, True)
    assert one.kind is AnnotationKind.POLYGON
    assert written(one) == RICH


def test_what_was_changed_is_written_and_nothing_else() -> None:
    [one] = read(RICH)
    changed = replace(one, note="seen", class_name="Stroma", colour=None, locked=False, plane=None)
    feature = written(changed, {"Stroma": "#009E73"})
    wanted = json.loads(json.dumps(RICH))
    wanted["properties"] |= {"classification": {"name": "Stroma", "color": [0, 158, 115]}, "isLocked": False}
    wanted["properties"]["metadata"]["ANNOTATION_DESCRIPTION"] = "seen"
    del wanted["geometry"]["plane"]
    assert feature == wanted
    assert written(replace(one, class_name=None, colour=None))["properties"].get("classification") is None


def test_what_was_drawn_here_comes_back_as_it_was() -> None:
    drawn = [
        Annotation(
            "0123456789abcdef0123456789abcdef",
            AnnotationKind.ELLIPSE,
            {"type": "Polygon", "coordinates": [SQUARE]},
            Box(0, 0, 100, 100, 12.5),
            1,
            "Tumor",
            "name",
            "note",
            True,
        ),
        Annotation(
            "ruler-0001", AnnotationKind.RULER, {"type": "LineString", "coordinates": [[0, 0], [5, 5]]}
        ),
        Annotation("point-0001", AnnotationKind.POINT, {"type": "Point", "coordinates": [0, 0.5]}),
    ]
    features = [feature_of(one, {"Tumor": "#D55E00"}, {"Length µm": 3.5}) for one in drawn]
    assert features[0]["properties"]["classification"] == {"name": "Tumor", "color": [213, 94, 0]}
    assert features[1]["properties"]["measurements"] == {"Length µm": 3.5}
    back = read(*features)
    for before, after in zip(drawn, back, strict=True):
        kept = {"id": before.id, "extra": {}, "colour": before.colour}
        assert replace(after, **kept) == before


@pytest.mark.parametrize(
    ("classification", "name", "colour"),
    [
        ({"name": "Tumor", "colorRGB": -3670016}, "Tumor", "#c80000"),
        ({"names": ["Tumor", "Positive"], "color": [1, 2, 3]}, "Tumor: Positive", "#010203"),
        ({"name": None}, None, None),
        ({"name": 5}, None, None),
        ({"name": ["Tumor"], "color": [1, 2, 3]}, None, "#010203"),
        ("Stroma", "Stroma", None),
        (None, None, None),
        ([], None, None),
    ],
)
def test_classes_of_all_versions(classification: Any, name: str | None, colour: str | None) -> None:
    feature = {
        "type": "Feature",
        "id": "PathAnnotationObject",
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {"classification": classification},
    }
    [one] = read(feature)
    assert (one.class_name, one.colour) == (name, colour)
    assert written(one) == feature


def test_rectangles_and_ellipses_are_known_by_their_form() -> None:
    rectangle = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
        "properties": {},
    }
    ellipse = {**rectangle, "geometry": {**rectangle["geometry"], "isEllipse": True}}
    found = read(rectangle, ellipse)
    assert [one.kind for one in found] == [AnnotationKind.RECTANGLE, AnnotationKind.ELLIPSE]
    assert [one.shape for one in found] == [Box(0, 0, 100, 100)] * 2
    assert [written(one) for one in found] == [rectangle, ellipse]


def test_the_same_id_twice_and_ids_of_old_versions() -> None:
    found = read(RICH, RICH, {**RICH, "id": "PathAnnotationObject"}, {**RICH, "id": 7})
    assert len({one.id for one in found}) == 4
    assert [written(one)["id"] for one in found] == [RICH["id"], RICH["id"], "PathAnnotationObject", 7]


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
known = st.sampled_from(
    ["name", "classification", "isLocked", "metadata", "measurements", "objectType", "color", "names", "z"]
)
members = st.dictionaries(known | st.text(), plain, max_size=6)


@given(members, members, members, st.booleans())
def test_whatever_stands_in_a_feature_is_kept(
    properties: dict[str, Any], top: dict[str, Any], plane: dict[str, Any], with_plane: bool
) -> None:
    geometry = {"type": "LineString", "coordinates": [[0, 0], [1.5, 1], [7, 7]]}
    feature = top | {"type": "Feature", "geometry": geometry, "properties": properties}
    if with_plane:
        feature["geometry"] = geometry | {"plane": plane}
    found = read_geojson(json.dumps(feature).encode())
    if found.skipped:
        assert found.annotations == []
        return
    [one] = found.annotations
    assert written(one) == json.loads(json.dumps(feature))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b'{"type": "FeatureCollection"}',
        b'{"geometry": NaN}',
        b"\xff\xfe",
        b"null",
        b"[" * 100_000,
    ],
)
def test_what_is_no_geojson_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_geojson(content)


def test_what_cannot_be_drawn_is_skipped_by_name() -> None:
    features = [
        {"type": "Feature", "id": "a", "geometry": None, "properties": {}},
        {"geometry": {"type": "GeometryCollection", "geometries": []}, "properties": {"name": "b"}},
        {"geometry": {"type": "Polygon", "coordinates": [[["x"]]]}, "properties": None},
        {"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": []},
        RICH,
    ]
    found = read_geojson(json.dumps(features).encode())
    assert [one.name for one in found.annotations] == ["core A"]
    assert [each.what for each in found.skipped] == ["a", "b", "-", "-"]


def test_files_that_qupath_wrote_come_back_unchanged(shared: Callable[[str], Path]) -> None:
    folder = shared("annotations/wsidicom")
    paths = [*sorted(folder.glob("qupath_geojson/*")), *sorted(folder.glob("qupath_geojson_advanced/*"))]
    assert len(paths) == 10
    kinds = {}
    for path in paths:
        content = json.loads(path.read_bytes())
        features = content if isinstance(content, list) else [content]
        found = read_geojson(path.read_bytes())
        assert [written(one) for one in found.annotations] == features
        kinds[path.stem] = found.annotations[0].kind.value
    assert kinds["qupath-rectangle"] == "rectangle"
    assert kinds["qupath-multipoint"] == "points"
    assert kinds["qupath-line"] == "line"
