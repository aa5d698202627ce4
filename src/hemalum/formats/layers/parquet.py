"""Cells and points of Parquet tables: our own, points and shapes of SpatialData, any with places.

Places are columns `x_px`, `y_px` or `x_um`, `y_um`; or, in a unit that is stated, `x`, `y` (points of
SpatialData) or shapes as the GeoParquet specification 1.1.0 writes them (key `geo` of the metadata, encoding
WKB). Outlines are those shapes, or the lists `outline_x_px`, `outline_y_px`. A folder of such files, as dask
writes one, is one table. Rows are read in pieces.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import InvalidLayer, LayerClass, ValueColumn, classes_named
from hemalum.formats.layers.reading import UNCLASSIFIED, centre_of

type Array = NDArray[Any]
type PlaceUnit = Literal["px", "um"]

_PIECE = 16_384
_STATED = (("x_px", "y_px", "px"), ("x_um", "y_um", "um"))
_UNSTATED = ("x", "y")
_OUTLINES = ("outline_x_px", "outline_y_px")
_ROW = "row"
"""A number of our own exports that is no value."""
_USUAL_CLASSES = ("class", "cell_type", "celltype", "leiden", "cluster", "feature_name", "gene")
_POINT, _POLYGON = 0, 3
"""Types of shapely, which are those of GEOS."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a row says where it is: two columns, or one of shapes."""

    columns: tuple[str, ...]
    unit: PlaceUnit

    @property
    def are_shapes(self) -> bool:
        return len(self.columns) == 1


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """What a table holds, found by looking through it once."""

    path: Path
    classes: tuple[LayerClass, ...]
    columns: tuple[ValueColumn, ...]
    count: int
    has_outlines: bool
    _places: _Places
    _class_column: str | None
    _measured: tuple[str, ...]

    def chunks(self, um_per_px: tuple[float, float] | None) -> Iterator[CellChunk]:
        """The cells, piece by piece.

        Raises:
            InvalidLayer: a part of the table cannot be read; a shape is neither a point nor a polygon; or its
                places are um, and the image has no scale.
        """
        if self._places.unit == "um" and um_per_px is None:
            raise InvalidLayer("The file gives places in um, and the image has no physical scale.")
        scale = np.asarray(um_per_px if self._places.unit == "um" else (1.0, 1.0), np.float64)
        numbers = {one.name: number for number, one in enumerate(self.classes)}
        outlines = _OUTLINES if self.has_outlines and not self._places.are_shapes else ()
        named = [] if self._class_column is None else [self._class_column]
        wanted = [*self._places.columns, *outlines, *named, *self._measured]
        first = 1
        for batch in _batches(self.path, wanted):
            places, sizes, corners = self._placed(batch, first)
            classes = [numbers[_named(value)] for value in _texts(batch, self._class_column)]
            yield CellChunk(
                places[:, 0] / scale[0],
                places[:, 1] / scale[1],
                np.array(classes, np.uint8),
                [_numbers(batch.column(name)) for name in self._measured],
                sizes if self.has_outlines else None,
                corners / scale if self.has_outlines else None,
            )
            first += batch.num_rows

    def _placed(self, batch: Any, first: int) -> tuple[Array, Array, Array]:
        """Centres, corners of each ring, and all corners."""
        if self._places.are_shapes:
            return _of_shapes(batch.column(self._places.columns[0]), first)
        places = np.column_stack([_numbers(batch.column(name), np.float64) for name in self._places.columns])
        if not self.has_outlines:
            return places, np.zeros(len(places), np.int64), np.zeros((0, 2))
        across, down = (batch.column(name) for name in _OUTLINES)
        sizes = np.asarray(across.value_lengths().fill_null(0), np.int64)
        if across.value_lengths() != down.value_lengths():
            raise InvalidLayer("{name} has outlines with a missing half.", name=self.path.name)
        corners = [_numbers(column.flatten(), np.float64) for column in (across, down)]
        return places, sizes, np.column_stack(corners)


def look_through_parquet(path: Path, unit: PlaceUnit | None, class_column: str | None = None) -> ParquetTable:
    """Classes, value columns and number of rows of a Parquet file, or of a folder of them.

    `unit` says what columns `x` and `y`, and shapes, are in; others say it themselves. Without `class_column`
    the first usual column of texts that there is gives the classes. Every column of numbers is a value.

    Raises:
        InvalidLayer: it cannot be read, is empty, has no places, or nobody says in which unit they are; or it
            lacks the column that was asked for.
    """
    with _readable(path) as parquet:
        files = [parquet.ParquetFile(one) for one in _files(path)]
        schema = files[0].schema_arrow
        if any(not each.schema_arrow.equals(schema) for each in files):
            raise InvalidLayer("The files in {name} have different columns.", name=path.name)
        count = sum(each.metadata.num_rows for each in files)
    places = _places(path, schema, unit)
    if not count:
        raise InvalidLayer("There is nothing in this layer.")
    column = _class_column(path, schema, class_column)
    used = {*places.columns, *_UNSTATED, *(name for pair in _STATED for name in pair[:2]), _ROW, column}
    measured = tuple(each for each in schema if each.name not in used and _is_number(each.type))
    return ParquetTable(
        path,
        _classes(path, column),
        tuple(ValueColumn(each.name, _unit_of(each)) for each in measured),
        count,
        _has_outlines(path, schema, places),
        places,
        column,
        tuple(each.name for each in measured),
    )


