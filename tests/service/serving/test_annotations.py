"""Drawing on slides over HTTP: two people, undo, polling, measuring, refusals."""

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pydicom
import pytest

LINE = {"type": "LineString", "coordinates": [[10, 10], [40, 50]]}
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]]}


def fresh() -> str:
    return uuid4().hex


def add(**fields: Any) -> dict[str, Any]:
    drawn = {"id": fresh(), "kind": "ruler", "geometry": LINE} | fields
    return {"op": "add", "annotation": drawn}


def command(*changes: dict[str, Any], label: str = "add") -> dict[str, Any]:
    return {"id": fresh(), "label": label, "changes": list(changes)}


@pytest.fixture
def image(node: Any) -> str:
    """A slide that every test draws its own annotations on."""
    return f"/api/annotations/images/{node.images['rgb']}"


@pytest.fixture
def client(node: Any) -> Iterator[httpx.Client]:
    with node.client() as client:
        yield client


@pytest.fixture
def researcher(node: Any) -> Iterator[httpx.Client]:
    with node.client("researcher") as client:
        client.headers["x-hemalum-purpose"] = "research"
        yield client


def draw(client: httpx.Client, image: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"{image}/commands", json=command(add(**fields)))
    assert answer.status_code == 200, answer.text
    [drawn] = answer.json()["annotations"]
    found: dict[str, Any] = drawn
    return found


def test_what_is_drawn_is_there_for_everybody(
    client: httpx.Client, researcher: httpx.Client, image: str
) -> None:
    drawn = draw(client, image, note="mitosis?", **{"class": "Tumor"}, plane=0)
    assert drawn["geometry"] == LINE
    assert (drawn["class"], drawn["note"], drawn["version"]) == ("Tumor", "mitosis?", 1)
    assert drawn["created_by"]["name"] == "Administrator"
    [seen] = [one for one in researcher.get(image).json()["annotations"] if one["id"] == drawn["id"]]
    assert seen == drawn


def test_polling_brings_what_changed_and_nothing_else(client: httpx.Client, image: str) -> None:
    kept, gone = draw(client, image), draw(client, image)
    sequence = client.get(image).json()["sequence"]
    nothing = client.get(image, params={"since": sequence})
    assert (nothing.json()["annotations"], nothing.json()["removed"]) == ([], [])
    etag = nothing.headers["etag"]
    assert client.get(image, params={"since": sequence}, headers={"if-none-match": etag}).status_code == 304
    changes = [
        {"op": "change", "id": kept["id"], "version": 1, "name": "A"},
        {"op": "remove", "id": gone["id"], "version": 1},
    ]
    answer = client.post(f"{image}/commands", json=command(*changes, label="change")).json()
    news = client.get(image, params={"since": sequence}).json()
    assert news == answer
    assert ([one["name"] for one in news["annotations"]], news["removed"]) == (["A"], [gone["id"]])
    assert client.get(image, params={"since": 10**9}).json()["since"] is None


def test_undo_and_redo_over_http(client: httpx.Client, image: str) -> None:
    drawn = draw(client, image, kind="polygon", geometry=SQUARE)
    change = {"op": "change", "id": drawn["id"], "version": 1, "class": "Stroma", "locked": True}
    changed = client.post(f"{image}/commands", json=command(change, label="class")).json()
    assert (changed["can_undo"], changed["undo_label"], changed["can_redo"]) == (True, "class", False)
    undone = client.post(f"{image}/undo", json={}).json()
    [now] = undone["annotations"]
    assert (now["class"], now["locked"], now["version"]) == (None, False, 3)
    assert undone["redo_label"] == "class"
    again = {"id": fresh()}
    client.post(f"{image}/undo", json=again)
    gone = client.post(f"{image}/undo", json=again).json()
    assert gone["removed"] == [drawn["id"]]
    for _ in range(2):
        back = client.post(f"{image}/redo", json={}).json()
    [now] = back["annotations"]
    assert (now["class"], now["version"], back["can_redo"]) == ("Stroma", 6, False)
    nothing = client.post(f"{image}/redo", json={})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "conflict")


