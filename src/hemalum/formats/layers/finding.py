"""Which reader a file of cells, or a folder of SpatialData, is for."""

from collections.abc import Sequence
from pathlib import Path

from hemalum.formats.layers.h5ad import H5adFile, look_through_h5ad
from hemalum.formats.layers.model import InvalidLayer
from hemalum.formats.layers.parquet import ParquetTable, PlaceUnit, look_through_parquet
from hemalum.formats.layers.reading import CellFile, look_through

_ELEMENTS = {"points": "points.parquet", "shapes": "shapes.parquet", "tables": ""}
"""Groups of SpatialData, and where in each of their elements its rows are."""


def look_through_any(
    path: Path, unit: PlaceUnit | None, class_column: str | None = None, genes: Sequence[str] = ()
) -> CellFile | H5adFile | ParquetTable:
    """Classes, columns and number of cells of any file that becomes a layer of cells.

    An element of SpatialData is named by its folder: `data.zarr/points/transcripts`. Its transforms are not
    applied: `unit` is that of its own coordinates.

    Raises:
        InvalidLayer: it is none of them, cannot be read, lacks what was asked for, or it is a whole
            SpatialData, of which one element becomes a layer.
    """
    rows = _rows_of(path)
    if rows.suffix.lower() == ".parquet":
        return look_through_parquet(rows, unit, class_column)
    if rows.is_dir() or rows.suffix.lower() == ".h5ad":
        return look_through_h5ad(rows, unit, class_column, genes)
    return look_through(rows)


def _rows_of(path: Path) -> Path:
    if not path.is_dir():
        return path
    elements = [
        f"{group}/{one.name}"
        for group in _ELEMENTS
        if (path / group).is_dir()
        for one in sorted((path / group).iterdir())
        if one.is_dir()
    ]
    if elements:
        raise InvalidLayer(
            "{name} is a whole SpatialData; name the folder of one of its elements: {elements}.",
            name=path.name,
            elements=", ".join(elements),
        )
    held = _ELEMENTS.get(path.absolute().parent.name, "")
    if held and not (path / held).exists():
        raise InvalidLayer(
            "{name} has no {file}, in which SpatialData keeps its rows today; write it anew.",
            name=path.name,
            file=held,
        )
    return path / held
