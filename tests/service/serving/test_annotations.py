"""Drawing on slides over HTTP: two people, undo, polling, measuring, refusals."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
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
    assert drawn["created_by"]["name"] == "admin"
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
    assert [entry["person"]["name"] for entry in told] == ["admin", "researcher"]
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
    drawn = draw(client, image)
    target = f"image/{image.rpartition('/')[2]}"
    sequence = client.get(image).json()["sequence"]
    assert drawn["version"] == 1
    found = client.get("/api/audit/entries", params={"action": "annotations.change", "target": target})
    if found.status_code == 200:
        newest = found.json()["entries"][0]
        assert newest["detail"]["sequence"] == sequence
