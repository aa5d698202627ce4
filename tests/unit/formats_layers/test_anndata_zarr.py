"""AnnData in Zarr stores, as SpatialData keeps its tables, becomes cells, or one clear sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from hemalum.formats.layers.finding import look_through_any
from hemalum.formats.layers.model import InvalidLayer
from hemalum.formats.layers.reading import UNCLASSIFIED

EXPRESSION = np.array([[0, 2], [1.5, 0], [0, 3]], np.float32)


@pytest.fixture(params=[2, 3])
def table(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Three cells with a class, an area and two genes, in either version of the format."""
    path = tmp_path / "xenium.zarr" / "tables" / "table"
    root = zarr.open_group(path, mode="w", zarr_format=request.param)
    place = root.create_group("obsm")
    put(place, "spatial", np.array([[10, 20], [30, 40], [50, 60.0]]))
    obs = root.create_group("obs", attributes={"column-order": ["cell_type", "area"]})
    put(obs, "area", np.array([1, 2, 3], np.int32))
    kinds = obs.create_group("cell_type")
    put(kinds, "codes", np.array([0, 1, -1], np.int8))
    put(kinds, "categories", np.array(["T cell", "肿瘤"], object))
    var = root.create_group("var", attributes={"_index": "names"})
    put(var, "names", np.array(["CD3", "KRT8"], object))
    rows, columns = np.nonzero(EXPRESSION)
    matrix = root.create_group("X", attributes={"encoding-type": "csr_matrix"})
    put(matrix, "data", EXPRESSION[rows, columns])
    put(matrix, "indices", columns.astype(np.int32))
    put(matrix, "indptr", np.searchsorted(rows, np.arange(4)))
    return path


def put(group: Any, name: str, values: Any) -> None:
    if values.dtype == object:
        made = group.create_array(name, shape=values.shape, dtype=str)
        made[:] = values.astype(str)
    else:
        group.create_array(name, data=values)


def test_a_table_of_spatialdata(table: Path) -> None:
    found = look_through_any(table, "um", None, ("KRT8",))
    assert [one.name for one in found.classes] == ["T cell", "肿瘤", UNCLASSIFIED]
    assert [one.name for one in found.columns] == ["area", "KRT8"]
    (chunk,) = found.chunks((0.5, 0.5))
    assert chunk.x_px.tolist() == [20, 60, 100]
    assert chunk.classes.tolist() == [0, 1, 2]
    assert [column.tolist() for column in chunk.values] == [[1, 2, 3], [2, 0, 3]]


def test_what_is_asked_for_in_vain(table: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidLayer, match="--places"):
        look_through_any(table, None)
    with pytest.raises(InvalidLayer, match="no gene TP53"):
        look_through_any(table, "um", None, ("TP53",))
    with pytest.raises(InvalidLayer, match="tables/table"):
        look_through_any(tmp_path / "xenium.zarr", "um")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(InvalidLayer, match="cannot be read as AnnData"):
        look_through_any(tmp_path / "nothing", "um")
    shapes = tmp_path / "old.zarr" / "shapes" / "cells"
    shapes.mkdir(parents=True)
    with pytest.raises(InvalidLayer, match=r"no shapes\.parquet"):
        look_through_any(shapes, "um")
