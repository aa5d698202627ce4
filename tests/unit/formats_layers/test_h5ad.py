"""AnnData files become cells, or one clear sentence."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hemalum.formats.layers.cells import CellWriter
from hemalum.formats.layers.h5ad import look_through_h5ad
from hemalum.formats.layers.model import InvalidLayer
from hemalum.formats.layers.reading import UNCLASSIFIED

GENES = ("CD3", "KRT8", "MKI67")
EXPRESSION = np.array([[0, 2, 0], [1.5, 0, 0], [0, 0, 3], [0, 0, 0]], np.float32)
PLACES = np.array([[10, 20], [30, 40], [50, 60], [70, 80]], np.float64)


def write(path: Path, *, sparse: str = "", codes: tuple[int, ...] = (0, 1, -1, 0)) -> Path:
    """Four cells with a class, an area and three genes."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file.create_dataset("obsm/spatial", data=PLACES)
        obs = file.create_group("obs")
        obs.attrs["column-order"] = ["cell_type", "area", "note"]
        obs.create_dataset("area", data=np.array([1, 2, 3, 4], np.int32))
        obs.create_dataset("note", data=["a", "b", "c", "d"], dtype=text)
        obs.create_dataset("cell_type/codes", data=np.array(codes, np.int8))
        obs.create_dataset("cell_type/categories", data=["T cell", "肿瘤"], dtype=text)
        var = file.create_group("var")
        var.attrs["_index"] = "names"
        var.create_dataset("names", data=list(GENES), dtype=text)
        if not sparse:
            file.create_dataset("X", data=EXPRESSION)
            return path
        matrix = file.create_group("X")
        matrix.attrs["encoding-type"] = sparse
        rows, columns = np.nonzero(EXPRESSION)
        matrix.create_dataset("data", data=EXPRESSION[rows, columns])
        matrix.create_dataset("indices", data=columns.astype(np.int32))
        matrix.create_dataset("indptr", data=np.searchsorted(rows, np.arange(5)))
    return path


@pytest.mark.parametrize("sparse", ["", "csr_matrix"])
def test_cells_with_classes_values_and_genes(tmp_path: Path, sparse: str) -> None:
    found = look_through_h5ad(write(tmp_path / "cells.h5ad", sparse=sparse), "px", None, ("MKI67", "CD3"))
    assert [one.name for one in found.classes] == ["T cell", "肿瘤", UNCLASSIFIED]
    assert [one.name for one in found.columns] == ["area", "MKI67", "CD3"]
    assert (found.count, found.has_outlines) == (4, False)
    (chunk,) = found.chunks(None)
    assert np.column_stack((chunk.x_px, chunk.y_px)).tolist() == PLACES.tolist()
    assert chunk.classes.tolist() == [0, 1, 2, 0]
    assert [column.tolist() for column in chunk.values] == [[1, 2, 3, 4], [0, 0, 3, 0], [0, 1.5, 0, 0]]


def test_places_in_um_need_a_scale(tmp_path: Path) -> None:
    found = look_through_h5ad(write(tmp_path / "cells.h5ad"), "um")
    (chunk,) = found.chunks((0.5, 0.25))
    assert chunk.x_px.tolist() == [20, 60, 100, 140]
    assert chunk.y_px.tolist() == [80, 160, 240, 320]
    with pytest.raises(InvalidLayer, match="no physical scale"):
        list(found.chunks(None))


def test_without_missing_categories_nothing_is_unclassified(tmp_path: Path) -> None:
    found = look_through_h5ad(write(tmp_path / "cells.h5ad", codes=(0, 1, 1, 0)), "px", "cell_type")
    assert [one.name for one in found.classes] == ["T cell", "肿瘤"]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"unit": None}, "--places"),
        ({"class_column": "note"}, "no column note"),
        ({"class_column": "nothing"}, "no column nothing"),
        ({"genes": ("TP53",)}, "no gene TP53"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, asked: dict[str, Any], reason: str) -> None:
    path = write(tmp_path / "cells.h5ad")
    stated: dict[str, Any] = {"unit": "px"} | asked
    with pytest.raises(InvalidLayer, match=reason):
        look_through_h5ad(path, **stated)


def test_a_matrix_by_columns_is_refused(tmp_path: Path) -> None:
    found = look_through_h5ad(write(tmp_path / "cells.h5ad", sparse="csc_matrix"), "px", None, ("CD3",))
    with pytest.raises(InvalidLayer, match="by rows"):
        list(found.chunks(None))


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "cells.h5ad")
    whole = path.read_bytes()
    for kept in (0, 100, len(whole) // 2):
        path.write_bytes(whole[:kept])
        with pytest.raises(InvalidLayer, match="cannot be read as AnnData"):
            look_through_h5ad(path, "px")


def test_a_file_without_places_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "cells.h5ad")
    with h5py.File(path, "a") as file:
        del file["obsm/spatial"]
    with pytest.raises(InvalidLayer, match="no places"):
        look_through_h5ad(path, "px")


def test_codes_beyond_the_categories_are_refused(tmp_path: Path) -> None:
    found = look_through_h5ad(write(tmp_path / "cells.h5ad", codes=(0, 1, 100, 0)), "px")
    (chunk,) = found.chunks(None)
    writer = CellWriter(tmp_path, 100, 100, found.classes, found.columns)
    with pytest.raises(InvalidLayer, match="class"):
        writer.add(chunk)
    writer.close()
