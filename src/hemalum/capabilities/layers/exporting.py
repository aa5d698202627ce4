"""Layers as files for other programs: GeoJSON as QuPath opens it, and CSV. Written tile by tile."""

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

from hemalum.capabilities.layers.service import OpenLayer
from hemalum.formats.layers.model import ValueColumn
from hemalum.formats.layers.picking import TileCells, cells_of


def as_geojson(opened: OpenLayer) -> Iterator[bytes]:
    """A FeatureCollection of detections, places in level-0 pixels."""
    yield b'{"type":"FeatureCollection","features":['
    before = b""
    for cells in cells_of(opened.pack):
        lines = (json.dumps(_feature(opened, cells, index)) for index in range(len(cells.x_px)))
        yield before + ",\n".join(lines).encode()
        before = b",\n"
    yield b"]}\n"


def _feature(opened: OpenLayer, cells: TileCells, index: int) -> dict[str, Any]:
    known = opened.layer.classes[cells.classes[index]]
    ring = cells.rings_px[index] if cells.rings_px is not None else ()
    geometry: dict[str, Any] = {"type": "Point", "coordinates": _corner(cells.x_px[index], cells.y_px[index])}
    if len(ring):
        corners = [_corner(x, y) for x, y in ring]
        geometry = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    colour = [int(known.colour[at : at + 2], 16) for at in (1, 3, 5)]
    measured = {
        _head(column): round(float(values[index]), 6)
        for column, values in zip(opened.layer.columns, cells.columns, strict=True)
        if not math.isnan(values[index])
    }
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {
            "objectType": "detection",
            "classification": {"name": known.name, "color": colour},
            "measurements": measured,
            "hemalum": {"row": int(cells.rows[index])},
        },
    }


def as_csv(opened: OpenLayer) -> Iterator[bytes]:
    """One line a cell: row in the producer's data, place in level-0 pixels, class, values."""
    layer = opened.layer
    yield _line(["row", "x_px", "y_px", "class", *map(_head, layer.columns)])
    for cells in cells_of(opened.pack):
        yield b"".join(_line(_row(opened, cells, index)) for index in range(len(cells.x_px)))


def _row(opened: OpenLayer, cells: TileCells, index: int) -> list[Any]:
    values = [float(column[index]) for column in cells.columns]
    return [
        int(cells.rows[index]),
        *_corner(cells.x_px[index], cells.y_px[index]),
        opened.layer.classes[cells.classes[index]].name,
        *("" if math.isnan(value) else f"{value:.7g}" for value in values),
    ]


def _corner(x: float, y: float) -> list[float]:
    return [round(float(x), 3), round(float(y), 3)]


def _head(column: ValueColumn) -> str:
    return f"{column.name} [{column.unit}]" if column.unit else column.name


def _line(values: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().encode()
