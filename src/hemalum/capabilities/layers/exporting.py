"""Layers as files for other programs: GeoJSON as QuPath opens it, CSV and Parquet. Written tile by tile."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from hemalum.capabilities.layers.service import OpenLayer
from hemalum.formats.layers.model import LayerKind, Manifest, ValueColumn
from hemalum.formats.layers.pack import Pack
from hemalum.formats.layers.parts import ABSTAINED, NONE, VALUE, decode_values
from hemalum.formats.layers.picking import TileCells, cells_of
from hemalum.formats.parquet import MEDIA_TYPE, Column, column_name, unlike, write_parquet
from hemalum.formats.spreadsheet import as_text, line_of, written_line

_OF_EVERY = (
    "row",
    "x_px",
    "y_px",
    "x_um",
    "y_um",
    "side_px",
    "class",
    "abstained",
    "outline_x_px",
    "outline_y_px",
)


def as_geojson(opened: OpenLayer) -> Iterator[bytes]:
    """A FeatureCollection of detections, places in level-0 pixels.

    What the layer is of, and who made it, stands in a member `hemalum` (RFC 7946, 6.1).
    """
    yield b'{"type":"FeatureCollection","hemalum":' + msgspec.json.encode(_about(opened)) + b',"features":['
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
    yield line_of(["row", "x_px", "y_px", "class", *map(_head, layer.columns)]).encode()
    for cells in cells_of(opened.pack):
        lines = (written_line(_row(opened, cells, index)) for index in range(len(cells.x_px)))
        yield "".join(lines).encode()


def _row(opened: OpenLayer, cells: TileCells, index: int) -> list[Any]:
    values = [float(column[index]) for column in cells.columns]
    return [
        int(cells.rows[index]),
        *_corner(cells.x_px[index], cells.y_px[index]),
        as_text(opened.layer.classes[cells.classes[index]].name),
        *("" if math.isnan(value) else f"{value:.7g}" for value in values),
    ]


def as_parquet(opened: OpenLayer) -> Iterator[bytes]:
    """One row a cell, or of a heatmap one a bin that was looked at; places in level-0 pixels and in um.

    Values have their unit in the name of their column; a bin from which the model abstained has no value.
    What the layer is of, and who made it, stands in the metadata of the schema. Raises as `write_parquet`.
    """
    is_heatmap = opened.layer.kind is LayerKind.HEATMAP
    rows = _rows_of_bins(opened) if is_heatmap else _rows_of_cells(opened)
    return write_parquet(rows, _about(opened))


def _about(opened: OpenLayer) -> dict[str, Any]:
    """What a layer is of, and how it came about, as plain JSON values."""
    layer = opened.layer
    about: dict[str, Any] = msgspec.to_builtins(
        {
            "image_id": layer.image_id,
            "generation": layer.generation,
            "layer_id": layer.id,
            "title": layer.title,
            "origin": layer.origin.value,
            "producer": layer.producer,
            "producer_version": layer.producer_version,
            "computed_on": layer.computed_on,
            "created_at": layer.created_at.isoformat(),
            "um_per_px": opened.um_per_px,
        }
    )
    return about


def _rows_of_cells(opened: OpenLayer) -> Iterator[list[Column]]:
    layer = opened.layer
    names = _names(layer.columns)
    for cells in cells_of(opened.pack):
        part = [
            Column("row", cells.rows.astype(np.int64)),
            *_places(opened, cells.x_px, cells.y_px),
            Column("class", cells.classes, categories=tuple(one.name for one in layer.classes)),
        ]
        for name, column, values in zip(names, layer.columns, cells.columns, strict=True):
            part.append(Column(name, values, np.isnan(values), column.unit))
        if cells.rings_px is not None:
            corners = np.concatenate(
                [np.zeros((0, 2)), *(np.reshape(one, (-1, 2)) for one in cells.rings_px)]
            )
            sizes = np.array([len(one) for one in cells.rings_px])
            for at, axis in enumerate("xy"):
                part.append(Column(f"outline_{axis}_px", corners[:, at].astype(np.float32), sizes=sizes))
        yield part


def _rows_of_bins(opened: OpenLayer) -> Iterator[list[Column]]:
    manifest, (column,) = opened.pack.manifest, opened.layer.columns
    for row, tile_column in manifest.rasters[0].tiles:
        yield _bins_of_tile(opened, manifest, opened.pack, column, (row, tile_column))


def _bins_of_tile(
    opened: OpenLayer, manifest: Manifest, pack: Pack, column: ValueColumn, tile: tuple[int, int]
) -> list[Column]:
    pitch_px, side = manifest.rasters[0].pitch_px, manifest.raster_side
    values, states = decode_values(pack.part(f"values/0/{tile[0]}/{tile[1]}"))
    rows, columns = np.nonzero(states != NONE)
    x_px = manifest.origin_x_px + (tile[1] * side + columns) * pitch_px
    y_px = manifest.origin_y_px + (tile[0] * side + rows) * pitch_px
    looked = states[rows, columns]
    return [
        *_places(opened, x_px, y_px),
        Column("side_px", np.full(len(rows), pitch_px), unit="px"),
        Column("abstained", looked == ABSTAINED),
        Column(_names([column])[0], values[rows, columns], looked != VALUE, column.unit),
    ]


def _names(columns: Sequence[ValueColumn]) -> list[str]:
    """What the values are called beside the columns that every table has."""
    return unlike([*_OF_EVERY, *(column_name(each.name, each.unit) for each in columns)])[len(_OF_EVERY) :]


def _places(opened: OpenLayer, x_px: Any, y_px: Any) -> Iterator[Column]:
    """Of cells their middles, of bins their corners; in um only where the image has a scale."""
    places = {"x": np.asarray(x_px, np.float64), "y": np.asarray(y_px, np.float64)}
    for axis, values in places.items():
        yield Column(f"{axis}_px", values, unit="px")
    if opened.um_per_px is not None:
        for (axis, values), scale in zip(places.items(), opened.um_per_px, strict=True):
            yield Column(f"{axis}_um", values * scale, unit="um")


def _corner(x: float, y: float) -> list[float]:
    return [round(float(x), 3), round(float(y), 3)]


def _head(column: ValueColumn) -> str:
    return f"{column.name} [{column.unit}]" if column.unit else column.name


FORMS = {
    "geojson": (as_geojson, "application/geo+json"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "parquet": (as_parquet, MEDIA_TYPE),
}
"""What writes a layer, and what that is over HTTP, by the ending of the file."""