def test_nobody_loses_what_another_changed(
    client: httpx.Client, researcher: httpx.Client, image: str
) -> None:
    drawn = draw(client, image)
    theirs = {"op": "change", "id": drawn["id"], "version": 1, "note": "theirs"}
    assert researcher.post(f"{image}/commands", json=command(theirs)).status_code == 200
    mine = theirs | {"note": "mine"}
    for path, body in (("commands", command(mine)), ("undo", {})):
        refused = client.post(f"{image}/{path}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "changed-meanwhile")
        assert drawn["id"] in refused.json()["values"]["ids"]
    history = client.get(f"{image}/history", params={"limit": 500}).json()["items"]
    told = [entry for entry in history if drawn["id"] in [change["id"] for change in entry["changes"]]]
    assert [entry["person"]["name"] for entry in told] == ["Administrator", "A researcher"]
    assert told[1]["changes"][0]["before"]["note"] == ""
    assert told[1]["changes"][0]["after"]["note"] == "theirs"


def test_a_student_draws_for_teaching_and_changes_no_others(
    node: Any, client: httpx.Client, image: str
) -> None:
    drawn = draw(client, image)
    with node.client("student") as student:
        own = draw(student, image)
        for path in ("undo", "redo"):
            assert student.post(f"{image}/{path}", json={}).status_code == 200
        theirs = {"op": "remove", "id": drawn["id"], "version": 1}
        refused = student.post(f"{image}/commands", json=command(theirs, label="remove"))
        assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    assert {drawn["id"], own["id"]} <= {one["id"] for one in client.get(image).json()["annotations"]}


def test_lengths_and_areas_are_measured_by_the_scale_of_the_slide(
    node: Any, client: httpx.Client, image: str
) -> None:
    spacing = node.detail("rgb")["spacing_um"]["x"]
    ruler = draw(client, image)["measured"]
    assert ruler["length_um"]["value"] == pytest.approx(50 * spacing)
    assert 0 < ruler["length_um"]["uncertainty"] < 2 * spacing
    assert (ruler["area_um2"], ruler["why_not"]) == (None, None)
    square = draw(client, image, kind="rectangle", geometry=SQUARE)["measured"]
    assert square["area_um2"]["value"] == pytest.approx((100 * spacing) ** 2)
    assert square["perimeter_um"]["value"] == pytest.approx(400 * spacing)


@pytest.mark.parametrize(
    ("geometry", "sentence"),
    [
        ('{"type": "Point", "coordinates": [NaN, 1]}', "not a finite number"),
        ('{"type": "Point", "coordinates": [1e999, 1]}', "not a finite number"),
        ('{"type": "Point", "coordinates": [1e7, 1]}', "outside of the slide"),
        ('{"type": "Point", "coordinates": []}', "pair of numbers"),
        ('{"type": "LineString", "coordinates": [[1, 1], [2, 1]]}', "A point cannot have"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(
    client: httpx.Client, image: str, geometry: str, sentence: str
) -> None:
    before = client.get(image).json()["sequence"]
    body = json.dumps(command(add(kind="point", geometry="HERE"))).replace('"HERE"', geometry)
    refused = client.post(f"{image}/commands", content=body, headers={"content-type": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert sentence in refused.json()["detail"]
    assert client.get(image).json()["sequence"] == before


def test_outlines_of_many_corners(client: httpx.Client, image: str) -> None:
    """A large one is checked elsewhere and kept; one that is too large, or made to be slow, is refused."""

    def teeth(count: int) -> dict[str, Any]:
        ring = [[place / count * 1000, 100 * (place % 2)] for place in range(count)]
        return {"type": "Polygon", "coordinates": [[*ring, [1000, 300], [0, 300], ring[0]]]}

    drawn = draw(client, image, kind="brush", geometry=teeth(25_000))
    assert len(drawn["geometry"]["coordinates"][0]) == 25_003
    gone = {"op": "remove", "id": drawn["id"], "version": 1}
    assert client.post(f"{image}/commands", json=command(gone, label="remove")).status_code == 200
    refused = client.post(f"{image}/commands", json=command(add(kind="brush", geometry=teeth(1_000_000))))
    assert refused.status_code == 422
    assert "1000003 corners" in refused.json()["detail"]
    crossing = teeth(25_000)
    crossing["coordinates"][0][15_000][1] = 10_000
    assert (
        client.post(f"{image}/commands", json=command(add(kind="brush", geometry=crossing))).status_code
        == 422
    )


def test_classes_are_stated_for_a_hospital(node: Any, client: httpx.Client) -> None:
    classes = client.get("/api/annotations/classes").json()
    assert classes[0] == {"name": "Tumor", "colour": "#D55E00", "shape": "circle"}
    own = [*classes, {"name": "Perineural", "colour": "#123456", "shape": "square"}]
    assert client.put("/api/annotations/classes", json=own).json() == own
    assert client.get("/api/annotations/classes").json() == own
    assert "Perineural" not in node.get("/api/annotations/classes", "outsider").text
    for wrong in (
        [*own, own[0]],
        [{"name": " ", "colour": "#123456", "shape": "square"}],
        [{"name": "A", "colour": "red", "shape": "square"}],
        [{"name": "A", "colour": "#123456", "shape": "blob"}],
    ):
        assert client.put("/api/annotations/classes", json=wrong).status_code == 422
    assert client.put("/api/annotations/classes", json=classes).status_code == 200
    assert node.get("/api/annotations/classes", "student").status_code == 200


def test_every_command_stands_in_the_log(node: Any, client: httpx.Client, image: str) -> None:
    draw(client, image)
    sequence = client.get(image).json()["sequence"]
    asked = {"action": "annotations.change", "target": f"image/{image.rpartition('/')[2]}"}
    newest = node.get("/api/audit/entries", "reviewer", params=asked).json()["entries"][0]
    whole = node.get(f"/api/audit/entries/{newest['index']}", "reviewer").json()
    assert whole["detail"]["sequence"] == sequence
    assert len(whole["detail"]["sha256"]) == 64


def test_files_come_in_and_go_out(node: Any, client: httpx.Client) -> None:
    """On a slide of its own, so that nothing else is in the files."""
    image = f"/api/annotations/images/{node.images['strips']}"
    hole = [[10, 10], [20, 10], [20, 20], [10, 20], [10, 10]]
    feature = {
        "type": "Feature",
        "id": "6c5cbcc1-3a0b-4d55-9a4c-0d8d7f4f7a11",
        "geometry": SQUARE | {"coordinates": [*SQUARE["coordinates"], hole]},
        "properties": {
            "objectType": "annotation",
            "name": "=1+1",
            "classification": {"name": "Tumor", "color": [200, 0, 0]},
            "theirs": {"a": [1, 2.5]},
        },
    }
    crossing = {"type": "Polygon", "coordinates": [[[0, 0], [9, 10], [10, 0], [0, 9], [0, 0]]]}
    broken = {"type": "Feature", "geometry": crossing, "properties": {"name": "crossing"}}
    file = {"type": "FeatureCollection", "features": [feature, broken]}
    answer = client.post(f"{image}/import", content=json.dumps(file)).json()
    assert (answer["added"], [each["what"] for each in answer["skipped"]]) == (1, ["crossing"])
    assert "crosses" in answer["skipped"][0]["why"]["template"]
    [seen] = answer["annotations"]
    assert (seen["class"], seen["colour"], answer["undo_label"]) == ("Tumor", "#c80000", "import")

    exported = client.get(f"{image}/export")
    assert exported.headers["content-type"] == "application/geo+json"
    assert "attachment" in exported.headers["content-disposition"]
    assert exported.json() == {"type": "FeatureCollection", "features": [feature]}
    table = client.get(f"{image}/export", params={"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert table[0].startswith("id,kind,class,name,note,plane,area_um2,area_uncertainty_um2")
    assert f"{feature['id']},polygon,Tumor,'=1+1" in table[1]
    asap = client.get(f"{image}/export", params={"format": "asap"})
    assert (asap.text.count("<Annotation "), asap.headers["x-hemalum-left-out"]) == (2, "0")

    again = client.post(f"{image}/import", params={"format": "asap"}, content=asap.content).json()
    assert again["added"] == 2
    assert client.post(f"{image}/undo", json={}).json()["removed"]
    twice = client.post(f"{image}/import", content=json.dumps(file)).json()
    assert twice["annotations"][0]["id"] != seen["id"]
    nothing = client.post(f"{image}/import", content=json.dumps([broken]))
    assert (nothing.json()["added"], len(nothing.json()["skipped"])) == (0, 1)
    for form, content in (("auto", b"\x00\x01"), ("asap", b"{}"), ("geojson", b""), ("sectra", b"{}")):
        refused = client.post(f"{image}/import", params={"format": form}, content=content)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), form


def test_coming_in_and_going_out_stand_in_the_log(node: Any, client: httpx.Client, image: str) -> None:
    point = {"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}
    assert client.post(f"{image}/import", content=json.dumps([point])).json()["added"] == 1
    assert client.get(f"{image}/export").status_code == 200
    target = f"image/{image.rpartition('/')[2]}"
    found = node.get("/api/audit/entries", "reviewer", params={"target": target}).json()["entries"]
    actions = [entry["action"] for entry in found]
    assert actions[:2] == ["annotations.export", "annotations.import"]


def test_a_student_takes_nothing_away(node: Any, image: str) -> None:
    assert node.get(f"{image}/export", "student").status_code == 403
    assert node.get(f"{image}/export", "outsider").status_code == 404


@pytest.mark.parametrize("name", ["jpeg2000", "dicom-native", "fluorescence"])
def test_dicom_objects_go_out_and_come_in(node: Any, client: httpx.Client, name: str) -> None:
    image = f"/api/annotations/images/{node.images[name]}"
    drawn = draw(client, image, kind="polygon", geometry=SQUARE, **{"class": "Tumor"})
    draw(client, image)
    bulk = client.get(f"{image}/export", params={"format": "dicom-ann"})
    assert (bulk.status_code, bulk.headers["content-type"]) == (200, "application/dicom"), bulk.text
    made = pydicom.dcmread(io.BytesIO(bulk.content))
    assert made.StudyInstanceUID == node.detail(name)["study_uid"]
    assert made.ContentCreatorName == "Administrator^"
    back = client.post(f"{image}/import", content=bulk.content).json()
    assert (back["added"], back["skipped"]) == (2, [])
    assert (drawn["geometry"], "Tumor") in [(one["geometry"], one["class"]) for one in back["annotations"]]
    report = client.get(f"{image}/export", params={"format": "dicom-sr"})
    assert pydicom.dcmread(io.BytesIO(report.content)).Modality == "SR"
    elsewhere = f"/api/annotations/images/{node.images['rgb']}"
    refused = client.post(f"{elsewhere}/import", content=bulk.content)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "another image" in refused.json()["detail"]


def test_whoever_reads_what_is_drawn_without_opening_the_slide_stands_in_the_log(node: Any) -> None:
    """A program that never asks for a tile; a viewer's own opening is enough, and polling adds nothing."""
    image = node.images["dicom-rgb"]

    def openings() -> list[str]:
        asked = {"action": "slides.open", "target": f"image/{image}"}
        found = node.get("/api/audit/entries", "reviewer", params=asked).json()["entries"]
        whole = [node.get(f"/api/audit/entries/{one['index']}", "reviewer").json() for one in found]
        return [one["detail"]["via"] for one in whole]

    before = len(openings())
    for _ in range(3):
        assert node.get(f"/api/annotations/images/{image}", "researcher").status_code == 200
    assert openings()[: len(openings()) - before] == ["annotations"]
    before = len(openings())
    with node.client() as client:
        assert (
            client.post(f"/api/slides/images/{image}/openings", json={"purpose": "care"}).status_code == 201
        )
        assert client.get(f"/api/annotations/images/{image}").status_code == 200
        assert client.get(f"/api/annotations/images/{image}/history").status_code == 200
    assert openings()[: len(openings()) - before] == ["viewer"]
