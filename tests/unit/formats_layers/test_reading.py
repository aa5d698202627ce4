"""Files of other programs become cells, or one clear sentence."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from hemalum.formats.layers.model import InvalidLayer
from hemalum.formats.layers.reading import UNCLASSIFIED, look_through, read_heatmap


def cell(x: float, y: float, name: str | None = "Tumor", **measured: float) -> dict[str, Any]:
    ring = [[x - 4, y - 3], [x + 4, y - 3], [x + 4, y + 3], [x - 4, y + 3], [x - 4, y - 3]]
    properties: dict[str, Any] = {"objectType": "cell", "measurements": measured}
    if name is not None:
        properties["classification"] = {"name": name, "color": [200, 0, 0]}
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": properties,
    }


CELLS = [cell(10, 20, area=4.5), cell(30, 40, "Stroma", area=2.5, round=0.5), cell(50, 60, None)]


@pytest.mark.parametrize("form", ["collection", "list", "lines"])
def test_geojson_in_its_three_forms(tmp_path: Path, form: str) -> None:
    path = tmp_path / "cells.geojson"
    lines = [json.dumps(each) for each in CELLS]
    text = {
        "collection": json.dumps({"type": "FeatureCollection", "features": CELLS}, indent=1),
        "list": f"[{', '.join(lines)}]",
        "lines": "\n".join(lines),
    }
    path.write_text(text[form])
    found = look_through(path)
    assert [one.name for one in found.classes] == ["Tumor", "Stroma", UNCLASSIFIED]
    assert [one.name for one in found.columns] == ["area", "round"]
    assert (found.count, found.has_outlines) == (3, True)
    (chunk,) = found.chunks(None)
    assert chunk.x_px.tolist() == pytest.approx([10, 30, 50])
    assert chunk.y_px.tolist() == pytest.approx([20, 40, 60])
    assert chunk.classes.tolist() == [0, 1, 2]
    assert np.array_equal(chunk.values[0], np.array([4.5, 2.5, np.nan], np.float32), equal_nan=True)
    assert chunk.outline_sizes is not None
    assert chunk.outline_sizes.tolist() == [4, 4, 4]


def test_many_features_come_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "many.geojson"
    with path.open("w") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        file.write(",\n".join(json.dumps(cell(n % 100, n // 100)) for n in range(20_000)))
        file.write("\n]}\n")
    found = look_through(path)
    assert [len(chunk.x_px) for chunk in found.chunks(None)] == [16_384, 3_616]


def test_measurements_as_old_qupath_writes_them(tmp_path: Path) -> None:
    feature = cell(1, 2)
    feature["properties"]["measurements"] = [{"name": "Area (um2)", "value": 9.0}]
    path = tmp_path / "old.json"
    path.write_text(json.dumps([feature]))
    column = look_through(path).columns[0]
    assert (column.name, column.unit) == ("Area", "um2")


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("cut off", '{"type": "FeatureCollection", "features": [' + json.dumps(CELLS[0])),
        ("cut off", json.dumps(CELLS)[:-20]),
        ("cut off", "hello"),
        ("nothing", '{"type": "FeatureCollection", "features": []}'),
        ("nothing", ""),
        ("no GeoJSON feature", "[1, 2]"),
        ("no GeoJSON feature", '{"a": 1}'),
        ("NaN is not a number", json.dumps([cell(float("nan"), 3)])),
        ("neither", json.dumps([CELLS[0] | {"geometry": {"type": "LineString", "coordinates": []}}])),
        ("neither", json.dumps([CELLS[0] | {"geometry": None}])),
        ("cannot be read", json.dumps([CELLS[0] | {"geometry": {"type": "Polygon", "coordinates": []}}])),
        ("cannot be read", json.dumps([CELLS[0] | {"geometry": {"type": "Point", "coordinates": ["a", 1]}}])),
        (
            "cannot be read",
            json.dumps([CELLS[0] | {"geometry": {"type": "Point", "coordinates": [10**400, 1]}}]),
        ),
        ("fewer", json.dumps([CELLS[0] | {"geometry": {"type": "Polygon", "coordinates": [[[1, 2]]]}}])),
        ("cut off", "[" * 100_000),
    ],
)
def test_bad_geojson_is_refused(tmp_path: Path, reason: str, text: str) -> None:
    path = tmp_path / "bad.geojson"
    path.write_text(text)
    with pytest.raises(InvalidLayer, match=reason):
        list(look_through(path).chunks(None))


def test_csv_in_um(tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    path.write_text("x_um,y_um,class,EPCAM [counts]\n5,10,spot,3\n6,12,spot,\n")
    found = look_through(path)
    (chunk,) = found.chunks((0.5, 0.25))
    assert chunk.x_px.tolist() == [10, 12]
    assert chunk.y_px.tolist() == [40, 48]
    assert (found.columns[0].name, found.columns[0].unit) == ("EPCAM", "counts")
    assert np.isnan(chunk.values[0][1])
    with pytest.raises(InvalidLayer, match="no physical scale"):
        list(found.chunks(None))


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("needs the columns", "a,b\n1,2\n"),
        ("nothing", "x_px,y_px\n"),
        ("more or fewer", "x_px,y_px\n1\n"),
        ("more or fewer", "x_px,y_px\n1,2,3\n"),
        ("not a number", "x_px,y_px\n1,here\n"),
        ("not a number", "x_px,y_px,area\n1,2,large\n"),
        ("as CSV", 'x_px,y_px\n"1,2\n'),
    ],
)
def test_bad_csv_is_refused(tmp_path: Path, reason: str, text: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InvalidLayer, match=reason):
        list(look_through(path).chunks(None))


def test_rasters(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.save(tmp_path / "a.npy", values)
    tifffile.imwrite(tmp_path / "a.tif", values)
    for name in ("a.npy", "a.tif"):
        assert np.array_equal(read_heatmap(tmp_path / name), values)
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[:-8])
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    (tmp_path / "text.tif").write_text("no raster")
    for name in ("cut.npy", "objects.npy", "text.tif", "missing.npy"):
        with pytest.raises(InvalidLayer, match="cannot be read"):
            read_heatmap(tmp_path / name)
    with pytest.raises(InvalidLayer, match="none of the files"):
        look_through(tmp_path / "cells.parquet")
