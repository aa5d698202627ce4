"""Files of cells, points and heatmaps as other programs write them, read in pieces.

GeoJSON as QuPath writes it (a FeatureCollection, a list of features, or one feature a line); CSV with a head
line; heatmaps as .npy and TIFF. Files are read twice where classes and columns have to be known first.
"""

import csv
import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import InvalidLayer, LayerClass, ValueColumn, classes_named

type Array = NDArray[Any]

UNCLASSIFIED = "unclassified"
_PIECE_CHARACTERS = 1 << 20
_MOST_FEATURE_CHARACTERS = 64 << 20
_CHUNK = 16_384
_BETWEEN: Any = re.compile(r"[,\s]*")
_UNIT = re.compile(r"^(.*?)\s*[\[(](.+)[\])]\s*$")
_PLACES = {"px": ("x_px", "y_px"), "um": ("x_um", "y_um")}


@dataclass(slots=True)
class CellFile:
    """What a file holds, found by looking through it once."""

    path: Path
    classes: tuple[LayerClass, ...]
    columns: tuple[ValueColumn, ...]
    has_outlines: bool
    count: int
    _names: list[str] = field(default_factory=list)
    """Of the columns, as the file spells them."""

    def chunks(self, um_per_px: tuple[float, float] | None) -> Iterator[CellChunk]:
        """The cells, piece by piece.

        Raises:
            InvalidLayer: a cell cannot be read; or the file has um, and the image no scale.
        """
        if self.path.suffix.lower() == ".csv":
            yield from _csv_chunks(self, um_per_px)
        else:
            yield from _geojson_chunks(self)