@contextmanager
def _readable(path: Path) -> Iterator[Any]:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise InvalidLayer(
            "Parquet is read by an optional package: pip install 'hemalum[parquet]'."
        ) from error
    try:
        yield pyarrow.parquet
    except InvalidLayer:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        # What Arrow says of a damaged file is for programmers.
        raise InvalidLayer("{name} cannot be read as Parquet.", name=path.name) from error


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    # "part.10.parquet" comes after "part.9.parquet".
    found = sorted(path.glob("*.parquet"), key=lambda each: (len(each.name), each.name))
    if not found:
        raise InvalidLayer("There is no Parquet file in {name}.", name=path.name)
    return found


def _batches(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    with _readable(path) as parquet:
        for one in _files(path):
            yield from parquet.ParquetFile(one).iter_batches(_PIECE, columns=list(columns))


def _places(path: Path, schema: Any, unit: PlaceUnit | None) -> _Places:
    names = set(schema.names)
    for across, down, said in _STATED:
        if {across, down} <= names:
            return _Places((across, down), "px" if said == "px" else "um")
    shapes = _shape_column(schema)
    found = (shapes,) if shapes is not None else _UNSTATED if names.issuperset(_UNSTATED) else None
    if found is None:
        raise InvalidLayer(
            "{name} needs the columns x_px and y_px, x_um and y_um, x and y, or one of shapes.",
            name=path.name,
        )
    if unit is None:
        raise InvalidLayer(
            "Nothing in {name} says in which unit its places are: state --places px or um.", name=path.name
        )
    return _Places(found, unit)


def _shape_column(schema: Any) -> str | None:
    """The column of shapes that GeoParquet names as the first."""
    said = (schema.metadata or {}).get(b"geo")
    if said is None:
        return None
    geo = json.loads(said)
    primary = geo["primary_column"]
    if geo["columns"][primary].get("encoding") != "WKB":
        raise InvalidLayer("Shapes are read as WKB only.")
    return str(primary) if primary in schema.names else None


def _class_column(path: Path, schema: Any, wanted: str | None) -> str | None:
    texts = [each.name for each in schema if _is_text(each.type)]
    if wanted is not None:
        if wanted not in texts:
            raise InvalidLayer("{name} has no column {column} of texts.", name=path.name, column=wanted)
        return wanted
    return next((name for name in _USUAL_CLASSES if name in texts), None)


def _classes(path: Path, column: str | None) -> tuple[LayerClass, ...]:
    if column is None:
        return classes_named([UNCLASSIFIED])
    names: dict[str, None] = {}
    for batch in _batches(path, [column]):
        names.update(dict.fromkeys(map(_named, batch.column(0).unique().to_pylist())))
    return classes_named(list(names))


def _has_outlines(path: Path, schema: Any, places: _Places) -> bool:
    if not places.are_shapes:
        return set(_OUTLINES) <= set(schema.names)
    import shapely

    return any(
        bool(np.any(shapely.get_type_id(_shapes(batch.column(0), 1)) == _POLYGON))
        for batch in _batches(path, places.columns)
    )


def _of_shapes(column: Any, first: int) -> tuple[Array, Array, Array]:
    import shapely

    shapes = _shapes(column, first)
    kinds = shapely.get_type_id(shapes)
    wrong = np.flatnonzero((kinds != _POINT) & (kinds != _POLYGON))
    if len(wrong):
        raise InvalidLayer("Shape {number} is neither a point nor a polygon.", number=first + int(wrong[0]))
    places = np.full((len(shapes), 2), np.nan)
    points = kinds == _POINT
    places[points] = shapely.get_coordinates(shapes[points])
    rings = shapely.get_exterior_ring(shapes)
    sizes = np.maximum(shapely.get_num_coordinates(rings) - 1, 0)
    corners: list[Array] = [np.zeros((0, 2))]
    for at in np.flatnonzero(~points):
        # A ring ends where it began.
        corners.append(shapely.get_coordinates(rings[at])[:-1])
        places[at] = centre_of(corners[-1]) if len(corners[-1]) else np.nan
    return places, sizes, np.concatenate(corners)


def _shapes(column: Any, first: int) -> Array:
    import shapely

    try:
        found: Array = shapely.from_wkb(np.asarray(column.to_pylist(), object))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise InvalidLayer("Shapes from row {number} on cannot be read.", number=first) from error
    return found


def _texts(batch: Any, column: str | None) -> list[Any]:
    return [None] * batch.num_rows if column is None else batch.column(column).to_pylist()


def _named(value: str | None) -> str:
    return value or UNCLASSIFIED


def _numbers(column: Any, kind: Any = np.float32) -> Array:
    """What is missing is NaN."""
    return np.asarray(column.to_numpy(zero_copy_only=False), kind)


def _is_number(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))


def _is_text(kind: Any) -> bool:
    import pyarrow.types as types

    plain = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(plain) or types.is_large_string(plain))


def _unit_of(column: Any) -> str:
    """As our own exports state it."""
    unit: bytes = (column.metadata or {}).get(b"unit", b"")
    return unit.decode()
