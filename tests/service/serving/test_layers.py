"""Layers over HTTP: what there is, parts by ticket, picking, files; nothing of slides one may not open."""

import csv
import gzip
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pydicom
import pytest
import sqlalchemy as sa
from highdicom.ann import MicroscopyBulkSimpleAnnotations

from hemalum.app.node import open_parts
from hemalum.capabilities.layers.model import LayerDraft
from hemalum.capabilities.layers.tables import layer_table
from hemalum.capabilities.slides.model import ImageStatus
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.layers.model import ValueColumn
from hemalum.formats.layers.parts import decode_column, decode_counts, decode_outlines, decode_points
from hemalum.kernel.errors import Conflict, HemalumError, Invalid, NotFound
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings

from .test_audit import about

_PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"


def address(node: Any, rest: str = "") -> str:
    return f"/api/layers/images/{node.images['ycbcr']}{rest}"


def part(node: Any, name: str, who: str = "administrator", **options: Any) -> Any:
    ticket = node.open("ycbcr", who)["ticket"]
    return node.get(f"/layer-tiles/{ticket}/{node.layer}/{name}", who, **options)


def test_a_layer_is_listed_with_all_a_panel_needs(node: Any) -> None:
    (layer,) = node.get(address(node)).json()
    assert layer["id"] == node.layer
    assert (layer["title"], layer["title_zh"], layer["producer"]) == ("Nuclei", "细胞核", "finder")
    assert (layer["kind"], layer["origin"], layer["count"], layer["stale"]) == ("cells", "model", 3, False)
    assert [(one["name"], one["count"]) for one in layer["classes"]] == [("tumour", 2), ("stroma", 1)]
    assert layer["columns"] == [{"name": "area", "unit": "um2", "minimum": 1.5, "maximum": 2.5}]
    assert node.get(f"/api/layers/images/{node.images['rgb']}").json() == []


