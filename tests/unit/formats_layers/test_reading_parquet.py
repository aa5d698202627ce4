"""Parquet tables become points and cells, or one clear sentence."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyarrow import parquet

from hemalum.formats.layers.finding import look_through_any
from hemalum.formats.layers.model import InvalidLayer
from hemalum.formats.layers.parquet import look_through_parquet
from hemalum.formats.layers.reading import UNCLASSIFIED

SQUARE = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)])
GEO = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}


def write(path: Path, metadata: dict[str, Any] | None = None, **columns: Any) -> Path:
    table = pa.table(columns)
    if metadata is not None:
        table = table.replace_schema_metadata({"geo": json.dumps(metadata)})
    parquet.write_table(table, path)
    return path


def shapes(path: Path, *held: Any, **more: Any) -> Path:
    return write(path, GEO, geometry=[shapely.to_wkb(one) for one in held], **more)


def test_points_with_classes_and_values(tmp_path: Path) -> None:
    area = pa.field("area", pa.float32(), metadata={"unit": "um2"})
    fields = [pa.field("x_px", pa.float64()), pa.field("y_px", pa.float64()), pa.field("row", pa.int64())]
    schema = pa.schema([*fields, pa.field("class", pa.string()), area])
    rows = [[1, 3], [2, 4], [0, 1], ["tumour", None], [7.5, None]]
    parquet.write_table(pa.table(rows, schema=schema), tmp_path / "cells.parquet")
    found = look_through_parquet(tmp_path / "cells.parquet", None)
    assert [one.name for one in found.classes] == ["tumour", UNCLASSIFIED]
    assert [(one.name, one.unit) for one in found.columns] == [("area", "um2")]
    assert (found.count, found.has_outlines) == (2, False)
    (chunk,) = found.chunks(None)
    assert (chunk.x_px.tolist(), chunk.y_px.tolist()) == ([1, 3], [2, 4])
    assert chunk.classes.tolist() == [0, 1]
    assert np.array_equal(chunk.values[0], [7.5, np.nan], equal_nan=True)


def test_points_of_spatialdata_in_um(tmp_path: Path) -> None:
    """As dask writes them: a folder of parts, genes as categories."""
    folder = tmp_path / "xenium.zarr" / "points" / "transcripts"
    (folder / "points.parquet").mkdir(parents=True)
    for number in range(11):
        genes = pa.array(["KRT8", "CD3"]).dictionary_encode()
        part = folder / "points.parquet" / f"part.{number}.parquet"
        write(part, x=[10.0 * number, 1], y=[5.0, 6], feature_name=genes)
    found = look_through_any(folder, "um")
    assert [one.name for one in found.classes] == ["KRT8", "CD3"]
    assert found.count == 22
    places = np.concatenate([chunk.x_px for chunk in found.chunks((0.5, 0.25))])
    assert places[::2].tolist() == [20.0 * number for number in range(11)]
    with pytest.raises(InvalidLayer, match="no physical scale"):
        list(found.chunks(None))
    with pytest.raises(InvalidLayer, match="--places"):
        look_through_any(folder, None)
    with pytest.raises(InvalidLayer, match="points/transcripts"):
        look_through_any(tmp_path / "xenium.zarr", "um")


def test_shapes_become_outlines(tmp_path: Path) -> None:
    path = shapes(tmp_path / "shapes.parquet", SQUARE, shapely.Point(8, 9), radius=[1.0, 2])
    found = look_through_parquet(path, "px")
    assert found.has_outlines
    (chunk,) = found.chunks(None)
    assert np.column_stack((chunk.x_px, chunk.y_px)).tolist() == [[2, 2], [8, 9]]
    assert chunk.outline_sizes is not None
    assert chunk.outline_sizes.tolist() == [4, 0]
    assert chunk.corners_px is not None
    assert chunk.corners_px.tolist() == shapely.get_coordinates(SQUARE)[:-1].tolist()
    assert [one.name for one in found.columns] == ["radius"]


def test_circles_are_points(tmp_path: Path) -> None:
    found = look_through_parquet(shapes(tmp_path / "spots.parquet", shapely.Point(1, 2)), "px")
    assert not found.has_outlines
    (chunk,) = found.chunks(None)
    assert chunk.outline_sizes is None


def test_outlines_as_this_project_writes_them(tmp_path: Path) -> None:
    lists: dict[str, Any] = {"outline_x_px": [[0, 4, 4], []], "outline_y_px": [[0, 0, 4], []]}
    found = look_through_parquet(write(tmp_path / "a.parquet", x_px=[2.0, 9], y_px=[1.0, 9], **lists), None)
    (chunk,) = found.chunks(None)
    assert chunk.outline_sizes is not None
    assert chunk.outline_sizes.tolist() == [3, 0]
    assert chunk.corners_px is not None
    assert chunk.corners_px.tolist() == [[0, 0], [4, 0], [4, 4]]


@pytest.mark.parametrize(
    ("columns", "asked", "reason"),
    [
        ({"a": [1]}, {}, "needs the columns"),
        ({"x": [1], "y": [2]}, {"unit": None}, "--places"),
        ({"x": pa.array([], pa.float64()), "y": pa.array([], pa.float64())}, {}, "nothing in this layer"),
        ({"x": [1], "y": [2], "n": [3]}, {"class_column": "n"}, "no column n of texts"),
        ({"x": [1], "y": [2]}, {"class_column": "leiden"}, "no column leiden"),
    ],
)
def test_what_cannot_become_a_layer(
    tmp_path: Path, columns: dict[str, Any], asked: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidLayer, match=reason):
        look_through_parquet(write(tmp_path / "some.parquet", **columns), **({"unit": "px"} | asked))


def test_a_shape_that_is_none(tmp_path: Path) -> None:
    line = shapes(tmp_path / "lines.parquet", shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]))
    with pytest.raises(InvalidLayer, match="Shape 2 is neither"):
        list(look_through_parquet(line, "px").chunks(None))
    broken = write(tmp_path / "broken.parquet", GEO, geometry=[b"no shape"])
    with pytest.raises(InvalidLayer, match="cannot be read"):
        look_through_parquet(broken, "px")


def test_a_file_that_is_none(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.parquet", x=[1.0], y=[2.0]).read_bytes()
    for name, content in (("cut", whole[:-9]), ("text", b"x,y\n1,2\n"), ("empty", b"")):
        path = tmp_path / f"{name}.parquet"
        path.write_bytes(content)
        with pytest.raises(InvalidLayer, match="cannot be read as Parquet"):
            look_through_parquet(path, "px")
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(InvalidLayer, match="no Parquet file"):
        look_through_any(tmp_path / "folder.parquet", "px")


def test_parts_with_different_columns(tmp_path: Path) -> None:
    folder = tmp_path / "table.parquet"
    folder.mkdir()
    write(folder / "part.0.parquet", x=[1.0], y=[2.0])
    write(folder / "part.1.parquet", x=[1.0], y=[2.0], area=[3])
    with pytest.raises(InvalidLayer, match="different columns"):
        look_through_parquet(folder, "px")