def look_through(path: Path) -> CellFile:
    """Classes, columns and number of cells of a GeoJSON or CSV file.

    Raises:
        InvalidLayer: it is neither, is cut off, or has nothing in it.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _look_through_csv(path)
    if suffix in (".geojson", ".geojsonl", ".json"):
        return _look_through_geojson(path)
    raise InvalidLayer(
        "{name} is none of the files that become a layer: .geojson, .csv, .parquet, .h5ad, .npy, .tif.",
        name=path.name,
    )


def read_heatmap(path: Path) -> Array:
    """The raster in a .npy file (as a memory map) or the first page of a TIFF.

    Raises:
        InvalidLayer: it cannot be read, or is cut off.
    """
    try:
        if path.suffix.lower() == ".npy":
            # A raster of objects would be a pickle, which can run code.
            mapped: Array = np.load(path, mmap_mode="r", allow_pickle=False)
            return mapped
        import tifffile

        return np.squeeze(np.asarray(tifffile.imread(path, key=0)))
    except (ValueError, OSError, EOFError, IndexError, KeyError, TypeError) as error:
        raise InvalidLayer("{name} cannot be read as a raster of numbers.", name=path.name) from error


# GeoJSON ----------------------------------------------------------------------------------------------


def features(path: Path) -> Iterator[Mapping[str, Any]]:
    """The features of a GeoJSON file one by one, in memory for one.

    Raises:
        InvalidLayer: it is no GeoJSON, or is cut off.
    """
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    with path.open(encoding="utf-8", errors="strict") as file:
        try:
            yield from _features(path.name, file, decoder)
        except UnicodeDecodeError as error:
            raise InvalidLayer("{name} is not text in UTF-8.", name=path.name) from error


def _features(name: str, file: Any, decoder: json.JSONDecoder) -> Iterator[Mapping[str, Any]]:
    buffer = file.read(_PIECE_CHARACTERS)
    at = _first_feature(buffer)
    is_list = at > 0
    while True:
        at = _BETWEEN.match(buffer, at).end()
        if at == len(buffer):
            buffer, at = file.read(_PIECE_CHARACTERS), 0
            if not buffer:
                break
            continue
        if is_list and buffer[at] == "]":
            return
        try:
            found, at = decoder.raw_decode(buffer, at)
        except (json.JSONDecodeError, RecursionError) as error:
            more = file.read(_PIECE_CHARACTERS)
            if not more or len(buffer) - at > _MOST_FEATURE_CHARACTERS:
                raise InvalidLayer("{name} is cut off, or is no GeoJSON.", name=name) from error
            buffer, at = buffer[at:] + more, 0
            continue
        if not isinstance(found, dict) or found.get("type") != "Feature":
            raise InvalidLayer("{name} holds something that is no GeoJSON feature.", name=name)
        yield found
    if is_list:
        raise InvalidLayer("{name} is cut off, or is no GeoJSON.", name=name)


def _first_feature(text: str) -> int:
    """Where the list of features begins, after its bracket; 0 when the features stand one a line."""
    bare = re.match(r"\s*\[", text)
    if bare:
        return bare.end()
    collection = re.match(r'\s*\{.*?"features"\s*:\s*\[', text, re.DOTALL)
    if collection and '"FeatureCollection"' in text[: collection.end()]:
        return collection.end()
    return 0


def _refuse_constant(text: str) -> float:
    raise InvalidLayer("{value} is not a number.", value=text)


def _look_through_geojson(path: Path) -> CellFile:
    classes: dict[str, None] = {}
    names: dict[str, None] = {}
    has_outlines, count = False, 0
    for feature in features(path):
        count += 1
        classes[_class_of(feature)] = None
        names.update(dict.fromkeys(_measurements(feature)))
        has_outlines |= _geometry(feature, count).get("type") != "Point"
    if not count:
        raise InvalidLayer("There is nothing in this layer.")
    columns = tuple(map(_column_named, names))
    return CellFile(path, classes_named(list(classes)), columns, has_outlines, count, list(names))


def _geojson_chunks(file: CellFile) -> Iterator[CellChunk]:
    numbers = {one.name: number for number, one in enumerate(file.classes)}
    gathered = _Gathered(len(file.columns))
    for number, feature in enumerate(features(file.path), 1):
        x, y, corners = _placed(_geometry(feature, number), number)
        measured = _measurements(feature)
        gathered.add(
            x, y, numbers[_class_of(feature)], [measured.get(one, np.nan) for one in file._names], corners
        )
        if len(gathered) >= _CHUNK:
            yield gathered.take(has_outlines=file.has_outlines)
    if len(gathered):
        yield gathered.take(has_outlines=file.has_outlines)


class _Gathered:
    """Cells on their way into a chunk."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._start()

    def _start(self) -> None:
        self._x, self._y, self._classes, self._sizes = array("d"), array("d"), array("B"), array("q")
        self._values = [array("f") for _ in range(self._columns)]
        self._corners: list[Array] = []

    def __len__(self) -> int:
        return len(self._x)

    def add(self, x: float, y: float, number: int, values: Sequence[float], corners: Array | None) -> None:
        self._x.append(x)
        self._y.append(y)
        self._classes.append(number)
        for column, value in zip(self._values, values, strict=True):
            column.append(value)
        self._sizes.append(0 if corners is None else len(corners))
        if corners is not None:
            self._corners.append(corners)

    def take(self, *, has_outlines: bool) -> CellChunk:
        chunk = CellChunk(
            np.array(self._x),
            np.array(self._y),
            np.array(self._classes),
            [np.array(column) for column in self._values],
            np.array(self._sizes) if has_outlines else None,
            np.concatenate([*self._corners, np.zeros((0, 2))]) if has_outlines else None,
        )
        self._start()
        return chunk


