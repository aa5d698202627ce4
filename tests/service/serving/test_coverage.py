"""What readers saw of slides, over HTTP."""

import csv
import io
from typing import Any

import pytest
from shapely.geometry import shape


def path_of(node: Any, name: str) -> str:
    return f"/api/reading/images/{node.images[name]}"


def whole(band: dict[str, Any], rows: int | None = None) -> dict[str, Any]:
    """A mark of the upper rows of a band's grid, or of all."""
    told = range(band["rows"] if rows is None else rows)
    runs = [[row, 0, band["columns"]] for row in told]
    return {"objective": band["objective"], "cell_px": band["cell_px"], "runs": runs}


def tell(node: Any, name: str, *marks: dict[str, Any], who: str = "administrator") -> Any:
    with node.client(who) as client:
        return client.post(f"{path_of(node, name)}/coverage", json={"marks": list(marks)})


def shares(told: Any) -> dict[float, float]:
    return {one["objective"]: one["share"] for one in told["shares"]}


def test_what_was_seen_stays_seen_and_is_told_to_its_reader_only(node: Any) -> None:
    before = node.get(f"{path_of(node, 'deflate')}/coverage").json()
    assert before["tissue"]["columns"] > 0
    lowest = before["bands"][0]
    first = tell(node, "deflate", whole(lowest)).json()
    again = tell(node, "deflate", whole(lowest, rows=1)).json()
    assert shares(first) == shares(again)
    assert shares(first)[lowest["objective"]] == 1
    after = node.get(f"{path_of(node, 'deflate')}/coverage").json()
    assert shares(after) == shares(first)
    assert after["bands"][0]["seen"] is not None
    other = node.get(f"{path_of(node, 'deflate')}/coverage", "student").json()
    assert [band["seen"] for band in other["bands"]] == [None] * len(other["bands"])


def test_progress_is_of_slides_one_looked_at_and_may_see(node: Any) -> None:
    band = node.get(f"{path_of(node, 'rgb')}/coverage", "student").json()["bands"][0]
    tell(node, "rgb", whole(band), who="student")
    asked = {"image": [node.images["rgb"], node.images["strips"], "nothing"]}
    found = node.get("/api/reading/progress", "student", params=asked).json()
    assert [one["image_id"] for one in found] == [node.images["rgb"]]
    assert found[0]["of_tissue"] is True
    assert node.get("/api/reading/progress", "outsider", params=asked).json() == []


def test_fluorescence_has_tissue_too(node: Any) -> None:
    shown = node.get(f"{path_of(node, 'fluorescence')}/coverage").json()
    assert shown["tissue"] is not None


def test_cells_that_are_not_there_are_refused_and_nothing_is_lost(node: Any) -> None:
    band = node.get(f"{path_of(node, 'ycbcr')}/coverage").json()["bands"][0]
    assert tell(node, "ycbcr", whole(band, rows=1)).status_code == 200
    kept = node.get(f"{path_of(node, 'ycbcr')}/coverage").json()
    other = whole(band) | {"cell_px": band["cell_px"] * 1.5}
    refused = tell(node, "ycbcr", whole(band), other)
    assert (refused.status_code, refused.json()["code"]) == (409, "grid-changed")
    for run in ([0, 0, band["columns"] + 1], [band["rows"], 0, 1], [0, 1, 1]):
        assert tell(node, "ycbcr", whole(band) | {"runs": [run]}).status_code == 422
    for run in ([0, 0], [0, 0, -1], [0, 0, 1e9], ["a", 0, 1], None):
        assert tell(node, "ycbcr", whole(band) | {"runs": [run]}).status_code == 422
    assert node.get(f"{path_of(node, 'ycbcr')}/coverage").json() == kept


@pytest.mark.parametrize("who", ["administrator", "reviewer"])
def test_exports_tell_the_same(node: Any, who: str) -> None:
    """The reader's own, and what who reviews reading gets of it."""
    shown = node.get(f"{path_of(node, 'jpeg2000')}/coverage").json()
    band = shown["bands"][0]
    told = tell(node, "jpeg2000", whole(band, rows=1)).json()
    path = f"{path_of(node, 'jpeg2000')}/coverage/export"
    if who == "reviewer":
        readers = node.get(f"{path_of(node, 'jpeg2000')}/readers", who).json()
        assert shares(readers[0]) == shares(told)
        assert readers[0]["name"]
        path = f"{path_of(node, 'jpeg2000')}/readers/{readers[0]['person_id']}/export"
    plain = node.get(path, who, params={"format": "json"}).json()
    assert {one["objective"]: one["share"] for one in plain["bands"]} == shares(told)
    assert plain["bands"][0]["runs"] == [[0, 0, band["columns"]]]
    drawn = node.get(path, who, params={"format": "geojson"}).json()
    polygon = shape(drawn["features"][0]["geometry"])
    assert polygon.is_valid
    assert polygon.area == shown["width_px"] * min(band["cell_px"], shown["height_px"])
    lines = list(csv.reader(io.StringIO(node.get(path, who, params={"format": "csv"}).text)))
    assert [line[0] for line in lines[1:]] == [f"{one['objective']:g}" for one in shown["bands"]]
    assert node.get(path, who, params={"format": "exe"}).status_code == 422


def test_readers_of_another_organisation_are_not_there(node: Any) -> None:
    assert node.get("/api/reading/images/nothing/readers", "reviewer").status_code == 404


def test_looking_after_readers_stands_in_the_log(node: Any) -> None:
    node.get(f"{path_of(node, 'rgb')}/readers", "reviewer")
    node.get(f"{path_of(node, 'rgb')}/coverage/export")
    for action in ("reading.review", "reading.export"):
        found = node.get("/api/audit/entries", "reviewer", params={"action": action}).json()
        assert f"image/{node.images['rgb']}" in [each["target"] for each in found["entries"]], action


def test_what_a_model_found_is_revealed_once_and_told_with_the_reading(node: Any) -> None:
    address = path_of(node, "dicom")
    band = node.get(f"{address}/coverage", "student").json()["bands"][0]
    seen = shares(tell(node, "dicom", whole(band), who="student").json())
    told = {"subject": "layer/nuclei", "name": "Nuclei · finder 1", "ago_s": 60}
    with node.client("student") as client:
        first = client.post(f"{address}/reveals", json=told).json()
        again = client.post(f"{address}/reveals", json=told | {"name": "Nuclei · finder 2"}).json()
        for wrong in ({"subject": "nuclei"}, {"name": ""}, {"ago_s": -1}, {"ago_s": 1e9}, {"ago_s": None}):
            assert client.post(f"{address}/reveals", json=told | wrong).status_code == 422
        assert client.get(f"{address}/reveals").json() == [first]
    assert again == first
    assert shares(first) == seen
    assert node.get(f"{address}/reveals").json() == []
    (reader,) = node.get(f"{address}/readers", "reviewer").json()
    assert reader["revealed"] == [first]
    assert reader["revealed"][0]["revealed_at"] < reader["updated_at"]
    with node.client("student") as client:
        measures = client.post(f"{address}/reveals", json=told | {"subject": "measures/run", "ago_s": 0})
        assert measures.json()["subject"] == "measures/run"