def test_parts_come_gzipped_by_ticket(node: Any) -> None:
    manifest = node.get(address(node, f"/{node.layer}")).json()
    assert manifest["tiles"] == [[0, 0, 3]]
    answer = part(node, "points/0/0")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    x, y, classes, rows = decode_points(answer.content, manifest["tile_side_px"])
    assert x.tolist() == pytest.approx([100, 200, 300], abs=0.07)
    assert y.tolist() == pytest.approx([120] * 3, abs=0.07)
    assert (classes.tolist(), rows.tolist()) == ([0, 1, 0], [0, 1, 2])
    plain = part(node, "column/0/0/0", headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert decode_column(plain.content)[:2].tolist() == [1.5, 2.5]
    assert decode_outlines(part(node, "outlines/0/0").content).sizes.tolist() == [4, 4, 4]
    counts = decode_counts(part(node, "counts/0/0/0").content)
    assert {number: int(plane.sum()) for number, plane in counts.items()} == {0: 2, 1: 1}


def test_a_part_known_already_is_not_sent_again(node: Any) -> None:
    etag = part(node, "points/0/0").headers["etag"]
    again = part(node, "points/0/0", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_ticket_shows_layers_of_its_slide_only(node: Any) -> None:
    other = node.open("rgb")["ticket"]
    assert node.get(f"/layer-tiles/{other}/{node.layer}/points/0/0").status_code == 404
    ticket = node.open("ycbcr")["ticket"]
    assert node.get(f"/layer-tiles/{ticket}/{node.layer}/points/0/0", "student").status_code == 401
    assert node.get(f"/layer-tiles/{ticket}/{node.layer}/points/0/0", None).status_code == 401
    for wrong in (f"{ticket}x/{node.layer}/points/0/0", "x", f"{ticket}", ""):
        assert node.get(f"/layer-tiles/{wrong}").status_code in (401, 404)
    for name in ("points/9/9", "points", "../x", "nothing/0/0"):
        assert part(node, name).status_code == 404
    with node.client() as client:
        assert client.post(f"/layer-tiles/{ticket}/{node.layer}/points/0/0").status_code == 405


def test_the_cell_at_a_place(node: Any) -> None:
    picked = node.get(address(node, f"/{node.layer}/pick"), params={"x_px": 203, "y_px": 117}).json()["cell"]
    assert (picked["row"], picked["class_name"], picked["values"]) == (1, "stroma", {"area": 2.5})
    assert len(picked["outline_px"]) == 4
    beside = node.get(address(node, f"/{node.layer}/pick"), params={"x_px": 250, "y_px": 120})
    assert beside.json() == {"cell": None}
    bad = node.get(address(node, f"/{node.layer}/pick"), params={"x_px": "nan", "y_px": 1})
    assert bad.status_code == 422


def test_files_for_other_programs(node: Any) -> None:
    answer = node.get(address(node, f"/{node.layer}/export"))
    assert answer.headers["content-disposition"].endswith("Nuclei.geojson")
    features = json.loads(answer.content)["features"]
    assert [one["properties"]["classification"]["name"] for one in features] == ["tumour", "stroma", "tumour"]
    assert features[0]["properties"]["measurements"] == {"area [um2]": 1.5}
    assert features[2]["properties"]["measurements"] == {}
    ring = np.array(features[0]["geometry"]["coordinates"][0])
    assert np.abs(ring - [[95, 115], [105, 115], [105, 125], [95, 125], [95, 115]]).max() < 0.05
    text = node.get(address(node, f"/{node.layer}/export"), params={"format": "csv"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["class"] for row in rows] == ["tumour", "stroma", "tumour"]
    assert [row["area [um2]"] for row in rows] == ["1.5", "2.5", ""]
    answer = node.get(address(node, f"/{node.layer}/dicom"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/dicom"
    bulk = MicroscopyBulkSimpleAnnotations.from_dataset(pydicom.dcmread(io.BytesIO(answer.content)))
    groups = {group.label: group.get_graphic_data("2D") for group in bulk.get_annotation_groups()}
    assert {label: len(drawn) for label, drawn in groups.items()} == {"tumour": 2, "stroma": 1}
    exported = about(node, "ycbcr", "layers.export")[-3:]
    assert [entry["detail"]["form"] for entry in exported] == ["geojson", "csv", "dicom"]


def table_of(answer: Any) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Columns and metadata of a Parquet file."""
    assert answer.status_code == 200, answer.text
    table = pq.read_table(io.BytesIO(answer.content))
    return table.to_pydict(), json.loads(table.schema.metadata[b"hemalum"])


def test_cells_leave_as_parquet_with_units_and_what_made_them(node: Any) -> None:
    answer = node.get(address(node, f"/{node.layer}/export"), params={"format": "parquet"})
    rows, said = table_of(answer)
    assert rows["class"] == ["tumour", "stroma", "tumour"]
    assert rows["area_um2"] == [1.5, 2.5, None]
    assert rows["x_px"] == pytest.approx([100, 200, 300], abs=0.07)
    assert rows["outline_x_px"][0] == pytest.approx([95, 105, 105, 95], abs=0.3)
    assert (said["image_id"], said["layer_id"]) == (node.images["ycbcr"], node.layer)
    assert rows["x_um"][0] == pytest.approx(rows["x_px"][0] * said["um_per_px"][0])
    assert set(said) > {"producer", "producer_version", "title", "origin", "generation"}


def test_a_heatmap_leaves_as_parquet_and_where_it_abstained_has_no_value(node: Any) -> None:
    image = node.images["ycbcr"]
    values = np.array([[0.5, np.nan, 0.25]], np.float32)
    silent = np.array([[False, False, True]])
    with open_parts(load_settings(node.data, {})) as parts:
        layer = parts.layers.write_heatmap(
            image,
            LayerDraft("Heat", "scorer", "1"),
            values,
            ValueColumn("tumour share", "%"),
            pitch_px=32,
            abstained=silent,
        )
        answer = node.get(address(node, f"/{layer.id}/export"), params={"format": "parquet"})
        parts.layers.remove(layer.id)
    rows, _ = table_of(answer)
    assert rows["x_px"] == [0, 64]
    assert rows["side_px"] == [32, 32]
    assert rows["tumour_share_percent"] == [0.5, None]
    assert rows["abstained"] == [False, True]


def test_heatmaps_are_no_cells_and_bad_layers_leave_nothing(node: Any) -> None:
    image = node.images["ycbcr"]
    draft = LayerDraft("Heat", "scorer", "1")
    with open_parts(load_settings(node.data, {})) as parts:
        before = parts.layers.list_all(image)
        blobs = parts.slides.blobs
        layer = parts.layers.write_heatmap(
            image, draft, np.array([[0.5, np.nan]]), ValueColumn("tumour"), pitch_px=32
        )
        assert blobs.exists(layer.blob_key)
        refused = node.get(address(node, f"/{layer.id}/export"))
        assert refused.status_code == 422
        mapped = node.get(address(node, f"/{layer.id}/dicom"))
        assert mapped.status_code == 200, mapped.text
        assert pydicom.dcmread(io.BytesIO(mapped.content)).SOPClassUID == _PARAMETRIC_MAP
        assert node.get(address(node, f"/{layer.id}/pick"), params={"x_px": 1, "y_px": 1}).json() == {
            "cell": None
        }
        parts.layers.remove(layer.id)
        assert not blobs.exists(layer.blob_key)
        with pytest.raises(NotFound):
            parts.layers.remove(layer.id)
        for values, kind in ((np.array([[np.inf]]), Invalid), (np.full((2, 2), np.nan), Invalid)):
            with pytest.raises(kind):
                parts.layers.write_heatmap(image, draft, values, ValueColumn("tumour"), pitch_px=32)
        with pytest.raises(Invalid, match="states title"):
            parts.layers.write_heatmap(
                image, LayerDraft(" ", "x", "1"), np.ones((1, 1)), ValueColumn("tumour"), pitch_px=32
            )
        with pytest.raises(HemalumError):
            parts.layers.write_heatmap("nothing", draft, np.ones((1, 1)), ValueColumn("a"), pitch_px=32)
        assert parts.layers.list_all(image) == before
        assert not [path for path in parts.settings.scratch.iterdir() if path.name.startswith("layer-")]
    assert node.get(address(node, f"/{layer.id}")).status_code == 404


def test_who_reads_cells_without_opening_the_slide_is_told_of(node: Any) -> None:
    told: list[tuple[str, str]] = []
    with open_parts(load_settings(node.data, {})) as parts:
        actor = parts.access.actor_for("admin")
        layers = replace(parts.layers, looked=lambda permitted, via: told.append((permitted.image.id, via)))
        layers.pick(actor, node.images["ycbcr"], node.layer, 10, 10, 1)
    assert told == [(node.images["ycbcr"], "layers")]


def test_a_layer_is_sealed_under_the_key_of_its_slide(node: Any) -> None:
    with open_parts(load_settings(node.data, {})) as parts:
        (layer,) = parts.layers.list_all(node.images["ycbcr"])
        stored = parts.slides.blobs.local_path(layer.blob_key)
        assert stored is not None
        assert gzip.compress(b"")[:2] not in stored.read_bytes()[:2]
        assert b"HEMALAYR" not in stored.read_bytes()


def test_a_layer_of_an_earlier_scan_is_stale(node: Any) -> None:
    with open_parts(load_settings(node.data, {})) as parts, transaction(parts.database) as connection:
        earlier = sa.update(layer_table).where(layer_table.c.id == node.layer).values(generation="earlier")
        connection.execute(earlier)
    (layer,) = node.get(address(node)).json()
    assert layer["stale"] is True
    image = node.images["ycbcr"]
    with open_parts(load_settings(node.data, {})) as parts, transaction(parts.database) as connection:
        now = parts.slides.get_image_of_any(image).generation
        connection.execute(sa.update(layer_table).values(generation=now))
    assert node.get(address(node)).json()[0]["stale"] is False


def test_slides_that_are_not_available_take_none(node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_parts(load_settings(node.data, {})) as parts:
        image = parts.slides.get_image_of_any(node.images["ycbcr"])
        waiting = replace(image, summary=replace(image.summary, status=ImageStatus.RECEIVING))
        monkeypatch.setattr(Slides, "get_image_of_any", lambda *_: waiting)
        with pytest.raises(Conflict, match="once it is available"):
            parts.layers.write_heatmap(
                image.id, LayerDraft("a", "b", "1"), np.ones((1, 1)), ValueColumn("c"), pitch_px=8
            )