def _geometry(feature: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Point", "Polygon"):
        raise InvalidLayer("Feature {number} is neither a point nor a polygon.", number=number)
    return geometry


def _placed(geometry: Mapping[str, Any], number: int) -> tuple[float, float, Array | None]:
    """The place of a feature, and its outer ring without the repeated corner."""
    try:
        if geometry["type"] == "Point":
            x, y = (float(value) for value in geometry["coordinates"][:2])
            return x, y, None
        ring = np.array([corner[:2] for corner in geometry["coordinates"][0]], np.float64)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise InvalidLayer("The coordinates of feature {number} cannot be read.", number=number) from error
    if len(ring) > 1 and np.array_equal(ring[0], ring[-1]):
        ring = ring[:-1]
    if len(ring) < 3:
        raise InvalidLayer("The outline of cell {row} has fewer than three corners.", row=number)
    x, y = centre_of(ring)
    return x, y, ring


def centre_of(ring: Array) -> tuple[float, float]:
    """The centre of mass of a ring; the mean of its corners where it encloses nothing."""
    first = ring[0]
    x, y = (ring - first).T
    across, down = np.roll(x, -1), np.roll(y, -1)
    cross = x * down - across * y
    doubled = cross.sum()
    if abs(doubled) < 1e-9:
        mean = ring.mean(axis=0)
        return float(mean[0]), float(mean[1])
    return (
        float(first[0] + ((x + across) * cross).sum() / (3 * doubled)),
        float(first[1] + ((y + down) * cross).sum() / (3 * doubled)),
    )


def _class_of(feature: Mapping[str, Any]) -> str:
    """Its name. The colour that a file gives is left: those of a layer are told apart by everybody."""
    properties = feature.get("properties")
    found = properties.get("classification") if isinstance(properties, dict) else None
    if not isinstance(found, dict):
        return UNCLASSIFIED
    names = found.get("names")
    name = found.get("name") or (": ".join(map(str, names)) if isinstance(names, list) else "")
    return str(name or UNCLASSIFIED)


def _measurements(feature: Mapping[str, Any]) -> dict[str, float]:
    """As QuPath writes them: a map, or until version 0.4 a list of names and values."""
    properties = feature.get("properties")
    found = properties.get("measurements") if isinstance(properties, dict) else None
    if isinstance(found, list):
        found = {one.get("name"): one.get("value") for one in found if isinstance(one, dict)}
    if not isinstance(found, dict):
        return {}
    return {
        str(name): float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _column_named(text: str) -> ValueColumn:
    """Name and unit out of `area [um2]`."""
    found = _UNIT.match(text)
    return ValueColumn(found[1], found[2]) if found and found[1] else ValueColumn(text)


# CSV --------------------------------------------------------------------------------------------------


def _look_through_csv(path: Path) -> CellFile:
    classes: dict[str, None] = {}
    names: list[str] = []
    count = 0
    for row in _rows(path):
        if not count:
            _places_of(path, row)
            places = {name for pair in _PLACES.values() for name in pair}
            names = [name for name in row if name not in places and name != "class"]
        classes[row.get("class") or UNCLASSIFIED] = None
        count += 1
    if not count:
        raise InvalidLayer("There is nothing in this layer.")
    columns = tuple(map(_column_named, names))
    return CellFile(path, classes_named(list(classes)), columns, False, count, names)


def _csv_chunks(file: CellFile, um_per_px: tuple[float, float] | None) -> Iterator[CellChunk]:
    numbers = {one.name: number for number, one in enumerate(file.classes)}
    gathered = _Gathered(len(file.columns))
    for number, row in enumerate(_rows(file.path), 1):
        unit, (across, down) = _places_of(file.path, row)
        scale = (1.0, 1.0)
        if unit == "um":
            if um_per_px is None:
                raise InvalidLayer("The file gives places in um, and the image has no physical scale.")
            scale = um_per_px
        values = [_number(row[name], name, number, empty=np.nan) for name in file._names]
        gathered.add(
            _number(row[across], across, number) / scale[0],
            _number(row[down], down, number) / scale[1],
            numbers[row.get("class") or UNCLASSIFIED],
            values,
            None,
        )
        if len(gathered) >= _CHUNK:
            yield gathered.take(has_outlines=False)
    if len(gathered):
        yield gathered.take(has_outlines=False)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey="", restval=None, strict=True)
        try:
            for number, row in enumerate(reader, 1):
                if None in row.values() or "" in row:
                    raise InvalidLayer(
                        "Line {number} has more or fewer columns than the head.", number=number + 1
                    )
                yield row
        except (csv.Error, UnicodeDecodeError) as error:
            raise InvalidLayer("{name} cannot be read as CSV in UTF-8.", name=path.name) from error


def _places_of(path: Path, row: Mapping[str, str]) -> tuple[str, tuple[str, str]]:
    for unit, pair in _PLACES.items():
        if all(name in row for name in pair):
            return unit, pair
    raise InvalidLayer("{name} needs the columns x_px and y_px, or x_um and y_um.", name=path.name)


def _number(text: str, column: str, row: int, empty: float | None = None) -> float:
    if not text.strip() and empty is not None:
        return empty
    try:
        return float(text)
    except ValueError as error:
        raise InvalidLayer(
            "Column {name} of line {number} has {value}, which is not a number.",
            name=column,
            number=row + 1,
            value=text,
        ) from error
